"""Descent on a function: one path, a race of optimizers from one start, and the sweep of their learning rates.

The function may be a test function of two variables, a formula, or a network's loss: all an optimizer sees is a point
and the gradient there. A path that leaves every bound is kept as far as it went, and says at which step.
"""

from engine.descent.descent import Descent, descend, descend_all
from engine.descent.minima import formula_surface, nearest_minimum, with_minimum
from engine.descent.races import NEVER, RaceResult, race_of_recordings, race_on_surface
from engine.descent.sweep import Sweep, spread_rates, sweep_of_recordings, sweep_on_surface

__all__ = [
    "NEVER",
    "Descent",
    "RaceResult",
    "Sweep",
    "descend",
    "descend_all",
    "formula_surface",
    "nearest_minimum",
    "race_of_recordings",
    "race_on_surface",
    "spread_rates",
    "sweep_of_recordings",
    "sweep_on_surface",
    "with_minimum",
]
