"""The value a setting goes back to: the experiment's own default, or what suits the chosen optimizer or data.

Optimizers are made to work with hyper-parameters of their own. Changing the optimizer therefore brings its
own along: those of the engine, which are PyTorch's, and a learning rate, which for the small networks of this lab,
trained for a few hundred steps, wants to be larger than PyTorch's. Here is the table of rates.
"""

from typing import Any

from engine.experiment import KEYS, default_loss
from engine.experiment.options import OPTIMIZER_SETTINGS

#: Learning rates with which each optimizer learns the classic sets in a few hundred full-batch steps.
RATES = {
    "sgd": 0.5,
    "momentum": 0.2,
    "nesterov": 0.2,
    "adagrad": 0.3,
    "rmsprop": 0.02,
    "adadelta": 5.0,
    "adam": 0.03,
    "amsgrad": 0.03,
    "adamw": 0.03,
    "adamax": 0.2,
    "nadam": 0.05,
    "radam": 0.3,
    "rprop": 0.01,
    "lion": 0.02,
    "lbfgs": 0.5,
    "newton": 0.5,
}


def own(optimizer: str, nesterov: bool = False) -> tuple[str, ...]:
    """The settings that are an optimizer's own, beside the learning rate; looking ahead knows no dampening."""
    mine = OPTIMIZER_SETTINGS[optimizer]
    return tuple(key for key in KEYS if key in mine and not (nesterov and key == "dampening"))


def recommended(optimizer: str) -> dict[str, Any]:
    """The hyper-parameters that an optimizer starts with when it is chosen: `{key: value}`."""
    return {"lr": RATES[optimizer]} | OPTIMIZER_SETTINGS[optimizer]


def usual_loss(task: str, classes: int | None) -> str:
    """The usual loss for a task ("classification" or "regression") with so many classes."""
    stand_in = "line" if task == "regression" else "circle" if classes == 2 else "digits"
    return default_loss(stand_in)
