"""Descent by signs: where the gradient points is believed, how large it is is not.

Gradients of deep networks differ by orders of magnitude from layer to layer, their signs do not. Rprop gives each
parameter a step size that grows while the sign stays and shrinks when it turns; Lion gives all the same step and
takes the sign of an average. The interface is that of `engine.optimizers`; products are element by element.

Riedmiller, Braun, "A direct adaptive method for faster backpropagation learning" (ICNN 1993); Chen et al., "Symbolic
Discovery of Optimization Algorithms" (arXiv:2302.06675).
"""

from collections import namedtuple
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.optimizers import hyperparameters as hyper
from engine.optimizers.base import Optimizer, cast, running_mean, with_decay
from engine.optimizers.equations import Term

RpropState = namedtuple("RpropState", "t gradient sizes")
"""Steps made; the gradient kept for comparison and the step sizes Δ, both [..., P]."""


@dataclass(frozen=True)
class Rprop(Optimizer):
    """Uses the sign alone: a parameter's step grows while its sign stays, and is cut where the sign turns.

    Made for full batches: with the noise of mini-batches signs turn for no reason. The learning rate is the first
    step size Δ0 and nothing else, so a schedule moves only the first step (as in torch).
    """

    title: ClassVar[str] = "Rprop"
    rate: ClassVar[float] = 0.01
    state: ClassVar[type] = RpropState

    lr: float = hyper.learning_rate(1e-2, "The first step size Δ0 of every parameter: the learning rate η.")
    etaminus: float = hyper.number(
        0.5, (0.01, 0.99), "Turn factor η⁻", 0.1, r"\eta^-", "Factor on a step size when the gradient changes sign."
    )
    etaplus: float = hyper.number(
        1.2, (1.001, 10), "Growth factor η⁺", 0.1, r"\eta^+", "Factor on a step size while the gradient keeps its sign."
    )
    step_size_min: float = hyper.number(
        1e-6, (0, 1000), "Smallest step", 1e-6, r"\Delta_{min}", "Smallest step size of a parameter."
    )
    step_size_max: float = hyper.number(
        50.0, (1e-8, 1e6), "Largest step", 1.0, r"\Delta_{max}", "Largest step size of a parameter."
    )

    def __post_init__(self):
        super().__post_init__()
        if np.any(self.step_size_min > self.step_size_max):
            limit = f"at most step_size_max, {self.step_size_max}"
            raise ValueError(f"step_size_min must be {limit}, got {self.step_size_min}")

    def step(self, params, gradient, state, lr):
        """Return Δ sign(g), without a move where the sign turned, and the next state."""
        dtype = params.dtype
        sizes = state.sizes if state.t else state.sizes + cast(lr, dtype)
        sign = np.sign(gradient)
        agreement = sign * np.sign(state.gradient)  # of signs, not g·g_prev, which can underflow to 0
        turned = agreement < 0
        factor = np.ones_like(sizes)
        np.copyto(factor, cast(self.etaplus, dtype), where=agreement > 0)
        np.copyto(factor, cast(self.etaminus, dtype), where=turned)
        sizes = np.maximum(sizes * factor, cast(self.step_size_min, dtype))
        np.minimum(sizes, cast(self.step_size_max, dtype), out=sizes)
        sign[turned] = 0
        return sizes * sign, RpropState(state.t + 1, np.where(turned, 0, gradient), sizes)

    def lines(self, s, before):
        """Write s = sign(g) sign(g'), the factor f that follows from it, Δ = Δf in its bounds, and u = -Δ sign(g)."""
        sizes = s.before("d", before.sizes if before.t else np.full_like(before.sizes, s["lr"]), r"\Delta")
        sign = s.line("s", np.sign(s.g) * np.sign(s.before("g", before.gradient)))
        factor = np.where(sign.value > 0, self.etaplus, np.where(sign.value < 0, self.etaminus, 1.0))
        f = s.line("f", Term(r"<etaplus>\text{ if }s>0,\ <etaminus>\text{ if }s<0,\text{ else }1", factor))
        sizes = s.line("d", np.minimum(np.maximum(sizes * f, s.step_size_min), s.step_size_max), r"\Delta")
        step = np.where(sign.value < 0, 0.0, (-sizes * np.sign(s.g)).value)
        s.line("u", Term(r"-<d> \cdot \mathrm{sign}(<g>)\text{, or 0 where }s<0", step))


LionState = namedtuple("LionState", "t m")
"""Steps made, and m [..., P], the running mean of the gradients."""


@dataclass(frozen=True)
class Lion(Optimizer):
    """Moves every parameter by exactly η along an average of gradients; found by program search.

    `decay` is decoupled: η λ x is taken off beside the step. Defaults as in the authors' code.
    """

    title: ClassVar[str] = "Lion"
    rate: ClassVar[float] = 0.02
    state: ClassVar[type] = LionState

    lr: float = hyper.learning_rate(1e-4, "How far every parameter moves in each step: the learning rate η.")
    beta1: float = hyper.beta1(0.9, "Weight of the running mean against the new gradient in the direction, β1.")
    beta2: float = hyper.beta2(0.99, "Memory of the running mean of gradients, β2: about 1/(1-β2) steps.")
    decay: float = hyper.weight_decay(0.0, "Takes ηλx off every parameter beside the step: weight decay λ, decoupled.")

    def step(self, params, gradient, state, lr):
        """Return η (sign(β1 m + (1-β1) g) + λx) and the next state."""
        along = with_decay(np.sign(running_mean(state.m, gradient, self.beta1)), params, self.decay)
        m = running_mean(state.m, gradient, self.beta2)
        return along * cast(lr, params.dtype), LionState(state.t + 1, m)

    def lines(self, s, before):
        """Write c = β1 m + (1-β1) g, m = β2 m + (1-β2) g and u = -η (sign(c) + λx)."""
        earlier = s.before("m", before.m)
        c = s.line("c", s.beta1 * earlier + (1 - s.beta1) * s.g)
        s.line("m", s.beta2 * earlier + (1 - s.beta2) * s.g)
        s.line("u", -s.lr * (np.sign(c) + s.decay * s.x if self.decay else np.sign(c)))
