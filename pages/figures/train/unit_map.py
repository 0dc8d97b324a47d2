"""One unit, large: its output over the plane of the inputs, with the data; or the weights with which it reads.

With two inputs a unit is a function of the plane, whatever lies between; the map is its tile in the diagram, finer.
With more inputs a unit of the first layer is told by its weights: of an image they are an image themselves, bright
where ink speaks for the unit (blue) or against it (orange). Units of later layers are told by a bar for each weight.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.text import number
from pages.figures import arrays, base, diagram, scales, weight_maps
from pages.figures.train import boundary, plane
from pages.figures.train.units import Outputs, outputs_of, signed_levels, unit_title

LEVELS = 100  #: of the range of a map, as per cent under the pointer
MOST_BARS = 64  #: weights with a bar; of more, the largest at the end of the run


def unit_figure(
    recording: Any, layer: int, unit: int, *, point: Sequence[float] = (), at: int = -1, height: int = theme.MAIN
) -> go.Figure:
    """What a unit does, over the key frames.

    Args:
        recording: the run; with two raw inputs the unit is a map, else its weights are shown.
        layer: of the unit; 0 for an input, which has a map only.
        unit: in its layer, from 0.
        point: an input to be marked in the map, `[2]`.
        at: the key frame of the first picture.
        height: in pixels.
    """
    if len(recording.data.points) == 2:
        return _map(recording, layer, unit, point, at, height)
    image = image_shape(recording.data)
    if image and layer == 1:
        return _picture(recording, unit, image, at, height)
    return _bars(recording, layer, unit, at, height)


def image_shape(data: Any) -> tuple[int, int] | None:
    """Rows and columns of the images that the inputs are; None where they are none."""
    last = data.input_names[-1]
    if not last.startswith("pixel "):
        return None
    rows, columns = (int(place) + 1 for place in last.removeprefix("pixel ").split(","))
    return (rows, columns) if rows * columns == len(data.input_names) else None


def _title(recording: Any, layer: int, unit: int) -> str:
    sizes = recording.network.sizes
    return unit_title(layer, unit, len(sizes) - 1, diagram.input_names(recording.data))


def _map(recording: Any, layer: int, unit: int, point: Sequence[float], at: int, height: int) -> go.Figure:
    data, cells = recording.data, boundary.CELLS
    work = recording.network.size * cells**2
    chosen, first = base.chosen_frames(recording, at, 1.4 * cells**2 + 120, work)
    (x, y), points = plane.grid(data, cells)
    every = outputs_of(recording, chosen, data.expand(points))[layer]
    own = Outputs(every.values[:, [unit]], every.signed[:, [unit]], every.limit)
    levels = signed_levels(own).reshape(-1, cells, cells)
    x_name, y_name = map(base.short, data.feature_names)
    hover = f"{x_name} %{{x:.4g}}, {y_name} %{{y:.4g}}<br>%{{z}} % of {number(own.limit, 3)}"
    levels = (levels.astype(np.int16) - LEVELS).astype(np.int8)
    colors = base.pale(theme.SIGNED, boundary.OPACITY)
    heat = base.heatmap(levels[first], x, y, LEVELS, colors, hover, zsmooth="best", zmin=-LEVELS)
    frames = [
        base.frame(step, [0], [{"type": "heatmap", "z": level}])
        for step, level in zip(recording.frames[chosen], levels, strict=True)
    ]
    title = f"{_title(recording, layer, unit)}: output, plus or minus {number(own.limit, 3)}"
    layout = plane.plane_layout(data, (x, y), height, title)
    return base.Animated([heat, *plane.points_of(data), *plane.mark(point)], layout, frames)


def _picture(recording: Any, unit: int, image: tuple[int, int], at: int, height: int) -> go.Figure:
    rows, columns = image
    chosen, first = base.chosen_frames(recording, at, 1.4 * rows * columns + 100)
    weights = recording.network.layout.view(recording.params[chosen], "W1")[:, unit]
    limits = weight_maps.limits_of(recording, weights, "weight")
    levels = weight_maps.signed_levels(weights, limits).reshape(-1, rows, columns)
    places = [arrays.whole(np.arange(1, size + 1)) for size in (columns, rows)]
    heat = base.heatmap(levels[first], *places, 200, theme.SIGNED)
    frames = [
        base.frame(step, [0], [{"type": "heatmap", "z": level}])
        for step, level in zip(recording.frames[chosen], levels, strict=True)
    ]
    title = f"{_title(recording, 1, unit)}: its weight of each pixel, plus or minus {number(limits[first], 3)}"
    side = {"showgrid": False, "showline": True, "mirror": True, "linecolor": theme.GRID, "constrain": "domain"}
    layout = theme.layout(
        height,
        title={"text": title},
        xaxis=theme.axis("column", **side),
        yaxis=theme.axis("row", autorange="reversed", scaleanchor="x", **side),
    )
    return base.Animated([heat], layout, frames)


def _bars(recording: Any, layer: int, unit: int, at: int, height: int) -> go.Figure:
    names = diagram.input_names(recording.data)
    if layer != 1:
        names = [f"a{layer - 1}[{source}]" for source in range(1, recording.network.sizes[layer - 1] + 1)]
    every = recording.network.layout.view(recording.params, f"W{layer}")[:, unit]
    kept = np.sort(np.argsort(-np.abs(np.nan_to_num(every[-1])), kind="stable")[:MOST_BARS])
    chosen, first = base.chosen_frames(recording, at, 12 * len(kept) + 120)
    limit = float(weight_maps.limits_of(recording, every, "weight")[0]) or 1.0
    values = arrays.single(every[chosen][:, kept])
    signs = np.sign(np.nan_to_num(values)).astype(np.int8)
    scale = [[0.0, theme.NEGATIVE], [0.5, theme.NEUTRAL], [1.0, theme.POSITIVE]]
    marker = {"color": signs[first], "cmin": -1, "cmax": 1, "colorscale": scale}
    places = arrays.whole(np.arange(len(kept)))
    bars = {"type": "bar", "x": places, "y": values[first], "marker": marker, "showlegend": False}
    bars |= {"text": np.array([names[source] for source in kept]), "textposition": "none"}
    bars["hovertemplate"] = "%{text}<br>weight %{y:.4g}<extra></extra>"
    frames = [
        base.frame(step, [0], [{"type": "bar", "y": row, "marker": {"color": sign}}])
        for step, row, sign in zip(recording.frames[chosen], values, signs, strict=True)
    ]
    fewer = f", the {len(kept)} largest of {every.shape[1]}" if len(kept) < every.shape[1] else ""
    ticks = {"tickvals": places, "ticktext": [names[source] for source in kept], "showgrid": False}
    layout = theme.layout(
        height,
        title={"text": f"{_title(recording, layer, unit)}: its weights{fewer}"},
        xaxis=theme.axis("from", automargin=True, **ticks),
        yaxis=scales.value_axis("weight", [-1.06 * limit, 1.06 * limit], log=False),
    )
    return base.Animated([bars], layout, frames)
