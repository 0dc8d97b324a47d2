"""The flat vector: all parameters of a network in one array, and names for its pieces.

Optimizers, histories, distances, projections and races are all simple on one vector `params[..., P]`; people think in
`W1` and `b1`. A `Layout` translates. Each layer owns one *block*, a matrix stored row by row: for a dense layer
`[out, in + 1]`, the weights `W[out, in]` and, as the last column, the biases `b[out]`. So `z = W a + b` is one product
of the block with `a` on top of a row of ones, and so is its gradient. Every name is a view into the vector: nothing is
copied, and writing to it writes to the vector.
"""

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

WEIGHT_KINDS = ("weight", "kernel")  #: penalised by L1 and L2, filter-normalised in landscapes
WIDE = 250_000  #: numbers of a block, for as many rows of a history as are reduced together
_LEAST = {"f": 1e-30, "d": 1e-280}  #: of a sum of products that lost nothing of weight to underflow
FIXED_KINDS = ("running mean", "running variance")  #: carried in the vector, but not descended


class Part(NamedTuple):
    """One named piece of a block: `block[..., rows, columns]`, reshaped to `shape`."""

    name: str
    kind: str
    shape: tuple[int, ...]
    rows: Any
    columns: Any


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
        self._trained = [[part for part in block.parts if part.kind not in FIXED_KINDS] for _, block in numbered]
        ends = np.cumsum([0, *(math.prod(shape) for shape in self._shapes)]).tolist()
        self.slices: list[slice] = [slice(a, b) for a, b in pairwise(ends)]  #: of the blocks
        self.size: int = ends[-1]  #: P
        self._places = {
            part.name: _Place(part, index, layer)
            for index, (layer, block) in enumerate(numbered)
            for part in block.parts
        }
        self.names: tuple[str, ...] = tuple(part.name for parts in self._trained for part in parts)
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
        return block[..., place.part.rows, place.part.columns].reshape(*params.shape[:-1], *place.part.shape)

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
        squares = self._products(params, params)
        out = np.sqrt(squares)
        for column, rows in _outside(squares, _LEAST[params.dtype.char], np.inf):
            out[..., column][rows] = norm(self._flat(params, column)[rows])
        return out

    def cosines(self, one: np.ndarray, other: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """The cosine between the parts of two vectors, `[..., P]` each -> `[..., len(names)]` in float64.

        `lengths` are the products of their norms, where these are known. NaN where either part is all zero, for then
        there is no angle.
        """
        lengths = self.norms(one) * self.norms(other) if lengths is None else lengths
        with np.errstate(all="ignore"):
            out = np.clip(self._products(one, other) / lengths, -1.0, 1.0)
        for column, rows in _outside(lengths, _LEAST[one.dtype.char], float(np.finfo(one.dtype).max)):
            out[..., column][rows] = cosine(self._flat(one, column)[rows], self._flat(other, column)[rows])
        return out

    def describe(self, index: int) -> tuple[str, tuple[int, ...]]:
        """The name of the part that holds position `index` of the vector, and the place in it (0-based)."""
        for name in self._places:
            found = np.argwhere(self.indices(name) == index)
            if len(found):
                return name, tuple(int(i) for i in found[0])
        raise ValueError(f"index={index} must be from 0 to {self.size - 1}")

    def _products(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Σ x y over each trained part, `[..., P]` twice -> `[..., len(names)]`; products may overflow or underflow."""
        lead = one.shape[:-1]
        together = max(1, WIDE // max(max(map(math.prod, self._shapes)) * math.prod(lead[1:]), 1))
        if lead and lead[0] > together:
            places = [slice(start, start + together) for start in range(0, lead[0], together)]
            return np.concatenate([self._products(one[place], other[place]) for place in places])
        out = np.empty((*lead, len(self.names)))
        column = 0
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            for parts, first, second in zip(self._trained, self.blocks(one), self.blocks(other), strict=True):
                x = first.copy()
                out[..., column : column + len(parts)] = _sums(parts, x, x if one is other else second)
                column += len(parts)
        return out

    def _flat(self, params: np.ndarray, column: int) -> np.ndarray:
        """The trained part of that number, `[..., P] -> [..., size of the part]`."""
        part = self.view(params, self.names[column])
        return part.reshape(*params.shape[:-1], math.prod(part.shape[params.ndim - 1 :]))

    def _place(self, name: str) -> _Place:
        if name not in self._places:
            raise ValueError(f"name={name!r} must be one of {', '.join(self._places)}")
        return self._places[name]


def _sums(parts: list[Part], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Σ x y over each of the parts of blocks `[..., rows, columns]`: `[..., len(parts)]`. `x` is used up.

    A matrix is summed last, when `x` is zero beside it: one sum over the whole block is several times faster than one
    for each of its rows.
    """
    lead = x.shape[:-2]
    sums = np.empty((*lead, len(parts)))
    for column, part in sorted(enumerate(parts), key=lambda numbered: len(numbered[1].shape)):
        if len(part.shape) == 1:
            place = (..., part.rows, part.columns)
            sums[..., column] = np.vecdot(x[place], y[place])
            x[place] = 0
        else:
            whole = (*lead, math.prod(x.shape[-2:]))
            sums[..., column] = np.vecdot(x.reshape(whole), y.reshape(whole))
    return sums


def _outside(values: np.ndarray, low: float, high: float) -> list[tuple[int, np.ndarray]]:
    """The columns of `values[..., columns]` with numbers not between `low` and `high`, each with a mask of its rows."""
    outside = ~((values > low) & (values < high))
    columns = np.flatnonzero(outside.reshape(-1, values.shape[-1]).any(axis=0)).tolist()
    return [(column, outside[..., column]) for column in columns]


@np.errstate(over="ignore", invalid="ignore")
def norm(values: np.ndarray) -> np.ndarray:
    """The L2 norm over the last axis, in float64; no square overflows or underflows on the way."""
    wide = values.astype(np.float64, copy=False)
    squares = np.vecdot(wide, wide)
    out = np.sqrt(squares)
    extreme = ~((squares > 1e-280) & (squares < np.inf))
    if extreme.any():
        rest = wide[extreme]
        largest = np.abs(rest).max(axis=-1, keepdims=True, initial=0.0)
        scale = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
        rest /= scale
        out = np.where(extreme, 0.0, out)
        out[extreme] = np.sqrt(np.vecdot(rest, rest)) * scale[..., 0]
    return out[()]


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def cosine(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The cosine over the last axis, in float64 and from -1 to 1; NaN where either vector is zero or not finite."""
    first, second = one.astype(np.float64, copy=False), other.astype(np.float64, copy=False)
    squares = np.stack([np.vecdot(first, first), np.vecdot(second, second)])
    if squares.size and not 1e-140 < squares.min() <= squares.max() < 1e140:
        first, second = first / norm(first)[..., None], second / norm(second)[..., None]
        squares = np.stack([np.vecdot(first, first), np.vecdot(second, second)])
    return np.clip(np.vecdot(first, second) / np.sqrt(squares[0] * squares[1]), -1.0, 1.0)
