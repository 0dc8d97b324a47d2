"""Settings that cannot act: each is valid, and the run is the same without it.

Whoever smooths the labels of a hinge loss, or gives plain descent a momentum, believes that the run has it. So what is
left aside is said: `idle` finds the settings that cannot act beside the others and tells why, and an experiment lists
those that it was given (`Experiment.ignored`). It does not refuse them: a race changes the optimizer of one experiment
and leaves the rest as it is. Where a setting means something its declaration says; what stands here depends on more.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from engine.datasets import DATASETS
from engine.datasets.catalogue import usable_features
from engine.datasets.dataset import Fold, held_back
from engine.experiment.listed import Start
from engine.experiment.options import BESIDE, OPTIONS
from engine.experiment.settings import Setting, titled
from engine.losses import LOSSES, outputs_for
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES, learning_rates

_TITLES = {"loss": titled(LOSSES), "optimizer": titled(OPTIMIZERS), "schedule": titled(SCHEDULES)}
MOST_NAMED = 3  #: weights that a sentence names


def holdout(values: Any) -> float | Fold:
    """What is held back to test on: the share `test`, or a fold of cross-validation, as `conflicts` would mend it."""
    if DATASETS[values.data].give:
        return 0.0
    folds = max(values.folds, 2)
    return Fold(min(values.fold, folds), folds) if values.folds else values.test


def called(data: str) -> str:
    """A data set within a sentence: by its name, between quotation marks."""
    return f"“{DATASETS[data].title}”"


def idle(values: Any, settings: Mapping[str, Setting]) -> dict[str, str]:
    """What becomes of settings that cannot act, as the rest of a sentence, by their keys.

    `values` has every setting as an attribute, in its normal form; `settings` declare where each means something.
    """
    where = {
        key: one.otherwise.format(data=called(values.data)) for key, one in settings.items() if not one.when(values)
    }
    beside = {key: reason for keys, holds, reason in _reasons(values) if holds for key in keys}
    reasons = {key: reason for key, reason in (where | beside).items() if reason}
    found = {key: f"is ignored: {reason}" for key, reason in reasons.items()}
    return _strange(values) | found | dict(_reduced(values))


def _strange(values: Any) -> dict[str, str]:
    """Options of another loss, optimizer or schedule than the one that is chosen."""
    found = {}
    for choice, options in OPTIONS.items():
        name = getattr(values, choice)
        if name in options:  # the loss of a table may be left to it
            fixed = vars(OPTIMIZERS[name]) if choice == "optimizer" else {}  # Nesterov's momentum looks ahead anyway
            strange = [key for key in BESIDE[choice] if key not in options[name]]
            reason = f"is ignored: it means nothing beside the {choice} {_TITLES[choice][name]}"
            found |= {key: reason for key in strange if fixed.get(key) != getattr(values, key)}
    return found


def _reasons(values: Any) -> tuple[tuple[Iterable[str], bool, str], ...]:
    """Settings, whether they do nothing, and why."""
    signs = values.optimizer == "rprop"
    starts_full = signs and learning_rates(values.schedule, 1.0, values.steps)[0] == 1
    still = values.optimizer == "momentum" and not values.momentum
    equals = any(one == other for one, other in pairwise(values.arch))
    acts = {*(values.act if values.arch else ()), values.out}
    wide = (*values.arch, *_ends(values)[1:])
    square = any(one == other or None in (one, other) for one, other in pairwise(wide))
    bugs = {
        "derivative": (acts == {"linear"}, "all activations are linear, and have the derivative 1"),
        "transposed": (not square, "no matrix of weights is square behind the first layer"),
        "sum": (values.summed or signs, "the size of the gradient means nothing, or the loss is a sum itself"),
    }
    later = [key for key in OPTIONS["schedule"][values.schedule] if key != "floor"]
    of_layers = ("act", "bias", "norm", "residual", "dropout")
    return (
        (("test",), values.folds > 0 and not DATASETS[values.data].give, "what is tested on are the folds"),
        (("scale",), values.init == "zeros", "zeros are zeros at any scale"),
        (("bug",), *bugs.get(values.bug, (False, ""))),
        (("residual",), not equals, "no two hidden layers in a row are equally wide"),
        (of_layers, not values.arch, "there is no hidden layer"),
        (("nesterov", "dampening"), still, "there is no momentum"),
        (later, signs, "Rprop takes the learning rate of the first step only"),
        (("schedule", "floor"), starts_full, "Rprop takes the learning rate of the first step only, the full one"),
        (("clip", "clip_by"), signs, "Rprop takes the signs of the gradient only"),
        (("patience",), values.patience >= values.steps, f"the run ends before, after {values.steps:,} steps"),
    )


def _reduced(values: Any) -> Iterator[tuple[str, str]]:
    """Settings of which only a part can act."""
    lost = [start.name for start in values.weights if not _has(values, start)]
    if lost:
        names = ", ".join(lost[:MOST_NAMED]) + (f" and {len(lost) - MOST_NAMED} more" if lost[MOST_NAMED:] else "")
        what = "is ignored" if len(lost) == len(values.weights) else f"is used but for {names}"
        yield "weights", f"{what}: there are no such weights, or not so many, in this network"
    spec = DATASETS[values.data]
    if spec.domain:
        used = usable_features(values.data, values.features)
        if used != values.features:
            yield "features", f"is read as {'-'.join(used)}: {called(values.data)} has one coordinate"
    elif values.data == "digits" and values.samples > spec.max_samples:
        yield "samples", f"is more than there are: all {spec.max_samples:,} are taken"
    if values.data != "csv":  # of a table they are counted when it is there
        points, rows = values.points, values.rows
        given = spec.give(points, rows)[0].shape[1] if spec.give else min(values.samples, spec.max_samples)
        trained = given - held_back(given, holdout(values))
        if values.batch > trained:
            yield "batch", f"is more than the {trained:,} samples to train on: each step takes all of them"


def _ends(values: Any) -> tuple[int | None, int | None]:
    """How many inputs and outputs the network has; None where only the data say."""
    spec = DATASETS[values.data]
    if values.data == "rows":
        return len(values.rows[0].x), len(values.rows[0].y)
    inputs = len(usable_features(values.data, values.features)) if spec.domain else spec.n_inputs
    known = values.loss in LOSSES and (spec.n_classes or spec.task == "regression")
    return inputs, outputs_for(values.loss, spec.n_classes) if known else None


def _has(values: Any, start: Start) -> bool:
    """Whether the network has the weights that are given, as far as it is known without its data."""
    inputs, outputs = _ends(values)
    sizes = (inputs, *values.arch, outputs)
    letter, number = start.part[0], int(start.part[1:])
    known = 0 < number < len(sizes) and start.part in (f"W{number}", f"b{number}" * (values.biases != "none"))
    return known and start.fits(sizes[number : number + 1] + (sizes[number - 1 : number] if letter == "W" else ()))
