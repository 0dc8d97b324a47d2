"""A, the pinned run, in a chart of a study: a grey line across it with its number, or a mark on its colour scale."""

from typing import Any

import numpy as np

from pages.common import theme
from pages.common.text import number
from pages.figures import base

LINE = {"color": theme.NEUTRAL, "width": 1.5}
CLOSE = 0.09  #: parts of the scale of colours that two of its words need


def with_pinned(values: np.ndarray, pinned: float | None) -> np.ndarray:
    """The values and that of A, of which a range is made."""
    return values if pinned is None else np.append(values, pinned)


def across(pinned: float | None, *, log: bool = False, name: str = "A", dash: str = "solid", left: bool = False) -> Any:
    """The line of A as `(shapes, annotations)` of a layout, its words at the right or the left end; none without A."""
    if pinned is None or not np.isfinite(pinned) or (log and pinned <= 0):
        return [], []
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": pinned, "y1": pinned}
    place = {"yref": "y", "y": float(np.log10(pinned)) if log else pinned}  # a shape wants the value, a note its power
    side = {"x": 0, "xanchor": "left"} if left else {"x": 1, "xanchor": "right"}
    note = base.note(f"{name} {number(pinned, 3)}", **place, **side, yanchor="bottom")
    return [line | {"line": LINE | {"dash": dash}}], [note]


def on_scale(bar: dict[str, Any], pinned: float | None, span: tuple[float, float], *, log: bool) -> dict[str, Any]:
    """The scale of colours with A among its ticks, in place of those that would touch its words."""
    if pinned is None or not np.isfinite(pinned) or (log and pinned <= 0):
        return bar
    place = min(float(np.log10(pinned)) if log else pinned, span[1])  # what is beyond the scale stands at its end
    apart = CLOSE * (span[1] - span[0])
    kept = [(at, text) for at, text in zip(bar["tickvals"], bar["ticktext"], strict=True) if abs(at - place) > apart]
    ticks = sorted([*kept, (place, f"<b>A {number(pinned, 2)}</b>")])
    return bar | {"tickvals": [at for at, _ in ticks], "ticktext": [text for _, text in ticks]}
