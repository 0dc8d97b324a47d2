"""A measure of each layer over the steps: a line for each part, a cursor at the step, A thin behind B.

Update ratios are drawn on a logarithmic axis with the band in which training is healthy; cosines and shares on a
linear one. Layers go from light to dark with depth, biases are dashed, lines of A are thin and grey. Of many layers
some are drawn, evenly from the first to the last. A logarithmic axis has no place for zero: there a line has a gap.
"""

from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.figures import arrays, base, norms, scales
from pages.figures.layers import comparison

MOST_LAYERS = 8  #: that are drawn
MOST_POINTS = 4000  #: of all lines of a run together
NO_BAND = (np.nan, np.nan)


class Curves(NamedTuple):
    """One run's lines: `values[n, C]` at `steps[n]`, with the layer, the name and the dash of each of C."""

    recording: Any
    steps: np.ndarray
    values: np.ndarray
    layers: list[int]
    names: list[str]
    dashes: list[str]


class Scale(NamedTuple):
    """The axis of the values: its title, whether it is logarithmic, its range, a healthy band, and lines to mark."""

    title: str
    log: bool = False
    span: tuple[float, float] | None = None
    band: tuple[float, float] = NO_BAND
    marks: tuple[tuple[float, str], ...] = ()
    percent: bool = False


def of_parts(recording: Any, values: np.ndarray) -> Curves:
    """Lines of `values[T + 1, parts]`: weights and biases of the layers that are drawn."""
    kinds, shown = recording.network.layout.kinds, _drawn(comparison.depth(recording))
    wanted = ("weight", "kernel", "bias") if len(shown) == comparison.depth(recording) else ("weight", "kernel")
    parts = [part for part in comparison.parts_of(recording, *wanted) if part[2] in shown]
    columns, names, layers = (list(column) for column in zip(*parts, strict=True))
    dashes = [norms.DASHES[kinds[name]] for name in names]
    return Curves(recording, np.arange(len(values)), values[:, columns], layers, names, dashes)


def of_layers(recording: Any, steps: np.ndarray, *measures: tuple[str, np.ndarray, str]) -> Curves:
    """Lines of measures `(name, values[n, L], dash)`, without the layers that have none."""
    shown = _drawn(comparison.depth(recording))
    found = [
        (values[:, layer - 1], layer, f"layer {layer}: {name}", dash)
        for name, values, dash in measures
        for layer in shown
        if np.isfinite(values[:, layer - 1]).any()
    ]
    values, layers, names, dashes = (list(column) for column in zip(*found, strict=True)) if found else ([], [], [], [])
    stacked = np.stack(values, axis=1) if values else np.empty((len(steps), 0))
    return Curves(recording, steps, stacked, layers, names, dashes)


def lines_figure(
    title: str, scale: Scale, curves: Curves, pinned: Curves | None = None, versus: str = "", *,
    at: int = -1, height: int = theme.SIDE,
) -> go.Figure:  # fmt: skip
    """The lines over the steps; only the cursor moves.

    Args:
        title: of the chart.
        scale: of the values.
        curves: the run, B.
        pinned: another run, A.
        versus: what the two differ in, for the title.
        at: the key frame of the first picture.
        height: in pixels.
    """
    recording = curves.recording
    _, first = base.chosen_frames(recording, at, 1)
    steps = recording.frames
    together = 1
    if scale.log and len(curves.values):
        together = norms.steps_together(norms.gaps(curves.values))
    still = [] if pinned is None else _lines(pinned, scale, together, thin=True)
    still += _lines(curves, scale, together, thin=False)
    reach = [line["y"] for line in still] + [np.array(scale.band)]
    span = list(scale.span) if scale.span else scales.limits(np.concatenate(reach), log=scale.log, margin=0.08)
    cursor = base.cursor(steps[first], "y2")
    frames = [base.frame(step, [len(still)], [{"x": arrays.repeated(step, 2)}]) for step in steps]
    layout = theme.layout(
        height,
        **comparison.headed(
            title + (f", mean of {together} steps" if together > 1 else ""),
            versus.replace("A:", "A (grey):", 1),
            height,
        ),
        xaxis=scales.steps_axis(recording),
        yaxis=scales.value_axis(scale.title, span, log=scale.log, **({"tickformat": ".0%"} if scale.percent else {})),
        yaxis2=base.overlay(),
    )
    event = base.event_mark(recording)
    shapes, notes = _marked(scale)
    layout |= {"shapes": shapes + event.get("shapes", []), "annotations": notes + event.get("annotations", [])}
    return base.Animated([*still, cursor], layout, frames)


def _drawn(layers: int) -> list[int]:
    return np.unique(np.linspace(1, layers, min(layers, MOST_LAYERS)).round().astype(int)).tolist()


def _lines(curves: Curves, scale: Scale, together: int, *, thin: bool) -> list[dict[str, Any]]:
    colors = theme.layer_colors(comparison.depth(curves.recording))
    ends = {min(curves.layers, default=1), max(curves.layers, default=1)}
    lines = []
    for column, (layer, name, dash) in enumerate(zip(curves.layers, curves.names, curves.dashes, strict=True)):
        values = norms.gaps(curves.values[:, column]) if scale.log else curves.values[:, column]
        x, y = norms.outline(values, together, MOST_POINTS // len(curves.names))
        line = (comparison.PINNED if thin else {"color": colors[layer - 1], "width": 2}) | {"dash": dash}
        leads = name == curves.names[curves.layers.index(layer)]
        keyed = not thin and leads and (layer in ends or len(set(curves.layers)) <= norms.KEYED)
        named = {"name": name.partition(":")[0]} if keyed else {}
        value = "%{y:.1%}" if scale.percent else "%{y:.4g}"
        hover = f"step %{{x}}<br>{'A, ' if thin else ''}{name} {value}"
        lines.append(base.scatter("lines", arrays.whole(curves.steps)[x], y, hover, line=line, **named))
    return lines


def _marked(scale: Scale) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The healthy band and the marked values, with their words."""
    shapes, notes = [], []
    across = {"xref": "paper", "x0": 0, "x1": 1, "yref": "y", "layer": "below"}
    healthy = theme.VERDICTS["healthy"].color

    def said(value: float, text: str) -> None:
        place = {"xref": "paper", "x": 0.01, "yref": "y", "yanchor": "bottom"}
        notes.append(base.note(text, y=float(np.log10(value)) if scale.log else value, **place))

    if np.isfinite(scale.band[0]):
        low, high = scale.band
        fill = {"fillcolor": theme.faded(healthy, 0.13), "line": {"width": 0}}
        shapes.append(across | {"type": "rect", "y0": low, "y1": high} | fill)
        said(low, "healthy")
    for value, text in scale.marks:
        shapes.append(across | {"type": "line", "y0": value, "y1": value, "line": theme.THEORY})
        if text:
            said(value, text)
    return shapes, notes
