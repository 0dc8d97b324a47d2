/* ---- Data sets as pictures: radio buttons, so that arrows lead from one to the next and choose it ---- */

class Pictures {
  constructor(root) {
    this.root = root;
    this.edits = new Edits();
    root.addEventListener("pointerdown", () => (this.rest = 0)); // a click is final, an arrow may go on
    root.addEventListener("keydown", () => (this.rest = REST_MS));
    root.addEventListener("change", ({ target }) => this.edits.make({ chosen: target.value }, this.rest));
  }

  receive(component) {
    this.edits.receive(component, ({ chosen }) => {
      for (const input of this.root.querySelectorAll("input")) input.checked = input.value === chosen;
      const fold = this.root.querySelector("details");
      fold.open ||= Boolean(fold.querySelector(":checked"));
    });
  }
}

export default function pictures(component) {
  behind(component.parentElement.querySelector(".editor"), Pictures).receive(component);
}
