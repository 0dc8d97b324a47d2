/* ---- Paper: before a page is printed its charts are drawn for it, black on white, whatever the screen's size ---- */

const WIDTH = "940px"; // as in the style sheet, which makes it smaller: two columns, with words that can be read
const PAPER = 680; // pixels between the margins of A4
const INK = { "--st-text-color": "#000000", "--st-background-color": "#ffffff" };
const DARK = 0.5; // of the lightness of the page, 0 to 1
const stages = () => new Set([...document.querySelectorAll(".stage .chart")].flatMap(({ chart }) => chart?.stage ?? []));

function lightness(element) {
  const [red, green, blue] = getComputedStyle(element).backgroundColor.match(/[\d.]+/g).map(Number);
  return (red + green + blue) / 3 / 255;
}

const tables = () => document.querySelectorAll(".stDataFrame");

window.onbeforeprint = () => {
  document.body.classList.toggle("paper-from-dark", lightness(document.querySelector(".stApp")) < DARK);
  for (const table of tables()) {
    const { clientWidth } = table; // of what is on its canvas, which is drawn for the screen
    Object.assign(table.style, { width: `${clientWidth}px`, zoom: Math.min(1, PAPER / clientWidth) });
  }
  for (const stage of stages()) {
    for (const name in INK) stage.root.style.setProperty(name, INK[name]);
    stage.root.style.width = WIDTH;
    stage.dress();
    stage.fit();
    for (const chart of stage.charts) if (chart.isLate(stage.player.step)) chart.paint(stage.player.step);
  }
};

window.onafterprint = () => {
  for (const table of tables()) Object.assign(table.style, { width: "", zoom: "" });
  for (const stage of stages()) {
    for (const name of [...Object.keys(INK), "width"]) stage.root.style.removeProperty(name);
    stage.dress();
    stage.resize();
  }
};
