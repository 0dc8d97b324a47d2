/* Words that are paler than 4.5:1 on what is behind them, or smaller than 12 px: a sentence each. */
() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const known = {};
  const rgba = (text) => known[text] ??= (() => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = text;
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  })();
  const over = (top, below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3]));
  const light = (color) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, at) => {
    const part = color[at] / 255;
    return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  }, 0);
  const up = function* (element) { for (let e = element; e; e = e.parentElement) yield e; };
  const behind = (element) => [...up(element)].map((e) => rgba(getComputedStyle(e).backgroundColor)).reverse()
    .reduce((below, top) => over(top, below), [255, 255, 255]);
  const found = [];
  const texts = document.createTreeWalker(document.querySelector(".stApp"), NodeFilter.SHOW_TEXT);
  const skipped = "script, style, template, option, :disabled, [aria-disabled=true], [data-testid=stIconMaterial], sup, sub, .katex, "
    + ".stTooltipHoverTarget [aria-hidden], [data-testid=stSliderThumbValue], .stSlider [aria-hidden]";
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, word = texts.currentNode.data.trim();
    if (!/[\p{L}\p{N}]/u.test(word) || element.closest(skipped)) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.getBoundingClientRect().width <= 1) continue;
    const style = getComputedStyle(element), inPicture = element.ownerSVGElement;
    const [red, green, blue, alpha] = rgba(inPicture ? style.fill : style.color);
    const below = behind(element);
    const opacity = [...up(element)].reduce((all, e) => all * getComputedStyle(e).opacity, alpha);
    const [low, high] = [light(over([red, green, blue, opacity], below)), light(below)].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    const onMap = inPicture && element.closest(".cartesianlayer");
    if (contrast < 4.5 && !onMap) found.push(`"${word.slice(0, 30)}" has ${contrast.toFixed(1)}:1`);
    if (parseFloat(style.fontSize) < 11.99 && !element.closest("tspan")) found.push(`"${word.slice(0, 30)}" has ${style.fontSize}`);
  }
  return [...new Set(found)];
}
