"""Schedules: the learning rate as a function of the step.

Far from a minimum large steps are fast, close to it only small ones settle, so most schedules fall. All but
one are closed forms in the 0-based step k, known before the run starts: `learning_rates` gives the rate of
every step at once. The last, reduce on plateau, has to see the losses: `engine.schedules.plateau` is its state machine.

η0 is the rate asked for and T the number of steps; the meanings are PyTorch's. Any of them may follow a
linear warm-up (Goyal et al. 2017): over the first w steps the rate climbs evenly, from 1/(w+1) of it, to
the rate with which the schedule then starts at step w, as a run of T - w steps.

Loshchilov & Hutter 2017 (cosine, restarts), Smith 2017 (cyclic), Smith & Topin 2019 (one cycle).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.optimizers.hyperparameters import HyperParameter, Interval, option

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Schedule:
    """One schedule.

    Attributes:
        name: the key in `SCHEDULES`.
        title: the name for people.
        formula: η_k in LaTeX.
        rates: `rates(k, lr, **options)` -> the rate at steps k [steps], float64.
        options: what may be chosen about it, declared as an optimizer declares its hyper-parameters.
        automatic: `automatic(lr, steps)` -> the values that suit the run, of the options whose default is None.
        adaptive: whether it waits for losses (`schedules.plateau`); its `rates` are those before the first reduction,
            and take no options.
    """

    name: str
    title: str
    formula: str
    rates: Callable[..., np.ndarray]
    options: tuple[HyperParameter, ...] = ()
    automatic: Callable[[float, int], dict[str, float]] = lambda _lr, _steps: {}
    adaptive: bool = False

    def defaults(self, lr: float, steps: int) -> dict[str, float]:
        """The options that `learning_rates` takes for it, with their values for a run of so many steps."""
        return {} if self.adaptive else {o.name: o.default for o in self.options} | self.automatic(lr, steps)


def learning_rates(name: str, lr: float, steps: int, *, warmup: int = 0, **options: float | None) -> np.ndarray:
    """Return the learning rate of every step, float64 [steps].

    An option left out or None has a default that suits the number of steps (`SCHEDULES[name].defaults`).

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
    schedule, length = SCHEDULES[name], max(steps - warmup, 1)
    chosen = schedule.defaults(lr, length)
    for key, number in options.items():
        if number is not None:
            takes = ", ".join(chosen) or "none"
            require(key, number, key in chosen, f"left out for {name}, which has the options: {takes}")
            require(key, number, *_demand(schedule, key, number, lr))
            chosen[key] = number
    rates = schedule.rates(np.arange(length), lr, **chosen)
    climb = rates[0] * (np.arange(1, warmup + 1) / (warmup + 1))
    return np.concatenate([climb, rates])[:steps]


