"""What to try: for each verdict the one change of settings that most often cures it.

The order is that of the textbook: first the initialisation and the activation, on which the size of signals and
gradients depends layer by layer (Glorot & Bengio 2010, He et al. 2015); then ways round the layers (He et al. 2016,
Ba et al. 2016); then the step (learning rate; clipping, Pascanu et al. 2013). A change is never what the experiment
has already, so that trying again after it offers the next one.
"""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from engine.activations import ACTIVATIONS
from engine.diagnostics.verdicts import Finding
from engine.experiment import SETTINGS, Experiment

EQUAL = ("zeros", "constant")  #: initialisations that give all units of a layer the same weights
CALMER = 0.1  #: factor on the learning rate
BOLDER = (10, 1e3)  #: least and largest factor on it
STEADY = 1e-3  #: the update ratio that a larger learning rate aims at


class Remedy(NamedTuple):
    """A change of settings, `{key: value}` for `Experiment.replace`, and what it is, in words for a button."""

    words: str
    changes: dict[str, Any]


def cure(experiment: Experiment, finding: Finding) -> Remedy | None:
    """What to try against a finding; None for a healthy layer, or where no setting is left to change."""
    if finding.word not in _TRIES:
        return None
    for words, changes in _TRIES[finding.word](experiment, finding):
        if any(getattr(experiment, key) != value for key, value in changes.items()):
            return Remedy(words, changes)
    return None


Tries = Iterator[tuple[str, dict[str, Any]]]


def _vanishing(experiment: Experiment, _finding: Finding) -> Tries:
    if "sigmoid" in experiment.act:
        rectified = _instead(experiment, "sigmoid", "leaky_relu")  # a plain ReLU dies in deep narrow networks
        yield "Leaky ReLU with He's initialisation", rectified | {"init": "he", "scale": 1.0}
    yield from _initialised(experiment)
    if experiment.residual == "none" and any(before == after for before, after in pairwise(experiment.arch)):
        yield "Residual paths", {"residual": "scaled"}
    yield "Layer normalisation", {"norm": "layer"}
    if len(experiment.arch) > 1:
        yield "Half as many layers", _shorter(experiment)


def _exploding(experiment: Experiment, finding: Finding) -> Tries:
    if finding.early:
        yield from _initialised(experiment)
        yield "Layer normalisation", {"norm": "layer"}
    yield from _slower(experiment)
    yield "Clip the gradient at 1", {"clip": 1.0}


def _saturated(experiment: Experiment, finding: Finding) -> Tries:
    if finding.early:
        yield from _initialised(experiment)
        yield "Layer normalisation", {"norm": "layer"}
    yield from _slower(experiment)


def _dead(experiment: Experiment, _finding: Finding) -> Tries:
    if experiment.bias < 0:
        yield "Biases from zero", {"bias": 0.0}
    if experiment.init in EQUAL:
        yield from _initialised(experiment)
    yield "Leaky ReLU", _instead(experiment, "relu", "leaky_relu")
    yield "Linear output", {"out": "linear"}


def _still(experiment: Experiment, finding: Finding) -> Tries:
    if experiment.init in EQUAL or experiment.scale == 0:
        yield from _initialised(experiment)
    least, most = BOLDER
    factor = min(max(STEADY / finding.value, least), most) if finding.value > 0 else least
    rate = min(_round(experiment.lr * factor), max(1.0, least * experiment.lr), SETTINGS["lr"].high)
    yield f"Learning rate {rate:g}", {"lr": rate}


def _initialised(experiment: Experiment) -> Tries:
    """The initialisation that is made for the activation, at its own scale; an orthogonal one is kept."""
    first = experiment.activations[0] if experiment.arch else experiment.out
    init = ACTIVATIONS[first].initializer
    if experiment.init.startswith((init, "orthogonal")):
        yield "Weight scale 1", {"scale": 1.0}
    else:
        name = {"he": "He", "lecun": "LeCun", "xavier": "Xavier"}[init]
        yield f"{name}'s initialisation", {"init": init, "scale": 1.0}


def _slower(experiment: Experiment) -> Tries:
    rate = max(_round(experiment.lr * CALMER), SETTINGS["lr"].low)
    yield f"Learning rate {rate:g}", {"lr": rate}


def _instead(experiment: Experiment, old: str, new: str) -> dict[str, Any]:
    return {"act": tuple(new if name == old else name for name in experiment.act)}


def _shorter(experiment: Experiment) -> dict[str, Any]:
    kept = len(experiment.arch) // 2
    return {"arch": experiment.arch[:kept], "act": experiment.act[: max(kept, 1)]}


def _round(value: float) -> float:
    """One significant digit."""
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{round(value / power) * power:.0e}")


_TRIES = {
    "vanishing": _vanishing,
    "exploding": _exploding,
    "saturated": _saturated,
    "dead": _dead,
    "not learning": _still,
}
