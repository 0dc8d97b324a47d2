"""What a loss is: a value and a gradient that share their work, and the sums that both are made of.

Each run is summed over one flattened axis, so that a run axis gives, bit for bit, what a loop over runs gives. See
`losses` for the shapes and the factors.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.activations import sigmoid

quiet = np.errstate(over="ignore", invalid="ignore")


@dataclass(frozen=True)
class Loss:
    """One loss and its gradient; the docstring of `losses` has the shapes.

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


def pair(forward, backward):
    """The two functions of a loss, from (L, tape) = forward(z, y, out) and ∂L/∂z = backward(*tape)."""

    @quiet
    def value(z, y):
        return forward(z, y)[0]

    @quiet
    def value_and_gradient(z, y, out=None):
        loss, tape = forward(z, y, out)
        return loss, backward(*tape)

    return value, value_and_gradient


def flat(v):
    """Return v [..., K, N] as [..., K N]: over one axis the order of a sum knows nothing of run axes."""
    return v.reshape(-1) if v.ndim == 2 else v.reshape(*v.shape[:-2], v.shape[-2] * v.shape[-1])


def total(v):
    """Σ v over outputs and samples, [..., K, N] -> [...]."""
    return np.add.reduce(flat(v), axis=-1)


def dot(u, v):
    """Σ u v, without a temporary."""
    if u.ndim == v.ndim == 2:
        return u.ravel().dot(v.ravel())
    return np.vecdot(flat(u).conj(), flat(v))  # vecdot conjugates its first argument


def per_sample(v):
    """1/N, for signals [..., K, N]."""
    return 1.0 / v.shape[-1]


def half_per_sample(v):
    """1/(2N)."""
    return 0.5 / v.shape[-1]


def per_entry(v):
    """1/(KN)."""
    return 1.0 / (v.shape[-2] * v.shape[-1])


def cast(y, z):
    """The targets in the dtype of z."""
    return y if y.dtype is z.dtype else y.astype(z.dtype)


@quiet
def softmax(z: np.ndarray) -> np.ndarray:
    """e^{z_k} / Σ_j e^{z_j} over the outputs of z [..., K, N]; same shape and dtype."""
    e = np.exp(z - np.maximum.reduce(z, axis=-2, keepdims=True))
    return np.divide(e, np.add.reduce(e, axis=-2, keepdims=True), out=e)


def _above(threshold):
    def labels(z):
        return np.argmax(z, axis=-2) if z.shape[-2] > 1 else (z[..., 0, :] > threshold).astype(np.int64)

    return labels


MEAN = r"\frac{1}{KN} \sum "
# What z means to a person: display, labels, from_logits.
NUMBER = (lambda z: z, _above(0.5), False)
SCORE = (lambda z: z, _above(0.0), False)
LOGISTIC = (sigmoid, _above(0.0), True)
SOFTMAX = (softmax, lambda z: np.argmax(z, axis=-2), True)
