"""The course of a run: its losses, and the levels they are held against.

There are two levels: that of the start, and that of the best *constant* answer, which needs no network. For C classes
of equal size that is ln C, chance. The lower of the two is the `reference` by which everything is measured; where all
samples have the same target, as a single one has, a constant answers them to the last digit, and the start alone is.

The objective is that of every step where all steps share it, otherwise the loss on the whole training part at the key
frames, so that the chance of the batches counts for nothing. Its levels are medians over a tenth of the run.
"""

from functools import cached_property

import numpy as np

from engine.landscape.trajectories import LEFT
from engine.training import Recording, targets
from engine.training.batches import epoch_of

FEWEST_STEPS = 20  #: in which something might have been learned
DIVERGED, GREW = 2.0, 3.0  #: of the reference, and of the loss in the first half
SLOW = 0.5  #: of the reference: a loss that is still high
LEAST = 1e-300  #: stands for a loss of exactly zero in a ratio


class Course:
    """The losses of a run, and the levels they are held against."""

    def __init__(self, recording: Recording):
        self.recording, self.experiment = recording, recording.experiment
        self.losses = _objective(recording)
        self.constant = constant_loss(recording)
        start = min(float(self.losses[0]), float(recording.train_loss[0]))
        self.reference = max(start if _alike(recording) else min(start, self.constant), LEAST)
        quarter = max(len(self.losses) // 4, 1)
        self.before = float(np.median(self.losses[: 2 * quarter + 1][-quarter - 1 :]))
        self.late = self.losses[-quarter - 1 :]
        self.level, self.loss = _level(self.losses), _level(recording.train_loss)
        self.long_enough = recording.steps >= FEWEST_STEPS

    @cached_property
    def diverged(self) -> bool:
        """Whether the run has left for good: overflowed, still grows, or was thrown far off and never came back."""
        event = self.recording.event
        if event is not None and event.kind == "diverged":
            return True
        if self.level > DIVERGED * self.reference and self.level > GREW * self.before:
            return True
        return self.level > LEFT * float(self.losses[0]) and self.level > DIVERGED * self.constant

    @property
    def learned(self) -> bool:
        """Whether the training loss is below half the reference, if only in the end."""
        return min(self.loss, float(self.recording.train_loss[-1])) < SLOW * self.reference

    @cached_property
    def climb(self) -> tuple[float, float]:
        """From where to where the loss rises most in the last quarter."""
        lowest = np.minimum.accumulate(self.late)
        at = int(np.argmax(self.late - lowest))
        return float(lowest[at]), float(self.late[at])


def constant_loss(recording: Recording) -> float:
    """The loss of the best constant answer on the training part: what the targets tell without any input.

    The best of mean, median and majority, or of the logarithms of the class frequencies: exact for squared and absolute
    errors, cross-entropies and the hinge, and never too low for the others.
    """
    loss = recording.network.loss_function
    y = targets(recording.experiment, recording.data)[:, recording.data.train].astype(np.float64)
    mean = y.mean(axis=1, keepdims=True)
    answers = [mean, np.median(y, axis=1, keepdims=True), np.where(mean > 0.5, 1.0, -1.0), np.zeros_like(mean)]
    with np.errstate(all="ignore"):
        log_odds = np.log(mean) - (np.log1p(-mean) if len(mean) == 1 else 0.0)
        answers.append(np.clip(log_odds, -700.0, 700.0))
        losses = [float(loss.value(np.broadcast_to(z, y.shape).copy(), y)) for z in answers]
    return min(value for value in losses if np.isfinite(value))


def _alike(recording: Recording) -> bool:
    """Whether all samples that are trained on have the same target."""
    y = targets(recording.experiment, recording.data)[:, recording.data.train]
    return bool((y == y[:, :1]).all())


def chance_said(course: Course) -> str:
    """What a constant answer would have, as people know it: ln C for C classes."""
    classes, loss = len(course.recording.data.class_names), course.experiment.loss
    if loss == "softmax_cross_entropy" or (loss == "binary_cross_entropy" and classes == 2):
        return f"chance among {classes} classes is ln {classes} = {np.log(classes):.4f}"
    return f"the best constant answer has {course.constant:.4g}"


def shares_objective(recording: Recording) -> bool:
    """Whether all steps have the same objective: all samples, and no units left out at random."""
    own = recording.experiment
    return epoch_of(own, len(recording.data.train)).count == 1 and not own.dropout


def _level(losses: np.ndarray) -> float:
    return float(np.median(losses[-max(len(losses) // 10, 1) :]))


def _objective(recording: Recording) -> np.ndarray:
    """The objective of every step where all steps share it; else the loss on the whole training part, float64."""
    if shares_objective(recording):
        return recording.loss.astype(np.float64)
    if len(recording.frames) >= min(recording.steps + 1, FEWEST_STEPS):
        return recording.train_loss.astype(np.float64)
    epoch = epoch_of(recording.experiment, len(recording.data.train)).count
    return np.array([part.mean() for part in np.array_split(recording.loss, max(len(recording.loss) // epoch, 1))])
