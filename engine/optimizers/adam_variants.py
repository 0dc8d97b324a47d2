"""Adam with a warm-up of its own: what rests on a few gradients only is not trusted at once.

After a handful of steps Adam's means are estimates from a handful of samples. NAdam looks ahead as Nesterov's
momentum does, and lets its β1 grow from half its value; RAdam works out the variance of 1/√v and goes along
the mean gradient without dividing until v rests on enough steps, so that no learning-rate warm-up is needed.
The interface is that of `engine.optimizers`.

Dozat, "Incorporating Nesterov momentum into Adam" (ICLR workshop 2016); Liu et al., "On the variance of the
adaptive learning rate and beyond" (arXiv:1908.03265).
"""

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from engine.optimizers.adam import Adam, AdamState, moments
from engine.optimizers.hyperparameters import (
    Interval,
    cast,
    each_run,
    hyper,
    learning_rate,
    quiet,
    running_mean,
    square_memory,
    stabilizer,
    with_decay,
    zeros,
)


class NAdamState(NamedTuple):
    """Steps made; m and v [..., P] as in Adam; the product of all μ so far (one number, or [R, 1])."""

    t: int
    m: np.ndarray
    v: np.ndarray
    mu_product: float | np.ndarray


@dataclass(frozen=True)
class NAdam(Adam):
    """Adam with Nesterov's look ahead: the new gradient counts at once, and β1 warms up from a half."""

    title: ClassVar[str] = "NAdam"
    rate: ClassVar[float] = 0.05
    formula: ClassVar[str] = (
        r"\mu_t = \beta_1\big(1-\tfrac12\, 0.96^{t\psi}\big),\quad "
        r"\hat m = \frac{\mu_{t+1}\, m}{1-\mu_1\cdots\mu_{t+1}} + \frac{(1-\mu_t)\, g}{1-\mu_1\cdots\mu_t}"
        r",\quad x \leftarrow x - \eta\,\frac{\hat m}{\sqrt{\hat v}+\varepsilon}"
    )

    lr: float = learning_rate(2e-3, "The most a parameter moves in a typical step: the learning rate η.")
    momentum_decay: float = hyper(
        4e-3,
        Interval(0, 1),
        "How fast the momentum rises from half of β1 to β1, ψ.",
        label="Momentum warm-up ψ",
        step=0.001,
        symbol=r"\psi",
    )

    def init(self, params):
        """Return the state before the first step of params [..., P]: both means zero, an empty product."""
        return NAdamState(0, zeros(self, params), zeros(self, params), 1.0)

    @quiet
    def update(self, params, gradient, state, *, lr=None, out=None):
        """Return x - η m̂/(√v̂+ε), where m̂ mixes the mean gradient with the new one, and the next state."""
        t, dtype = state.t + 1, params.dtype
        gradient = with_decay(gradient, params, self.decay)
        m, v = moments(self, gradient, state)
        mu = self.beta1 * (1 - 0.5 * each_run(pow, 0.96, t * self.momentum_decay))
        mu_next = self.beta1 * (1 - 0.5 * each_run(pow, 0.96, (t + 1) * self.momentum_decay))
        mu_product = state.mu_product * mu
        lr = self.lr if lr is None else lr
        step = m * cast(lr * mu_next / (1 - mu_product * mu_next), dtype)
        step += gradient * cast(lr * (1 - mu) / (1 - mu_product), dtype)
        denominator = np.sqrt(v / cast(1 - each_run(pow, self.beta2, t), dtype))
        denominator += cast(self.eps, dtype)
        step /= denominator
        return np.subtract(params, step, out), NAdamState(t, m, v, mu_product)


def _rectification(beta2, t):
    """Return r √(1-β2ᵗ) once the mean v has the worth of more than five samples, ρt > 5; 0 before that."""
    fade = beta2**t
    rho_inf = 2 / (1 - beta2) - 1
    rho = rho_inf - 2 * t * fade / (1 - fade)
    if rho <= 5:
        return 0.0
    r = math.sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho))
    return r * math.sqrt(1 - fade)


@dataclass(frozen=True)
class RAdam(Adam):
    """Adam that starts as plain momentum and divides by √v once v can be trusted."""

    title: ClassVar[str] = "RAdam"
    rate: ClassVar[float] = 0.3
    formula: ClassVar[str] = (
        r"x \leftarrow x - \eta\,\hat m\, \frac{r_t\sqrt{1-\beta_2^t}}{\sqrt{v}+\varepsilon}"
        r"\ \text{if}\ \rho_t > 5,\quad x \leftarrow x - \eta\,\hat m\ \text{before}"
    )

    beta2: float = square_memory(0.999, "Memory of the running mean of squared gradients, β2; also sets the warm-up.")

    @quiet
    def update(self, params, gradient, state, *, lr=None, out=None):
        """Return x - η m̂ r√(1-β2ᵗ)/(√v+ε), or x - η m̂ in the first steps, and the next state."""
        t, dtype = state.t + 1, params.dtype
        m, v = moments(self, with_decay(gradient, params, self.decay), state)
        step = m * cast((self.lr if lr is None else lr) / (1 - each_run(pow, self.beta1, t)), dtype)
        rectification = each_run(_rectification, self.beta2, t)
        rectified = step * cast(rectification, dtype) / (np.sqrt(v) + cast(self.eps, dtype))
        step = np.where(rectification > 0, rectified, step)
        return np.subtract(params, step, out), AdamState(t, m, v)


class AdamaxState(NamedTuple):
    """Steps made; m [..., P], the running mean of g, and u [..., P], the fading maximum of abs(g)."""

    t: int
    m: np.ndarray
    u: np.ndarray


@dataclass(frozen=True)
class Adamax(Adam):
    """Adam with a slowly fading maximum of abs(g) for the root mean square: the p-norm for p = ∞."""

    title: ClassVar[str] = "Adamax"
    rate: ClassVar[float] = 0.2
    formula: ClassVar[str] = (
        r"u \leftarrow \max(\beta_2 u,\ |g|+\varepsilon),\quad "
        r"x \leftarrow x - \frac{\eta}{1-\beta_1^t}\,\frac{m}{u}"
    )

    lr: float = learning_rate(2e-3, "The most a parameter moves in a typical step: the learning rate η.")
    beta2: float = square_memory(0.999, "How slowly the maximum of the gradients fades, β2: in about 1/(1-β2) steps.")
    eps: float = stabilizer(1e-8, "Keeps the division finite where gradients are tiny: ε, added to their size.")

    def init(self, params):
        """Return the state before the first step of params [..., P]: all zero."""
        return AdamaxState(0, zeros(self, params), zeros(self, params))

    @quiet
    def update(self, params, gradient, state, *, lr=None, out=None):
        """Return x - η/(1-β1ᵗ) m/u with u = max(β2 u, abs(g)+ε), and the next state."""
        t, dtype = state.t + 1, params.dtype
        gradient = with_decay(gradient, params, self.decay)
        m = running_mean(state.m, gradient, self.beta1)
        u = np.maximum(state.u * cast(self.beta2, dtype), np.abs(gradient) + cast(self.eps, dtype))
        step = m / u
        step *= cast((self.lr if lr is None else lr) / (1 - each_run(pow, self.beta1, t)), dtype)
        return np.subtract(params, step, out), AdamaxState(t, m, u)
