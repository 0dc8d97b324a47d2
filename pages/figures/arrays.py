"""Arrays in the form in which charts travel: small, typed, and drawn by any browser.

Curves are float32, maps uint8, steps the smallest whole numbers, and nothing is a list of Python numbers: that costs
ten times the size and the time. Plotly reads an array as the name of its type and, in base 64, its bytes.
"""

import binascii
from itertools import pairwise
from typing import Any

import numpy as np

_TYPES = {"b": "i1", "B": "u1", "h": "i2", "H": "u2", "i": "i4", "I": "u4", "f": "f4", "d": "f8"}


def single(values: Any) -> np.ndarray:
    """`values` as float32, NaN where they are not finite; float64 where float32 would lose a number."""
    wide = np.asarray(values, dtype=np.float64)
    wide = np.where(np.isfinite(wide), wide, np.nan)
    with np.errstate(over="ignore", under="ignore"):
        narrow = wide.astype(np.float32)
    size = np.abs(wide)
    lost = np.isinf(narrow) | ((size > 0) & (size < np.finfo(np.float32).tiny))
    return wide if lost.any() else narrow


def whole(values: Any) -> np.ndarray:
    """Whole numbers from 0 to 2³² - 1 in the smallest type that holds them."""
    numbers = np.asarray(values)
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def repeated(step: int, count: int) -> np.ndarray:
    """The same step `count` times."""
    return np.full(count, step, np.min_scalar_type(int(step)))


def envelope(values: np.ndarray, most: int) -> np.ndarray:
    """At most `most` indices that keep the outline of `values[n]`: smallest and largest of each stretch."""
    count = len(values)
    if count <= most:
        return np.arange(count)
    edges = np.linspace(0, count, max(most // 2 - 1, 1) + 1).astype(int)
    low = np.where(np.isfinite(values), values, np.inf)
    high = np.where(np.isfinite(values), values, -np.inf)
    picked = [int(low[a:b].argmin()) + a for a, b in pairwise(edges)]
    picked += [int(high[a:b].argmax()) + a for a, b in pairwise(edges)]
    return np.unique([0, *picked, count - 1])


def apart(points: np.ndarray, least: float) -> np.ndarray:
    """Indices of those of `points[n, k]` that lie `least` or more from the last one kept, on any axis; and of the last.

    Where a path crawls, points closer together than its line is wide add nothing to be seen and take as long to draw.
    """
    rows = points.tolist()
    kept, last = [0], rows[0]
    for index, row in enumerate(rows):
        if not all(abs(a - b) < least for a, b in zip(row, last, strict=True)):  # so is what is no number
            kept.append(index)
            last = row
    return np.array(kept if kept[-1] == len(rows) - 1 else [*kept, len(rows) - 1])


def inside(values: np.ndarray, span: list[float], log: bool = False) -> np.ndarray:
    """`values` as curves travel, with gaps outside of an axis' range: a marker there would lie in the margin."""
    with np.errstate(all="ignore"):
        places = np.log10(values) if log else values
        return single(np.where((places >= span[0]) & (places <= span[1]), values, np.nan))


def positive(values: Any) -> np.ndarray:
    """`values` as curves travel, with gaps where there is no logarithm."""
    return single(np.where(np.asarray(values) > 0, values, np.nan))


def near(values: np.ndarray, span: list[float], log: bool = False) -> np.ndarray:
    """`values` as curves travel, cut far outside of a linear range: no browser draws a line to 10¹⁵⁰."""
    far = 10 * (span[1] - span[0])
    return single(values if log else np.clip(values, span[0] - far, span[1] + far))


def encoded(value: Any) -> Any:
    """Dictionaries and lists as they are; arrays of numbers as a type and, in base 64, their bytes."""
    kind = type(value)
    if kind is np.ndarray:
        if value.dtype.char not in _TYPES or not value.size:
            return value.tolist()
        contiguous = value if value.flags.c_contiguous else np.ascontiguousarray(value)
        text = binascii.b2a_base64(contiguous, newline=False).decode("ascii")
        typed = {"dtype": _TYPES[value.dtype.char], "bdata": text}
        return typed if value.ndim == 1 else typed | {"shape": ", ".join(map(str, value.shape))}
    if kind is dict:
        return {name: encoded(part) for name, part in value.items()}
    if kind is list or kind is tuple:
        return [encoded(part) for part in value]
    return value
