"""Plain gradient descent, and the two ways to give it momentum.

The interface is that of `engine.optimizers`.

Polyak, "Some methods of speeding up the convergence of iteration methods" (1964); Nesterov, "A method of solving a
convex programming problem with convergence rate O(1/k²)" (1983), in the form of Sutskever et al. (ICML 2013).
"""

from collections import namedtuple
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.optimizers import hyperparameters as hyper
from engine.optimizers.base import Optimizer, cast, is_off, with_decay

CountState = namedtuple("CountState", "t")
"""All that plain descent remembers: the number of steps made."""


@dataclass(frozen=True)
class SGD(Optimizer):
    """Gradient descent: a step against the gradient, as long as the slope is steep.

    On a quadratic of greatest curvature λ it converges for η < 2/λ and diverges above.
    """

    title: ClassVar[str] = "Gradient descent"
    rate: ClassVar[float] = 0.5
    state: ClassVar[type] = CountState

    lr: float = hyper.learning_rate(1e-3, "How far to go along the negative gradient: the learning rate η.")
    decay: float = hyper.weight_decay()

    def step(self, params, gradient, state, lr):
        """Return η g and the next state."""
        return with_decay(gradient, params, self.decay) * cast(lr, params.dtype), CountState(state.t + 1)

    def lines(self, s, _before):
        """Write u = -η g."""
        s.line("u", -s.lr * s.with_decay())

    def stability_limit(self, lr):
        """Return 2/η - λ."""
        return 2.0 / lr - self.decay

    small_batch_limit = stability_limit


VelocityState = namedtuple("VelocityState", "t velocity")
"""Steps made, and the velocity b [..., P]: the decaying sum of the gradients so far."""


@dataclass(frozen=True)
class Momentum(Optimizer):
    """Heavy ball: the velocity sums the gradients, so that zigzags cancel and a steady slope adds up.

    With `nesterov` it looks ahead: it steps by the gradient plus the velocity it is about to have. As in torch it then
    refuses dampening (ValueError), and where there is no momentum nothing is damped. On a quadratic of greatest
    curvature λ it converges for η < 2(1+μ)/λ, looking ahead for η < 2(1+μ)/(λ(1+2μ)).
    """

    title: ClassVar[str] = "Momentum"
    rate: ClassVar[float] = 0.2
    state: ClassVar[type] = VelocityState

    lr: float = hyper.learning_rate(1e-3, "How far to go along the velocity: the learning rate η.")
    momentum: float = hyper.momentum()
    dampening: float = hyper.number(
        0.0, (0, 1), "Dampening τ", 0.1, r"\tau", "Share of each gradient left out of the velocity.", unless="nesterov"
    )
    nesterov: bool = hyper.switch(
        False, "Nesterov", r"\text{nesterov}", "Look ahead along the velocity before stepping; knows no dampening."
    )
    decay: float = hyper.weight_decay()

    def __post_init__(self):
        super().__post_init__()
        if self.nesterov and np.any(self.dampening != 0):
            raise ValueError(f"dampening must be 0 with nesterov, which looks ahead undamped, got {self.dampening}")

    @property
    def share(self):
        """The part of each gradient that enters the velocity: 1-τ, and all of it where there is no momentum."""
        return 1.0 - self.dampening * (self.momentum > 0)

    def step(self, params, gradient, state, lr):
        """Return η b with b = μb + (1-τ)g, or η (g + μb) with b = μb + g, and the next state."""
        dtype = params.dtype
        momentum = cast(self.momentum, dtype)
        gradient = with_decay(gradient, params, self.decay)
        velocity = state.velocity * momentum
        velocity += gradient * cast(self.share, dtype) if self._damps(state) else gradient
        along = gradient + velocity * momentum if self.nesterov else velocity
        return along * cast(lr, dtype), VelocityState(state.t + 1, velocity)

    def lines(self, s, before):
        """Write b = μb + (1-τ)g and u = -η b, or b = μb + g and u = -η (g + μb)."""
        g, earlier = s.with_decay(), s.before("b", before.velocity)
        b = s.line("b", s.momentum * earlier + ((1 - s.dampening) * g if self._damps(before) else g))
        s.line("u", -s.lr * (g + s.momentum * b if self.nesterov else b))

    def _damps(self, before):
        """Whether the next gradient enters damped: not the first one, and not without momentum, as in torch."""
        return before.t > 0 and not is_off(self.dampening) and not is_off(self.momentum)

    def stability_limit(self, lr):
        """Return 2(1+μ)/(η(1-τ)) - λ, or looking ahead 2(1+μ)/(η(1+2μ)) - λ."""
        share = 1.0 + 2.0 * self.momentum if self.nesterov else np.asarray(self.share)
        return 2.0 * (1.0 + self.momentum) / (lr * share) - self.decay

    def small_batch_limit(self, lr):
        """Return 2(1-μ)/(η(1-τ)) - λ (Andreyev et al. 2026, arXiv 2604.14108).

        Batch after batch the gradient is another one, so that momentum does not damp, but makes the rate η(1-τ)/(1-μ).
        """
        return 2.0 * (1.0 - self.momentum) / (lr * np.asarray(self.share)) - self.decay


@dataclass(frozen=True)
class Nesterov(Momentum):
    """Momentum that always looks ahead, so that it knows no dampening."""

    title: ClassVar[str] = "Nesterov momentum"
    dampening: ClassVar[float] = 0.0
    nesterov: ClassVar[bool] = True

    lr: float = hyper.learning_rate(1e-3, "How far to go along gradient and velocity: the learning rate η.")
