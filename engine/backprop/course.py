"""The course of a run with numbers typed over, from its start to its end: what a picture of its losses needs.

Up to the first number that was typed it is the run itself. Losses and accuracies are taken on all samples as they are
at that step, typed over or not; the test part and the classes are not typed over.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from engine.backprop.replay import Edit, Replay
from engine.datasets import Dataset
from engine.experiment import Experiment
from engine.metrics import accuracy
from engine.network import Network
from engine.training import Event, targets
from engine.training.recording import FRAMES, spread


class Course(NamedTuple):
    """T + 1 steps, F key frames; named as in a `Recording`."""

    frames: np.ndarray
    """[F] int: the key frames."""
    loss: np.ndarray
    """[T + 1]: the objective on the batch of each step."""
    train_loss: np.ndarray
    """[F]: loss on the whole training part, without penalties."""
    test_loss: np.ndarray | None
    """[F]: the same on the test part; None where nothing is held back."""
    train_accuracy: np.ndarray | None
    """[F]: share of the training part that is classified right; None for regression."""
    test_accuracy: np.ndarray | None
    """[F]: the same on the test part; None where nothing is held back, too."""
    event: Event | None
    """What ended it early."""

    @property
    def steps(self) -> int:
        """T, the last step."""
        return len(self.loss) - 1

    def spread(self, most: int) -> np.ndarray:
        """Indices of at most `most` key frames, evenly spaced."""
        return spread(self.frames, most)


def course_of(
    experiment: Experiment,
    data: Dataset,
    network: Network,
    edits: Sequence[Edit],
    progress: Callable[[float], None] | None = None,
) -> Course:
    """The course of the run of `experiment` on `data` with the numbers of `edits` typed over."""
    run, last = Replay(experiment, data, network, edits=edits), experiment.steps
    wanted = np.linspace(0, last, min(FRAMES, last + 1)).round().astype(int)
    frames, losses, measured = [], [run.moment.loss], []

    def look() -> None:
        if run.moment.step not in frames:
            frames.append(run.moment.step)
            measured.append(_measured(run, data))

    for step in range(last):
        if step in wanted:
            look()
        run.advance(step + 1)
        if run.event is not None:
            break
        losses.append(run.moment.loss)
        if progress is not None:
            progress((step + 1) / last)
    look()
    series = [None if row[0] is None else np.array(row) for row in zip(*measured, strict=True)]
    return Course(np.array(frames), np.array(losses), *series, run.event)


def _measured(run: Replay, data: Dataset) -> tuple[float | None, ...]:
    """Losses of the training and of the test part where a run stands, and both accuracies."""
    network, params, test = run.network, run.moment.params, data.test
    parts = [(run.x, run.y, data.train)]
    if len(test):
        parts.append((data.x[:, test], targets(run.experiment, data)[:, test], test))
    with np.errstate(all="ignore"):
        losses = [float(network.data_loss(params, x, y)) for x, y, _ in parts]
        if data.labels is None:
            shares = [None]
        else:
            answers = [network.loss_function.labels(network.forward(params, x)) for x, _, _ in parts]
            shares = [float(accuracy(data.labels[own], said)) for said, (*_, own) in zip(answers, parts, strict=True)]
    return (*losses, *[None] * (2 - len(losses)), *shares, *[None] * (2 - len(shares)))
