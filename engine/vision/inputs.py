"""The gradient by the input: which pixels an answer hangs on, and descent on the image in place of the weights.

    saliency    ∂L/∂x and ∂S_c/∂x, with S_c the score of class c before the softmax
    climb       x ← x + rate (∂S_c/∂x - decay x): what the network takes for the purest c
    fooling     x + ε sign(∂L/∂x) with the smallest ε that changes the answer

Simonyan, Vedaldi & Zisserman 2014, "Deep inside convolutional networks", for the first two; Goodfellow, Shlens &
Szegedy 2015, "Explaining and harnessing adversarial examples", for the last. Nothing keeps the pixels between black
and white: where they go is what the mathematics asks for.
"""

from typing import NamedTuple

import numpy as np

from engine.cancellation import cancellation_point
from engine.losses import encode_targets
from engine.network import Network, Workspace
from engine.vision.maps import one_image
from engine.vision.mistakes import probabilities

TRIED = 256  #: steps of equal size, up to the largest, among which the first that fools is sought
HALVINGS = 30  #: of the interval before it


class Saliency(NamedTuple):
    """Gradients of the loss and of the score of one class by the image, in its shape, and what they are taken of.

    `probabilities` are `[C]`, one for each class.
    """

    by_loss: np.ndarray
    by_score: np.ndarray
    loss: float
    score: float
    probabilities: np.ndarray


class Climb(NamedTuple):
    """The images `[T + 1, *shape]` of a climb, the score of its class `[T + 1]`, and all probabilities `[T + 1, C]`."""

    images: np.ndarray
    scores: np.ndarray
    probabilities: np.ndarray


class FoolingStep(NamedTuple):
    """The smallest step found along `direction`, the sign of ∂L/∂x, that changes the answer.

    `size` is ε, None where no step up to the largest changes the answer; `image` and `after` then are those of the
    largest. `before` and `after` are probabilities `[C]`, `predicted` the classes before and after.
    """

    direction: np.ndarray
    size: float | None
    image: np.ndarray
    before: np.ndarray
    after: np.ndarray
    predicted: tuple[int, int]


def saliency(network: Network, params: np.ndarray, x: np.ndarray, label: int) -> Saliency:
    """The gradients by one image, for its label."""
    image, work = one_image(network, x, params.dtype), _workspace(network, params)
    score, by_score = _score(work, image, label)
    loss = work.loss_and_gradient(image, target_of(network, label, params.dtype))
    shape, shown = network.signal_shapes[0], probabilities(network, work.signals[-1])[:, 0]
    return Saliency(work.deltas[0].reshape(shape).copy(), by_score.reshape(shape), float(loss), score, shown)


def climb(
    network: Network,
    params: np.ndarray,
    target: int,
    start: np.ndarray,
    steps: int = 100,
    rate: float = 0.1,
    decay: float = 0.0,
) -> Climb:
    """Gradient ascent from the image `start` on the score of class `target`, less decay/2 times the image's square."""
    image, work = one_image(network, start, params.dtype).copy(), _workspace(network, params)
    images, scores, shown = [], [], []
    with np.errstate(all="ignore"):  # a rate that is too large overflows, as in training
        for _ in range(steps + 1):
            cancellation_point()
            score, slope = _score(work, image, target)
            images.append(image.reshape(network.signal_shapes[0]).copy())
            scores.append(score)
            shown.append(probabilities(network, work.signals[-1])[:, 0])
            image += rate * (slope - decay * image)
    return Climb(np.stack(images), np.array(scores), np.stack(shown))


def fooling_step(network: Network, params: np.ndarray, x: np.ndarray, label: int, largest: float = 1.0) -> FoolingStep:
    """The smallest step up to `largest` along the sign of the gradient of the loss that changes the predicted class.

    The first of 256 equal steps that changes it is found, then the interval before it is halved: a change that comes
    and goes within one of them may be missed. Pixels whose gradient is zero stay as they are.
    """
    image, work = one_image(network, x, params.dtype), _workspace(network, params)
    work.loss_and_gradient(image, target_of(network, label, params.dtype))
    direction = np.sign(work.deltas[0])
    labels = network.loss_function.labels

    def answers(sizes: np.ndarray) -> np.ndarray:
        return labels(network.forward(params, image + direction * sizes.astype(params.dtype)))

    before, tried = int(answers(np.zeros(1))[0]), np.linspace(0, largest, TRIED + 1)
    changed = np.flatnonzero(answers(tried[1:]) != before)
    size = None
    if len(changed):
        low, size = tried[changed[0]], float(tried[changed[0] + 1])
        for _ in range(HALVINGS):
            middle = (low + size) / 2
            if answers(np.array([middle]))[0] == before:
                low = middle
            else:
                size = float(middle)
    moved = image + direction * np.asarray(largest if size is None else size, params.dtype)
    both = network.forward(params, np.concatenate([image, moved], axis=1))
    shown, shape = probabilities(network, both), network.signal_shapes[0]
    predicted = int(labels(both)[0]), int(labels(both)[1])
    return FoolingStep(direction.reshape(shape), size, moved.reshape(shape), *shown.T, predicted)


def target_of(network: Network, label: int, dtype: np.dtype) -> np.ndarray:
    """The target `[K, 1]` of an image with this label."""
    classes = max(network.sizes[-1], 2)
    return encode_targets(network.loss_function.name, np.array([label]), classes).astype(dtype)


def _workspace(network: Network, params: np.ndarray) -> Workspace:
    """For one image, through the trained network and the right way back."""
    return Workspace(network.right(), params, 1, keep=True, training=False, inputs=True)


def _score(work: Workspace, image: np.ndarray, label: int) -> tuple[float, np.ndarray]:
    """The output for a class, and its gradient by the image `[d, 1]`; of a single output z: -z and z."""
    output = work.forward(image)
    row, sign = (label, 1.0) if len(output) > 1 else (0, 1.0 if label else -1.0)
    work.deltas[-1][...] = 0
    work.deltas[-1][row] = sign
    work.backward()
    return sign * float(output[row, 0]), work.deltas[0].copy()
