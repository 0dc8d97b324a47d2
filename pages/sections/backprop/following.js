/* The formulas follow the stage that plays: those of the present one are marked, and where the future is covered, those
 * of later ones are not shown. What the player says of its step is watched; nothing of the stage is touched. */

class Following {
  constructor() {
    this.seen = new MutationObserver(() => this.mark());
  }

  receive(spans) {
    this.spans = spans;
    this.leave();
    const stage = document.querySelector(".stage");
    const count = stage?.querySelector("[data-part=count]");
    if (!count) {
      this.waiting = setTimeout(() => this.receive(spans), 100);
      return;
    }
    Object.assign(this, { stage, count });
    this.seen.observe(count, { childList: true, characterData: true, subtree: true });
    this.seen.observe(stage, { attributes: true, attributeFilter: ["class"] });
    this.mark();
  }

  leave() {
    clearTimeout(this.waiting);
    this.seen.disconnect();
  }

  mark() {
    const step = parseInt(this.count.textContent, 10);
    const covered = this.stage.classList.contains("covered");
    for (const [key, first, last] of this.spans) {
      const box = document.querySelector(`.st-key-${key}`);
      box?.toggleAttribute("data-now", first <= step && step <= last);
      box?.toggleAttribute("data-later", covered && step < first);
    }
  }
}

export default function follow({ data, parentElement }) {
  parentElement.following ??= new Following();
  parentElement.following.receive(data);
  return () => parentElement.following.leave();
}
