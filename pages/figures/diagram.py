"""The network as it is: units, the weights between them, the biases on them, moving with the training.

An edge is as thick as its weight is large, blue where it is positive and orange where it is negative; a unit
is coloured by its bias. The same picture shows the gradient or the last update in place of the weights.
Weights keep one range over the whole run, so that growing shows; gradients and updates shrink by powers of
ten, so their range is that of the step. Either is stated. A weight of exactly zero has no edge.

All edges of one sign and one of five widths are one line, its segments separated by gaps: ten lines for any
network. Networks too large for edges are drawn by `weight_maps` as maps or distributions.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.text import count, number
from pages.figures import arrays, base, weight_maps

MOST_EDGES, MOST_UNITS, MOST_LAYERS = 200, 24, 8  #: in all, in one layer; above, nothing could be told apart
MOST_HEADS = 5  #: columns of units with the name of the activation above
WIDTHS = (0.7, 1.7, 3.0, 4.5, 6.2)  #: pixels
STRENGTHS = (0.4, 0.55, 0.7, 0.85, 1.0)  #: opacity of the same lines
LINES = 2 * len(WIDTHS)
MOST_NAMES = 12  #: inputs or outputs with a name beside them
SPACE = "\u00a0\u00a0\u00a0\u00a0"  #: keeps a name clear of its unit
BIASES = [[0.0, theme.NEGATIVE], [0.5, theme.NEUTRAL], [1.0, theme.POSITIVE]]  #: opaque: edges end behind
TITLES = {"weight": "weight", "gradient": "gradient", "update": "last update"}


class Graph(NamedTuple):
    """Where units and edges lie: units `[U]`; edges `[E, 3]` as gap, start and end.

    The gap comes first: at the end, NaN would put a "/", six characters of JSON, into every edge.
    """

    unit_x: np.ndarray
    unit_y: np.ndarray
    edge_x: np.ndarray
    edge_y: np.ndarray


def diagram_figure(recording: Any, shows: str = "weight", *, at: int = -1, height: int = theme.MAIN) -> go.Figure:
    """The network diagram over the key frames.

    Args:
        recording: the run.
        shows: what the edges stand for: "weight", "gradient" or "update".
        at: the key frame of the first picture.
        height: in pixels.

    Raises:
        ValueError: if `shows` is none of these.
    """
    if not has_edges(recording.network):
        return weight_maps.weights_figure(recording, shows, at=at, height=height)
    drawn = graph(recording.network.sizes)
    chosen, first = base.chosen_frames(recording, at, 650 + 31 * len(drawn.edge_x))
    values = weight_maps.values_of(recording, shows)[chosen]
    weight, bias = (_gather(recording.network, values, kind) for kind in ("weight", "bias"))
    ranges = np.stack([weight_maps.limits_of(recording, part, shows) for part in (weight, bias)], axis=1)
    lines = bins(weight, ranges[:, 0])
    weight, bias = arrays.single(weight), arrays.single(bias)
    notes = {} if shows == "weight" else {k: _stated(shows, *pair) for k, pair in enumerate(ranges)}
    frames = []
    for k, step in enumerate(recording.frames[chosen]):
        tint = {"color": bias[k]} | (_ends(ranges[k, 1]) if notes else {})
        moved = [*segments(drawn, lines[k]), {"customdata": weight[k]}, {"marker": tint}]
        frames.append(base.frame(step, range(LINES + 2), moved, notes.get(k)))
    units = _units(recording.network.sizes, drawn, shows, height)
    units["marker"] |= {"color": bias[first], **_ends(ranges[first, 1])}
    traces = [
        *edge_lines(frames[first]["data"]),
        _handles(recording.network.sizes, drawn, shows, weight[first]),
        units,
    ]
    names = _labels(recording, drawn)
    layout = theme.layout(
        height,
        title={"text": f"Network: edges by {TITLES[shows]}"},
        margin={"l": room(names, "middle left"), "r": room(names, "middle right"), "b": 24},
        xaxis={"visible": False, "range": [-0.05, len(recording.network.sizes) - 0.95], "fixedrange": True},
        yaxis={"visible": False, "range": [-0.56, 0.62], "fixedrange": True},
        **_stated(shows, *ranges[first]),
    )
    return base.Animated([*traces, _inputs(drawn, units), names], layout, frames)


def has_edges(network: Any) -> bool:
    """Whether the network is small enough for edges: dense layers only, few layers, units and edges."""
    sizes = network.sizes
    chain = weight_maps.names(network, "weight") == [f"W{layer}" for layer in range(1, len(sizes))]
    edges = sum(fan_in * fan_out for fan_in, fan_out in pairwise(sizes))
    return chain and edges <= MOST_EDGES and max(sizes) <= MOST_UNITS and len(sizes) <= MOST_LAYERS + 1


def graph(sizes: Sequence[int], between: int = 1, reach: int = 0) -> Graph:
    """Places: layers at x = 0, 1, ..., each spread over y from ½ to -½; edges in the order of the weights.

    Layers are `between` apart in x; edges leave a unit, and end, `reach` from its middle.
    """
    rows = [0.5 - (np.arange(units) + 0.5) / units for units in sizes]
    edge_x, edge_y = [], []
    for layer, (before, after) in enumerate(pairwise(rows)):
        start, end = np.tile(before, len(after)), np.repeat(after, len(before))
        left, right = between * layer + reach, between * (layer + 1) - reach
        edge_x.append(np.tile([left, left, right], (len(start), 1)))
        edge_y.append(np.stack([np.full(len(start), np.nan), start, end], axis=1))
    places = np.repeat(between * np.arange(len(sizes)), sizes)
    units = arrays.whole(places), np.concatenate(rows).astype(np.float32)
    return Graph(*units, arrays.whole(np.concatenate(edge_x)), np.concatenate(edge_y).astype(np.float32))


def bins(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Which of the ten lines each of `values[F, E]` belongs to, int8; -1 for none.

    `limits[F]` are the values of full width. Line 2w is negative and 2w + 1 positive, both of the width
    number w, for the w-th fifth of the range; larger values have the greatest width. Zero has no line.
    """
    with np.errstate(over="ignore"):
        size = np.abs(values) / np.where(limits > 0, limits, 1.0)[:, None]
    width = np.clip(np.ceil(np.minimum(np.nan_to_num(size), 1) * len(WIDTHS)) - 1, 0, len(WIDTHS) - 1)
    absent = (values == 0) | np.isnan(values)
    return np.where(absent, -1, 2 * width + (values > 0)).astype(np.int8)


