"""Curves of a race: one for each optimizer, over the steps, with a cursor and a dot where each of them is now.

What is not drawn has a reason: a run that has diverged has no further values, a log axis has no place for what is zero
or negative. Theory is a thin dashed line, named over the picture.
"""

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from engine.descent import RaceResult
from pages.common import theme
from pages.figures import arrays, base, scales
from pages.figures.step_charts import cursor_and_dots

MOST_POINTS, POINTS = 400, 3200  #: of a curve, and of all of them
FEWEST_LOG = 1e-16  #: a log axis ends here: below it is rounding


class Curves(NamedTuple):
    """What the curves show."""

    title: str
    steps: np.ndarray
    """[n] int"""
    values: np.ndarray
    """[n, R]"""
    log: bool = True
    theory: tuple[tuple[float, str], ...] = ()
    """Horizontal lines: value and name."""
    low: float = -np.inf
    high: float = np.inf
    """What the axis is made for: a run that diverges leaves the picture and does not set its scale."""
    pinned: np.ndarray | None = None
    """[m]: of a pinned run, A, at its own steps from 0 on; drawn in grey."""


def curves_figure(
    curves: Curves, result: RaceResult, titles: dict[str, str], *, at: int = -1, height: int = theme.SIDE
) -> go.Figure:
    """The curves of a race; the cursor moves with its key frames."""
    values = curves.values
    if curves.log:
        values = np.where(values > 0, np.maximum(values, FEWEST_LOG), np.nan)
    held = np.where((values >= curves.low) & (values <= curves.high), values, np.nan)
    known = [value for value, _ in curves.theory if np.isfinite(value)]
    of_a = np.array([]) if curves.pinned is None else curves.pinned
    of_a = np.where(of_a > 0, np.maximum(of_a, FEWEST_LOG), np.nan) if curves.log else of_a
    shown = np.where((of_a >= curves.low) & (of_a <= curves.high), of_a, np.nan)
    span = scales.limits(np.concatenate([held.ravel(), shown, known]), log=curves.log)
    drawn, last = arrays.near(values, span, curves.log), int(result.steps[-1])
    still, most = [], curve_points(len(result.names))
    for i, name in enumerate(result.names):
        style, kept = theme.OPTIMIZERS[name], arrays.envelope(values[:, i], most)
        hover = f"{titles[name]}, step %{{x}}<br>%{{y:.4g}}"
        line = {"width": 1.75, "color": style.color, "dash": style.dash}
        still.append(base.scatter("lines", arrays.whole(curves.steps[kept]), drawn[kept, i], hover, line=line))
    if len(of_a):
        kept, line = arrays.envelope(of_a, most), {"width": 2, "color": theme.NEUTRAL, "dash": "dash"}
        drawn_a = arrays.near(of_a[kept], span, curves.log)
        still.append(
            base.scatter("lines", arrays.whole(kept), drawn_a, "A, step %{x}<br>%{y:.4g}", line=line, name="A")
        )
    for value, text in curves.theory:
        if np.isfinite(value):
            ends = arrays.single([value, value])
            still.append(base.scatter("lines", arrays.whole([0, last]), ends, text, line=theme.THEORY, name=text))
    dots = arrays.inside(values, span, curves.log)
    styles = [theme.OPTIMIZERS[name] for name in result.names]
    marker = {"size": 8, "color": [s.color for s in styles], "symbol": [s.symbol for s in styles]}
    dots = dots[np.searchsorted(curves.steps, result.steps)]
    moving, frames = cursor_and_dots(result.steps, dots, marker, first=len(still), at=at)
    layout = theme.layout(
        height,
        title={"text": f"{curves.title} (log)" if curves.log else curves.title},
        margin={"t": 30, "r": 8, "l": 44, "b": 34},
        xaxis=theme.axis("step", range=[-0.012 * max(last, 1), 1.012 * max(last, 1)]),
        yaxis=scales.value_axis("", span, log=curves.log) | {"title": {"text": ""}},
        yaxis2=base.overlay(),
        showlegend=bool(known) or len(of_a) > 0,
    )
    return base.Animated([*still, *moving], layout, frames)


def curve_points(curves: int) -> int:
    """How many points each of several curves or paths may have."""
    return min(MOST_POINTS, POINTS // curves)
