"""How large each layer's gradient is at the step that the player shows, before and after clipping.

A bar for each part of the network, on a logarithmic axis because layers differ by powers of ten; weights full, biases
pale. Where the gradient is clipped (or noise is added to it), a tick across each bar is the norm that the optimizer
got. A logarithmic axis has no place for zero: a part whose gradient is exactly zero has no bar, and is named.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.figures import arrays, base, norms, scales
from pages.figures.layers import comparison

ROOM = 0.8  #: of the place of a layer that its bars take
PALE = 0.45  #: opacity of what is no weight


def bars_figure(
    recording: Any, pinned: Any = None, versus: str = "", *, at: int = -1, height: int = theme.SIDE
) -> go.Figure:
    """The norm of the gradient of every part, a picture for each key frame.

    Args:
        recording: the run, B.
        pinned: another run, A, shown as hollow diamonds.
        versus: what the two differ in, for the title.
        at: the key frame of the first picture.
        height: in pixels.
    """
    steps = recording.frames
    _, first = base.chosen_frames(recording, at, 1)
    depth = max(comparison.depth(run) for run in comparison.runs(recording, pinned))
    kinds = list(dict.fromkeys(recording.network.layout.kinds[part] for part in recording.parts))
    now = arrays.positive(recording.gradient_norm[steps])
    moving, curves = [_bars(recording, kinds, now[first])], [now]
    if changes_gradient(recording):
        curves.append(arrays.positive(recording.applied_norm[steps]))
        style = {"symbol": "line-ew-open", "size": 14, "color": theme.NEUTRAL, "line": {"width": 3}}
        moving.append(_marks(recording, kinds, curves[-1][first], "after clipping", style))
    if pinned is not None:
        curves.append(arrays.positive(pinned.gradient_norm[np.minimum(steps, pinned.steps)]))
        style = {"symbol": "diamond-open", "size": 8, "color": theme.NEUTRAL, "line": {"width": 2}}
        moving.append(_marks(pinned, kinds, curves[-1][first], "A", style))
    said = norms.zeros_said(recording)
    span = scales.limits(np.concatenate([curve.ravel() for curve in curves]), log=True, margin=0.25 if said else 0.1)
    frames = [
        base.frame(step, range(len(moving)), [{"y": curve[k]} for curve in curves], said.get(step))
        for k, step in enumerate(steps)
    ]
    key = {"size": 10, "symbol": "square", "color": theme.faded(theme.NEUTRAL, PALE)}
    layout = theme.layout(
        height,
        **comparison.headed("Gradient size per layer at this step (norm)", versus, height),
        xaxis=comparison.layers_axis(depth),
        yaxis=scales.value_axis("norm", span, log=True),
        annotations=said.get(steps[first], {}).get("annotations", [])[-1:],
        bargap=0,
    )
    keys = [base.key("biases", "markers", marker=key)] if "bias" in kinds else []
    return base.Animated([*moving, *keys], layout, frames)


def changes_gradient(recording: Any) -> bool:
    """Whether the optimizer gets another gradient than the loss gave: clipped, or with noise."""
    return bool(recording.experiment.clip or recording.experiment.gradient_noise)


def _bars(recording: Any, kinds: list[str], y: np.ndarray) -> dict[str, Any]:
    layout = recording.network.layout
    colors = theme.layer_colors(comparison.depth(recording))
    owners = [colors[layout.layers[part] - 1] for part in recording.parts]
    full = [layout.kinds[part] == kinds[0] for part in recording.parts]
    marker = {"color": [color if on else theme.faded(color, PALE) for color, on in zip(owners, full, strict=True)]}
    return {
        "type": "bar",
        "x": _places(recording, kinds),
        "y": y,
        "width": ROOM / len(kinds),
        "marker": marker,
        "text": np.array(recording.parts),
        "textposition": "none",
        "showlegend": False,
        "hovertemplate": "%{text}: %{y:.4g}<extra></extra>",
    }


def _marks(recording: Any, kinds: list[str], y: np.ndarray, name: str, marker: dict[str, Any]) -> dict[str, Any]:
    names = np.array(recording.parts)
    hover = f"%{{text}} {name}: %{{y:.4g}}"
    return base.scatter("markers", _places(recording, kinds), y, hover, text=names, name=name, marker=marker)


def _places(recording: Any, kinds: list[str]) -> np.ndarray:
    """Side by side at the layer's number."""
    layout, width = recording.network.layout, ROOM / len(kinds)
    order = [kinds.index(kind) if (kind := layout.kinds[part]) in kinds else 0 for part in recording.parts]
    layers = np.array([layout.layers[part] for part in recording.parts])
    return arrays.single(layers + (np.array(order) - (len(kinds) - 1) / 2) * width)