def segments(drawn: Graph, lines: np.ndarray) -> list[dict[str, np.ndarray]]:
    """The ten lines of one frame, from the line of each edge.

    A line without edges is a gap: Plotly draws what comes and goes more slowly than what moves.
    """
    gap = {"x": drawn.edge_x[0, :1], "y": drawn.edge_y[0, :1]}
    order = np.argsort(lines, kind="stable")
    x, y = drawn.edge_x[order].reshape(-1), drawn.edge_y[order].reshape(-1)
    ends = 3 * np.searchsorted(lines[order], np.arange(LINES + 1))
    return [{"x": x[a:b], "y": y[a:b]} if b > a else gap for a, b in pairwise(ends)]


def _gather(network: Any, values: np.ndarray, kind: str) -> np.ndarray:
    """All numbers of one kind side by side, `[F, P] -> [F, n]`, layer by layer."""
    parts = [network.layout.view(values, name) for name in weight_maps.names(network, kind)]
    return np.concatenate([part.reshape(len(values), -1) for part in parts], axis=1)


def edge_lines(moved: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ten lines, thin to thick."""
    signs = (theme.NEGATIVE, theme.POSITIVE)
    styles = [
        (width, theme.faded(sign, opacity)) for width, opacity in zip(WIDTHS, STRENGTHS, strict=True) for sign in signs
    ]
    return [
        base.scatter("lines", **segment, line={"width": width, "color": color})
        for (width, color), segment in zip(styles, moved, strict=False)
    ]


def _handles(sizes: tuple[int, ...], drawn: Graph, shows: str, values: np.ndarray) -> dict[str, Any]:
    """Places under the pointer that say the value of an edge: a third of the way, where edges lie apart."""
    names = [
        f"W{layer}[{to}, {source}]"
        for layer, (fan_in, fan_out) in enumerate(pairwise(sizes), 1)
        for to in range(1, fan_out + 1)
        for source in range(1, fan_in + 1)
    ]
    way = np.array([0.65, 0.35], dtype=np.float32)
    places = [part[:, 1:].astype(np.float32) @ way for part in (drawn.edge_x, drawn.edge_y)]
    about = {"text": np.array(names), "customdata": values}
    return base.scatter("none", *places, f"%{{text}}<br>{shows} %{{customdata:.4g}}", **about)


def _units(sizes: tuple[int, ...], drawn: Graph, shows: str, height: int) -> dict[str, Any]:
    """The units behind the inputs, coloured by bias."""
    names = [f"b{layer}[{unit}]" for layer, units in enumerate(sizes[1:], 1) for unit in range(1, units + 1)]
    inside = drawn.unit_x > 0
    size = float(np.clip(0.55 * (height - 110) / max(sizes), 8, 20))
    marker = {"size": size, "line": {"width": 1, "color": theme.NEUTRAL}, "colorscale": BIASES}
    hover = f"%{{text}}<br>{'bias' if shows == 'weight' else shows} %{{marker.color:.4g}}"
    style = {"text": np.array(names), "marker": marker, "cliponaxis": False}
    return base.scatter("markers", drawn.unit_x[inside], drawn.unit_y[inside], hover, **style)


def _inputs(drawn: Graph, units: dict[str, Any]) -> dict[str, Any]:
    inputs = drawn.unit_x == 0
    marker = {"size": 0.8 * units["marker"]["size"], "symbol": "square", "color": theme.NEUTRAL}
    return base.scatter("markers", drawn.unit_x[inputs], drawn.unit_y[inputs], marker=marker, cliponaxis=False)


def _ends(limit: float) -> dict[str, float]:
    """The range of the colours of the biases; never empty, so that zero stays in the middle."""
    return {"cmin": -float(limit) or -1.0, "cmax": float(limit) or 1.0}


def _stated(shows: str, limit: float, bias_limit: float) -> dict[str, Any]:
    """Layout that states the ranges, in the colours of the signs."""
    of_weights, of_biases = {
        "weight": ("weights", "biases"),
        "gradient": ("now: gradient of weights", "of biases"),
        "update": ("now: update of weights", "of biases"),
    }[shows]
    return under(f"{of_weights} ±{number(limit, 3)}, {of_biases} ±{number(bias_limit, 3)}")


def under(ranges: str) -> dict[str, Any]:
    """Layout that states ranges under the diagram, in the colours of the signs."""
    signs = ((theme.POSITIVE, "blue +"), (theme.NEGATIVE, "orange −"))
    legend = ", ".join(f"<span style='color:{color}'>{sign}</span>" for color, sign in signs)
    return {"annotations": [base.note(f"{ranges}; {legend}", x=0.5, xanchor="center", yshift=-20)]}


def _labels(recording: Any, drawn: Graph) -> dict[str, Any]:
    """Names of inputs and outputs beside their units, counts above the layers."""
    sizes, acts = recording.network.sizes, recording.experiment.activations
    heads = [count(sizes[0], "input"), *map(str, sizes[1:-1]), count(sizes[-1], "output")]
    if len(sizes) <= MOST_HEADS:
        heads[1:-1] = [f"{units} {act}" for units, act in zip(sizes[1:-1], acts, strict=True)]
    return labels(drawn, 0, heads, input_names(recording.data), output_names(recording.data, sizes[-1]))


def input_names(data: Any) -> list[str]:
    """What the inputs of the network are called."""
    return [base.short(name) for name in data.input_names]


def output_names(data: Any, outputs: int) -> list[str]:
    """What so many outputs stand for: classes, or the target."""
    classes = range(len(data.class_names))[-outputs:]
    return [base.class_title(data, label) for label in classes] or [*map(base.short, data.target_names)]


def labels(
    drawn: Graph, reach: int, heads: Sequence[str], inputs: Sequence[str], outputs: Sequence[str]
) -> dict[str, Any]:
    """A head above each layer, and names `reach` beside inputs and outputs where these are few."""
    columns = np.unique(drawn.unit_x)
    places = [(x, 0.58, head, "middle center") for x, head in zip(columns, heads, strict=True)]
    space = SPACE[: len(SPACE) // (2 if reach else 1)]
    for x, names, side, way in ((columns[0], inputs, "left", -reach), (columns[-1], outputs, "right", reach)):
        rows = drawn.unit_y[drawn.unit_x == x]
        if len(rows) <= MOST_NAMES:
            texts = [f"{space}{name}{space}" for name in names]
            places += [(int(x) + way, y, text, f"middle {side}") for y, text in zip(rows, texts, strict=True)]
    x, y, texts, sides = zip(*places, strict=True)
    style = {"text": np.array(texts), "textposition": np.array(sides), "cliponaxis": False}
    return base.scatter("text", arrays.single(x), arrays.single(y), **style)


def room(names: dict[str, Any], side: str) -> int:
    """Pixels that the names on one side need."""
    pairs = zip(names["text"], names["textposition"], strict=True)
    longest = max((len(text.strip(SPACE)) for text, place in pairs if place == side), default=0)
    return max(36, 22 + 6 * longest)
