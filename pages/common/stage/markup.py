"""What the component of the stage is made of: its elements, its style, and its scripts, one module in this order.

They serve in the app and in the film that plays alone. The way to the player is the first stop of the Tab key on the
page. What is true of the present step is read aloud where the player rests, and describes every chart.
"""

from pathlib import Path

_HERE = Path(__file__).parent
_PARTS = ("parts.js", "film.js", "in_place.js", "menu.js", "chart.js", "turns.js", "player.js", "stage.js")
_STYLES = ("stage.css", "charts.css", "menu.css", "player.css")
_ICONS = {
    "first": "M6 6h2v12H6zm3.5 6 8.5 6V6z",
    "back": "M15.41 7.41 14 6l-6 6 6 6 1.41-1.41L10.83 12z",
    "play": "M8 5v14l11-7z",
    "pause": "M6 19h4V5H6zm8-14v14h4V5z",
    "forward": "M10 6 8.59 7.41 13.17 12l-4.58 4.59L10 18l6-6z",
    "last": "M6 18l8.5-6L6 6zM16 6v12h2V6z",
    "cover": "M3 5h9v14H3zm11 0h2v2h-2zm0 6h2v2h-2zm0 6h2v2h-2zm5-12h2v2h-2zm0 6h2v2h-2zm0 6h2v2h-2z",
}


def _joined(names: tuple[str, ...]) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


def _icon(name: str, when: str = "") -> str:
    return f'<svg viewBox="0 0 24 24" aria-hidden="true" class="{when}"><path d="{_ICONS[name]}"/></svg>'


def _button(part: str, label: str, keys: str) -> str:
    names = f'aria-label="{label}" title="{label} ({keys})"'
    return f'<button type="button" data-part="{part}" {names}>{_icon(part)}</button>'


HTML = f"""
<div class="stage">
  <dl class="metrics"></dl>
  <div class="grid"></div>
  <div class="player" role="group" aria-label="Animation player" hidden>
    <button type="button" data-part="skip" tabindex="1">Skip to the player</button>
    <div class="buttons">
      {_button("first", "First step", "Home")}
      {_button("back", "Step back", "left arrow")}
      <button type="button" data-part="play" aria-label="Play">
        {_icon("play", "when-paused")}{_icon("pause", "when-playing")}
        <span class="word when-paused">Play</span><span class="word when-playing">Pause</span>
      </button>
      {_button("forward", "Step forward", "right arrow")}
      {_button("last", "Last step", "End")}
      {_button("cover", "Cover the future", "c")}
    </div>
    <input type="range" min="0" max="0" step="1" data-part="scrub" aria-label="Step">
    <span data-part="count" aria-hidden="true"></span>
    <label class="speed" title="Frames a second"><span class="word" aria-hidden="true">Frames</span>
      <select data-part="speed" aria-label="Speed in frames a second"></select></label>
    <span data-part="status" role="status" id="stage-finding"></span>
  </div>
  <template>
    <figure class="chart">
      <figcaption>
        <span class="title"></span>
        <details class="menu">
          <summary aria-label="Menu" title="Full screen, table, picture">⋮</summary>
          <div>
            <button type="button" data-does="fill">Full screen</button>
            <button type="button" data-does="table">As a table</button>
            <button type="button" data-does="png">Picture (PNG)</button>
            <button type="button" data-does="svg">Picture (SVG)</button>
            <label><input type="checkbox"> on white</label>
          </div>
        </details>
      </figcaption>
      <div class="plot">
        <div class="graph" role="img" aria-describedby="stage-finding"></div><div class="veil"></div>
      </div>
      <p class="refusal"></p>
    </figure>
  </template>
</div>
"""
CSS = _joined(_STYLES)
JS = _joined(_PARTS)
