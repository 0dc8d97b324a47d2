"""Curvature: steps that know how the slope changes, and so how far to go.

Newton's method asks for the whole Hessian, [P, P], and jumps to the minimum of the parabola it describes: one step on
a quadratic, whatever its condition number. L-BFGS never sees the Hessian: each pair of a step s and the change y of
the gradient over it is one measurement, y ≈ Hs, and a handful of pairs makes a direction almost as good at the price
of a few inner products. The interface is that of `engine.optimizers`; Newton's `update` also takes `hessian`.

Nocedal, Wright, "Numerical Optimization" (2006), algorithm 7.4 for the two-loop recursion; Dauphin et al.,
"Identifying and attacking the saddle point problem" (arXiv:1406.2572) for the absolute eigenvalues.
"""

from collections import namedtuple
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.optimizers import hyperparameters as hyper
from engine.optimizers.base import Optimizer, cast
from engine.optimizers.sgd import CountState

LEAST_CURVATURE = 1e-10  # a pair with ys below this measures noise, or a hill; torch's threshold


Pair = namedtuple("Pair", "s y rho")
"""One measurement of curvature: step s and gradient change y [..., P], and ρ = 1/ys [..., 1]."""


LBFGSState = namedtuple("LBFGSState", "t gradient step pairs gamma")
"""Steps made; the last gradient and step [..., P]; the pairs kept, oldest first; γ = ys/yy [..., 1]."""


def _dot(a, b):
    """Return the inner product over the parameters, [..., 1]; each run sums in the same order as alone."""
    return np.multiply(a, b, order="C").sum(-1, keepdims=True)


def _remember(pairs, pair, keep, limit):
    """Append the pair in the runs where keep [..., 1] is true, and let at most `limit` remain in each.

    Runs that disagree are aligned at the newest pair: a run that rejects this one has its older pairs shifted up by
    one place, and an empty pair (all zero, so it adds nothing to the recursion) comes in at the old end.
    """
    if not keep.any():
        return pairs
    appended = (*pairs, pair)
    if not keep.all():
        shifted = (Pair(*map(np.zeros_like, pair)), *pairs)
        appended = tuple(
            Pair(*(np.where(keep, new, old) for new, old in zip(*both, strict=True)))
            for both in zip(appended, shifted, strict=True)
        )
    return appended[-limit:]


def _direction(gradient, pairs, gamma):
    """Return -H⁻¹g [..., P] by the two-loop recursion, which starts from γ times the identity for H⁻¹."""
    q = -gradient
    alphas = []
    for s, y, rho in reversed(pairs):
        alpha = rho * _dot(s, q)
        q -= alpha * y
        alphas.append(alpha)
    q *= gamma
    for (s, y, rho), alpha in zip(pairs, reversed(alphas), strict=True):
        q += (alpha - rho * _dot(y, q)) * s
    return q


@dataclass(frozen=True)
class LBFGS(Optimizer):
    """Quasi-Newton from the last few steps, no line search: what torch's `LBFGS(max_iter=1)` does in a call.

    The first step is min(1, 1/‖g‖₁) η long along -g, since nothing is known yet. Made for full batches: the change of
    the gradient must come from the step, not from new samples.
    """

    title: ClassVar[str] = "L-BFGS"
    rate: ClassVar[float] = 0.5
    state: ClassVar[type] = LBFGSState

    lr: float = hyper.learning_rate(1.0, "Share of the quasi-Newton step taken, 1 for all of it: the learning rate η.")
    history_size: int = hyper.count(
        100, (1, 500), "Steps remembered", 5, "h", "How many past steps the curvature is estimated from."
    )

    def init(self, params):
        """Return the state before the first step of params [..., P]: no pairs, γ = 1."""
        return super().init(params)._replace(pairs=(), gamma=np.ones((*params.shape[:-1], 1), params.dtype))

    def step(self, params, gradient, state, lr):
        """Return -η d with d = -H⁻¹g from the pairs so far, and the next state."""
        rate = cast(lr, params.dtype)
        pairs, gamma = state.pairs, state.gamma
        if state.t == 0:
            direction = -gradient
            rate = np.minimum(1, 1 / np.abs(gradient, order="C").sum(-1, keepdims=True)) * rate
        else:
            s, y = state.step, gradient - state.gradient
            ys = _dot(y, s)
            keep = ys > LEAST_CURVATURE
            pairs = _remember(pairs, Pair(s, y, 1 / ys), keep, self.history_size)
            gamma = np.where(keep, ys / _dot(y, y), gamma)
            direction = _direction(gradient, pairs, gamma)
        step = direction * rate
        return -step, LBFGSState(state.t + 1, gradient.copy(), step, pairs, gamma)


@dataclass(frozen=True)
class Newton(Optimizer):
    """Newton's method with the absolute Hessian |H|: the same where it curves up, downhill elsewhere.

    Plain Newton solves (H + λI) d = -g and runs into saddles and maxima; with the eigenvalues' absolute values every
    direction is one of descent. Where H is positive definite nothing changes. Directions in which |H| + λI is zero up
    to rounding hold no information on how far to go, and are left alone.
    """

    title: ClassVar[str] = "Newton"
    rate: ClassVar[float] = 0.5
    state: ClassVar[type] = CountState
    needs_hessian: ClassVar[bool] = True

    lr: float = hyper.learning_rate(1.0, "Share of the Newton step taken, 1 for all of it: the learning rate η.")
    damping: float = hyper.number(  # without it the flat directions of a network's loss send Newton's method far away
        0.0, (0, 1e6), "Damping λ", 0.01, r"\lambda", "Added to every curvature: larger is safer.", on_network=0.01
    )

    def step(self, params, gradient, state, lr, *, hessian):
        """Return η (|H|+λI)⁻¹ g, given hessian [..., P, P] (symmetric), and the next state.

        A run whose Hessian is not finite gets NaN parameters; the others are not touched by it.
        """
        dtype, size = params.dtype, params.shape[-1]
        hessian = np.asarray(hessian, dtype)
        finite = np.isfinite(hessian).all((-2, -1))[..., None]
        solvable = np.where(finite[..., None], hessian, np.eye(size, dtype=dtype))
        eigenvalues, vectors = np.linalg.eigh(solvable)
        curvature = np.abs(eigenvalues) + cast(self.damping, dtype)
        rounding = curvature.max(-1, keepdims=True) * (size * float(np.finfo(dtype).eps))
        curvature = np.where(curvature > rounding, curvature, np.inf)
        column = np.ascontiguousarray(gradient)[..., None]  # other strides take another product, with other last bits
        along = (np.swapaxes(vectors, -1, -2) @ column)[..., 0] / curvature
        step = (vectors @ along[..., None])[..., 0] * cast(lr, dtype)
        return np.where(finite, step, np.nan), CountState(state.t + 1)
