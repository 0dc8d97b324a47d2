/* ---- The stage: the charts of a page in a grid of their own, the numbers over them and the player under them ----
 *
 * Streamlit runs the default export again on the same `parentElement`; a chart keeps its div as long as its name.
 */

const NEAR = 1.2; // windows: charts so far down are drawn at once, others when nothing else is to do
const GAP = 12; // pixels between rows, as in the style sheet
const idle = window.requestIdleCallback ?? ((then) => setTimeout(then, 50)); // Safari has none
const stages = new WeakMap(); // parentElement -> Stage

class Stage {
  constructor(root) {
    this.root = root;
    [this.numbers, this.grid, this.controls] = root.children;
    Object.assign(this, { charts: [], events: 0, turns: new Turns(), player: new Player(this, this.controls) });
    this.sight = new IntersectionObserver((entries) => this.see(entries), { rootMargin: "20%" });
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(root.closest(".stMainBlockContainer") ?? document.body);
    window.addEventListener("resize", (this.onResize = () => this.resize()));
  }

  receive({ data, setStateValue }) {
    this.tell = setStateValue;
    if (data !== this.raw) {
      this.raw = data;
      this.data = unpack(data.slice()); // a copy that begins at a multiple of eight
      this.cast(this.data);
      this.player.receive(this.data);
    }
    this.dress();
    this.count(); // before the room is measured that is left under the numbers
    this.fit();
    this.start();
  }

  destroy() {
    this.sight.disconnect();
    this.sizes.disconnect();
    window.removeEventListener("resize", this.onResize);
    cancelAnimationFrame(this.raf);
    this.player.destroy();
    this.charts.forEach((chart) => chart.remove());
  }

  cast({ charts, metrics, columns }) {
    const before = new Map(this.charts.map((chart) => [chart.name, chart]));
    const names = new Set(charts.map(({ name }) => name));
    this.charts = charts.map(({ name }) => before.get(name) ?? this.enter(name));
    for (const [name, chart] of before) if (!names.has(name)) chart.remove();
    this.charts.forEach((chart, index) => chart.receive(charts[index]));
    this.grid.style.setProperty("--columns", columns);
    const titles = metrics.map(([title]) => title);
    if (titles.join("\n") === this.titles) return;
    this.titles = titles.join("\n");
    this.numbers.innerHTML = titles.map((title) => `<div><dt>${escaped(title)}</dt><dd></dd></div>`).join("");
    this.values = [...this.numbers.querySelectorAll("dd")];
  }

  enter(name) {
    const chart = new Chart(this, name);
    this.grid.append(chart.box);
    this.sight.observe(chart.box);
    this.sizes.observe(chart.gd);
    return chart;
  }

  /* The colours of the page; another theme draws all charts anew. */
  dress() {
    const style = getComputedStyle(this.root);
    const of = (name) => style.getPropertyValue(`--st-${name}`).trim();
    const colors = { background: of("background-color"), text: of("text-color"), font: of("font") };
    if (JSON.stringify(colors) === JSON.stringify(this.colors)) return;
    Object.assign(this, { colors, template: templateOf(colors) });
    for (const chart of this.charts) chart.dirty = true;
  }

  /* The first rows share the height of the window that is left under what stands over them; see the style sheet. */
  fit() {
    const { rows, first } = this.data;
    const { scrollTop } = this.root.closest(".stMain") ?? document.scrollingElement;
    const top = this.grid.getBoundingClientRect().top + scrollTop;
    const room = window.innerHeight - top - this.controls.offsetHeight - GAP * (first + 1);
    const share = Math.max(1, room / rows.slice(0, first).reduce((sum, [smallest]) => sum + smallest, 0));
    const height = ([smallest, largest]) => Math.max(smallest, Math.min(Math.floor(smallest * share), largest));
    const template = rows.map((row) => `${height(row)}px`).join(" ");
    if (template !== this.heights) this.grid.style.setProperty("--rows", (this.heights = template));
    for (const chart of this.charts) chart.measure();
  }

  resize() {
    if (!this.data) return;
    this.fit();
    this.wake();
  }

  see(entries) {
    for (const { target, isIntersecting } of entries) {
      const chart = this.charts.find(({ box }) => box === target);
      if (chart) chart.visible = isIntersecting;
    }
    this.wake();
  }

  start() {
    if (!window.Plotly) return setTimeout(() => this.root.isConnected && this.start(), 20);
    for (const chart of this.charts.filter(({ dirty }) => dirty)) {
      chart.visible = chart.box.getBoundingClientRect().top < NEAR * window.innerHeight;
    }
    return this.tick();
  }

  wake() {
    this.raf ||= requestAnimationFrame(() => this.tick());
  }

  tick() {
    const { turns, player, charts } = this;
    const now = performance.now();
    cancelAnimationFrame(this.raf);
    this.raf = 0;
    if (!window.Plotly || !this.data) return;
    turns.weigh(now);
    player.tick(now);
    this.root.classList.toggle("covered", player.memory.covered);
    turns.paint(charts, player.step, now, player.period);
    player.draw();
    this.count();
    turns.spent += performance.now() - now;
    if (player.period || turns.probe || charts.some((chart) => turns.isLate(chart, player.step))) this.wake();
    else this.resting ||= idle(() => this.drawRest());
  }

  /* Charts out of sight, one at a time, when nothing else is to do. */
  drawRest() {
    const { step, period } = this.player;
    const chart = this.charts.find((one) => (one.dirty || one.step !== step) && one.ready());
    if (chart && !period) chart.paint(step);
    this.resting = Boolean(chart) && !period && idle(() => this.drawRest());
  }

  get place() {
    return Math.max(0, this.data.texts.findLastIndex((own) => own <= this.player.step));
  }

  get where() {
    return this.player.all.length ? `step ${this.player.step} of ${this.data.total}` : "";
  }

  count() {
    this.data.metrics.forEach(([, texts], index) => {
      const value = this.values[index];
      if (value.textContent !== texts[this.place]) value.textContent = texts[this.place];
    });
  }

  /* What is true of the present step, for those who do not see it. */
  finding() {
    const numbers = this.data.metrics.map(([title], index) => `${title}: ${this.values[index].textContent}`);
    const telling = this.charts.filter(({ film }) => film.moves.some(({ titles }) => titles));
    const titles = telling.map(({ heading }) => heading.textContent);
    const said = [this.where.replace("step", "Step"), this.data.findings[this.place], ...titles, ...numbers];
    return said.filter(Boolean).join(". ");
  }

  fileName(chart) {
    return [this.data.file, chart, this.where.split(" of")[0]].join(" ").trim().replace(/[^\w.+-]+/g, "-");
  }
}

function templateOf({ background, text, font }) {
  const words = { family: font, color: text };
  return { layout: { font: words, hoverlabel: { bgcolor: background, bordercolor: text, font: words } } };
}

export default function perform(component) {
  const { parentElement } = component;
  const root = parentElement.querySelector(".stage");
  let stage = stages.get(parentElement);
  if (stage?.root !== root) {
    stage?.destroy();
    stage = new Stage(root);
    stages.set(parentElement, stage);
  }
  stage.receive(component);
  const run = (stage.run = Symbol("run"));
  return () => {
    // Streamlit also calls the cleanup of a run that a newer one has overtaken.
    if (stage.run !== run || stages.get(parentElement) !== stage) return;
    stages.delete(parentElement);
    stage.destroy();
  };
}
