"""Which units of a network are drawn as tiles, and the numbers of the edges between them.

All of a small network; of a large one as many of each layer as leave the edges few enough to be told apart, those that
weigh most in the next layer at the end of the run.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from pages.figures import diagram, weight_maps

MOST_TILES = 12  #: in a layer of which not all are drawn


class Net(NamedTuple):
    """What is drawn of a network: the units of each layer, inputs first, by their numbers from 0."""

    units: tuple[np.ndarray, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many these are."""
        return tuple(map(len, self.units))

    @property
    def names(self) -> list[str]:
        """The weights between them, in the order of the edges."""
        return [
            f"W{layer}[{to + 1},{source + 1}]"
            for layer, (before, after) in enumerate(pairwise(self.units), 1)
            for to in after
            for source in before
        ]

    @property
    def places(self) -> list[tuple[int, int]]:
        """Layer and number of each unit, in the order in which they are drawn."""
        return [(layer, int(unit)) for layer, units in enumerate(self.units) for unit in units]


def can_tile(recording: Any) -> bool:
    """Whether units are functions of a plane, in a chain of dense layers that has room."""
    network = recording.network
    chain = weight_maps.names(network, "weight") == [f"W{layer}" for layer in range(1, len(network.sizes))]
    return len(recording.data.points) == 2 and chain and len(network.sizes) <= diagram.MOST_LAYERS + 1


def drawn_net(recording: Any) -> Net:
    """All units, or of each layer as many as leave the edges few enough, those that weigh most in the next layer."""
    network = recording.network
    every = [np.arange(size) for size in network.sizes]
    if diagram.has_edges(network):
        return Net(tuple(every))
    most = next(most for most in range(MOST_TILES, 0, -1) if _edges(network.sizes, most) <= diagram.MOST_EDGES)
    for layer, size in enumerate(network.sizes[:-1]):
        if size > most:
            leaving = np.abs(network.layout.view(recording.params[-1], f"W{layer + 1}")).sum(axis=0)
            every[layer] = np.sort(np.argsort(-np.nan_to_num(leaving), kind="stable")[:most])
    every[-1] = every[-1][:most]
    return Net(tuple(every))


def gathered(recording: Any, net: Net, shows: str, chosen: np.ndarray) -> np.ndarray:
    """The numbers of the drawn edges, `[F, E]`, in their order."""
    values = weight_maps.values_of(recording, shows)[chosen]
    parts = []
    for layer, (before, after) in enumerate(pairwise(net.units), 1):
        weights = recording.network.layout.view(values, f"W{layer}")
        parts.append(weights[:, after[:, None], before].reshape(len(values), -1))
    return np.concatenate(parts, axis=1)


def carried(recording: Any, net: Net, chosen: np.ndarray, point: Sequence[float]) -> np.ndarray:
    """What every drawn edge carries for one input: its weight times the output of the unit that it leaves, `[F, E]`."""
    x = recording.data.expand(np.asarray(point, dtype=float)[:, None])
    before = [np.broadcast_to(x[:, 0], (len(chosen), len(x)))]
    with np.errstate(all="ignore"):
        pairs = recording.network.activations(recording.params[chosen], x)
    before += [a[..., 0] for _, a in pairs[:-1]]
    leaves = [values[:, own] for values, own in zip(before, net.units[:-1], strict=True)]
    sources = [np.tile(values, (1, n)) for values, n in zip(leaves, net.sizes[1:], strict=True)]
    return gathered(recording, net, "weight", chosen) * np.concatenate(sources, axis=1)


def _edges(sizes: Sequence[int], most: int) -> int:
    return sum(min(a, most) * min(b, most) for a, b in pairwise(sizes))
