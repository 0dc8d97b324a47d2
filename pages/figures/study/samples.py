"""How much a result owes to luck and to the amount of data: the folds of a cross-validation, and a learning curve."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.text import number
from pages.figures import base, scales
from pages.figures.study.pinned import across, at_end, level
from pages.figures.study.scale import ARROW, Scale, scale_of

STYLES = {"train": theme.TRAIN, "test": theme.TEST}


def folds_figure(
    values: Mapping[str, np.ndarray],
    title: str,
    pinned: Mapping[str, float] | None = None,
    *,
    top: float = np.inf,
    height: int = theme.MAIN,
) -> go.Figure:
    """A measure on the part that was trained on and on the part that was held back, fold by fold.

    `values` are `[folds]` for "train" and "test"; a dotted line is the mean over the folds. `pinned` are the values of
    A, the pinned run, for both; what is above `top` is beyond the scale. A line that is not on the axis is at its end.
    """
    count = len(next(iter(values.values())))
    scale = scale_of(np.concatenate([*values.values(), *_reach(pinned)]), top, straight=True)
    places, traces = np.arange(1, count + 1), []
    lines, notes = _of_a(pinned, scale)
    for part, found in values.items():
        style = STYLES[part]
        filled = {"symbol": "circle" if part == "train" else "circle-open", "size": 11, "color": style["color"]}
        hover = f"fold %{{x}}, {part}: %{{y:.4g}}"
        traces.append(base.scatter("markers", places, found, hover, name=part, marker=filled | {"line": {"width": 2}}))
        traces += scale.arrows(places, found, f"{part}, fold ")
        if np.isfinite(found).any():
            mean = float(np.nanmean(found))
            far = scale.is_past_end(mean)
            drawn = {"color": style["color"], "width": 1.5, "dash": "dot"}
            lines.append(level(scale.end if far else mean, drawn))
            if far:  # under the words of A
                said = f"mean, {part} {ARROW} {number(mean, 3)}"
                notes.append(at_end(said, scale, left=part == "train", below=1))
    layout = theme.layout(
        height,
        title={"text": scale.titled(f"{title}, fold by fold")},
        xaxis=theme.axis("fold", tickvals=places.tolist(), range=[0.5, count + 0.5]),
        yaxis=scales.value_axis("", scale.span, log=False) | {"title": {"text": ""}},
        shapes=lines,
        annotations=notes,
    )
    return base.Animated(traces, layout)


def learning_figure(
    sizes: np.ndarray,
    found: Mapping[str, Any],
    title: str,
    pinned: Mapping[str, float] | None = None,
    *,
    top: float = np.inf,
    height: int = theme.MAIN,
) -> go.Figure:
    """A measure against the number of samples, for "train" and "test": median over the seeds, band from low to high.

    `pinned` are the values of A, the pinned run, for both, whatever number of samples it has; what is above
    `top` is beyond the scale.
    """
    bands = [part for spread in found.values() for part in (spread.low, spread.high)]
    scale = scale_of(np.concatenate([*bands, *_reach(pinned)]), top)
    of_a, notes = _of_a(pinned, scale)
    traces = []
    for part, spread in found.items():
        style = STYLES[part]
        band = np.concatenate([spread.high, spread.low[::-1]])
        around, kept = np.concatenate([sizes, sizes[::-1]]), np.isfinite(band)
        fill = {"fill": "toself", "fillcolor": theme.faded(style["color"], 0.15), "line": {"width": 0}}
        traces.append(base.scatter("lines", around[kept], band[kept], **fill))
        hover = f"%{{x:,}} samples, {part}: %{{y:.4g}}"
        traces.append(base.scatter("lines+markers", sizes, spread.median, hover, name=part, line=style))
        traces += scale.arrows(sizes, spread.median, f"{part}, samples ")
    layout = theme.layout(
        height,
        title={"text": scale.titled(f"{title} against the number of samples")},
        xaxis=theme.axis("samples (log)", log=True, tickvals=sizes.tolist(), ticktext=[f"{size:,}" for size in sizes]),
        yaxis=scales.value_axis("", scale.span, log=scale.log) | {"title": {"text": ""}},
        shapes=of_a,
        annotations=notes,
    )
    return base.Animated(traces, layout)


def _reach(pinned: Mapping[str, float] | None) -> list[np.ndarray]:
    return [] if pinned is None else [np.array(list(pinned.values()))]


def _of_a(pinned: Mapping[str, float] | None, scale: Scale) -> Any:
    """The lines of A: solid for train, its words at the left; dashed for test, at the right."""
    shapes, notes = [], []
    for part, value in (pinned or {}).items():
        of_test = part == "test"
        line, note = across(value, scale, name=f"A, {part}", dash="dash" if of_test else "solid", left=not of_test)
        shapes, notes = shapes + line, notes + note
    return shapes, notes
