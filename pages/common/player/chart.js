/* ---- One chart ---- */

const nameOf = (gd) => gd.closest(".stElementContainer")?.className.match(/st-key-(\S+)/)?.[1] ?? "";
const cameraKey = (gd, scene) => `${nameOf(gd)} ${scene}`;

/* Give the scenes of a layout the cameras a person turned to; say whether that changed any. */
function turn(gd, layout, cameras) {
  const scenes = Object.keys(layout).filter((name) => {
    const camera = cameras.get(cameraKey(gd, name));
    return camera && JSON.stringify(camera) !== JSON.stringify(layout[name].camera);
  });
  for (const scene of scenes) layout[scene].camera = structuredClone(cameras.get(cameraKey(gd, scene)));
  return scenes.length > 0;
}

/* What something takes, in milliseconds: the least of the last few times, as the rest was other work. */
class Cost {
  times = [];

  add(time) {
    this.times = [...this.times.slice(-4), time];
  }

  get value() {
    return this.times.length ? Math.min(...this.times) : 0;
  }
}

class Chart {
  constructor(gd, cameras) {
    Object.assign(this, { gd, cameras, step: null, visible: true, busy: false, drawn: 0 });
    Object.assign(this, { script: new Cost(), card: new Cost() });
    this.remember = (change) => {
      for (const scene of nameOf(gd) ? this.scenes() : []) {
        if (change[`${scene}.camera`]) cameras.set(cameraKey(gd, scene), change[`${scene}.camera`]);
      }
    };
    this.listen();
    // Plotly swallows the wheel over a 3-D chart even where it is not to zoom: let the page scroll.
    this.pass = (event) => gd._context?.scrollZoom || event.stopPropagation();
    gd.addEventListener("wheel", this.pass, { capture: true, passive: true });
    this.stale = turn(gd, gd.layout, cameras);
    const webgl = this.scenes().length || gd._fullData.some(({ type }) => type === "scattergl");
    if (webgl && nameOf(gd) && !tenants.has(nameOf(gd))) settleIn(nameOf(gd), gd);
  }

  listen() {
    this.gd.on("plotly_relayout", this.remember);
  }

  /* A turned camera may have rolled on after the last word of it. */
  look() {
    for (const scene of this.scenes()) {
      const key = cameraKey(this.gd, scene);
      if (this.cameras.has(key)) this.cameras.set(key, this.gd._fullLayout[scene]._scene.getCamera());
    }
  }

  release() {
    this.gd.removeListener?.("plotly_relayout", this.remember);
    this.gd.removeEventListener("wheel", this.pass, { capture: true });
  }

  get cost() {
    return this.script.value + this.card.value;
  }

  scenes() {
    return this.gd._fullLayout?._subplots?.gl3d ?? [];
  }

  /* Streamlit may hand the chart a copy of its figure at any time, and its frames come a moment after the chart. */
  changed() {
    const frames = this.gd._transitionData?._frames ?? [];
    return frames.length && (frames !== this.frames || frames.length !== this.count || this.gd.data !== this.data);
  }

  ready() {
    const { gd } = this;
    if (this.busy || this.failed || !gd.isConnected) return false;
    return gd._fullLayout && !gd._fullLayout._replotting && !gd._dragging;
  }

  displayed() {
    return !this.failed && this.gd.getClientRects().length > 0;
  }

  /* Bring the chart to `step`; say whether it had to be redrawn. */
  paint(step) {
    const { gd } = this;
    if (this.changed()) {
      const frames = gd._transitionData._frames;
      this.film = develop({ data: gd.data, layout: gd.layout, frames });
      Object.assign(this, { frames, count: frames.length, data: gd.data });
    }
    this.step = step;
    const moved = this.film ? project(this.film, step) : [];
    if (!moved.length && !this.stale) return false;
    if (this.stale || !drawInPlace(gd, moved)) this.react();
    this.stale = false;
    return true;
  }

  react() {
    const { gd } = this;
    for (const scene of this.scenes()) {
      const live = gd._fullLayout[scene]._scene;
      if (!this.stale && live?.isCameraChanged?.(gd.layout)) gd.layout[scene].camera = live.getCamera();
    }
    this.busy = true;
    const done = () => (this.busy = false);
    const fail = (error) => {
      this.busy = false;
      this.failed = gd.isConnected;
      if (gd.isConnected) console.error(`Player: the chart ${nameOf(gd)} could not be drawn.`, error);
    };
    try {
      window.Plotly.react(gd, gd.data, gd.layout).then(done, fail);
    } catch (error) {
      fail(error);
    }
  }
}
