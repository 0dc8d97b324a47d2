/* What is cut, and what lies over what: a sentence each. */
() => {
  const faults = [];
  const wide = window.innerWidth, high = window.innerHeight;
  const box = (element) => element.getBoundingClientRect();
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && box(element).width > 1;
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)].filter(seen);
  const within = (part, whole, slack = 2) => part.left >= whole.left - slack && part.right <= whole.right + slack
    && part.top >= whole.top - slack && part.bottom <= whole.bottom + slack;
  const over = (a, b, slack = 2) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > slack
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > slack;
  const pairs = (list, say) => list.forEach((one, index) => list.slice(index + 1).forEach((two) =>
    over(box(one), box(two)) && faults.push(say(one, two))));
  const words = (element) => (element.textContent ?? "").trim().slice(0, 40);
  const rolls = (element) => {
    for (let e = element; e; e = e.parentElement) if (/auto|scroll|hidden/.test(getComputedStyle(e).overflowX)) return e;
  };

  if (document.scrollingElement.scrollWidth > wide) faults.push(`the page is ${document.scrollingElement.scrollWidth} wide`);
  const main = document.querySelector(".stMain");
  for (const one of all("button, label, p, h1, h2, h3, input, .katex-html", main)) {
    const frame = rolls(one);
    const own = frame !== main && frame !== rolls(main) && frame.scrollWidth > frame.clientWidth && /auto|scroll/.test(getComputedStyle(frame).overflowX);
    if (!own && !one.closest(".stage [hidden]") && box(one).right > wide + 1) faults.push(`"${words(one)}" is cut at the right`);
  }
  pairs(all(".stMain .stElementContainer").filter((one) => !one.querySelector(".stElementContainer, .stPlotlyChart")),
    (a, b) => `"${words(a)}" and "${words(b)}" overlap`);

  const stage = document.querySelector(".stage");
  if (!stage) return faults;
  const charts = all(".chart", stage);
  pairs(charts, (a, b) => `the charts ${a.dataset.chart} and ${b.dataset.chart} overlap`);
  if (box(stage).width < 440 && new Set(charts.map((chart) => box(chart).left)).size > 1) faults.push("not one column");
  for (const chart of charts) {
    const { chart: name } = chart.dataset;
    const title = chart.querySelector(".title"), graph = chart.querySelector(".js-plotly-plot");
    if (box(chart).left < box(stage).left - 1 || box(chart).right > box(stage).right + 1) faults.push(`${name} leaves the stage`);
    if (title.scrollWidth > title.clientWidth) faults.push(`${name}: its title "${words(title)}" is cut`);
    if (!graph?._fullLayout) continue;
    for (const text of all(".legend .legendtext, .g-xtitle, .g-ytitle, .xtick, .ytick, .annotation-text, .textpoint, .cbaxis text", graph)) {
      if (!within(box(text), box(chart))) faults.push(`${name}: "${words(text)}" is cut`);
    }
    for (const ticks of [".xtick", ".ytick"]) pairs(all(`${ticks} text`, graph), (a, b) => `${name}: ticks "${words(a)}" and "${words(b)}" touch`);
    for (const axis of Object.keys(graph._fullLayout).filter((key) => /^yaxis/.test(key))) {
      const { type, visible, overlaying, range, _length: long } = graph._fullLayout[axis];
      if (!visible || overlaying || type === "category" || long < 20) continue;
      const ticks = all(`.${axis.replace("axis", "")}tick text`, graph).length;
      if (ticks < 2 && !(type === "log" && range[1] - range[0] < 2)) faults.push(`${name}: ${axis} has ${ticks} ticks`);
    }
    pairs(all(".heatmaplayer text", graph), (a, b) => `${name}: the numbers "${words(a)}" and "${words(b)}" touch`);
    const plot = [...graph.querySelectorAll(".bglayer .bg, .subplot .plot")].map(box);
    for (const legend of all(".legend .legendtext", graph)) {
      if (plot.some((area) => over(area, box(legend)))) faults.push(`${name}: the legend "${words(legend)}" lies over data`);
    }
    if (["film", "maps", "filters", "wrong", "diagram"].includes(name)) pairs(all(".textpoint text", graph), (a, b) => `${name}: "${words(a)}" and "${words(b)}" overlap`);
  }
  const player = stage.querySelector(".player");
  const first = box(charts[0]);
  let bottom = high;
  if (!player.hidden) {
    const { top, height, bottom: end } = box(player);
    if (height > high / 5) faults.push(`the player takes ${height} of ${high}`);
    if (end > high + 1 && wide !== 820) faults.push("the player is below the first screen");
    bottom = top;
    pairs(all("button, select, input", player), () => "two parts of the player overlap");
  }
  if (Math.min(first.bottom, bottom) - first.top < 110) faults.push(`of the first chart ${Math.min(first.bottom, bottom) - first.top} px are on the first screen`);
  return faults;
}
