"""What ails a run as a whole: does it descend, does it learn, and does what it learns hold beyond its samples.

The losses alone tell most of it. They are compared with two levels: that of the start, and that of the best *constant*
answer, which needs no network. For C classes of equal size that is ln C, chance. The lower of the two is the
`reference` by which everything is measured; where all samples have the same target, as a single one has, a constant
answers them to the last digit, and the start alone is. In order:

    diverging      a number overflowed; or at the end the objective is beyond twice the reference and grew threefold
                   since the first half of the run. Beside it stands what else says so: steps as large as the weights,
                   gradients that point against the one before, and η λ beyond what the optimizer can take
    oscillating    in the last quarter the objective still climbs by more than a tenth of the reference
    not learning   at the end the training loss is not below nine tenths of the reference (and a tenth of the constant)
    overfitting    the training loss is below half the reference, and at the end the test loss is above it by 0.3 of
                   the reference, and twice as high; or above its own lowest by 0.2, and 1.5 times as high
    too slow       the loss is above half the reference, and falls in the last quarter by a hundredth of it or more
    healthy        none of these

The objective is that of every step where all steps share it, otherwise the loss on the whole training part at the key
frames, so that the chance of the batches counts for nothing. Its levels are medians over a tenth of the run. A run of
fewer than 20 steps is too short for all but the first: nothing can be learned in it.
"""

from functools import cached_property

import numpy as np

from engine.curvature import sharpness
from engine.diagnostics.measures import meets_itself, of_weights, update_ratio
from engine.diagnostics.verdicts import Finding
from engine.landscape import objective_of
from engine.landscape.stability import PRODUCTS
from engine.training import Recording, optimizer_of, targets
from engine.training.batches import epoch_of

FEWEST_STEPS = 20  #: in which something might have been learned
DIVERGED, GREW = 2.0, 3.0  #: of the reference, and of the loss in the first half
CLIMB = 0.1  #: of the reference, by which the loss rises again in the last quarter
LEARNED, TINY = 0.9, 0.1  #: of the reference, above which nothing was learned; of the constant, below which all was
GAP, LOOSE = 0.3, 2.0  #: of the test loss above the training loss: of the reference, and as a factor
LOST, WORSE = 0.2, 1.5  #: of the test loss above its lowest: the same
SLOW, FALLING = 0.5, 0.01  #: of the reference: a loss that is still high, and still falls
LARGE_STEPS, AGAINST = 0.1, -0.9  #: an update ratio, and a cosine of successive gradients, that speak of long steps
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
        """Whether the run has left for good: overflowed, or grown far beyond where it began."""
        event = self.recording.event
        if event is not None and event.kind == "diverged":
            return True
        return self.level > DIVERGED * self.reference and self.level > GREW * self.before

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


def run_findings(recording: Recording) -> list[Finding]:
    """What is found in the run as a whole, the gravest first; a single "healthy" where that is nothing."""
    with np.errstate(all="ignore"):
        course = Course(recording)
        if course.diverged:
            return [_diverging(course)]
        found = []
        if course.long_enough:
            tests = (_oscillating, _not_learning, _overfitting)
            found = [finding for finding in (test(course) for test in tests) if finding] or _too_slow(course)
        return found or [Finding(0, "healthy", "healthy", _said(course), course.loss / course.reference)]


def in_context(recording: Recording, run: Finding, layers: list[Finding]) -> list[Finding]:
    """The findings of layers beside that of the whole run.

    Where the run fails no layer is called healthy, and in a run that diverges the steps are to blame for whatever a
    layer was not from the start. Where the run learned all the same, nothing in a layer is an alarm.
    """
    if run.severity != "alarm":
        learned = Course(recording).learned
        return [each._replace(severity="warning") if learned and each.severity == "alarm" else each for each in layers]
    sizes = of_weights(recording, recording.weight_norm)[[0, -1]].T
    return [_beside_failure(run, finding, *size) for finding, size in zip(layers, sizes, strict=True)]


def _beside_failure(run: Finding, finding: Finding, first: float, last: float) -> Finding:
    """What is found in a layer whose weights went from one size to another, in a run that fails."""
    if finding.word == "healthy":
        return finding._replace(word=run.word, severity="alarm", cause="run")
    if run.word != "diverging" or finding.early:
        return finding
    if finding.word == "exploding":
        return finding._replace(cause="run")
    said = f"the size of its weights went from {first:.3g} to {last:.3g}"
    return finding._replace(word=run.word, severity="alarm", measure=said, cause="run")


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


