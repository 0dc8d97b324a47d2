/* ---- The player: where in the run the charts are, and what a person does about it ----
 *
 * Playing goes from key step to key step, single steps to every one: those near a rest that are not here yet are asked
 * for. Otherwise the server hears of a step when the person rests on it. What must outlive a remount is kept by scope.
 */

const RATES = [1, 2, 5, 10, 15, 20, 30];
const CALM_RATE = 2;
const SETTLE_MS = 250;
const REMOUNT_MS = 3000;
const PATIENCE_MS = 3000; // with the server, for a step that was asked for
const KEYS = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", k: "play", " ": "play", c: "cover" };
const PAGE = "html, body, .stApp, .stMain, .stAppViewContainer";
const motion = window.matchMedia("(prefers-reduced-motion: reduce)");
let calm = motion.matches; // asked once: asking before the browser has told of a change would make it keep silent

const memories = new Map(); // scope -> what outlives a remount
const players = new Set();
let lastUsed = null;

class Player {
  constructor(stage, root) {
    Object.assign(this, { stage, root });
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.abort = new AbortController();
    const on = (node, kind, does) => node.addEventListener(kind, does, { signal: this.abort.signal });
    const [scrub, speed] = [this.part("scrub"), this.part("speed")];
    for (const button of root.querySelectorAll("button")) on(button, "click", () => this.act(button.dataset.part));
    on(scrub, "input", () => this.scrub(this.nearest(+scrub.value)));
    on(scrub, "change", () => this.settle());
    on(speed, "change", () => (this.memory.rate = +speed.value));
    for (const kind of ["pointerdown", "focusin"]) on(stage.root, kind, () => (lastUsed = this));
    on(document, "keydown", (event) => this.key(event));
    on(motion, "change", ({ matches }) => ((calm = matches), this.showSpeeds()));
    players.add(this);
  }

  /* Other steps: stay where the person is; at the start if nothing was touched yet, or the server turns there. */
  receive(data) {
    const known = memories.get(data.scope);
    const gone = !known || (!this.data && performance.now() - known.left > REMOUNT_MS);
    const { turn, covered, plays } = data;
    const fresh = { wish: null, playing: plays && !calm, rate: known?.rate ?? data.rate, covered, turn };
    if (gone || turn !== known.turn) memories.set(data.scope, fresh);
    Object.assign(this, { data, memory: memories.get(data.scope), keys: new Set(data.steps) });
    this.all = [...new Set([...data.steps, ...data.near])].sort((a, b) => a - b);
    this.last = this.all.length - 1; // its place
    Object.assign(this.part("scrub"), { min: this.all[0], max: this.all.at(-1) });
    this.root.hidden = !this.all.length;
    this.root.inert = this.last < 1;
    this.showSpeeds();
    this.showPlaying();
    const { wish, playing } = this.memory;
    if (!this.all.length) return;
    this.index = wish?.last && !playing ? this.last : this.nearest(wish?.step ?? data.start);
    if (this.asked && (!data.asks || this.all.includes(this.asked.step))) this.arrive();
  }

  destroy() {
    this.memory.left = performance.now();
    clearTimeout(this.timer);
    this.abort.abort();
    players.delete(this);
  }

  get rate() {
    return calm ? Math.min(this.memory.rate, CALM_RATE) : this.memory.rate;
  }

  get step() {
    return this.all[this.index] ?? 0;
  }

  get period() {
    return this.memory.playing && 1000 / this.rate;
  }

  nearest(step) {
    const gap = (index) => Math.abs(this.all[index] - step);
    return this.all.reduce((best, _, index) => (gap(index) < gap(best) ? index : best), 0);
  }

  act(what) {
    const does = { cover: () => this.cover(), skip: () => this.part("play").focus() }[what];
    if (does || what === "play") return does ? does() : this.memory.playing ? this.pause() : this.play();
    const by = { back: -1, forward: 1 }[what];
    const target = by ? this.index + by : what === "last" ? this.last : 0;
    if (by && this.data.asks && Math.abs(this.all[target] - this.step) > 1) return this.ask(by);
    this.scrub(Math.min(Math.max(target, 0), this.last));
    return this.settle();
  }

