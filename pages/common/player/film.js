/* ---- Values: NumPy arrays travel as {dtype, bdata, shape} ---- */

const ARRAYS = {
  i1: Int8Array, u1: Uint8Array, u1c: Uint8ClampedArray, i2: Int16Array, u2: Uint16Array,
  i4: Int32Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array,
};
const unpacked = new WeakMap();
const isPacked = (value) => typeof value?.bdata === "string" && typeof value.dtype === "string" && !value.toJSON;
const isPlain = (value) => typeof value === "object" && value && Object.getPrototypeOf(value) === Object.prototype;

/* Plotly would unpack again on every redraw, see a new array and draw even a static surface anew: so it is done once.
 * toJSON, because Streamlit copies the figure through JSON when the theme changes, and a bare typed array would come
 * back as {"0": ..., "1": ...}. */
function unpack(packed) {
  if (!unpacked.has(packed)) {
    const { dtype, bdata, shape } = packed;
    const flat = new ARRAYS[dtype](Uint8Array.from(atob(bdata), (char) => char.charCodeAt(0)).buffer);
    const [rows, columns, more] = String(shape ?? flat.length).split(",").map(Number);
    if (more !== undefined) return packed;
    const array =
      columns === undefined
        ? flat
        : Array.from({ length: rows }, (_, row) => flat.subarray(row * columns, (row + 1) * columns));
    Object.defineProperty(array, "toJSON", { value: () => ({ dtype, bdata, ...(shape && { shape }) }) });
    unpacked.set(packed, array);
  }
  return unpacked.get(packed);
}

function unpackAll(node) {
  for (const [key, value] of Object.entries(node)) {
    if (isPacked(value)) node[key] = unpack(value);
    else if (isPlain(value)) unpackAll(value);
  }
}

const identity = (value) => value?.bdata ?? value?.toJSON?.().bdata ?? JSON.stringify(value);

function* leaves(node, path = []) {
  for (const [key, value] of Object.entries(node)) {
    if (isPlain(value) && !isPacked(value)) yield* leaves(value, [...path, key]);
    else yield [[...path, key], value];
  }
}

function read(root, path) {
  return path.reduce((node, key) => node?.[key], root);
}

function write(root, path, value) {
  let node = root;
  for (const key of path.slice(0, -1)) node = isPlain(node[key]) ? node[key] : (node[key] = {});
  node[path.at(-1)] = value;
}

/* ---- Film: what moves in a figure ---- */

/* A slot is one thing that moves (one property of one trace, or of the layout) with its value at every frame; where a
 * frame does not mention it, the last earlier value holds. */
function develop({ data, layout, frames }) {
  const named = frames.filter((frame) => frame?.name && isFinite(frame.name)).sort((a, b) => a.name - b.name);
  const slots = new Map();
  const slot = (trace, path) => {
    const name = [trace, ...path].join(" ");
    if (!slots.has(name)) slots.set(name, { trace, path, values: [] });
    return slots.get(name);
  };
  named.forEach((frame, index) => {
    frame.data?.forEach((part, i) => {
      for (const [path, value] of leaves(part)) {
        if (path[0] !== "type") slot(frame.traces?.[i] ?? i, path).values[index] = value;
      }
    });
    for (const [path, value] of leaves(frame.layout ?? {})) {
      if (!path[0].startsWith("scene")) slot("layout", path).values[index] = value;
    }
  });
  data.forEach((trace) => unpackAll(trace));
  for (const one of slots.values()) {
    one.root = one.trace === "layout" ? layout : (data[one.trace] ?? {});
    let held = one.values.find((value) => value !== undefined);
    one.values = named.map((_, index) => (held = one.values[index] === undefined ? held : one.values[index]));
    one.shown = identity(read(one.root, one.path));
  }
  return { slots: [...slots.values()], steps: named.map(({ name }) => +name) };
}

/* Write the values of `step` into the figure; return the slots that changed. */
function project({ slots, steps }, step) {
  const index = Math.max(0, steps.findLastIndex((own) => own <= step));
  return slots.filter((one) => {
    const value = one.values[index];
    if (value === one.held) return false;
    one.held = value;
    const shown = identity(value);
    if (shown === one.shown) return false;
    one.shown = shown;
    write(one.root, one.path, isPacked(value) ? unpack(value) : value);
    return true;
  });
}
