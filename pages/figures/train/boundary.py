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

from engine.datasets import DATASETS
from pages.common import theme
from pages.figures import arrays, base

CELLS = 40  #: of a map, each way; the browser interpolates between them
CLASS_CELLS = 56  #: of a map of classes, between which nothing can be interpolated
CURVE_POINTS = 160
CLASS_LEVELS = 200  #: shared by the classes of a map of classes
OPACITY = 0.55  #: of a map, so that points of the same colour stand out
MOST_POINTS = 400  #: of the data; each is drawn anew in every frame
KEYED = 6  #: classes that still get a line in the legend
RIM = "rgba(255, 255, 255, 0.65)"
SOLID = [[0.0, theme.NEGATIVE], [0.5, theme.NEUTRAL], [1.0, theme.POSITIVE]]  #: signed, never transparent


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


def grid(data: Any, cells: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Where a map is evaluated: `cells` float32 places along each raw input, all points `[d_raw, N]`."""
    ranges = [base.limits(row, margin=0.03) for row in data.points]
    for span, (low, high) in zip(ranges, DATASETS[data.name].domain, strict=False):
        span[:] = min(span[0], low), max(span[1], high)
    axes = [np.linspace(low, high, cells, dtype=np.float32) for low, high in ranges]
    return axes, np.stack([plane.ravel() for plane in np.meshgrid(*axes)])


def levels(values: np.ndarray, low: float, high: float, top: int) -> np.ndarray:
    """`values` as uint8: 0 at `low` and below, `top` at `high` and above; not a number gives the middle."""
    with np.errstate(over="ignore"):
        scaled = (values - low) * (top / (high - low))
    return np.rint(np.clip(np.nan_to_num(scaled, nan=top / 2), 0, top)).astype(np.uint8)


def number_scale(data: Any) -> tuple[float, float, list[list[Any]]]:
    """Range and colours of a target: signed and symmetric if it takes both signs, else a magnitude."""
    targets = base.in_units(data, data.targets)
    low, high = float(targets.min()), float(targets.max())
    if low < 0 < high or low == high:
        limit = max(abs(low), abs(high)) or 1.0
        return -limit, limit, theme.SIGNED
    return low, high, theme.MAGNITUDE


def plane_layout(data: Any, axes: Sequence[np.ndarray], height: int, title: str, **more: Any) -> dict[str, Any]:
    """The layout of a picture of the plane, as high as wide where both inputs are on one scale; `more` of x."""
    x, y = axes
    x_name, y_name = map(base.short, data.feature_names)
    square = {} if data.name == "csv" else {"scaleanchor": "x", "constrain": "domain"}
    return theme.layout(
        height,
        title={"text": title},
        xaxis=theme.axis(_counted(x_name, data), showgrid=False, range=_ends(x), constrain="domain", **more),
        yaxis=theme.axis(y_name, showgrid=False, range=_ends(y), **square),
    )


def mark(point: Sequence[float]) -> list[dict[str, Any]]:
    """Where an input lies in the plane; nothing for none."""
    if not len(point):
        return []
    marker = {"size": 13, "symbol": "x", "color": theme.CHOSEN, "line": {"width": 1.5, "color": "#ffffff"}}
    return [base.scatter("markers", *arrays.single(point)[:, None], marker=marker)]


def _map(recording: Any, point: Sequence[float], at: int, height: int) -> go.Figure:
    data = recording.data
    cells = CLASS_CELLS if data.labels is not None and len(data.class_names) > 2 else CELLS
    work = recording.network.size * cells * cells
    chosen, first = base.chosen_frames(recording, at, 1.4 * cells * cells + 120, work)
    (x, y), points = grid(data, cells)
    shown = base.displayed(recording, chosen, data.expand(points)).reshape(len(chosen), -1, cells, cells)
    painted = _paint(recording, shown)
    colors = base.pale(painted.colors, OPACITY)
    heat = base.heatmap(painted.levels[first], x, y, painted.top, colors, **painted.style)
    frames = [
        base.frame(step, [0], [{"type": "heatmap", "z": level}])
        for step, level in zip(recording.frames[chosen], painted.levels, strict=True)
    ]
    beside = {"constraintoward": "right"} if "colorbar" in painted.style else {}
    layout = plane_layout(data, (x, y), height, painted.title, **beside)
    return base.Animated([heat, *points_of(data), *mark(point)], layout, frames)


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


def drawn_points(data: Any) -> dict[str, np.ndarray]:
    """The columns of the data that are drawn of each part: all, or evenly spaced ones where they are many.

    Where nothing is held back there is no test part.
    """
    stride = -(-data.points.shape[1] // MOST_POINTS)
    parts = {"train": data.train[::stride], "test": data.test[::stride]}
    return {name: members for name, members in parts.items() if len(members)}


def points_of(data: Any) -> list[dict[str, Any]]:
    """Train filled, test hollow; the colour is the class, or the target on the scale of the map."""
    parts = drawn_points(data)
    if data.labels is None:
        low, high, colors = number_scale(data)
        values = base.in_units(data, data.targets[0])
        texts = np.array([f"target {value:.4g}" for value in values])
        paint = {"cmin": low, "cmax": high, "colorscale": SOLID if colors is theme.SIGNED else colors}
    else:
        palette = theme.class_colors(len(data.class_names))
        names = np.array([base.class_title(data, label) for label in range(len(palette))])
        values, texts = data.labels, names[data.labels]
        if len(palette) <= KEYED:
            return _classes(data, parts, palette, texts)
        scale = [[label / (len(palette) - 1), color] for label, color in enumerate(palette)]
        paint = {"cmin": 0, "cmax": len(palette) - 1, "colorscale": scale}
    dots = [
        _dots(data, part, members, texts, {"color": arrays.single(values[members]), **paint})
        for part, members in parts.items()
    ]
    return [*dots, *(base.key(part, "markers", marker=_shape(part, theme.NEUTRAL)) for part in parts)]


def _classes(data: Any, parts: dict[str, np.ndarray], palette: list[str], texts: np.ndarray) -> list[Any]:
    """A trace for each class and part: Plotly draws one colour faster than a colour for each point."""
    dots = []
    for part, members in parts.items():
        for label, color in enumerate(palette):
            named = {"name": base.class_title(data, label)} if part == "train" else {}
            some = members[data.labels[members] == label]
            dots.append(_dots(data, part, some, texts, {"color": color}, **named))
    held = [base.key("test", "markers", marker=_shape("test", theme.NEUTRAL))] if "test" in parts else []
    return [*dots, *held]


def _dots(data: Any, part: str, members: np.ndarray, texts: np.ndarray, paint: dict[str, Any], **more: Any) -> Any:
    marker = _shape(part, None) | paint
    hover = f"{part}: %{{text}}<br>%{{x:.4g}}, %{{y:.4g}}"
    places = arrays.single(data.points[:, members])
    return base.scatter("markers", *places, hover, text=texts[members], marker=marker, **more)


def _shape(part: str, color: Any) -> dict[str, Any]:
    filled = {"symbol": "circle", "line": {"width": 1, "color": RIM}}
    hollow = {"symbol": "circle-open", "line": {"width": 2}}
    return {"size": 7, "color": color} | (filled if part == "train" else hollow)


def _counted(name: str, data: Any) -> str:
    """The title of an axis, with the number of points where not all are drawn."""
    drawn, every = sum(map(len, drawn_points(data).values())), data.points.shape[1]
    return name if drawn == every else f"{name} ({drawn:,} of {every:,} points)"


def _curve(recording: Any, point: Sequence[float], at: int, height: int) -> go.Figure:
    data = recording.data
    chosen, first = base.chosen_frames(recording, at, 5.6 * CURVE_POINTS + 110)
    (places,), points = grid(data, CURVE_POINTS)
    number = data.labels is None
    truth = base.in_units(data, data.targets[0]) if number else data.labels
    span = base.limits(truth, margin=0.12)
    curves = arrays.near(base.displayed(recording, chosen, data.expand(points))[:, 0 if number else -1], span)
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
        xaxis=theme.axis(_counted(name, data), range=_ends(places)),
        yaxis=base.value_axis(target if number else "probability", span, log=False),
    )
    return base.Animated(traces, layout, frames)


def _ends(axis: np.ndarray) -> list[float]:
    return [float(axis[0]), float(axis[-1])]
