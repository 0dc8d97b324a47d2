"""Settings that belong to a choice: the hyper-parameters of an optimizer, the options of a loss and of a schedule.

Most settings of an experiment mean something in every run. These mean something beside one optimizer, one loss or one
schedule only, and start with values of its own: Adadelta's ε is not Adam's. Here is which belong to which, under which
name each is handed on, and what is made of them.
"""

import dataclasses
from typing import Any

from engine import losses
from engine.losses.base import Loss
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES

NEWTON_DAMPING = 0.01  #: without it the flat directions of a network's loss send Newton's method far away

#: For each optimizer its own settings, by torch's names, with their defaults; the learning rate is everybody's.
OPTIMIZER_SETTINGS: dict[str, dict[str, Any]] = {
    name: {field.name: field.default for field in dataclasses.fields(kind) if field.name != "lr"}
    for name, kind in OPTIMIZERS.items()
}
OPTIMIZER_SETTINGS["momentum"]["nesterov"] = False  # in a link, momentum may also be told to look ahead
OPTIMIZER_SETTINGS["newton"]["damping"] = NEWTON_DAMPING

#: For each loss that has options: the setting, and the loss's name for it.
LOSS_SETTINGS: dict[str, dict[str, str]] = {
    "huber": {"delta": "delta"},
    "softmax_cross_entropy": {"smoothing": "smoothing"},
    "focal": {"focal": "gamma"},
}

#: For each schedule: the setting, and the schedule's name for it.
SCHEDULE_SETTINGS: dict[str, dict[str, str]] = {
    name: {option.key: option.name for option in schedule.options} for name, schedule in SCHEDULES.items()
}

#: Every hyper-parameter, with its value beside an optimizer that does not know it: Adam's, or of the first that does.
HYPER: dict[str, Any] = {}
for _name in (*reversed(OPTIMIZERS), "adam"):
    HYPER |= OPTIMIZER_SETTINGS[_name]
OF_SCHEDULES = {key for settings in SCHEDULE_SETTINGS.values() for key in settings}
OF_LOSSES = {key for settings in LOSS_SETTINGS.values() for key in settings}
OPTIONAL = {*HYPER, *OF_SCHEDULES, *OF_LOSSES}


def hyper(optimizer: str) -> dict[str, Any]:
    """Every hyper-parameter as it is where nothing is said of it, beside an optimizer."""
    return HYPER | OPTIMIZER_SETTINGS[optimizer]


def belonging(experiment: Any) -> set[str]:
    """Those of OPTIONAL that mean something in a run: its optimizer's, its loss's and its schedule's."""
    of_loss, of_schedule = LOSS_SETTINGS.get(experiment.loss, ()), SCHEDULE_SETTINGS[experiment.schedule]
    own = {*OPTIMIZER_SETTINGS[experiment.optimizer], *of_loss, *of_schedule}
    return own - {"dampening"} if experiment.nesterov else own  # looking ahead knows no dampening


def loss_of(experiment: Any) -> Loss:
    """The loss with the experiment's options."""
    named = LOSS_SETTINGS.get(experiment.loss, {})
    return losses.with_options(experiment.loss, **{name: getattr(experiment, key) for key, name in named.items()})
