"""A data set ready for a network: inputs, labels or targets, their names, and what to train and to test on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, Self

import numpy as np


class DataError(ValueError):
    """What is wrong with a user's own data, in one sentence for the screen."""


@dataclass(frozen=True)
class Dataset:
    """Data ready for a network; arrays are read-only.

    Attributes:
        name: the key in `DATASETS`.
        task: "classification" or "regression".
        points: raw inputs `[d_raw, N]`.
        x: the network's inputs `[d, N]`.
        labels: class of each sample, int `[N]`; None for regression.
        targets: target of each sample `[1, N]`; None for classes. Those of a table are standardised by
            `target_mean` and `target_std`.
        class_names: in the order of the labels; empty for regression.
        input_names: the rows of `x`.
        feature_names: the rows of `points`.
        train: columns to train on, int `[n]`, at least one.
        test: columns to test on, int `[m]`, none where nothing is held back.
        image: height and width of the images that the points are, None for others.
        expand: `points[d_raw, ...] -> x[d, ...]`, as it was done for `x`.
    """

    name: str
    task: str
    points: np.ndarray
    x: np.ndarray
    labels: np.ndarray | None
    targets: np.ndarray | None
    class_names: tuple[str, ...]
    input_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    train: np.ndarray
    test: np.ndarray
    expand: Callable[[np.ndarray], np.ndarray] = field(repr=False, compare=False)
    target_name: str = "y"
    target_mean: float = 0.0
    target_std: float = 1.0
    image: tuple[int, int] | None = None

    def __post_init__(self):
        for name in ("points", "x", "labels", "targets", "train", "test"):
            value = getattr(self, name)
            if value is not None:
                value.flags.writeable = False

    @property
    def target_names(self) -> tuple[str, ...]:
        """A name for each row of `targets`; empty for classes."""
        return () if self.targets is None else numbered(self.target_name, len(self.targets))

    @classmethod
    def from_arrays(cls, x: np.ndarray, labels: np.ndarray, n_classes: int) -> Self:
        """A data set from inputs `x[d, N]` and labels `[N]`, all of it both for training and for testing."""
        names = tuple(f"x{row + 1}" for row in range(len(x)))
        every, inputs = np.arange(x.shape[1]), np.array(x, dtype=np.float64)
        classes = tuple(str(number) for number in range(n_classes))
        parts = {"train": every, "test": every.copy(), "expand": np.asarray}
        return cls("csv", "classification", inputs, inputs, labels.copy(), None, classes, names, names, **parts)

    @classmethod
    def from_images(
        cls,
        name: str,
        images: np.ndarray,
        labels: np.ndarray,
        classes: Sequence[str],
        white: float,
        *,
        single: bool = False,
        **more: object,
    ) -> Self:
        """A data set from images `[N, height, width]` and labels `[N]`: a row for each pixel, its grey 0 to 1.

        `white` is the value of the brightest pixel; `more` are `train`, `test` and `target_name`. With `single` the
        points stay the bytes that they are and the inputs are float32, so that a pixel takes 5 bytes in place of 16.
        """
        points, dtype = images.reshape(len(images), -1).T, np.float32 if single else np.float64
        points = points if single else points.astype(dtype)
        pixels = tuple(f"pixel {row},{column}" for row, column in np.ndindex(images.shape[1:]))
        expand = partial(standardised, mean=dtype(0), deviation=dtype(white))
        labels, x = labels.astype(int), expand(points)
        more["image"] = images.shape[1:]
        return cls(
            name, "classification", points, x, labels, None, tuple(classes), pixels, pixels, expand=expand, **more
        )


def numbered(name: str, count: int) -> tuple[str, ...]:
    """The name, or of several x₁, x₂, ..."""
    below = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    return (name,) if count == 1 else tuple(f"{name}{str(i).translate(below)}" for i in range(1, count + 1))


class Fold(NamedTuple):
    """The part of k-fold cross-validation that is held back: the `number`-th, from 1, `of` so many."""

    number: int
    of: int


def held_back(n: int, test: float | Fold) -> int:
    """How many of n samples are held back to test on: of a share at least one, 0 of 0; or those of a fold."""
    if isinstance(test, Fold):
        return len(range(test.number - 1, n, test.of))
    return min(max(round(test * n), 1), n - 1) if test else 0


def split(
    n: int, test: float | Fold, rng: np.random.Generator, labels: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Columns to train on and to test on, in order: the share `test` is held back, at least one; 0 holds nothing back.

    With `labels` int `[n]` the split is stratified: each class has its share of both parts, to within one sample, but
    at least one to train on where there is room. Folds deal the samples out in turn, class by class, so that each
    sample is in one of them. Raises `DataError` for more folds than samples.
    """
    held = held_back(n, test)
    order = rng.permutation(n)
    if isinstance(test, Fold):
        if test.of > n:
            raise DataError(f"There are {n} samples, and {test.of} folds need at least one each.")
        dealt = order if labels is None else order[np.argsort(labels[order], kind="stable")]
        parts = np.arange(n) % test.of == test.number - 1
        return np.sort(dealt[~parts]), np.sort(dealt[parts])
    if labels is None:
        return np.sort(order[held:]), np.sort(order[:held])
    drawn, counts = labels[order], np.bincount(labels)
    by_class = np.argsort(drawn, kind="stable")
    rank = np.empty(n, dtype=int)  # of each sample within its class, in the random order
    rank[by_class] = np.arange(n) - (np.cumsum(counts) - counts)[drawn[by_class]]
    trained = rank < _shares(counts, n - held)[drawn]
    return np.sort(order[trained]), np.sort(order[~trained])


def _shares(counts: np.ndarray, total: int) -> np.ndarray:
    """`total` shared out in proportion to `counts` by largest remainder, at least one each if it is enough for that."""
    exact = counts * total / counts.sum()
    least = np.minimum(counts, 1) if total >= np.count_nonzero(counts) else np.zeros_like(counts)
    shares = np.maximum(np.floor(exact).astype(int), least)
    while missing := total - shares.sum():
        step = np.sign(missing)
        wanting = np.where(shares + step < least, -np.inf, step * (exact - shares))
        shares[np.argmax(wanting)] += step
    return shares


def moments(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each row; a constant row counts as of deviation 1, so that it becomes 0."""
    mean, deviation = rows.mean(axis=1), rows.std(axis=1)
    constant = (np.ptp(rows, axis=1) == 0) | (deviation == 0)  # the mean of equal numbers may be off by rounding
    return np.where(constant, rows[:, 0], mean), np.where(constant, 1.0, deviation)


def standardised(raw: np.ndarray, mean: np.ndarray | float, deviation: np.ndarray | float) -> np.ndarray:
    """(raw - mean) / deviation of `raw[d, ...]`, row by row."""
    shape = (-1,) + (1,) * (np.ndim(raw) - 1)
    centred = np.asarray(raw) - np.reshape(mean, shape)
    centred /= np.reshape(deviation, shape)
    return centred
