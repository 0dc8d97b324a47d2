"""Gradient descent at its limit, tried: at the start of a run its largest stable rate is known, and then it is run.

The largest stable rate is that of a point: 2/λ there, with the sharpness λ (`landscape.stability`). Where a run ends
tells nothing on the run that another rate starts: Adam may end on flat ground, where 2/λ is 24, and gradient descent
with that rate is thrown off the start, where it is 2.6. The start is common to both, so the sharpness is taken there.
What follows is no longer that of a quadratic: the sharpness rises or falls until it meets the line of the new rate
(Cohen et al. 2021), or the run leaves. So it is run; where it ends higher than it began half of the
rate is tried, and then a quarter.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from engine.diagnostics.trials import LONGEST
from engine.experiment import SETTINGS, Experiment, recommended
from engine.landscape.stability import Stability, rate_at_limit
from engine.training import Recording, optimizer_of, train
from engine.work import Estimate, training_work

SHARES = (1.0, 0.5, 0.25)  #: of the limit, tried in this order


class AtLimit(NamedTuple):
    """A run at a share of its limit, from the same start."""

    changes: dict[str, Any]
    """For `Experiment.replace`: the rate, and gradient descent where the optimizer has no limit of its own."""
    share: float
    """Of the limit, one of SHARES."""
    loss: float
    """Training loss at its end."""


def at_limit(recording: Recording, found: Stability, progress: Callable | None = None) -> AtLimit | None:
    """The run at the largest share of the limit with which it descends; `progress` as in `train`.

    None where the limit is out of the range of rates, where nothing would change, where no share ends lower than it
    began, and where a trial would take too long.
    """
    own, left = recording.experiment, LONGEST
    for share, changes in _candidates(own, found):
        left -= _trial(recording).seconds
        if left < 0:
            return None
        run = train(own.replace(**changes), progress, data=recording.data, dtype=recording.params.dtype)
        if run.train_loss[-1] < run.train_loss[0]:
            return AtLimit(changes, share, float(run.train_loss[-1])) if own.replace(**changes) != own else None
    return None


def at_limit_work(recording: Recording) -> Estimate:
    """What `at_limit` takes at the most."""
    one = _trial(recording)
    return Estimate(min(len(SHARES) * one.seconds, LONGEST), one.bytes, one.reduce)


def _trial(recording: Recording) -> Estimate:
    data = recording.data
    return training_work([recording.experiment], recording.network, len(data.train), len(data.test))


def _candidates(own: Experiment, found: Stability) -> list[tuple[float, dict[str, Any]]]:
    """Shares of the limit at the start, with what each changes."""
    switch = {} if np.isfinite(found.limit).any() else {"optimizer": "sgd"} | recommended("sgd")
    optimizer = optimizer_of([own.replace(**switch)])
    limit = optimizer.stability_limit if found.batch_sharpness is None else optimizer.small_batch_limit
    rate, allowed = rate_at_limit(optimizer, float(found.settling[0][0]), limit), SETTINGS["lr"]
    rates = [(share, float(f"{share * rate:.4g}")) for share in SHARES]
    return [(share, switch | {"lr": lr}) for share, lr in rates if allowed.low <= lr <= allowed.high]
