"""Who moves the parameters: the optimizers of a run or a race, each with the learning rates of its runs.

A single run has one updater. In a race all runs with the same optimizer share one, with a hyper-parameter for each run
where they differ, `[R, 1]`: a sweep of learning rates is one update.
"""

from functools import partial
from inspect import unwrap
from itertools import groupby
from typing import Any

import numpy as np

from engine.curvature import KINK_EPSILON, hessian
from engine.experiment import Experiment
from engine.network import Network
from engine.optimizers import OPTIMIZERS
from engine.optimizers.hyperparameters import fixed_in_a_race
from engine.training.batches import Batch
from engine.training.builders import optimizer_of, plateau_of, rates_of


class Updater:
    """One optimizer that moves the runs `part` of the flat vectors (`...`: the only run).

    `state` is what the optimizer remembers, with the names of its module; `rates` are the learning rates
    `[T + 1, runs]`, as far as the schedule has fixed them.

    Args:
        experiments: the runs, alike but for hyper-parameters.
        part: where they lie on the run axis.
        params: the parameters `[..., P]` of all runs, as they are before the first step; moved where they are.
        gradient: where the gradient `[..., P]` of all runs is put before each step.
        epoch: steps in an epoch, for the schedule that waits for a plateau.
    """

    def __init__(self, experiments: list[Experiment], part: Any, params: np.ndarray, gradient: np.ndarray, epoch: int):
        self._part, self._epoch = part, epoch
        self._params, self._gradient = params[part], gradient[part]
        self._optimizer = optimizer_of(experiments)
        self._needs_hessian = getattr(self._optimizer, "needs_hessian", False)
        self.state = self._optimizer.init(self._params)
        self._update = unwrap(type(self._optimizer).update)  # whoever trains holds the errstate
        self._plateaus = [plateau_of(experiment) for experiment in experiments]
        self._waiting = [plateau.init() if plateau else None for plateau in self._plateaus]
        self._climbs = [experiment.warmup for experiment in experiments]
        self._losses: list[np.ndarray] = []
        rates = np.array([rates_of(experiment) for experiment in experiments]).T
        self.rates = np.concatenate([rates, rates[-1:]])  # the last step has the rate of the one before
        self._waits = any(self._plateaus)
        self._alike = part is ... or ((rates == rates[:, :1]).all() and not self._waits)
        self._lr = self._read_rates()

    def step(self, t: int, batch: Batch, loss: np.ndarray, network: Network) -> None:
        """Step t down the loss `[...]` of all runs on this batch, along their gradient."""
        update, params = self._update, self._params
        if self._needs_hessian:
            update = partial(update, hessian=_hessian(network, params, batch))
        _, self.state = update(self._optimizer, params, self._gradient, self.state, lr=self._lr[t], out=params)
        if self._waits:
            self._wait(t, loss[self._part])

    def _wait(self, t: int, loss: np.ndarray) -> None:
        """Lower the rates from step t + 1 on where an epoch has brought no better mean loss.

        As every schedule it starts where the warm-up ends: epochs that begin before it are not its own to judge.
        """
        self._losses.append(np.atleast_1d(loss))
        if len(self._losses) < self._epoch:
            return
        means = np.mean(self._losses, axis=0)
        self._losses = []
        for i, plateau in enumerate(self._plateaus):
            if plateau and t + 1 - self._epoch >= self._climbs[i]:
                self._waiting[i], rate = plateau.update(self._waiting[i], float(means[i]))
                if rate < self.rates[-1, i]:
                    self.rates[t + 1 :, i] = rate
        self._lr = self._read_rates()

    def _read_rates(self) -> list[Any]:
        """The learning rate of each step: a number, or a column `[runs, 1]` where the runs differ."""
        return self.rates[:, 0].tolist() if self._alike else list(self.rates[:, :, None])


def updaters_of(
    experiments: tuple[Experiment, ...], params: np.ndarray, gradient: np.ndarray, epoch: int
) -> list[Updater]:
    """One updater for each optimizer; the experiments of a race are in order of their optimizers."""
    if params.ndim == 1:
        return [Updater(list(experiments), ..., params, gradient, epoch)]
    found, begin = [], 0
    for _, group in groupby(experiments, key=_shared):
        members = list(group)
        found.append(Updater(members, slice(begin, begin + len(members)), params, gradient, epoch))
        begin += len(members)
    return found


def _shared(experiment: Experiment) -> tuple[Any, ...]:
    """What the runs of one updater have in common: the optimizer, and its hyper-parameters that take no array."""
    fixed = fixed_in_a_race(OPTIMIZERS[experiment.optimizer])
    return (experiment.optimizer, *(getattr(experiment, key) for key in fixed))


def _hessian(network: Network, params: np.ndarray, batch: Batch) -> np.ndarray:
    return hessian(lambda points: network.loss_and_gradient(points, *batch)[1], params, KINK_EPSILON)
