"""Handwritten digits: 1,797 images of 8 x 8 pixels, each from 0 to 16 (UCI, optical recognition of digits).

No more can be had than there are; of them as many as are asked for are taken, at random, in their own order.
"""

from functools import cache
from importlib.resources import files

import numpy as np

from engine.datasets.dataset import Dataset, Fold, split

WHITE = 16.0  #: the largest pixel


def digits(samples: int, test: float | Fold, rng: np.random.Generator, *, standardise: bool = True) -> Dataset:
    """At most `samples` of the digits, the share or fold `test` of them held back; pixels from 0 to 1, or to 16."""
    images, labels = _digit_images()
    chosen = np.sort(rng.permutation(len(labels))[:samples])
    train, held = split(len(chosen), test, rng, labels[chosen])
    more = {"train": train, "test": held, "target_name": "digit"}
    return Dataset.from_images(
        "digits", images[chosen], labels[chosen], "0123456789", WHITE if standardise else 1.0, **more
    )


@cache
def _digit_images() -> tuple[np.ndarray, np.ndarray]:
    with (files("engine.datasets") / "digits.npz").open("rb") as file, np.load(file) as archive:
        return archive["images"], archive["labels"]
