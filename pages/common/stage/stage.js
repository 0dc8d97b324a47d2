/* ---- The stage: the charts of a page in a grid of their own, the numbers over them and the player under them ----
 *
 * Streamlit runs the default export again on the same `parentElement`; a chart keeps its div as long as its name.
 */

const SIGHT = { rootMargin: "0px 0px -41px", threshold: [0, 0.5, 1] }; // what the player stands over is not seen
const GAP = 12, UNDER_GRID = 6, CAPTION = 24; // pixels between rows, as in the style sheet, under them, over a chart
const LEAST_SHARE = 0.9, MOST_SHARE = 9; // of its smallest height
const idle = (then) => window.requestIdleCallback?.(then, { timeout: 500 }) ?? setTimeout(then, 50); // ms; Safari: none

class Stage {
  constructor(root) {
    this.root = root;
    [this.numbers, this.grid, this.controls] = root.children;
    Object.assign(this, { charts: [], events: 0, turns: new Turns(), player: new Player(this, this.controls) });
    this.sight = new IntersectionObserver((entries) => this.see(entries), SIGHT);
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(root.closest(".stMainBlockContainer") ?? document.body);
    const until = { signal: this.player.abort.signal };
    window.addEventListener("resize", () => this.resize(), until);
    matchMedia("(pointer: coarse) and (orientation: portrait)").addEventListener("change", () => this.turn(), until);
  }

  receive({ data, setStateValue }) {
    this.send = setStateValue;
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
    for (const observer of [this.sight, this.sizes]) observer.disconnect();
    cancelAnimationFrame(this.raf);
    clearTimeout(this.telling);
    this.player.destroy();
    this.charts.forEach((chart) => chart.remove());
  }

