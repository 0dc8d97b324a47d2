"""An experiment: the frozen description of a run, what each setting may be, and how a link tells it."""

from engine.experiment.experiment import (
    DEFAULTS,
    KEYS,
    LOGIT_LOSSES,
    REGRESSION_LOSSES,
    Experiment,
    default_loss,
    losses_for,
    setting,
    usual,
)

__all__ = [
    "DEFAULTS",
    "KEYS",
    "LOGIT_LOSSES",
    "REGRESSION_LOSSES",
    "Experiment",
    "default_loss",
    "losses_for",
    "setting",
    "usual",
]
