"""Data that were collected, not drawn from a formula: handwritten digits and the user's own table.

No more samples can be had than there are; of them as many as are asked for are taken, at random, in their own order.
Pixels are divided by 16. The columns of a table are standardised by mean and deviation of the training part alone, and
so is a number to be learnt: what is held back must not be known before the test.
"""

from functools import cache
from importlib.resources import files

import numpy as np

from engine.datasets.dataset import Dataset, split

PIXEL_MAX = 16.0


def digits(samples: int, test: float, rng: np.random.Generator) -> Dataset:
    """At most `samples` of the digits, the share `test` of them held back."""
    images, labels = _digit_images()
    chosen = np.sort(rng.permutation(len(labels))[:samples])
    points = images[chosen].reshape(len(chosen), 64).T.astype(np.float64)
    names = tuple(f"pixel {row},{column}" for row in range(8) for column in range(8))
    train, held = split(len(chosen), test, rng, labels[chosen])
    return Dataset(
        name="digits",
        task="classification",
        points=points,
        x=points / PIXEL_MAX,
        labels=labels[chosen].astype(int),
        targets=None,
        class_names=tuple("0123456789"),
        input_names=names,
        feature_names=names,
        train=train,
        test=held,
        expand=lambda raw: np.asarray(raw) / PIXEL_MAX,
        target_name="digit",
    )


@cache
def _digit_images() -> tuple[np.ndarray, np.ndarray]:
    with (files("engine.datasets") / "digits.npz").open("rb") as file, np.load(file) as archive:
        return archive["images"], archive["labels"]
