"""Rows: the few numbers that a study keeps of a run. A row and its experiment take 4 kB, whatever the run took."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import process_time
from typing import Any

import numpy as np

from engine.datasets import Dataset
from engine.descent.races import NEVER, diverged_at, first
from engine.diagnostics.measures import relative_gradient
from engine.experiment import KEYS, SETTINGS, Experiment
from engine.training import OwnData, Recording, train
from engine.work import TooMuchWork

TOLERANCE = 0.1  #: the loss that counts as learned, unless another one is said

#: What is measured of a run: its name in a table, and what it is.
MEASURES: dict[str, str] = {
    "train_loss": "Loss on the training part at the end",
    "test_loss": "Loss on the test part at the end",
    "train_accuracy": "Share of the training part that is classified right",
    "test_accuracy": "Share of the test part that is classified right",
    "gradient_ratio": "Gradient of the first layer against that of the last, at the start",
    "reached": "First step with a loss within the tolerance",
}


@dataclass(frozen=True)
class Row:
    """What came of one experiment; None stands for a number that there is not.

    Attributes:
        experiment: the run.
        train_loss, test_loss: at its last step, without penalties; None also where they are beyond all numbers.
        train_accuracy, test_accuracy: shares, 0 to 1.
        gradient_ratio: norm of the first layer's gradient over that of the last layer's, at step 0.
        reached: first step whose loss was within the tolerance, `NEVER` if there was none.
        steps: the last step.
        diverged_at: the step at which something stopped being finite, `NEVER` if all stayed finite.
        problem: why it did not run, in a sentence; empty where it ran.
        seconds: processor time; two equal rows may differ in it.
    """

    experiment: Experiment
    train_loss: float | None = None
    test_loss: float | None = None
    train_accuracy: float | None = None
    test_accuracy: float | None = None
    gradient_ratio: float | None = None
    reached: int = NEVER
    steps: int = 0
    diverged_at: int = NEVER
    problem: str = ""
    seconds: float = field(default=0.0, compare=False)


def measured(experiment: Experiment, data: Dataset | OwnData | None = None, tolerance: float = TOLERANCE) -> Row:
    """Train one experiment and keep its row; of what cannot run the row says why.

    Only the first and the last state are kept while it runs. `data` takes the place of the experiment's own: one data
    set for all, or rows of which each experiment takes its own sample and its own split.
    """
    began = process_time()
    try:
        recording = train(experiment, data=data(experiment) if isinstance(data, OwnData) else data, frames=2)
    except (TooMuchWork, ValueError) as problem:
        return Row(experiment, problem=str(problem), seconds=process_time() - began)
    return row_of(recording, experiment, tolerance, process_time() - began)


def row_of(recording: Recording, experiment: Experiment, tolerance: float = TOLERANCE, seconds: float = 0.0) -> Row:
    """The row of a recording."""
    return Row(
        experiment,
        _last(recording.train_loss),
        _last(recording.test_loss),
        _last(recording.train_accuracy),
        _last(recording.test_accuracy),
        _number(relative_gradient(recording)[0, 0]),
        int(first(recording.loss <= tolerance)),
        recording.steps,
        diverged_at(recording),
        seconds=seconds,
    )


def table(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """A column for each setting in which the rows differ, as in a link, and for each number of a row."""
    texts = [row.experiment.to_params() for row in rows]
    differing = [key for key in KEYS if len({text[key] for text in texts}) > 1]
    columns = {key: _column(key, [getattr(row.experiment, key) for row in rows]) for key in differing}
    numbers = (*MEASURES, "steps", "diverged_at", "problem", "seconds")
    return columns | {name: [getattr(row, name) for row in rows] for name in numbers}


def _column(key: str, values: Sequence[Any]) -> list[Any]:
    """Numbers or words as they are, all else as in a link, as are both together: a column is of one kind in a file."""
    kinds = {str if isinstance(value, str) else float if isinstance(value, int | float) else None for value in values}
    return list(values) if len(kinds) == 1 and None not in kinds else [SETTINGS[key].format(value) for value in values]


def _last(values: np.ndarray | None) -> float | None:
    return None if values is None else _number(values[-1])


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
