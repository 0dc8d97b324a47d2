"""Learning-rate schedules: the learning rate as a function of the step.

Far from a minimum large steps are fast, close to it only small ones settle, so most schedules fall. All but
one are closed forms, known before the run starts: `learning_rates` gives the rate of every step at once. The last,
reduce on plateau, has to see the losses: `engine.schedules.plateau` is its state machine.

Any of them may follow a linear warm-up (Goyal et al. 2017): over the first w steps the rate climbs evenly, from 1/(w+1)
of it, to the rate with which the schedule then starts at step w, as a run of T - w steps.
"""

import math

import numpy as np

from engine.schedules.base import Schedule, require
from engine.schedules.closed_form import CLOSED_FORMS
from engine.schedules.plateau import PLATEAU, Plateau

__all__ = ["SCHEDULES", "Plateau", "learning_rates", "schedule_factors"]

SCHEDULES: dict[str, Schedule] = {schedule.name: schedule for schedule in (*CLOSED_FORMS, PLATEAU)}


def learning_rates(name: str, lr: float, steps: int, *, warmup: int = 0, **options: float | None) -> np.ndarray:
    """Return the learning rate of every step, float64 [steps].

    An option left out or None has a value that suits the number of steps.

    Args:
        name: a key of `SCHEDULES`.
        lr: η0, the highest rate; above 0.
        steps: length of the run; at least 1.
        warmup: steps of linear warm-up before the schedule starts; at least 0.
        options: those of the schedule. `gamma` is a factor in (0, 1] for each period (step) or step (exponential);
            `period` steps, at least 1, between drops (step), to the end (polynomial, cosine), of the first cycle
            (restarts) or of each (cyclic); `power` an exponent above 0; `floor` the lowest rate, in [0, lr];
            `stretch` a factor on the length of each cycle, a whole number of at least 1.

    Raises:
        ValueError: an unknown name, an option that the schedule does not have, or a number out of range.
    """
    if name not in SCHEDULES:
        raise ValueError(f"name={name!r} must be one of {', '.join(SCHEDULES)}")
    require("lr", lr, 0 < lr < math.inf, "a finite number above 0")
    require("steps", steps, steps >= 1, "at least 1")
    require("warmup", warmup, warmup >= 0, "at least 0")
    schedule, given = SCHEDULES[name], {key: number for key, number in options.items() if number is not None}
    known = {} if schedule.adaptive else {option.name: option.interval for option in schedule.options}
    for key, number in given.items():
        takes = ", ".join(known) or "none"
        require(key, number, key in known, f"left out for {name}, which has the options: {takes}")
        require(key, number, *_demand(key, number, lr, known[key]))
    rates = schedule.rates(np.arange(max(steps - warmup, 1)), lr, **given)
    climb = rates[0] * (np.arange(1, warmup + 1) / (warmup + 1))
    return np.concatenate([climb, rates])[:steps]


def _demand(key, v, lr, declared):
    """Whether an option may be v, and what it must be: all that the formula can take, else what is declared."""
    formula = {
        "gamma": (0 < v <= 1, "in (0, 1]"),
        "period": (1 <= v < math.inf, "a finite number of at least 1"),
        "power": (0 < v < math.inf, "a finite number above 0"),
        "floor": (0 <= v <= lr, f"in [0, lr={lr!r}]"),
        "stretch": (v >= 1 and v == v // 1, "a whole number of at least 1"),
    }
    return formula.get(key, (v in declared, f"in {declared}"))


def schedule_factors(schedule: str, steps: int, warmup: int) -> np.ndarray | None:
    """What a schedule multiplies a learning rate by in every step, `[steps]`; None where it leaves it alone.

    Raises ValueError for a schedule that waits for losses, or one that does not exist.
    """
    if schedule in SCHEDULES and SCHEDULES[schedule].adaptive:
        raise ValueError(f"schedule={schedule!r} waits for the losses of a network; a function has no epochs")
    factors = learning_rates(schedule, 1.0, max(steps, 1), warmup=warmup)
    return None if (factors == 1).all() else factors
