"""Losses: one number for how wrong a network is, and the gradient that starts the way back.

z [..., K, N] is what the network puts out (K outputs, N samples, any run axes before them), y [K, N] is what
it should have put out, and a loss is two functions that share their work:

    value(z, y) -> L [...]              value_and_gradient(z, y, out=None) -> L [...], ∂L/∂z [..., K, N]

**Factors** scale the loss and its gradient alike. They differ from book to book, so each loss names its own:
`squared_error` has the textbook's 1/(2N); `mse`, `mae`, `huber`, `log_cosh`, `binary_cross_entropy`, `hinge`
and `focal` are means over all K·N entries; `softmax_cross_entropy` and `kl` are means over the N samples.
From `mse` on these are PyTorch's 'mean' ('batchmean' for `kl`).

**Logits.** Losses on probabilities take the score z before the sigmoid or softmax. In z the logarithm of a
probability is a difference of moderate numbers, so nothing overflows at ±1500; the gradient is simply p - y.

z is float32 or float64, or complex for the complex step, and so are the results. y is cast to z's dtype: hand
it over in that dtype where speed counts. It may carry run axes if z does. Each run is summed on its own, so a
run axis gives, bit for bit, what a loop over runs gives. A finite z may have an infinite loss; nothing warns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.activations import ONE, ZERO, sigmoid

if TYPE_CHECKING:
    from collections.abc import Callable

_quiet = np.errstate(over="ignore", invalid="ignore")


@dataclass(frozen=True)
class Loss:
    """One loss and its gradient; the module's docstring has the shapes.

    Attributes:
        name: the key in `LOSSES`.
        title: the name for people.
        formula: L in LaTeX, with its factor.
        value: `value(z, y) -> L [...]`.
        value_and_gradient: `value_and_gradient(z, y, out=None)`; `out` [..., K, N] receives the gradient, and
            must not overlap z or y. A loop under an `np.errstate` of its own can call its `__wrapped__`, which
            does without this one and so saves up to 1 µs.
        display: z -> [..., K, N], what a person is shown: probabilities for losses on logits, else z itself.
        labels: z -> int [..., N], the predicted class. For K = 1 whether class 1 is likelier (p > 1/2, hinge
            score > 0, output > 1/2 between targets 0 and 1), else the row of the largest output.
        from_logits: whether z is the score before a sigmoid or softmax.
    """

    name: str
    title: str
    formula: str
    value: Callable[..., np.ndarray]
    value_and_gradient: Callable[..., tuple[np.ndarray, np.ndarray]]
    display: Callable[[np.ndarray], np.ndarray]
    labels: Callable[[np.ndarray], np.ndarray]
    from_logits: bool = False

    def gradient(self, z: np.ndarray, y: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """∂L/∂z [..., K, N], in `out` if that is given."""
        return self.value_and_gradient(z, y, out)[1]

    @property
    def probability(self) -> bool:
        """Whether `display` shows probabilities."""
        return self.from_logits


def _pair(forward, backward):
    """The two functions of a loss, from (L, tape) = forward(z, y, out) and ∂L/∂z = backward(*tape)."""

    @_quiet
    def value(z, y):
        return forward(z, y)[0]

    @_quiet
    def value_and_gradient(z, y, out=None):
        loss, tape = forward(z, y, out)
        return loss, backward(*tape)

    return value, value_and_gradient


def _flat(v):
    """Return v [..., K, N] as [..., K N]: over one axis the order of a sum knows nothing of run axes."""
    return v.reshape(-1) if v.ndim == 2 else v.reshape(*v.shape[:-2], v.shape[-2] * v.shape[-1])


def _total(v):
    return np.add.reduce(_flat(v), axis=-1)


def _dot(u, v):
    """Σ u v, without a temporary."""
    if u.ndim == v.ndim == 2:
        return u.reshape(-1).dot(v.reshape(-1))
    return np.vecdot(_flat(u).conj(), _flat(v))  # vecdot conjugates its first argument


def _per_sample(v):
    return 1.0 / v.shape[-1]


def _half_per_sample(v):
    return 0.5 / v.shape[-1]


def _per_entry(v):
    return 1.0 / (v.shape[-2] * v.shape[-1])


def _cast(y, z):
    return y if y.dtype is z.dtype else y.astype(z.dtype)


@_quiet
def softmax(z: np.ndarray) -> np.ndarray:
    """e^{z_k} / Σ_j e^{z_j} over the outputs of z [..., K, N]; same shape and dtype."""
    e = np.exp(z - np.maximum.reduce(z, axis=-2, keepdims=True))
    return np.divide(e, np.add.reduce(e, axis=-2, keepdims=True), out=e)


def _above(threshold):
    def labels(z):
        return np.argmax(z, axis=-2) if z.shape[-2] > 1 else (z[..., 0, :] > threshold).astype(np.int64)

    return labels


_MEAN = r"\frac{1}{KN} \sum "
# What z means to a person: display, labels, from_logits.
_NUMBER = (lambda z: z, _above(0.5), False)
_SCORE = (lambda z: z, _above(0.0), False)
_LOGISTIC = (sigmoid, _above(0.0), True)
_SOFTMAX = (softmax, lambda z: np.argmax(z, axis=-2), True)


# On a number: functions of the residual d = z - y.


def _squares(factor):
    """Factor Σ d²; its gradient is 2 factor d."""

    def forward(z, y, out=None):
        d = np.subtract(z, y, out=out, dtype=z.dtype)
        c = factor(d)
        return _dot(d, d) * c, (d, 2.0 * c)

    return _pair(forward, lambda d, c: np.multiply(d, c, out=d))


def _mean(total, slope):
    """1/(KN) Σ ρ(d), from total(d) = Σ ρ(d) and slope(d) = ρ'(d)."""

    def forward(z, y, out=None):
        d = np.subtract(z, y, out=out, dtype=z.dtype)
        return total(d) * _per_entry(d), (d,)

    return _pair(forward, lambda d: np.multiply(slope(d), _per_entry(d), out=d))


