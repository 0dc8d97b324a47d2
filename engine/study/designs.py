"""Designs: which experiments a study makes. Each is a plain `Experiment`, which opens on any page.

grid      every combination of the values named; the last setting varies fastest
random    independent draws. With the budget of a grid each setting takes as many values as there are runs, which
finds more where few of the settings matter (Bergstra & Bengio 2012)
seeds     the same experiment with other weights and batches: how much of a result is luck
folds     k-fold cross-validation: each part of the data is tested on once (Stone 1974)
"""

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from engine.experiment import SETTINGS, Experiment
from engine.study.ranges import Range, fitted

MOST_RUNS = 10_000  #: of one study
LARGEST_SEED = SETTINGS["seed"].high


def grid(experiment: Experiment, values: Mapping[str, Sequence[Any]]) -> list[Experiment]:
    """Every combination of the values of these settings, in the order of the product.

    Raises:
        ValueError: for an unknown setting, a value that it cannot take, none at all, or more than `MOST_RUNS` runs.
    """
    for key, chosen in values.items():
        if key not in SETTINGS:
            raise ValueError(f"{key!r} is not a setting of an experiment")
        if not len(chosen):
            raise ValueError(f"{key} must have at least one value")
    bounded(math.prod(len(chosen) for chosen in values.values()))
    return [experiment.replace(**dict(zip(values, combined, strict=True))) for combined in product(*values.values())]


def random(
    experiment: Experiment, ranges: Mapping[str, Range | Sequence[Any]], n: int, seed: int = 0
) -> list[Experiment]:
    """`n` experiments, each setting drawn by itself: from its range, or one of a list.

    The same arguments draw the same experiments; a longer search begins with a shorter one. Raises as `grid` does.
    """
    bounded(n)
    drawn = {}
    for place, (key, span) in enumerate(ranges.items()):
        if key not in SETTINGS:
            raise ValueError(f"{key!r} is not a setting of an experiment")
        rng = np.random.default_rng([seed, place])
        if isinstance(span, Range):
            drawn[key] = [fitted(SETTINGS[key], value) for value in span.draw(n, rng)]
        else:
            shares = rng.random(n)  # one number each, so that a longer search begins with a shorter one
            drawn[key] = [span[int(share * len(span))] for share in shares]
    return [experiment.replace(**{key: chosen[i] for key, chosen in drawn.items()}) for i in range(n)]


def seeds(experiment: Experiment, n: int) -> list[Experiment]:
    """The same experiment with `n` seeds in a row, from its own on."""
    bounded(n)
    return [experiment.replace(seed=(experiment.seed + i) % (LARGEST_SEED + 1)) for i in range(n)]


def folds(experiment: Experiment, k: int) -> list[Experiment]:
    """Cross-validation: `k` experiments on the same data, of which the i-th is tested on the i-th part.

    The parts are disjoint, together all of the samples, and stratified by class. Raises `ValueError` for a `k` that is
    not from 2 to the most that `fold` takes.
    """
    most = SETTINGS["folds"].high
    if not 2 <= k <= most:
        raise ValueError(f"k={k} must be from 2 to {most}")
    return [experiment.replace(folds=k, fold=i + 1) for i in range(k)]


class TooManyRuns(ValueError):
    """More runs than a study may have: how many."""

    def __init__(self, runs: int):
        super().__init__(f"a study of {runs:,} runs must have from 1 to {MOST_RUNS:,}: reduce the number of values")
        self.runs = runs


def bounded(n: int) -> None:
    """Raise `ValueError` unless a study may have so many runs, `TooManyRuns` where these are too many."""
    if n > MOST_RUNS:
        raise TooManyRuns(n)
    if n < 1:
        raise ValueError(f"a study of {n:,} runs must have from 1 to {MOST_RUNS:,}")
