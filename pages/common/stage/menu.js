/* ---- The quiet menu of a chart: full screen, as a table, as a picture ---- */

const WHITE = { background: "#ffffff", text: "#1d232f", font: "sans-serif" };
const MOST_ROWS = 2000;
const CLOSE = `<form method="dialog"><button aria-label="Close">✕</button></form>`;
const TITLE_ROOM = 30; // pixels over a picture

function openMenu(chart) {
  const menu = chart.box.querySelector(".menu");
  const does = { fill, table, png: picture, svg: picture };
  menu.addEventListener("click", ({ target: { dataset } }) => {
    if (!dataset.does) return;
    menu.open = false;
    does[dataset.does](chart, dataset.does, menu.querySelector("input").checked);
  });
  menu.addEventListener("keydown", ({ key }) => key === "Escape" && (menu.open = false));
  menu.addEventListener("focusout", ({ relatedTarget }) => menu.contains(relatedTarget) || (menu.open = false));
  menu.addEventListener("pointerdown", (event) => event.target.closest("label, button") && event.preventDefault());
}

/* Chart and player have the whole screen where the browser gives it, the whole window on phones that do not. */
function fill({ box, stage: { root, charts, player } }) {
  player.part("play").focus(); // which has the space bar now
  root.parentElement.style.setProperty("--kept", `${root.offsetHeight}px`); // so that the page does not scroll
  for (const one of charts) one.box.classList.toggle("alone", one.box === box);
  if (document.fullscreenElement) document.exitFullscreen();
  else if (document.fullscreenEnabled) root.requestFullscreen();
  else root.classList.toggle("filled");
}

/* The numbers of the chart at this step, under the names that tables.py has found for them. */
function table(chart) {
  const { box, given, heading, stage } = chart;
  const dialog = document.createElement("dialog");
  const parts = given.tables.map((one) => tableOf(chart, one)).join("") || "This picture has no numbers of its own.";
  dialog.innerHTML = `${CLOSE}<h4>${heading.innerHTML}, ${stage.where}</h4>${parts}`;
  dialog.addEventListener("close", () => dialog.remove());
  box.append(dialog);
  dialog.showModal();
}

function tableOf({ figure: { data }, given, step, stage }, { caption, columns, across }) {
  const [first, second] = columns;
  const { [first.at[0]]: own, x, meta } = data[first.trace];
  const when = meta?.steps ?? (given.over_steps ? x : []);
  const known = (_, index) => !stage.player.memory.covered || !(when[index] > step);
  const value = ({ trace, at: [key, part], share }, row) => {
    const list = data[trace][key];
    const found = part === undefined ? list[row] : list.length === undefined ? list[part][row] : list[row][part];
    return share ? `${+(100 * found).toPrecision(3)} %` : found;
  };
  const [high, wide] = across || [own.length ?? x.length]; // a map may give the edges of its cells, one more than these
  const name = (row) => (first.at[0] === "text" ? own[row][0] : own.length === high ? own[row] : row + 1);
  const cells = across ? (row) => [name(row), ...[...value(second, row)].filter(known)]
    : (row) => columns.map((column) => value(column, row));
  const rows = [...Array(high).keys()].filter((row) => across || (known(row, row) && !Number.isNaN(value(first, row))));
  const over = across && (x.length === wide ? [...x] : [...Array(wide).keys()].map((column) => column + 1));
  const head = across ? ["", ...over.filter(known)] : columns.map((column) => column.head);
  const more = rows.length > MOST_ROWS ? `, the first ${MOST_ROWS} of ${rows.length} rows` : "";
  const body = rows.slice(0, MOST_ROWS).map((row) => tableRow(cells(row)));
  return `<table><caption>${escaped(caption)}${more}</caption>${tableRow(head)}${body.join("")}</table>`;
}

function tableRow(cells) {
  const said = (value) => escaped(Number.isNaN(value) ? "–" : typeof value === "number" ? +value.toPrecision(4) : (value ?? ""));
  return `<tr>${cells.map((value) => `<td>${said(value)}</td>`).join("")}</tr>`;
}

const escaped = (value) => String(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/* The chart as it is now, with its title and its veil, in twice the resolution. */
function picture({ figure, gd, given, step, name, heading, stage, size: [width, height] }, format, onWhite) {
  const colors = onWhite ? WHITE : { ...stage.colors, font: WHITE.font }; // a picture knows no fonts of the page
  const size = { width, height: height + TITLE_ROOM };
  const margin = { ...figure.layout.margin, t: (figure.layout.margin.t ?? 100) + TITLE_ROOM };
  const title = { text: heading.innerHTML, font: { size: 14 }, x: 0.01, xanchor: "left", y: 0.98, yanchor: "top" };
  const [from, to] = given.over_steps ? [step, Math.max(...gd._fullLayout.xaxis.range)] : [0, 0];
  const place = { type: "rect", yref: "paper", x0: from, x1: to, y0: 0, y1: 1 };
  const look = { fillcolor: colors.background, opacity: stage.player.memory.covered ? 1 : 0.62, line: { width: 0 } };
  const shapes = [...(figure.layout.shapes ?? []), ...(to > from ? [{ ...place, ...look }] : [])];
  const dress = { ...size, margin, title, shapes, template: templateOf(colors), paper_bgcolor: colors.background };
  const file = { ...size, format, scale: format === "png" ? 2 : 1, filename: stage.fileName(name) };
  return window.Plotly.downloadImage({ data: figure.data, layout: { ...figure.layout, ...dress }, config: CONFIG }, file);
}
