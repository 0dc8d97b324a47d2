"""An experiment: the frozen description of a run, what each setting may be, and how a link tells it."""

from engine.experiment.experiment import (
    DEFAULTS,
    KEYS,
    LOGIT_LOSSES,
    REGRESSION_LOSSES,
    SETTINGS,
    USUAL,
    Experiment,
    default_loss,
    losses_for,
    usual,
    usual_loss,
)
from engine.experiment.options import OPTIONS, belonging, recommended

__all__ = [
    "DEFAULTS",
    "KEYS",
    "LOGIT_LOSSES",
    "OPTIONS",
    "REGRESSION_LOSSES",
    "SETTINGS",
    "USUAL",
    "Experiment",
    "belonging",
    "default_loss",
    "losses_for",
    "recommended",
    "usual",
    "usual_loss",
]
