"""Losses on a number: functions of the residual d = z - y."""

import math

import numpy as np

from engine.linear_algebra import dot, dot_of, total
from engine.losses.base import MEAN, NUMBER, Loss, half_per_sample, per_entry
from engine.optimizers.hyperparameters import option


def squares(factor):
    """Factor Σ d²; its gradient is 2 factor d."""

    def halves(z, out):
        c, squared = factor(z), dot_of(out, out)
        slope = np.asarray(2.0 * c, z.dtype)

        def forward(y):
            np.subtract(z, y, out)
            return squared() * c

        return forward, lambda _y: np.multiply(out, slope, out)

    return halves


def mean(summed, slope):
    """1/(KN) Σ ρ(d), from summed(d) = Σ ρ(d) and slope(d) = ρ'(d)."""

    def halves(z, out):
        c = per_entry(z)

        def forward(y):
            np.subtract(z, y, out)
            return summed(out) * c

        return forward, lambda _y: np.multiply(slope(out), c, out)

    return halves


def absolute(d):
    """|d|."""
    return np.maximum(d, -d)  # for complex d the analytic continuation, which np.abs is not


def _sign(d):
    return np.sign(d.real)


def log_cosh(d):
    """Σ ln cosh d: |d| + ln(1 + e^{-2|d|}) - ln 2, but below 1, where that cancels, ln(1 + 2 sinh²(d/2))."""
    a = absolute(d)
    s = np.sinh(0.5 * np.minimum(a, 1.0))
    return total(np.where(a < 1, np.log1p(2.0 * s * s), a + (np.log1p(np.exp(-2.0 * a)) - math.log(2))))


_PARABOLA = "Error δ up to which the loss is a parabola; beyond, it is a straight line."
DELTA = option("delta", float, 1.0, (1e-6, 1e6), "Huber's δ", 0.1, r"\delta", _PARABOLA)


def huber(delta: float = DELTA.default) -> Loss:
    """Mean of d²/2 where |d| <= delta, and of delta (|d| - delta/2) beyond."""

    def clip(d):
        return np.maximum(np.minimum(d, delta), -delta)

    def summed(d):
        g = clip(d)
        return dot(g, d) - 0.5 * dot(g, g)

    rho = r"\begin{cases} d^2/2 & |d| \le \delta \\ \delta (|d| - \delta/2) & |d| > \delta \end{cases}"
    formula = MEAN + rho + r",\quad d = z - y"
    return Loss("huber", "Huber", formula, mean(summed, clip), *NUMBER, options=(DELTA,), make=huber)


_WHOLE = "Add the samples up in place of their mean: larger batches then take larger steps."
SUMMED = option("summed", bool, False, None, "Summed", None, r"\Sigma", _WHOLE)


def squared_error(summed: bool = SUMMED.default) -> Loss:
    """Half the squared error: the mean over the N samples, or `summed` over them, ½ Σ d²."""
    formula, factor = (r"\frac{1}{2}", lambda _z: 0.5) if summed else (r"\frac{1}{2N}", half_per_sample)
    more = {"options": (SUMMED,), "make": squared_error}
    return Loss("squared_error", "Squared error", rf"{formula} \sum (z - y)^2", squares(factor), *NUMBER, **more)


def mse(summed: bool = SUMMED.default) -> Loss:
    """Mean of d² over all entries, or `summed`, Σ d²."""
    formula, factor = (r"\sum ", lambda _z: 1.0) if summed else (MEAN, per_entry)
    more = {"options": (SUMMED,), "make": mse}
    return Loss("mse", "Mean squared error", formula + "(z - y)^2", squares(factor), *NUMBER, **more)


NUMBER_LOSSES = (
    squared_error(),
    mse(),
    Loss("mae", "Mean absolute error", MEAN + "|z - y|", mean(lambda d: total(absolute(d)), _sign), *NUMBER),
    huber(),
    Loss("log_cosh", "Log-cosh", MEAN + r"\ln \cosh(z - y)", mean(log_cosh, np.tanh), *NUMBER),
)
