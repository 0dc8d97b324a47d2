"""Adam with another measure of size, or with a warm-up of its own: what rests on a few gradients waits for more.

Adamax divides by a fading maximum for the root mean square. After a handful of steps Adam's means are estimates from
a handful of samples: NAdam looks ahead as Nesterov's momentum does, and lets its β1 grow from half its value; RAdam
works out the variance of 1/√v and goes along the mean gradient without dividing until v rests on enough steps, so that
no learning-rate warm-up is needed. The interface is that of `engine.optimizers`.

Kingma, Ba (arXiv:1412.6980), Adamax; Dozat, "Incorporating Nesterov momentum into Adam" (ICLR workshop 2016); Liu et
al., "On the variance of the adaptive learning rate and beyond" (arXiv:1908.03265).
"""

import math
from collections import namedtuple
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.optimizers import hyperparameters as hyper
from engine.optimizers.adam import Adam, AdamState, moment_lines, moments
from engine.optimizers.base import cast, each_run, running_mean, with_decay

AdamaxState = namedtuple("AdamaxState", "t m u")
"""Steps made; m [..., P], the running mean of g, and u [..., P], the fading maximum of abs(g)."""


@dataclass(frozen=True)
class Adamax(Adam):
    """Adam with a slowly fading maximum of abs(g) for the root mean square: the p-norm for p = ∞."""

    title: ClassVar[str] = "Adamax"
    rate: ClassVar[float] = 0.2
    state: ClassVar[type] = AdamaxState

    lr: float = hyper.learning_rate(2e-3, "The most a parameter moves in a typical step: the learning rate η.")
    beta2: float = hyper.beta2(0.999, "How slowly the maximum of the gradients fades, β2: in about 1/(1-β2) steps.")
    eps: float = hyper.epsilon(1e-8, "Keeps the division finite where gradients are tiny: ε, added to their size.")

    def step(self, params, gradient, state, lr):
        """Return η/(1-β1ᵗ) m/u with u = max(β2 u, abs(g)+ε), and the next state."""
        t, dtype = state.t + 1, params.dtype
        gradient = with_decay(gradient, params, self.decay)
        m = running_mean(state.m, gradient, self.beta1)
        u = np.maximum(state.u * cast(self.beta2, dtype), np.abs(gradient) + cast(self.eps, dtype))
        step = m / u
        step *= cast(lr / (1 - each_run(pow, self.beta1, t)), dtype)
        return step, AdamaxState(t, m, u)

    def lines(self, s, before):
        """Write m, the maximum w = max(β2 w, abs(g)+ε), m̂ = m/(1-β1ᵗ) and u = -η m̂/w."""
        g = s.with_decay()
        m = s.line("m", s.beta1 * s.before("m", before.m) + (1 - s.beta1) * g)
        w = s.line("w", np.maximum(s.beta2 * s.before("w", before.u), np.abs(g) + s.eps))
        m = s.line("mh", m / (1 - s.beta1**s.t), r"\hat m")
        s.line("u", -s.lr * (m / w))


NAdamState = namedtuple("NAdamState", "t m v mu_product")
"""Steps made; m and v [..., P] as in Adam; the product of all μ so far (one number, or [R, 1])."""