  /* A single step to where there is no frame yet: go there when the server has made it. */
  ask(by) {
    if (this.asked) return;
    this.scrub(this.index);
    this.asked = { step: this.step + by, by };
    this.stage.tell("settled", { step: this.asked.step, last: false });
    this.timer = setTimeout(() => this.arrive(), PATIENCE_MS);
  }

  arrive() {
    const { step, by } = this.asked;
    const there = this.all.includes(step) ? this.all.indexOf(step) : this.index + by;
    this.scrub(Math.min(Math.max(there, 0), this.last));
    this.settle();
  }

  /* Whatever was to come, something else is wanted now. */
  halt() {
    clearTimeout(this.timer);
    this.asked = null;
    this.memory.playing = false;
    this.showPlaying();
  }

  play() {
    this.halt();
    this.memory.playing = true;
    this.move(this.index === this.last ? 0 : this.index);
    this.due = performance.now() + this.period;
    this.showPlaying();
  }

  pause() {
    this.halt();
    this.settle();
  }

  scrub(index) {
    this.halt();
    this.move(index);
  }

  cover() {
    this.stage.tell("covered", (this.memory.covered = !this.memory.covered));
    this.showPlaying();
    for (const chart of this.stage.charts) {
      chart.dirty ||= chart.figure.twins.length > 0;
      chart.cover();
    }
    this.stage.wake();
  }

  /* Tell the server where the person came to rest: once, after a run of single steps too. */
  settle() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const { told, memory: { wish } } = this;
      this.part("status").textContent = this.stage.finding();
      if (wish && (told?.step !== wish.step || told.last !== wish.last)) this.stage.tell("settled", (this.told = wish));
    }, SETTLE_MS);
  }

  key(event) {
    const path = event.composedPath();
    const first = players.has(lastUsed) ? lastUsed : [...players][0]; // it has the keys pressed on the page itself
    const meant = path.includes(this.stage.root) || (this === first && path[0].matches?.(PAGE));
    const modified = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
    if (!meant || modified || event.defaultPrevented || this.last < 1) return;
    const [what, space] = [KEYS[event.key], event.key === " "];
    const native = { select: true, input: path[0] !== this.part("scrub"), button: space, summary: space };
    if (!what || native[path[0].localName] || path[0].closest?.("dialog")) return;
    event.preventDefault();
    if (!(event.repeat && (what === "play" || what === "cover"))) this.act(what);
  }

  /* Go where a person wants to be; other data may have no such step, and theirs again later. */
  move(index) {
    this.memory.wish = { step: this.all[index], last: index === this.last };
    this.index = index;
    this.stage.wake();
  }

  /* While playing: on to the next key step, if it is time. */
  tick(now) {
    if (!this.memory.playing || now < this.due - REFRESH_MS / 2) return;
    this.behind = now > this.due + REFRESH_MS;
    this.due = Math.max((this.due || now) + this.period, now - 2 * REFRESH_MS);
    const next = this.all.findIndex((step, index) => index > this.index && this.keys.has(step));
    if (next > 0) this.move(next);
    if (next < 0 || this.index === this.last) this.pause();
  }

  /* Say where the charts are, in the same picture as they. */
  draw() {
    if (this.drawn === this.step && this.drawnOf === this.data) return;
    Object.assign(this, { drawn: this.step, drawnOf: this.data });
    const [{ all, last }, scrub] = [this, this.part("scrub")];
    scrub.value = this.step;
    scrub.style.setProperty("--done", `${last ? (100 * (this.step - all[0])) / (all[last] - all[0]) : 100}%`);
    scrub.setAttribute("aria-valuetext", `Step ${this.step} of ${this.data.total}`);
    this.part("count").textContent = `${this.step} / ${this.data.total}`;
  }

  showPlaying() {
    const [{ playing, covered }, button] = [this.memory, this.part("play")];
    this.root.classList.toggle("playing", playing);
    button.setAttribute("aria-label", playing ? "Pause" : "Play");
    button.title = playing ? "Pause (space or k)" : "Play (space or k)";
    this.part("cover").setAttribute("aria-pressed", covered);
  }

  showSpeeds() {
    const select = this.part("speed");
    const rates = [...new Set([...RATES, this.data.rate, this.memory.rate])].sort((a, b) => a - b);
    const offered = rates.filter((rate) => !calm || rate <= CALM_RATE);
    select.replaceChildren(...offered.map((rate) => new Option(`${rate}/s`, rate)));
    select.value = this.rate;
  }
}
