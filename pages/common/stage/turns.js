/* ---- Whose turn it is to be drawn ---- */

const LONGEST_REST_MS = 600;
const REST = 3; // a slow chart rests this many times as long as it took
const REFRESH_MS = 1000 / 60;

/* What a chart takes, in milliseconds of script and of the graphics card: the least of the last few times. */
const costOf = ({ script, card }) => Math.min(...script) + Math.min(...card);
const latest = (times, time) => [...times.filter(Boolean).slice(-4), time];

class Turns {
  spent = 0; // milliseconds of script since a 3-D chart is being weighed

  isLate(chart, step) {
    return chart.visible && (chart.step !== step || chart.dirty) && chart.ready();
  }

  /* Bring charts to a step. While playing, a picture every `period` ms, those out of sight wait, and where not all can
   * be drawn in time, a chart much slower than the others rests after each drawing. */
  paint(charts, step, now, period) {
    const late = charts.filter((chart) => this.isLate(chart, step));
    for (const chart of period ? this.inTime(late, charts, now, period) : late) {
      const before = performance.now();
      if (!chart.paint(step)) continue;
      chart.drawn = performance.now();
      chart.script = latest(chart.script, chart.drawn - before);
      if (!scenesOf(chart.gd).length || this.probe) continue;
      this.probe = { chart, since: before, ticks: 0 };
      this.spent = 0;
    }
  }

  inTime(late, charts, now, period) {
    const costs = charts.filter(({ visible }) => visible).map(costOf);
    if (costs.reduce((sum, cost) => sum + cost, 0) <= period) return late;
    const slow = (cost) => cost > period / 2 && cost > 3 * Math.min(...costs);
    const rested = (cost, drawn) => now - drawn >= Math.min(REST * cost, LONGEST_REST_MS);
    return late.filter((chart) => !slow(costOf(chart)) || rested(costOf(chart), chart.drawn));
  }

  /* What a 3-D chart costs the graphics card shows only in how late the next two screen refreshes come. */
  weigh(now) {
    const { probe } = this;
    if (!probe || ++probe.ticks < 2) return;
    probe.chart.card = latest(probe.chart.card, Math.max(0, now - probe.since - this.spent - 2 * REFRESH_MS));
    this.probe = null;
  }
}
