"""Points drawn by hand: a click sets one of the chosen class, a click on a point takes it away.

They are the data set "drawn", and stand in the link as its `points`.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from engine.datasets.given import DIGITS, EDGE, LETTERS, Point
from engine.experiment import SETTINGS
from pages.common import theme
from pages.common.editor.component import declare, mount
from pages.common.link.changes import change

_POINTS = SETTINGS["points"]
_HOW = "Arrow keys move the cursor, Enter sets a point or takes it away, 1 to 3 choose the class."


def _choice(label: int, color: str) -> str:
    radio = f'<input type="radio" name="label" value="{label}">'
    return f'<label>{radio}<i style="background: {color}"></i>class {label}</label>'


_COLORS = {classes: theme.class_colors(classes) for classes in (2, len(LETTERS))}
_component = declare(
    "canvas",
    f"""
<div class="editor canvas">
  <div class="classes" role="radiogroup" aria-label="Class of new points">
    {"".join(_choice(label, _COLORS[len(LETTERS)][label]) for label in range(len(LETTERS)))}
  </div>
  <svg viewBox="{-EDGE} {-EDGE} {2 * EDGE} {2 * EDGE}" tabindex="0" role="application"
       aria-label="{escape(_POINTS.label)}. {_HOW}">
    <path class="axes" d="M{-EDGE} 0H{EDGE}M0 {-EDGE}V{EDGE}"/>
    <g data-piece="points"></g>
    <path class="cursor" data-piece="cursor" d="M-.6 0H.6M0 -.6V.6"/>
  </svg>
  <div class="row">
    <span data-piece="count" role="status"></span>
    <button type="button" data-does="undo">Undo</button>
    <button type="button" data-does="clear">Clear</button>
  </div>
  <p class="problem" data-piece="problem" role="alert" hidden></p>
</div>
""",
)


def canvas(points: tuple[Point, ...]) -> None:
    """Show the points, to be drawn on."""
    shown = {
        "points": tuple(points),
        "most": _POINTS.most,
        "edge": EDGE,
        "digits": DIGITS,
        "colors": tuple(_COLORS[len(LETTERS)]),
        "pair": tuple(_COLORS[2]),
    }
    mount(_component, "canvas", shown, _drawn)


def _drawn(news: Mapping[str, Any]) -> None:
    points = tuple(Point(int(label), float(x), float(y)) for label, x, y in news["points"])
    change({"points": _POINTS.format(_POINTS.check(points))})
