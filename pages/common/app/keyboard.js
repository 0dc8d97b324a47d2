/* The Tab key goes from control to control: the "?" beside one is no stop of its own, and its text describes the control
 * that has the focus. However often this is loaded, the page listens once, and knows what was said last. */

const STOPS = 'button[aria-label^="Help for "]';

function passBy({ key }) {
  if (key === "Tab") document.querySelectorAll(STOPS).forEach((stop) => (stop.tabIndex = -1));
}

function describe({ target }) {
  const named = target.closest?.('[class*="st-key-"]')?.className.match(/st-key-(\S+)/);
  const said = window.descentLabSays[named?.[1]];
  if (said) target.setAttribute("aria-description", said);
}

if (!window.descentLabSays) {
  window.descentLabSays = {};
  document.addEventListener("keydown", passBy, true);
  document.addEventListener("focusin", describe);
}

export default function ({ data }) {
  window.descentLabSays = data;
}
