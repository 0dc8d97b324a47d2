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
from typing import NamedTuple

import numpy as np

from engine.linear_algebra import LEAST, columns_of, cosine, norm, products

WEIGHT_KINDS = ("weight", "kernel")  #: penalised by L1 and L2, filter-normalised in landscapes
ABSENT = "absent bias"  #: the kind of the zeros that stand for the biases of units that have none
FIXED_KINDS = ("running mean", "running variance", ABSENT)  #: carried in the vector, but not descended


class Part(NamedTuple):
    """A named piece of a block: some of its rows. Of weights `[out, ...]` the block holds the transpose."""

    name: str
    kind: str
    shape: tuple[int, ...]


class Block(NamedTuple):
    """The parameters of one layer: a matrix of the flat vector, and its named parts from the first row to the last."""

    shape: tuple[int, int]
    parts: tuple[Part, ...]

    def without_biases(self) -> "Block":
        """The same matrix, where the biases are no parameters, but zeros that keep the product with a row of ones."""
        kept = (part._replace(kind=ABSENT) if part.kind == "bias" else part for part in self.parts)
        return self._replace(parts=tuple(kept))


class Layout:
    """Names, shapes and places of the parts of a flat vector of `size` numbers.

    Args:
        blocks: pairs of a layer number (from 1, input to output) and its `Block`; part names must be unique.
    """

    def __init__(self, blocks: Iterable[tuple[int, Block]]):
        numbered = list(blocks)
        self._blocks = [block.shape for _, block in numbered]
        self.slices: list[slice] = _slices(self._blocks)  #: of the blocks
        parts = [(layer, part) for layer, block in numbered for part in block.parts]
        self.shapes: dict[str, tuple[int, ...]] = {part.name: part.shape for _, part in parts}
        self.kinds: dict[str, str] = {part.name: part.kind for _, part in parts}
        self.layers: dict[str, int] = {part.name: layer for layer, part in parts}
        self.names: tuple[str, ...] = tuple(name for name, kind in self.kinds.items() if kind not in FIXED_KINDS)
        """The trained parts, input to output."""
        self._places = dict(zip(self.shapes, _slices(self.shapes.values()), strict=True))
        self._trained = [self._places[name] for name in self.names]

    @property
    def size(self) -> int:
        """P."""
        return self.slices[-1].stop

    def blocks(self, params: np.ndarray) -> list[np.ndarray]:
        """The blocks of `params[..., P]`, each a view `[..., rows, columns]`."""
        lead = params.shape[:-1]
        return [
            params[..., place].reshape(*lead, *shape) for place, shape in zip(self.slices, self._blocks, strict=True)
        ]

    def view(self, params: np.ndarray, name: str) -> np.ndarray:
        """The part `name` of `params[..., P]` as a view `[..., *shapes[name]]`."""
        if name not in self._places:
            raise ValueError(f"name={name!r} must be one of {', '.join(self._places)}")
        piece, lead, shape = params[..., self._places[name]], params.shape[:-1], self.shapes[name]
        if len(shape) > 1:
            piece = piece.reshape(*lead, -1, shape[0]).mT
        return piece.reshape(*lead, *shape)

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
        squares = products(params, params, self._trained)
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
            out = np.clip(products(one, other, self._trained) / both, -1.0, 1.0)
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
        return params[..., self._trained[column]][rows]


def _slices(shapes: Iterable[tuple[int, ...]]) -> list[slice]:
    """Where arrays of these shapes lie that follow each other."""
    ends = np.cumsum([0, *(math.prod(shape) for shape in shapes)]).tolist()
    return [slice(a, b) for a, b in pairwise(ends)]
