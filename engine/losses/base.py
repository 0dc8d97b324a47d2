"""What a loss is: two halves, a value and a gradient that share their work. See `losses` for shapes and factors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.activations import sigmoid
from engine.optimizers.hyperparameters import HyperParameter

quiet = np.errstate(over="ignore", invalid="ignore")


@dataclass(frozen=True)
class Loss:
    """One loss and its gradient; the docstring of `losses` has the shapes.

    Attributes:
        name: the key in `LOSSES`.
        title: the name for people.
        formula: L in LaTeX, with its factor.
        halves: `halves(z, out) -> forward, backward` for arrays that stay where they are: forward(y) -> L [...] may
            leave in out what backward(y) turns into the gradient there; y has the dtype of z.
        display: z -> [..., K, N], what a person is shown: probabilities for losses on logits, else z itself.
        labels: z -> int [..., N], the predicted class. For K = 1 whether class 1 is likelier (p > 1/2, hinge
            score > 0, output > 1/2 between targets 0 and 1), else the row of the largest output.
        from_logits: whether z is the score before a sigmoid or softmax.
        for_numbers: whether y may be any number, and not only a class.
        options: what may be chosen about it, declared as an optimizer declares its hyper-parameters.
        make: `make(**options) -> Loss`, the loss with other options; None if it has none.
    """

    name: str
    title: str
    formula: str
    halves: Callable[..., tuple[Callable, Callable]]
    display: Callable[[np.ndarray], np.ndarray]
    labels: Callable[[np.ndarray], np.ndarray]
    from_logits: bool = False
    for_numbers: bool = False
    options: tuple[HyperParameter, ...] = ()
    make: Callable[..., "Loss"] | None = None

    @quiet
    def value(self, z: np.ndarray, y: np.ndarray) -> np.ndarray:
        """L [...]."""
        return self.halves(z, np.empty_like(z))[0](cast(y, z))

    @quiet
    def value_and_gradient(
        self, z: np.ndarray, y: np.ndarray, out: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """L [...] and ∂L/∂z [..., K, N], in `out` if that is given, which must not overlap z or y."""
        out = np.empty_like(z) if out is None else out
        return self.bind(z, out)(cast(y, z)), out

    def gradient(self, z: np.ndarray, y: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """∂L/∂z [..., K, N], in `out` if that is given."""
        return self.value_and_gradient(z, y, out)[1]

    def bind(self, z: np.ndarray, out: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """`step(y) -> L [...]` for a loop, which leaves the gradient in out; the loop holds the errstate."""
        forward, backward = self.halves(z, out)

        def step(y):
            loss = forward(y)
            backward(y)
            return loss

        return step

    @property
    def probability(self) -> bool:
        """Whether `display` shows probabilities."""
        return self.from_logits

    @property
    def one_hot(self) -> bool:
        """Whether two classes, too, have an output each, because the loss compares the outputs of classes."""
        return self.display in (softmax, margins)

    @property
    def signed(self) -> bool:
        """Whether z is a score whose sign tells the class, of size 1 where it is sure."""
        return not (self.from_logits or self.for_numbers)


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


def margins(z: np.ndarray) -> np.ndarray:
    """By how much each class leads all others, z_k - max_{j≠k} z_j of z [..., K, N]: above 0 for the predicted one."""
    ranked = np.sort(z, axis=-2)
    first, second = ranked[..., -1:, :], ranked[..., -2:-1, :]
    return z - np.where(z == first, second, first)


def _above(threshold):
    def labels(z):
        return np.argmax(z, axis=-2) if z.shape[-2] > 1 else (z[..., 0, :] > threshold).astype(np.int64)

    return labels


MEAN = r"\frac{1}{KN} \sum "
# What z means to a person: display, labels, from_logits, for_numbers.
NUMBER = (lambda z: z, _above(0.5), False, True)
SCORE = (lambda z: z, _above(0.0), False, False)
MARGIN = (margins, lambda z: np.argmax(z, axis=-2), False, False)
LOGISTIC = (sigmoid, _above(0.0), True, False)
SOFTMAX = (softmax, lambda z: np.argmax(z, axis=-2), True, False)