def _absolute(d):
    return np.maximum(d, -d)  # for complex d the analytic continuation, which np.abs is not


def _log_cosh(d):
    """Σ ln cosh d: |d| + ln(1 + e^{-2|d|}) - ln 2, but below 1, where that cancels, ln(1 + 2 sinh²(d/2))."""
    a = _absolute(d)
    s = np.sinh(0.5 * np.minimum(a, 1.0))
    return _total(np.where(a < 1, np.log1p(2.0 * s * s), a + (np.log1p(np.exp(-2.0 * a)) - math.log(2))))


def huber(delta: float = 1.0) -> Loss:
    """Mean of d²/2 where |d| <= delta, and of delta (|d| - delta/2) beyond. ValueError unless delta > 0."""
    if not 0 < delta < math.inf:
        raise ValueError(f"delta={delta!r} must be a finite number above 0")

    def clip(d):
        return np.maximum(np.minimum(d, delta), -delta)

    def total(d):
        g = clip(d)
        return _dot(g, d) - 0.5 * _dot(g, g)

    rho = r"\begin{cases} d^2/2 & |d| \le \delta \\ \delta (|d| - \delta/2) & |d| > \delta \end{cases}"
    return Loss("huber", "Huber", _MEAN + rho + r",\quad d = z - y", *_mean(total, clip), *_NUMBER)


# On the probability p = σ(z) of class 1: a yes-or-no question for each output.


def _logistic(z, y, out=None):
    """-ln of the probability of y, max(z,0) - zy + ln(1 + e^{-|z|}); also e^{-|z|} and min(z,0), for σ(z)."""
    zero = ZERO[z.dtype]
    terms = np.maximum(z, zero)
    low = np.minimum(z, zero, out=out)
    e = low - terms
    np.exp(e, out=e)
    work = np.multiply(z, y, dtype=z.dtype)
    np.subtract(terms, work, out=terms)
    np.log1p(e, out=work)
    np.add(terms, work, out=terms)
    return terms, e, low