def _demand(schedule, key, v, lr):
    """Whether an option may be v, and what it must be: all that the formula can take, else what is declared."""
    declared = next(option.interval for option in schedule.options if option.name == key)
    formula = {
        "gamma": (0 < v <= 1, "in (0, 1]"),
        "period": (1 <= v < math.inf, "a finite number of at least 1"),
        "power": (0 < v < math.inf, "a finite number above 0"),
        "floor": (0 <= v <= lr, f"in [0, lr={lr!r}]"),
        "stretch": (v >= 1 and v == v // 1, "a whole number of at least 1"),
    }
    return formula.get(key, (v in declared, f"in {declared}"))


def require(name, value, valid, demand):
    """Raise ValueError, naming the argument, its value and what is demanded of it, unless it is valid."""
    if not valid:
        raise ValueError(f"{name}={value!r} must be {demand}")


def _constant(k, lr):
    return np.full(len(k), float(lr))


def _step(k, lr, gamma, period):
    return lr * gamma ** np.floor(k / period)


def _exponential(k, lr, gamma):
    return lr * gamma ** k.astype(np.float64)


def _polynomial(k, lr, period, power, floor):
    return floor + (lr - floor) * (1 - np.minimum(k, period) / period) ** power


def _anneal(start, end, part):
    """Half a cosine from `start` at part = 0 to `end` at part = 1."""
    return end + (start - end) * ((1 + np.cos(np.pi * part)) / 2)


def _cosine(k, lr, period, floor):
    return _anneal(lr, floor, np.minimum(k, period) / period)


def _restarts(k, lr, period, stretch, floor):
    starts, length = [0.0], float(period)
    while starts[-1] + length < len(k):
        starts.append(starts[-1] + length)
        length *= stretch
    cycle = np.searchsorted(starts, k, side="right") - 1
    return _anneal(lr, floor, (k - np.array(starts)[cycle]) / (period * float(stretch) ** cycle))


def _onecycle(k, lr):
    """PyTorch's defaults: peak at 0.3 T, from 1/25 of it and down to 1/25/10⁴ of it."""
    peak, end = 0.3 * len(k) - 1, len(k) - 1
    low = lr / 25
    rise, fall = _anneal(low, lr, k / peak), _anneal(lr, low / 1e4, (k - peak) / (end - peak))
    return np.where(k <= peak, rise, fall)


def _cyclic(k, lr, period, floor):
    return floor + (lr - floor) * (1 - np.abs(2 * (k / period % 1) - 1))


GAMMA = option(
    "gamma",
    float,
    None,
    Interval(1e-6, 0.99999),
    "Factor of each drop of the learning rate; empty for one that suits the run.",
    label="Drop factor γ",
    step=0.1,
    symbol=r"\gamma",
)
PERIOD = option(
    "period",
    int,
    None,
    Interval(1, 20_000),
    "Steps between drops, of a cycle, or to the end; empty for a length that suits the run.",
    label="Period",
    step=10,
    symbol="s",
)
POWER = option(
    "power",
    float,
    1.0,
    Interval(0.01, 100),
    "Exponent of the way down: 1 is a straight line.",
    label="Power p",
    step=0.5,
    symbol="p",
)
STRETCH = option(
    "stretch",
    int,
    1,
    Interval(1, 100),
    "Factor by which each cycle is longer than the one before.",
    label="Stretch",
    step=1,
    symbol="T_{i+1}/T_i",
)
FLOOR = option(
    "floor",
    float,
    None,
    Interval(0, 1),
    "Lowest rate as a share of the learning rate; empty for the schedule's own.",
    label="Lowest share",
    step=0.05,
    symbol=r"\eta_{min}/\eta_0",
)
PATIENCE = option(
    "patience",
    int,
    10,
    Interval(0, 20_000),
    "Epochs without a better training loss before the rate drops.",
    label="Epochs to wait",
    step=1,
    key="plateau",
)
THRESHOLD = option(
    "threshold",
    float,
    1e-4,
    Interval(0, 0.99),
    "Share by which a loss must be lower to count as better.",
    label="Least gain",
    step=1e-4,
)

_ALL = (
    Schedule("constant", "Constant", r"\eta_k = \eta_0", _constant),
    Schedule(
        "step",
        "Step",
        r"\eta_k = \eta_0\, \gamma^{\lfloor k/s \rfloor}",
        _step,
        (GAMMA, PERIOD),
        lambda _lr, t: {"gamma": 0.1, "period": math.ceil(t / 3)},
    ),
    Schedule(
        "exponential",
        "Exponential",
        r"\eta_k = \eta_0\, \gamma^k",
        _exponential,
        (GAMMA,),
        lambda _lr, t: {"gamma": 0.01 ** (1 / t)},
    ),
    Schedule(
        "polynomial",
        "Polynomial",
        r"\eta_k = \eta_{min} + (\eta_0 - \eta_{min}) (1 - k/T)^p",
        _polynomial,
        (PERIOD, POWER, FLOOR),
        lambda _lr, t: {"period": t, "floor": 0.0},
    ),
    Schedule(
        "cosine",
        "Cosine",
        r"\eta_k = \eta_{min} + \tfrac{1}{2} (\eta_0 - \eta_{min}) (1 + \cos(\pi k/T))",
        _cosine,
        (PERIOD, FLOOR),
        lambda _lr, t: {"period": t, "floor": 0.0},
    ),
    Schedule(
        "restarts",
        "Cosine, warm restarts",
        r"\eta_k = \eta_{min} + \tfrac{1}{2} (\eta_0 - \eta_{min}) (1 + \cos(\pi k_i/T_i))",
        _restarts,
        (PERIOD, STRETCH, FLOOR),
        lambda _lr, t: {"period": math.ceil(t / 4), "floor": 0.0},
    ),
    Schedule(
        "onecycle",
        "One cycle",
        r"\eta_k: \tfrac{\eta_0}{25} \nearrow \eta_0 \searrow \tfrac{\eta_0}{25 \cdot 10^4}",
        _onecycle,
    ),
    Schedule(
        "cyclic",
        "Triangular cycles",
        r"\eta_k = \eta_{min} + (\eta_0 - \eta_{min}) (1 - |2 (k/s \bmod 1) - 1|)",
        _cyclic,
        (PERIOD, FLOOR),
        lambda lr, t: {"period": 2 * math.ceil(t / 8), "floor": lr / 4},
    ),
    Schedule(
        "plateau",
        "Reduce on plateau",
        r"\eta \leftarrow \max(\eta/10, \eta_{min}) \text{ when } L \text{ has stopped falling}",
        _constant,
        (GAMMA._replace(name="factor"), FLOOR, PATIENCE, THRESHOLD),
        adaptive=True,
    ),
)
SCHEDULES: dict[str, Schedule] = {schedule.name: schedule for schedule in _ALL}


def schedule_factors(schedule: str, steps: int, warmup: int) -> np.ndarray | None:
    """What a schedule multiplies a learning rate by in every step, `[steps]`; None where it leaves it alone.

    Raises ValueError for a schedule that waits for losses, or one that does not exist.
    """
    if schedule == "plateau":
        raise ValueError("schedule='plateau' waits for the losses of a network; a function has no epochs")
    if schedule == "constant" and not warmup:
        return None
    return learning_rates(schedule, 1.0, max(steps, 1), warmup=warmup)
