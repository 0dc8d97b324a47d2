/* ---- One chart: its box, its title, and the div that Plotly draws into, for as long as the stage has its name ---- */

const CONFIG = { displayModeBar: false, scrollZoom: false, plotGlPixelRatio: 1 };
const TALLEST = 0.9; // of the width: a taller picture in three dimensions would be cut at its sides
const EDGE = 4, TICK = 16, POWER = 24; // pixels: half a line and half a mark; a number at a tick, a power of ten there
const NO_WEBGL = "This picture needs WebGL, which the browser refuses. The other charts tell the same run.";
const hasWebgl = () => (hasWebgl.asked ??= Boolean(document.createElement("canvas").getContext("webgl")));

class Chart {
  constructor(stage, name) {
    this.box = stage.root.querySelector("template").content.firstElementChild.cloneNode(true);
    Object.assign(this.box, { chart: this }).dataset.chart = name;
    [this.heading, this.gd, this.veil, this.refusal] =
      ["title", "graph", "veil", "refusal"].map((part) => this.box.querySelector(`.${part}`));
    Object.assign(this, { stage, name, step: null, dirty: false, busy: false, visible: true, share: 0, size: [0, 0] });
    Object.assign(this, { drawn: 0, cost: 0, turned: new Set() }); // scenes whose camera is the reader's
    openMenu(this);
    listenToPointer(this.gd);
    stage.grid.append(this.box);
    stage.sight.observe(this.box);
    stage.sizes.observe(this.gd);
  }

  /* Another figure, or another film for the same one; what says the same is left as it is. */
  receive(given) {
    const [still, film] = this.given?.digests ?? [];
    this.given = given;
    if (still !== given.digests[0]) {
      this.still = unpack(given.still);
      this.figure = copied(this.still);
      this.refuse(this.figure);
      this.dirty = true;
    }
    if (this.dirty || film !== given.digests[1]) {
      this.film = new Film(unpack(given.film), this.figure, this.still);
      this.step = null;
    }
    this.gd.setAttribute("aria-label", given.alt);
    this.box.style.cssText = given.style;
  }

  /* One sentence in place of a picture that cannot be drawn. */
  refuse({ data, layout }) {
    const deep = (this.deep = Object.keys(layout).some((key) => key.startsWith("scene")));
    this.say(data.length === 0 ? "There is nothing to draw here yet." : deep && !hasWebgl() ? NO_WEBGL : "");
  }

  say(sentence) {
    this.refused = Boolean(sentence);
    this.refusal.textContent = sentence;
    this.box.classList.toggle("refused", this.refused);
  }

  /* Ask for the room there is, before anything is drawn: to ask in between makes the browser lay the page out again. */
  measure() {
    const { deep, figure: { layout }, gd: { clientWidth: width, clientHeight } } = this;
    const height = deep ? Math.min(clientHeight, Math.round(TALLEST * width)) : clientHeight;
    if (width && height && (layout.width !== width || layout.height !== height)) this.dirty = true;
    this.size = [width, height];
  }

  /* Whether it can be brought to `step`, and is not there. */
  isLate(step) {
    const can = !this.refused && !this.busy && this.box.isConnected && !this.gd._dragging;
    return can && Math.min(...this.size) > 0 && (this.dirty || this.step !== step);
  }

  /* Bring the chart to `step`; say whether it had to be drawn. */
  paint(step) {
    this.step = step;
    const moved = this.film.show(step).filter(({ titles }) => !titles);
    const { text = "" } = this.figure.words.title;
    if (text !== this.said) this.heading.innerHTML = (this.said = text) || this.given.title;
    if (this.dirty) this.dress();
    else if (!moved.length || drawInPlace(this.gd, moved)) this.cover();
    else this.react();
    return moved.length > 0;
  }

  dress() {
    const [width, height] = this.size, { layout } = this.figure;
    Object.assign(layout, { width, height, template: this.stage.template });
    for (const key of Object.keys(layout)) if (/^yaxis/.test(key)) layout[key] = this.thinned(key, layout);
    for (const twin of this.figure.twins) twin.visible = !this.stage.player.memory.covered;
    this.dirty = false;
    this.react();
  }

  /* A y axis of a low chart with the ticks that have room, two at least: Plotly makes about five, touching or not. */
  thinned(key, { height, margin: { t, b }, [key]: axis }, { nticks, dtick } = this.still.layout[key]) {
    const { type, domain: [from, to] = [0, 1], range: [low, high] = [] } = axis;
    const most = Math.max(2, Math.floor(((to - from) * (height - t - b)) / (type === "log" ? POWER : TICK)));
    if (most > 4 || type === "category") return { ...axis, nticks: nticks && Math.min(nticks, most), dtick };
    const count = (step) => Math.floor(high / step) - Math.ceil(low / step) + 1;
    const unit = dtick ? 1 : 10 ** Math.floor(Math.log10(high - low) - 1); // or powers of ten
    const steps = [1, 2, 3, 5, 10, 20, 50, 100].map((times) => times * unit).filter((step) => count(step) > 1);
    return { ...axis, dtick: steps.find((step) => count(step) <= most) ?? steps.at(-1) };
  }

  async react() {
    const { gd, figure } = this;
    this.busy = true;
    for (const scene of this.turned) if (figure.layout[scene]) keepCamera(gd, figure.layout, scene);
    try {
      const drawn = window.Plotly.react(gd, figure.data, figure.layout, CONFIG);
      if (!this.listening) this.listen();
      await drawn;
      this.cover();
      await endLoops(gd);
      follow(gd);
    } catch (error) {
      console.error(`Stage: the chart ${this.name} could not be drawn.`, error);
      this.say("This picture could not be drawn.");
    }
    this.busy = false;
    this.stage.wake();
  }

  listen() {
    const { gd, stage, name: chart } = this;
    const placed = ({ x, y, curveNumber: trace, pointNumber: point, customdata: data = null }) =>
      ({ x, y, trace, point, data });
    const tell = (what, points = []) => stage.tell(what, { chart, points: points.map(placed), count: ++stage.events });
    gd.on("plotly_click", ({ points }) => this.given.clicks && tell("clicked", points.slice(0, 1)));
    gd.on("plotly_selected", (event) => this.given.selects && tell("selected", event?.points));
    gd.on("plotly_relayout", (change) => {
      for (const key of Object.keys(change)) if (key.endsWith(".camera")) this.turned.add(key.split(".")[0]);
      this.cover();
    });
    this.listening = true;
  }

  /* The veil over the future: pale, or closed where it is covered, then also over what reaches beyond the axes. */
  cover() {
    const [left, top, width, height] = (this.given.over_steps && beyond(this.gd, this.step)) || [0, 0, 0, 0];
    const edge = width && this.stage.player.memory.covered ? EDGE : 0;
    const size = { width: `${width + 2 * edge}px`, height: `${height + 2 * edge}px` };
    Object.assign(this.veil.style, { transform: `translate(${left - edge}px, ${top - edge}px)`, ...size });
  }

  remove() {
    release(this.gd);
    window.Plotly?.purge(this.gd);
    this.box.remove();
  }
}
