"""Products and sums of small arrays: which NumPy call is quickest, with the same digits for a run alone and among many.

Each of these treats every run of a stack as it treats a single matrix `[units, N]`, and sums over one flattened axis.
So a run axis gives, bit for bit, what a loop over runs gives.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np


def product(out: np.ndarray) -> Callable[[np.ndarray, np.ndarray, np.ndarray], Any]:
    """`f(a, b, out)` for a @ b: of two plain matrices `dot` gives the same digits as `matmul`, half a µs sooner."""
    return np.ndarray.dot if out.ndim == 2 and out.shape[-1] > 1 else np.matmul


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
