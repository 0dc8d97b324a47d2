"""The objective of a run as a function of its parameters, with all else held: what a loss surface is a picture of.

A loss surface shows the objective on all training samples. A run with mini-batches descends another one at every
step, `batch_gradients`: the surface is their mean.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import numpy as np

from engine.network import Network
from engine.network.parameters import FIXED_KINDS
from engine.training import Recording, batches, targets
from engine.training.batches import epoch_of
from engine.training.builders import without

SURFACE_WORK = 1.5e9  #: multiply-adds of a surface of 51 x 51, within a fraction of a second
FEWEST_SAMPLES = 64  #: on which a loss still means something
BATCH_WORK = 2e6  #: multiply-adds of a gradient on all the mini-batches that are looked at
FEWEST_BATCHES = 8


@dataclass(frozen=True, eq=False)
class Objective:
    """What descent makes small, on `x[d, N]` and `y[K, N]`: all `total` training samples, or fewer of them.

    What is not trained is no variable of its slopes: it has the values `held` there, and the slope 0.
    """

    network: Network
    x: np.ndarray
    y: np.ndarray
    total: int
    held: np.ndarray | None = None

    @property
    def variables(self) -> np.ndarray:
        """The places `[V]` of the parameters that descend: no running averages, and no biases that are not trained."""
        fixed = self.network.layout.mask(*FIXED_KINDS)
        if self.network.frozen is not None:
            fixed[self.network.frozen] = True
        return np.flatnonzero(~fixed)

    def loss(self, params: np.ndarray) -> np.ndarray:
        """`[..., P] -> [...]`."""
        with np.errstate(all="ignore"):
            return self.network.loss(params, self.x, self.y)

    def gradient(self, params: np.ndarray) -> np.ndarray:
        """`[..., P] -> [..., P]`."""
        frozen = self.network.frozen
        if frozen is not None:
            params = params.copy()
            params[..., frozen] = self.held
        with np.errstate(all="ignore"):
            gradient = self.network.loss_and_gradient(params, self.x, self.y)[1]
        return gradient if frozen is None else without(gradient, frozen)


def objective_of(recording: Recording) -> Objective:
    """The objective of a run, on as many of its training samples as a surface of 51 x 51 has time for.

    Its gradient is the right one, whatever bug the run was trained with.
    """
    train, network = recording.data.train, recording.network.right()
    most = sample_count(network, len(train))
    if len(train) > most:
        train = train[np.linspace(0, len(train) - 1, most).round().astype(int)]
    y = targets(recording.experiment, recording.data)[:, train]
    return Objective(network, recording.data.x[:, train], y, len(recording.data.train), _held(recording))


def sample_count(network: Network, total: int) -> int:
    """On how many of `total` training samples the objective of a network is taken."""
    return min(total, max(FEWEST_SAMPLES, int(SURFACE_WORK / (51 * 51 * network.size))))


def batch_gradients(recording: Recording) -> list[Callable[[np.ndarray], np.ndarray]]:
    """The gradient `[..., P] -> [..., P]` on each mini-batch of the first epoch, or on as many as there is time for.

    Empty where every batch is the whole training part.
    """
    experiment, data, network = recording.experiment, recording.data, recording.network.right()
    total, count = len(data.train), batch_count(recording)
    if not count:
        return []
    x, y = data.x[:, data.train], targets(experiment, data)[:, data.train]
    epoch = islice(batches(experiment, x, y, np.dtype(np.float64), data.image), count)
    held = _held(recording)
    return [Objective(network, x, y, total, held).gradient for x, y in epoch]


def _held(recording: Recording) -> np.ndarray | None:
    """The values of what is not trained."""
    frozen = recording.network.frozen
    return None if frozen is None else recording.params[0, frozen]


def batch_count(recording: Recording) -> int:
    """How many mini-batches `batch_gradients` looks at."""
    count, size, _ = epoch_of(recording.experiment, len(recording.data.train))
    most = max(FEWEST_BATCHES, int(BATCH_WORK / (size * recording.network.size)))
    return min(most, count) if count > 1 else 0
