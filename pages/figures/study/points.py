"""What a study found: over one setting a curve, over two a map, of a random search its points, and who finds it first.

Colour or height is the measure, on the scale of `scale.py`. The line is the median over the seeds, the band reaches
from the lowest to the highest. A run that diverged has no value: it is a cross; one far beyond the others is an arrow.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.text import number
from pages.figures import base, scales
from pages.figures.study.cells import written_cells
from pages.figures.study.pinned import across, on_scale, with_pinned
from pages.figures.study.scale import ARROW, BEYOND, scale_of

DIVERGED = "diverged"
ALARM = theme.VERDICTS["alarm"].color
CROSS = {"symbol": "x", "size": 10, "color": ALARM}
EDGE = {"cliponaxis": False}  #: of what stands at the end of the scale


def curve_figure(
    axis: Any, found: Any, title: str, pinned: float | None = None, *, top: float = np.inf, height: int = theme.MAIN
) -> go.Figure:
    """The measure over one setting.

    Args:
        axis: the setting, as in `sections.study.plans.Axis`: places, ticks, whether on a logarithm.
        found: `engine.study.Points` for each of its values.
        title: of the measure.
        pinned: the measure of A, the pinned run.
        top: what is above it is beyond the scale.
        height: in pixels.
    """
    x, name = _places(axis), axis.setting.label.lower()
    band = np.concatenate([found.high, found.low[::-1]])
    scale = scale_of(with_pinned(band, pinned), top)
    around = np.concatenate([x, x[::-1]])
    kept = np.isfinite(band)
    fill = {"fill": "toself", "fillcolor": theme.faded(theme.POSITIVE, 0.18), "line": {"width": 0}}
    counts = [f"{n} of {m} diverged" if n else "" for n, m in zip(found.diverged, found.made, strict=True)]
    about = {"customdata": np.stack([axis.texts, counts], axis=1)}
    hover = f"{name} %{{customdata[0]}}: %{{y:.4g}}<br>%{{customdata[1]}}"
    line = {"color": theme.POSITIVE, "width": 2}
    drawn = base.scatter(
        "lines+markers", x, found.median, hover, line=line, marker={"size": 9, "color": theme.POSITIVE}, **about
    )
    traces = [base.scatter("lines", around[kept], band[kept], **fill), drawn]
    span, log = scale.span, scale.log
    lines, notes = across(pinned, scale)
    far = np.array([f"{value:.4g}" for value in found.median])
    for which, marker, texts in ((scale.beyond(found.median), BEYOND, far), (found.diverged > 0, CROSS, counts)):
        if which.any():
            end = np.full(np.count_nonzero(which), scale.end)
            told = np.stack([axis.texts, texts], axis=1)[which]
            text = f"{name} %{{customdata[0]}}: %{{customdata[1]}}"
            traces.append(base.scatter("markers", x[which], end, text, **EDGE | {"marker": marker, "customdata": told}))
    layout = theme.layout(
        height,
        title={"text": scale.titled(title)},
        xaxis=_axis(axis),
        yaxis=scales.value_axis("", span, log=log) | {"title": {"text": ""}},
        shapes=lines,
        annotations=notes,
        showlegend=False,
    )
    return base.Animated(traces, layout)


def map_figure(
    axes: Sequence[Any],
    found: Any,
    title: str,
    pinned: float | None = None,
    *,
    top: float = np.inf,
    height: int = theme.MAIN,
) -> go.Figure:
    """The measure over two settings: a cell for each combination; the first goes up, the second to the right.

    `pinned` is the measure of A, the pinned run, which stands at the scale of the colours; above `top` is beyond it.
    """
    up, right = axes
    shape = len(up.values), len(right.values)
    median, diverged = (np.reshape(part, shape) for part in (found.median, found.diverged))
    scale = scale_of(with_pinned(found.median, pinned), top)
    z, far, (low, high) = scale.at(median), scale.beyond(median), scale[:2]
    texts = np.array(
        [[_cell(*cell) for cell in zip(*row, strict=True)] for row in zip(median, diverged, far, strict=True)]
    )
    names = np.array([[f"{a}, {b}" for b in right.texts] for a in up.texts])
    bar = on_scale(scale.bar(), pinned, (low, high), log=scale.log)
    heat = base.heatmap(
        z.astype(np.float32), np.arange(shape[1]), np.arange(shape[0]), 1, theme.MAGNITUDE, xgap=1, ygap=1
    )
    heat |= {"zmin": low, "zmax": high, "showscale": True, "colorbar": bar, "hoverongaps": False}
    heat |= {"customdata": names, "text": texts, "hovertemplate": "%{customdata}: %{text}<extra></extra>"}
    traces = [heat, *written_cells(median, diverged, far, np.clip((z - low) / (high - low), 0, 1))]
    layout = theme.layout(
        height,
        title={"text": scale.titled(title)},
        xaxis=_ticks(right),
        yaxis=_ticks(up) | {"automargin": True},
        showlegend=False,
    )
    return base.Animated(traces, layout)


def search_figure(
    axes: Sequence[Any],
    places: Sequence[np.ndarray],
    found: Any,
    title: str,
    every: np.ndarray,
    pinned: float | None = None,
    *,
    top: float = np.inf,
    height: int = theme.MAIN,
) -> go.Figure:
    """The points of a design where they lie; with one setting the measure is the height, with two it is the colour.

    `places` are the values `[points]` along each axis; `every` are the measures of all designs that stand side by
    side, which share a scale; `pinned` is the measure of A, the pinned run; above `top` is beyond the scale.
    """
    scale = scale_of(with_pinned(every, pinned), top)
    lost, far, log = np.isnan(found.median), scale.beyond(found.median), scale.log
    x, y = places[-1], found.median if len(axes) == 1 else places[0]
    texts = np.array([_cell(value, gone) for value, gone in zip(found.median, found.diverged, strict=True)])
    about = np.stack([*(np.array([number(v) for v in place]) for place in places), texts], axis=1)
    labels = [axis.setting.label.lower() for axis in axes]
    hover = "<br>".join(f"{label} %{{customdata[{i}]}}" for i, label in enumerate([*labels, title.lower()]))
    marker = {"size": 11, "color": theme.POSITIVE, "line": {"width": 1, "color": theme.NEUTRAL}}
    near = ~lost & ~far
    if len(axes) == 2:
        bar = on_scale(scale.bar(), pinned, scale[:2], log=log)
        marker |= {"color": scale.at(found.median)[near], "cmin": scale.low, "cmax": scale.high}
        marker |= {"colorscale": theme.MAGNITUDE, "showscale": True, "colorbar": bar}
    traces = [base.scatter("markers", x[near], y[near], hover, marker=marker, customdata=about[near])]
    span = scale.span
    for which, sign in ((far, BEYOND), (lost, CROSS)):
        if which.any():
            end = y[which] if len(axes) == 2 else np.full(np.count_nonzero(which), scale.end)
            more = EDGE | {"marker": sign, "customdata": about[which]}
            traces.append(base.scatter("markers", x[which], end, hover, **more))
    lines, notes = across(pinned if len(axes) == 1 else None, scale)
    up = _axis(axes[0]) if len(axes) == 2 else scales.value_axis("", span, log=log) | {"title": {"text": ""}}
    layout = theme.layout(
        height,
        title={"text": scale.titled(title)},
        xaxis=_axis(axes[-1]),
        yaxis=up | {"automargin": True},
        shapes=lines,
        annotations=notes,
        showlegend=False,
    )
    return base.Animated(traces, layout)


def budget_figure(
    best: Mapping[str, np.ndarray],
    title: str,
    pinned: float | None = None,
    *,
    top: float = np.inf,
    height: int = theme.SIDE,
) -> go.Figure:
    """The best value among the first n runs of each design, the median over all orders (`engine.study.best_of`)."""
    scale = scale_of(with_pinned(np.concatenate(list(best.values())), pinned), top)
    log = scale.log
    lines, notes = across(pinned, scale)
    styles = {"grid": (theme.NEUTRAL, "dash"), "random": (theme.POSITIVE, "solid")}
    traces = [
        base.scatter(
            "lines",
            np.arange(1, len(curve) + 1),
            curve,
            f"{name}, %{{x}} runs: %{{y:.4g}}",
            name=f"{name} search" if name == "random" else name,
            line={"width": 2, "color": styles[name][0], "dash": styles[name][1]},
        )
        for name, curve in best.items()
    ]
    for name, curve in best.items():
        traces += scale.arrows(np.arange(1, len(curve) + 1), curve, f"{name}, runs ")
    layout = theme.layout(
        height,
        title={"text": scale.titled("Best after so many runs")},
        xaxis=theme.axis("runs"),
        yaxis=scales.value_axis(title, scale.span, log=log),
        shapes=lines,
        annotations=notes,
    )
    return base.Animated(traces, layout)


def _cell(value: float, diverged: int, beyond: bool = False) -> str:
    if not np.isfinite(value):
        return DIVERGED if diverged else "–"
    return f"{ARROW} {number(value, 3)}" if beyond else number(value, 3)


def _places(axis: Any) -> np.ndarray:
    return np.array(axis.values, dtype=float) if axis.numeric else np.arange(len(axis.values), dtype=float)


def _axis(axis: Any) -> dict[str, Any]:
    if not axis.numeric:
        return _ticks(axis)
    drawn = theme.axis(f"{axis.setting.label.lower()}{' (log)' if axis.log else ''}", log=axis.log)
    return drawn | ({"tickvals": list(axis.values), "ticktext": list(axis.texts)} if len(axis.values) <= 9 else {})


def _ticks(axis: Any) -> dict[str, Any]:
    every = -(-len(axis.values) // 16)
    names = [base.short(text, 14) for text in axis.texts]
    places = list(range(len(names)))
    marks = {"tickvals": places[::every], "ticktext": names[::every], "showgrid": False}
    return theme.axis(axis.setting.label.lower(), range=[-0.5, len(names) - 0.5], automargin=True, **marks)
