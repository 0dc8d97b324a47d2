"""A, the pinned run, in a chart of a study: a grey line across it with its number, or a mark on its colour scale.

Where its number lies beyond the scale the line, or the mark, is at its end.
"""

from typing import Any

import numpy as np

from pages.common import theme
from pages.common.text import number
from pages.figures import base
from pages.figures.study.scale import ARROW, Scale

LINE = {"color": theme.NEUTRAL, "width": 1.5}
LINE_HEIGHT = 16  #: of words, in pixels
CLOSE = 0.09  #: parts of the scale of colours that two of its words need


def with_pinned(values: np.ndarray, pinned: float | None) -> np.ndarray:
    """The values and that of A, of which a range is made."""
    return values if pinned is None else np.append(values, pinned)


def across(pinned: float | None, scale: Scale, *, name: str = "A", dash: str = "solid", left: bool = False) -> Any:
    """The line of A as `(shapes, annotations)` of a layout, its words at the right or the left end; none without A."""
    if pinned is None or not np.isfinite(pinned) or (scale.log and pinned <= 0):
        return [], []
    far = scale.is_past_end(pinned)
    line = level(scale.end if far else pinned, LINE | {"dash": dash})
    if far:
        return [line], [at_end(f"{name} {ARROW} {number(pinned, 3)}", scale, left=left)]
    place = {"yref": "y", "y": float(scale.at(pinned))}  # a shape wants the value, a note its power
    return [line], [base.note(f"{name} {number(pinned, 3)}", **place, **_side(left=left))]


def level(value: float, line: dict[str, Any]) -> dict[str, Any]:
    """A line across a chart."""
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value, "line": line}


def at_end(text: str, scale: Scale, *, left: bool, below: int = 0) -> dict[str, Any]:
    """Words under a line at the end of the scale, so many lines of words `below` it; clear of arrows there."""
    place = {"yref": "y", "y": scale.span[1], "yanchor": "top", "yshift": -5 - LINE_HEIGHT * below}
    return base.note(text, **_side(left=left) | place)


def _side(*, left: bool) -> dict[str, Any]:
    return {"x": 0, "xanchor": "left"} if left else {"x": 1, "xanchor": "right"}


def on_scale(bar: dict[str, Any], pinned: float | None, span: tuple[float, float], *, log: bool) -> dict[str, Any]:
    """The scale of colours with A among its ticks, in place of those that would touch its words."""
    if pinned is None or not np.isfinite(pinned) or (log and pinned <= 0):
        return bar
    place = min(float(np.log10(pinned)) if log else pinned, span[1])  # what is beyond the scale stands at its end
    apart = CLOSE * (span[1] - span[0])
    kept = [(at, text) for at, text in zip(bar["tickvals"], bar["ticktext"], strict=True) if abs(at - place) > apart]
    ticks = sorted([*kept, (place, f"<b>A {number(pinned, 2)}</b>")])
    return bar | {"tickvals": [at for at, _ in ticks], "ticktext": [text for _, text in ticks]}
