/* ---- Whose turn it is to be drawn ---- */

const REFRESH_MS = 1000 / 60;
const MOST_WAITS = 1.5; // times what it takes: then a slow chart is drawn, though the player falls behind

class Turns {
  scenes = []; // of the last picture

  /* Bring charts to a step. While playing, those out of sight wait, and as long as the player is behind its pace so do
   * those that take more than a third of the time there is. A scene takes until the next picture: its card is mute. */
  paint(charts, step, now, { period, behind }) {
    for (const chart of this.scenes) chart.cost = Math.min(now - chart.drawn, 600); // more is a tab that was hidden
    const waits = ({ cost, drawn }) => period && behind && cost > period / 3 && now - drawn < MOST_WAITS * cost;
    const late = charts.filter((chart) => (period ? chart.seen : chart.visible) && chart.isLate(step) && !waits(chart));
    late.sort((one, other) => other.deep - one.deep); // a scene asks for its size: before anything has changed
    for (const chart of late) {
      const since = performance.now();
      if (chart.paint(step)) Object.assign(chart, { drawn: now, cost: performance.now() - since });
    }
    this.scenes = late.filter(({ deep, drawn }) => period && deep && drawn === now);
  }
}
