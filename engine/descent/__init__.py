"""Descent on a function: one path, a race of optimizers from one start, and the sweep of their learning rates.

The function may be a test function of two variables, a formula, or a network's loss: all an optimizer sees is a point
and the gradient there. A path that leaves every bound is kept as far as it went, and says at which step.
"""

from engine.descent.descent import Descent, descend, race
from engine.descent.races import NEVER, RaceResult, with_minimum
from engine.descent.sweep import Sweep

__all__ = ["NEVER", "Descent", "RaceResult", "Sweep", "descend", "race", "with_minimum"]
