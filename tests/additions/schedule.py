"""A made-up schedule: the rate over 1 + k/h, as Robbins and Monro asked for."""

import math

from engine.optimizers.hyperparameters import option
from engine.schedules.base import Schedule

HALF = option(
    "half", int, None, (1, 1000), "Steps to half", 5, "h", "Steps after which the rate is half; empty for a tenth."
)


def _inverse(k, lr, half=None):
    return lr / (1 + k / (half or math.ceil(len(k) / 10)))


INVERSE = Schedule("inverse", "Inverse", r"\eta_k = \frac{\eta_0}{1 + k/h}", _inverse, (HALF,))
