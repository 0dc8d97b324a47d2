"""The network with what each unit has learned: every unit is a small map of its output over the plane of the inputs.

The inputs are slopes; the first hidden layer cuts the plane with straight edges, the next one puts pieces together,
and the last tile is the answer. Blue is positive, orange negative, and white is where a unit says nothing. The edges
between the tiles are those of `diagram`: as thick as the weight (the gradient, the last update, or what an edge
carries for one input) is large.

A layer's tiles are one heat map, narrow and as high as the diagram, with neutral rows between two tiles, so that a
picture costs a byte for each cell and the browser draws one image a layer. All rows are of one height: of such a map
Plotly makes an image of a pixel a cell, of any other it paints cell by cell. Of a layer too large for that, the units
that weigh most in the next layer at the end of the run are drawn, in their own order, and the head of the layer says
how many.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.activations import ACTIVATIONS
from pages.common import theme
from pages.common.text import count, inside, number
from pages.figures import arrays, base, diagram, edges, weight_maps
from pages.figures.train.net import Net, carried, drawn_net, gathered
from pages.figures.train.plane import grid
from pages.figures.train.units import Outputs, outputs_of, signed_levels, unit_title

BETWEEN, REACH = 20, 2  #: in x: from one layer to the next, and from the middle of a tile to its side
CELLS = 10  #: of a tile, each way
GAP = 2  #: neutral rows between two tiles, at the least
HEADS = 0.605  #: the middle of the words over a layer
FULL = 8  #: units: of fewer a tile is as large as of so many, give or take what makes the rows even
CHOSEN = {"width": 3, "color": theme.CHOSEN}  #: round what is looked at
KINDS = ("weight", "gradient", "update")
TITLES = diagram.TITLES | {"signal": "what it carries, w·a"}


def tiles_figure(
    recording: Any,
    shows: str = "weight",
    *,
    looked: tuple[int, ...] = (),
    point: Sequence[float] = (),
    at: int = -1,
    height: int = theme.MAIN,
) -> go.Figure:
    """The network over the key frames, its units as maps.

    Args:
        recording: a run that `can_tile` accepts.
        shows: what the edges stand for: "weight", "gradient", "update", or "signal" with a `point`.
        looked: what is looked at: `(layer, unit)`, or `(layer, unit, source)` for a weight, from 0; layer 0: inputs.
        point: an input in the plane, to be marked in every tile.
        at: the key frame of the first picture.
        height: in pixels.
    """
    net = drawn_net(recording)
    drawn = edges.graph(net.sizes, BETWEEN, REACH)
    tiles, cells = len(net.places), CELLS * sum(units * (CELLS + _gap(units)) for units in net.sizes[1:])
    work = recording.network.size * CELLS**2
    chosen, first = base.chosen_frames(recording, at, 0.6 * (cells + 27 * len(drawn.edge_x) + 16 * tiles), work)
    axes, plane = grid(recording.data, CELLS)
    layers = outputs_of(recording, chosen, recording.data.expand(plane))
    kept = [Outputs(of.values[:, own], of.signed[:, own], of.limit) for of, own in zip(layers, net.units, strict=True)]
    painted = [stacked(signed_levels(of)) for of in kept]
    numbers = np.stack([gathered(recording, net, kind, chosen) for kind in KINDS], axis=2)
    shown = carried(recording, net, chosen, point) if shows == "signal" else numbers[..., KINDS.index(shows)]
    ranges = weight_maps.limits_of(recording, shown, "weight" if shows == "signal" else shows)
    lines, numbers = edges.bins(shown, ranges), arrays.single(numbers)
    about = [_unit_numbers(recording, of, layer, own, chosen) for layer, (of, own) in _numbered(kept, net)]
    about = arrays.single(np.concatenate(about, axis=1))
    moving = shows in ("gradient", "update")
    heats = range(edges.LINES + 2, edges.LINES + 1 + len(kept))
    frames = []
    for k, step in enumerate(recording.frames[chosen]):
        moved = [*edges.segments(drawn, lines[k]), {"customdata": numbers[k]}, {"customdata": about[k]}]
        moved += [{"type": "heatmap", "z": levels[k]} for levels in painted[1:]]
        frames.append(
            base.frame(step, [*range(edges.LINES + 2), *heats], moved, _stated(shows, ranges[k]) if moving else None)
        )
    names = diagram.labels(
        drawn,
        REACH,
        _heads(recording, net, layers),
        [diagram.input_names(recording.data)[unit] for unit in net.units[0]],
        [diagram.output_names(recording.data, recording.network.sizes[-1])[unit] for unit in net.units[-1]],
        over=HEADS,
    )
    traces = [
        *edges.edge_lines(frames[first]["data"]),
        _edge_handles(drawn, net, numbers[first]),
        _unit_handles(recording, drawn, net, about[first]),
        *[_heat(net, layer, levels[first]) for layer, levels in enumerate(painted) if layer],
        _heat(net, 0, painted[0][0]),
        _borders(net),
        names,
        *_marks(drawn, net, looked),
        *_points(axes, net, point),
    ]
    layout = theme.layout(
        height,
        title={"text": f"Each unit's output; edges by {TITLES[shows]}"},
        margin={"l": diagram.room(names, "middle left"), "r": diagram.room(names, "middle right"), "b": 24},
        xaxis={"visible": False, "range": [-REACH, BETWEEN * (len(net.sizes) - 1) + REACH], "fixedrange": True},
        yaxis={"visible": False, "range": [-0.54, 0.71], "fixedrange": True},
        **_stated(shows, ranges[first]),
    )
    return base.Animated(traces, layout, frames)


def stacked(levels: np.ndarray) -> np.ndarray:
    """The tiles `[F, units, cells²]` of a layer as one image `[F, rows, cells]`, from below: the last unit first."""
    frames, units, _ = levels.shape
    gap = _gap(units)
    image = np.full((frames, units, CELLS + gap, CELLS), 100, np.uint8)
    image[:, :, :CELLS] = levels.reshape(frames, units, CELLS, CELLS)[:, ::-1]
    return image.reshape(frames, -1, CELLS)[:, :-gap]


def _gap(units: int) -> int:
    """Rows between two tiles of so many in a layer."""
    return round((CELLS + GAP) * max(FULL / units, 1)) - CELLS


def _half(units: int) -> float:
    """Half the height of a tile of so many in a layer."""
    return CELLS / (CELLS + _gap(units)) / (2 * units)


def _middles(units: int) -> np.ndarray:
    return 0.5 - (np.arange(units) + 0.5) / units


def _heat(net: Net, layer: int, image: np.ndarray) -> dict[str, Any]:
    units = net.sizes[layer]
    half, middle = _half(units), BETWEEN * layer
    rows = np.linspace(_middles(units)[-1] - half, _middles(units)[0] + half, len(image) + 1)
    columns = np.linspace(middle - REACH, middle + REACH, CELLS + 1)
    return base.heatmap(image, arrays.single(columns), arrays.single(rows), 200, theme.SIGNED)


def _outline(layer: int, middle: float, half: float) -> tuple[list[float], list[float]]:
    left, right, low, high = BETWEEN * layer - REACH, BETWEEN * layer + REACH, middle - half, middle + half
    return [left, right, right, left, left, left], [low, low, high, high, low, np.nan]


def _borders(net: Net) -> dict[str, Any]:
    parts = [_outline(layer, y, _half(n)) for layer, n in enumerate(net.sizes) for y in _middles(n)]
    x, y = (np.concatenate(part) for part in zip(*parts, strict=True))
    return base.scatter("lines", arrays.single(x), arrays.single(y), line={"width": 1, "color": theme.NEUTRAL})


def _marks(drawn: edges.Graph, net: Net, looked: tuple[int, ...]) -> list[dict[str, Any]]:
    """A frame round the unit that is looked at, or a line along the weight."""
    if len(looked) == 2 and looked in net.places:
        layer, _ = looked
        units = net.units[layer]
        middle = _middles(len(units))[int(np.searchsorted(units, looked[1]))]
        x, y = _outline(layer, middle, _half(len(units)))
        return [base.scatter("lines", arrays.single(x[:5]), arrays.single(y[:5]), line=CHOSEN)]
    if len(looked) == 3 and (name := f"W{looked[0]}[{looked[1] + 1},{looked[2] + 1}]") in net.names:
        edge = net.names.index(name)
        x, y = drawn.edge_x[edge, 1:], drawn.edge_y[edge, 1:]
        return [base.scatter("lines", x, y, line=CHOSEN | {"dash": "dot"})]
    return []


def _points(axes: list[np.ndarray], net: Net, point: Sequence[float]) -> list[dict[str, Any]]:
    """The place of an input, in every tile."""
    if not len(point):
        return []
    across, up = ((value - axis[0]) / (axis[-1] - axis[0]) * 2 - 1 for value, axis in zip(point, axes, strict=True))
    x = [BETWEEN * layer + across * REACH for layer, _ in net.places]
    y = np.concatenate([_middles(n) + up * _half(n) for n in net.sizes])
    marker = {"size": 6, "color": theme.CHOSEN, "line": {"width": 1, "color": "#ffffff"}}
    return [base.scatter("markers", arrays.single(x), arrays.single(y), marker=marker)]


def _edge_handles(drawn: edges.Graph, net: Net, values: np.ndarray) -> dict[str, Any]:
    """Places under the pointer that say the numbers of an edge."""
    way = np.array([0.65, 0.35], dtype=np.float32)
    places = [part[:, 1:].astype(np.float32) @ way for part in (drawn.edge_x, drawn.edge_y)]
    said = "%{text}<br>weight %{customdata[0]:.4g}<br>gradient %{customdata[1]:.4g}<br>last update %{customdata[2]:.4g}"
    return base.scatter("none", *places, said, text=np.array(net.names), customdata=values)


def _unit_handles(recording: Any, drawn: edges.Graph, net: Net, values: np.ndarray) -> dict[str, Any]:
    """Places under the pointer that say the numbers of a unit."""
    inputs = diagram.input_names(recording.data)
    texts = [unit_title(layer, unit, len(net.sizes) - 1, inputs) for layer, unit in net.places]
    said = "%{text}<br>output %{customdata[0]:.4g} to %{customdata[1]:.4g}"
    biased = f"{said}<br>bias %{{customdata[2]:.4g}}, its gradient %{{customdata[3]:.4g}}<extra></extra>"
    with_bias = [f"b{layer}" in recording.parts for layer, _ in net.places]
    hover = [biased if has else f"{said}<extra></extra>" for has in with_bias]
    about = {"text": np.array(texts), "customdata": values, "hovertemplate": np.array(hover), "hoverinfo": "all"}
    return base.scatter("none", drawn.unit_x, drawn.unit_y, **about)


def _numbered(kept: list[Outputs], net: Net) -> enumerate[tuple[Outputs, np.ndarray]]:
    return enumerate(zip(kept, net.units, strict=True))


def _unit_numbers(recording: Any, of: Outputs, layer: int, units: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Lowest and highest output, bias and its gradient: `[F, units, 4]`; these are 0 of what has no bias."""
    ends = [of.values.min(axis=2), of.values.max(axis=2)]
    if f"b{layer}" not in recording.parts:
        return np.stack([*ends, np.zeros_like(ends[0]), np.zeros_like(ends[0])], axis=2)
    view = recording.network.layout.view
    biases = [view(values[chosen], f"b{layer}")[:, units] for values in (recording.params, recording.gradients)]
    return np.stack([*ends, *biases], axis=2)


def _heads(recording: Any, net: Net, layers: list[Outputs]) -> list[str]:
    """Over each layer how many units it has, and the range of their colours."""
    sizes = recording.network.sizes
    heads = [count(sizes[0], "input"), *map(str, sizes[1:-1]), count(sizes[-1], "output")]
    if len(sizes) <= diagram.MOST_HEADS:
        acts = recording.experiment.activations
        heads[1:-1] = [f"{n} {inside(ACTIVATIONS[act].title)}" for n, act in zip(sizes[1:-1], acts, strict=True)]
    heads[:-1] = [f"{head}<br>±{number(of.limit, 2)}" for head, of in zip(heads[:-1], layers[:-1], strict=True)]
    fewer = [f"{drawn} of " if drawn < size else "" for drawn, size in zip(net.sizes, sizes, strict=True)]
    return [few + head for few, head in zip(fewer, heads, strict=True)]


def _stated(shows: str, limit: float) -> dict[str, Any]:
    """Layout that states the range of the edges, in the colours of the signs."""
    what = {"weight": "weights", "gradient": "now: gradient of weights", "update": "now: update of weights"}
    return diagram.under(f"{what.get(shows, 'carried by an edge')} up to ±{number(limit, 3)}")
