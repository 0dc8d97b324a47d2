/* ---- What only the browser can do: a history of changes, and menus that close behind a choice ----
 *
 * Streamlit writes the address several times for one change (a control itself, then what the app changes along with it;
 * the menu the page, then the app its settings), now in place of the present entry of the browser's history, now as an
 * entry of its own. So Back would pass states that nobody chose and leave out others. Here the first writing after
 * something that a person did begins an entry, and all that follows belongs to it, as does what follows going back.
 */

const NARROW = 768; // pixels: below, the sidebar lies over the page
const ACTS = ["pointerdown", "keydown", "click"];
const { pushState, replaceState } = History.prototype;
let written = true; // whether the last act has its entry

function write(state, title, url) {
  const there = new URL(url ?? "", location.href);
  const elsewhere = there.pathname !== location.pathname;
  const same = there.href === location.href;
  (written || same ? replaceState : pushState).call(history, state, title, url);
  written ||= !same;
  if (elsewhere && window.innerWidth < NARROW) closeSidebar();
}

function closeSidebar() {
  document.querySelector('[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button')?.click();
}

/* A popover in which something was chosen has done its work: its button is pressed again. */
function closePopover({ target }) {
  if (!target.closest?.('[data-testid="stPopoverBody"] :is(.stButton, .stRadio)')) return;
  setTimeout(() => document.querySelector('[data-testid="stPopover"] [aria-expanded="true"]')?.click());
}

function acted({ isTrusted }) {
  if (isTrusted) written = false;
}

if (!window.descentLab) {
  window.descentLab = true;
  history.pushState = history.replaceState = write;
  for (const kind of ACTS) document.addEventListener(kind, acted, { capture: true, passive: true });
  window.addEventListener("popstate", () => (written = true), { capture: true });
  document.addEventListener("click", closePopover);
}

export default () => {};
