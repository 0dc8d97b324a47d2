"""A made-up optimizer: along the running mean of the gradients, but never farther than η."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.optimizers import hyperparameters as hyper
from engine.optimizers.base import Optimizer, cast, running_mean, with_decay
from engine.optimizers.sign_based import LionState


@dataclass(frozen=True)
class SoftSign(Optimizer):
    """Goes η m/(|m|+κ): small gradients count in proportion, large ones by their sign."""

    title: ClassVar[str] = "Soft sign"
    rate: ClassVar[float] = 0.04
    state: ClassVar[type] = LionState

    lr: float = hyper.learning_rate(1e-2, "The most a parameter moves in a step: the learning rate η.")
    beta1: float = hyper.beta1()
    softness: float = hyper.number(
        0.5, (0.01, 100), "Softness κ", 0.1, r"\kappa", "How large a gradient must be to count."
    )
    decay: float = hyper.weight_decay()

    def step(self, params, gradient, state, lr):
        """Return η m/(|m|+κ) and the next state."""
        m = running_mean(state.m, with_decay(gradient, params, self.decay), self.beta1)
        return m / (np.abs(m) + cast(self.softness, m.dtype)) * cast(lr, m.dtype), LionState(state.t + 1, m)

    def lines(self, s, before):
        """Write m = β1 m + (1-β1) g and u = -η m/(|m|+κ)."""
        m = s.line("m", s.beta1 * s.before("m", before.m) + (1 - s.beta1) * s.with_decay())
        s.line("u", -s.lr * (m / (np.abs(m) + s.softness)))
