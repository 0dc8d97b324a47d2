/* ---- The hidden layers in the hand: a column for each, units by + and -, one activation for all or one for each ----
 *
 * The network is `widths`, and `acts`, one name or one for each layer. Every way to change it ends in `set`. Of all the
 * columns one is chosen and in the tab order; arrows lead from one to the next, and it may go, or get one before it.
 */

const HOLD_MS = 400; // a button held so long begins to repeat
const REPEAT_MS = 70;
const EACH = "each"; // the choice of one activation for each layer
const PAGE = 8; // units, by Page up and Page down
const DOTS = 8; // units that a column shows as dots; more of them are a block

class Network {
  constructor(root) {
    this.root = root;
    this.edits = new Edits();
    this.at = 0; // the column in the tab order
    this.each = false; // whether each layer has a choice of its own
    const find = (name) => root.querySelector(`[data-piece="${name}"]`);
    [this.columns, this.all, this.text, this.act, this.problem, this.count, this.none, this.one] = [
      "columns", "all", "text", "act", "problem", "count", "none", "one",
    ].map(find);
    root.addEventListener("click", (event) => this.click(event));
    root.addEventListener("pointerdown", (event) => this.hold(event));
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
      root.addEventListener(end, () => this.release());
    }
    root.addEventListener("contextmenu", (event) => this.held && event.preventDefault());
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("change", (event) => this.change(event.target));
    root.addEventListener("input", (event) => (this.typing = event.target === this.text));
    root.addEventListener("focusin", ({ target }) => this.visit(target));
  }

  receive(component) {
    this.edits.receive(component, (data) => {
      Object.assign(this, { limits: data, colors: data.colors });
      this.offer(data.activations);
      this.widths = [...data.widths];
      this.acts = [...data.acts];
      this.each = this.acts.length > 1 || (this.each && this.widths.length > 1);
      this.say("");
      this.draw();
    });
  }

  /* ---- what a person does ---- */

  click({ target }) {
    this.visit(target);
    const button = target.closest("button");
    const repeated = this.repeated;
    this.release();
    if (button && !repeated) this.press(button);
  }

  hold({ target, button: pressed }) {
    const button = target.closest("button");
    this.release();
    if (!button || pressed || button.dataset.does) return;
    this.held = setTimeout(() => {
      this.repeated = true;
      this.held = setInterval(() => this.press(button), REPEAT_MS);
    }, HOLD_MS);
  }

  release() {
    clearTimeout(this.held); // which ends an interval too
    this.held = 0;
    setTimeout(() => (this.repeated = false)); // after the click that follows
  }

  press(button) {
    const { does } = button.dataset;
    if (does) return this[does](this.at);
    const by = +button.dataset.by;
    const column = button.closest(".column");
    if (!column) return this.layers(by);
    const places = column === this.all ? this.widths.keys() : [this.place(column)];
    return this.units(new Set(places), by);
  }

  /* One layer more at the end, as the last one is, or one less. */
  layers(by) {
    const { widths, acts } = this;
    const many = Math.min(Math.max(widths.length + by, 0), this.limits.most);
    const wide = widths.at(-1) ?? this.limits.usual;
    this.set([...widths, wide].slice(0, many), acts.length > 1 ? [...acts, acts.at(-1)].slice(0, many) : acts);
    this.columns.scrollLeft = this.columns.scrollWidth;
  }

  /* One layer more before another, as that one is. */
  insert(place) {
    const { widths, acts } = this;
    if (widths.length >= this.limits.most) return;
    const more = (list) => list.toSpliced(place, 0, list[place]);
    this.set(more(widths), acts.length > 1 ? more(acts) : acts);
  }

  remove(place) {
    const { widths, acts } = this;
    this.set(widths.toSpliced(place, 1), acts.length > 1 ? acts.toSpliced(place, 1) : acts);
    if (this.one.hidden) this.text.focus();
  }

  units(places, by) {
    const { low, high } = this.limits;
    const held = (width) => Math.min(Math.max(width + by, low), high);
    this.set(this.widths.map((width, place) => (places.has(place) ? held(width) : width)));
  }

  key(event) {
    const { target, key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    if (target === this.text && key === "Escape") {
      this.typing = false;
      this.say("");
      this.draw();
    }
    const column = target.closest(".columns .column");
    if (!column || target.matches("select")) return;
    const place = this.place(column);
    const does = target.matches("button") && { Delete: "remove", Insert: "insert" }[key];
    const by = { ArrowUp: 1, ArrowDown: -1, PageUp: PAGE, PageDown: -PAGE }[key];
    const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: this.widths.length - 1 }[key];
    if (does) {
      this[does](place);
      this.go(place, target.dataset.piece);
    } else if (by) this.units(new Set([place]), by);
    else if (to !== undefined && this.leaves(target, key)) this.go(to, target.dataset.piece);
    else return;
    event.preventDefault();
  }

  /* Whether an arrow leads out of what is typed; in a number just entered by Tab it does. */
  leaves({ value, selectionStart, selectionEnd }, key) {
    if (value === undefined || selectionStart === undefined) return true;
    const whole = selectionEnd - selectionStart === value.length;
    return whole || (key === "ArrowLeft" || key === "Home" ? selectionEnd === 0 : selectionStart === value.length);
  }

  go(to, part) {
    const column = this.columns.children[Math.min(Math.max(to, 0), this.widths.length - 1)];
    const target = column.querySelector(`[data-piece="${part}"]`);
    this.at = this.place(column);
    this.draw();
    target.focus();
    target.select?.();
  }

  visit(target) {
    const column = target.closest(".columns .column");
    if (column && this.place(column) !== this.at) {
      this.at = this.place(column);
      this.draw();
    }
    if (column && target.matches(":focus-visible")) target.select?.();
  }

  change(target) {
    const column = target.closest(".columns .column");
    if (target === this.text) this.typed();
    else if (target === this.act) this.activate(target.value);
    else if (column && target.matches("select")) {
      const place = this.place(column);
      const acts = this.widths.map((_, index) => this.acts[index % this.acts.length]);
      this.set(this.widths, acts.map((name, index) => (index === place ? target.value : name)));
    } else if (column) this.retype(this.place(column), target.value);
  }

  typed() {
    this.typing = false;
    const { widths, problem } = read(this.text.value, this.limits);
    if (problem) return this.say(problem, this.text);
    const last = this.acts.at(-1);
    const acts = this.acts.length > 1 ? widths.map((_, place) => this.acts[place] ?? last) : this.acts;
    return this.set(widths, acts.length ? acts : [last], 0);
  }

  retype(place, text) {
    const { widths, problem } = read(text, this.limits);
    const one = widths?.length === 1;
    if (!one) {
      this.draw();
      return this.say(problem || `Layer ${place + 1} has one number of units.`);
    }
    return this.set(this.widths.map((width, index) => (index === place ? widths[0] : width)), this.acts, 0);
  }

  activate(name) {
    this.each = name === EACH;
    this.set(this.widths, this.each ? this.widths.map(() => this.acts[0]) : [name], 0);
  }

  set(widths, acts = this.acts, rest = REST_MS) {
    const same = (one, other) => one.join() === other.join();
    const changed = !same(widths, this.widths) || !same(acts, this.acts);
    this.widths = widths;
    this.acts = acts.length ? acts : this.acts.slice(0, 1);
    this.each &&= widths.length > 0;
    this.typing = false;
    this.say("");
    this.draw();
    if (changed) this.edits.make({ widths, acts: this.acts }, rest);
  }

  say(problem, field) {
    this.problem.textContent = problem;
    this.problem.hidden = !problem;
    this.text.setAttribute("aria-invalid", field === this.text);
  }

  /* ---- what is shown ---- */

  offer(activations) {
    const names = activations.map(([name]) => name).join();
    if (names === this.offered) return;
    this.offered = names;
    this.options = activations.map(([name, title]) => `<option value="${name}">${title}</option>`).join("");
    this.act.innerHTML = `${this.options}<option value="${EACH}">One for each layer</option>`;
    this.columns.replaceChildren();
  }

  draw() {
    const { widths, columns } = this;
    const many = widths.length;
    this.at = Math.min(this.at, Math.max(many - 1, 0));
    while (columns.children.length > many) columns.lastChild.remove();
    while (columns.children.length < many) columns.append(columnOf(this.all, columns.children.length + 1, this.options));
    widths.forEach((width, place) => this.fill(columns.children[place], width, place));
    this.root.classList.toggle("each", this.each);
    this.one.hidden = many < 2;
    this.one.firstElementChild.textContent = `Layer ${this.at + 1}`;
    this.bound(this.one, false, many >= this.limits.most);
    this.count.textContent = many;
    this.none.hidden = many > 0;
    this.all.hidden = many < 2;
    this.act.value = this.each ? EACH : this.acts[0];
    this.act.disabled = !many;
    this.act.lastChild.hidden = many < 2 && !this.each;
    if (!this.typing) this.text.value = many ? widths.join("-") : "none";
    this.bound(this.root.querySelector(".layers"), many <= 0, many >= this.limits.most);
    const { low, high } = this.limits;
    this.bound(this.all, widths.every((width) => width <= low), widths.every((width) => width >= high));
  }

  fill(column, width, place) {
    const { low, high } = this.limits;
    const [, units, number, , own] = column.children;
    const share = this.widths.length > 1 ? place / (this.widths.length - 1) : 0;
    const [from, to, part] = share < 0.5 ? [0, 1, 2 * share] : [1, 2, 2 * share - 1];
    const color = `color-mix(in srgb, ${this.colors[from]}, ${this.colors[to]} ${100 * part}%)`;
    units.style.setProperty("--color", color);
    units.classList.toggle("block", width > DOTS);
    units.style.setProperty("--units", width > DOTS ? Math.log(width / DOTS) / Math.log(high / DOTS) : width);
    number.value = width;
    number.setAttribute("aria-valuenow", width);
    number.setAttribute("aria-valuemin", low);
    number.setAttribute("aria-valuemax", high);
    own.value = this.acts[place % this.acts.length];
    own.hidden = !this.each;
    column.classList.toggle("chosen", place === this.at && this.widths.length > 1);
    this.bound(column, width <= low, width >= high);
    for (const one of column.querySelectorAll("button, input, select")) one.tabIndex = place === this.at ? 0 : -1;
  }

  /* A button at an end does nothing, but keeps the focus. */
  bound(part, least, most) {
    for (const button of part.querySelectorAll("button")) {
      button.setAttribute("aria-disabled", button.dataset.by > 0 ? most : least);
    }
  }

  place(column) {
    return [...this.columns.children].indexOf(column);
  }
}

export default function network(component) {
  behind(component.parentElement.querySelector(".editor"), Network).receive(component);
}
