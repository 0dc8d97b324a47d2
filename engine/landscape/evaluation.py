"""The loss on a plane or a line through the space of all parameters, and what such a picture does not show.

A plane is θ(α, β) = θc + α d1 + β d2. Which directions d1, d2 it takes decides what can be seen: see `planes`.

A path leaves the plane nearly everywhere: `fidelity` says how far, and which loss the plane shows in its place. A high
explained variance alone is no fidelity, for the loss may change fast in what is left out.

Sources: Li et al. 2018, "Visualizing the loss landscape of neural nets"; Goodfellow, Vinyals & Saxe 2015 (the line
between two points).
"""

from typing import NamedTuple

import numpy as np

from engine.landscape.planes import within_reach
from engine.linear_algebra import norm

CHUNK_BYTES = 4_000_000
"""Points of a plane that are evaluated together take about this much memory."""


def extent(plane, path, margin=0.2):
    """The window ((α_low, α_high), (β_low, β_high)) that holds a path [..., P] and the centre, with a margin.

    margin: share of the range added at either end, 0.15 to 0.25 looks well. A range much narrower than the other one (a
    straight path) is widened to a quarter of it, measured in distance; without any range the window is ±1.
    """
    ab = plane.project(path).reshape(-1, 2)
    ab = np.concatenate([within_reach(ab), np.zeros((1, 2))])
    low, high = ab.min(0), ab.max(0)
    length = norm(plane.directions)
    least = ((high - low) * length).max() / (4 * length)
    least = np.where(least > 0, least, 2.0)
    spare = np.maximum((high - low) * margin, (least - (high - low)) / 2)
    low, high = low - spare, high + spare
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def axis_through_zero(low, high, resolution):
    """`resolution` evenly spaced coordinates that cover [low, high], one of them exactly 0: [resolution].

    The range grows a little where it has to. Where 0 is not between low and high it is a plain linspace.
    """
    if resolution < 3 or not low < high:
        raise ValueError(f"resolution must be at least 3 and low < high, not {resolution} and [{low}, {high}]")
    if not low < 0 < high:
        return np.linspace(low, high, resolution)
    below = np.arange(1, resolution - 1)  # how many nodes to leave to the left of 0
    steps = np.maximum(-low / below, high / (resolution - 1 - below))
    best = steps.argmin()
    left, right, step = below[best], resolution - 1 - below[best], steps[best]
    return np.concatenate([np.linspace(-left * step, 0.0, left + 1), np.linspace(0.0, right * step, right + 1)[1:]])


class Grid(NamedTuple):
    """The loss on the nodes of a plane."""

    alpha: np.ndarray
    """[columns], float64: coordinates along d1, one of them exactly 0 when the extent holds the centre."""
    beta: np.ndarray
    """[rows], float64: coordinates along d2."""
    loss: np.ndarray
    """[rows, columns]: loss[r, c] at (alpha[c], beta[r]); inf or nan where the loss is not finite."""


def evaluate(plane, loss, extent, resolution=51, dtype=np.float64):
    """The loss on a grid over a window of the plane, in chunks that fit the cache.

    loss: params[..., P] -> [...]; extent: ((α_low, α_high), (β_low, β_high)); resolution: nodes on each axis, or
    (columns, rows). The centre lies on a node (see axis_through_zero). dtype float32 is good enough for a picture and
    two to four times as fast: loss receives the parameters in it. Returns Grid.
    """
    columns, rows = (resolution, resolution) if np.isscalar(resolution) else resolution
    alpha, beta = axis_through_zero(*extent[0], columns), axis_through_zero(*extent[1], rows)
    nodes = np.stack(np.meshgrid(alpha, beta), axis=-1)
    return Grid(alpha, beta, _losses(plane.at, loss, nodes.reshape(-1, 2), dtype).reshape(rows, columns))


def _losses(at, loss, coordinates, dtype=np.float64):
    """Loss [n] at the parameters at(coordinates[n, ...]), a chunk at a time: here alone memory is bounded."""
    chunk = max(1, CHUNK_BYTES // max(at(coordinates[:1]).nbytes, 1))
    out = np.empty(len(coordinates), dtype=dtype)
    with np.errstate(all="ignore"):
        for first in range(0, len(coordinates), chunk):
            part = slice(first, first + chunk)
            out[part] = loss(at(coordinates[part]).astype(dtype, copy=False))
    return out


class Slice(NamedTuple):
    """The loss along a straight line."""

    a: np.ndarray
    """[n], float64: 0 at the start, 1 at the end."""
    loss: np.ndarray
    """[n]."""


def line_slice(start, end, loss, span=(-0.5, 1.5), resolution=81):
    """L((1-a) start + a end) for a over `span`: Slice. start, end: [P]; loss: params[..., P] -> [...].

    A resolution of 4m + 1 has nodes at both ends of the default span's line, a = 0 and a = 1.
    """
    start, end = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    a = np.linspace(*span, resolution)
    return Slice(a, _losses(lambda part: (1 - part) * start + part * end, loss, a[:, None]))


class Fidelity(NamedTuple):
    """What a plane or a line loses of a path."""

    residuals: np.ndarray
    """[...]: ‖(I-P)(θ-θc)‖/‖θ-θc‖, from 0 (in the plane; also at the centre itself) to 1 (square to it)."""
    projected_loss: np.ndarray
    """[...]: the loss at the projected point, to hold against the path's own."""


def fidelity(plane, path, loss):
    """How far a path [..., P] leaves the plane or the line, and the loss shown in its place: Fidelity."""
    path = np.asarray(path, dtype=np.float64)
    coordinates = plane.project(path)
    with np.errstate(over="ignore", invalid="ignore"):
        away, off = norm(path - plane.centre), norm(path - plane.at(coordinates))
        residuals = np.where(away > 0, np.minimum(off / np.where(away > 0, away, 1.0), 1.0), 0.0)
        residuals = np.where(np.isfinite(away), residuals, np.nan)
    projected = _losses(plane.at, loss, coordinates.reshape(-1, coordinates.shape[-1]))
    return Fidelity(residuals, projected.reshape(path.shape[:-1]))


def explained_variance(plane, path):
    """The share, 0 to 1, of a path's squared distances from the centre that lies in the plane; path [..., P].

    The same for every kind of plane, so that they can be compared; for PCA it is the sum of `explained`. Points that
    are not finite are left out; 1 for a path that never leaves the centre.
    """
    path = within_reach(np.asarray(path, dtype=np.float64).reshape(-1, plane.centre.size))
    away, off = norm(path - plane.centre), norm(path - plane.at(plane.project(path)))
    largest = away.max(initial=0.0)
    return 1.0 - float(np.square(off / largest).sum() / np.square(away / largest).sum()) if largest > 0 else 1.0
