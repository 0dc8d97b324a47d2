"""What ails a run as a whole: does it descend, does it learn, and does what it learns hold beyond its samples.

The losses alone tell most of it, held against the levels of `diagnostics.course`. In order:

    diverging      a number overflowed; or at the end the objective is beyond twice the reference and grew threefold
                   since the first half of the run; or it stays beyond ten times the start, where nothing is left to
                   see of the run (`landscape.trajectories`). Beside it stands what else says so: steps as large as the
                   weights, gradients that point against the one before, and η λ beyond what the optimizer can take
    too short      fewer than 20 steps, and the training loss not below half the reference: nothing is known yet
    oscillating    in the last quarter the objective still climbs by more than a tenth of the reference
    not learning   at the end the training loss is not below nine tenths of the reference (and a tenth of the constant)
    overfitting    the training loss is below half the reference, and at the end the test loss is above it by 0.3 of
                   the reference, and twice as high; or above its own lowest by 0.2, and 1.5 times as high
    too slow       the loss is above half the reference, and falls in the last quarter by a hundredth of it or more
    healthy        none of these
"""

import numpy as np

from engine.curvature import sharpness
from engine.diagnostics.course import FEWEST_STEPS, LEAST, Course, chance_said, shares_objective
from engine.diagnostics.measures import meets_itself, of_weights, update_ratio
from engine.diagnostics.verdicts import Finding
from engine.landscape import objective_of
from engine.landscape.stability import PRODUCTS
from engine.training import Recording, optimizer_of

CLIMB = 0.1  #: of the reference, by which the loss rises again in the last quarter
LEARNED, TINY = 0.9, 0.1  #: of the reference, above which nothing was learned; of the constant, below which all was
GAP, LOOSE = 0.3, 2.0  #: of the test loss above the training loss: of the reference, and as a factor
LOST, WORSE = 0.2, 1.5  #: of the test loss above its lowest: the same
FALLING = 0.01  #: of the reference, by which a loss that is still high falls in the last quarter
LARGE_STEPS, AGAINST = 0.1, -0.9  #: an update ratio, and a cosine of successive gradients, that speak of long steps


def run_findings(recording: Recording) -> list[Finding]:
    """What is found in the run as a whole, the gravest first; a single "healthy" where that is nothing."""
    with np.errstate(all="ignore"):
        course = Course(recording)
        if course.diverged:
            return [_diverging(course)]
        if not course.long_enough:
            found = _too_short(course)
        else:
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


def _too_short(course: Course) -> list[Finding]:
    if course.learned:
        return []
    said = f"{_said(course)}; fewer than {FEWEST_STEPS} steps tell little"
    return [Finding(0, "too short", "warning", said, course.loss / course.reference)]


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
    said = f"over the last tenth of the run the loss is {course.loss:.5g} (median); {chance_said(course)}"
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
