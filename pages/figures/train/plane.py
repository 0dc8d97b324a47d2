"""The plane of two inputs as every picture of it has it: where it is evaluated, its axes, and the data in it.

Filled points were trained on, hollow ones were not; their colour is the class, or the target on the scale of the map.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.datasets import DATASETS
from pages.common import theme
from pages.figures import arrays, base, scales

MOST_POINTS = 400  #: of the data; each is drawn anew in every frame
KEYED = 6  #: classes that still get a line in the legend
RIM = "rgba(255, 255, 255, 0.65)"
SOLID = [[0.0, theme.NEGATIVE], [0.5, theme.NEUTRAL], [1.0, theme.POSITIVE]]  #: signed, never transparent


def grid(data: Any, cells: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Where a map is evaluated: `cells` float32 places along each raw input, all points `[d_raw, N]`."""
    ranges = [scales.limits(row, margin=0.03) for row in data.points]
    for span, (low, high) in zip(ranges, DATASETS[data.name].domain, strict=False):
        span[:] = min(span[0], low), max(span[1], high)
    axes = [np.linspace(low, high, cells, dtype=np.float32) for low, high in ranges]
    return axes, np.stack([plane.ravel() for plane in np.meshgrid(*axes)])


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
        xaxis=theme.axis(counted(x_name, data), showgrid=False, range=ends(x), constrain="domain", **more),
        yaxis=theme.axis(y_name, showgrid=False, range=ends(y), **square),
    )


def mark(point: Sequence[float]) -> list[dict[str, Any]]:
    """Where an input lies in the plane; nothing for none."""
    if not len(point):
        return []
    marker = {"size": 13, "symbol": "x", "color": theme.CHOSEN, "line": {"width": 1.5, "color": "#ffffff"}}
    return [base.scatter("markers", *arrays.single(point)[:, None], marker=marker)]


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


def counted(name: str, data: Any) -> str:
    """The title of an axis, with the number of points where not all are drawn."""
    drawn, every = sum(map(len, drawn_points(data).values())), data.points.shape[1]
    return name if drawn == every else f"{name} ({drawn:,} of {every:,} points)"


def ends(axis: np.ndarray) -> list[float]:
    """The range of an axis that is evaluated at these places."""
    return [float(axis[0]), float(axis[-1])]
