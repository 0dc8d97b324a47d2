"""The flat vector: all parameters of a network in one array, and names for its pieces.

Optimizers, histories, distances, projections and races are all simple on one vector `params[..., P]`; people think in
`W1` and `b1`. A `Layout` translates. Each layer owns one *block*, a matrix stored row by row: for a dense layer
`[in + 1, out]`, the transpose of the weights `W[out, in]` and, as the last row, the biases `b[out]`. So `z = W a + b`
is one product of the block with `a` on top of a row of ones, so is its gradient, and every part is one piece of memory.
Every name is a view into the vector: nothing is copied, and writing to it writes to the vector.
"""

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from engine.linear_algebra import LEAST, columns_of, cosine, norm, products, stacks

WEIGHT_KINDS = ("weight", "kernel")  #: penalised by L1 and L2, filter-normalised in landscapes
FIXED_KINDS = ("running mean", "running variance")  #: carried in the vector, but not descended


class Part(NamedTuple):
    """One named piece of a block, `block[..., rows, :]`; of a matrix of several rows the block holds the transpose."""

    name: str
    kind: str
    shape: tuple[int, ...]
    rows: Any


class Block(NamedTuple):
    """The parameters of one layer: a matrix of the flat vector, and its named parts."""

    shape: tuple[int, int]
    parts: tuple[Part, ...]


class _Place(NamedTuple):
    part: Part
    block: int
    layer: int


class Layout:
    """Names, shapes and places of the parts of a flat vector of `size` numbers.

    Args:
        blocks: pairs of a layer number (from 1, input to output) and its `Block`; part names must be unique.
    """

    def __init__(self, blocks: Iterable[tuple[int, Block]]):
        numbered = list(blocks)
        self._shapes = [block.shape for _, block in numbered]
        trained = [[part for part in block.parts if part.kind not in FIXED_KINDS] for _, block in numbered]
        self._stacks = list(stacks(self._shapes, trained))
        ends = np.cumsum([0, *(math.prod(shape) for shape in self._shapes)]).tolist()
        self.slices: list[slice] = [slice(a, b) for a, b in pairwise(ends)]  #: of the blocks
        self.size: int = ends[-1]  #: P
        self._places = {
            part.name: _Place(part, index, layer)
            for index, (layer, block) in enumerate(numbered)
            for part in block.parts
        }
        self.names: tuple[str, ...] = tuple(part.name for parts in trained for part in parts)
        """The trained parts, input to output."""
        self.shapes: dict[str, tuple[int, ...]] = {name: place.part.shape for name, place in self._places.items()}
        self.kinds: dict[str, str] = {name: place.part.kind for name, place in self._places.items()}
        self.layers: dict[str, int] = {name: place.layer for name, place in self._places.items()}

    def blocks(self, params: np.ndarray) -> list[np.ndarray]:
        """The blocks of `params[..., P]`, each a view `[..., rows, columns]`."""
        lead = params.shape[:-1]
        return [
            params[..., place].reshape(*lead, *shape) for place, shape in zip(self.slices, self._shapes, strict=True)
        ]

    def view(self, params: np.ndarray, name: str) -> np.ndarray:
        """The part `name` of `params[..., P]` as a view `[..., *shapes[name]]`."""
        place = self._place(name)
        block = params[..., self.slices[place.block]].reshape(*params.shape[:-1], *self._shapes[place.block])
        rows = block[..., place.part.rows, :]
        turned = rows.swapaxes(-1, -2) if isinstance(place.part.rows, slice) else rows
        return turned.reshape(*params.shape[:-1], *place.part.shape)

    def indices(self, name: str) -> np.ndarray:
        """Where the part `name` lies in the flat vector: ints of shape `shapes[name]`."""
        return self.view(np.arange(self.size), name)

    def mask(self, *kinds: str) -> np.ndarray:
        """A boolean `[P]`: True where the parameter is of one of `kinds` ("weight", "bias", ...)."""
        chosen = np.zeros(self.size, dtype=bool)
        for name, kind in self.kinds.items():
            if kind in kinds:
                self.view(chosen, name)[...] = True
        return chosen

    def norms(self, params: np.ndarray) -> np.ndarray:
        """The L2 norm of each trained part in float64: `[..., P] -> [..., len(names)]`; zero only where all is zero."""
        squares = products(self._stacks, params, params, len(self.names))
        out = np.sqrt(squares)
        for column, rows in columns_of(~((squares > LEAST[params.dtype.char]) & (squares < np.inf))):
            out[..., column][rows] = norm(self._some(params, column, rows))
        return out

    def cosines(
        self, one: np.ndarray, other: np.ndarray, norms: tuple[np.ndarray, np.ndarray] | None = None
    ) -> np.ndarray:
        """The cosine between the parts of two vectors, `[..., P]` each -> `[..., len(names)]` in float64.

        `norms` are those of the two, where they are known. NaN where either part is all zero, for then there is no
        angle.
        """
        lengths = (self.norms(one), self.norms(other)) if norms is None else norms
        with np.errstate(all="ignore"):
            both = lengths[0] * lengths[1]
            out = np.clip(products(self._stacks, one, other, len(self.names)) / both, -1.0, 1.0)
        for column, rows in columns_of(~((both > LEAST[one.dtype.char]) & (both < np.finfo(one.dtype).max))):
            out[..., column][rows] = cosine(self._some(one, column, rows), self._some(other, column, rows))
        return out

    def describe(self, index: int) -> tuple[str, tuple[int, ...]]:
        """The name of the part that holds position `index` of the vector, and the place in it (0-based)."""
        for name in self._places:
            found = np.argwhere(self.indices(name) == index)
            if len(found):
                return name, tuple(int(i) for i in found[0])
        raise ValueError(f"index={index} must be from 0 to {self.size - 1}")

    def _some(self, params: np.ndarray, column: int, rows: np.ndarray) -> np.ndarray:
        """The trained part of that number where the mask `rows` is true: `[..., P] -> [rows, size of the part]`."""
        part = self.view(params, self.names[column])[rows]
        return part.reshape(-1, math.prod(self.shapes[self.names[column]]))

    def _place(self, name: str) -> _Place:
        if name not in self._places:
            raise ValueError(f"name={name!r} must be one of {', '.join(self._places)}")
        return self._places[name]
