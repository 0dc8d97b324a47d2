/* ---- Points drawn by hand ----
 *
 * A click sets a point of the chosen class; one on a point takes it away. Arrow keys move a cursor, at which Enter does
 * the same. Two classes have the signed pair of colours, three have three of their own, as on the map of the page.
 */

const REACH = 0.5; // how near a click has to be to a point to mean it
const STRIDE = 0.25; // of the cursor; with Shift four times as far

class Canvas {
  constructor(root) {
    this.root = root;
    this.edits = new Edits();
    this.past = []; // for Undo
    this.cursor = [0, 0];
    this.plane = root.querySelector("svg");
    const find = (name) => root.querySelector(`[data-piece="${name}"]`);
    [this.group, this.cross, this.count, this.problem] = ["points", "cursor", "count", "problem"].map(find);
    this.labels = [...root.querySelectorAll("input")];
    this.labels[0].checked = true;
    this.plane.addEventListener("click", (event) => this.click(event));
    this.plane.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("click", ({ target }) => this.press(target.dataset?.does));
  }

  receive(component) {
    this.edits.receive(component, (data) => {
      this.data = data;
      this.points = data.points.map((point) => [...point]);
      this.say("");
      this.draw();
    });
  }

  click(event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.plane.getScreenCTM().inverse());
    this.cursor = [this.held(at.x), this.held(-at.y)];
    this.toggle();
  }

  key(event) {
    const { key, shiftKey } = event;
    const step = STRIDE * (shiftKey ? 4 : 1);
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
    if (by) {
      this.cursor = this.cursor.map((place, axis) => this.held(place + step * by[axis]));
      this.draw();
      this.count.textContent = `Cursor at (${this.cursor.join(", ")})`;
    } else if (key === "Enter" || key === " ") this.toggle();
    else if (this.labels[key - 1]) this.labels[key - 1].checked = true;
    else return;
    event.preventDefault();
  }

  /* Set a point at the cursor, or take away the one that is there. */
  toggle() {
    const [x, y] = this.cursor;
    const far = ([, a, b]) => Math.hypot(a - x, b - y);
    const near = this.points.filter((point) => far(point) < REACH).sort((a, b) => far(a) - far(b))[0];
    if (near) return this.set(this.points.filter((point) => point !== near));
    if (this.points.length >= this.data.most) return this.say(`There can be at most ${this.data.most} points.`);
    const label = +this.labels.find(({ checked }) => checked).value;
    return this.set([...this.points, [label, x, y]]);
  }

  press(does) {
    if (does === "undo" && this.past.length) this.set(this.past.pop(), false);
    if (does === "clear" && this.points.length) this.set([]);
  }

  set(points, kept = true) {
    if (kept) this.past.push(this.points);
    this.points = points;
    this.say(points.length ? "" : "Draw a point: the page shows the points before until there is one.");
    this.draw();
    if (points.length) this.edits.make({ points });
  }

  say(problem) {
    this.problem.textContent = problem;
    this.problem.hidden = !problem;
  }

  draw() {
    const three = this.points.some(([label]) => label === 2);
    const colors = three ? this.data.colors : [...this.data.pair, this.data.colors[2]];
    const dot = ([label, x, y]) => `<circle cx="${x}" cy="${-y}" r=".3" fill="${colors[label]}"/>`;
    this.group.innerHTML = this.points.map(dot).join("");
    this.cross.setAttribute("transform", `translate(${this.cursor[0]} ${-this.cursor[1]})`);
    this.labels.forEach((label, index) => (label.nextSibling.style.background = colors[index]));
    this.count.textContent = `${this.points.length} of ${this.data.most} points`;
    this.root.querySelector("[data-does=undo]").setAttribute("aria-disabled", !this.past.length);
    this.root.querySelector("[data-does=clear]").setAttribute("aria-disabled", !this.points.length);
  }

  /* A coordinate as the link keeps it, within the plane. */
  held(place) {
    const { edge, digits } = this.data;
    return +Math.min(Math.max(place, -edge), edge).toFixed(digits) + 0;
  }
}

export default function canvas(component) {
  behind(component.parentElement.querySelector(".editor"), Canvas).receive(component);
}
