"""The size of the signal, or of the gradient, in each layer of a deep network: measured beside theory.

A solid line with markers is the root mean square over the seeds, the band behind it reaches from the smallest
seed to the largest, and the thin dashed line is the mean-field prediction. The axis is logarithmic, because
what happens in each layer multiplies: a straight line is a constant factor a layer. The ring moves with the
player: first through the layers with the signal, then back with the gradient.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.figures import arrays, base, scales

MOST = 60  #: layers that get a frame of their own, forward and back


class Curve(NamedTuple):
    """One network's sizes by layer: `values[S, L]` of the seeds, `theory[L]`; `style` from `STYLES`."""

    name: str
    values: np.ndarray
    mean: np.ndarray
    theory: np.ndarray
    style: dict[str, Any]


THEORY = theme.THEORY | {"width": 1.5}
#: The network, and the same with the remedy: told apart by colour and marker.
STYLES = ({"color": "#7b50c7", "symbol": "circle"}, {"color": "#2e9e5b", "symbol": "diamond"})
PINNED = {"color": theme.NEUTRAL, "symbol": "circle-open"}  #: A, the pinned run


def passes(depth: int, near: Sequence[int] = ()) -> tuple[list[int], list[tuple[str, int]]]:
    """The steps of the player, and the direction and layer (from 1) of each: forward 1..L, then back L..1.

    Of very deep networks evenly spaced ones, and the steps `near` a place that is looked at.
    """
    layers = np.unique(np.linspace(1, depth, min(depth, MOST)).round().astype(int))
    steps = np.union1d([*layers, *(2 * depth + 1 - layers)], near).astype(int).tolist()
    return steps, [("forward", step) if step <= depth else ("back", 2 * depth + 1 - step) for step in steps]


def profile_figure(
    curves: list[Curve],
    direction: str,
    *,
    title: str,
    axis: str,
    depth: int,
    near: Sequence[int] = (),
    height: int = theme.SIDE,
) -> go.Figure:
    """The curves over the layers 1..L, with a ring that the player moves in its `direction`, "forward" or "back".

    It has a place at each of the `passes`, and is first drawn as the last one shows it: the gradient has come back.
    """
    layers = arrays.whole(np.arange(1, depth + 1))
    span = _span(curves)
    still: list[dict[str, Any]] = []
    for curve in curves:
        color = curve.style["color"]
        still += _band(curve, color)
        marker = {"size": 5 if depth <= 40 else 3, "symbol": curve.style["symbol"], "color": color}
        hover = f"layer %{{x}}<br>{curve.name} %{{y:.4g}}"
        style = {"name": curve.name, "line": {"color": color, "width": 2}, "marker": marker}
        still.append(base.scatter("lines+markers", layers, arrays.positive(curve.mean), hover, **style))
    for curve in curves:  # on top, because measurement and theory mostly agree
        hover = f"layer %{{x}}<br>{curve.name}, theory %{{y:.4g}}"
        still.append(base.scatter("lines", layers, arrays.positive(curve.theory), hover, line=THEORY))
    still.append(base.key("theory", "lines", line=THEORY))
    steps, places = passes(depth, near)
    own = [(step, layer) for step, (way, layer) in zip(steps, places, strict=True) if way == direction]
    moving = [_ring(curve, own[-1][1]) for curve in curves]
    indices = range(len(still), len(still) + len(moving))
    frames = [
        base.frame(
            step, indices, [{"x": [layer], "y": arrays.positive(curve.mean[layer - 1 : layer])} for curve in curves]
        )
        for step, layer in own
    ]
    if direction == "back":
        frames.insert(0, base.frame(steps[0], indices, [{"y": arrays.single([np.nan])} for _ in curves]))
    notes = [base.note(text, x=0.01, y=0.02, align="left") for text in [_zeros(curves)] if text]
    layout = theme.layout(
        height,
        title={"text": title},
        xaxis=theme.axis("layer, input to output", range=[0.5, depth + 0.5], **_whole_ticks(depth)),
        yaxis=scales.value_axis(axis, span, log=True),
        annotations=notes,
        margin={"l": 56, "b": 36},
    )
    return base.Animated([*still, *moving], layout, frames)


def _band(curve: Curve, color: str) -> list[dict[str, Any]]:
    low, high = curve.values.min(axis=0), curve.values.max(axis=0)
    usable = np.isfinite(high) & (low > 0)
    if not usable.any():
        return []
    layers = np.flatnonzero(usable) + 1
    x = arrays.whole(np.concatenate([layers, layers[::-1]]))
    y = arrays.positive(np.concatenate([high[usable], low[usable][::-1]]))
    return [base.scatter("lines", x, y, fill="toself", fillcolor=theme.faded(color, 0.18), line={"width": 0})]


def _ring(curve: Curve, layer: int) -> dict[str, Any]:
    marker = {"size": 13, "color": "rgba(0, 0, 0, 0)", "line": {"width": 2.5, "color": curve.style["color"]}}
    return base.scatter(
        "markers", [layer], arrays.positive(curve.mean[layer - 1 : layer]), marker=marker, cliponaxis=False
    )


def _span(curves: list[Curve]) -> list[float]:
    """The range of the axis: what is measured, and theory as far as it is not off by more than the chart's height."""
    measured = scales.limits(np.concatenate([curve.mean for curve in curves]), log=True, margin=0.08)
    pad = max(0.3, (measured[1] - measured[0]) / 2)
    with np.errstate(all="ignore"):
        predicted = np.log10(np.concatenate([curve.theory for curve in curves]))
    predicted = predicted[np.isfinite(predicted)].clip(measured[0] - pad, measured[1] + pad)
    low, high = min([measured[0], *predicted]), max([measured[1], *predicted])
    middle, half = (low + high) / 2, max(high - low, 1.5) / 2  # or noise would fill the chart
    return [float(middle - half), float(middle + half)]


def _zeros(curves: list[Curve]) -> str:
    said = []
    for curve in curves:
        layers = np.flatnonzero(curve.mean == 0) + 1
        if len(layers):
            where = f"layer {layers[0]}" if len(layers) == 1 else f"{len(layers)} layers"
            said.append(f"{curve.name}: exactly zero in {where}")
    return "<br>".join(said)


def _whole_ticks(depth: int) -> dict[str, Any]:
    return {"dtick": 1} if depth <= 12 else {"nticks": 8}
