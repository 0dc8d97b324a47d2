"""An experiment: the frozen description of a run, what each setting may be, and how a link tells it."""

from engine.experiment.catalogue import (
    DEFAULTS,
    KEYS,
    REGRESSION_LOSSES,
    SETTINGS,
    USUAL,
    default_loss,
    losses_for,
    usual,
    usual_loss,
)
from engine.experiment.experiment import Experiment
from engine.experiment.ignored import holdout
from engine.experiment.of_data import OF_DATA
from engine.experiment.options import BUGS, NORMS, OPTIONS, RATES, RESIDUALS, belonging, recommended

__all__ = [
    "BUGS",
    "DEFAULTS",
    "KEYS",
    "NORMS",
    "OF_DATA",
    "OPTIONS",
    "RATES",
    "REGRESSION_LOSSES",
    "RESIDUALS",
    "SETTINGS",
    "USUAL",
    "Experiment",
    "belonging",
    "default_loss",
    "holdout",
    "losses_for",
    "recommended",
    "usual",
    "usual_loss",
]
