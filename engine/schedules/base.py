"""What a schedule is: a closed form of the step, and the options that it declares."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.optimizers.hyperparameters import HyperParameter, option


@dataclass(frozen=True)
class Schedule:
    """One schedule.

    Attributes:
        name: the key in `SCHEDULES`.
        title: the name for people.
        formula: η_k in LaTeX.
        rates: `rates(k, lr, **options)` -> the rate at steps k [steps], float64; it finds what is left out.
        options: what may be chosen about it, declared as an optimizer declares its hyper-parameters.
        adaptive: whether it waits for losses (`schedules.plateau`); its `rates` are those before the first reduction,
            and take no options.
    """

    name: str
    title: str
    formula: str
    rates: Callable[..., np.ndarray]
    options: tuple[HyperParameter, ...] = ()
    adaptive: bool = False


# Options: name, kind, default (None: what suits the run), range, label, step, symbol, meaning.
_FACTOR = "Factor of each drop of the learning rate; empty for one that suits the run."
_SLOWER = "How fast the rate falls with the steps: after 1/ρ of them it is half; empty for a tenth at the end."
_LENGTH = "Steps between drops, of a cycle, or to the end; empty for a length that suits the run."
_LOWEST = "Lowest rate as a share of the learning rate; empty for the schedule's own."
GAMMA = option("gamma", float, None, (1e-6, 0.99999), "Drop factor γ", 0.1, r"\gamma", _FACTOR)
DECAY_RATE = option("decay_rate", float, None, (1e-9, 1000), "Decay rate ρ", 0.01, r"\rho", _SLOWER)
PERIOD = option("period", int, None, (1, 20_000), "Period", 10, "s", _LENGTH)
POWER = option("power", float, 1.0, (0.01, 100), "Power p", 0.5, "p", "Exponent of the way down: 1 is a straight line.")
STRETCH = option("stretch", int, 1, (1, 100), "Stretch", 1, "q", "Factor by which each cycle is longer than the last.")
FLOOR = option("floor", float, None, (0, 1), "Lowest share", 0.05, r"\eta_{min}/\eta_0", _LOWEST)


def require(name, value, valid, demand):
    """Raise ValueError, naming the argument, its value and what is demanded of it, unless it is valid."""
    if not valid:
        raise ValueError(f"{name}={value!r} must be {demand}")
