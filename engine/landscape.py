"""Loss landscapes: a two-dimensional window into the space of all parameters, and what it does not show.

A plane is θ(α, β) = θc + α d1 + β d2. Which directions d1, d2 it takes decides what can be seen: the
principal components of a path, random directions, two single weights, or the directions of largest curvature.
The coordinates of any θ are those of the nearest point of the plane, from the Gram solve

    [α, β] = (D Dᵀ)⁻¹ D (θ - θc),    D the 2 x P matrix with rows d1, d2,

since bare dot products D (θ - θc) are right for orthonormal directions only.

A path leaves the plane nearly everywhere: `fidelity` says how far, and which loss the plane shows in its
place. A high explained variance alone is no fidelity, for the loss may change fast in what is left out.

Sources: Li et al. 2018, "Visualizing the loss landscape of neural nets" (filter normalisation, PCA of the
path); Goodfellow, Vinyals & Saxe 2015 (the line between two points).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.curvature import signed, top_eigenvectors

CHUNK_BYTES = 4_000_000
"""Points of a plane that are evaluated together take about this much memory."""


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane through the space of parameters; its arrays are read-only.

    Raises ValueError where the directions do not span a plane.
    """

    centre: np.ndarray
    """θc: [P], float64; the point (0, 0)."""
    directions: np.ndarray
    """D: [2, P], float64; rows d1 and d2, of any length and at any angle but 0."""
    kind: str
    """How the directions were chosen: "pca", "random", "weights" or "hessian"."""
    centring: str = "through the given point"
    """What the centre is, in words for a caption."""
    explained: np.ndarray | None = None
    """[2], PCA only: the shares of the path's squared distances from the centre along d1 and d2."""
    cosine: float = 0.0
    """Of the angle between d1 and d2: what is left after orthogonalising and normalising."""
    curvatures: np.ndarray | None = None
    """[2], Hessian only: the eigenvalues that belong to d1 and d2."""

    def __post_init__(self):
        for name in ("centre", "directions"):
            value = np.array(getattr(self, name), dtype=np.float64)
            value.flags.writeable = False
            object.__setattr__(self, name, value)
        if self.centre.ndim != 1 or self.directions.shape != (2, self.centre.size):
            raise ValueError(
                f"directions must have the shape (2, P) and centre (P,), not {self.directions.shape} "
                f"and {self.centre.shape}"
            )
        if not _independent(*self.directions):
            raise ValueError("directions must be two finite vectors that are neither zero nor parallel")

    def project(self, params):
        """Coordinates [..., 2] of the nearest point of the plane to params [..., P]; float64."""
        with np.errstate(over="ignore", invalid="ignore"):
            away = np.asarray(params, dtype=np.float64) - self.centre
            dots = np.stack([(away * direction).sum(-1) for direction in self.directions], axis=-1)
            inverse = np.linalg.inv(self.directions @ self.directions.T)
            return dots[..., :1] * inverse[0] + dots[..., 1:] * inverse[1]

    def at(self, ab):
        """The parameters [..., P] at coordinates ab [..., 2]: θc + α d1 + β d2; exactly θc at (0, 0)."""
        ab = np.asarray(ab, dtype=np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            return self.centre + (ab[..., :1] * self.directions[0] + ab[..., 1:] * self.directions[1])


def _within_reach(points):
    """The points [n, ...] whose squares can be added, finite and below 1e150: not those of a diverged run."""
    return points[(np.abs(points) < 1e150).all(-1)]


def _independent(first, second):
    with np.errstate(all="ignore"):
        squares = (first @ first) * (second @ second)
        return squares - (first @ second) ** 2 > 1e-20 * squares  # false for nan as well


def pca_plane(paths, centring="final"):
    """The plane in which most of one or several paths lies: the two first principal components.

    paths: [T, P], or [..., T, P], or a list of [T_i, P]; several are stacked. Points that have diverged
    (not finite, or beyond 1e150) are left out. centring: "final", through the last point of the (first) path,
    or "mean", through the mean of all points. The directions are orthonormal, ordered by what they explain.
    """
    paths = paths if isinstance(paths, (list, tuple)) else [paths]
    paths = [np.asarray(path, dtype=np.float64) for path in paths]
    runs = [run for path in paths for run in path.reshape(-1, *path.shape[-2:])]
    runs = [_within_reach(run) for run in runs]
    points = np.concatenate(runs)
    if not len(points):
        raise ValueError("paths must hold at least one finite point")
    if points.shape[-1] < 2:
        raise ValueError(f"paths must have at least 2 parameters to span a plane, not {points.shape[-1]}")
    if centring == "final":
        centre = next(run for run in runs if len(run))[-1]
        words = "through the final point" if len(runs) == 1 else "through the final point of the first path"
    elif centring == "mean":
        centre = points.mean(0)
        words = "through the mean of the path" if len(runs) == 1 else "through the mean of all paths"
    else:
        raise ValueError(f"centring must be 'final' or 'mean', not {centring!r}")
    spare = np.zeros((2, len(centre)))  # so that even a path of one point has two directions
    away = np.concatenate([points - centre, spare])
    scale = np.abs(away).max() or 1.0
    _, singular, rows = np.linalg.svd(away / scale, full_matrices=False)
    share = singular**2 / max((singular**2).sum(), np.finfo(float).tiny)
    return Plane(centre, signed(rows[:2]), "pca", words, explained=share[:2])


def random_plane(params, layout, rng):
    """Two random directions, filter-normalised (Li et al. 2018), through params [P].

    d1, d2 are drawn from a standard normal, d2 is made orthogonal to d1, and then each row i of each weight
    matrix (each filter of a kernel) is scaled to ‖d_i‖ = ‖W_i‖; biases and the parameters of norms stay as
    they are. A distance of 1 then changes every layer by as much as there is of it, and networks whose layers
    differ in scale can be compared. `cosine` is what the scaling leaves of the angle.

    layout: names and view(params, name); names that begin with W ([out, in]) or K ([out, in, kh, kw]) are
    weights. rng: a numpy Generator. Raises ValueError where fewer than two weights differ from zero.
    """
    params = np.asarray(params, dtype=np.float64)
    filters = [name for name in layout.names if name[0] in "WK"]
    for _ in range(32):  # a row of one weight can only be ±: with few of them d1, d2 may come out parallel
        directions = np.zeros((2, params.size))
        for name in filters:
            view = layout.view(directions, name)
            view[...] = rng.standard_normal(view.shape)
        first, second = directions
        second -= first * (first @ second / max(first @ first, np.finfo(float).tiny))
        for name in filters:
            view = layout.view(directions, name)
            view *= _row_norms(layout.view(params, name), 0) / np.maximum(_row_norms(view, 1), 1e-300)
        if _independent(first, second):
            cosine = first @ second / np.sqrt((first @ first) * (second @ second))
            return Plane(params, directions, "random", cosine=float(cosine))
    raise ValueError("params must hold at least two finite weights other than 0, to scale two directions by")


def _row_norms(view, row_axis):
    """The norm of each row of a matrix or filter of a kernel: over all axes after row_axis, kept."""
    return np.sqrt(np.square(view).sum(tuple(range(row_axis + 1, view.ndim)), keepdims=True))


def weight_plane(params, i, j):
    """The plane of two single parameters, all others frozen: α, β are the changes of params[i], params[j].

    params: [P]; i, j: different positions in the flat vector, 0 to P - 1.
    """
    params = np.asarray(params, dtype=np.float64)
    for name, index in (("i", i), ("j", j)):
        if not 0 <= index < params.size:
            raise ValueError(f"{name} must be from 0 to {params.size - 1}, not {index}")
    if i == j:
        raise ValueError(f"i and j must be two different parameters, not both {i}")
    directions = np.zeros((2, params.size))
    directions[0, i] = directions[1, j] = 1.0
    return Plane(params, directions, "weights")


def hessian_plane(gradient, params, steps=40, seed=0):
    """The plane of the two directions of largest curvature at params [P]; orthonormal.

    gradient, steps and seed as in engine.curvature.top_eigenvectors.
    """
    top = top_eigenvectors(gradient, params, 2, steps, seed)
    if not np.isfinite(top.values).all():
        raise ValueError("params must be a point where the gradient is finite")
    return Plane(params, top.vectors, "hessian", curvatures=top.values)


def extent(plane, path, margin=0.2):
    """The window ((α_low, α_high), (β_low, β_high)) that holds a path [..., P] and the centre, with a margin.

    margin: share of the range added at either end, 0.15 to 0.25 looks well. A range much narrower than the
    other one (a straight path) is widened to a quarter of it, measured in distance; without any range the
    window is ±1.
    """
    ab = plane.project(path).reshape(-1, 2)
    ab = np.concatenate([_within_reach(ab), np.zeros((1, 2))])
    low, high = ab.min(0), ab.max(0)
    length = np.sqrt(np.square(plane.directions).sum(-1))
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

    loss: params[..., P] -> [...]; extent: ((α_low, α_high), (β_low, β_high)); resolution: nodes on each axis,
    or (columns, rows). The centre lies on a node (see axis_through_zero). dtype float32 is good enough for a
    picture and two to four times as fast: loss receives the parameters in it. Returns Grid.
    """
    columns, rows = (resolution, resolution) if np.isscalar(resolution) else resolution
    alpha, beta = axis_through_zero(*extent[0], columns), axis_through_zero(*extent[1], rows)
    nodes = np.stack(np.meshgrid(alpha, beta), axis=-1)
    return Grid(alpha, beta, _losses(plane.at, loss, nodes.reshape(-1, 2), dtype).reshape(rows, columns))


def _losses(at, loss, coordinates, dtype):
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


def line_slice(start, end, loss, span=(-0.5, 1.5), resolution=81, dtype=np.float64):
    """L((1-a) start + a end) for a over `span`: Slice. start, end: [P]; loss: params[..., P] -> [...].

    A resolution of 4m + 1 has nodes at both ends of the default span's line, a = 0 and a = 1.
    """
    start, end = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    a = np.linspace(*span, resolution)
    return Slice(a, _losses(lambda part: (1 - part) * start + part * end, loss, a[:, None], dtype))


class Fidelity(NamedTuple):
    """What a plane loses of a path."""

    residuals: np.ndarray
    """[...]: ‖(I-P)(θ-θc)‖/‖θ-θc‖, from 0 (in the plane; also at the centre itself) to 1 (square to it)."""
    projected_loss: np.ndarray
    """[...]: the loss at the projected point, to hold against the path's own."""


def fidelity(plane, path, loss):
    """How far a path [..., P] leaves the plane, and the loss the plane shows instead: Fidelity."""
    path = np.asarray(path, dtype=np.float64)
    ab = plane.project(path)
    with np.errstate(over="ignore", invalid="ignore"):
        away, off = _distances(plane, path, ab)
        residuals = np.where(away > 0, np.minimum(off / np.where(away > 0, away, 1.0), 1.0), 0.0)
        residuals = np.where(np.isfinite(away), residuals, np.nan)
    projected = _losses(plane.at, loss, ab.reshape(-1, 2), np.float64)
    return Fidelity(residuals, projected.reshape(path.shape[:-1]))


def explained_variance(plane, path):
    """The share, 0 to 1, of a path's squared distances from the centre that lies in the plane; path [..., P].

    The same for every kind of plane, so that they can be compared; for PCA it is the sum of `explained`.
    Points that are not finite are left out; 1 for a path that never leaves the centre.
    """
    path = _within_reach(np.asarray(path, dtype=np.float64).reshape(-1, plane.centre.size))
    away, off = _distances(plane, path, plane.project(path))
    largest = away.max(initial=0.0)
    return 1.0 - float(np.square(off / largest).sum() / np.square(away / largest).sum()) if largest > 0 else 1.0


def _distances(plane, path, ab):
    """Distances of the points of a path from the centre and from their projections: twice [...].

    Scaled before squaring, so that a diverging path overflows no sooner than its parameters.
    """
    away, off = path - plane.centre, path - plane.at(ab)
    scale = np.abs(away).max(-1, keepdims=True)
    scale = np.where(scale > 0, scale, 1.0)
    return tuple(scale[..., 0] * np.sqrt(np.square(v / scale).sum(-1)) for v in (away, off))
