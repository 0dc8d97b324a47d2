"""What might help: for each finding the changes of settings that are worth a trial.

The choice is that of the textbook: the initialisation and the activation, on which the size of signals and gradients
depends layer by layer (Glorot & Bengio 2010, He et al. 2015); ways round the layers (He et al. 2016, Ba et al. 2016);
the step (learning rate; clipping, Pascanu et al. 2013); and what keeps a network from learning its samples by heart.
Whether one of them does help is not left to the book: see `diagnostics.trials`.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from engine.activations import ACTIVATIONS
from engine.diagnostics.measures import meets_itself, of_weights, update_ratio
from engine.diagnostics.verdicts import SEVERITIES, Finding
from engine.experiment import SETTINGS, Experiment
from engine.experiment.options import recommended
from engine.training import Recording

EQUAL = ("zeros", "constant")  #: initialisations that give all units of a layer the same weights
PLAIN = ("sgd", "adagrad", "adadelta")  #: optimizers that are mostly slower than Adam
STEADY = (1e-3, 1e-2)  #: the update ratios that a larger learning rate aims at
LONGER = (100, 300)  #: steps for a run of which nothing is known yet

Candidates = Iterator[tuple[str, dict[str, Any]]]  #: words for a button, and changes for `Experiment.replace`


def groups(recording: Recording, finding: Finding, found: Sequence[Finding]) -> Iterator[Candidates]:
    """Candidates against a finding, in groups: a later one only where nothing of those before helps."""
    own, word = recording.experiment, finding.word
    if own.bug != "none":
        yield iter([("The right backward pass", {"bug": "none"})])
    if word == "diverging":
        yield _slower(own)
        yield _calmed(own)
    elif word == "oscillating":
        yield _steadied(recording)
    elif word == "overfitting":
        yield _held_back(recording)
    elif word == "too short":
        yield ((f"{steps} steps", {"steps": steps}) for steps in LONGER)
    elif finding.layer:
        yield _LAYERS[word](recording, finding)
    elif meets_itself(recording):
        yield _bypassed(own)
    else:  # a run that does not learn, or too slowly: what its gravest layer needs, then other steps
        sick = [each for each in found if each.layer and each.severity != "healthy" and not each.cause]
        if sick:
            gravest = max(sick, key=lambda each: SEVERITIES.index(each.severity))
            yield _LAYERS[gravest.word](recording, gravest)
        if not any(each.word == "dead" and each.value == 1 for each in sick):  # nothing gets past it at any rate
            yield _stepped(recording)


def changing(own: Experiment, candidates: Candidates) -> Candidates:
    """The candidates without what they leave as it is, and without those of which nothing is left."""
    seen: list[dict[str, Any]] = []
    for words, changes in candidates:
        changed = {key: value for key, value in changes.items() if getattr(own, key) != value}
        if changed and changed not in seen:
            seen.append(changed)
            yield words, changed


def _calmed(own: Experiment) -> Candidates:
    yield from _initialised(own)
    yield from _bypassed(own)
    yield "Clip the gradient at 1", {"clip": 1.0}


def _steadied(recording: Recording) -> Candidates:
    yield from _slower(recording.experiment)
    yield "Cosine schedule", {"schedule": "cosine"}
    if 0 < recording.experiment.batch < len(recording.data.train):
        yield "All samples in each step", {"batch": 0}


def _held_back(recording: Recording) -> Candidates:
    own = recording.experiment
    yield "L2 0.01", {"l2": 0.01}
    yield "L2 0.001", {"l2": 0.001}
    if own.arch:
        yield "Dropout 0.2", {"dropout": 0.2}
    if not own.patience:
        steps = max(own.steps // 10, 1)
        yield f"Early stopping after {steps} steps", {"patience": steps}
    if own.data not in ("csv", "digits") and 3 * own.samples <= SETTINGS["samples"].high:
        yield f"{3 * own.samples:,} samples", {"samples": 3 * own.samples}


def _stepped(recording: Recording) -> Candidates:
    """Layers where there are none, and another optimizer or rate."""
    own = recording.experiment
    if not own.arch:
        yield "Hidden layers 8-8", {"arch": (8, 8), "act": ("tanh",) if own.act == ("linear",) else own.act}
    large = own.lr > recommended(own.optimizer)["lr"]  # whose steps may be small: saturated units stand still
    if large:
        yield from _slower(own)
    yield from _faster(recording)
    if own.optimizer in PLAIN:
        yield "Adam", {"optimizer": "adam", "lr": 0.03}
    if not large and not _typical_step(recording) < STEADY[1]:
        yield from _slower(own)


def _vanishing(recording: Recording, finding: Finding) -> Candidates:
    own = recording.experiment
    if "sigmoid" in own.act:
        rectified = _instead(own, ("sigmoid",))  # a plain ReLU dies in deep narrow networks
        yield "Leaky ReLU with He's initialisation", rectified | {"init": "he", "scale": 1.0}
    yield from _initialised(own)
    yield from _bypassed(own)
    if len(own.arch) > 1:
        kept = len(own.arch) // 2
        yield "Half as many layers", {"arch": own.arch[:kept], "act": own.act[: max(kept, 1)]}
    if not finding.early:
        yield from _slower(own)


def _exploding(recording: Recording, finding: Finding) -> Candidates:
    yield from _saturated(recording, finding)
    yield "Clip the gradient at 1", {"clip": 1.0}


def _saturated(recording: Recording, finding: Finding) -> Candidates:
    own = recording.experiment
    if finding.early:
        yield from _initialised(own)
        yield from _bypassed(own)
    yield from _slower(own)


def _dead(recording: Recording, finding: Finding) -> Candidates:
    own = recording.experiment
    if own.bias < 0:
        yield "Biases from zero", {"bias": 0.0}
    yield "Leaky ReLU", _instead(own, [name for name in own.act if ACTIVATIONS[name].dies])
    if ACTIVATIONS[own.out].dies:
        yield "Linear output", {"out": "linear"}
    yield from _initialised(own)
    yield from _bypassed(own)
    if not finding.early:
        yield from _slower(own)


def _identical(recording: Recording, _finding: Finding) -> Candidates:
    yield from _initialised(recording.experiment)


def _still(recording: Recording, _finding: Finding) -> Candidates:
    if recording.experiment.init in EQUAL or recording.experiment.scale == 0:
        yield from _initialised(recording.experiment)
    else:
        yield from _faster(recording)


_LAYERS = {
    "exploding": _exploding,
    "identical": _identical,
    "dead": _dead,
    "vanishing": _vanishing,
    "saturated": _saturated,
    "not learning": _still,
}


def _initialised(own: Experiment) -> Candidates:
    """The initialisation that is made for the activation, at its own scale; an orthogonal one is kept."""
    init = ACTIVATIONS[own.activations[0] if own.arch else own.out].initializer
    if own.init.startswith((init, "orthogonal")):
        yield "Weight scale 1", {"scale": 1.0}
    else:
        name = {"he": "He", "lecun": "LeCun", "xavier": "Xavier"}[init]
        yield f"{name}'s initialisation", {"init": init, "scale": 1.0}


def _bypassed(own: Experiment) -> Candidates:
    """Ways round the layers, and back to a size that suits them, where there are layers for it."""
    if any(before == after for before, after in pairwise(own.arch)):
        yield "Residual paths", {"residual": "scaled"}
    if own.arch:
        yield "Layer normalisation", {"norm": "layer"}


def _slower(own: Experiment) -> Candidates:
    yield from _rates(own, (0.1, 0.01, 1 / 3))


def _faster(recording: Recording) -> Candidates:
    """Larger rates, up to 1 or ten times the present one; those first that make steps of a healthy size."""
    own, typical = recording.experiment, _typical_step(recording)
    aimed = [size / typical for size in STEADY if size > 3 * typical]
    most = max(1.0, 10 * own.lr) / own.lr
    yield from _rates(own, [min(factor, most) for factor in (*aimed, 10, 3, 100)])


def _typical_step(recording: Recording) -> float:
    """The median size of a step relative to the weights; infinite where nothing moves."""
    ratios = of_weights(recording, update_ratio(recording))
    moving = ratios[np.isfinite(ratios) & (ratios > 0)]
    return float(np.median(moving)) if len(moving) else np.inf


def _rates(own: Experiment, factors: Sequence[float]) -> Candidates:
    low, high = SETTINGS["lr"].low, SETTINGS["lr"].high
    for factor in factors:
        rate = min(max(_round(own.lr * factor), low), high)
        yield f"Learning rate {rate:g}", {"lr": rate}


def _instead(own: Experiment, old: Sequence[str]) -> dict[str, Any]:
    return {"act": tuple("leaky_relu" if name in old else name for name in own.act)}


def _round(value: float) -> float:
    """One significant digit."""
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{round(value / power) * power:.0e}")
