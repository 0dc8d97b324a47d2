"""What many rows say together: the spread over seeds, the best, and how soon a design finds something good."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.descent.races import NEVER
from engine.study.rows import Row

LARGER_IS_BETTER = ("train_accuracy", "test_accuracy", "gradient_ratio")
DECADES = 3  #: over the best loss, that a scale has
USUAL = 1.0  #: decades: a loss of up to 10 is what runs begin with, and far beyond nothing


class Points(NamedTuple):
    """Of each point of a study, run with several seeds: median, lowest and highest value, and what went wrong.

    Arrays `[points]`; NaN where no seed has a value. Runs that diverged have none: their last number is no result.
    """

    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    diverged: np.ndarray
    """int: how many of the seeds diverged."""
    made: np.ndarray
    """int: how many of the runs there are."""


def values(rows: Sequence[Row | None], measure: str) -> np.ndarray:
    """The measure of each row, float `[rows]`: NaN where there is none, where it diverged, or never came to pass."""
    found = [None if row is None or row.diverged_at != NEVER else getattr(row, measure) for row in rows]
    return np.array(
        [np.nan if value is None or (measure == "reached" and value == NEVER) else value for value in found],
        dtype=float,
    )


def points(rows: Sequence[Row | None], measure: str, seeds: int = 1) -> Points:
    """The spread of a measure over the seeds of each point; `rows` holds those of a point one after another."""
    table = values(rows, measure).reshape(-1, seeds)
    empty = np.isnan(table).all(axis=1)
    full = np.where(empty[:, None], 0.0, table)
    spread = [np.where(empty, np.nan, of(full, axis=1)) for of in (np.nanmedian, np.nanmin, np.nanmax)]
    diverged = np.array([row is not None and row.diverged_at != NEVER for row in rows]).reshape(-1, seeds)
    made = np.array([row is not None for row in rows]).reshape(-1, seeds)
    return Points(*spread, diverged.sum(axis=1), made.sum(axis=1))


def sensible_top(losses: np.ndarray) -> float:
    """The loss up to which runs are worth telling apart on one scale; infinite where a scale can hold all.

    It is a thousand times the best of them, ten times what the better quarter stays below, or 10, whichever is most:
    runs that nearly diverged end at 1e20, and a scale from there to 0.1 shows no difference between 0.1 and 0.3. Where
    a scale up to there is not less than half as long (in decades) nothing is won, and it holds all.
    """
    decades = np.log10(losses[np.isfinite(losses) & (losses > 0)])
    if not len(decades):
        return math.inf
    low, high = decades.min(), decades.max()
    top = max(low + DECADES, np.quantile(decades, 0.25) + 1, USUAL)
    return float(10.0**top) if top - low < (high - low) / 2 else math.inf


def best(values: np.ndarray, measure: str) -> int | None:
    """The place of the best value, the first of equal ones; None where there is none."""
    if np.isnan(values).all():
        return None
    return int(np.nanargmax(values) if measure in LARGER_IS_BETTER else np.nanargmin(values))


def best_of(values: np.ndarray, measure: str) -> np.ndarray:
    """The median, over all orders in which the runs could come, of the best value among the first n: `[N]`, n = 1..N.

    Of N values in order v_1 ≤ v_2 ≤ ... the best of n drawn without replacement is above v_k with probability
    C(N - k, n) / C(N, n); the median is the first v_k where that is at most one half. A run without a value counts as
    the worst; where it is the median, the result is NaN.
    """
    sign = -1.0 if measure in LARGER_IS_BETTER else 1.0
    ordered = np.sort(np.where(np.isnan(values), np.inf, sign * values))
    total = len(ordered)
    places = []
    for n in range(1, total + 1):
        every = math.comb(total, n)
        places.append(next(k for k in range(1, total + 1) if 2 * math.comb(total - k, n) <= every) - 1)
    found = ordered[places]
    return np.where(np.isfinite(found), sign * found, np.nan)
