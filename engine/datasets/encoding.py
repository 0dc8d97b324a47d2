"""From the columns of a table to a data set: a column is learnt, the others it is learnt from, all become numbers.

Whoever reads a table hands over its columns: numbers, dates, or categories as codes with their names. A date is the
days since 1970; a category becomes one input for each of its values, 1 where it holds and 0 elsewhere (one-hot). Rows
with an empty cell are left out, or the cells filled by the median, of categories the commonest; a row whose target is
empty teaches nothing. Inputs, and a number to be learnt, are standardised. Median, mean and deviation are those of the
training part alone: what is held back must not be known before the test.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from engine.cancellation import cancellation_point
from engine.datasets.dataset import DataError, Dataset, Fold, moments, split, standardised

MOST_CLASSES = 50
MOST_CATEGORIES = 20  #: values of a category that is an input
MOST_NUMBERS = 10_000_000  #: inputs times rows that a data set holds: 80 MB as points, and again as inputs
LARGEST = 1e100  #: the square of a larger number may not fit a float
DAY = np.timedelta64(1, "D")


class Column(NamedTuple):
    """One column: its name and its values `[N]`.

    They are floats, NaN where the cell is empty; datetime64, NaT where empty; or, with `categories`, int codes that
    count the names in it from 0, -1 where empty.
    """

    name: str
    values: np.ndarray
    categories: tuple[str, ...] | None = None

    @property
    def empty(self) -> np.ndarray:
        """Which cells are empty, bool `[N]`."""
        return np.isnan(self.values) if self.categories is None else self.values < 0

    def among(self, rows: np.ndarray) -> "Column":
        """The cells of some rows; categories that none of them has are forgotten."""
        cancellation_point()
        values = self.values[rows]
        if self.categories is None:
            return self._replace(values=values)
        present = np.unique(values[values >= 0])
        codes = np.where(values < 0, -1, np.searchsorted(present, values))
        return Column(self.name, codes, tuple(self.categories[code] for code in present))


def from_columns(
    columns: Sequence[Column],
    target: str,
    *,
    samples: int = 100_000,
    test: float | Fold = 0.25,
    seed: int = 0,
    scale: bool = True,
    missing: str = "drop",
) -> Dataset:
    """The data set of learning one column from all others; equal arguments give equal data.

    Args:
        columns: of a table, equally long, each with a name of its own.
        target: the name of the one to learn; categories make it a classification, numbers a regression.
        samples: how many rows are used at the most, drawn at random; no more than `MOST_NUMBERS` numbers in all.
        test: share of them held back, 0 to 0.9; of 0 all are trained on. Or a fold of cross-validation.
        seed: of what is drawn.
        scale: whether inputs and a number to be learnt are standardised.
        missing: "drop" leaves out the rows with an empty cell, "fill" fills the inputs.

    Raises:
        DataError: one sentence on what is wrong with the table.
        ValueError: for a wrong argument.
    """
    if missing not in ("drop", "fill"):
        raise ValueError(f"missing={missing!r} must be 'drop' or 'fill'")
    goal, inputs = _usable(columns, target, missing)
    rng = np.random.default_rng([seed, 0])
    width = sum(1 if column.categories is None else len(column.categories) for column in inputs)
    n = min(len(goal.values), samples, max(MOST_NUMBERS // width, 2))
    chosen = np.sort(rng.permutation(len(goal.values))[:n])
    labels = None if goal.categories is None else goal.values[chosen]
    train, held = split(n, test, rng, labels)
    encoded = [_encode(column, column.values[chosen], train) for column in inputs]
    points = np.concatenate([rows for rows, _ in encoded])
    names = tuple(name for _, some in encoded for name in some)
    mean, deviation = np.hstack([_moments(rows, train) for rows, _ in encoded]) if scale else (0.0, 1.0)
    cancellation_point()
    expand = partial(standardised, mean=mean, deviation=deviation)
    targets, middle, spread = None, 0.0, 1.0
    if labels is None:
        targets = _numbers(goal.values[chosen])[None]
        if scale:
            middle, spread = (float(moment[0]) for moment in moments(targets[:, train]))
        targets = (targets - middle) / spread
    return Dataset(
        name="csv",
        task="regression" if labels is None else "classification",
        points=points,
        x=expand(points),
        labels=labels,
        targets=targets,
        class_names=goal.categories or (),
        input_names=names,
        feature_names=names,
        train=train,
        test=held,
        expand=expand,
        target_name=target,
        target_mean=middle,
        target_std=spread,
    )


def _usable(columns: Sequence[Column], target: str, missing: str) -> tuple[Column, list[Column]]:
    """The target and the inputs in the rows that can be used, or `DataError` where nothing can be learnt of them."""
    goal = next((column for column in columns if column.name == target), None)
    if goal is None or len({column.name for column in columns}) < len(columns):
        raise ValueError(f"target={target!r} must be one of {[c.name for c in columns]}, which must all be different")
    inputs = [column for column in columns if column is not goal]
    if not inputs:
        raise DataError(f"There is nothing to learn {target!r} from: choose at least one other column.")
    judged = columns if missing == "drop" else [goal]
    rows = np.flatnonzero(~np.logical_or.reduce([column.empty for column in judged]))
    if len(rows) < 2:
        raise DataError(
            f"{len(rows)} of {len(goal.values):,} rows have no empty cell; at least two are needed: fill the empty "
            "cells, or leave out columns that have many."
        )
    goal, inputs = goal.among(rows), [column.among(rows) for column in inputs]
    _check(goal, inputs)
    return goal, inputs


def _check(goal: Column, inputs: list[Column]) -> None:
    """Raise `DataError` for columns that cannot be learnt or learnt from."""
    for column in (goal, *inputs):
        cancellation_point()
        if column.categories is None:
            largest = np.abs(_numbers(column.values[~column.empty])).max(initial=0)
            if largest > LARGEST:
                raise DataError(
                    f"The column {column.name!r} holds a number of size {largest:g}; at most {LARGEST:g} can be used."
                )
        elif column is not goal and len(column.categories) > MOST_CATEGORIES:
            raise DataError(
                f"The column {column.name!r} has {len(column.categories):,} different values; a category of at most "
                f"{MOST_CATEGORIES} can be learnt from, so leave it out."
            )
    if goal.categories is None:
        if np.ptp(_numbers(goal.values)) == 0:
            raise DataError(f"The target {goal.name!r} is the same in every row: there is nothing to learn.")
    elif len(goal.categories) == 1:
        only = goal.categories[0]
        raise DataError(f"The target {goal.name!r} has one class only, {only!r}: there is nothing to tell apart.")
    elif len(goal.categories) > MOST_CLASSES:
        raise DataError(
            f"The target {goal.name!r} has {len(goal.categories):,} classes; at most {MOST_CLASSES} can be learnt."
        )


def _numbers(values: np.ndarray) -> np.ndarray:
    """Numbers as they are, dates as days since 1970; NaN where empty."""
    return (values - np.datetime64(0, "D")) / DAY if values.dtype.kind == "M" else values.astype(np.float64)


def _moments(rows: np.ndarray, train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of the inputs that a column makes, over the training part."""
    cancellation_point()
    return moments(rows[:, train])


def _encode(column: Column, values: np.ndarray, train: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """The inputs `[d, N]` of a column with their names, empty cells filled by what the training part has."""
    cancellation_point()
    empty = np.isnan(values) if column.categories is None else values < 0
    known = values[train][~empty[train]]
    if not len(known):
        raise DataError(f"The column {column.name!r} is empty in every row that is trained on, so leave it out.")
    if column.categories is None:
        numbers = _numbers(values)
        return np.where(empty, np.median(_numbers(known)), numbers)[None], (column.name,)
    codes = np.where(empty, np.argmax(np.bincount(known)), values)
    rows = (codes == np.arange(len(column.categories))[:, None]).astype(np.float64)
    return rows, tuple(f"{column.name}={category}" for category in column.categories)
