"""What a race of optimizers on a function of two variables takes, and the sweep of learning rates before it.

Two numbers a run are nothing: what counts are NumPy's calls, in every step those of the function and those of each
optimizer. Runs with different rates share them.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.surfaces import Surface
from engine.work.estimate import Estimate
from engine.work.operations import Operations, passes

STEP_CALLS = 40  #: of a step beside function and optimizers
STATE_CALLS = 8  #: of an optimizer for each vector that it remembers
PAIR_CALLS = 8  #: of L-BFGS for each pair
NEWTON_CALLS = 40
MANY_PAIRS = 50


def race_work(surface: Surface, optimizers: Mapping[str, Any], steps: int, *, rates: int = 1) -> Estimate:
    """A race of `{name: optimizer}` over `steps` steps with `rates` learning rates each, side by side."""
    runs, calls, pairs = len(optimizers) * rates, STEP_CALLS + _calls(surface), 0
    for optimizer in optimizers.values():
        state = sum(isinstance(value, np.ndarray) for value in optimizer.init(np.zeros(2)))
        calls += 6 + STATE_CALLS * state + NEWTON_CALLS * getattr(optimizer, "needs_hessian", False)
        if hasattr(optimizer, "history_size"):
            pairs = min(int(np.max(optimizer.history_size)), steps)
            calls += PAIR_CALLS * pairs
    work = Operations(calls=calls, numbers=20 * runs * _calls(surface)) * (steps + 1)
    words = f"the steps of the race ({steps})"
    if pairs > MANY_PAIRS:
        words = f"the history of L-BFGS ({pairs} pairs) or {words}"
    return Estimate(work.seconds(), 2 * 8 * runs * (8 * steps + 4 * pairs), words)


def map_work(surface: Surface, resolution: int) -> Estimate:
    """The function on a grid."""
    nodes = resolution**2
    work = Operations(calls=_calls(surface)) + passes(4 * _calls(surface), nodes)
    return Estimate(work.seconds(), 8 * nodes * _calls(surface), "the formula")


def _calls(surface: Surface) -> float:
    """Of NumPy, for the function and its gradient: more the longer it is."""
    return 20 + len(surface.formula) / 3
