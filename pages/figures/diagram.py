"""The network as it is: units, the weights between them, the biases on them, moving with the training.

An edge is as thick as its weight is large, blue where it is positive and orange where it is negative; a unit
is coloured by its bias, grey where it has none. The same picture shows the gradient or the last update in place of
the weights.
Weights keep one range over the whole run, so that growing shows; gradients and updates shrink by powers of
ten, so their range is that of the step. Either is stated. A weight of exactly zero has no edge.

Networks too large for edges are drawn by `weight_maps` as maps or distributions.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.activations import ACTIVATIONS
from pages.common import theme
from pages.common.text import count, inside, number
from pages.figures import arrays, base, weight_maps
from pages.figures.edges import Graph, bins, edge_lines, graph, segments

MOST_EDGES, MOST_UNITS, MOST_LAYERS = 200, 24, 8  #: in all, in one layer; above, nothing could be told apart
MOST_HEADS = 5  #: columns of units with the name of the activation above
MOST_NAMES = 12  #: inputs or outputs with a name beside them
SPACE = "\u00a0\u00a0\u00a0\u00a0"  #: keeps a name clear of its unit
BIASES = [[0.0, theme.NEGATIVE], [0.5, theme.NEUTRAL], [1.0, theme.POSITIVE]]  #: opaque: edges end behind
TITLES = {"weight": "weight", "gradient": "gradient", "update": "last update"}


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
    biased = bias.shape[1] > 0
    stated = [_stated(shows, *(pair if biased else pair[:1])) for pair in ranges]
    notes = {} if shows == "weight" else dict(enumerate(stated))
    frames = []
    for k, step in enumerate(recording.frames[chosen]):
        moved = [*segments(drawn, lines[k]), {"customdata": weight[k]}]
        if biased:
            moved.append({"marker": {"color": bias[k]} | (_ends(ranges[k, 1]) if notes else {})})
        frames.append(base.frame(step, range(len(moved)), moved, notes.get(k)))
    units = _units(recording.network.sizes, drawn, shows, height, biased=biased)
    if biased:
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
        **stated[first],
    )
    return base.Animated([*traces, _inputs(drawn, units), names], layout, frames)


def has_edges(network: Any) -> bool:
    """Whether the network is small enough for edges: dense layers only, few layers, units and edges."""
    sizes = network.sizes
    chain = weight_maps.names(network, "weight") == [f"W{layer}" for layer in range(1, len(sizes))]
    edges = sum(fan_in * fan_out for fan_in, fan_out in pairwise(sizes))
    return chain and edges <= MOST_EDGES and max(sizes) <= MOST_UNITS and len(sizes) <= MOST_LAYERS + 1


def _gather(network: Any, values: np.ndarray, kind: str) -> np.ndarray:
    """All numbers of one kind side by side, `[F, P] -> [F, n]`, layer by layer."""
    parts = [network.layout.view(values, name) for name in weight_maps.names(network, kind)]
    return np.concatenate([np.empty((len(values), 0)), *(part.reshape(len(values), -1) for part in parts)], axis=1)


def _handles(sizes: tuple[int, ...], drawn: Graph, shows: str, values: np.ndarray) -> dict[str, Any]:
    """Places under the pointer that say the value of an edge: a third of the way, where edges lie apart."""
    names = [
        f"W{layer}[{to},{source}]"
        for layer, (fan_in, fan_out) in enumerate(pairwise(sizes), 1)
        for to in range(1, fan_out + 1)
        for source in range(1, fan_in + 1)
    ]
    way = np.array([0.65, 0.35], dtype=np.float32)
    places = [part[:, 1:].astype(np.float32) @ way for part in (drawn.edge_x, drawn.edge_y)]
    about = {"text": np.array(names), "customdata": values}
    return base.scatter("none", *places, f"%{{text}}<br>{shows} %{{customdata:.4g}}", **about)


def _units(sizes: tuple[int, ...], drawn: Graph, shows: str, height: int, *, biased: bool) -> dict[str, Any]:
    """The units behind the inputs, coloured by bias, if they have any."""
    letter = "b" if biased else "a"
    names = [f"{letter}{layer}[{unit}]" for layer, units in enumerate(sizes[1:], 1) for unit in range(1, units + 1)]
    inside = drawn.unit_x > 0
    size = float(np.clip(0.55 * (height - 110) / max(sizes), 8, 20))
    marker = {"size": size, "line": {"width": 1, "color": theme.NEUTRAL}}
    marker |= {"colorscale": BIASES} if biased else {"color": theme.NEUTRAL}
    value = f"{'bias' if shows == 'weight' else shows} %{{marker.color:.4g}}" if biased else "no bias"
    hover = f"%{{text}}<br>{value}"
    style = {"text": np.array(names), "marker": marker, "cliponaxis": False}
    return base.scatter("markers", drawn.unit_x[inside], drawn.unit_y[inside], hover, **style)


def _inputs(drawn: Graph, units: dict[str, Any]) -> dict[str, Any]:
    inputs = drawn.unit_x == 0
    marker = {"size": 0.8 * units["marker"]["size"], "symbol": "square", "color": theme.NEUTRAL}
    return base.scatter("markers", drawn.unit_x[inputs], drawn.unit_y[inputs], marker=marker, cliponaxis=False)


def _ends(limit: float) -> dict[str, float]:
    """The range of the colours of the biases; never empty, so that zero stays in the middle."""
    return {"cmin": -float(limit) or -1.0, "cmax": float(limit) or 1.0}


def _stated(shows: str, limit: float, *bias_limit: float) -> dict[str, Any]:
    """Layout that states the ranges of the weights and of the biases, if any, and the colours of the signs."""
    of_weights, of_biases = {
        "weight": ("weights", "biases"),
        "gradient": ("now: gradient of weights", "of biases"),
        "update": ("now: update of weights", "of biases"),
    }[shows]
    biases = (f", {of_biases} up to ±{number(each, 3)}" for each in bias_limit)
    return under(f"{of_weights} up to ±{number(limit, 3)}{''.join(biases)}")


def under(ranges: str) -> dict[str, Any]:
    """Layout that states ranges under the diagram, and the colours of the signs."""
    signs = ((theme.POSITIVE, "blue +"), (theme.NEGATIVE, "orange −"))
    legend = ", ".join(f"<span style='color:{color}'>■</span> {sign}" for color, sign in signs)
    return {"annotations": [base.note(f"{ranges}; {legend}", x=0.5, xanchor="center", yshift=-20)]}


def _labels(recording: Any, drawn: Graph) -> dict[str, Any]:
    """Names of inputs and outputs beside their units, counts above the layers."""
    sizes, acts = recording.network.sizes, recording.experiment.activations
    heads = [count(sizes[0], "input"), *map(str, sizes[1:-1]), count(sizes[-1], "output")]
    if len(sizes) <= MOST_HEADS:
        heads[1:-1] = [f"{n} {inside(ACTIVATIONS[act].title)}" for n, act in zip(sizes[1:-1], acts, strict=True)]
    return labels(drawn, 0, heads, input_names(recording.data), output_names(recording.data, sizes[-1]))


def input_names(data: Any) -> list[str]:
    """What the inputs of the network are called."""
    return [base.short(name) for name in data.input_names]


def output_names(data: Any, outputs: int) -> list[str]:
    """What so many outputs stand for: classes, or the target."""
    classes = range(len(data.class_names))[-outputs:]
    return [base.class_title(data, label) for label in classes] or [*map(base.short, data.target_names)]


def labels(
    drawn: Graph, reach: int, heads: Sequence[str], inputs: Sequence[str], outputs: Sequence[str], over: float = 0.58
) -> dict[str, Any]:
    """A head above each layer, its middle at `over`, and names `reach` beside inputs and outputs where they are few."""
    columns = np.unique(drawn.unit_x)
    places = [(x, over, head, "middle center") for x, head in zip(columns, heads, strict=True)]
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
