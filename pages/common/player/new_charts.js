/* ---- New charts ----
 *
 * Streamlit throws a changed chart away and draws it anew, at the step of the server and with the first camera; a moment
 * later again, from a copy that differs in the width it has measured by then. Here a chart is born at the step, with the
 * camera of the player and with its width: no flash, and a copy that says the same need not be drawn.
 *
 * A new chart that draws with WebGL would also need a new context and all its shaders (up to 0.4 s without a graphics
 * card). So the graph div of the old one moves into the div that Streamlit has made for the new one, which passes on
 * what it is asked.
 */

const BIRTH_MS = 2000;
const HOMELESS_MS = 1000;
const STATE = ["data", "layout", "calcdata", "_context", "_fullData", "_fullLayout", "_transitionData"];
const EVENTS = ["on", "once", "emit", "removeListener", "removeAllListeners"];
const births = new WeakMap(); // div of Streamlit -> its first figure in words, and until when a copy may come
const tenants = new Map(); // key of a WebGL chart -> graph div, the div of Streamlit that it lives in, and its last timer
const left = new WeakSet(); // divs of Streamlit whose graph div has moved out
let attended = null; // takes the player out of Plotly again

const graphDiv = (home) => [...tenants.values()].find((tenant) => tenant.home === home)?.gd ?? home;

/* Know a WebGL chart by its key, and move it into the newest div that Streamlit has made for it. */
function settleIn(name, home) {
  const tenant = tenants.get(name);
  if (!tenant) tenants.set(name, { gd: home, home });
  if (!tenant || tenant.home === home) return;
  const { gd } = tenant;
  clearTimeout(tenant.timer);
  left.add(tenant.home);
  gd.removeAllListeners(); // those of the old one
  players.forEach((player) => player.charts.get(gd)?.listen());
  gd.style.visibility = "";
  home.append(gd);
  for (const part of STATE) Object.defineProperty(home, part, { get: () => gd[part], configurable: true });
  for (const event of EVENTS) home[event] = (...about) => gd[event](...about);
  tenants.set(name, { gd, home });
}

function attend() {
  const { Plotly } = window;
  if (!Plotly || attended) return;
  const { react, purge } = Plotly;

  const attending = (home, figure, ...rest) => {
    if (!Array.isArray(figure?.data)) return react(home, figure, ...rest);
    if (left.has(home)) return Promise.resolve(home);
    const { layout } = figure;
    const birth = births.get(home);
    const young = birth && performance.now() < birth.until;
    try {
      const cared = [...players].some(({ scope }) => home.closest(scope));
      const webgl = layout.scene || figure.data.some(({ type }) => type === "scattergl");
      if (!birth && cared && webgl && nameOf(home)) settleIn(nameOf(home), home);
      const gd = graphDiv(home);
      if (!birth) players.forEach((player) => player.charts.get(gd)?.look());
      if (young && figure.data === gd.data && layout === gd.layout) return Promise.resolve(gd);
      players.forEach((player) => player.prepare(gd, figure));
      if (!birth) layout.width ??= home.closest(".stPlotlyChart")?.getBoundingClientRect().width || undefined;
      const words = portrait(figure);
      if (young && words === birth.words) return Promise.resolve(gd);
      births.set(home, { words, until: birth ? 0 : performance.now() + BIRTH_MS });
    } catch (error) {
      console.error("Player: a new chart could not be brought to the step.", error);
    }
    const gd = graphDiv(home);
    // Plotly would begin anew with another configuration, and each of Streamlit's has a function of its own.
    return react(gd, gd === home ? figure : { ...figure, config: gd._context }, ...rest);
  };

  const parting = (home) => {
    const [name, tenant] = [...tenants].find(([, { home: own }]) => own === home) ?? [];
    if (!tenant) return left.has(home) ? home : purge(home);
    tenant.timer = setTimeout(() => {
      tenants.delete(name);
      purge(tenant.gd);
    }, HOMELESS_MS);
    return home;
  };

  Object.assign(Plotly, { react: attending, purge: parting });
  attended = () => {
    if (Plotly.react === attending) Object.assign(Plotly, { react, purge });
    attended = null;
  };
}

/* What a figure says. Streamlit makes the title bold once more with every copy, and lets the mouse drag a chart that
 * can be clicked; Plotly writes down what axes are. */
function portrait({ data, layout }) {
  const { dragmode, hovermode, ...said } = layout;
  return JSON.stringify([data, said]).replaceAll(/<\/?b>|,"type":"linear"/g, "");
}
