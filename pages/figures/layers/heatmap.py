"""The gradient of every layer over the whole run at a glance: a map of layers by steps, with a cursor at the step.

Colour is the logarithm of the norm; where a gradient is exactly zero there is no colour. Weights are the lower block,
biases (and what else a layer learns) lie above. Fading towards the first layer is a vanishing gradient.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.text import number
from pages.figures import arrays, base, norms, scales
from pages.figures.layers import comparison

MOST_NAMES = 10  #: rows that are named
ROW, AROUND, BOTH = 14, 120, 50  #: pixels: a named row, what stands around a map, and around two
MIDDLE = 0.12  #: between A and B, as a share of the width


def map_figure(
    recording: Any, pinned: Any = None, versus: str = "", *, at: int = -1, height: int = theme.SIDE
) -> go.Figure:
    """The norm of the gradient of every part at every key frame; arguments as in `bars.bars_figure`."""
    steps = recording.frames
    _, first = base.chosen_frames(recording, at, 1)
    both = comparison.runs(recording, pinned)
    logs = [_logs(run) for run in both]
    low, high = scales.limits(np.concatenate([part.ravel() for part in logs]), margin=0)
    still, moving, axes, ends = [], [], {}, []
    for place, (run, values) in enumerate(zip(both, logs, strict=True)):
        suffix, over = (str(2 * place + 1) if place else ""), str(2 * place + 2)
        where = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        named = {"name": "AB"[place]} if len(both) > 1 else {}
        still.append(_heat(run, values, low, high, last=place == len(both) - 1) | where | named)
        cursor = base.cursor(min(steps[first], run.steps), f"y{over}")
        moving.append(cursor | {"xaxis": where["xaxis"], "line": theme.CURSOR_ON_MAP})
        ends.append(run.steps)
        domain = [[0, 1], [0, (1 - MIDDLE) / 2], [(1 + MIDDLE) / 2, 1]][len(both) - 1 + place]
        axes[f"xaxis{suffix}"] = scales.steps_axis(run, domain=domain, showgrid=False, anchor=f"y{suffix}")
        axes[f"yaxis{suffix}"] = _rows_axis(run, anchor=f"x{suffix}")
        axes[f"yaxis{over}"] = base.overlay() | {"overlaying": f"y{suffix}", "anchor": f"x{suffix}"}
    count = len(both)
    frames = [
        base.frame(
            step,
            range(count, 2 * count),
            [{"x": arrays.repeated(min(step, end), 2)} for end in ends],
        )
        for step in steps
    ]
    named = [comparison.letter("A", 0), comparison.letter("B", (1 + MIDDLE) / 2)] if count == 2 else []
    extra = base.event_mark(recording) if count == 1 else {"annotations": named}
    layout = theme.layout(
        height, **comparison.headed("Gradient size over the run (norm, log)", versus, height), **axes, **extra
    )
    return base.Animated([*still, *moving], comparison.with_heads(layout) if count == 2 else layout, frames)


def least_height(runs: list[Any]) -> int:
    """Pixels below which the names of the rows would touch."""
    around = AROUND + (BOTH if len(runs) > 1 else 0)
    return max(around + round(ROW * _heights(run)[-1] / _every(run)) for run in runs)


def rows(recording: Any) -> list[str]:
    """The parts from bottom to top: weights, then biases, then the rest, each from input to output."""
    kinds = recording.network.layout.kinds
    order = list(dict.fromkeys(kinds[part] for part in recording.parts))
    return [part for kind in order for part in recording.parts if kinds[part] == kind]


def _logs(recording: Any) -> np.ndarray:
    """Common logarithms of the norms `[rows, F]`, NaN for zero."""
    columns = [recording.parts.index(part) for part in rows(recording)]
    return np.log10(norms.gaps(recording.gradient_norm[recording.frames][:, columns].T))


def _heights(recording: Any) -> np.ndarray:
    """The place of each row, with a gap of one row where another kind begins."""
    kinds = [recording.network.layout.kinds[part] for part in rows(recording)]
    new = [after != before for before, after in pairwise(kinds)]
    return np.arange(1, len(kinds) + 1) + np.cumsum([0, *new])


def _heat(recording: Any, values: np.ndarray, low: float, high: float, *, last: bool) -> dict[str, Any]:
    heights = _heights(recording)
    z = np.full((int(heights[-1]), values.shape[1]), np.nan)
    z[heights - 1] = values
    exact = np.full_like(z, np.nan)
    exact[heights - 1] = 10.0**values
    names = np.full(len(z), "", dtype=object)
    names[heights - 1] = rows(recording)
    powers = np.unique(np.linspace(np.ceil(low), np.floor(high), 4).round()) if high > low else np.array([low])
    powers = powers if len(powers) > 1 else np.array([low, high])
    bar = {"thickness": 10, "outlinewidth": 0, "tickvals": powers.tolist()}
    bar["ticktext"] = [number(10.0**power, 1) for power in powers]
    trace = base.heatmap(
        arrays.single(z),
        arrays.whole(recording.frames),
        arrays.whole(np.arange(1, len(z) + 1)),
        1,
        theme.MAGNITUDE,
        "step %{x}<br>%{text}: %{customdata:.4g}",
        customdata=arrays.single(exact),
        text=[[name] * z.shape[1] for name in names],
        hoverongaps=False,
        showscale=last,
        colorbar=bar,
    )
    return trace | {"zmin": low, "zmax": high if high > low else low + 1}


def _rows_axis(recording: Any, **more: Any) -> dict[str, Any]:
    heights, names, every = _heights(recording), rows(recording), _every(recording)
    ticks = {"tickvals": heights[::every].tolist(), "ticktext": names[::every]}
    return theme.axis(showgrid=False, range=[0.5, heights[-1] + 0.5], **ticks, **more)


def _every(recording: Any) -> int:
    """Of so many rows one is named."""
    return -(-len(recording.parts) // MOST_NAMES)
