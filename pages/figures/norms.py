"""How large the gradient is in each layer, on a logarithmic axis.

The norm of the gradient of each part tells which layers learn: where it shrinks from output to input by factors of ten,
the first layers stand still. Shallow networks are drawn over the steps, with a cursor at the step that the player
shows; deep ones as a profile over the layers at that step. Layers go from light to dark with depth, biases are dashed.
Where mini-batches make the norms jump from step to step, the lines are means over some steps (geometric ones, as the
axis is logarithmic) and the title says so; the dots at the cursor are always the norms of that very step. A logarithmic
axis has no place for zero: where a gradient is exactly zero the line has a gap, and the chart says so.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.figures import arrays, base, scales

MOST_LAYERS = 8  #: drawn over the steps; above, the profile over the layers reads better
MOST_POINTS = 4000  #: of all lines over the steps together
CALM = 60  #: points of a line where single steps are too noisy to read
NOISY = 0.1  #: typical change of the logarithm of a norm in one step that counts as noise
KEYED = 3  #: layers that all get a line in the legend; of more only the first and the last
NAMED = 6  #: zero parts that are named; the rest is counted
DASHES = {"weight": "solid", "kernel": "solid", "bias": "dash"}
TITLE = "Gradient size per layer (norm)"


def norms_figure(recording: Any, *, at: int = -1, height: int = theme.SIDE) -> go.Figure:
    """The gradient norm of every part: over the steps, or over the layers where there are many.

    Args:
        recording: the run.
        at: the key frame of the first picture.
        height: in pixels.
    """
    layers = recording.network.layout.layers
    deep = max(layers[part] for part in recording.parts) > MOST_LAYERS
    return (_profile if deep else _over_steps)(recording, at, height)


def _over_steps(recording: Any, at: int, height: int) -> go.Figure:
    layout, steps, parts = recording.network.layout, recording.frames, recording.parts
    _, first = base.chosen_frames(recording, at, 1)
    norms = gaps(recording.gradient_norm)
    together = steps_together(norms)
    depth = max(layout.layers.values())
    colors = theme.layer_colors(depth)
    still = []
    for column, part in enumerate(parts):
        x, y = outline(norms[:, column], together, MOST_POINTS // len(parts))
        kind, layer = layout.kinds[part], layout.layers[part]
        keyed = kind in ("weight", "kernel") and (depth <= KEYED or layer in (1, depth))
        line = {"color": colors[layer - 1], "width": 2, "dash": DASHES.get(kind, "dot")}
        named = {"name": part} if keyed else {}
        still.append(base.scatter("lines", x, y, f"step %{{x}}<br>{part} %{{y:.4g}}", line=line, **named))
    said = zeros_said(recording)
    span = _span(np.concatenate([line["y"] for line in still]), said)
    if any(layout.kinds[part] == "bias" for part in parts):
        line = {"color": theme.NEUTRAL, "width": 2, "dash": "dash"}
        still.append(base.key("biases", "lines", line=line))
    owners = [colors[layout.layers[part] - 1] for part in parts]
    current = arrays.inside(norms[steps], span, log=True)
    here, marker = arrays.repeated(steps[first], len(parts)), {"size": 6, "color": owners}
    moving = [base.cursor(steps[first], "y2"), base.scatter("markers", here, current[first], marker=marker)]
    frames = [
        base.frame(
            step,
            range(len(still), len(still) + 2),
            [{"x": arrays.repeated(step, 2)}, {"x": arrays.repeated(step, len(parts)), "y": now}],
            said.get(step),
        )
        for step, now in zip(steps, current, strict=True)
    ]
    drawn = theme.layout(
        height,
        title={"text": TITLE + (f", mean of {together} steps" if together > 1 else "")},
        xaxis=scales.steps_axis(recording),
        yaxis=scales.value_axis("norm", span, log=True),
        yaxis2=base.overlay(),
        **base.event_mark(recording) | said.get(steps[first], {}),
    )
    return base.Animated([*still, *moving], drawn, frames)


def _profile(recording: Any, at: int, height: int) -> go.Figure:
    layout, steps, parts = recording.network.layout, recording.frames, recording.parts
    kinds = list(dict.fromkeys(layout.kinds[part] for part in parts))
    chosen, first = base.chosen_frames(recording, at, 8 * len(parts) + 120 * len(kinds))
    norms = gaps(recording.gradient_norm[steps[chosen]])
    depth = max(layout.layers.values())
    colors = theme.layer_colors(depth)
    traces, curves = [], []
    for kind in kinds:
        columns = [column for column, part in enumerate(parts) if layout.kinds[part] == kind]
        layers = [layout.layers[parts[column]] for column in columns]
        curves.append(arrays.single(norms[:, columns]))
        line = {"color": theme.NEUTRAL, "width": 1.5, "dash": DASHES.get(kind, "dot")}
        marker = {"size": 6, "color": [colors[layer - 1] for layer in layers]}
        hover, places = f"layer %{{x}}<br>{kind} %{{y:.4g}}", arrays.whole(layers)
        style = {"name": kind, "line": line, "marker": marker}
        traces.append(base.scatter("lines+markers", places, curves[-1][first], hover, **style))
    said = zeros_said(recording)
    frames = [
        base.frame(step, range(len(kinds)), [{"y": curve[k]} for curve in curves], said.get(step))
        for k, step in enumerate(steps[chosen])
    ]
    drawn = theme.layout(
        height,
        title={"text": TITLE},
        xaxis=theme.axis("layer, input to output", range=[0.5, depth + 0.5]),
        yaxis=scales.value_axis("norm", _span(norms, said), log=True),
        annotations=said.get(steps[chosen[first]], {}).get("annotations", [])[-1:],
    )
    return base.Animated(traces, drawn, frames)


def steps_together(norms: np.ndarray) -> int:
    """Over how many steps the lines of `norms[T + 1, parts]` are averaged: 1 where they are smooth."""
    with np.errstate(all="ignore"):
        jumps = np.abs(np.diff(np.log(norms), axis=0))
    jumps = jumps[np.isfinite(jumps)]
    return max(1, len(norms) // CALM) if len(jumps) and np.median(jumps) > NOISY else 1


def outline(values: np.ndarray, together: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Steps and values of one line: its outline, or the geometric mean of every `together` steps."""
    if together == 1:
        kept = arrays.envelope(values, most)
        return arrays.whole(kept), arrays.single(values[kept])
    starts = np.arange(0, len(values), together)
    there = np.isfinite(values)
    with np.errstate(all="ignore"):
        sums = np.add.reduceat(np.log(np.where(there, values, 1.0)), starts)
        means = np.exp(sums / np.add.reduceat(there.astype(float), starts))
    middles = np.minimum(starts + together // 2, len(values) - 1)
    return arrays.whole(middles), arrays.single(means)


def _span(norms: np.ndarray, said: dict[int, Any]) -> list[float]:
    """The range of the axis, with room below for the sentence about zeros where there is one."""
    return scales.limits(norms, log=True, margin=0.25 if said else 0.1)


def gaps(norms: np.ndarray) -> np.ndarray:
    """The norms with gaps where they are exactly zero."""
    return np.where(norms == 0, np.nan, norms)


def zeros_said(recording: Any) -> dict[int, dict[str, Any]]:
    """For each key frame's step, layout that says which gradients are exactly zero; empty if none ever is."""
    zero = recording.gradient_norm[recording.frames] == 0
    if not zero.any():
        return {}
    mark = base.event_mark(recording).get("annotations", [])
    said = {}
    for step, row in zip(recording.frames, zero, strict=True):
        parts = [part for part, is_zero in zip(recording.parts, row, strict=True) if is_zero]
        more = f" and {len(parts) - NAMED} more" if len(parts) > NAMED else ""
        text = f"exactly zero: {', '.join(parts[:NAMED])}{more}" if parts else ""
        said[step] = {"annotations": [*mark, base.note(text, x=0.01, y=0.02)]}
    return said
