"""Losses on classes, taken from the score z before the sigmoid or softmax.

In z the logarithm of a probability is a difference of moderate numbers, so nothing overflows at ±1500.
"""

import numpy as np

from engine.activations import ONE, ZERO, sigmoid
from engine.linear_algebra import dot, dot_of, product_of, total
from engine.losses.base import LOGISTIC, MARGIN, MEAN, SCORE, SOFTMAX, Loss, per_entry, per_sample
from engine.optimizers.hyperparameters import option

# On the probability p = σ(z) of class 1: a yes-or-no question for each output.


def _logistic(z, y, low):
    """-ln of the probability of y, max(z,0) - zy + ln(1 + e^{-|z|}), and e^{-|z|}; `low` gets min(z,0), for σ(z)."""
    zero = ZERO[z.dtype]
    terms = np.maximum(z, zero)
    np.minimum(z, zero, out=low)
    e = low - terms
    np.exp(e, out=e)
    work = np.multiply(z, y)
    np.subtract(terms, work, out=terms)
    np.log1p(e, out=work)
    np.add(terms, work, out=terms)
    return terms, e


def binary(z, out):
    """Halves of the mean of -ln of the probability of y; the gradient is (σ(z) - y)/(KN)."""
    c, one, e = per_entry(z), ONE[z.dtype], None

    def forward(y):
        nonlocal e
        terms, e = _logistic(z, y, out)
        return total(terms) * c

    def backward(y):
        np.exp(out, out=out)
        np.add(e, one, out=e)
        np.divide(out, e, out=out)  # σ(z) = e^{min(z,0)} / (1 + e^{-|z|})
        np.subtract(out, y, out=out)
        np.multiply(out, c, out=out)

    return forward, backward


_FOCUS = "Focus γ: how little counts what is right already; 0 is cross-entropy."
GAMMA = option("gamma", float, 2.0, (0, 20), "Focus γ", 0.5, r"\gamma", _FOCUS, key="focal")


def focal(gamma: float = GAMMA.default) -> Loss:
    """Mean of (1 - q)^gamma (-ln q), with q the probability of y: spends little on what is right already.

    Lin et al. 2017, without class weights; gamma = 0 is binary cross-entropy.
    """

    def halves(z, out):
        c, tape = per_entry(z), None

        def forward(y):
            nonlocal tape
            terms, p, not_p = _logistic(z, y, out)[0], sigmoid(z), sigmoid(-z)
            missed = y * not_p + (1.0 - y) * p
            weight = missed**gamma
            tape = terms, p, not_p, missed, weight
            return total(weight * terms) * c

        def backward(y):
            terms, p, not_p, missed, weight = tape
            turn = (1.0 - 2.0 * y) * p * not_p / np.maximum(missed, np.finfo(p.dtype).tiny)  # missed'/missed
            slope = ((1.0 - y) * p - y * not_p + gamma * terms * turn) * weight
            np.multiply(slope, c, out=out)

        return forward, backward

    formula = r"-\frac{1}{KN} \sum (1 - q)^\gamma \ln q,\quad q = y\, \sigma(z) + (1 - y)\, \sigma(-z)"
    return Loss("focal", "Focal", formula, halves, *LOGISTIC, options=(GAMMA,), make=focal)


def hinge(z, out):
    """Halves of the mean of max(0, 1 - tz) with t = 2y - 1; the gradient is -t/(KN) inside the margin, 0 at its end."""
    c = per_entry(z)

    def forward(y):
        np.maximum(1.0 - (2.0 * y - 1.0) * z, 0.0, out=out)
        return total(out) * c

    return forward, lambda y: np.multiply((2.0 * y - 1.0) * (out.real > 0), -c, out=out)


