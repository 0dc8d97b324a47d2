"""Curvature of a loss: how steeply the gradient itself turns.

The Hessian H of P parameters has P² entries, but a product with one vector needs only two gradients,

    Hv = [g(θ + sv) - g(θ - sv)] / 2s,    ‖v‖ = 1, s = ε(1 + ‖θ‖),

whose step follows the size of the parameters: at θ of 10⁹ a step of 10⁻⁷ would be none at all. Or it needs one
gradient at complex parameters, Hv = Im g(θ + ihv)/h, which is exact to rounding at any θ, for no two numbers are
subtracted (`complex_step`; Squire & Trapp 1998), but takes three to fifteen times as long where there is a tanh.

From a few such products Lanczos' method finds the ends of the spectrum: it builds an orthonormal basis Q of v,
Hv, H²v, ... in which H is a small tridiagonal matrix T = QᵀHQ, whose extreme eigenvalues are close to H's after some
ten products. In exact arithmetic the basis is orthogonal by itself; in floating point it is not, and eigenvalues come
up twice, so every new vector is orthogonalised against all the others again.

The largest eigenvalue λmax is the *sharpness*. Gradient descent with learning rate η is stable only where λmax < 2/η;
full-batch training raises the sharpness until it meets this line and then hovers there, at the edge of stability
(Cohen et al. 2021). With mini-batches it is the *batch sharpness*, the mean of gᵀHg/‖g‖² over the batches, each with
its own g and H, that does so (Andreyev & Beneventano 2024).

`gradient` is any function params[..., P] -> gradient[..., P]; leading axes are runs, and the sharpness along a whole
path is one call. All is computed in float64, whatever the parameters are. Where the gradient is not finite the
answers are nan.

Sources: Lanczos 1950; Golub & Van Loan, "Matrix Computations", ch. 10; Pearlmutter 1994 (Hv).
"""

from typing import NamedTuple

import numpy as np

from engine.cancellation import cancellation_point
from engine.linear_algebra import norm

EPSILON = 1e-8
"""Length ε of the step to either side in a difference of gradients. A step across a kink of ReLU adds the jump of the
gradient over 2s to the curvature; at 1e-6 every sixth sharpness of a small trained ReLU network is wrong, by up to 50
times, at 1e-8 hardly any, and smooth losses still have eight digits."""

AGREEMENT = 1e-4
"""Of the largest eigenvalue: where a shorter step changes a curvature by more, the difference is no derivative."""

_BREAKDOWN = 1e-12  # relative size under which a new Lanczos vector is rounding only


class Eigen(NamedTuple):
    """Some eigenpairs, the algebraically largest first."""

    values: np.ndarray
    """[..., k], descending."""
    vectors: np.ndarray
    """[..., k, P], a unit vector each, its component of largest size positive."""
    residuals: np.ndarray
    """[..., k]: ‖Hv - λv‖; an eigenvalue of H lies within this distance of λ."""


def hessian_vector(gradient, params, v, eps=EPSILON):
    """Hv by a central difference of gradients: params [..., P], v [..., P] (broadcast) -> [..., P].

    v may have any length: the difference is taken along v/‖v‖, over a step of eps (1 + ‖params‖). A zero v gives
    zero. The error is of the order of the step squared times the third derivative plus 1e-16/eps times the gradient.
    """
    params = np.asarray(params, dtype=np.float64)
    v = np.asarray(v, dtype=np.float64)
    length, size = norm(v)[..., None], _step(params, eps)
    with np.errstate(over="ignore", invalid="ignore"):
        step = v * (size / np.where(length > 0, length, 1.0))
        forth, back = gradient(np.stack(np.broadcast_arrays(params + step, params - step)))
        return (forth - back) * (length / (2 * size))


