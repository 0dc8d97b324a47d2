"""Words for what ails a network: one vocabulary and one set of bounds, for runs and for networks before training.

A `Finding` is one word for one layer, or for the whole (`diagnostics.runs`), with the measure that says so. The
measures of a layer are those of `diagnostics.measures`, taken where they mean something: over the learning part of the
run (as the median, so that a moment counts for nothing), or at its start, where the initialisation alone speaks. Where
the loss did not even fall by half, or does not stay where the learning part ends, gradients and saturation are judged
over the whole run as well, and the worse counts. The first that holds is the layer's word:

    exploding      the run diverged in this layer, or its gradient grew 1,000-fold before a run diverged; or at the
                   start it is 1,000 times the last layer's, or 1,000 times the weights themselves
    identical      all units of the layer have the same weights at the end, to the last bit: they act as one
    dead           units that are zero on every sample at the end (any; half of them: alarm)
    vanishing      median relative gradient below 10⁻³ (alarm: 10⁻⁶)
    saturated      at the start above 20 % (alarm: 40 %), later a median above 50 % (alarm: 65 %); 1/n more of n units
    not learning   median update ratio of the learning part below 10⁻⁴ (alarm: 10⁻⁵), or the weights never changed;
                   or nothing can get to the layer, for another one is wholly dead or leaves nothing of a sample
    healthy        none of these

The bounds on saturation are above the usual 10 and 30 %, because a network that classifies well saturates in part.
One saturated unit is nothing unusual, but in a narrow layer it is a large share; so the bounds of a layer of n units
are higher by 1/n. In 45 runs on six data sets that learned, layers of 8 started with up to 10 % and reached medians of
up to 48 %, layers of 3 and 4 started with up to 32 % and reached 58 %, in one run 73 %. A learning rate that is far
too large makes it 70 to 100 %, whatever the width.
"""

from typing import Any, NamedTuple

import numpy as np

from engine.diagnostics.measures import (
    HEALTHY_RATIO,
    Activity,
    learning_part,
    meets_itself,
    movement,
    of_weights,
    relative_gradient,
    update_ratio,
    weight_parts,
)
from engine.training import Recording

#: The gravest first.
WORDS = ("diverging", "exploding", "identical", "dead", "vanishing", "saturated", "oscillating", "not learning")
WORDS += ("overfitting", "too slow", "too short", "healthy")
SEVERITIES = ("healthy", "warning", "alarm")
# Bounds for a warning and for an alarm.
VANISHING, EXPLODING = (1e-3, 1e-6), (30.0, 1e3)  #: of a gradient relative to the last layer's
HALF_DEAD = 0.5
START_SATURATED, RUN_SATURATED = (0.2, 0.4), (0.5, 0.65)  #: shares beside one unit's
STILL = 1e-5  #: update ratio of an alarm; the healthy band ends where the warning begins
STUCK = 0.5  #: of the first loss


class Remedy(NamedTuple):
    """A change of settings that was tried, and what came of it.

    Attributes:
        words: what it is, for a button.
        changes: `{key: value}` for `Experiment.replace`.
        loss: what `train` of the changed experiment ends with on the training part, or on the test part.
        instead: what the run itself ends with on it.
        part: "train" or "test".
    """

    words: str
    changes: dict[str, Any]
    loss: float
    instead: float
    part: str = "train"


class Finding(NamedTuple):
    """What is found in one layer, or in the network as a whole.

    Attributes:
        layer: from 1 at the input; 0 for the whole.
        word: one of `WORDS`.
        severity: one of `SEVERITIES`.
        measure: what says so, a phrase with its number.
        value: that number.
        early: whether it is so from the first step on, so that the initialisation is to blame.
        cause: "run", "batch" or "layer 2" where it only follows from what is found there, and has no remedy of its own.
        remedy: the best of what was tried, None where nothing helps or nothing was tried.
        tried: all that was tried.
    """

    layer: int
    word: str
    severity: str
    measure: str
    value: float
    early: bool = False
    cause: str = ""
    remedy: Remedy | None = None
    tried: tuple[Remedy, ...] = ()


def gradient_word(ratio: float) -> tuple[str, str]:
    """Word and severity of a layer whose gradient is `ratio` times the last layer's; not a number has exploded."""
    if ratio < VANISHING[0]:
        return "vanishing", "alarm" if ratio < VANISHING[1] else "warning"
    if ratio <= EXPLODING[0]:
        return "healthy", "healthy"
    return "exploding", "warning" if ratio <= EXPLODING[1] else "alarm"


def layer_findings(recording: Recording, activity: Activity) -> list[Finding]:
    """What is found in each layer, input to output; `activity` from `diagnostics.activity`."""
    seen = _Seen(recording, activity)
    tests = (_exploding, _cut_off, _identical, _dead, _vanishing, _saturated, _still)
    result = []
    for index, part in enumerate(weight_parts(recording.network)):
        found = next(filter(None, (test(seen, index) for test in tests)), None)
        result.append(Finding(recording.network.layout.layers[part], *(found or _healthy(seen, index))))
    return result


