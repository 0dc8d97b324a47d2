"""Deep networks at their start: how far signals and gradients get, in measurement and in mean-field theory.

A `Deep` network is a stack of equal layers. `signals` measures what passes through it, `predictions` says what theory
expects (Schoenholz et al. 2017), `phase_diagram` where in the plane of variances it stands, `jacobians` how it
stretches space, and `remedies` holds what people do about it, with networks worth repairing.
"""

from engine.depth.deep_network import DRAWS, LIMITS, Deep
from engine.depth.jacobians import Recurrence, recurrence, singular_values
from engine.depth.predictions import Prediction, departure, growth, predict
from engine.depth.remedies import PRESETS, REPAIRS, TASKS
from engine.depth.signals import Probe, Signals, assess, measure, over_seeds

__all__ = [
    "DRAWS",
    "LIMITS",
    "PRESETS",
    "REPAIRS",
    "TASKS",
    "Deep",
    "Prediction",
    "Probe",
    "Recurrence",
    "Signals",
    "assess",
    "departure",
    "growth",
    "measure",
    "over_seeds",
    "predict",
    "recurrence",
    "singular_values",
]
