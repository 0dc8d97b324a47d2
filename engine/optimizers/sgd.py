"""Plain gradient descent, and the two ways to give it momentum.

The interface is that of `engine.optimizers`.

Polyak, "Some methods of speeding up the convergence of iteration methods" (1964); Nesterov, "A method of solving a
convex programming problem with convergence rate O(1/k²)" (1983), in the form of Sutskever et al. (ICML 2013).
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from engine.optimizers.hyperparameters import (
    FRACTION,
    NOT_NEGATIVE,
    POSITIVE,
    UNIT,
    cast,
    hyper,
    is_off,
    quiet,
    require_runs,
    validate,
    with_decay,
    zeros,
)


class CountState(NamedTuple):
    """All that plain descent remembers: the number of steps made."""

    t: int


@dataclass(frozen=True)
class SGD:
    """Gradient descent: a step against the gradient, as long as the slope is steep.

    On a quadratic of greatest curvature λ it converges for η < 2/λ and diverges above.
    """

    title: ClassVar[str] = "Gradient descent"
    formula: ClassVar[str] = r"x \leftarrow x - \eta\, g"

    lr: float = hyper(1e-3, POSITIVE, "Learning rate η: how far to go along the negative gradient.")
    decay: float = hyper(0.0, NOT_NEGATIVE, "Weight decay λ: pulls every parameter towards zero (adds λx to g).")

    __post_init__ = validate

    def init(self, params):
        """Return the state before the first step of params [..., P]."""
        require_runs(self, params)
        return CountState(0)

    @quiet
    def update(self, params, gradient, state, *, lr=None, out=None):
        """Return x - η g and the next state."""
        step = with_decay(gradient, params, self.decay) * cast(self.lr if lr is None else lr, params.dtype)
        return np.subtract(params, step, out), CountState(state.t + 1)


class VelocityState(NamedTuple):
    """Steps made, and the velocity b [..., P]: the decaying sum of the gradients so far."""

    t: int
    velocity: np.ndarray


def _velocity(gradient, state, momentum, dampening):
    """Return b = μb + (1-τ)g; the first gradient enters undamped, b = g, as in torch."""
    velocity = state.velocity * momentum
    if state.t == 0 or is_off(dampening):
        velocity += gradient
    else:
        velocity += gradient * cast(1 - dampening, gradient.dtype)
    return velocity


@dataclass(frozen=True)
class Momentum:
    """Heavy ball: the velocity sums the gradients, so that zigzags cancel and a steady slope adds up.

    On a quadratic of greatest curvature λ it converges for η < 2(1+μ)/λ (undamped).
    """

    title: ClassVar[str] = "Momentum"
    formula: ClassVar[str] = r"b \leftarrow \mu b + (1-\tau)\, g,\quad x \leftarrow x - \eta\, b"

    lr: float = hyper(1e-3, POSITIVE, "Learning rate η: how far to go along the velocity.")
    momentum: float = hyper(0.9, FRACTION, "Momentum μ: share of the velocity kept; gradients add up to 1/(1-μ) times.")
    dampening: float = hyper(0.0, UNIT, "Dampening τ: share of each new gradient left out of the velocity.")
    decay: float = hyper(0.0, NOT_NEGATIVE, "Weight decay λ: pulls every parameter towards zero (adds λx to g).")

    __post_init__ = validate

    def init(self, params):
        """Return the state before the first step of params [..., P]: no velocity."""
        return VelocityState(0, zeros(self, params))

    @quiet
    def update(self, params, gradient, state, *, lr=None, out=None):
        """Return x - η b with b = μb + (1-τ)g, and the next state."""
        dtype = params.dtype
        gradient = with_decay(gradient, params, self.decay)
        velocity = _velocity(gradient, state, cast(self.momentum, dtype), self.dampening)
        step = velocity * cast(self.lr if lr is None else lr, dtype)
        return np.subtract(params, step, out), VelocityState(state.t + 1, velocity)


@dataclass(frozen=True)
class Nesterov:
    """Momentum that looks ahead: it steps by the gradient plus the velocity it is about to have.

    On a quadratic of greatest curvature λ it converges for η < 2(1+μ)/(λ(1+2μ)).
    """

    title: ClassVar[str] = "Nesterov momentum"
    formula: ClassVar[str] = r"b \leftarrow \mu b + g,\quad x \leftarrow x - \eta\,(g + \mu b)"

    lr: float = hyper(1e-3, POSITIVE, "Learning rate η: how far to go along gradient and velocity.")
    momentum: float = hyper(0.9, FRACTION, "Momentum μ: share of the velocity kept; gradients add up to 1/(1-μ) times.")
    decay: float = hyper(0.0, NOT_NEGATIVE, "Weight decay λ: pulls every parameter towards zero (adds λx to g).")

    __post_init__ = validate

    def init(self, params):
        """Return the state before the first step of params [..., P]: no velocity."""
        return VelocityState(0, zeros(self, params))

    @quiet
    def update(self, params, gradient, state, *, lr=None, out=None):
        """Return x - η (g + μb) with b = μb + g, and the next state."""
        dtype = params.dtype
        momentum = cast(self.momentum, dtype)
        gradient = with_decay(gradient, params, self.decay)
        velocity = _velocity(gradient, state, momentum, 0.0)
        step = velocity * momentum
        step += gradient
        step *= cast(self.lr if lr is None else lr, dtype)
        return np.subtract(params, step, out), VelocityState(state.t + 1, velocity)
