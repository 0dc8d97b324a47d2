"""What a study found: over one setting a curve, over two a map, of a random search its points, and who finds it first.

Colour or height is the measure; on a logarithm where the values lie so far apart, and said so. The line is the median
over the seeds, the band reaches from the lowest to the highest. A run that diverged has no value: it is a cross.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.text import number
from pages.figures import base
from pages.figures.study.pinned import across, on_scale, with_pinned

APART = 30  #: from this ratio on values are shown on a logarithm
DIVERGED = "diverged"
MOST_TEXTS = 400  #: cells with a number in them
ALARM = theme.VERDICTS["alarm"].color
CROSS = {"symbol": "x", "size": 10, "color": ALARM}


def curve_figure(
    axis: Any, found: Any, title: str, pinned: float | None = None, *, height: int = theme.MAIN
) -> go.Figure:
    """The measure over one setting.

    Args:
        axis: the setting, as in `sections.study.plans.Axis`: places, ticks, whether on a logarithm.
        found: `engine.study.Points` for each of its values.
        title: of the measure.
        pinned: the measure of A, the pinned run.
        height: in pixels.
    """
    x, log = _places(axis), _far_apart(with_pinned(found.low, pinned), with_pinned(found.high, pinned))
    name = axis.setting.label.lower()
    band = np.concatenate([found.high, found.low[::-1]])
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
    span = base.limits(with_pinned(band, pinned), log=log)
    lines, notes = across(pinned, log=log)
    lost = np.flatnonzero(found.diverged > 0)
    if len(lost):
        top = np.full(len(lost), 10.0 ** span[1] if log else span[1])
        text = f"{name} %{{customdata[0]}}: %{{customdata[1]}}"
        crosses = {"marker": CROSS, "cliponaxis": False, "customdata": about["customdata"][lost]}
        traces.append(base.scatter("markers", x[lost], top, text, **crosses))
    layout = theme.layout(
        height,
        title={"text": f"{title}{' (log)' if log else ''}"},
        xaxis=_axis(axis),
        yaxis=base.value_axis("", span, log=log) | {"title": {"text": ""}},
        shapes=lines,
        annotations=notes,
        showlegend=False,
    )
    return base.Animated(traces, layout)


def map_figure(
    axes: Sequence[Any], found: Any, title: str, pinned: float | None = None, *, height: int = theme.MAIN
) -> go.Figure:
    """The measure over two settings: a cell for each combination; the first goes up, the second to the right.

    `pinned` is the measure of A, the pinned run, which stands at the scale of the colours.
    """
    up, right = axes
    shape = len(up.values), len(right.values)
    median, diverged = (np.reshape(part, shape) for part in (found.median, found.diverged))
    every = with_pinned(found.median, pinned)
    log = _far_apart(every, every)
    with np.errstate(divide="ignore", invalid="ignore"):
        z, every = (np.log10(part) if log else part for part in (median, every))
    texts = np.array(
        [[_cell(value, lost) for value, lost in zip(*row, strict=True)] for row in zip(median, diverged, strict=True)]
    )
    names = np.array([[f"{a}, {b}" for b in right.texts] for a in up.texts])
    low, high = _range(every)
    bar = on_scale(_bar(low, high, log), pinned, (low, high), log=log)
    heat = base.heatmap(
        z.astype(np.float32), np.arange(shape[1]), np.arange(shape[0]), 1, theme.MAGNITUDE, xgap=1, ygap=1
    )
    heat |= {"zmin": low, "zmax": high, "showscale": True, "colorbar": bar, "hoverongaps": False}
    heat |= {"customdata": names, "text": texts, "hovertemplate": "%{customdata}: %{text}<extra></extra>"}
    traces = [heat]
    if texts.size <= MOST_TEXTS:
        columns, rows = (plane.ravel() for plane in np.meshgrid(np.arange(shape[1]), np.arange(shape[0])))
        known = np.isfinite(z.ravel())
        colors = [theme.text_on(theme.magnitude(share)) for share in (z.ravel()[known] - low) / (high - low)]
        lost = (texts == DIVERGED).ravel()
        written = np.where(lost, "✕", texts.ravel())
        for kept, color in ((known, {"color": colors}), (lost, {"color": ALARM}), (~known & ~lost, {})):
            write = {"text": written[kept], "textfont": {"size": 12} | color}
            traces.append(base.scatter("text", columns[kept], rows[kept], **write))
    layout = theme.layout(
        height,
        title={"text": f"{title}{' (log)' if log else ''}"},
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
    height: int = theme.MAIN,
) -> go.Figure:
    """The points of a design where they lie; with one setting the measure is the height, with two it is the colour.

    `places` are the values `[points]` along each axis; `every` are the measures of all designs that stand side by
    side, which share a scale; `pinned` is the measure of A, the pinned run.
    """
    every = with_pinned(every, pinned)
    lost, log = np.isnan(found.median), _far_apart(every, every)
    x, y = places[-1], found.median if len(axes) == 1 else places[0]
    texts = np.array([_cell(value, gone) for value, gone in zip(found.median, found.diverged, strict=True)])
    about = np.stack([*(np.array([number(v) for v in place]) for place in places), texts], axis=1)
    labels = [axis.setting.label.lower() for axis in axes]
    hover = "<br>".join(f"{label} %{{customdata[{i}]}}" for i, label in enumerate([*labels, title.lower()]))
    with np.errstate(divide="ignore", invalid="ignore"):
        color, scale = (np.log10(part) if log else part for part in (found.median, every))
    low, high = _range(scale)
    marker = {"size": 11, "color": theme.POSITIVE, "line": {"width": 1, "color": theme.NEUTRAL}}
    if len(axes) == 2:
        marker |= {"color": color[~lost], "cmin": low, "cmax": high, "colorscale": theme.MAGNITUDE}
        marker |= {"showscale": True, "colorbar": on_scale(_bar(low, high, log), pinned, (low, high), log=log)}
    traces = [base.scatter("markers", x[~lost], y[~lost], hover, marker=marker, customdata=about[~lost])]
    span = base.limits(every, log=log)
    if lost.any():
        top = y[lost] if len(axes) == 2 else np.full(lost.sum(), 10.0 ** span[1] if log else span[1])
        traces.append(
            base.scatter("markers", x[lost], top, hover, marker=CROSS, cliponaxis=False, customdata=about[lost])
        )
    lines, notes = across(pinned if len(axes) == 1 else None, log=log)
    up = _axis(axes[0]) if len(axes) == 2 else base.value_axis("", span, log=log) | {"title": {"text": ""}}
    layout = theme.layout(
        height,
        title={"text": f"{title}{' (log)' if log else ''}"},
        xaxis=_axis(axes[-1]),
        yaxis=up | {"automargin": True},
        shapes=lines,
        annotations=notes,
        showlegend=False,
    )
    return base.Animated(traces, layout)


def budget_figure(
    best: Mapping[str, np.ndarray], title: str, pinned: float | None = None, *, height: int = theme.SIDE
) -> go.Figure:
    """The best value among the first n runs of each design, the median over all orders (`engine.study.best_of`)."""
    both = with_pinned(np.concatenate(list(best.values())), pinned)
    log = _far_apart(both, both)
    lines, notes = across(pinned, log=log)
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
    layout = theme.layout(
        height,
        title={"text": f"Best after so many runs{' (log)' if log else ''}"},
        xaxis=theme.axis("runs"),
        yaxis=base.value_axis(title, base.limits(both, log=log), log=log),
        shapes=lines,
        annotations=notes,
    )
    return base.Animated(traces, layout)


def _far_apart(low: np.ndarray, high: np.ndarray) -> bool:
    small, large = low[np.isfinite(low)], high[np.isfinite(high)]
    return bool(len(small) and small.min() > 0 and large.max() / small.min() > APART)


def _range(z: np.ndarray) -> tuple[float, float]:
    finite = z[np.isfinite(z)]
    if not len(finite):
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    return low, high if high > low else low + 1


def _bar(low: float, high: float, log: bool) -> dict[str, Any]:
    ticks = np.linspace(low, high, 5)
    texts = [number(10.0**tick if log else tick, 2) for tick in ticks]
    return {"thickness": 10, "outlinewidth": 0, "tickvals": ticks.tolist(), "ticktext": texts}


def _cell(value: float, diverged: int) -> str:
    return number(value, 3) if np.isfinite(value) else DIVERGED if diverged else "–"


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
