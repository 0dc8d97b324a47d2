"""Singular values of a deep stack, and eigenvalues of one matrix that is used again and again.

A Jacobian's singular values, sorted, on a logarithmic axis: a flat line treats all directions alike, a steep
one loses most of them. The dashed line is theory's root mean square, χ1^(l/2) after l layers.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.depth import Recurrence
from pages.common import theme
from pages.figures import arrays, base, scales
from pages.figures.depth.profile import STYLES

COLORS = [style["color"] for style in STYLES]
LOWEST = 12.0  #: powers of ten under the largest value that are drawn


def spectrum_figure(
    title: str, spectra: dict[str, np.ndarray], growth: float, layers: np.ndarray, *, height: int = theme.MAIN
) -> go.Figure:
    """Sorted singular values after each of the `layers`; `spectra[name]` is [L, n], `growth` is χ1."""
    ranks = arrays.whole(np.arange(1, next(iter(spectra.values())).shape[1] + 1))
    chosen = {name: values[layers - 1] for name, values in spectra.items()}
    theory = np.power(float(growth), layers / 2)
    seen = np.concatenate([*[values.ravel() for values in chosen.values()], theory])
    span = scales.limits(seen, log=True)
    span[0] = max(span[0], span[1] - 2 * LOWEST)
    traces = [
        base.scatter("lines", ranks[[0, -1]], _pair(theory[-1]), "theory %{y:.4g}", name="theory", line=theme.THEORY)
    ]
    for color, (name, values) in zip(COLORS, chosen.items(), strict=True):
        line = {"color": color, "width": 2}
        y = arrays.single(values[-1])
        traces.append(base.scatter("lines", ranks, y, f"rank %{{x}}<br>{name} %{{y:.4g}}", name=name, line=line))
    frames = []
    for k, layer in enumerate(layers):
        moved = [{"y": _pair(theory[k])}, *[{"y": arrays.single(values[k])} for values in chosen.values()]]
        frames.append(base.frame(int(layer), range(len(traces)), moved, _title(title, int(layer), "<b>{}</b>")))
    layout = theme.layout(
        height,
        xaxis=theme.axis("rank, largest first"),
        yaxis=scales.value_axis("singular value", span, log=True),
        **_title(title, int(layers[-1])),
    )
    return base.Animated(traces, layout, frames)


def eigenvalues_figure(found: Recurrence, *, height: int = theme.SIDE) -> go.Figure:
    """Eigenvalues of the recurrent matrix, with the unit circle."""
    angle = np.linspace(0, 2 * np.pi, 121)
    size = 1.15 * max(1.0, float(np.abs(found.eigenvalues).max()))
    x, y = arrays.single(found.eigenvalues.real), arrays.single(found.eigenvalues.imag)
    outside = np.abs(found.eigenvalues) > 1
    colors = np.where(outside, theme.POSITIVE, theme.NEGATIVE).tolist()
    marker = {"size": 6, "color": colors, "symbol": np.where(outside, "diamond", "circle").tolist()}
    traces = [
        base.scatter("lines", arrays.single(np.cos(angle)), arrays.single(np.sin(angle)), line=theme.THEORY),
        base.scatter("markers", x, y, "%{x:.3g} + %{y:.3g} i", marker=marker),
    ]
    layout = theme.layout(
        height,
        title={"text": "Eigenvalues of W, with the unit circle"},
        xaxis=theme.axis("real part", range=[-size, size]),
        yaxis=theme.axis("imaginary part", range=[-size, size], scaleanchor="x"),
    )
    return go.Figure(traces, {"template": {}} | layout)


def recurrence_figure(curves: dict[str, Recurrence], *, height: int = theme.SIDE) -> go.Figure:
    """The gradient that arrives t steps back in time, over the sequences, with ρ^t; moves back step by step."""
    predicted = next(iter(curves.values())).predicted
    steps = np.arange(len(predicted))
    means = {name: np.sqrt(np.mean(np.square(found.norms), axis=0)) for name, found in curves.items()}
    span = scales.limits(np.concatenate([predicted, *means.values()]), log=True)
    x = arrays.whole(steps)
    named = {"name": "ρ<sup>T</sup>, theory", "line": theme.THEORY}
    traces = [base.scatter("lines", x, arrays.positive(predicted), "ρ<sup>t</sup> = %{y:.4g}", **named)]
    for color, (name, mean) in zip(COLORS, means.items(), strict=False):
        hover = f"%{{x}} steps back<br>{name} %{{y:.4g}}"
        line = {"color": color, "width": 2}
        traces.append(base.scatter("lines", x, arrays.positive(mean), hover, name=name, line=line))
    first = len(traces)
    traces.append(_dots(list(means.values()), int(steps[-1])))
    frames = []
    for step in steps:
        y = arrays.positive(np.array([mean[step] for mean in means.values()]))
        frames.append(base.frame(int(step), [first], [{"x": arrays.repeated(int(step), len(means)), "y": y}]))
    layout = theme.layout(
        height,
        title={"text": "Gradient, relative to the last step's"},
        xaxis=theme.axis("T, steps back in time"),
        yaxis=scales.value_axis("norm", span, log=True),
    )
    return base.Animated(traces, layout, frames)


def _dots(means: list[np.ndarray], step: int) -> dict[str, Any]:
    marker = {"size": 10, "color": COLORS[: len(means)]}
    y = arrays.positive(np.array([mean[step] for mean in means]))
    return base.scatter("markers", arrays.repeated(step, len(means)), y, marker=marker, cliponaxis=False)


def _pair(value: float) -> np.ndarray:
    return arrays.positive(np.array([value, value]))


def _title(title: str, layer: int, shape: str = "{}") -> dict[str, Any]:
    return {"title": {"text": shape.format(f"{title}, {layer} layer{'s' if layer > 1 else ''}")}}
