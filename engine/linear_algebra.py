"""Products of small arrays, and norms and angles of the named parts of many flat vectors at once.

Each product treats every run of a stack as it treats a single matrix `[units, N]`, and sums over one flattened axis: so
a run axis gives, bit for bit, what a loop over runs gives. A whole history is measured in a few calls.

Sums of products are taken in the precision of the vectors. Where they would overflow or underflow, the part is taken
out and measured alone, in float64.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

LEAST = {"f": 1e-30, "d": 1e-280}  #: a sum of products above this lost nothing of weight to underflow


def products(one: np.ndarray, other: np.ndarray, places: Sequence[slice]) -> np.ndarray:
    """Σ x y over each of the places, `[..., P]` twice -> `[..., places]` in float64; may overflow or underflow."""
    out = np.empty((*one.shape[:-1], len(places)))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for column, place in enumerate(places):
            out[..., column] = np.vecdot(one[..., place], other[..., place])
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


def product_of(matrix: np.ndarray) -> Callable[..., np.ndarray]:
    """`f(a, b, out)` for products with such a matrix or stack: `dot` has the digits of `matmul`, half a µs sooner."""
    return np.ndarray.dot if matrix.ndim == 2 else _product_of_stacks


def _product_of_stacks(a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """The product a b; of columns and rows in a third of the time that `matmul` takes for them."""
    return np.multiply(a, b, out) if a.shape[-1] == 1 else np.matmul(a, b, out)


def flat(v: np.ndarray) -> np.ndarray:
    """Return v [..., K, N] as [..., K N]: over one axis the order of a sum knows nothing of run axes."""
    return v.reshape(-1) if v.ndim == 2 else v.reshape(*v.shape[:-2], v.shape[-2] * v.shape[-1])


def total(v: np.ndarray) -> np.ndarray:
    """Σ v over outputs and samples, [..., K, N] -> [...]."""
    return np.add.reduce(flat(v), axis=-1)


def dot(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Σ u v over outputs and samples, without a temporary."""
    if u.ndim == v.ndim == 2:
        return u.ravel().dot(v.ravel())
    return np.vecdot(flat(u).conj(), flat(v))  # vecdot conjugates its first argument


def dot_of(u: np.ndarray, v: np.ndarray) -> Callable[[], np.ndarray]:
    """`dot(u, v)` of two arrays that stay where they are, to be called again and again as their numbers change."""
    if u.ndim == v.ndim == 2 and u.flags.c_contiguous and v.flags.c_contiguous:
        return partial(u.reshape(-1).dot, v.reshape(-1))
    return partial(dot, u, v)
