/* ---- The charts of a player ----
 *
 * Which charts stand in the container of the player, which of them are in sight, and whose turn it is to be drawn.
 */

const LONGEST_REST_MS = 600;
const REST = 3; // a slow chart rests this many times as long as it took
const REFRESH_MS = 1000 / 60;

class Charts {
  constructor(wake) {
    this.known = new Map(); // graph div -> Chart
    this.spent = 0; // milliseconds of script since a 3-D chart is being weighed
    this.sight = new IntersectionObserver(
      (entries) => {
        this.see(entries);
        wake();
      },
      { rootMargin: "20%" },
    );
  }

  get all() {
    return [...this.known.values()];
  }

  get(gd) {
    return this.known.get(gd);
  }

  find(scope, cameras) {
    const found = new Set(document.querySelectorAll(`${scope} .js-plotly-plot`));
    for (const [gd, chart] of this.known) {
      if (found.has(gd)) continue;
      chart.release();
      this.sight.unobserve(gd);
      this.known.delete(gd);
    }
    for (const gd of found) {
      if (this.known.has(gd) || !gd.calcdata || !gd._fullLayout || gd._fullLayout._replotting) continue;
      this.known.set(gd, new Chart(gd, cameras));
      this.sight.observe(gd);
    }
    for (const chart of this.all) if (chart.changed()) chart.step = null;
    this.mounting = !this.known.size && document.querySelector(`${scope} [data-testid="stPlotlyChart"]`);
  }

  release() {
    this.sight.disconnect();
    for (const chart of this.all) chart.release();
  }

  see(entries) {
    for (const { target, isIntersecting } of entries) {
      const chart = this.get(target);
      if (chart) chart.visible = isIntersecting;
    }
  }

  late(step) {
    return this.all.some((chart) => chart.step !== step && chart.displayed());
  }

  /* While playing, a picture every `period` ms, charts out of sight wait; and where not all can be drawn in time, a
   * chart much slower than the others rests after each drawing. At rest every chart is brought to the step. */
  paint(step, now, period) {
    const charts = this.all.filter((chart) => chart.step !== step && chart.ready());
    const inSight = charts.filter(({ visible }) => visible);
    for (const chart of period ? this.turns(inSight, now, period) : charts.filter((chart) => chart.displayed())) {
      const before = performance.now();
      if (!chart.paint(step)) continue;
      chart.drawn = performance.now();
      chart.script.add(chart.drawn - before);
      if (chart.scenes().length && !this.probe) {
        this.probe = { chart, since: before, ticks: 0 };
        this.spent = 0;
      }
    }
  }

  turns(charts, now, period) {
    const costs = this.all.filter(({ visible, cost }) => visible && cost).map(({ cost }) => cost);
    if (costs.reduce((sum, cost) => sum + cost, 0) <= period) return charts;
    const slow = ({ cost }) => cost > period / 2 && cost > 3 * Math.min(...costs);
    const rested = ({ cost, drawn }) => now - drawn >= Math.min(REST * cost, LONGEST_REST_MS);
    return charts.filter((chart) => !slow(chart) || rested(chart));
  }

  /* What a 3-D chart costs the graphics card shows only in how late the next two screen refreshes come. */
  weigh(now) {
    const { probe } = this;
    if (!probe || ++probe.ticks < 2) return;
    const card = Math.max(0, now - probe.since - this.spent - 2 * REFRESH_MS);
    probe.chart.card.add(card);
    this.probe = null;
  }
}
