"""The gradient parameter by parameter, as the backward pass brings it in, beside what the loss itself says.

Bars are what backpropagation computes, from the last layer to the first; rings are finite differences, for which the
loss was only evaluated, once a little to either side of each parameter. Every bar must end in its ring.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.text import short as short_number
from pages.figures import arrays, base, scales
from pages.figures.backprop.stages import Stage, shown

NAMED = 24  #: parameters that have room for their names


def gradients_figure(
    every: Sequence[Stage],
    names: Sequence[str],
    layers: Sequence[int],
    gradient: np.ndarray,
    difference: np.ndarray,
    *,
    near: Sequence[int] = (),
    chosen: int | None = None,
    at: int = -1,
    height: int = theme.SIDE,
) -> go.Figure:
    """Bars and rings over the stages of a step.

    Args:
        every: the stages of the step.
        names: of the parameters shown, n of them.
        layers: the layer of each, from 1.
        gradient: `[n]` by backpropagation.
        difference: `[n]` by finite differences.
        near: stages that get a frame though playing leaves them out.
        chosen: place of the chosen parameter among them.
        at: the place of the first picture.
        height: in pixels.
    """
    x = arrays.whole(np.arange(len(names)))
    own, values = np.asarray(layers), np.asarray(gradient, dtype=np.float64)
    frames = []
    for index in shown(every, near):
        stage = every[index]
        reached = _reached(stage, int(own.max()))
        frames.append(base.frame(index, [0], [{"y": arrays.single(np.where(own >= reached, values, 0.0))}]))
    colours = np.array([theme.POSITIVE if value >= 0 else theme.NEGATIVE for value in values])
    edge = {"width": [2 if place == chosen else 0 for place in range(len(names))], "color": theme.NEUTRAL}
    hover = "%{customdata}<br>gradient %{y:.4g}<extra></extra>"
    marker = {"color": colours, "line": edge}
    bars: dict[str, Any] = {"type": "bar", "x": x, **frames[at]["data"][0], "marker": marker, "name": "backpropagation"}
    bars |= {"customdata": np.array(names), "hovertemplate": hover, "showlegend": True}
    ring = {"symbol": "circle-open", "size": 8, "color": theme.NEUTRAL}
    rings = base.scatter(
        "markers",
        x,
        arrays.single(difference),
        "finite difference %{y:.4g}",
        marker=ring,
        name="finite difference",
    )
    ticks = {"tickvals": x, "ticktext": np.array(names), "tickangle": -60, "showgrid": False}
    below = 62
    if len(names) > NAMED:
        below = 44
        firsts = np.flatnonzero(np.diff(own, prepend=0))
        ticks |= {"tickvals": x[firsts], "ticktext": np.array([f"layer {layer}" for layer in own[firsts]])}
        ticks["tickangle"] = 0
    span = scales.limits([*values, *difference, 0.0], margin=0.12)  # rings are whole
    layout = theme.layout(
        height,
        title={"text": "Gradient of each parameter"},
        margin={"l": 58, "b": below},
        xaxis=theme.axis(**ticks),
        yaxis=scales.value_axis("∂L/∂θ", span, log=False, zeroline=True) | {"automargin": False, **_round_ticks(span)},
        bargap=0.25,
    )
    return base.Animated([bars, rings], layout, frames)


def _round_ticks(span: list[float]) -> dict[str, Any]:
    """Zero and the largest round number to either side that is in sight: a scale in the height of three lines."""
    largest = max(abs(end) for end in span)
    power = 10.0 ** int(np.floor(np.log10(largest)))
    tick = max(digit * power for digit in (1, 2, 5) if digit * power <= largest)
    ticks = [value for value in (-tick, 0.0, tick) if span[0] <= value <= span[1]]
    return {"tickvals": ticks, "ticktext": [short_number(value) for value in ticks]}


def _reached(stage: Stage, last: int) -> int:
    """The first layer whose gradient is known at a stage; beyond the last one while there is none."""
    if stage.kind in ("gradient", "delta"):
        return stage.layer + (stage.kind == "delta")
    return last + 1 if stage.kind in ("x", "z", "a", "loss") else 1
