"""One step of training: gradient, penalty, transforms, update, running averages.

Whoever trains takes this step: a run, a race of several, a replay. The parameters and their gradient lie side by side
in one array, always the same: the network reads the one and writes the other, the optimizers move the parameters where
they are, and one copy in between keeps θ_t and its gradient.
"""

import numpy as np

from engine.experiment import Experiment
from engine.network import Network, Workspace
from engine.training.batches import Batch, epoch_of
from engine.training.builders import transform_of
from engine.training.updaters import updaters_of


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
        self._network, self._transform = network, transform_of(first)
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
        row[...] = self.state
        if self.transforms:
            self.applied[...] = self._transform(gradient, t)
        for updater in self.updaters:
            updater.step(t, batch, loss, self._network)
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
