/* ---- The quiet menu of a chart: full screen, as a table, as a picture ---- */

const WHITE = { background: "#ffffff", text: "#1d232f", font: "sans-serif" };
const MOST_ROWS = 2000;
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

/* The whole screen where the browser gives it; the whole window on phones that do not. */
function fill({ box }) {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (box.requestFullscreen) box.requestFullscreen();
  else box.classList.toggle("filled");
}

/* The numbers that the chart shows at this step. */
function table({ box, still, figure, heading, stage }) {
  const dialog = document.createElement("dialog");
  const parts = figure.data.slice(0, still.data.length).map(tableOf);
  const close = `<form method="dialog"><button aria-label="Close">✕</button></form>`;
  dialog.innerHTML = `${close}<h4>${heading.innerHTML}, ${stage.where}</h4>${parts.join("")}`;
  dialog.addEventListener("close", () => dialog.remove());
  box.append(dialog);
  dialog.showModal();
}

function tableOf({ type = "scatter", name, x = [], y = [], z = [], text = [] }, number) {
  const isTable = z.length && z[0]?.length !== undefined;
  const columns = Object.entries({ x, y, z, text }).filter(([, values]) => values.length && typeof values !== "string");
  const count = isTable ? z.length : Math.max(0, ...columns.map(([, values]) => values.length));
  if (!count) return "";
  const head = isTable ? ["", ...x] : columns.map(([key]) => key);
  const cells = isTable ? (row) => [y[row] ?? row, ...z[row]] : (row) => columns.map(([, values]) => values[row]);
  const rows = Array.from({ length: Math.min(count, MOST_ROWS) }, (_, row) => tableRow(cells(row)));
  const more = count > MOST_ROWS ? `, the first ${MOST_ROWS} of ${count} rows` : "";
  const caption = `<caption>${escaped(name ?? `${type} ${number + 1}`)}${more}</caption>`;
  return `<table>${caption}${tableRow(head)}${rows.join("")}</table>`;
}

function tableRow(cells) {
  const said = (value) => escaped(typeof value === "number" ? +value.toPrecision(4) : (value ?? ""));
  return `<tr>${cells.map((value) => `<td>${said(value)}</td>`).join("")}</tr>`;
}

const escaped = (value) => String(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/* The chart as it is now, with its title, in twice the resolution. */
async function picture({ figure, name, heading, stage, size: [width, height] }, format, onWhite) {
  const colors = onWhite ? WHITE : { ...stage.colors, font: WHITE.font }; // a picture knows no fonts of the page
  const size = { width, height: height + TITLE_ROOM };
  const margin = { ...figure.layout.margin, t: (figure.layout.margin.t ?? 100) + TITLE_ROOM };
  const title = { text: heading.innerHTML, font: { size: 14 }, x: 0.01, xanchor: "left", y: 0.98, yanchor: "top" };
  const dress = { ...size, margin, title, template: templateOf(colors), paper_bgcolor: colors.background };
  const link = document.createElement("a");
  link.href = await window.Plotly.toImage(
    { data: figure.data, layout: { ...figure.layout, ...dress }, config: CONFIG },
    { ...size, format, scale: format === "png" ? 2 : 1 },
  );
  link.download = `${stage.fileName(name)}.${format}`;
  link.click();
}
