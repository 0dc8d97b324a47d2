/* The Tab key goes from control to control: the "?" beside one is no stop of its own. Its text describes the control that
 * has the focus, and stands under it where the keyboard has led there, until Escape or the next control. A number that
 * the browser cannot read never reaches the server: that is said in the same place. However often this is loaded, the
 * page listens once, and knows what was said last.
 */

const STOPS = 'button[aria-label^="Help for "]';
const NO_NUMBER = "That is no number that this field can hold, so it was not taken.";
const WAIT_MS = 300; // on the way through a row of controls nothing pops up
const ROOM = 8; // pixels from the control and from the edges of the window

class Note {
  byKey = false;
  waiting = 0;
  of = null; // the control under which something is said
  unread = null; // the field with a number that cannot be read

  constructor() {
    this.box = document.createElement("div");
    this.box.className = "help-of-focus";
    this.box.setAttribute("role", "status");
    document.body.append(this.box);
    const listen = (name, heard) => document.addEventListener(name, heard, true);
    listen("keydown", (event) => this.key(event));
    listen("pointerdown", () => {
      this.byKey = false;
      this.hide();
    });
    listen("scroll", () => this.place());
    listen("focusin", ({ target }) => this.describe(target));
    listen("input", ({ target }) => (this.unread = target.validity?.badInput ? target : null));
    listen("focusout", ({ target }) => {
      this.hide();
      this.refuse(target);
    });
  }

  key({ key, target }) {
    this.byKey = true;
    if (key === "Tab") document.querySelectorAll(STOPS).forEach((stop) => (stop.tabIndex = -1));
    if (key === "Escape") this.hide();
    if (key === "Enter") this.refuse(target);
  }

  describe(target) {
    this.hide();
    const named = target.closest?.('[class*="st-key-"]')?.className.match(/st-key-(\S+)/);
    const said = window.descentLabSays[named?.[1]];
    if (!said) return;
    target.setAttribute("aria-description", said);
    const still = () => target === document.activeElement && this.say(target, said, false);
    if (this.byKey) this.waiting = setTimeout(still, WAIT_MS);
  }

  refuse(field) {
    const unread = field === this.unread && field?.validity?.badInput;
    if (field === this.unread) this.unread = null;
    if (unread) setTimeout(() => this.say(field, NO_NUMBER, true));
  }

  say(control, text, aloud) {
    clearTimeout(this.waiting);
    const { color, backgroundColor, fontFamily } = getComputedStyle(document.querySelector(".stApp"));
    Object.assign(this.box.style, { color, backgroundColor, fontFamily });
    this.box.setAttribute("aria-hidden", !aloud); // what describes the control is read with it
    this.box.textContent = text;
    this.box.classList.add("shown");
    this.of = control;
    this.place();
  }

  place() {
    if (!this.of) return;
    const { left, top, bottom, width } = this.of.getBoundingClientRect();
    if (!width) {
      this.hide();
      return;
    }
    const { offsetWidth, offsetHeight, style } = this.box;
    const below = bottom + ROOM + offsetHeight < innerHeight;
    style.left = `${Math.max(ROOM, Math.min(left, innerWidth - offsetWidth - ROOM))}px`;
    style.top = `${below ? bottom + ROOM : top - offsetHeight - ROOM}px`;
  }

  hide() {
    clearTimeout(this.waiting);
    this.of = null;
    this.box.classList.remove("shown");
  }
}

if (!window.descentLabSays) {
  window.descentLabSays = {};
  new Note();
}

export default function ({ data }) {
  window.descentLabSays = data;
}
