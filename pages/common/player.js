/* One player, many charts.
 *
 * The charts are ordinary st.plotly_chart elements whose figures carry `frames`, each named after a training step and
 * holding only what moves. The player finds them in the container `.st-key-<scope>`, writes the values of a step into
 * `gd.data` in place and lets Plotly redraw. Writing in place matters: Streamlit keeps the same objects as React state,
 * so that its own redraws (a resize, a change of theme) show the step too, and never jump back.
 *
 * Streamlit runs the default export again whenever the data or the theme change, on the same `parentElement`; what must
 * outlive even a remount (step, speed, cameras) is kept here by scope.
 */

const RATES = [1, 2, 5, 10, 15, 20, 30];
const CALM_RATE = 2;
const SETTLE_MS = 250;
const REMOUNT_MS = 3000;
const AWAKE_MS = 1500;
const LONGEST_REST_MS = 600;
const REST = 3; // a slow chart rests this many times as long as it took
const REFRESH_MS = 1000 / 60;
const KEYS = { " ": "play", k: "play", ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last" };
const motion = window.matchMedia("(prefers-reduced-motion: reduce)");
let calm = motion.matches; // asked once: asking before the browser has told of a change would make it keep silent

const mounted = new WeakMap(); // parentElement -> Player
const players = new Set();
const memories = new Map(); // scope -> what outlives a remount
let lastUsed = null;

class Player {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.charts = new Map(); // graph div -> Chart
    this.clock = { due: 0, awake: 0, raf: 0 };
    this.abort = new AbortController();
    const { signal } = this.abort;
    for (const button of root.querySelectorAll("button")) {
      button.addEventListener("click", () => this.act(button.dataset.part), { signal });
    }
    const scrub = this.part("scrub");
    scrub.addEventListener("input", () => this.scrub(+scrub.value), { signal });
    scrub.addEventListener("change", () => this.settle(), { signal });
    const speed = this.part("speed");
    speed.addEventListener("change", () => (this.memory.rate = +speed.value), { signal });
    for (const kind of ["pointerdown", "focusin"]) root.addEventListener(kind, () => (lastUsed = this), { signal });
    document.addEventListener("keydown", (event) => this.key(event), { signal });
    this.sight = new IntersectionObserver((entries) => this.see(entries), { rootMargin: "20%" });
    this.watch = new MutationObserver((records) => {
      const html = ({ addedNodes }) => [...addedNodes].some((node) => node instanceof HTMLElement);
      if (records.some(html)) this.wake();
    });
    this.watch.observe(document.querySelector(".stApp") ?? document.body, { childList: true, subtree: true });
    players.add(this);
  }

  /* New data from the server: stay where the person is, or where the server drew if nothing was touched yet. */
  receive({ data, setStateValue }) {
    this.tell = setStateValue;
    if (data === this.data) return this.wake();
    const fresh = { step: data.start, wish: null, playing: false, rate: data.rate };
    const known = memories.get(data.scope);
    const gone = !known || (!this.data && performance.now() - known.left > REMOUNT_MS);
    if (gone) memories.set(data.scope, { ...fresh, cameras: known?.cameras ?? new Map() });
    this.memory = memories.get(data.scope);
    this.data = data;
    this.part("scrub").max = this.last;
    this.root.inert = this.last < 1;
    this.showSpeeds();
    this.showPlaying();
    const { wish, playing } = this.memory;
    this.show(wish?.last && !playing ? this.last : this.nearest(wish?.step ?? data.start));
  }

  destroy() {
    this.memory.left = performance.now();
    cancelAnimationFrame(this.clock.raf);
    clearTimeout(this.timer);
    this.abort.abort();
    this.sight.disconnect();
    this.watch.disconnect();
    for (const chart of this.charts.values()) chart.release();
    players.delete(this);
    if (!players.size) attended?.();
    if (lastUsed === this) lastUsed = null;
  }

  get scope() {
    return `.st-key-${CSS.escape(this.data.scope)}`;
  }

  get rate() {
    return calm ? Math.min(this.memory.rate, CALM_RATE) : this.memory.rate;
  }

  get last() {
    return this.data.steps.length - 1;
  }

  nearest(step) {
    const { steps } = this.data;
    const gap = (index) => Math.abs(steps[index] - step);
    return steps.reduce((best, _, index) => (gap(index) < gap(best) ? index : best), 0);
  }

  /* -- what a person does -- */

  act(what) {
    if (what === "play") return this.memory.playing ? this.pause() : this.play();
    const target = { first: 0, back: this.index - 1, forward: this.index + 1, last: this.last }[what];
    this.scrub(Math.min(Math.max(target, 0), this.last));
    this.settle();
  }

  play() {
    clearTimeout(this.timer);
    this.memory.playing = true;
    this.move(this.index === this.last ? 0 : this.index);
    this.clock.due = performance.now() + 1000 / this.rate;
    this.showPlaying();
    this.wake();
  }

  pause() {
    this.memory.playing = false;
    this.showPlaying();
    this.settle();
    this.wake();
  }

  scrub(index) {
    clearTimeout(this.timer);
    this.memory.playing = false;
    this.showPlaying();
    this.move(index);
  }

  /* Tell the server where the person came to rest: once, after a run of single steps too. */
  settle() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const { wish } = this.memory;
      this.part("status").textContent = `Step ${wish.step} of ${this.data.total}`;
      if (this.told?.step === wish.step && this.told.last === wish.last) return;
      this.told = wish;
      this.tell("settled", wish);
    }, SETTLE_MS);
  }

  key(event) {
    const path = event.composedPath();
    const inside = path.includes(this.root);
    if (!inside && (this !== chosen() || !isPage(path[0]))) return;
    const modified = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
    if (modified || event.defaultPrevented || this.last < 1) return;
    const what = KEYS[event.key];
    const native = { select: true, input: what !== "play", button: event.key === " " }[path[0].localName];
    if (!what || native) return;
    event.preventDefault();
    if (!(event.repeat && what === "play")) this.act(what);
  }

  /* -- what is shown -- */

  /* Go where a person wants to be; other data may have no such step, and theirs again later. */
  move(index) {
    this.memory.wish = { step: this.data.steps[index], last: index === this.last };
    this.show(index);
  }

  show(index) {
    this.index = index;
    const { steps, total } = this.data;
    this.memory.step = steps[index];
    const scrub = this.part("scrub");
    scrub.value = index;
    scrub.style.setProperty("--done", `${this.last ? (100 * index) / this.last : 100}%`);
    scrub.setAttribute("aria-valuetext", `Step ${steps[index]} of ${total}`);
    this.part("count").textContent = `${steps[index]} / ${total}`;
    this.wake();
  }

  showPlaying() {
    const { playing } = this.memory;
    const button = this.part("play");
    this.root.classList.toggle("playing", playing);
    button.setAttribute("aria-label", playing ? "Pause" : "Play");
    button.title = playing ? "Pause (space or k)" : "Play (space or k)";
  }

  showSpeeds() {
    const select = this.part("speed");
    const rates = [...new Set([...RATES, this.data.rate, this.memory.rate])].sort((a, b) => a - b);
    const offered = rates.filter((rate) => !calm || rate <= CALM_RATE);
    select.replaceChildren(...offered.map((rate) => new Option(`${rate}/s`, rate)));
    select.value = this.rate;
  }

  /* st.metric keeps the numbers of the server's first drawing in its own text nodes; they are written over in place. */
  writeMetrics() {
    const row = this.data.metrics?.[this.index];
    if (!row) return;
    const cells = document.querySelectorAll(`${this.scope}-metrics [data-testid="stMetricValue"]`);
    cells.forEach((cell, index) => {
      const node = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT).nextNode();
      if (node && row[index] !== undefined && node.nodeValue !== row[index]) node.nodeValue = row[index];
    });
  }

  /* -- the loop: it runs while playing, and for a moment after anything changed on the page -- */

  wake() {
    if (!this.data) return;
    this.clock.awake = performance.now() + AWAKE_MS;
    this.clock.raf ||= requestAnimationFrame(() => this.tick());
  }

  tick() {
    const now = performance.now();
    const { clock, memory } = this;
    clock.raf = 0;
    this.weigh(now);
    attend();
    if (window.Plotly) this.find();
    if (memory.playing && !this.mounting && now >= clock.due - REFRESH_MS / 2) {
      const period = 1000 / this.rate;
      clock.due = Math.max(clock.due + period, now);
      if (this.index < this.last) this.move(this.index + 1);
      if (this.index === this.last) this.pause();
    }
    this.paint(now);
    this.writeMetrics();
    this.spent = (this.spent ?? 0) + performance.now() - now;
    const late = [...this.charts.values()].some((chart) => chart.step !== memory.step && chart.displayed());
    if (memory.playing || late || now < clock.awake) clock.raf ||= requestAnimationFrame(() => this.tick());
  }

  find() {
    const found = new Set(document.querySelectorAll(`${this.scope} .js-plotly-plot`));
    for (const [gd, chart] of this.charts) {
      if (found.has(gd)) continue;
      chart.release();
      this.sight.unobserve(gd);
      this.charts.delete(gd);
    }
    for (const gd of found) {
      if (this.charts.has(gd) || !gd.calcdata || !gd._fullLayout || gd._fullLayout._replotting) continue;
      this.charts.set(gd, new Chart(gd, this.memory.cameras));
      this.sight.observe(gd);
    }
    for (const chart of this.charts.values()) if (chart.changed()) chart.step = null;
    this.mounting = !this.charts.size && document.querySelector(`${this.scope} [data-testid="stPlotlyChart"]`);
  }

  prepare(gd, { data, layout = {}, frames }) {
    if (!gd.closest(this.scope)) return;
    turn(gd, layout, this.memory.cameras);
    if (frames?.length) project(develop({ data, layout, frames }), this.memory.step);
  }

  see(entries) {
    for (const { target, isIntersecting } of entries) {
      const chart = this.charts.get(target);
      if (chart) chart.visible = isIntersecting;
    }
    this.wake();
  }

  /* While playing, charts out of sight wait; and where not all can be drawn in time, a chart much slower than the
   * others rests after each drawing. When the player rests, every chart is brought to the step. */
  paint(now) {
    const { playing, step } = this.memory;
    const charts = [...this.charts.values()].filter((chart) => chart.step !== step && chart.ready());
    const inSight = charts.filter(({ visible }) => visible);
    for (const chart of playing ? this.turns(inSight, now) : charts.filter((chart) => chart.displayed())) {
      const before = performance.now();
      if (!chart.paint(step)) continue;
      chart.drawn = performance.now();
      chart.script.add(chart.drawn - before);
      if (chart.scenes().length && !this.probe) {
        this.probe = { chart, since: before, ticks: 0 };
        this.spent = 0;
      }
    }
  }

  turns(charts, now) {
    const period = 1000 / this.rate;
    const costs = [...this.charts.values()].filter(({ visible, cost }) => visible && cost).map(({ cost }) => cost);
    if (costs.reduce((sum, cost) => sum + cost, 0) <= period) return charts;
    const slow = ({ cost }) => cost > period / 2 && cost > 3 * Math.min(...costs);
    const rested = ({ cost, drawn }) => now - drawn >= Math.min(REST * cost, LONGEST_REST_MS);
    return charts.filter((chart) => !slow(chart) || rested(chart));
  }

  /* What a 3-D chart costs the graphics card shows only in how late the next two screen refreshes come. */
  weigh(now) {
    const { probe } = this;
    if (!probe || ++probe.ticks < 2) return;
    const card = Math.max(0, now - probe.since - this.spent - 2 * REFRESH_MS);
    probe.chart.card.add(card);
    this.probe = null;
  }
}

motion.addEventListener("change", ({ matches }) => {
  calm = matches;
  players.forEach((player) => player.showSpeeds());
});

/* Keys pressed on the page itself go to one player: the one used last, else the first. */
function chosen() {
  return players.has(lastUsed) ? lastUsed : players.values().next().value;
}

function isPage(target) {
  return target.matches?.("html, body, .stApp, .stMain, .stAppViewContainer");
}

export default function (component) {
  const { parentElement } = component;
  const root = parentElement.querySelector(".player");
  let player = mounted.get(parentElement);
  if (player?.root !== root) {
    player?.destroy();
    player = new Player(root);
    mounted.set(parentElement, player);
  }
  player.receive(component);
  const run = (player.run = Symbol("run"));
  return () => {
    // Streamlit also calls the cleanup of a run that a newer one has overtaken.
    if (player.run !== run || mounted.get(parentElement) !== player) return;
    mounted.delete(parentElement);
    player.destroy();
  };
}
