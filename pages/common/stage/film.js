/* ---- Film: what moves in a figure ----
 *
 * A move is one property of one trace, or of the layout, with its value at every step of the film. A trace whose
 * `meta.steps` say when the run came to its points is cut at the present step; a pale twin shows what is to come.
 */

/* A figure that may be written into, the title of its own and twins at the end of its traces. */
function copied({ data, layout }) {
  const twins = data.filter(({ meta }) => meta?.steps).map(twinOf);
  const { title, margin, ...rest } = layout;
  const traces = [...data.map((trace) => ({ ...trace })), ...twins];
  return { data: traces, layout: { ...rest, margin: { ...margin } }, twins, words: { title: { ...title } } };
}

/* Lines in three dimensions cannot be pale, as WebGL adds them to the page and on white they are gone: thin ones. */
function twinOf({ type, line, ...trace }) {
  const silent = { showlegend: false, hoverinfo: "skip", hovertemplate: null, meta: null };
  const pale = type === "scatter3d" ? { line: { ...line, width: 1 } } : { line, opacity: 0.3 };
  return { ...trace, ...silent, ...pale, type };
}

class Film {
  constructor({ steps, moves }, figure, still) {
    this.steps = steps;
    this.moves = moves.map((move) => new Move(move, figure));
    still.data.forEach((trace, index) => {
      if (!trace.meta?.steps) return;
      const axes = ["x", "y", "z"].filter((axis) => trace[axis]);
      this.moves.push(...axes.map((axis) => new Cut(index, axis, figure, trace)));
    });
  }

  /* Write the values of `step` into the figure; return the moves that changed it. */
  show(step) {
    const frame = Math.max(0, this.steps.findLastIndex((own) => own <= step));
    return this.moves.filter((move) => move.show(frame, step));
  }
}

class Move {
  constructor(move, { data, layout, words }) {
    Object.assign(this, move, { made: [] });
    this.titles = this.trace < 0 && this.path[0] === "title";
    this.root = this.titles ? words : this.trace < 0 ? layout : data[this.trace];
  }

  show(frame) {
    return this.put(this.at[frame]);
  }

  put(number) {
    if (number === this.shown) return false;
    this.shown = number;
    this.current = this.made[number] ??= this.value(number);
    write(this.root, this.path, this.current);
    return true;
  }

  value(number) {
    const { values, flat, shape, ends } = this;
    if (values) return values[number];
    if (ends) return flat.subarray(number ? ends[number - 1] : 0, ends[number]);
    const size = shape.reduce((product, side) => product * side, 1);
    return shaped(flat.subarray(number * size, (number + 1) * size), shape);
  }
}

/* A coordinate of a path, or of several with gaps between them, as far as the present step. */
class Cut extends Move {
  constructor(trace, axis, figure, whole) {
    super({ trace, path: [axis] }, figure);
    Object.assign(this, { whole: Float64Array.from(whole[axis]), steps: whole.meta.steps });
  }

  show(_, step) {
    this.step = step;
    return this.put(this.steps.reduce((count, own) => count + (own <= step), 0));
  }

  value() {
    return this.whole.map((value, index) => (this.steps[index] <= this.step ? value : NaN));
  }
}