def complex_step(gradient, params, v, h=1e-30):
    """Hv exact to rounding, for a gradient that takes complex parameters: params [..., P], v [..., P] -> [..., P].

    Its kinks must be decided by the real parts, as those of all networks here are: then Hv is that of the smooth
    piece on which params lie.
    """
    params, v = np.asarray(params, dtype=np.float64), np.asarray(v, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        return gradient(params + 1j * (h * v)).imag / h


def _step(params, eps):
    """ε (1 + ‖θ‖) for params [..., P]: [..., 1]."""
    return eps * (1 + norm(params)[..., None])


def lanczos(product, shape, steps, seed=0, keep=None):
    """Eigenpairs of a symmetric H [..., P, P] on the Krylov space of a random vector, best at the ends.

    product: v[..., P] -> Hv[..., P]; shape: of v, (*runs, P); steps: products to spend, at most P are used. Returns
    Eigen with k = min(steps, P): with steps = P the whole spectrum; of the vectors only the first `keep`, as each takes
    a pass over the whole basis. The start depends on seed alone, so that each run is treated as if it were the only
    one. When the space is exhausted early (repeated eigenvalues) it goes on in a fresh random direction orthogonal to
    what has been found.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, not {steps}")
    *runs, size = shape
    steps = min(steps, size)
    basis = np.zeros((*runs, steps, size))
    tridiagonal = np.zeros((*runs, steps, steps))

    def orthogonal(w, found):
        """Take its part in the span of `found` from w, twice, as once is too little; w and coefficients."""
        total = 0.0
        for _ in range(2):
            part = found @ w[..., None]
            w = w - (found.mT @ part)[..., 0]
            total = total + part[..., 0]
        return w, total

    def fresh(j):
        """A random direction [..., P] orthogonal to the first j of the basis, of length 1."""
        w = np.random.default_rng([seed, j]).standard_normal(size) + np.zeros(shape)
        w, _ = orthogonal(w, basis[..., :j, :])
        return w / norm(w)[..., None]

    q = fresh(0)
    with np.errstate(over="ignore", invalid="ignore"):
        for j in range(steps):
            cancellation_point()
            basis[..., j, :] = q
            w, coefficients = orthogonal(product(q), basis[..., : j + 1, :])
            tridiagonal[..., j, j] = coefficients[..., j]
            scale = np.abs(tridiagonal).max((-2, -1))
            coupling = norm(w)
            stuck = coupling <= _BREAKDOWN * scale
            coupling = np.where(stuck, 0.0, coupling)
            if j + 1 == steps:
                break
            tridiagonal[..., j, j + 1] = tridiagonal[..., j + 1, j] = coupling
            q = w / np.where(stuck, 1.0, coupling)[..., None]
            if stuck.any():
                q = np.where(stuck[..., None], fresh(j + 1), q)
    return _ritz(tridiagonal, basis, coupling, keep)


def _ritz(tridiagonal, basis, coupling, keep):
    """The eigenpairs of T [..., m, m], largest first, the first `keep` carried back by the basis [..., m, P]."""
    finite = np.isfinite(tridiagonal).all((-2, -1))[..., None]
    values, small = np.linalg.eigh(np.where(finite[..., None], tridiagonal, 0.0))
    values, small = values[..., ::-1], small[..., ::-1]
    cancellation_point()
    with np.errstate(invalid="ignore"):
        vectors = small.mT[..., :keep, :] @ basis
        residuals = np.abs(small[..., -1, :]) * coupling[..., None]
    return Eigen(
        np.where(finite, values, np.nan),
        np.where(finite[..., None], signed(vectors), np.nan),
        np.where(finite, residuals, np.nan),
    )


def signed(vectors):
    """Vectors [..., P] turned so that the component of largest size is positive: one of the two signs."""
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(-1)[..., None], axis=-1)
    return vectors * np.where(largest < 0, -1.0, 1.0)


def top_eigenvectors(gradient, params, k, steps=40, seed=0):
    """The k algebraically largest eigenvalues of the Hessian at params [..., P], with their vectors: Eigen.

    steps: Hessian-vector products to spend, at least 2k (+ 10) are taken; `residuals` tell how far they have carried.
    They are differences, checked by one more with an eighth of the step: runs in which the two disagree have a kink
    in the way (or a gradient too large for their curvature) and are done again by the complex step, if gradient takes
    it.
    """
    params = np.asarray(params, dtype=np.float64)
    if not 1 <= k <= params.shape[-1]:
        raise ValueError(f"k must be from 1 to {params.shape[-1]}, the number of parameters, not {k}")
    steps = max(steps, 2 * k + 10)
    found = lanczos(lambda v: hessian_vector(gradient, params, v), params.shape, steps, seed, keep=k)
    top = found.vectors[..., 0, :]
    again = (top * hessian_vector(gradient, params, top, EPSILON / 8)).sum(-1)
    with np.errstate(invalid="ignore"):
        doubtful = np.abs(again - found.values[..., 0]) > AGREEMENT * np.abs(found.values).max(-1)
    if doubtful.any() and np.iscomplexobj(gradient(params[doubtful] + 0j)):
        where = params[doubtful]
        exact = lanczos(lambda v: complex_step(gradient, where, v), where.shape, steps, seed, keep=k)
        for old, new in zip(found, exact, strict=True):
            old[doubtful] = new
    return Eigen(found.values[..., :k], found.vectors[..., :k, :], found.residuals[..., :k])


def sharpness(gradient, params, steps=40, seed=0):
    """λmax, the algebraically largest eigenvalue of the Hessian at params: [..., P] -> [...]."""
    return top_eigenvectors(gradient, params, 1, steps, seed).values[..., 0]


def batch_sharpness(gradients, params):
    """The mean of gᵀHg/‖g‖² over several batches: params [..., P] -> [...]; gradients: one function for each of them.

    They must take complex parameters (`complex_step`). Batches without a gradient have no direction and are left out.
    """
    ratios = []
    for gradient in gradients:
        cancellation_point()
        g = gradient(np.asarray(params, dtype=np.float64))
        with np.errstate(all="ignore"):
            direction = g / norm(g)[..., None]
            ratios.append((direction * complex_step(gradient, params, direction)).sum(-1))
    counted = np.isfinite(ratios)
    with np.errstate(invalid="ignore"):
        return np.where(counted, ratios, 0.0).sum(0) / counted.sum(0)


def hessian(gradient, params, eps=EPSILON):
    """The whole Hessian [..., P, P], made symmetric, for small P: one call of the gradient on 2P runs."""
    params = np.asarray(params, dtype=np.float64)
    size = _step(params, eps)[..., None]
    shift = size * np.eye(params.shape[-1])
    with np.errstate(over="ignore", invalid="ignore"):
        forth, back = gradient(np.stack([params[..., None, :] + shift, params[..., None, :] - shift]))
        matrix = (forth - back) / (2 * size)
        return (matrix + matrix.mT) / 2
