/* ---- The chart that is watched comes into sight, with as little motion as may be; `name` is its name ----
 *
 * What the answer was worth stays in sight over it, unless less than half of the chart would be seen then.
 */

const WAIT_MS = 10_000; // for a page that is still drawing
const GAP = 8; // pixels
const end = performance.now() + WAIT_MS;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

function come() {
  const chart = document.querySelector(`.stage .chart[data-chart="${name}"]`);
  if (chart) bring(chart.getBoundingClientRect());
  else if (performance.now() < end) requestAnimationFrame(come);
}

function bring({ top, bottom, height }) {
  const [bar, verdict] = [".stAppHeader", ".st-key-lesson_verdict"].map((part) =>
    document.querySelector(part).getBoundingClientRect());
  const by = top < bar.bottom ? top - bar.bottom : Math.max(bottom - window.innerHeight, 0);
  const most = verdict.top - bar.bottom - GAP;
  const least = by - height / 2;
  const move = { top: most < least ? by : Math.min(by, most), behavior: still ? "auto" : "smooth" };
  document.querySelector(".stMain").scrollBy(move);
}

requestAnimationFrame(come);