def _bce(z, y, out=None):
    terms, e, low = _logistic(z, y, out)
    c = _per_entry(z)
    return _total(terms) * c, (e, low, y, c)


def _bce_gradient(e, low, y, c):
    p = np.exp(low, out=low)
    np.add(e, ONE[e.dtype], out=e)
    np.divide(p, e, out=p)  # σ(z) = e^{min(z,0)} / (1 + e^{-|z|})
    np.subtract(p, y, out=p)
    return np.multiply(p, c, out=p)


def focal(gamma: float = 2.0) -> Loss:
    """Mean of (1 - q)^gamma (-ln q), with q the probability of y: spends little on what is right already.

    Lin et al. 2017, without class weights; gamma = 0 is binary cross-entropy. ValueError unless gamma >= 0.
    """
    if not 0 <= gamma < math.inf:
        raise ValueError(f"gamma={gamma!r} must be a finite number of at least 0")

    def forward(z, y, out=None):
        y, terms, p, not_p = _cast(y, z), _logistic(z, y)[0], sigmoid(z), sigmoid(-z)
        missed = y * not_p + (1.0 - y) * p
        weight = missed**gamma
        return _total(weight * terms) * _per_entry(z), (y, terms, p, not_p, missed, weight, out)

    def backward(y, terms, p, not_p, missed, weight, out):
        turn = (1.0 - 2.0 * y) * p * not_p / np.maximum(missed, np.finfo(p.dtype).tiny)  # missed'/missed
        slope = ((1.0 - y) * p - y * not_p + gamma * terms * turn) * weight
        return np.multiply(slope, _per_entry(p), out=out)

    formula = r"-\frac{1}{KN} \sum (1 - q)^\gamma \ln q,\quad q = y\, \sigma(z) + (1 - y)\, \sigma(-z)"
    return Loss("focal", "Focal", formula, *_pair(forward, backward), *_LOGISTIC)


def _hinge(z, y, out=None):
    t = np.multiply(y, 2.0, dtype=z.dtype) - 1.0
    m = np.maximum(1.0 - t * z, 0.0)
    return _total(m) * _per_entry(z), (t, m, out)


def _hinge_gradient(t, m, out):
    return np.multiply(t * (m.real > 0), -_per_entry(m), out=out)


# On a distribution over K classes, p = softmax(z) down each column.


def _cross_entropy(z, y, out=None):
    """-Σ y ln p / N with ln p = z - max z - ln Σ e^{z - max z}, for columns of y that sum to 1."""
    e = np.subtract(z, np.maximum.reduce(z, axis=-2, keepdims=True), out=out)
    chosen = _dot(y, e)
    np.exp(e, out=e)
    partition = np.add.reduce(e, axis=-2, keepdims=True)
    return (_total(np.log(partition)) - chosen) * _per_sample(z), (e, partition, y)


def _cross_entropy_gradient(e, partition, y):
    p = np.divide(e, partition, out=e)
    np.subtract(p, y, out=p)
    return np.multiply(p, _per_sample(p), out=p)


def softmax_cross_entropy(smoothing: float = 0.0) -> Loss:
    """Mean over the samples of -Σ y ln p. The columns of y are one-hot, or distributions.

    Label smoothing puts (1 - smoothing) y + smoothing/K for y (Szegedy et al. 2016).
    ValueError unless smoothing is in [0, 1).
    """
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing={smoothing!r} must be in [0, 1)")

    def forward(z, y, out=None):
        y = _cast(y, z)
        return _cross_entropy(z, y * (1.0 - smoothing) + smoothing / z.shape[-2] if smoothing else y, out)

    formula = r"-\frac{1}{N} \sum y_k \ln p_k,\quad p = \mathrm{softmax}(z)"
    functions = _pair(forward, _cross_entropy_gradient)
    return Loss("softmax_cross_entropy", "Softmax cross-entropy", formula, *functions, *_SOFTMAX)


