"""Adam and its relatives: momentum and a step size for each parameter, both freed of their starting bias.

Two running means, m of the gradient and v of its square. Both start at zero, so after t steps they are too
small by the factors 1-β1ᵗ and 1-β2ᵗ; Adam divides these out, and so takes a first step of exactly η whatever
the scale of the gradient. The others change one thing each: AMSGrad never lets the denominator shrink, AdamW
shrinks the weights beside the step instead of through the gradient, Adamax divides by a maximum for the root
mean square. NAdam and RAdam are in `engine.optimizers.adam_variants`. The interface is that of `engine.optimizers`.

Kingma, Ba (arXiv:1412.6980), Adam and Adamax; Reddi, Kale, Kumar (arXiv:1904.09237); Loshchilov, Hutter
(arXiv:1711.05101).
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from engine.optimizers.hyperparameters import (
    cast,
    each_run,
    learning_rate,
    mean_memory,
    quiet,
    root,
    running_mean,
    square_memory,
    stabilizer,
    validate,
    weight_decay,
    with_decay,
    zeros,
)


class AdamState(NamedTuple):
    """Steps made; m and v [..., P], running means of g and g²."""

    t: int
    m: np.ndarray
    v: np.ndarray


def moments(optimizer, gradient, state):
    """Return m = β1 m + (1-β1) g and v = β2 v + (1-β2) g², both [..., P]."""
    m = running_mean(state.m, gradient, optimizer.beta1)
    return m, running_mean(state.v, gradient * gradient, optimizer.beta2)


def _adam_step(optimizer, m, v, t, lr):
    """Return η m̂/(√v̂+ε) [..., P], where m̂ = m/(1-β1ᵗ) and v̂ = v/(1-β2ᵗ).

    With c = √(1-β2ᵗ) that is [η c/(1-β1ᵗ)] m/(√v + cε): the corrections are two numbers, not passes over
    vectors.
    """
    c = root(1 - each_run(pow, optimizer.beta2, t))
    step = np.sqrt(v)
    step += cast(optimizer.eps * c, v.dtype)
    np.divide(m, step, out=step)
    step *= cast((optimizer.lr if lr is None else lr) * c / (1 - each_run(pow, optimizer.beta1, t)), v.dtype)
    return step


@dataclass(frozen=True)
class Adam:
    """The mean gradient over its root mean square, both corrected for their start at zero."""

    title: ClassVar[str] = "Adam"
    rate: ClassVar[float] = 0.03
    formula: ClassVar[str] = (
        r"\hat m = \frac{m}{1-\beta_1^t},\quad \hat v = \frac{v}{1-\beta_2^t},\quad "
        r"x \leftarrow x - \eta\,\frac{\hat m}{\sqrt{\hat v}+\varepsilon}"
    )

    lr: float = learning_rate(1e-3, "The most a parameter moves in a typical step: the learning rate η.")
    beta1: float = mean_memory()
    beta2: float = square_memory()
    eps: float = stabilizer(1e-8)
    decay: float = weight_decay()

    __post_init__ = validate

    def init(self, params):
        """Return the state before the first step of params [..., P]: both means zero."""
        return AdamState(0, zeros(self, params), zeros(self, params))

    @quiet
    def update(self, params, gradient, state, *, lr=None, out=None):
        """Return x - η m̂/(√v̂+ε) and the next state."""
        t = state.t + 1
        m, v = moments(self, with_decay(gradient, params, self.decay), state)
        return np.subtract(params, _adam_step(self, m, v, t, lr), out), AdamState(t, m, v)


class AMSGradState(NamedTuple):
    """Steps made; m and v [..., P] as in Adam, and the largest v so far."""

    t: int
    m: np.ndarray
    v: np.ndarray
    v_max: np.ndarray


@dataclass(frozen=True)
class AMSGrad(Adam):
    """Adam that divides by the largest mean square so far, so that no step size grows back.

    The maximum is taken of v before its correction, as in torch.
    """

    title: ClassVar[str] = "AMSGrad"
    rate: ClassVar[float] = 0.03
    formula: ClassVar[str] = (
        r"M \leftarrow \max(M, v),\quad "
        r"x \leftarrow x - \eta\,\frac{\hat m}{\sqrt{M/(1-\beta_2^t)}+\varepsilon}"
    )

    def init(self, params):
        """Return the state before the first step of params [..., P]: all zero."""
        return AMSGradState(0, zeros(self, params), zeros(self, params), zeros(self, params))

    @quiet
    def update(self, params, gradient, state, *, lr=None, out=None):
        """Return x - η m̂/(√(M/(1-β2ᵗ))+ε) with M = max(M, v), and the next state."""
        t = state.t + 1
        m, v = moments(self, with_decay(gradient, params, self.decay), state)
        v_max = np.maximum(state.v_max, v)
        return np.subtract(params, _adam_step(self, m, v_max, t, lr), out), AMSGradState(t, m, v, v_max)


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay: weights shrink at the same rate whatever their gradients are."""

    title: ClassVar[str] = "AdamW"
    rate: ClassVar[float] = 0.03
    formula: ClassVar[str] = r"x \leftarrow (1-\eta\lambda)\, x - \eta\,\frac{\hat m}{\sqrt{\hat v}+\varepsilon}"

    decay: float = weight_decay(
        1e-2, "Shrinks every parameter to 1 - ηλ of it beside the step: weight decay λ, decoupled."
    )

    @quiet
    def update(self, params, gradient, state, *, lr=None, out=None):
        """Return (1-ηλ)x - η m̂/(√v̂+ε) and the next state."""
        t = state.t + 1
        m, v = moments(self, gradient, state)
        kept = params * cast(1 - (self.lr if lr is None else lr) * self.decay, params.dtype)
        return np.subtract(kept, _adam_step(self, m, v, t, lr), out), AdamState(t, m, v)