def _diverging(course: Course) -> Finding:
    recording, first, last = course.recording, course.losses[0], course.losses[-1]
    what = "objective, loss and penalties," if course.experiment.l1 or course.experiment.l2 else "loss"
    told = [f"the {what} grew from {first:.4g} to {last:.4g}"] if last > first else []
    event = recording.event
    if event is not None and event.kind == "diverged":
        told.insert(0, f"{event.what} left the range of the numbers at step {event.step:,}")
    elif not told:
        told = [f"the {what} grows, from {course.losses.min():.4g} to {last:.4g}"]
    return Finding(0, "diverging", "alarm", "; ".join([*told, *_long_steps(course)]), float(last / max(first, LEAST)))


def _oscillating(course: Course) -> Finding | None:
    low, high = course.climb
    if not high - low > CLIMB * course.reference:
        return None
    said = f"in the last quarter of the run the loss still climbs from {low:.4g} to {high:.4g}"
    severity = "alarm" if course.level > LEARNED * course.reference else "warning"
    return Finding(0, "oscillating", severity, "; ".join([said, *_long_steps(course)]), (high - low) / course.reference)


def _not_learning(course: Course) -> Finding | None:
    single = meets_itself(course.recording)
    if not single and (course.loss <= LEARNED * course.reference or course.loss < TINY * course.constant):
        return None
    said = f"over the last tenth of the run the loss is {course.loss:.4f} (median); {chance_said(course)}"
    if single:
        said += "; batch normalisation of a single sample gives 0 whatever enters, so that no gradient passes it"
    return Finding(0, "not learning", "alarm", said, course.loss / course.reference)


def _overfitting(course: Course) -> Finding | None:
    train, test = float(course.recording.train_loss[-1]), course.recording.test_loss
    if not len(course.recording.data.test) or not course.learned:
        return None
    lowest, end, reference = float(np.min(test)), float(test[-1]), course.reference
    apart = end - train > GAP * reference and end > LOOSE * train
    lost = end - lowest > LOST * reference and end > max(WORSE * lowest, train)
    if not (apart or lost):
        return None
    said = f"the training loss is {train:.4g}, the test loss {end:.4g}"
    if end > lowest:
        said += f"; at step {course.recording.frames[int(np.argmin(test))]:,} it was {lowest:.4g}"
    return Finding(0, "overfitting", "warning", said, end / max(train, LEAST))


def _too_slow(course: Course) -> list[Finding]:
    fell = float(course.late[0] - course.late[-1]) / course.reference
    if course.learned or not fell > FALLING:
        return []
    said = f"over the last tenth of the run the loss is {course.loss:.4g} (median) and still falls"
    told = f"{said}, by {fell * course.reference:.2g} in the last quarter; {chance_said(course)}"
    return [Finding(0, "too slow", "warning", told, course.loss / course.reference)]


def _said(course: Course) -> str:
    losses = course.recording.train_loss
    return f"the loss went from {losses[0]:.4g} to {losses[-1]:.4g}"


def _long_steps(course: Course) -> list[str]:
    """What else says that the steps are too long: their size, their turning, and the curvature they meet."""
    recording = course.recording
    late = slice(-max(recording.steps // 4, 1), None)
    ratio = np.nanmedian(np.nan_to_num(of_weights(recording, update_ratio(recording))[late]))
    cosine = np.nanmedian(np.append(of_weights(recording, recording.gradient_cosine)[late].ravel(), 0.0))
    told = [f"a step changes the weights by {ratio:.2g} of their size"] if ratio > LARGE_STEPS else []
    if cosine < AGAINST:
        told.append(f"each gradient points against the one before (cosine {cosine:.2f})")
    rate = recording.lr[0]
    limit = float(optimizer_of([recording.experiment]).stability_limit(rate))
    if np.isfinite(limit) and shares_objective(recording):
        value = float(sharpness(objective_of(recording).gradient, recording.params[0].astype(np.float64), PRODUCTS))
        if value > limit:
            told.append(f"η λ is {rate * value:.3g} at the start, and stable up to {rate * limit:.3g}")
    return told
