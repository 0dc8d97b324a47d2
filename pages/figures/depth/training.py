"""Deep networks in training: the gradient of each layer in each step, and what it does to the loss.

A heat map holds the norms of the weights' gradients, one row a layer and one column a step, on a logarithmic
colour scale that all networks share. Beside it are the profile over the layers at the player's step (the
norm before clipping, and after it where they differ) and the loss of every network.
"""

from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.figures import arrays, base, scales

COLUMNS = 120
DECADES = 16.0  #: the colours span at most so many powers of ten under the largest gradient


class Run(NamedTuple):
    """One network's recording, with its name and its style from `profile.STYLES`."""

    name: str
    recording: Any
    style: dict[str, Any]

    @property
    def norms(self) -> np.ndarray:
        """Norm of each layer's weight gradient before clipping [T + 1, L + 1]."""
        return self.recording.gradient_norm[:, self._weights]

    @property
    def applied(self) -> np.ndarray:
        """The same after clipping."""
        return self.recording.applied_norm[:, self._weights]

    @property
    def _weights(self) -> list[int]:
        parts, kinds = self.recording.parts, self.recording.network.layout.kinds
        return [column for column, part in enumerate(parts) if kinds[part] == "weight"]


def key_steps(runs: list[Run]) -> np.ndarray:
    """At most `COLUMNS` steps, up to the last one that any of the runs has reached."""
    last = max(run.recording.steps for run in runs)
    return np.unique(np.linspace(0, last, min(last + 1, COLUMNS)).round().astype(int))


def color_span(runs: list[Run]) -> tuple[float, float]:
    """The powers of ten that all heat maps share."""
    norms = np.concatenate([run.norms.ravel() for run in runs])
    low, high = scales.limits(norms, log=True, margin=0.0)
    return max(low, high - DECADES), high


def heat_figure(run: Run, steps: np.ndarray, span: tuple[float, float], *, height: int = theme.SIDE) -> go.Figure:
    """The gradient norm per layer and step of one run, with the player's cursor."""
    usable = steps[steps <= run.recording.steps]
    with np.errstate(divide="ignore"):
        logs = np.log10(run.norms[usable].T)
    top = 254
    with np.errstate(invalid="ignore"):
        levels = (logs - span[0]) / ((span[1] - span[0]) or 1.0) * (top - 1) + 1
    levels = np.nan_to_num(levels, nan=0.0, posinf=top, neginf=0.0).clip(0, top).astype(np.uint8)
    layers = arrays.whole(np.arange(1, len(logs) + 1))
    scale = [[0.0, "rgba(128, 132, 149, 0.15)"], [0.002, "rgba(128, 132, 149, 0.15)"], [0.0021, theme.MAGNITUDE[0][1]]]
    scale += theme.MAGNITUDE[1:]
    ticks = np.linspace(1, top, 4)
    texts = [
        f"10<sup>{span[0] + (t - 1) / (top - 1) * (span[1] - span[0]):.0f}</sup>".replace("-0<", "0<") for t in ticks
    ]
    bar = {"thickness": 8, "outlinewidth": 0, "tickvals": ticks.tolist(), "ticktext": texts}
    shown = {"showscale": True, "colorbar": bar}
    traces = [
        base.heatmap(levels, arrays.whole(usable), layers, top, scale, "step %{x}, layer %{y}", **shown),
        base.cursor(int(steps[-1]), "y2"),
    ]
    frames = [base.frame(step, [1], [{"x": arrays.repeated(step, 2)}]) for step in steps]
    layout = theme.layout(
        height,
        title={"text": f"Gradient norm, {run.name}"},
        xaxis=theme.axis("step", range=[-0.5, steps[-1] + 0.5]),
        yaxis=theme.axis("layer", range=[0.5, len(layers) + 0.5]),
        yaxis2=base.overlay(),
        **base.event_mark(run.recording),
    )
    return base.Animated(traces, layout, frames)


def loss_figure(runs: list[Run], steps: np.ndarray, *, height: int = theme.SIDE) -> go.Figure:
    """The loss on each step's batch of every run, with the player's cursor."""
    span = scales.limits(np.concatenate([run.recording.loss for run in runs]), log=True)
    traces = []
    for run in runs:
        kept = arrays.envelope(run.recording.loss, 800)
        line = {"color": run.style["color"], "width": 1.5}
        hover = f"step %{{x}}<br>{run.name} %{{y:.4g}}"
        y = arrays.near(run.recording.loss[kept], span, log=True)
        traces.append(base.scatter("lines", arrays.whole(kept), y, hover, name=run.name, line=line))
    traces.append(base.cursor(int(steps[-1]), "y2"))
    frames = [base.frame(step, [len(runs)], [{"x": arrays.repeated(step, 2)}]) for step in steps]
    layout = theme.layout(
        height,
        title={"text": "Loss of each step's batch"},
        xaxis=theme.axis("step", range=[0, max(int(steps[-1]), 1)]),
        yaxis=scales.value_axis("loss", span, log=True),
        yaxis2=base.overlay(),
    )
    return base.Animated(traces, layout, frames)


def layers_figure(runs: list[Run], steps: np.ndarray, *, height: int = theme.SIDE) -> go.Figure:
    """The gradient norm over the layers at the player's step, before clipping and after it where it is on."""
    depth = max(run.norms.shape[1] for run in runs)
    lines = []
    for run in runs:
        lines.append((run, run.norms, run.name, "solid"))
        if run.recording.experiment.clip:
            lines.append(
                (run, run.applied, "after clipping" if run.name == "clipping" else f"{run.name}, clipped", "dash")
            )
    span = scales.limits(np.concatenate([norms.ravel() for _, norms, _, _ in lines]), log=True)
    span[0] = max(span[0], span[1] - 2 * DECADES)
    traces, curves = [], []
    for run, norms, name, dash in lines:
        reached = np.minimum(steps, run.recording.steps)
        values = norms[reached]
        curves.append(arrays.positive(values))
        color = run.style["color"]
        marker = {"size": 4, "symbol": run.style["symbol"], "color": color}
        style = {"name": name, "line": {"color": color, "width": 1.5, "dash": dash}, "marker": marker}
        layers = arrays.whole(np.arange(1, norms.shape[1] + 1))
        traces.append(
            base.scatter("lines+markers", layers, curves[-1][-1], f"layer %{{x}}<br>{name} %{{y:.4g}}", **style)
        )
    indices = range(len(traces))
    frames = [
        base.frame(step, indices, [{"y": curve[k]} for curve in curves], _title(step, "<b>{}</b>"))
        for k, step in enumerate(steps)
    ]
    layout = theme.layout(
        height,
        xaxis=theme.axis("layer, input to output", range=[0.5, depth + 0.5]),
        yaxis=scales.value_axis("norm", span, log=True),
        **_title(int(steps[-1])),
    )
    return base.Animated(traces, layout, frames)


def _title(step: int, shape: str = "{}") -> dict[str, Any]:
    """A title; frames write it in the bold type that Streamlit gives the first one by itself."""
    return {"title": {"text": shape.format(f"Gradient size per layer (norm), step {step}")}}
