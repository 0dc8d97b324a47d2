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
    this.charts = new Charts(() => this.wake());
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
    this.watch.disconnect();
    this.charts.release();
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
    const { charts, clock, memory } = this;
    const period = 1000 / this.rate;
    clock.raf = 0;
    charts.weigh(now);
    attend();
    if (window.Plotly) charts.find(this.scope, memory.cameras);
    if (memory.playing && !charts.mounting && now >= clock.due - REFRESH_MS / 2) {
      clock.due = Math.max(clock.due + period, now);
      if (this.index < this.last) this.move(this.index + 1);
      if (this.index === this.last) this.pause();
    }
    charts.paint(memory.step, now, memory.playing && period);
    this.writeMetrics();
    charts.spent += performance.now() - now;
    if (memory.playing || charts.late(memory.step) || now < clock.awake) {
      clock.raf ||= requestAnimationFrame(() => this.tick());
    }
  }

  /* A chart that is about to be drawn: its camera, and the step. */
  prepare(gd, { data, layout = {}, frames }) {
    if (!gd.closest(this.scope)) return;
    turn(gd, layout, this.memory.cameras);
    if (frames?.length) project(develop({ data, layout, frames }), this.memory.step);
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
