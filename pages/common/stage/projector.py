"""Charts for a room: words of 16 px and more, lines and marks that are seen from its last row.

A figure says its sizes in pixels, so they are multiplied where they stand, in what stands still and in its frames.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pages.common.stage.charts import Chart, plain_of
from pages.common.ticks import every_power

WORDS, LINES, MARKS = 4 / 3, 1.6, 1.35  #: how much larger: 12 px become 16
MOST_DECADES = 3  #: with a tick of their own: powers of ten are high
FONT = 12  #: pixels of words that a figure says no size of
#: What is multiplied by which factor, by the names of a property and of what it belongs to.
_FACTORS = {
    **{(owner, "size"): WORDS for owner in ("font", "tickfont", "textfont", "titlefont")},
    **{("margin", side): WORDS for side in "lrtb"},
    ("meta", "heads"): WORDS,
    ("line", "width"): LINES,
    ("marker", "size"): MARKS,
    ("colorbar", "thickness"): WORDS,
    ("title", "standoff"): WORDS,
}
_SHIFTS = ("xshift", "yshift")


@dataclass(frozen=True)
class Enlarged:
    """A figure as the stage reads it."""

    plain: Mapping[str, Any]


def enlarged(chart: Chart) -> Chart:
    """The chart with larger words, marks and heights."""
    figure = _grown(plain_of(chart.figure))
    layout = figure.get("layout") or {}
    figure |= {"layout": layout | {"font": {"size": FONT * WORDS} | (layout.get("font") or {})}}
    heights = {"smallest": round(chart.smallest * WORDS), "largest": round(chart.largest * WORDS)}
    return replace(chart, figure=Enlarged(figure), **heights)


def first_rows(charts: Sequence[Chart]) -> int:
    """How many rows share the first screen: those of the charts at the top, so that these fill it."""
    return max((chart.place.rows for chart in charts if chart.place.row == 1), default=1)


def _grown(node: Any, owner: str = "") -> Any:
    if isinstance(node, Mapping):
        if node.get("type") == "log" and "dtick" in node:
            node = {**node, "dtick": every_power(node["range"], MOST_DECADES) or node["dtick"]}
        return {key: _value(owner, key, value) for key, value in node.items()}
    if isinstance(node, list | tuple) and any(isinstance(one, Mapping) for one in node):
        return [_grown(one) for one in node]
    return node


def _value(owner: str, key: str, value: Any) -> Any:
    factor = _FACTORS.get((owner, key)) or (WORDS if key in _SHIFTS else None)
    if factor is None:
        return _grown(value, key)
    if isinstance(value, np.ndarray | Sequence) and not isinstance(value, str):
        return (np.asarray(value, np.float32) * factor).tolist()
    return value * factor