def multi_margin(z, out):
    """Halves of the mean of max(0, 1 + z_j - z_y) over all classes j but the right one, y (Weston & Watkins 1999).

    The gradient is 1/(KN) for each class that is not a whole margin behind, and less their number for the right one.
    """
    c = per_entry(z)

    def forward(y):
        right = np.add.reduce(y * z, axis=-2, keepdims=True)
        np.multiply(np.maximum(1.0 + z - right, 0.0), 1.0 - y, out=out)
        return total(out) * c

    def backward(y):
        near = (out.real > 0).astype(z.dtype)
        np.subtract(near, y * np.add.reduce(near, axis=-2, keepdims=True), out=out)
        np.multiply(out, c, out=out)

    return forward, backward


# On a distribution over K classes, p = softmax(z) down each column.


def cross_entropy(z, out):
    """Halves of -Σ y ln p / N with ln p = z - max z - ln Σ e^{z - max z}, for columns of y that sum to 1."""
    row = (*z.shape[:-2], 1, z.shape[-1])
    peak, partition, logarithm = (np.empty(row, z.dtype) for _ in range(3))
    product, ones, along = product_of(z), np.ones((1, z.shape[-2]), z.dtype), np.ones((1, z.shape[-1]), z.dtype)
    logarithms = dot_of(logarithm, along)
    c = per_sample(z)
    slope = np.asarray(c, z.dtype)

    def forward(y):
        np.maximum.reduce(z, axis=-2, keepdims=True, out=peak)
        np.subtract(z, peak, out)
        chosen = dot(y, out)
        np.exp(out, out)
        product(ones, out, partition)  # a product with ones: far quicker than a sum down short columns
        np.log(partition, logarithm)
        return (logarithms() - chosen) * c

    def backward(y):
        """(softmax(z) - y)/N."""
        np.divide(out, partition, out)
        np.subtract(out, y, out)
        np.multiply(out, slope, out)

    return forward, backward


_SPREAD = "Share of each label that is spread evenly over all classes."
SMOOTHING = option("smoothing", float, 0.0, (0, 0.99), "Label smoothing", 0.05, r"\epsilon", _SPREAD)


def softmax_cross_entropy(smoothing: float = SMOOTHING.default) -> Loss:
    """Mean over the samples of -Σ y ln p. The columns of y are one-hot, or distributions.

    Label smoothing puts (1 - smoothing) y + smoothing/K for y (Szegedy et al. 2016).
    """

    def smoothed(z, out):
        forward, backward = cross_entropy(z, out)

        def smooth(y):
            return y * (1.0 - smoothing) + smoothing / z.shape[-2]

        return lambda y: forward(smooth(y)), lambda y: backward(smooth(y))

    formula = r"-\frac{1}{N} \sum y_k \ln p_k,\quad p = \mathrm{softmax}(z)"
    halves = smoothed if smoothing else cross_entropy
    more = {"options": (SMOOTHING,), "make": softmax_cross_entropy}
    return Loss("softmax_cross_entropy", "Softmax cross-entropy", formula, halves, *SOFTMAX, **more)


def kl(z, out):
    """Halves of Σ y ln(y/p) / N."""
    forward, backward = cross_entropy(z, out)

    def relative(y):
        logarithm = np.log(np.maximum(y, np.finfo(z.dtype).tiny))  # 0 ln 0 = 0
        return forward(y) + dot(y, logarithm) * per_sample(z)

    return relative, backward


BINARY = r"-\frac{1}{KN} \sum [y \ln p + (1 - y) \ln(1 - p)],\quad p = \sigma(z)"
KL = r"\frac{1}{N} \sum y_k \ln(y_k / \mathrm{softmax}(z)_k)"
CLASS_LOSSES = (
    Loss("binary_cross_entropy", "Binary cross-entropy", BINARY, binary, *LOGISTIC),
    softmax_cross_entropy(),
    Loss("hinge", "Hinge", MEAN + r"\max(0, 1 - (2y - 1) z)", hinge, *SCORE),
    Loss("multi_margin", "Multi-class hinge", MEAN + r"\max(0, 1 + z_j - z_y)_{j \neq y}", multi_margin, *MARGIN),
    Loss("kl", "Kullback-Leibler", KL, kl, *SOFTMAX),
    focal(),
)
