/* ---- Parts: how figures arrive, see parts.py ---- */

const ARRAYS = {
  i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array,
  i4: Int32Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array,
};

/* A part that begins at a multiple of eight bytes; its arrays are views of these bytes. */
function unpack(part) {
  const { buffer, byteOffset } = part;
  const length = new DataView(buffer, byteOffset).getUint32(0, true);
  const start = byteOffset + Math.ceil((4 + length) / 8) * 8;
  const view = ([type, place, ...shape]) =>
    shaped(new ARRAYS[type](buffer, start + place, shape.reduce((size, side) => size * side, 1)), shape);
  const text = new TextDecoder().decode(part.subarray(4, 4 + length));
  return JSON.parse(text, (_, value) => (value?.$ ? view(value.$) : value));
}

/* Plotly takes a table as an array of its rows. */
function shaped(flat, [rows, columns, ...more]) {
  if (columns === undefined) return flat;
  const size = [columns, ...more].reduce((product, side) => product * side);
  const row = (index) => shaped(flat.subarray(index * size, (index + 1) * size), [columns, ...more]);
  return Array.from({ length: rows }, (_, index) => row(index));
}

function write(root, path, value) {
  path.slice(0, -1).reduce((inner, key) => (inner[key] ??= {}), root)[path.at(-1)] = value;
}