class _Seen:
    """The measures of a run, with what is typical of them."""

    def __init__(self, recording: Recording, activity: Activity):
        self.recording, self.activity = recording, activity
        self.gradient = of_weights(recording, recording.gradient_norm)
        self.weight = of_weights(recording, recording.weight_norm)
        self.relative = relative_gradient(recording)
        self.moved = movement(recording)
        losses, learning = recording.train_loss, learning_part(recording)
        stuck = not losses.min() < STUCK * losses[0]
        lost = not losses[-1] <= losses[learning - 1]  # what it had learned
        spans = (learning, len(losses)) if stuck or lost else (learning,)  # in key frames
        ends = [recording.frames[span - 1] + 1 for span in spans]
        self.typical_ratio = _median(of_weights(recording, update_ratio(recording))[: ends[0]])
        self.typical_relative = np.fmin.reduce([_median(self.relative[:end]) for end in ends])
        seen = [np.append(True, activity.frames[1:] < span) for span in spans]
        self.typical_saturation = np.fmax.reduce([_median(activity.saturated[which]) for which in seen])


def _exploding(seen: _Seen, index: int):
    event = seen.recording.event
    if event is not None and event.kind == "diverged":
        if event.layer == index + 1:
            return "exploding", "alarm", f"{event.what} left the range of the numbers at step {event.step:,}", np.inf
        start, most = seen.gradient[0, index], seen.gradient[:, index].max()
        if most > EXPLODING[1] * start > 0:
            step = int(np.argmax(seen.gradient[:, index] > EXPLODING[1] * start))
            measure = f"its gradient passed 1,000 times its first size at step {step:,}, then the run diverged"
            return "exploding", "alarm", measure, most / start
    first, weights = seen.gradient[0, index], seen.weight[0, index]
    if seen.relative[0, index] > EXPLODING[1]:
        measure = f"at the start its gradient is {seen.relative[0, index]:.2g} times the last layer's"
        return "exploding", "alarm", measure, seen.relative[0, index], True
    if weights > 0 and first > EXPLODING[1] * max(weights, 1.0):
        measure = f"at the start its gradient is {first / weights:.2g} times its weights"
        return "exploding", "alarm", measure, first / weights, True
    return None


def _cut_off(seen: _Seen, index: int):
    """Whether another layer lets nothing through: one that is wholly dead, or the normalisation of single samples."""
    dead, last = seen.activity.dead[-1] == 1, len(seen.moved) - 1
    if meets_itself(seen.recording) and index < last:
        measure = "batch normalisation of a single sample leaves nothing of it: no gradient gets here, at any rate"
        return "not learning", "alarm", measure, 0.0, True, "batch"
    if not dead.any() or dead[index] or seen.recording.experiment.residual != "none":
        return None
    nearest = int(min(np.flatnonzero(dead), key=lambda other: abs(other - index))) + 1
    measure = f"layer {nearest} is dead: nothing gets past it, at any learning rate"
    return "not learning", "alarm", measure, 0.0, bool(seen.activity.dead[0, nearest - 1] == 1), f"layer {nearest}"


def _identical(seen: _Seen, index: int):
    layout, params = seen.recording.network.layout, seen.recording.params[-1]
    weights = layout.view(params, weight_parts(seen.recording.network)[index])
    units = len(weights)
    if units == 1 or seen.moved[index] == 0 or (weights != weights[:1]).any():
        return None
    return "identical", "alarm", f"all {units} units have the same weights, to the last bit", float(units), True


def _dead(seen: _Seen, index: int):
    share = seen.activity.dead[-1, index]
    if not share > 0:
        return None
    units = seen.activity.signals[index].shape[-2]
    count = round(share * units)
    measure = f"{count} of {units} units {'is' if count == 1 else 'are'} zero on every sample at the end"
    early = seen.activity.dead[0, index] >= share
    return "dead", "alarm" if share > HALF_DEAD else "warning", measure, share, bool(early)


def _vanishing(seen: _Seen, index: int):
    typical = seen.typical_relative[index]
    if not typical < VANISHING[0]:
        return None
    size = "exactly zero while the last layer's is not" if typical == 0 else f"{typical:.2g} of the last layer's"
    early = bool(seen.relative[0, index] < VANISHING[0])
    return *gradient_word(typical), f"its gradient is {size} (median)", typical, early


def _saturated(seen: _Seen, index: int):
    start, typical = seen.activity.saturated[0, index], seen.typical_saturation[index]
    unit = 1 / seen.activity.signals[index].shape[-2]
    if start > START_SATURATED[0] + unit:
        severity = "alarm" if start > START_SATURATED[1] + unit else "warning"
        return "saturated", severity, f"{start:.0%} of its activations are saturated at the start", start, True
    if typical > RUN_SATURATED[0] + unit:
        severity = "alarm" if typical > RUN_SATURATED[1] + unit else "warning"
        measure = f"{typical:.0%} of its activations are saturated while it should learn (median)"
        return "saturated", severity, measure, typical
    return None


def _still(seen: _Seen, index: int):
    if seen.moved[index] == 0:
        return "not learning", "alarm", "its weights never changed", 0.0, True
    typical = seen.typical_ratio[index]
    if not typical < HEALTHY_RATIO[0]:
        return None
    severity = "alarm" if typical < STILL else "warning"
    return "not learning", severity, f"a step changes its weights by {typical:.2g} of their size (median)", typical


def _healthy(seen: _Seen, index: int):
    told = []
    if np.isfinite(seen.typical_relative[index]):
        told.append(f"its gradient is {seen.typical_relative[index]:.2g} of the last layer's")
    if np.isfinite(seen.typical_ratio[index]):
        told.append(f"a step changes its weights by {seen.typical_ratio[index]:.2g} of their size")
    return "healthy", "healthy", ", ".join(told) + " (medians)", seen.typical_relative[index]


def _median(values: np.ndarray) -> np.ndarray:
    """The median of each column without its gaps; NaN where there is nothing else."""
    columns = [column[~np.isnan(column)] for column in values.T]
    return np.array([np.median(column) if len(column) else np.nan for column in columns])
