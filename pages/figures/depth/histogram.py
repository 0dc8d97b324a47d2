"""What the units of one layer do: a histogram that moves from layer to layer with the player.

Forward it shows the activations on a linear axis, with the saturated tails marked; what lies outside of the
axis is counted in the last bin of its side. Back it shows the size of the gradient at each unit, on a
logarithmic axis: where gradients vanish, the whole hill walks to the left, layer by layer.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.figures import arrays, base
from pages.figures.depth.profile import passes

BINS = 48
LOWEST = 1e-300


class Units(NamedTuple):
    """One network's units: `values` holds an array for each of its L layers; `remarks` a text for each, or none."""

    name: str
    values: list[np.ndarray]
    remarks: list[str]
    style: dict[str, Any]


def activations_figure(
    networks: list[Units],
    bounds: tuple[float, float],
    tails: list[tuple[float, float]],
    *,
    near: Sequence[int] = (),
    height: int = theme.SIDE,
) -> go.Figure:
    """The activations of each layer on an axis from `bounds[0]` to `bounds[1]`; `tails` are the saturated ranges.

    There is a picture for each of the `passes`, those `near` a place among them.
    """
    shapes = [_tail(low, high) for low, high in tails]
    return _figure(networks, "forward", bounds, "Activations", "activation", shapes, near, height)


def gradients_figure(networks: list[Units], *, near: Sequence[int] = (), height: int = theme.SIDE) -> go.Figure:
    """The size of the gradient at each unit's pre-activation, in powers of ten."""
    bounds = gradient_bounds(networks)
    return _figure(networks, "back", bounds, "Gradient at the units", "log₁₀ of its size", [], near, height)


def activation_bounds(values: list[np.ndarray], limits: list[tuple[float, float]]) -> tuple[float, float]:
    """An axis for several networks: the range of a bounded activation, else what the first layer fills."""
    low, high = zip(*limits, strict=True)
    first = np.concatenate([v.ravel() for v in values])
    first = first[np.isfinite(first)]
    inside = np.quantile(first, [0.001, 0.999]) if len(first) else np.array([-1.0, 1.0])
    low, high = max(min(low), float(min(inside[0], 0))), min(max(high), float(max(inside[1], 0)))
    pad = 0.04 * (high - low) or 1.0
    return low - pad, high + pad


def gradient_bounds(networks: list[Units]) -> tuple[float, float]:
    """The powers of ten between which all gradients of all layers lie, save the smallest per cent."""
    logs = [_logs(layer) for units in networks for layer in units.values]
    ends = np.array([np.quantile(log, [0.01, 1.0]) for log in logs if len(log)])
    return (float(ends[:, 0].min()), float(ends[:, 1].max() + 0.1)) if len(ends) else (-1.0, 1.0)


def _figure(networks, direction, bounds, title, axis, shapes, near, height) -> go.Figure:
    depth = len(networks[0].values)
    steps, places = passes(depth, near)
    own = [(step, layer) for step, (way, layer) in zip(steps, places, strict=True) if way == direction]
    edges = np.linspace(*bounds, BINS + 1)
    shares = {layer: [_shares(units.values[layer - 1], edges, direction) for units in networks] for _, layer in own}
    top = max(0.05, 1.1 * max(float(share.max()) for both in shares.values() for share in both))
    x = arrays.single(edges)
    traces = []
    for units, share in zip(networks, shares[own[-1][1]], strict=True):
        color = units.style["color"]
        line = {"color": color, "width": 1.5, "shape": "hv"}
        hover = f"{units.name}<br>%{{x:.3g}}: %{{y:.1%}} of the units"
        more = {"line": line, "fill": "tozeroy", "fillcolor": theme.faded(color, 0.25)}
        traces.append(base.scatter("lines", x, share, hover, **more))
    traces.append(base.words(_remarks(networks, own[-1][1]), bounds[1], 1, "bottom left", yaxis="y2"))
    frames = []
    if direction == "back":
        empty = [{"y": np.zeros(BINS + 1, np.float32)} for _ in networks]
        waiting = [*empty, base.said("none yet")]
        frames.append(base.frame(steps[0], range(len(traces)), waiting, {"title": {"text": f"<b>{title}</b>"}}))
    for step, layer in own:
        moved = [*({"y": share} for share in shares[layer]), base.said(_remarks(networks, layer))]
        named = {"title": {"text": f"<b>{title}, layer {layer}</b>"}}
        frames.append(base.frame(step, range(len(traces)), moved, named))
    layout = theme.layout(
        height,
        xaxis=theme.axis(axis, range=list(bounds)),
        yaxis=theme.axis("", range=[0, top], tickformat=".0%", nticks=4, automargin=True),
        yaxis2=base.overlay(),
        title={"text": f"{title}, layer {own[-1][1]}"},
        shapes=shapes,
        margin={"l": 56, "b": 36},
    )
    return base.Animated(traces, layout, frames)


def _remarks(networks: list[Units], layer: int) -> str:
    """What is said in the upper right corner: a line for each network that has a remark on this layer."""
    return "<br>".join(
        f"{units.name}: {units.remarks[layer - 1]}" for units in networks if units.remarks and units.remarks[layer - 1]
    )


def _shares(values: np.ndarray, edges: np.ndarray, direction: str) -> np.ndarray:
    """The share of the units in each bin [BINS + 1], the last one doubled for the outline."""
    flat = values.ravel()
    seen = _logs(flat) if direction == "back" else flat[np.isfinite(flat)]
    if not len(seen):
        return np.zeros(BINS + 1, np.float32)
    places = (seen - edges[0]) * (BINS / (edges[-1] - edges[0]))
    counts = np.bincount(places.clip(0, BINS - 1).astype(int), minlength=BINS)
    share = (counts / flat.size).astype(np.float32)
    return np.append(share, share[-1])


def _logs(values: np.ndarray) -> np.ndarray:
    size = np.abs(values).ravel()
    size = size[np.isfinite(size) & (size > LOWEST)]
    return np.log10(size)


def _tail(low: float, high: float) -> dict[str, Any]:
    color = theme.faded(theme.VERDICTS["alarm"].color, 0.12)
    area = {"type": "rect", "xref": "x", "yref": "paper", "x0": low, "x1": high, "y0": 0, "y1": 1}
    return area | {"fillcolor": color, "line": {"width": 0}, "layer": "below"}
