"""What lights up at each stage of one step: which units and edges are drawn, and with which numbers.

A network of at most 40 weights lights up as a whole; of a larger one only a path does, and where it is too large for
edges nothing else is drawn. A stage is lit on top of those before it, so `State` walks through them in order.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from pages.figures import diagram, edges
from pages.figures.backprop.stages import Stage, stages

MOST_WEIGHTS = 40  #: that light up all together
REACH = 0.41  #: how far from the middle the outermost units are


class View(NamedTuple):
    """What the animation shows.

    Attributes:
        seen: a pass, from `engine.backprop.trace.examine`.
        sizes: units of each layer, with the input.
        edges: what edges show, `{kind: [P]}`, with the kinds "weight", "gradient", "handed", "line 0", "line 1", ...
            and "new".
        layout: of the flat vector.
        lines: of the optimizer's update, from `engine.backprop.written_update`.
        handed: why the optimizer gets another gradient than that of the pass; empty if it does not.
        path: a unit of each layer, the input's first.
        part: name of the chosen parameter's part, W1, b1, ...
        place: the chosen parameter in it.
        near: stages that get a frame though playing leaves them out.
    """

    seen: Any
    sizes: tuple[int, ...]
    edges: dict[str, np.ndarray]
    layout: Any
    lines: list[Any]
    handed: str
    path: tuple[int, ...]
    part: str
    place: tuple[int, ...]
    near: tuple[int, ...] = ()


class Unit(NamedTuple):
    """The signals of the drawn units of one layer, over samples: z and a on average, δ in sum."""

    z: np.ndarray
    a: np.ndarray
    delta: np.ndarray


class Edges(NamedTuple):
    """The drawn edges: which of the flat weights they are, which light up, and how many a layer has."""

    index: np.ndarray
    lit: np.ndarray
    on_path: np.ndarray
    per_layer: list[int]
    chosen: int | None


class State:
    """What has been lit so far, layer by layer from the input (0)."""

    def __init__(self, count: int):
        self.upper: list[str] = [""] * count
        self.lower: list[str] = [""] * count
        self.edge_kinds: list[str] = [""] * (count - 1)
        self.loss = False

    def enter(self, stage: Stage) -> None:
        """Light what a stage adds."""
        if stage.kind == "x":
            self.upper[0] = "a"
        elif stage.kind in ("z", "a"):
            self.upper[stage.layer] = stage.kind
            self.edge_kinds[stage.layer - 1] = "weight"
        elif stage.kind == "delta":
            self.lower[stage.layer] = "delta"
        elif stage.kind == "gradient":
            self.edge_kinds[stage.layer - 1] = "gradient"
        elif stage.kind != "loss":
            self.edge_kinds = [edge_kind(stage)] * len(self.edge_kinds)
        self.loss = self.loss or stage.kind == "loss"


def stages_of(view: View) -> list[Stage]:
    """The stages of the animation."""
    return stages(len(view.sizes) - 1, view.lines, view.handed)


def edge_kind(stage: Stage) -> str:
    """What the edges show from the stage on that computes it, as a key of `View.edges`."""
    return f"line {stage.layer}" if stage.kind == "line" else stage.kind


def is_small(view: View) -> bool:
    """Whether all weights light up, not a path alone."""
    return sum(a * b for a, b in pairwise(view.sizes)) <= MOST_WEIGHTS


def has_edges(view: View) -> bool:
    """Whether there is room to draw all edges."""
    edges = sum(a * b for a, b in pairwise(view.sizes))
    return edges <= diagram.MOST_EDGES and max(view.sizes) <= diagram.MOST_UNITS


def lit_units(view: View) -> list[list[int]]:
    """The drawn units of each layer that light up, the one on the path first."""
    if not has_edges(view):
        return [[0] for _ in view.sizes]
    others = range(max(view.sizes)) if is_small(view) else ()
    return [[on, *(u for u in others if u != on and u < size)] for on, size in zip(view.path, view.sizes, strict=True)]


def units_of(view: View) -> list[Unit]:
    """Signals of the drawn units, layer by layer from the input."""
    pick = [slice(None) if has_edges(view) else [unit] for unit in view.path]
    layers = view.seen.layers
    x = np.asarray(view.seen.x, dtype=np.float64).mean(axis=1)[pick[0]]
    found = [Unit(x, x, np.zeros_like(x))]
    for layer, own in zip(layers, pick[1:], strict=True):
        means = (part.mean(axis=1)[own] for part in (layer.z, layer.a))
        found.append(Unit(*means, layer.delta.sum(axis=1)[own]))
    return found


def drawn_graph(view: View) -> tuple[edges.Graph, Edges]:
    """Where units and edges lie, and which weights the edges are."""
    whole = has_edges(view)
    sizes = view.sizes if whole else (1,) * len(view.sizes)
    indices, on_path, per_layer, chosen = [], [], [], None
    for layer in range(1, len(view.sizes)):
        own = view.layout.indices(f"W{layer}")
        to, source = view.path[layer], view.path[layer - 1]
        place = own[to, source]
        part = own.ravel() if whole else np.array([place])
        if view.part == f"W{layer}":
            chosen = sum(per_layer) + int(np.flatnonzero(part == place)[0])
        indices.append(part)
        on_path.append(part == place)
        per_layer.append(len(part))
    drawn = edges.graph(sizes)
    span = float(np.abs(drawn.unit_y).max())
    if span:  # few units are drawn further apart, to make room for their numbers
        drawn = drawn._replace(unit_y=drawn.unit_y * (REACH / span), edge_y=drawn.edge_y * (REACH / span))
    on = np.concatenate(on_path)
    return drawn, Edges(np.concatenate(indices), on | is_small(view), on, per_layer, chosen)


def edge_names(view: View) -> np.ndarray:
    """What the edges that light up are called."""
    layers = range(1, len(view.sizes))
    if is_small(view):
        places = {layer: np.ndindex(view.layout.shapes[f"W{layer}"]) for layer in layers}
    else:
        places = {layer: [(view.path[layer], view.path[layer - 1])] for layer in layers}
    return np.array([f"W{layer}[{to + 1},{source + 1}]" for layer in layers for to, source in places[layer]])


def left_out(view: View) -> str:
    """What the picture does not show of a network, in a sentence; nothing where it shows all."""
    if not has_edges(view):
        return "The network is too large to be drawn: of each layer you see the one unit on the path."
    if not is_small(view):
        return f"Only the path through the chosen weight lights up: there are more than {MOST_WEIGHTS} weights."
    return ""
