"""A sweep of learning rates: each optimizer at its best, so that a race is fair.

At one learning rate for all a race says more about the rate than about the methods. So every optimizer runs with each
of 32 rates, spaced evenly on a log scale, all of them side by side in one call, and keeps the best one:

    of the rates that reach the tolerance, the one that reaches it first; if none does, the one that ends lowest

among those whose path ends inside of the map. On a quadratic gradient descent diverges beyond 2/λmax, and its
curve of final losses breaks off there: theory and measurement in one picture.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from engine.descent.descent import descend_all
from engine.descent.races import NEVER, diverged_at, first
from engine.schedules import schedule_factors
from engine.surfaces import Surface, inside
from engine.training import Recording

RATES = 32
SPAN = (1e-6, 10.0)


class Sweep(NamedTuple):
    """R optimizers, each with S learning rates."""

    names: tuple[str, ...]
    rates: np.ndarray
    """[S], increasing."""
    final: np.ndarray
    """[R, S]: the last loss; nan where the run diverged."""
    reached: np.ndarray
    """[R, S] int: the first step within the tolerance, NEVER if there is none."""
    stayed: np.ndarray
    """[R, S] bool: whether the run ends finite and inside of the map."""

    @property
    def best(self) -> np.ndarray:
        """[R] int: the rate that is best, by the rule above; the smallest one where no run stays."""
        solved = self.stayed & (self.reached != NEVER)
        steps = np.where(solved, self.reached, np.iinfo(int).max)
        lowest = np.where(self.stayed, self.final, np.inf)
        # the first of those that solve it soonest is the lowest rate; of equal steps the lower end wins
        soonest = np.where(steps == steps.min(1, keepdims=True), lowest, np.inf)
        return np.where(solved.any(1), soonest.argmin(1), lowest.argmin(1))


def spread_rates(low: float = SPAN[0], high: float = SPAN[1], count: int = RATES) -> np.ndarray:
    """`count` learning rates from `low` to `high`, evenly spaced on a log scale."""
    return np.geomspace(low, high, count)


def sweep_on_surface(
    surface: Surface,
    start: Any,
    optimizers: Mapping[str, Any],
    steps: int,
    *,
    tolerance: float,
    rates: np.ndarray | None = None,
    schedule: str = "constant",
    warmup: int = 0,
    noise: float = 0.0,
) -> Sweep:
    """Every optimizer with every rate on a function of two variables, in one call of `descend_all`.

    `tolerance` is the loss above the surface's minimum that counts as reached; where no minimum is known none is.
    """
    rates = spread_rates() if rates is None else rates
    factors = schedule_factors(schedule, steps, warmup)
    swept = {name: dataclasses.replace(optimizer, lr=rates[:, None]) for name, optimizer in optimizers.items()}
    scheduled = None if factors is None else dict.fromkeys(swept, factors[:, None, None] * rates[:, None])
    run = descend_all(surface, start, swept, steps, noise=noise, learning_rates=scheduled)
    with np.errstate(all="ignore"):
        gap = run.loss - surface.minimum
    finite = run.diverged_at == NEVER
    return Sweep(
        names=tuple(optimizers),
        rates=rates,
        final=np.where(finite, run.loss[-1], np.nan),
        reached=first(gap <= tolerance) if np.isfinite(surface.minimum) else np.full(finite.shape, NEVER),
        stayed=finite & inside(run.params[-1], surface.domain),
    )


def sweep_of_recordings(names: tuple[str, ...], rates: np.ndarray, runs: list[Recording], tolerance: float) -> Sweep:
    """The sweep that recordings of a network make: R optimizers one after another, each with S rates."""
    shape = (len(names), len(rates))
    finite = np.array([diverged_at(run) == NEVER for run in runs]).reshape(shape)
    final = np.array([run.loss[-1] for run in runs], dtype=np.float64).reshape(shape)
    reached = np.array([first(run.loss <= tolerance) for run in runs]).reshape(shape)
    return Sweep(names, rates, np.where(finite, final, np.nan), reached, finite & np.isfinite(final))
