/* ---- Film: what moves in a figure ----
 *
 * A move is one property of one trace, or of the layout, with its value at every step of the film. A trace whose
 * `meta.steps` say when the run came to its points is cut at the present step; its pale twin shows what is to come.
 */

/* A figure that may be written into. */
function copied({ data, layout, title }) {
  const traces = data.map((trace) => ({ ...trace }));
  const twins = traces.filter(({ meta }) => meta?.twin);
  return { data: traces, layout: { ...layout }, twins, words: { title: { text: title } } };
}

class Film {
  constructor({ steps, moves }, figure, still) {
    this.steps = steps;
    this.moves = moves.map((move) => new Move(move, figure));
    still.data.forEach((trace, index) => {
      const axes = ["x", "y", "z"].filter((axis) => trace.meta?.steps && trace[axis]);
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
