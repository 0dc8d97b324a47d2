"""Who moves: the optimizers of a run or a race, and what happens to the gradient before they see it.

A single run has one racer. In a race all runs with the same optimizer are one racer, with a hyper-parameter for each
run where they differ, `[R, 1]`: a sweep of learning rates is one update.
"""

from functools import partial
from inspect import unwrap
from itertools import groupby
from types import MethodType
from typing import Any

import numpy as np

from engine.curvature import KINK_EPSILON, hessian
from engine.experiment import Experiment
from engine.network import Batch, Network
from engine.optimizers import OPTIMIZERS
from engine.optimizers.hyperparameters import fixed_in_a_race
from engine.training.builders import _rates, optimizer_of, plateau_of


class Updater:
    """One optimizer that moves the runs `part` of the flat vectors (`...`: the only run).

    Args:
        experiments: the runs, alike but for hyper-parameters.
        part: where they lie on the run axis.
        params: the parameters `[..., P]` of all runs, as they are before the first step; moved where they are.
        gradient: where the gradient `[..., P]` of all runs is put before each step.
        epoch: steps in an epoch, for the schedule that waits for a plateau.
    """

    def __init__(self, experiments: list[Experiment], part: Any, params: np.ndarray, gradient: np.ndarray, epoch: int):
        self.part = part
        self._params, self._gradient = params[part], gradient[part]
        self._optimizer = optimizer_of(experiments)
        self._state = self._optimizer.init(self._params)
        self._update = MethodType(unwrap(type(self._optimizer).update), self._optimizer)  # the loop holds the errstate
        self._needs_hessian = getattr(self._optimizer, "needs_hessian", False)
        self._epoch = epoch
        self._losses: list[np.ndarray] = []
        self._plateaus = [plateau_of(experiment) for experiment in experiments]
        self._waiting = [plateau.init() if plateau else None for plateau in self._plateaus]
        self._climbs = [experiment.warmup for experiment in experiments]
        self.watches = any(self._plateaus)  #: whether its learning rates wait for losses
        self.rates = np.array([_rates(e) for e in experiments]).T  #: learning rates [T + 1, runs]
        alike = (self.rates == self.rates[:, :1]).all()
        self._single = part is ...
        shared = self._single or (alike and not self.watches)
        self._lr = self.rates[:, 0].tolist() if shared else list(self.rates[:, :, None])

    def __call__(self, t: int, samples: Batch, network: Network) -> None:
        """Step t, on these samples."""
        update, params = self._update, self._params
        if self._needs_hessian:
            x, y = samples.full[..., :-1, :], samples.targets
            update = partial(update, hessian=_hessian(network, params, x, y))
        _, self._state = update(params, self._gradient, self._state, lr=self._lr[t], out=params)

    @property
    def state(self) -> Any:
        """What the optimizer remembers: before the next step, with the names of its module."""
        return self._state

    def watch(self, t: int, loss: np.ndarray) -> None:
        """Show the loss of step t to the schedules that lower the rate when an epoch brings no better mean loss.

        As every schedule they start where the warm-up ends: epochs that begin before it are not theirs to judge.
        """
        self._losses.append(np.atleast_1d(loss[self.part]))
        if len(self._losses) == self._epoch:
            means = np.mean(self._losses, axis=0)
            self._losses = []
            for i, plateau in enumerate(self._plateaus):
                if plateau and t + 1 - self._epoch >= self._climbs[i]:
                    self._waiting[i], rate = plateau.update(self._waiting[i], float(means[i]))
                    if rate < self.rates[-1, i]:
                        self.rates[t + 1 :, i] = rate
                    if self._single:
                        self._lr[t + 1 :] = self.rates[t + 1 :, 0].tolist()


def updaters_of(
    experiments: tuple[Experiment, ...], runs: tuple[int, ...], params: np.ndarray, gradient: np.ndarray, epoch: int
) -> list[Updater]:
    """One racer for each optimizer; the experiments of a race are in order of their optimizers."""
    if not runs:
        return [Updater(list(experiments), ..., params, gradient, epoch)]
    found, begin = [], 0
    for _, group in groupby(experiments, key=_shared):
        members = list(group)
        found.append(Updater(members, slice(begin, begin + len(members)), params, gradient, epoch))
        begin += len(members)
    return found


def _shared(experiment: Experiment) -> tuple[Any, ...]:
    """What the runs of one racer have in common: the optimizer, and its hyper-parameters that take no array."""
    fixed = fixed_in_a_race(OPTIMIZERS[experiment.optimizer])
    return (experiment.optimizer, *(getattr(experiment, key) for key in fixed))


def _hessian(network: Network, params: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    def gradient(points: np.ndarray) -> np.ndarray:
        return network.loss_and_gradient(points, x, y)[1]

    return hessian(gradient, params, KINK_EPSILON)
