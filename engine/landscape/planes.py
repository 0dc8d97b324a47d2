"""Planes in the space of all parameters: θ(α, β) = θc + α d1 + β d2, and the ways to choose their directions.

The coordinates of any θ are those of the nearest point of the plane, from the Gram solve

    [α, β] = (D Dᵀ)⁻¹ D (θ - θc),    D the 2 x P matrix with rows d1, d2,

since bare dot products D (θ - θc) are right for orthonormal directions only. With a single direction it is a line.

Source: Li et al. 2018, "Visualizing the loss landscape of neural nets" (filter normalisation, PCA of the path).
"""

from dataclasses import dataclass, replace

import numpy as np

from engine.cancellation import cancellation_point
from engine.curvature import lanczos, signed, top_eigenvectors

FEWEST_PRODUCTS = 40  #: of a path with a vector and back, for its principal components
SETTLED = 1e-8  #: of the largest squared singular value: what the residual of one that is found may be
SPANNING = 8  #: vectors of the space in which the components are looked for


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane through the space of parameters, or with k = 1 direction a line; its arrays are read-only.

    Raises ValueError where the directions do not span one.
    """

    centre: np.ndarray
    """θc: [P], float64; the point (0, 0)."""
    directions: np.ndarray
    """D: [k, P], float64; rows d1 and d2, of any length and at any angle but 0."""
    kind: str
    """How the directions were chosen: "pca", "random", "weights", "hessian" or "line"."""
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
        if self.centre.ndim != 1 or self.directions.shape not in ((2, self.centre.size), (1, self.centre.size)):
            raise ValueError(
                f"directions must have the shape (2, P), or (1, P) for a line, and centre (P,), not "
                f"{self.directions.shape} and {self.centre.shape}"
            )
        if not _independent(self.directions):
            raise ValueError("directions must be finite vectors, neither zero nor parallel")

    def project(self, params):
        """Coordinates [..., k] of the nearest point of the plane to params [..., P]; float64."""
        cancellation_point()
        with np.errstate(over="ignore", invalid="ignore"):
            away = np.asarray(params, dtype=np.float64) - self.centre
            dots = [(away * direction).sum(-1, keepdims=True) for direction in self.directions]
            inverse = np.linalg.inv(self.directions @ self.directions.T)
            return sum(dot * row for dot, row in zip(dots, inverse, strict=True))

    def at(self, ab):
        """The parameters [..., P] at coordinates ab [..., k]: θc + α d1 + β d2; exactly θc at (0, 0)."""
        cancellation_point()
        ab = np.asarray(ab, dtype=np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            return self.centre + sum(ab[..., i, None] * direction for i, direction in enumerate(self.directions))

    def within(self, centre, places):
        """The same plane in a larger space of P parameters, of which these are at `places`; centre [P] has the rest."""
        lifted = [embedded(direction, np.zeros(len(centre)), places) for direction in self.directions]
        return replace(self, centre=embedded(self.centre, centre, places), directions=np.stack(lifted))


def embedded(values, rest, places):
    """`rest` [P] with `values` [..., V] at some places: [..., P], in the precision of the values."""
    whole = np.empty((*values.shape[:-1], len(rest)), dtype=values.dtype)
    whole[...] = rest
    whole[..., places] = values
    return whole


def within_reach(points):
    """The points [n, ...] whose squares can be added, finite and below 1e150: not those of a diverged run."""
    cancellation_point()
    return points[(np.abs(points) < 1e150).all(-1)]


def _independent(directions):
    first, second = directions[0], directions[-1]
    with np.errstate(all="ignore"):
        if len(directions) == 1:
            return 0 < first @ first < np.inf
        apart = second - first * (first @ second / (first @ first))
        return apart @ apart > 1e-20 * (second @ second)  # false for nan as well


def pca_plane(paths, centring="final"):
    """The plane in which most of one or several paths lies: the two first principal components.

    paths: [T, P], or [..., T, P], or a list of [T_i, P]; several are stacked. Points that have diverged
    (not finite, or beyond 1e150) are left out. centring: "final", through the last point of the (first) path,
    or "mean", through the mean of all points. The directions are orthonormal, ordered by what they explain.
    """
    paths = paths if isinstance(paths, (list, tuple)) else [paths]
    paths = [np.asarray(path, dtype=np.float64) for path in paths]
    runs = [run for path in paths for run in path.reshape(-1, *path.shape[-2:])]
    runs = [within_reach(run) for run in runs]
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
    away = points - centre
    away /= np.abs(away).max() or 1.0
    singular, rows = _principal(away)
    share = singular**2 / max(np.square(away).sum(), np.finfo(float).tiny)
    return Plane(centre, signed(rows), "pca", words, explained=share)


def _principal(away):
    """The two largest singular values [2] of the rows [n, P], and the directions [2, P], orthonormal, they belong to.

    To decompose the paths of many runs whole takes seconds. Lanczos' method finds the upper end alone, from products of
    the shorter side's Gram matrix with a vector, four times as many until they have settled. Squares lose half of the
    digits: so what is found only spans a space, in which the two are looked for by the singular values themselves.
    """
    wide = away.shape[0] <= away.shape[1]
    across, products = (away if wide else away.T), FEWEST_PRODUCTS
    while True:
        found = lanczos(lambda v: across @ (v @ across), across.shape[:1], products, keep=SPANNING)
        if len(found.values) < products or (found.residuals[:2] <= SETTLED * found.values[0]).all():
            break
        products *= 4
    cancellation_point()
    spanning = found.vectors @ across if wide else found.vectors
    spare = np.zeros((2, away.shape[1]))  # so that even a path of one point has two directions
    basis, _ = np.linalg.qr(np.concatenate([spanning, spare]).T)
    cancellation_point()
    within = np.concatenate([away @ basis, spare[:, : basis.shape[1]]])
    _, singular, rows = np.linalg.svd(within, full_matrices=False)
    return singular[:2], rows[:2] @ basis.T


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
        if _independent(directions):
            cosine = first @ second / np.sqrt((first @ first) * (second @ second))
            return Plane(params, directions, "random", cosine=float(cosine))
    raise ValueError(
        "Random directions are as long as the rows of the weights, so params must hold at least two weights other than "
        "0; choose another plane."
    )


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
        raise ValueError("Two single weights must be two different ones to span a plane.")
    directions = np.zeros((2, params.size))
    directions[0, i] = directions[1, j] = 1.0
    return Plane(params, directions, "weights")


def hessian_plane(gradient, params):
    """The plane of the two orthonormal directions of largest curvature at params [P]; gradient: [.., P] -> [.., P]."""
    top = top_eigenvectors(gradient, params, 2)
    if not np.isfinite(top.values).all():
        raise ValueError("params must be a point where the gradient is finite")
    return Plane(params, top.vectors, "hessian", curvatures=top.values)