def _kl(z, y, out=None):
    y = _cast(y, z)
    loss, tape = _cross_entropy(z, y, out)
    logarithm = np.log(np.maximum(y, np.finfo(z.dtype).tiny))  # 0 ln 0 = 0
    return loss + _dot(y, logarithm) * _per_sample(z), tape


_BINARY = r"-\frac{1}{KN} \sum [y \ln p + (1 - y) \ln(1 - p)],\quad p = \sigma(z)"
_ALL = (
    Loss(
        "squared_error",
        "Squared error",
        r"\frac{1}{2N} \sum (z - y)^2",
        *_squares(_half_per_sample),
        *_NUMBER,
    ),
    Loss("mse", "Mean squared error", _MEAN + "(z - y)^2", *_squares(_per_entry), *_NUMBER),
    Loss(
        "mae",
        "Mean absolute error",
        _MEAN + "|z - y|",
        *_mean(lambda d: _total(_absolute(d)), lambda d: np.sign(d.real)),
        *_NUMBER,
    ),
    huber(),
    Loss("log_cosh", "Log-cosh", _MEAN + r"\ln \cosh(z - y)", *_mean(_log_cosh, np.tanh), *_NUMBER),
    Loss("binary_cross_entropy", "Binary cross-entropy", _BINARY, *_pair(_bce, _bce_gradient), *_LOGISTIC),
    softmax_cross_entropy(),
    Loss("hinge", "Hinge", _MEAN + r"\max(0, 1 - (2y - 1) z)", *_pair(_hinge, _hinge_gradient), *_SCORE),
    Loss(
        "kl",
        "Kullback-Leibler",
        r"\frac{1}{N} \sum y_k \ln(y_k / \mathrm{softmax}(z)_k)",
        *_pair(_kl, _cross_entropy_gradient),
        *_SOFTMAX,
    ),
    focal(),
)
LOSSES: dict[str, Loss] = {loss.name: loss for loss in _ALL}
_VARIANTS = {
    "huber": (huber, "delta"),
    "softmax_cross_entropy": (softmax_cross_entropy, "smoothing"),
    "focal": (focal, "gamma"),
}


def with_options(name: str, **options: float) -> Loss:
    """Return the loss `name` with its option: huber delta, softmax_cross_entropy smoothing, or focal gamma.

    ValueError for an unknown name, an option that the loss does not have, or one out of its range.
    """
    if name not in LOSSES:
        raise ValueError(f"name={name!r} must be one of {', '.join(LOSSES)}")
    make, known = _VARIANTS.get(name, (None, None))
    for option, number in options.items():
        if option != known:
            raise ValueError(f"{option}={number!r} is not an option of {name}, which takes {known or 'none'}")
    return make(**options) if options else LOSSES[name]


def encode_targets(name: str, labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Return class labels [N] (ints 0 to n_classes - 1) as targets y [K, N] float64 for the loss `name`.

    Two classes are one yes-or-no question, K = 1 with y = label, unless the loss compares distributions
    (softmax_cross_entropy, kl); then, and for more classes, y is one-hot with K = n_classes.
    ValueError for an unknown name, fewer than two classes or a label out of range.
    """
    labels = np.asarray(labels)
    if name not in LOSSES:
        raise ValueError(f"name={name!r} must be one of {', '.join(LOSSES)}")
    if n_classes < 2:
        raise ValueError(f"n_classes={n_classes!r} must be at least 2")
    if labels.size and not 0 <= labels.min() <= labels.max() < n_classes:
        raise ValueError(f"labels={labels.min()}..{labels.max()} must lie in 0..{n_classes - 1}")
    if n_classes == 2 and LOSSES[name].display is not softmax:
        return labels[None].astype(np.float64)
    return (labels == np.arange(n_classes)[:, None]).astype(np.float64)
