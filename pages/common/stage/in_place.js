/* ---- What is known of Plotly beyond its documented functions ----
 *
 * Plotly.react goes through the whole figure (10 to 25 ms a chart). What moves here is nearly always the data of a few
 * traces on fixed axes, and Plotly's own drawing of these is enough (1 to 5 ms). It is not public, nor is where a step
 * lies on an axis: Streamlit is pinned, its Plotly with it, and a test compares the pictures with Plotly.react's.
 */

const MOVES = {
  scatter: ["x", "y", "text", "customdata", "marker.color", "marker.opacity", "marker.cmin", "marker.cmax"],
  bar: ["y", "text", "customdata", "marker.color"],
  heatmap: ["z", "zmin", "zmax", "text", "customdata"],
  scatter3d: ["x", "y", "z"],
};
const SCENE_RESTS_MS = 500;
const DOT = 5; // pixels: the marks at the present step stand out whole
let trusted = true; // until Plotly turns out to be another one

/* Draw what moved; say whether that could be done. */
function drawInPlace(gd, moved) {
  if (!trusted || !moved.every((move) => canMove(gd, move))) return false;
  const changed = new Set(moved.map(({ trace }) => gd._fullData[trace]));
  try {
    for (const { trace, path, current } of moved) write(gd._fullData[trace], path, current);
    for (const full of changed) if (full._length && full.x?.length) full._length = lengthOf(full); // a map has none
    const planes = Map.groupBy(changed, ({ type, scene, xaxis, yaxis }) => [type, scene ?? xaxis + yaxis].join());
    for (const traces of planes.values()) (traces[0].scene ? drawInScene : drawOnPlane)(gd, traces);
    return true;
  } catch (error) {
    trusted = false;
    console.warn("Stage: Plotly's traces cannot be drawn one by one; whole charts are drawn instead.", error);
    return false;
  }
}

const lengthOf = ({ x, y, z, type }) => Math.min(x.length, y.length, type === "scatter3d" ? z.length : Infinity);

function canMove(gd, { trace, path }) {
  const [full, property] = [gd._fullData[trace], path.join(".")];
  if (full?.index !== trace || full.visible !== true || !MOVES[full.type]?.includes(property)) return false;
  if (full.type === "heatmap") return !(full.showscale && property.startsWith("zm")); // would move the colour bar
  if (!lengthOf(gd.data[full.index])) return false; // Plotly leaves out an empty trace
  if (full.type === "scatter3d") return Boolean(gd._fullLayout[full.scene]._scene.traces[full.uid]);
  const plot = gd._fullLayout._plots[full.xaxis + full.yaxis];
  return !full.zorder && !full.stackgroup && !plot[`${property}axis`]?.autorange && !full.fill?.startsWith("tonext");
}

/* Traces of one type on one pair of axes. */
function drawOnPlane(gd, traces) {
  const { _module: module, type, xaxis, yaxis } = traces[0];
  const plot = gd._fullLayout._plots[xaxis + yaxis];
  const layer = plot.plot.select(`.${module.layerName ?? `${module.name}layer`}`);
  for (const full of traces) {
    const calculated = (gd.calcdata[full.index] = module.calc(gd, full));
    Object.assign(calculated[0], { trace: full, t: calculated[0].t ?? {} });
    if (Array.isArray(full.hovertemplate)) calculated.forEach((point, place) => (point.ht = full.hovertemplate[place]));
  }
  const all = gd.calcdata.filter(([{ trace }]) => trace.type === type && trace.xaxis + trace.yaxis === xaxis + yaxis);
  if (type === "scatter") {
    for (const full of traces) module.plot(gd, plot, [gd.calcdata[full.index]], layer, { duration: 0 });
  } else {
    module.crossTraceCalc?.(gd, plot);
    module.plot(gd, plot, all.filter(([{ trace }]) => trace.visible === true), layer);
    module.style(gd);
  }
}

/* Plotly.react sends every surface of a scene to the graphics card again (30 ms); a path that moves over it needs only
 * its own trace updated (3 ms), and the camera is left alone even while it is being dragged. */
function drawInScene(gd, traces) {
  const { glplot, traces: drawn } = gd._fullLayout[traces[0].scene]._scene;
  for (const full of traces) drawn[full.uid].update(full);
  for (const object of glplot.objects) object.dirty = false;
  redraw(gd, glplot);
}

/* What is drawn unseen, to know what lies under the pointer, takes as long as the picture: once it rests in sight. */
function redraw(gd, glplot) {
  glplot.redraw();
  clearTimeout(gd.resting);
  gd.resting = setTimeout(() => requestAnimationFrame(() => (glplot.update(), glplot.redraw())), SCENE_RESTS_MS);
}

const scenesOf = (gd) => gd._fullLayout?._subplots?.gl3d ?? [];
const plotsOf = (gd) => scenesOf(gd).flatMap((id) => gd._fullLayout[id]._scene?.glplot ?? []); // none without WebGL

/* Plotly asks each scene at every refresh, for ever, whether it changed: 5 % of a processor for an idle page. That loop
 * ends at a scene which is stopped, and does not come back: stopped for one refresh, in which nothing else may be done
 * with it. From then on `follow` asks, while a pointer moves over it. */
async function endLoops(gd) {
  const looping = plotsOf(gd).filter((plot) => !plot.rests);
  for (const plot of looping) plot.rests = plot._stopped = true;
  if (looping.length) await new Promise(requestAnimationFrame);
  release(gd);
}

/* Plotly would not dispose of a scene that is stopped. */
const release = (gd) => plotsOf(gd).forEach((plot) => (plot._stopped = false));

/* The camera comes to rest after the pointer does; what lies under this one is shown in the picture that follows. */
function follow(gd) {
  Object.assign(gd, { asked: true, lively: performance.now() + SCENE_RESTS_MS });
  gd.following ||= scenesOf(gd).length && requestAnimationFrame(() => look(gd));
}

function look(gd) {
  for (const plot of plotsOf(gd)) {
    const { camera, selection: { object } } = plot;
    if (camera.tick()) redraw(gd, plot);
    else if (gd.asked && (object || object !== gd.pointed)) plot.redraw();
    gd.pointed = object;
  }
  gd.asked = false;
  gd.following = performance.now() < gd.lively && requestAnimationFrame(() => look(gd));
}

/* A turned camera may have rolled on after the last word of it. */
function keepCamera(gd, layout, scene) {
  const camera = gd._fullLayout?.[scene]?._scene?.getCamera();
  if (camera) layout[scene] = { ...layout[scene], camera };
}

/* Plotly swallows the wheel over a 3-D chart even where it is not to zoom: let the page scroll. */
function listenToPointer(gd) {
  const pass = (event) => scenesOf(gd).length && event.stopPropagation();
  gd.addEventListener("wheel", pass, { capture: true, passive: true });
  for (const kind of ["pointermove", "pointerdown", "pointerup", "pointerout", "touchmove"])
    gd.addEventListener(kind, () => follow(gd), { capture: true, passive: true });
}

/* The part of a chart over its x axis that lies beyond a value: [left, top, width, height] in pixels. */
function beyond(gd, value) {
  const { xaxis, _size: size } = gd._fullLayout ?? {};
  if (!xaxis?.l2p || !size) return null;
  const from = Math.min(Math.max(xaxis.l2p(value) + DOT, 0), xaxis._length);
  return [xaxis._offset + from, size.t, xaxis._length - from, size.h];
}
