"""Adam and its relatives: momentum and a step size for each parameter, both freed of their starting bias.

Two running means, m of the gradient and v of its square. Both start at zero, so after t steps they are too
small by the factors 1-β1ᵗ and 1-β2ᵗ; Adam divides these out, and so takes a first step of exactly η whatever
the scale of the gradient. The others change one thing each: AMSGrad never lets the denominator shrink, AdamW
shrinks the weights beside the step instead of through the gradient. Adamax, NAdam and RAdam are in
`engine.optimizers.adam_variants`. The interface is that of `engine.optimizers`.

Kingma, Ba (arXiv:1412.6980); Reddi, Kale, Kumar (arXiv:1904.09237); Loshchilov, Hutter (arXiv:1711.05101).
"""

from collections import namedtuple
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.optimizers import hyperparameters as hyper
from engine.optimizers.base import Optimizer, cast, each_run, root, running_mean, with_decay

AdamState = namedtuple("AdamState", "t m v")
"""Steps made; m and v [..., P], running means of g and g²."""


@dataclass(frozen=True)
class Adam(Optimizer):
    """The mean gradient over its root mean square, both corrected for their start at zero."""

    title: ClassVar[str] = "Adam"
    rate: ClassVar[float] = 0.03
    state: ClassVar[type] = AdamState

    lr: float = hyper.learning_rate(1e-3, "The most a parameter moves in a typical step: the learning rate η.")
    beta1: float = hyper.beta1()
    beta2: float = hyper.beta2()
    eps: float = hyper.epsilon(1e-8)
    decay: float = hyper.weight_decay()

    def step(self, params, gradient, state, lr):
        """Return η m̂/(√v̂+ε) and the next state."""
        m, v = moments(self, with_decay(gradient, params, self.decay), state)
        return adam_step(self, m, v, state.t + 1, lr), AdamState(state.t + 1, m, v)

    def lines(self, s, before):
        """Write m, v, m̂ = m/(1-β1ᵗ), v̂ = v/(1-β2ᵗ) and u = -η m̂/(√v̂+ε)."""
        m, v = moment_lines(s, s.with_decay(), before)
        s.line("u", adam_line(s, m, v))


def moments(adam, gradient, state):
    """Return m = β1 m + (1-β1) g and v = β2 v + (1-β2) g², both [..., P]."""
    m = running_mean(state.m, gradient, adam.beta1)
    return m, running_mean(state.v, gradient * gradient, adam.beta2)


def adam_step(adam, m, v, t, lr):
    """Return η m̂/(√v̂+ε) [..., P], where m̂ = m/(1-β1ᵗ) and v̂ = v/(1-β2ᵗ).

    With c = √(1-β2ᵗ) that is [η c/(1-β1ᵗ)] m/(√v + cε): the corrections are two numbers, not passes over vectors.
    """
    c = root(1 - each_run(pow, adam.beta2, t))
    step = np.sqrt(v)
    step += cast(adam.eps * c, v.dtype)
    np.divide(m, step, out=step)
    step *= cast(lr * c / (1 - each_run(pow, adam.beta1, t)), v.dtype)
    return step


def moment_lines(s, g, before):
    """Write m = β1 m + (1-β1) g and v = β2 v + (1-β2) g²."""
    m = s.line("m", s.beta1 * s.before("m", before.m) + (1 - s.beta1) * g)
    return m, s.line("v", s.beta2 * s.before("v", before.v) + (1 - s.beta2) * g**2)


def adam_line(s, m, v):
    """Write m̂ and v̂, and return -η m̂/(√v̂+ε)."""
    m = s.line("mh", m / (1 - s.beta1**s.t), r"\hat m")
    v = s.line("vh", v / (1 - s.beta2**s.t), r"\hat v")
    return -s.lr * (m / (np.sqrt(v) + s.eps))


AMSGradState = namedtuple("AMSGradState", "t m v v_max")
"""Steps made; m and v [..., P] as in Adam, and the largest v so far."""


@dataclass(frozen=True)
class AMSGrad(Adam):
    """Adam that divides by the largest mean square so far, so that no step size grows back.

    The maximum is taken of v before its correction, as in torch.
    """

    title: ClassVar[str] = "AMSGrad"
    state: ClassVar[type] = AMSGradState

    def step(self, params, gradient, state, lr):
        """Return η m̂/(√(M/(1-β2ᵗ))+ε) with M = max(M, v), and the next state."""
        m, v = moments(self, with_decay(gradient, params, self.decay), state)
        v_max = np.maximum(state.v_max, v)
        return adam_step(self, m, v_max, state.t + 1, lr), AMSGradState(state.t + 1, m, v, v_max)

    def lines(self, s, before):
        """Write m, v, M = max(M, v), m̂, v̂ = M/(1-β2ᵗ) and u = -η m̂/(√v̂+ε)."""
        m, v = moment_lines(s, s.with_decay(), before)
        v_max = s.line("M", np.maximum(s.before("M", before.v_max), v))
        s.line("u", adam_line(s, m, v_max))


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay: weights shrink at the same rate whatever their gradients are."""

    title: ClassVar[str] = "AdamW"

    decay: float = hyper.weight_decay(
        1e-2, "Shrinks every parameter by the factor 1 - ηλ: weight decay λ beside the step."
    )

    def step(self, params, gradient, state, lr):
        """Return η m̂/(√v̂+ε) + ηλx and the next state."""
        m, v = moments(self, gradient, state)
        step = adam_step(self, m, v, state.t + 1, lr) + params * cast(lr * self.decay, params.dtype)
        return step, AdamState(state.t + 1, m, v)

    def lines(self, s, before):
        """Write m, v, m̂, v̂ as in Adam, of g alone, and u = -η m̂/(√v̂+ε) - ηλx."""
        m, v = moment_lines(s, s.g, before)
        s.line("u", adam_line(s, m, v) - s.lr * s.decay * s.x)
