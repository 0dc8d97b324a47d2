/* ---- Redrawing only what moved ----
 *
 * Plotly.react goes through the whole figure again: defaults, axes, legend, every trace (10 to 25 ms a chart). What
 * moves here is nearly always the data of a few traces on fixed axes, and for that Plotly's own drawing of these traces
 * is enough (1 to 5 ms). It is not public: Streamlit is pinned, and its Plotly with it, and the tests compare the
 * pictures. Whatever is not known here to be safe is left to Plotly.react.
 */

const MOVES = {
  scatter: ["x", "y", "text", "customdata", "marker.color", "marker.cmin", "marker.cmax"],
  bar: ["y", "text", "customdata", "marker.color"],
  heatmap: ["z", "zmin", "zmax", "text", "customdata"],
  scatter3d: ["x", "y", "z"],
};
let trusted = true; // until Plotly turns out to be another one

/* Draw the slots that changed; say whether that could be done. */
function drawInPlace(gd, moved) {
  const changes = new Map(); // full trace -> its slots
  const isTitle = ({ trace, path }) => trace === "layout" && path.join(".") === "title.text";
  for (const slot of moved.filter((one) => !isTitle(one))) {
    const full = gd._fullData[slot.trace];
    if (!trusted || full?.index !== slot.trace || !canMove(gd, full, slot.path.join("."))) return false;
    changes.set(full, [...(changes.get(full) ?? []), slot]);
  }
  if (moved.some(isTitle) && !retitle(gd)) return false;
  try {
    for (const [full, slots] of changes) {
      for (const { path } of slots) write(full, path, read(gd.data[full.index], path));
      if (full.x?.length) full._length = lengthOf(full);
    }
    const planes = Map.groupBy(changes.keys(), ({ type, scene, xaxis, yaxis }) => [type, scene ?? xaxis + yaxis].join());
    for (const traces of planes.values()) (traces[0].scene ? drawInScene : drawOnPlane)(gd, traces);
    return true;
  } catch (error) {
    trusted = false;
    console.warn("Player: Plotly's traces cannot be drawn one by one; whole charts are drawn instead.", error);
    return false;
  }
}

const lengthOf = ({ x, y, z, type }) => Math.min(x.length, y.length, type === "scatter3d" ? z.length : Infinity);

function canMove(gd, full, property) {
  if (full.visible !== true || !MOVES[full.type]?.includes(property)) return false;
  if (full.type === "heatmap") return !(full.showscale && property.startsWith("zm")); // would move the colour bar
  if (!lengthOf(gd.data[full.index])) return false; // Plotly leaves out an empty trace
  if (full.type === "scatter3d") return Boolean(gd._fullLayout[full.scene]._scene.traces[full.uid]);
  const plot = gd._fullLayout._plots[full.xaxis + full.yaxis];
  return !full.zorder && !full.stackgroup && !plot[`${property}axis`]?.autorange && (full.fill ?? "none") === "none";
}

/* Other words in the title, between the same marks. */
function retitle(gd) {
  const { text } = gd.layout.title;
  const before = gd._fullLayout.title.text;
  const title = gd.querySelector(".g-gtitle text");
  const marks = (line) => line.match(/<[^>]*>|&/g)?.join() ?? "";
  const words = text.split(/<[^>]*>/).filter(Boolean);
  const nodes = [];
  const walker = title && document.createTreeWalker(title, NodeFilter.SHOW_TEXT);
  while (walker?.nextNode()) nodes.push(walker.currentNode);
  if (marks(text) !== marks(before) || text.includes("&") || nodes.length !== words.length) return false;
  nodes.forEach((node, index) => (node.nodeValue = words[index]));
  title.dataset.unformatted = text;
  gd._fullLayout.title.text = text;
  return true;
}

/* Traces of one type on one pair of axes. */
function drawOnPlane(gd, traces) {
  const { _module: module, type, xaxis, yaxis } = traces[0];
  const plot = gd._fullLayout._plots[xaxis + yaxis];
  const layer = plot.plot.select(`.${module.layerName ?? `${module.name}layer`}`);
  for (const full of traces) {
    const calculated = module.calc(gd, full);
    calculated[0].trace = full;
    calculated[0].t ??= {};
    gd.calcdata[full.index] = calculated;
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
  const scene = gd._fullLayout[traces[0].scene]._scene;
  for (const full of traces) scene.traces[full.uid].update(full);
  scene.glplot.redraw();
}