@dataclass(frozen=True)
class NAdam(Adam):
    """Adam with Nesterov's look ahead: the new gradient counts at once, and β1 warms up from a half."""

    title: ClassVar[str] = "NAdam"
    rate: ClassVar[float] = 0.05
    state: ClassVar[type] = NAdamState

    lr: float = hyper.learning_rate(2e-3, "The most a parameter moves in a typical step: the learning rate η.")
    momentum_decay: float = hyper.number(
        4e-3, (0, 1), "Momentum warm-up ψ", 0.001, r"\psi", "How fast the momentum rises from half of β1 to β1."
    )

    def init(self, params):
        """Return the state before the first step of params [..., P]: both means zero, an empty product."""
        return super().init(params)._replace(mu_product=1.0)

    def step(self, params, gradient, state, lr):
        """Return η m̂/(√v̂+ε), where m̂ mixes the mean gradient with the new one, and the next state."""
        t, dtype = state.t + 1, params.dtype
        gradient = with_decay(gradient, params, self.decay)
        m, v = moments(self, gradient, state)
        mu, mu_next = self._mu(t), self._mu(t + 1)
        mu_product = state.mu_product * mu
        step = m * cast(lr * mu_next / (1 - mu_product * mu_next), dtype)
        step += gradient * cast(lr * (1 - mu) / (1 - mu_product), dtype)
        step /= np.sqrt(v / cast(1 - each_run(pow, self.beta2, t), dtype)) + cast(self.eps, dtype)
        return step, NAdamState(t, m, v, mu_product)

    def lines(self, s, before):
        """Write m, v, m̂ = μ' m/(1-Πμ') + (1-μ) g/(1-Π), v̂ = v/(1-β2ᵗ) and u = -η m̂/(√v̂+ε)."""
        g, t = s.with_decay(), before.t + 1
        m, v = moment_lines(s, g, before)
        mu, mu_next = s.know("mu", r"\mu_t", self._mu(t)), s.know("mu1", r"\mu_{t+1}", self._mu(t + 1))
        product = s.know("pi", r"\Pi_t", before.mu_product * mu.value)
        m = s.line("mh", mu_next * m / (1 - product * mu_next) + (1 - mu) * g / (1 - product), r"\hat m")
        v = s.line("vh", v / (1 - s.beta2**s.t), r"\hat v")
        s.line("u", -s.lr * (m / (np.sqrt(v) + s.eps)))

    def _mu(self, t):
        """Return μ_t = β1 (1 - 0.96^{tψ}/2), the momentum of step t."""
        return self.beta1 * (1 - 0.5 * each_run(pow, 0.96, t * self.momentum_decay))


@dataclass(frozen=True)
class RAdam(Adam):
    """Adam that starts as plain momentum and divides by √v once v can be trusted."""

    title: ClassVar[str] = "RAdam"
    rate: ClassVar[float] = 0.3

    beta2: float = hyper.beta2(0.999, "Memory of the running mean of squared gradients, β2; also sets the warm-up.")

    def step(self, params, gradient, state, lr):
        """Return η m̂ r√(1-β2ᵗ)/(√v+ε), or η m̂ in the first steps, and the next state."""
        t, dtype = state.t + 1, params.dtype
        m, v = moments(self, with_decay(gradient, params, self.decay), state)
        step = m * cast(lr / (1 - each_run(pow, self.beta1, t)), dtype)
        correction = each_run(lambda beta2, t: _rectification(beta2, t) * math.sqrt(1 - beta2**t), self.beta2, t)
        rectified = step * cast(correction, dtype) / (np.sqrt(v) + cast(self.eps, dtype))
        return np.where(correction > 0, rectified, step), AdamState(t, m, v)

    def lines(self, s, before):
        """Write m, v, m̂ = m/(1-β1ᵗ) and u = -η m̂ r√(1-β2ᵗ)/(√v+ε), or u = -η m̂ in the first steps."""
        m, v = moment_lines(s, s.with_decay(), before)
        m = s.line("mh", m / (1 - s.beta1**s.t), r"\hat m")
        r = _rectification(self.beta2, before.t + 1)
        if r:
            m = m * (s.know("r", "r", r) * np.sqrt(1 - s.beta2**s.t) / (np.sqrt(v) + s.eps))
        s.line("u", -s.lr * m)


def _rectification(beta2, t):
    """Return r once the mean v has the worth of more than five samples, ρt > 5; 0 before that."""
    fade = beta2**t
    rho_inf = 2 / (1 - beta2) - 1
    rho = rho_inf - 2 * t * fade / (1 - fade)
    if rho <= 5:
        return 0.0
    return math.sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho))
