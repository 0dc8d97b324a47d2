"""Data that were collected, not drawn from a formula: handwritten digits and the user's own table.

No more samples can be had than there are; of them as many as are asked for are taken, at random, in their own order.
Pixels are divided by 16. The columns of a table are standardised by mean and deviation of the training part alone, and
so is a number to be learnt: what is held back must not be known before the test.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np

from engine.datasets.dataset import Dataset, moments, split
from engine.datasets.tables import Table, encode_table

PIXEL_MAX = 16.0


def digits(samples: int, test: float, rng: np.random.Generator) -> Dataset:
    """At most `samples` of the digits, the share `test` of them held back."""
    images, labels = _digit_images()
    chosen = np.sort(rng.permutation(len(labels))[:samples])
    points = images[chosen].reshape(len(chosen), 64).T.astype(np.float64)
    names = tuple(f"pixel {row},{column}" for row in range(8) for column in range(8))
    train, held = split(len(chosen), test, rng)
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


def from_table(
    table: Table,
    target: str | None,
    columns: Sequence[str] | None,
    kind: str | None,
    samples: int,
    test: float,
    rng: np.random.Generator,
) -> Dataset:
    """At most `samples` rows of a table, the share `test` of them held back; `encode_table` says what else is asked."""
    encoded = encode_table(table, target, columns, kind)
    n = encoded.points.shape[1]
    chosen = np.sort(rng.permutation(n)[:samples])
    train, held = split(len(chosen), test, rng)
    points = encoded.points[:, chosen]
    mean, deviation = moments(points[:, train])

    def expand(raw: np.ndarray) -> np.ndarray:
        shape = (-1,) + (1,) * (np.ndim(raw) - 1)
        return (np.asarray(raw) - mean.reshape(shape)) / deviation.reshape(shape)

    labels = targets = None
    target_mean, target_std = 0.0, 1.0
    if encoded.class_names:
        labels = encoded.labels[chosen]
    else:
        numbers = encoded.targets[None, chosen]
        middle, spread = moments(numbers[:, train])
        target_mean, target_std = float(middle[0]), float(spread[0])
        targets = (numbers - target_mean) / target_std
    return Dataset(
        name="csv",
        task="classification" if encoded.class_names else "regression",
        points=points,
        x=expand(points),
        labels=labels,
        targets=targets,
        class_names=encoded.class_names,
        input_names=encoded.names,
        feature_names=encoded.names,
        train=train,
        test=held,
        expand=expand,
        target_name=encoded.target,
        target_mean=target_mean,
        target_std=target_std,
    )


@cache
def _digit_images() -> tuple[np.ndarray, np.ndarray]:
    with (files("engine.datasets") / "digits.npz").open("rb") as file, np.load(file) as archive:
        return archive["images"], archive["labels"]
