/* ---- Whose turn it is to be drawn ---- */

const LONGEST_MS = 600; // from one drawing of a slow chart to its next
const IDLE = 0.15; // of the time is left to the browser, which has to paint what was drawn
const REFRESH_MS = 1000 / 60;

/* What a chart takes, in milliseconds of script and of the graphics card: the middle one of the last few times. */
const costOf = ({ script, card }) => middle(script) + middle(card);
const middle = (times) => [...times].sort((a, b) => a - b)[times.length >> 1];
const sum = (costs) => costs.reduce((all, cost) => all + cost, 0);
const latest = (times, time) => [...times.filter(Boolean).slice(-4), time];

class Turns {
  spent = 0; // milliseconds of script since a 3-D chart is being weighed

  isLate(chart, step) {
    return chart.visible && (chart.step !== step || chart.dirty) && chart.ready();
  }

  /* Bring charts to a step. While playing, a picture every `period` ms, those out of sight wait, and where not all can
   * be drawn in time, a chart much slower than the others rests until these have made up for its drawing. */
  paint(charts, step, now, period) {
    const late = charts.filter((chart) => this.isLate(chart, step));
    for (const chart of period ? this.inTime(late, charts, now, period) : late) {
      const since = performance.now();
      if (!chart.paint(step)) continue;
      chart.drawn = since;
      chart.script = latest(chart.script, performance.now() - since);
      if (!scenesOf(chart.gd).length || this.probe) continue;
      Object.assign(this, { probe: { chart, since, ticks: 0 }, spent: 0 });
    }
  }

  inTime(late, charts, now, period) {
    const costs = charts.filter(({ visible }) => visible).map(costOf);
    const isSlow = (cost) => cost > Math.max(period / 3, 3 * Math.min(...costs));
    const slow = sum(costs.filter(isSlow));
    const free = 1 - (sum(costs) - slow) / period - IDLE; // of each period, what the quick ones leave
    const every = sum(costs) > period ? Math.min(slow / Math.max(free, 0), LONGEST_MS) : 0;
    return late.filter((chart) => !isSlow(costOf(chart)) || now - chart.drawn >= every);
  }

  /* What a 3-D chart costs the graphics card shows only in how late the next two screen refreshes come. */
  weigh(now) {
    const { probe } = this;
    if (!probe || ++probe.ticks < 2) return;
    probe.chart.card = latest(probe.chart.card, Math.max(0, now - probe.since - this.spent - 2 * REFRESH_MS));
    this.probe = null;
  }
}
