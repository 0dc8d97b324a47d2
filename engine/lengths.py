"""Norms and angles of the named parts of many flat vectors at once: a whole history in a few calls.

A matrix and the vectors beside it share a block of the flat vector (see `parameters`). Its sum of squares is that of
the block less those of the vectors: one scalar product of a block is many times faster than one for each row. Where
that difference, or a square, would not be exact, the part is taken out and measured alone.
"""

import math
from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

LEAST = {"f": 1e-30, "d": 1e-280}  #: a sum of products above this lost nothing of weight to underflow
SHARE = 0.01  #: of the squares of a block: with less, those of a matrix are not left exactly after a subtraction


class Stack(NamedTuple):
    """Blocks of one shape that follow each other, to be summed at once.

    `place` is where they lie in the flat vector, `shape` their number, rows and columns. For a part that each of them
    has, `columns` is where its results go among those of all parts: of the matrix, if there is one, and of the vectors,
    with their place in a block.
    """

    place: slice
    shape: tuple[int, int, int]
    matrix: slice | None
    vectors: list[tuple[slice, tuple]]

    def products(self, one: np.ndarray, other: np.ndarray, out: np.ndarray) -> None:
        """Σ x y of `[..., P]` twice over each of these parts, into `out[..., parts]`."""
        lead = one.shape[:-1]
        x, y = (v[..., self.place].reshape(*lead, *self.shape) for v in (one, other))
        for columns, place in self.vectors:
            out[..., columns] = np.vecdot(x[place], y[place])
        if self.matrix:
            whole = (*lead, self.shape[0], math.prod(self.shape[1:]))
            out[..., self.matrix] = np.vecdot(x.reshape(whole), y.reshape(whole))
            for columns, _ in self.vectors:
                out[..., self.matrix] -= out[..., columns]

    def cancelled(self, squares: np.ndarray, out: np.ndarray) -> None:
        """Mark in `out[..., parts]` the matrices that are too small a share of their blocks."""
        for columns, _ in self.vectors if self.matrix else ():
            out[..., self.matrix] |= squares[..., self.matrix] < SHARE * squares[..., columns]


def stacks(shapes: list[tuple[int, int]], trained: list[list[Any]]) -> Iterator[Stack]:
    """Gather blocks that follow each other, have one shape and their trained `Part`s in the same places."""

    def geometry(number: int) -> tuple:
        return shapes[number], [(len(part.shape), part.rows, part.columns) for part in trained[number]]

    start = column = 0
    for (shape, parts), numbers in groupby(range(len(shapes)), geometry):
        count = len(list(numbers))
        end, last = start + count * math.prod(shape), column + count * len(parts)
        matrix, vectors = None, []
        for i, (axes, *place) in enumerate(parts):
            columns = slice(column + i, last, len(parts))
            if axes > 1:
                matrix = columns
            else:
                vectors.append((columns, (..., *place)))
        yield Stack(slice(start, end), (count, *shape), matrix, vectors)
        start, column = end, last


def products(stacked: list[Stack], one: np.ndarray, other: np.ndarray, parts: int) -> np.ndarray:
    """Σ x y over each part, `[..., P]` twice -> `[..., parts]` in float64; may overflow, underflow or cancel."""
    out = np.empty((*one.shape[:-1], parts))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for stack in stacked:
            stack.products(one, other, out)
    return out


def cancelled(stacked: list[Stack], squares: np.ndarray) -> np.ndarray:
    """Which of the squares `[..., parts]` are not exact as a difference."""
    out = np.zeros(squares.shape, bool)
    for stack in stacked:
        stack.cancelled(squares, out)
    return out


def columns_of(chosen: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """The columns of `chosen[..., columns]` in which something is true, each with the mask of its rows."""
    columns = np.flatnonzero(chosen.reshape(-1, chosen.shape[-1]).any(axis=0)).tolist()
    return [(column, chosen[..., column]) for column in columns]


@np.errstate(over="ignore", invalid="ignore")
def norm(values: np.ndarray) -> np.ndarray:
    """The L2 norm over the last axis, in float64; no square overflows or underflows on the way."""
    wide = values.astype(np.float64, copy=False)
    squares = np.vecdot(wide, wide)
    out = np.sqrt(squares)
    extreme = ~((squares > LEAST["d"]) & (squares < np.inf))
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
