"""What a race of optimizers on a function of two variables takes, and the sweep of learning rates before it.

Two numbers a run are nothing: what counts are NumPy's calls, in every step those of the function and those of each
optimizer. Runs with different rates share them.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.work.estimate import Estimate
from engine.work.operations import Operations

STEP_CALLS = 40  #: of a step beside function and optimizers
STATE_CALLS = 8  #: of an optimizer for each vector that it remembers
PAIR_CALLS = 8  #: of L-BFGS for each pair
NEWTON_CALLS = 40


def race_work(optimizers: Mapping[str, Any], steps: int, *, rates: int = 1, function_calls: int = 40) -> Estimate:
    """A race of `{name: optimizer}` over `steps` steps with `rates` learning rates each, side by side."""
    runs, calls, pairs = len(optimizers) * rates, STEP_CALLS + function_calls, 0
    for optimizer in optimizers.values():
        state = sum(isinstance(value, np.ndarray) for value in optimizer.init(np.zeros(2)))
        calls += 6 + STATE_CALLS * state + NEWTON_CALLS * getattr(optimizer, "needs_hessian", False)
        if hasattr(optimizer, "history_size"):
            pairs = min(int(np.max(optimizer.history_size)), steps)
            calls += PAIR_CALLS * pairs
    work = Operations(calls=calls, numbers=20 * runs * function_calls) * (steps + 1)
    words = (
        f"L-BFGS's history ({pairs} pairs) or the steps of the race ({steps})"
        if pairs > 50
        else (f"the steps of the race ({steps})")
    )
    return Estimate(work.seconds(), (8 + 4 * pairs / max(steps, 1)) * steps * runs * 8 * 2, words)
