"""Settings that belong to a choice: the hyper-parameters of an optimizer, the options of a loss and of a schedule.

Most settings of an experiment mean something in every run. These mean something beside one optimizer, one loss or one
schedule only, which declares them, and start with values of its own: Adadelta's ε is not Adam's.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from engine import losses
from engine.experiment.settings import AUTO, Real, Setting, Truth, Whole
from engine.losses.base import Loss
from engine.optimizers import OPTIMIZERS
from engine.optimizers.hyperparameters import HyperParameter, hyper_parameters
from engine.schedules import SCHEDULES


def _settings(declared: Iterable[HyperParameter]) -> dict[str, Setting]:
    """What an optimizer, a loss or a schedule declares, as settings by the keys of the link."""
    found: dict[str, Setting] = {}
    for one in declared:
        said, more = (one.on_network, one.label, one.meaning), {"key": one.key}
        if one.unless:
            more["when"] = lambda values, switch=one.unless: not getattr(values, switch)
        if one.kind is bool:
            found[one.key] = Truth(*said, **more)
        else:
            kind, words = Whole if one.kind is int else Real, AUTO if one.default is None else {}
            found[one.key] = kind(*said, one.interval.low, one.interval.high, step=one.step, words=words, **more)
    return found


#: The learning rate, which every optimizer has, with the value that each starts with when it is chosen.
RATES: dict[str, Setting] = {
    name: replace(_settings(hyper_parameters(kind))["lr"], default=kind.rate) for name, kind in OPTIMIZERS.items()
}
#: For each choice, what belongs to each that may be chosen: `OPTIONS["optimizer"]["adam"]["beta1"]`.
OPTIONS: dict[str, dict[str, dict[str, Setting]]] = {
    "loss": {name: _settings(loss.options) for name, loss in losses.LOSSES.items()},
    "optimizer": {
        name: _settings(one for one in hyper_parameters(kind) if one.key != "lr") for name, kind in OPTIMIZERS.items()
    },
    "schedule": {name: _settings(schedule.options) for name, schedule in SCHEDULES.items()},
}


#: Ways to normalise a hidden layer, and paths past it, with their names.
NORMS = {"none": "None", "batch": "Batch normalisation", "layer": "Layer normalisation"}
RESIDUALS = {"none": "None", "plain": "Plain", "scaled": "Scaled by depth", "gated": "Behind a gate"}
#: Mistakes of a backward pass that may be made on purpose, each a sentence; and their names.
BUGS = {
    "derivative": "the derivative of the activation is forgotten",
    "transposed": "square weight matrices are not transposed on the way back",
    "sum": "the gradients of the samples are added up, while the loss is their mean",
    "stale": "the gradient is not set to zero before a step, so that those of all steps add up",
    "averaged": "the gradients of a unit's weights and bias are averaged into one",
}
BUG_NAMES = {
    "none": "None: it is right",
    "derivative": "A derivative is forgotten",
    "transposed": "Weights are not transposed",
    "sum": "A sum in place of the mean",
    "stale": "Gradients add up",
    "averaged": "Weights and bias averaged",
}


def belonging(values: Any) -> dict[str, Setting]:
    """What means something beside the loss, the optimizer and the schedule of `values`, as these declare it."""
    chosen = [options.get(getattr(values, choice), {}) for choice, options in OPTIONS.items()]
    return {key: setting for settings in chosen for key, setting in settings.items() if setting.when(values)}


def _all(choice: str) -> dict[str, Setting]:
    """All that belongs to a choice, as Adam declares it, else the first that does."""
    found: dict[str, Setting] = {}
    for settings in OPTIONS[choice].values():
        found |= {key: one for key, one in settings.items() if key not in found}
    found |= OPTIONS[choice].get("adam", {})
    return {key: replace(one, when=lambda values, key=key: key in belonging(values)) for key, one in found.items()}


#: All that belongs to a choice; beside an optimizer that does not know it, it has this value.
BESIDE: dict[str, dict[str, Setting]] = {choice: _all(choice) for choice in OPTIONS}


def recommended(optimizer: str) -> dict[str, Any]:
    """What an optimizer starts with when it is chosen: its own values, and a rate that learns the classic sets."""
    own = OPTIONS["optimizer"][optimizer]
    return {"lr": RATES[optimizer].default} | {key: setting.default for key, setting in own.items()}


def hyper(optimizer: str) -> dict[str, Any]:
    """Every hyper-parameter as it is where nothing is said of it, beside an optimizer."""
    beside = BESIDE["optimizer"] | OPTIONS["optimizer"][optimizer]
    return {key: setting.default for key, setting in beside.items()}


def loss_of(experiment: Any) -> Loss:
    """The loss with the experiment's options."""
    options = losses.LOSSES[experiment.loss].options
    return losses.with_options(experiment.loss, **{one.name: getattr(experiment, one.key) for one in options})
