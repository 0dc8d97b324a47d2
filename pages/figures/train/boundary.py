"""What the network has learned, drawn over its inputs: the decision boundary, or the fitted curve.

With two inputs the whole plane is put through the network and coloured by the answer: for two classes by the
probability, blue towards the second and orange towards the first, neutral on the boundary in between; for more by the
most probable class, stronger where it is surer; for a number by its value, the points by their target on the same
scale. With one input the answer is a curve through the data. Filled points were trained on, hollow ones were not.

All key frames are one call of the network. Maps travel as bytes, with 100 levels from 0 to 1 for
probabilities: finer than the eye, readable under the pointer as per cent, and free of the byte 255, whose
base 64 is a "/" that JSON writes with six characters.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.figures import arrays, base, scales
from pages.figures.train.plane import (
    KEYED,
    counted,
    drawn_points,
    ends,
    grid,
    mark,
    number_scale,
    plane_layout,
    points_of,
)

CELLS = 40  #: of a map, each way; the browser interpolates between them
CLASS_CELLS = 56  #: of a map of classes, between which nothing can be interpolated
TOLD_CELLS = 20  #: each way, of the map that tells the pointer of every class
CURVE_POINTS = 160
CLASS_LEVELS = 200  #: shared by the classes of a map of classes
OPACITY = 0.55  #: of a map, so that points of the same colour stand out


class Map(NamedTuple):
    """A map of all frames, ready to draw: `levels` uint8 `[F, cells, cells]` from 0 to `top`."""

    levels: np.ndarray
    top: int
    colors: list[list[Any]]
    title: str
    style: dict[str, Any]


def can_draw(data: Any) -> bool:
    """Whether the data set has one input or two, so that its boundary or curve fits a picture."""
    inputs = len(data.points)
    return inputs == 2 or (inputs == 1 and (data.labels is None or len(data.class_names) == 2))


def boundary_figure(
    recording: Any, *, point: Sequence[float] = (), at: int = -1, height: int = theme.MAIN
) -> go.Figure:
    """The decision boundary or the fitted curve over the key frames, with the data.

    Args:
        recording: a run on a data set that `can_draw` accepts.
        point: an input to be marked, `[d_raw]`.
        at: the key frame of the first picture.
        height: in pixels.

    Raises:
        ValueError: if the data set has more inputs than a picture has directions.
    """
    inputs = len(recording.data.points)
    if not can_draw(recording.data):
        raise ValueError(f"recording.data has {inputs} inputs; a picture has room for 1 or 2")
    return (_curve if inputs == 1 else _map)(recording, point, at, height)


def levels(values: np.ndarray, low: float, high: float, top: int) -> np.ndarray:
    """`values` as uint8: 0 at `low` and below, `top` at `high` and above; not a number gives the middle."""
    with np.errstate(over="ignore"):
        scaled = (values - low) * (top / (high - low))
    return np.rint(np.clip(np.nan_to_num(scaled, nan=top / 2), 0, top)).astype(np.uint8)


def _map(recording: Any, point: Sequence[float], at: int, height: int) -> go.Figure:
    data = recording.data
    classes = len(data.class_names) if data.labels is not None else 0
    cells = CLASS_CELLS if classes > 2 else CELLS
    told = classes if 2 < classes <= KEYED and recording.network.loss_function.probability else 0
    work = recording.network.size * cells * cells
    chosen, first = base.chosen_frames(recording, at, 1.4 * (cells**2 + told * TOLD_CELLS**2) + 120, work)
    (x, y), points = grid(data, cells)
    shown = base.displayed(recording, chosen, data.expand(points)).reshape(len(chosen), -1, cells, cells)
    painted = _paint(recording, shown)
    colors = base.pale(painted.colors, OPACITY)
    heat = base.heatmap(painted.levels[first], x, y, painted.top, colors, **painted.style)
    moved = [[{"type": "heatmap", "z": level}] for level in painted.levels]
    traces = [heat, *points_of(data), *mark(point)]
    if told:
        under, numbers = _told(recording, chosen)
        traces.append(under | {"customdata": numbers[first]})
        moved = [[*own, {"type": "heatmap", "customdata": table}] for own, table in zip(moved, numbers, strict=True)]
    where = [0, len(traces) - 1][: len(moved[0])]
    frames = [base.frame(step, where, own) for step, own in zip(recording.frames[chosen], moved, strict=True)]
    beside = {"constraintoward": "right"} if "colorbar" in painted.style else {}
    layout = plane_layout(data, (x, y), height, painted.title, **beside)
    return base.Animated(traces, layout, frames)


def _told(recording: Any, chosen: np.ndarray) -> tuple[dict[str, Any], np.ndarray]:
    """An invisible map that tells the pointer of the probability of every class, and these, in per cent."""
    data = recording.data
    (x, y), points = grid(data, TOLD_CELLS)
    shown = np.moveaxis(base.displayed(recording, chosen, data.expand(points)), 1, 2)
    numbers = levels(shown, 0.0, 1.0, 100).reshape(len(chosen), TOLD_CELLS, TOLD_CELLS, -1)
    x_name, y_name = map(base.short, data.feature_names)
    lines = [f"{x_name} %{{x:.3g}}, {y_name} %{{y:.3g}}"]
    lines += [f"{base.class_title(data, k)} %{{customdata[{k}]}} %" for k in range(numbers.shape[3])]
    blank = np.zeros((TOLD_CELLS, TOLD_CELLS), np.uint8)
    return base.heatmap(blank, x, y, 1, theme.SIGNED, "<br>".join(lines), opacity=0), numbers


def _paint(recording: Any, shown: np.ndarray) -> Map:
    data, loss = recording.data, recording.network.loss_function
    if data.labels is None:
        low, high, colors = number_scale(data)
        ticks = [f"{value:.4g}" for value in (low, (low + high) / 2, high)]
        bar = {"thickness": 10, "len": 0.9, "outlinewidth": 0, "tickvals": [0, 100, 200], "ticktext": ticks}
        style = {"showscale": True, "colorbar": bar, "zsmooth": "best"}
        return Map(levels(shown[:, 0], low, high, 200), 200, colors, "Output of the network", style)
    if len(data.class_names) > 2:
        return _paint_classes(data, shown, sure=loss.probability)
    low, high = (-1.0, 1.0) if loss.signed else (0.0, 1.0)
    what = f"{'probability' if loss.probability else 'score'} of {base.class_title(data, 1)}"
    style = {"zsmooth": "best"}
    if loss.probability:
        x_name, y_name = map(base.short, data.feature_names)
        style["hover"] = f"{x_name} %{{x:.4g}}, {y_name} %{{y:.4g}}<br>{what} %{{z}} %"
    painted = levels(shown[:, -1], low, high, 100)
    return Map(painted, 100, theme.SIGNED, f"Decision boundary: {what}", style)


def _paint_classes(data: Any, shown: np.ndarray, *, sure: bool) -> Map:
    classes = len(data.class_names)
    each = CLASS_LEVELS // classes
    best = shown.argmax(axis=1)
    surety = (shown.max(axis=1) * classes - 1) / (classes - 1) if sure else np.ones(best.shape)
    strength = np.rint(np.clip(np.nan_to_num(surety), 0, 1) * (each - 1))
    colors = []
    for place, color in enumerate(theme.class_colors(classes)):
        colors.append([place / classes, theme.faded(color, 0.1)])
        colors.append([(place + 1) / classes, theme.faded(color, 0.9)])
    painted = (best * each + strength).astype(np.uint8)
    return Map(painted, each * classes - 1, colors, "Predicted class", {"zsmooth": False})


def _in_view(truth: np.ndarray, curves: np.ndarray) -> np.ndarray:
    """What the axis holds: the data, and where the curve begins and ends, as far as one range of the data from them."""
    low, high = truth.min(), truth.max()
    reach = high - low
    return np.concatenate([truth, np.clip(curves[[0, -1]], low - reach, high + reach).ravel()])


def _curve(recording: Any, point: Sequence[float], at: int, height: int) -> go.Figure:
    data = recording.data
    chosen, first = base.chosen_frames(recording, at, 5.6 * CURVE_POINTS + 110)
    (places,), points = grid(data, CURVE_POINTS)
    number = data.labels is None
    truth = base.in_units(data, data.targets[0]) if number else data.labels
    shown = base.displayed(recording, chosen, data.expand(points))[:, 0 if number else -1]
    span = scales.limits(_in_view(truth, shown), margin=0.12)
    curves = arrays.near(shown, span)
    name, target = base.short(data.feature_names[0]), base.short(data.target_name) if number else "class"
    traces = []
    for (part, members), style in zip(drawn_points(data).items(), (theme.TRAIN, theme.TEST), strict=False):
        marker = {"size": 7, "symbol": "circle" if part == "train" else "circle-open"}
        marker["color"] = style["color"]
        x, y = arrays.single(data.points[0, members]), arrays.single(truth[members])
        hover = f"{part}<br>{name} %{{x:.4g}}, {target} %{{y:.4g}}"
        traces.append(base.scatter("markers", x, y, hover, name=part, marker=marker, opacity=0.8))
    hover = f"{name} %{{x:.4g}}<br>network %{{y:.4g}}"
    line = {"color": theme.POSITIVE, "width": 3}
    if len(point):
        here = np.repeat(arrays.single(point), 2)
        traces.append(base.scatter("lines", here, arrays.single(span), line={"color": theme.CHOSEN, "width": 2}))
    traces.append(base.scatter("lines", places, curves[first], hover, name="network", line=line))
    frames = [
        base.frame(step, [len(traces) - 1], [{"y": curve}])
        for step, curve in zip(recording.frames[chosen], curves, strict=True)
    ]
    title = "Fitted curve" if number else f"Probability of {base.class_title(data, 1)}"
    layout = theme.layout(
        height,
        title={"text": title},
        xaxis=theme.axis(counted(name, data), range=ends(places)),
        yaxis=scales.value_axis(target if number else "probability", span, log=False),
    )
    return base.Animated(traces, layout, frames)
