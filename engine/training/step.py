"""One step of training: gradient, penalty, transforms, update, running averages.

Whoever trains takes this step: a run, a race of several, a replay. The parameters and their gradient lie side by side
in one array, always the same: the network reads the one and writes the other, the optimizers move the parameters where
they are, and one copy in between keeps θ_t and its gradient.

A single run has one optimizer. In a race all runs with the same one share it, with a hyper-parameter for each run where
they differ, `[R, 1]`: a sweep of learning rates is one update.
"""

from itertools import groupby
from typing import Any

import numpy as np

from engine.cancellation import cancellation_point
from engine.curvature import hessian
from engine.experiment import Experiment
from engine.network import Network, Workspace
from engine.optimizers import OPTIMIZERS
from engine.optimizers.hyperparameters import fixed_in_a_race
from engine.training.batches import Batch, epoch_of
from engine.training.builders import optimizer_of, plateau_of, rates_of, transform_of


class Stepper:
    """What makes the steps of `experiments`: a single run, or several grouped by optimizer.

    `state` holds the parameters `params` and their gradient, each `[..., P]`; `applied` is the gradient that the
    optimizers get: the same array, or another one where there are transforms (`transforms`), clipping and noise.

    Args:
        experiments: alike but for optimizers and their hyper-parameters.
        network: the network of all.
        start: parameters before the first step, `[P]` for a single run or `[R, P]` for R of them.
        n: samples in the training set.
        dtype: float64 or float32.
    """

    def __init__(
        self, experiments: tuple[Experiment, ...], network: Network, start: np.ndarray, n: int, dtype: np.dtype
    ):
        first = experiments[0]
        self._network, self._transform = network, transform_of(first, network.frozen)
        self.transforms = self._transform is not None
        self.state = np.empty((2, *start.shape), dtype)
        self.params, self._gradient = self.state
        self.params[...] = start
        self.applied = np.empty_like(self.params) if self.transforms else self._gradient
        epoch = epoch_of(first, n)
        self.updaters = updaters_of(experiments, self.params, self.applied, epoch.count)
        self._dropout = np.random.default_rng([first.seed, 4]) if first.dropout else None
        whole = start.ndim == 1 or first.dropout  # which draws one mask for all runs
        self._parts = [...] if whole else network.pieces(len(start), epoch.size, dtype.itemsize, gradients=True)
        self._stale = np.zeros_like(self._gradient) if first.bug == "stale" else None
        self._carries = any(layer.carries for layer in network.layers)
        self._workspaces: dict[int, list[Workspace]] = {}

    def step(self, t: int, batch: Batch, row: np.ndarray) -> np.ndarray:
        """Step t = 0, 1, ...: gives the loss `[...]` at θ_t and copies the state into `row` before θ_t moves."""
        (x, y), params, gradient = batch, self.params, self._gradient
        workspaces = self._workspaces.get(x.shape[-1]) or self._lay_out(x.shape[-1])
        loss = workspaces[0].loss_and_gradient(x, y)
        if len(workspaces) > 1:
            loss = np.concatenate([loss, *(each.loss_and_gradient(x, y) for each in workspaces[1:])])
        loss = self._network.add_penalty(loss, params, gradient)
        if self._stale is not None:
            gradient += self._stale
            self._stale[...] = gradient
        row[...] = self.state
        if self.transforms:
            self.applied[...] = self._transform(gradient, t)
        for updater in self.updaters:
            cancellation_point()
            updater.step(t, batch, loss, self._network)
        if self._network.frozen is not None:  # whatever a decay or noise has made of them
            params[..., self._network.frozen] = row[0][..., self._network.frozen]
        if self._carries:
            for part, workspace in zip(self._parts, workspaces, strict=True):
                workspace.carry(row[0][part])
        return loss

    def _lay_out(self, n: int) -> list[Workspace]:
        """Where each part of the runs is computed on `n` samples; the last batch of an epoch has its own number."""
        made = [
            Workspace(self._network, self.params[part], n, self._gradient[part], rng=self._dropout)
            for part in self._parts
        ]
        return self._workspaces.setdefault(n, made)


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
        self.state = self._optimizer.init(self._params)
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
        optimizer, params = self._optimizer, self._params
        curvature = {"hessian": _hessian(network, params, batch)} if optimizer.needs_hessian else {}
        step, self.state = optimizer.step(params, self._gradient, self.state, self._lr[t], **curvature)
        params -= step
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
    """Of the objective on the batch `[..., P, P]`; what is frozen is a constant of it."""
    whole = hessian(lambda points: network.loss_and_gradient(points, *batch)[1], params)
    if network.frozen is not None:
        whole[..., network.frozen, :] = 0
        whole[..., network.frozen] = 0
    return whole
