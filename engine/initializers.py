"""Initialisers: how the weights are drawn before the first step.

The size of the first weights decides whether a signal survives a deep network. For z = W a with independent
weights of variance σw², Var z = fan_in σw² E a²; on the way back the gradient's variance is multiplied by
fan_out σw². To hold the first asks for σw² = 1/fan_in (LeCun), or twice that for a ReLU, which halves E a²
(He); 2/(fan_in + fan_out) is a compromise between both directions (Xavier). Uniform versions have the same
variance, which for U(-b, b) is b²/3. Orthogonal weights have all singular values 1. Zeros and constants are
here to be seen failing: units that start alike get the same gradient and stay alike.

The papers start biases at zero. PyTorch's default layer draws them as it draws its weights, U(-b, b) with
b = 1/√fan_in, so that they are part of what the name promises.

An initialiser is called with (rng, shape, fan_in, fan_out, scale=1.0) and returns a new float64 array of
`shape`, [out, in] or [out, in, kh, kw]; `biases` returns those of the same layer. `scale` multiplies the standard
deviation of the weights that the name stands for (give the activation's gain to Xavier and LeCun; He has ReLU's √2
in it already). For `normal` it is the standard deviation, for `uniform` the bound, for `constant` the value.

Glorot & Bengio 2010 (Xavier), He et al. 2015, LeCun et al. 1998, Saxe et al. 2014 (orthogonal).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Initializer:
    """One way to draw weights; call it with (rng, shape, fan_in, fan_out, scale=1.0).

    Attributes:
        name: the key in `INITIALIZERS`.
        title: the name for people.
        formula: the distribution of a weight in LaTeX; n_in and n_out are the fans, s the scale (else 1).
        draw: `draw(rng, shape, fan_in, fan_out, scale)`, without the checks.
        draws_biases: whether biases are drawn alike, with a scale of 1, and not left at a constant.
    """

    name: str
    title: str
    formula: str
    draw: Callable[..., np.ndarray]
    draws_biases: bool = False

    def __call__(
        self,
        rng: np.random.Generator,
        shape: tuple[int, ...],
        fan_in: int,
        fan_out: int,
        scale: float = 1.0,
    ) -> np.ndarray:
        """Return float64 weights of `shape`.

        Args:
            rng: the source of randomness; the same state gives the same weights.
            shape: [out, in] or [out, in, kh, kw].
            fan_in: inputs of one unit, in (times kh kw); at least 1.
            fan_out: units that one input feeds, out (times kh kw); at least 1.
            scale: factor in [0, 1e100]; for `constant` in [-1e100, 1e100].

        Raises:
            ValueError: a fan below 1, a scale out of range, or an orthogonal shape of fewer than two axes.
        """
        for name, fan in (("fan_in", fan_in), ("fan_out", fan_out)):
            if fan < 1:
                raise ValueError(f"{name}={fan!r} must be at least 1")
        lowest = -1e100 if self.name == "constant" else 0
        if not lowest <= scale <= 1e100:
            raise ValueError(f"scale={scale!r} must be in [{lowest:g}, 1e+100] for {self.name}")
        return self.draw(rng, tuple(shape), fan_in, fan_out, scale)

    def biases(self, rng: np.random.Generator, units: int, fan_in: int) -> np.ndarray:
        """Return float64 biases [units], about the constant at which they start; drawn after the weights."""
        return self.draw(rng, (units,), fan_in, units, 1.0) if self.draws_biases else np.zeros(units)


#: Variances of a weight for a scale of 1, from fan-in and fan-out; where an interval is drawn from, a third of b².
_VARIANCES = {
    "xavier": lambda n_in, n_out: 2 / (n_in + n_out),
    "he": lambda n_in, _: 2 / n_in,
    "lecun": lambda n_in, _: 1 / n_in,
    "torch": lambda n_in, _: 1 / (3 * n_in),
    "normal": lambda *_: 1.0,
    "uniform": lambda *_: 1 / 3,
}


def _normal(name):
    """N(0, scale² variance)."""

    def draw(rng, shape, fan_in, fan_out, scale):
        return rng.standard_normal(shape) * (scale * math.sqrt(_VARIANCES[name](fan_in, fan_out)))

    return draw


def _uniform(name):
    """U(-b, b) of variance scale² variance, so b = √3 std."""

    def draw(rng, shape, fan_in, fan_out, scale):
        return rng.uniform(-1, 1, shape) * (scale * math.sqrt(3 * _VARIANCES[name](fan_in, fan_out)))

    return draw


def _orthogonal(rng, shape, _fan_in, _fan_out, scale):
    """Q of a Gaussian matrix, uniform over all orthogonal ones once R's diagonal is positive (Mezzadri 2007).

    Of [out, everything else] the shorter side is orthonormal: rows of a wide matrix, columns of a tall one.
    """
    if len(shape) < 2:
        raise ValueError(f"shape={shape!r} must have at least two axes to be orthogonal")
    rows, columns = shape[0], math.prod(shape[1:])
    q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
    q *= np.where(np.diagonal(r) < 0, -scale, scale)
    return np.ascontiguousarray(q if rows >= columns else q.T).reshape(shape)


def _constant(_rng, shape, _fan_in, _fan_out, scale):
    return np.full(shape, float(scale))


def _zeros(_rng, shape, _fan_in, _fan_out, _scale):
    return np.zeros(shape)


_ALL = (
    Initializer("xavier", "Xavier", r"w \sim \mathcal{N}(0, \tfrac{2}{n_{in} + n_{out}})", _normal("xavier")),
    Initializer("xavier_uniform", "Xavier, uniform", r"w \sim U(\pm\sqrt{6 / (n_{in} + n_{out})})", _uniform("xavier")),
    Initializer("he", "He", r"w \sim \mathcal{N}(0, \tfrac{2}{n_{in}})", _normal("he")),
    Initializer("he_uniform", "He, uniform", r"w \sim U(\pm\sqrt{6 / n_{in}})", _uniform("he")),
    Initializer("lecun", "LeCun", r"w \sim \mathcal{N}(0, \tfrac{1}{n_{in}})", _normal("lecun")),
    Initializer("lecun_uniform", "LeCun, uniform", r"w \sim U(\pm\sqrt{3 / n_{in}})", _uniform("lecun")),
    Initializer("orthogonal", "Orthogonal", r"W^\top W = I \text{ or } W W^\top = I", _orthogonal),
    Initializer("normal", "Normal", r"w \sim \mathcal{N}(0, s^2)", _normal("normal")),
    Initializer("uniform", "Uniform", r"w \sim U(\pm s)", _uniform("uniform")),
    Initializer("zeros", "Zeros", "w = 0", _zeros),
    Initializer("constant", "Constant", "w = s", _constant),
    Initializer("torch", "PyTorch's default", r"w, b \sim U(\pm 1 / \sqrt{n_{in}})", _uniform("torch"), True),
)
INITIALIZERS: dict[str, Initializer] = {initializer.name: initializer for initializer in _ALL}
