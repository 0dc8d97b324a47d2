/* The Tab key goes from control to control: the "?" beside one is no stop of its own. Its text describes the control that
 * has the focus, and stands under it where the keyboard has led there, until Escape or the next control. What a field
 * does not take it says in the same way, for as long as that is so: a number out of its range, whose range Streamlit
 * shows to a pointer alone, and one that the browser cannot read, which never reaches the server. However often this is
 * loaded, the page listens once, and knows what was said last.
 */

const STOPS = 'button[aria-label^="Help for "]';
const REFUSED = 'input[aria-invalid="true"], textarea[aria-invalid="true"]';
const NO_NUMBER = "That is no number that this field can hold, so it was not taken.";
const WAIT_MS = 300; // on the way through a row of controls nothing pops up
const ROOM = 8; // pixels from the control and from the edges of the window

const listen = (name, heard) => document.addEventListener(name, heard, true);

/* Words under a control, or over it where there is no room. */
class Words {
  of = null; // the control

  constructor(kind, role) {
    this.box = document.createElement("div");
    this.box.className = `words-of-control ${kind}`;
    this.box.setAttribute("role", role);
    document.body.append(this.box);
    listen("scroll", () => this.place());
    window.addEventListener("resize", () => this.place());
  }

  say(control, text) {
    const { color, backgroundColor, fontFamily } = getComputedStyle(document.querySelector(".stApp"));
    Object.assign(this.box.style, { color, backgroundColor, fontFamily });
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
    this.of = null;
    this.box.textContent = "";
    this.box.classList.remove("shown");
  }
}

/* What describes the control that has the focus. */
class Help {
  byKey = false;
  waiting = 0;
  words = new Words("help", "presentation"); // what describes the control is read with it

  constructor() {
    listen("keydown", ({ key, target }) => this.key(key, target));
    listen("pointerdown", () => {
      this.byKey = false;
      this.hide();
    });
    listen("focusin", ({ target }) => this.describe(target));
    listen("focusout", () => this.hide());
  }

  key(key, target) {
    this.byKey = /^(Tab|Arrow)/.test(key);
    if (key !== "Tab" && target.closest?.("[role=combobox]")) this.hide(); // its list opens where this stands
    if (key === "Tab") document.querySelectorAll(STOPS).forEach((stop) => (stop.tabIndex = -1));
    if (key === "Escape") this.hide();
  }

  describe(target) {
    this.hide();
    const named = target.closest?.('[class*="st-key-"]')?.className.match(/st-key-(\S+)/);
    const said = window.descentLabSays[named?.[1]];
    if (!said) return;
    target.setAttribute("aria-description", said);
    const still = () => target === document.activeElement && this.words.say(target, said);
    if (this.byKey) this.waiting = setTimeout(still, WAIT_MS);
  }

  hide() {
    clearTimeout(this.waiting);
    this.words.hide();
  }
}

/* What a field does not take, and what it would: until something else is typed, or taken. */
class Refusal {
  unread = null; // the field with a number that cannot be read
  words = new Words("refusal", "status");

  constructor() {
    listen("input", ({ target }) => {
      this.unread = target.validity?.badInput ? target : null;
      if (target === this.words.of) this.words.hide();
    });
    listen("focusout", ({ target }) => this.refuse(target));
    listen("keydown", ({ key, target }) => key === "Enter" && this.refuse(target));
    const seen = new MutationObserver(() => this.look());
    seen.observe(document.body, { subtree: true, attributeFilter: ["aria-invalid"] });
  }

  refuse(field) {
    const unread = field === this.unread && field?.validity?.badInput;
    if (field === this.unread) this.unread = null;
    if (unread) setTimeout(() => this.words.say(field, NO_NUMBER));
  }

  /* Streamlit says it to a pointer on its icon, and to those who listen. */
  look() {
    const { of, box } = this.words;
    const red = [...document.querySelectorAll(REFUSED)];
    const field = red.includes(of) ? of : red.at(-1);
    const said = document.getElementById(field?.getAttribute("aria-describedby"))?.textContent.replace("Error: ", "");
    if (said && (field !== of || said !== box.textContent)) this.words.say(field, said);
    if (!said && of && (!of.isConnected || box.textContent !== NO_NUMBER)) this.words.hide();
  }
}

if (!window.descentLabSays) {
  window.descentLabSays = {};
  window.descentLabRefusal = new Refusal();
  new Help();
}

export default function ({ data }) {
  window.descentLabSays = data;
  window.descentLabRefusal.look(); // another page may have other fields
}
