/* ---- The chart that is watched comes into sight, with as little motion as may be; `name` is its name ---- */

const WAIT_MS = 10_000; // for a page that is still drawing
const end = performance.now() + WAIT_MS;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

function come() {
  const chart = document.querySelector(`.stage .chart[data-chart="${name}"]`);
  if (chart) chart.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
  else if (performance.now() < end) requestAnimationFrame(come);
}

requestAnimationFrame(come);
