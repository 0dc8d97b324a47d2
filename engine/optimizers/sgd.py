"""Plain gradient descent, and the two ways to give it momentum.

The interface is that of `engine.optimizers`.

Polyak, "Some methods of speeding up the convergence of iteration methods" (1964); Nesterov, "A method of solving a
convex programming problem with convergence rate O(1/k²)" (1983), in the form of Sutskever et al. (ICML 2013).
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from engine.optimizers.hyperparameters import (
    Interval,
    cast,
    hyper,
    is_off,
    learning_rate,
    momentum_share,
    quiet,
    require_runs,
    validate,
    weight_decay,
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
    rate: ClassVar[float] = 0.5

    lr: float = learning_rate(1e-3, "How far to go along the negative gradient: the learning rate η.")
    decay: float = weight_decay()

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

    def stability_limit(self, rate):
        """Return the sharpness 2/η - λ above which the steps along the sharpest direction grow."""
        return 2.0 / rate - self.decay


class VelocityState(NamedTuple):
    """Steps made, and the velocity b [..., P]: the decaying sum of the gradients so far."""

    t: int
    velocity: np.ndarray


@dataclass(frozen=True)
class Momentum:
    """Heavy ball: the velocity sums the gradients, so that zigzags cancel and a steady slope adds up.

    With `nesterov` it looks ahead: it steps by the gradient plus the velocity it is about to have, undamped. On a
    quadratic of greatest curvature λ it converges for η < 2(1+μ)/λ, looking ahead for η < 2(1+μ)/(λ(1+2μ)).
    """

    title: ClassVar[str] = "Momentum"
    formula: ClassVar[str] = r"b \leftarrow \mu b + (1-\tau)\, g,\quad x \leftarrow x - \eta\, b"
    rate: ClassVar[float] = 0.2

    lr: float = learning_rate(1e-3, "How far to go along the velocity: the learning rate η.")
    momentum: float = momentum_share(0.9)
    dampening: float = hyper(
        0.0,
        Interval(0, 1),
        "Share of each new gradient that is left out of the velocity, τ.",
        label="Dampening τ",
        step=0.1,
        symbol=r"\tau",
        unless="nesterov",
    )
    nesterov: bool = hyper(
        False, None, "Look ahead along the velocity before stepping; knows no dampening.", label="Nesterov"
    )
    decay: float = weight_decay()

    __post_init__ = validate

    def init(self, params):
        """Return the state before the first step of params [..., P]: no velocity."""
        return VelocityState(0, zeros(self, params))

    @quiet
    def update(self, params, gradient, state, *, lr=None, out=None):
        """Return x - η b with b = μb + (1-τ)g, or x - η (g + μb) with b = μb + g, and the next state."""
        dtype = params.dtype
        momentum = cast(self.momentum, dtype)
        gradient = with_decay(gradient, params, self.decay)
        velocity = state.velocity * momentum
        if self.nesterov or state.t == 0 or is_off(self.dampening):  # the first gradient enters undamped, as in torch
            velocity += gradient
        else:
            velocity += gradient * cast(1 - self.dampening, dtype)
        if self.nesterov:
            step = velocity * momentum
            step += gradient
            step *= cast(self.lr if lr is None else lr, dtype)
        else:
            step = velocity * cast(self.lr if lr is None else lr, dtype)
        return np.subtract(params, step, out), VelocityState(state.t + 1, velocity)

    def stability_limit(self, rate):
        """Return the sharpness 2(1+μ)/(η(1-τ)) - λ, or looking ahead 2(1+μ)/(η(1+2μ)) - λ, above which steps grow."""
        share = 1.0 + 2.0 * self.momentum if self.nesterov else 1.0 - np.asarray(self.dampening)
        return 2.0 * (1.0 + self.momentum) / (rate * share) - self.decay


@dataclass(frozen=True)
class Nesterov(Momentum):
    """Momentum that always looks ahead, so that it knows no dampening."""

    title: ClassVar[str] = "Nesterov momentum"
    formula: ClassVar[str] = r"b \leftarrow \mu b + g,\quad x \leftarrow x - \eta\,(g + \mu b)"
    dampening: ClassVar[float] = 0.0
    nesterov: ClassVar[bool] = True

    lr: float = learning_rate(1e-3, "How far to go along gradient and velocity: the learning rate η.")
