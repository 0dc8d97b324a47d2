"""From a table of texts to numbers: columns become features, a column of words becomes one for each value."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.datasets.csv_reader import TableError
from engine.datasets.dataset import Dataset, moments, split
from engine.datasets.tables import Column, Table, _repeated

MOST_CLASSES = 50


MOST_CATEGORIES = 20  #: values of a text column that is used as a feature


LARGEST = 1e100  #: the square of a larger number may not fit a float


class Encoded(NamedTuple):
    """Raw inputs `points[d, N]` with names; the target as `labels[N]` of `class_names` or as numbers `targets[N]`."""

    points: np.ndarray
    names: tuple[str, ...]
    target: str
    labels: np.ndarray | None
    targets: np.ndarray | None
    class_names: tuple[str, ...]


def encode_table(
    table: Table, target: str | None = None, features: Sequence[str] | None = None, kind: str | None = None
) -> Encoded:
    """Turn the target (the last column by default) and the features (all others) into numbers.

    `kind`, "class" or "number", overrides what the target column looks like.

    Raises:
        TableError: for a target of one class only, of too many classes or not of numbers; for no usable features.
        ValueError: for another `kind`.
    """
    if kind not in (None, "class", "number"):
        raise ValueError(f"kind={kind!r} must be 'class' or 'number', or None for what the column looks like")
    goal = table.column(table.columns[-1].name if target is None else target)
    names = [c.name for c in table.columns if c.name != goal.name] if features is None else list(features)
    if not names:
        raise TableError(f"There is nothing to learn {goal.name!r} from: choose at least one feature column.")
    if goal.name in names:
        raise TableError(f"The target {goal.name!r} cannot be a feature as well.")
    twice = _repeated(names)
    if twice is not None:
        raise TableError(f"The feature {twice!r} is chosen twice.")
    encoded = [_encode_feature(table.column(name)) for name in names]
    points = np.concatenate([rows for rows, _ in encoded])
    labels, targets, classes = _encode_target(goal, goal.kind if kind is None else kind)
    return Encoded(points, tuple(name for _, some in encoded for name in some), goal.name, labels, targets, classes)


def _encode_feature(column: Column) -> tuple[np.ndarray, tuple[str, ...]]:
    if column.numbers is not None:
        return _bounded(column)[None], (column.name,)
    categories = np.unique(column.values)
    if len(categories) > MOST_CATEGORIES:
        raise TableError(
            f"The feature {column.name!r} is text with {len(categories)} different values{column.stray}; at most "
            f"{MOST_CATEGORIES} can become inputs, so leave it out."
        )
    rows = (column.values == categories[:, None]).astype(np.float64)
    return rows, tuple(f"{column.name}={category}" for category in categories)


def _bounded(column: Column) -> np.ndarray:
    largest = np.abs(column.numbers).max()
    if largest > LARGEST:
        raise TableError(
            f"The column {column.name!r} holds a number of size {largest:g}; at most {LARGEST:g} can be learnt from."
        )
    return column.numbers


def _encode_target(column: Column, kind: str) -> tuple[np.ndarray | None, np.ndarray | None, tuple[str, ...]]:
    if kind == "number":
        if column.numbers is None:
            raise TableError(
                f"The target {column.name!r} is not a number in every row{column.stray}, so it can only be a class."
            )
        if np.ptp(column.numbers) == 0:
            raise TableError(
                f"The target {column.name!r} is {column.numbers[0]:g} in every row: there is nothing to learn."
            )
        return None, _bounded(column), ()
    classes, labels = np.unique(column.values, return_inverse=True)
    names = tuple(str(value).removesuffix(".0") if column.numbers is not None else str(value) for value in classes)
    if len(names) == 1:
        raise TableError(
            f"The target {column.name!r} has one class only, {names[0]!r}: there is nothing to tell apart."
        )
    if len(names) > MOST_CLASSES:
        raise TableError(
            f"The target {column.name!r} has {len(names)} classes{column.stray}; at most {MOST_CLASSES} can be learnt."
        )
    return labels.astype(int), None, names


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
