"""Adaptive steps: each parameter gets a learning rate of its own from the gradients it has seen.

Adagrad divides by the root of the sum of squares, so its steps only ever shrink; RMSprop forgets old squares, so they
may grow again; Adadelta also measures its own steps, so that the units come out right and no learning rate is needed.
The interface is that of `engine.optimizers`; every product of two arrays below is element by element.

Duchi, Hazan, Singer (JMLR 2011); Tieleman, Hinton (Coursera 2012, lecture 6.5) and, centred, Graves
(arXiv:1308.0850); Zeiler (arXiv:1212.5701).
"""

from collections import namedtuple
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.optimizers import hyperparameters as hyper
from engine.optimizers.base import Optimizer, cast, is_off, running_mean, with_decay

SumState = namedtuple("SumState", "t squares")
"""Steps made, and G [..., P], the sum of all squared gradients."""


@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Divides by the root of all squares so far: rare features keep large steps, frequent ones settle."""

    title: ClassVar[str] = "Adagrad"
    rate: ClassVar[float] = 0.3
    state: ClassVar[type] = SumState

    lr: float = hyper.learning_rate(1e-2, "The length of the first step of each parameter: the learning rate η.")
    lr_decay: float = hyper.number(
        0.0, (0, 100), "Rate decay δ", 0.001, r"\delta", "Decay of the learning rate: step t divides it by 1 + (t-1)δ."
    )
    initial_accumulator_value: float = hyper.number(
        0.0, (0, 1e6), "Squares start at", 0.1, "G_0", "Where the sum of squared gradients starts."
    )
    eps: float = hyper.epsilon(1e-10)
    decay: float = hyper.weight_decay()

    def init(self, params):
        """Return the state before the first step of params [..., P]: G at its initial value."""
        start = super().init(params)
        return start._replace(squares=start.squares + cast(self.initial_accumulator_value, params.dtype))

    def step(self, params, gradient, state, lr):
        """Return η/(1+(t-1)δ) g/(√G+ε) and the next state."""
        dtype = params.dtype
        gradient = with_decay(gradient, params, self.decay)
        squares = state.squares + gradient * gradient
        step = np.sqrt(squares)
        step += cast(self.eps, dtype)
        np.divide(gradient, step, out=step)
        step *= cast(lr / (1 + state.t * self.lr_decay), dtype)
        return step, SumState(state.t + 1, squares)

    def lines(self, s, before):
        """Write G = G + g² and u = -η/(1+(t-1)δ) g/(√G+ε)."""
        g = s.with_decay()
        squares = s.line("G", s.before("G", before.squares) + g**2)
        rate = s.lr / (1 + (s.t - 1) * s.lr_decay) if self.lr_decay else s.lr
        s.line("u", -rate * (g / (np.sqrt(squares) + s.eps)))


RMSpropState = namedtuple("RMSpropState", "t v m velocity")
"""Steps made; v and m [..., P], running means of g² and of g; the velocity b [..., P]."""


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """Divides by a running root mean square, so that every parameter moves by about η a step.

    Near a minimum it does not slow down: it ends in a limit cycle of about that size. `centered` divides by the
    running standard deviation instead.
    """

    title: ClassVar[str] = "RMSprop"
    rate: ClassVar[float] = 0.02
    state: ClassVar[type] = RMSpropState

    lr: float = hyper.learning_rate(1e-2, "About how far every parameter moves in a step: the learning rate η.")
    alpha: float = hyper.number(
        0.99, (0, 0.99999), "Memory α", 0.01, r"\alpha", "Memory of the running mean of squared gradients."
    )
    eps: float = hyper.epsilon(1e-8)
    momentum: float = hyper.momentum(0.0, "Share of the last step that is kept: the momentum μ.")
    centered: bool = hyper.switch(
        False,
        "Centered",
        r"\text{centered}",
        "Divide by the deviation of gradients from their mean, not by their size.",
    )
    decay: float = hyper.weight_decay()

    def step(self, params, gradient, state, lr):
        """Return η b with b = μb + g/(√v+ε), and the next state."""
        dtype = params.dtype
        gradient = with_decay(gradient, params, self.decay)
        v, m = running_mean(state.v, gradient * gradient, self.alpha), state.m
        if self.centered:
            m = running_mean(state.m, gradient, self.alpha)
            # a variance, but rounding may leave it below zero when the gradient hardly changes
            step = np.sqrt(np.maximum(v - m * m, 0))
        else:
            step = np.sqrt(v)
        step += cast(self.eps, dtype)
        np.divide(gradient, step, out=step)
        if not is_off(self.momentum):
            step += state.velocity * cast(self.momentum, dtype)
        return step * cast(lr, dtype), RMSpropState(state.t + 1, v, m, step)

    def lines(self, s, before):
        """Write v = αv + (1-α)g², m = αm + (1-α)g if centred, b = μb + g/(√v+ε) and u = -η b."""
        g = s.with_decay()
        size = s.line("v", s.alpha * s.before("v", before.v) + (1 - s.alpha) * g**2)
        if self.centered:
            m = s.line("m", s.alpha * s.before("m", before.m) + (1 - s.alpha) * g)
            size = np.maximum(size - m**2, 0)
        step = g / (np.sqrt(size) + s.eps)
        if self.momentum:
            step = s.line("b", s.momentum * s.before("b", before.velocity) + step)
        s.line("u", -s.lr * step)


AdadeltaState = namedtuple("AdadeltaState", "t v u")
"""Steps made; v and u [..., P], running means of the squared gradients and of the squared steps."""


@dataclass(frozen=True)
class Adadelta(Optimizer):
    """Sets each step by the size of past steps over that of past gradients, so η = 1 fits (nearly) any scale.

    It starts from steps of about √ε, hence slowly.
    """

    title: ClassVar[str] = "Adadelta"
    rate: ClassVar[float] = 5.0
    state: ClassVar[type] = AdadeltaState

    lr: float = hyper.learning_rate(1.0, "A factor on the step, usually left at 1: the learning rate η.")
    rho: float = hyper.number(
        0.9, (0, 0.99999), "Memory ρ", 0.05, r"\rho", "Memory of the running means of squared gradients and updates."
    )
    eps: float = hyper.epsilon(1e-6, "Keeps the division finite: ε, whose root is the size of the first steps.")
    decay: float = hyper.weight_decay()

    def step(self, params, gradient, state, lr):
        """Return η d with d = √(u+ε)/√(v+ε) g, and the next state."""
        gradient, eps = with_decay(gradient, params, self.decay), cast(self.eps, params.dtype)
        v = running_mean(state.v, gradient * gradient, self.rho)
        step = np.sqrt(state.u + eps)
        step /= np.sqrt(v + eps)
        step *= gradient
        u = running_mean(state.u, step * step, self.rho)
        return step * cast(lr, params.dtype), AdadeltaState(state.t + 1, v, u)

    def lines(self, s, before):
        """Write v = ρv + (1-ρ)g², d = √(w+ε)/√(v+ε) g, w = ρw + (1-ρ)d² and u = -η d."""
        g, earlier = s.with_decay(), s.before("w", before.u)
        v = s.line("v", s.rho * s.before("v", before.v) + (1 - s.rho) * g**2)
        d = s.line("d", np.sqrt(earlier + s.eps) / np.sqrt(v + s.eps) * g)
        s.line("w", s.rho * earlier + (1 - s.rho) * d**2)
        s.line("u", -s.lr * d)
