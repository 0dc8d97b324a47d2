/* ---- Hidden layers as text, and the column of one layer ---- */

/* `{ widths }` of a text such as 8 8 8, 8,8,8, 8-8-8 or 20x64 (twenty layers of 64), or `{ problem }`, a sentence. */
function read(text, { low, high, most }) {
  if (/^\s*(none|0)?\s*$/i.test(text)) return { widths: [] };
  const widths = [];
  for (const part of text.trim().split(/[\s,;-]+/)) {
    const [, times, width] = /^(?:(\d{1,9})[x×*])?(\d{1,9})$/i.exec(part) ?? [];
    const shown = part.length > 20 ? `${part.slice(0, 19)}…` : part;
    if (!width) return { problem: `“${shown}” is no number of units: write 8 8 8, 8-8-8 or 20x64.` };
    if (width < low || width > high) return { problem: `A layer has ${low} to ${high} units, not ${width}.` };
    const many = times ?? 1;
    if (widths.length + +many > most) return { problem: `There can be at most ${most} hidden layers.` };
    widths.push(...Array(+many).fill(+width));
  }
  return { widths };
}

/* The column of a layer, made from that of all: with its number of units, and an activation of its own. */
function columnOf(all, number, options) {
  const column = all.cloneNode(true);
  column.hidden = false;
  column.removeAttribute("data-piece");
  const [more, shown, fewer] = column.children;
  more.setAttribute("aria-label", `Add a unit to layer ${number}`);
  fewer.setAttribute("aria-label", `Remove a unit from layer ${number}`);
  shown.outerHTML = `<span class="units"></span>
    <input type="text" data-piece="width" inputmode="numeric" role="spinbutton" aria-label="Units of layer ${number}">`;
  fewer.insertAdjacentHTML(
    "afterend",
    `<select data-piece="own" aria-label="Activation of layer ${number}">${options}</select>`,
  );
  return column;
}