  cast({ charts, metrics, columns }) {
    const before = new Map(this.charts.map((chart) => [chart.name, chart]));
    this.charts = charts.map(({ name }) => before.get(name) ?? new Chart(this, name));
    for (const chart of before.values()) if (!this.charts.includes(chart)) chart.remove();
    this.charts.forEach((chart, index) => chart.receive(charts[index]));
    this.grid.style.setProperty("--columns", columns);
    const cell = ([title, , room = ""]) => `<div><dt>${escaped(title)}</dt><dd></dd>${room}</div>`;
    this.numbers.innerHTML = metrics.map(cell).join("");
    this.values = [...this.numbers.querySelectorAll("dd")];
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

  /* The first rows fill the height of the window that is left under what stands over them; see the style sheet. */
  fit() {
    const { scrollTop } = this.root.closest(".stMain") ?? document.scrollingElement;
    const top = this.grid.getBoundingClientRect().top + scrollTop;
    const room = window.innerHeight - top - this.controls.offsetHeight - UNDER_GRID;
    const rows = this.data.rows.map(([smallest, largest, wide]) =>
      [smallest, Math.max(smallest, Math.min(largest, wide ? wide * this.grid.clientWidth + CAPTION : largest))]);
    const template = heightsOf(rows, this.data.first, room).map((height) => `${height}px`).join(" ");
    if (template !== this.heights) this.grid.style.setProperty("--rows", (this.heights = template));
    for (const chart of this.charts) chart.measure();
  }

  resize() {
    if (this.data) this.fit();
    this.wake();
  }

  /* A phone that is turned keeps the chart in sight that was, once the page has its other width. */
  turn() {
    const share = Math.max(...this.charts.map((chart) => chart.share));
    const watched = this.charts.filter((chart) => chart.share === share); // the middle one of those that are whole
    if (share > 0) idle(() => watched[watched.length >> 1].box.scrollIntoView({ block: "nearest" }));
  }

  see(entries) {
    for (const { target: { chart }, isIntersecting: seen, intersectionRatio: share } of entries)
      Object.assign(chart, { seen, visible: seen, share });
    this.wake();
  }

  /* Charts in sight are drawn at once, others when nothing else is to do. */
  start(waited = false) {
    if (!window.Plotly) return setTimeout(() => this.root.isConnected && this.start(true), 20);
    if (waited) this.fit(); // by now the page has come by its margins
    const end = window.innerHeight - this.controls.offsetHeight; // the player stands over what lies lower
    for (const chart of this.charts) chart.visible = chart.seen ?? chart.box.getBoundingClientRect().top < end;
    return this.show(performance.now());
  }

  wake() {
    this.raf ||= requestAnimationFrame(() => {
      this.raf = 0;
      if (!window.Plotly || !this.data) return;
      const now = performance.now();
      this.player.tick(now); // here alone, so that every key step is on the screen for a refresh at least
      this.show(now);
    });
  }

  show(now) {
    const { root, player, player: { step, period, memory } } = this;
    root.classList.toggle("covered", memory.covered);
    this.turns.paint(this.charts, step, now, player);
    player.draw();
    this.count();
    if (period || this.charts.some((chart) => chart.visible && chart.isLate(step))) this.wake();
    else this.resting ||= idle(() => this.drawRest());
  }

  /* Charts out of sight, one at a time, when nothing else is to do. */
  drawRest() {
    const { step, period } = this.player;
    const chart = this.charts.find((one) => one.isLate(step));
    if (chart && !period) chart.paint(step);
    this.resting = Boolean(chart) && !period && idle(() => this.drawRest());
  }

  /* Tell the server the newest of each kind, one by one and never while the page runs: two runs in a row blank it. */
  tell(what, said) {
    if (what) (this.untold ??= new Map()).set(what, said);
    clearTimeout(this.telling);
    const next = !document.querySelector(".stApp:not([data-test-script-state=notRunning])") && [...this.untold][0];
    if (next && this.untold.delete(next[0])) this.send(...next);
    if (this.untold.size) this.telling = setTimeout(() => this.tell(), 50);
  }

  get where() {
    return this.player.all.length ? `step ${this.player.step} of ${this.data.total}` : "";
  }

  count() {
    this.place = Math.max(0, this.data.texts.findLastIndex((own) => own <= this.player.step));
    this.data.metrics.forEach(([, texts], index) => {
      const value = this.values[index];
      if (value.textContent !== texts[this.place]) value.textContent = texts[this.place];
    });
  }

  /* What is true of the present step, for those who do not see it. */
  finding() {
    const numbers = this.data.metrics.map(([title], index) => `${title}: ${this.values[index].textContent}`);
    const telling = this.charts.filter(({ film }) => film.moves.some(({ titles }) => titles));
    const said = [this.where.replace("step", "Step"), this.data.findings[this.place]];
    said.push(...telling.map(({ heading }) => heading.textContent), ...numbers);
    return said.filter(Boolean).join(". ");
  }

  fileName(chart) {
    return [this.data.file, chart, this.where.split(" of")[0]].join(" ").trim().replace(/[^\w.+-]+/g, "-");
  }
}

/* Heights of rows, [smallest, largest] each: the first ones share `room` pixels in proportion, and what one has no use
 * for goes to the others, then to those below. A window a little too low for them has them, and them alone, lower. */
function heightsOf(rows, first, room) {
  const at = (share) => rows.map(([smallest, largest]) => Math.floor(Math.min(smallest * share, largest)));
  const sum = (share, count) => at(share).slice(0, count).reduce((total, height) => total + height + GAP, -GAP);
  while (first < rows.length && sum(Infinity, first) + GAP + rows[first][0] <= room) first += 1;
  let share = sum(LEAST_SHARE, first) <= room ? LEAST_SHARE : 1;
  while (share < MOST_SHARE && sum(share + 0.01, first) <= room) share += 0.01;
  return rows.map((_, row) => at(row < first ? share : Math.max(share, 1))[row]);
}

function templateOf({ background, text, font }) {
  const words = { family: font, color: text };
  return { layout: { font: words, hoverlabel: { bgcolor: background, bordercolor: text, font: words } } };
}

export default function perform(component) {
  const root = component.parentElement.querySelector(".stage");
  const stage = (root.stage ??= new Stage(root));
  stage.receive(component);
  const run = (stage.run = Symbol("run"));
  return () => stage.run === run && stage.destroy(); // asked also for a run that a newer one has overtaken
}
