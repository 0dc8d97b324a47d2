/* ---- A digit drawn by hand ----
 *
 * Strokes of a broad pen on a canvas, by mouse, finger or stylus; arrow keys move the pen, Enter puts it down and lifts
 * it. What is told is the ink of each cell, 0 to 15, as a hexadecimal digit.
 */

const PEN = 2.2; // cells wide
const DARK = 15;

class Digit {
  constructor(root) {
    this.root = root;
    this.edits = new Edits();
    this.canvas = root.querySelector("canvas");
    this.status = root.querySelector("[data-piece=status]");
    this.paper = this.canvas.getContext("2d", { willReadFrequently: true });
    Object.assign(this, { strokes: [], under: "", pen: null });
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.go(event));
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, () => this.lift());
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("click", ({ target }) => this.press(target.dataset?.does));
  }

  receive(component) {
    this.edits.receive(component, ({ ink, cells }) => {
      this.cells = cells;
      if (ink !== this.told) Object.assign(this, { strokes: [], under: ink, told: ink });
      this.draw();
    });
  }

  begin(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.strokes.push([this.place(event)]);
    this.draws = true;
    this.draw();
    event.preventDefault();
  }

  go(event) {
    if (!this.draws) return;
    this.strokes.at(-1).push(this.place(event));
    this.draw();
  }

  lift() {
    if (this.draws) this.tell();
    this.draws = false;
  }

  key(event) {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const last = this.cells - 1;
    this.pen ??= [last / 2, last / 2];
    if (by) this.pen = this.pen.map((at, axis) => Math.min(Math.max(at + by[axis], 0), last));
    else if (event.key === "Enter" || event.key === " ") this.down = !this.down;
    else return;
    if (this.down && !by) this.strokes.push([this.pen]);
    if (this.down && by) this.strokes.at(-1).push(this.pen);
    this.draw();
    if (this.down) this.tell();
    const [column, row] = this.pen.map((at) => Math.round(at) + 1);
    this.status.textContent = `Pen ${this.down ? "down" : "up"} at row ${row}, column ${column}`;
    event.preventDefault();
  }

  press(does) {
    if (does === "undo" && this.strokes.length) this.strokes.pop();
    else if (does === "clear") Object.assign(this, { strokes: [], under: "" });
    else return;
    this.draw();
    this.tell();
  }

  /* Where the pointer is, in cells. */
  place({ clientX, clientY }) {
    const { left, top, width } = this.canvas.getBoundingClientRect();
    return [clientX - left, clientY - top].map((at) => (at * this.cells) / width - 0.5);
  }

  draw() {
    const { paper, canvas, cells } = this;
    const cell = canvas.width / cells;
    paper.clearRect(0, 0, canvas.width, canvas.height);
    const color = getComputedStyle(this.root).color;
    Object.assign(paper, { fillStyle: color, strokeStyle: color, lineWidth: PEN * cell });
    Object.assign(paper, { lineCap: "round", lineJoin: "round" });
    [...this.under].forEach((digit, at) => {
      paper.globalAlpha = parseInt(digit, 16) / DARK;
      paper.fillRect((at % cells) * cell, Math.floor(at / cells) * cell, cell, cell);
    });
    paper.globalAlpha = 1;
    for (const stroke of this.strokes) {
      const [first, ...rest] = stroke.map((place) => place.map((at) => (at + 0.5) * cell));
      paper.beginPath();
      paper.moveTo(...first);
      for (const place of rest.length ? rest : [first]) paper.lineTo(...place);
      paper.stroke();
    }
    this.root.querySelector("[data-does=undo]").setAttribute("aria-disabled", !this.strokes.length);
  }

  tell() {
    this.told = this.ink();
    this.edits.make({ ink: this.told });
  }

  /* The ink of each cell: how much of it is covered. */
  ink() {
    const { width } = this.canvas;
    const { data } = this.paper.getImageData(0, 0, width, width);
    const cell = width / this.cells;
    const covered = new Float32Array(this.cells ** 2);
    for (let at = 0; at < width * width; at += 1) {
      const [row, column] = [Math.floor(at / width / cell), Math.floor((at % width) / cell)];
      covered[row * this.cells + column] += data[4 * at + 3] / 255 / cell ** 2;
    }
    return [...covered].map((part) => Math.round(DARK * part).toString(16)).join("");
  }
}

export default function digit(component) {
  behind(component.parentElement.querySelector(".editor"), Digit).receive(component);
}
