/* The Tab key goes from control to control: the "?" beside one is no stop of its own, and its text describes the control
 * that has the focus. */

const STOPS = 'button[aria-label^="Help for "]';
let says = {};

document.addEventListener(
  "keydown",
  ({ key }) => key === "Tab" && document.querySelectorAll(STOPS).forEach((stop) => (stop.tabIndex = -1)),
  true,
);
document.addEventListener("focusin", ({ target }) => {
  const named = target.closest?.('[class*="st-key-"]')?.className.match(/st-key-(\S+)/);
  if (says[named?.[1]]) target.setAttribute("aria-description", says[named[1]]);
});

export default function ({ data }) {
  ({ says } = data);
}
