"""The objective of a run as a function of its parameters, with all else held: what a loss surface is a picture of."""

from dataclasses import dataclass

import numpy as np

from engine.network import Network
from engine.training import Recording, targets

SURFACE_WORK = 1.5e9  #: multiply-adds of a surface of 51 x 51, within a fraction of a second
FEWEST_SAMPLES = 64  #: on which a loss still means something


@dataclass(frozen=True, eq=False)
class Objective:
    """What descent makes small, on `x[d, N]` and `y[K, N]`: all `total` training samples, or fewer of them."""

    network: Network
    x: np.ndarray
    y: np.ndarray
    total: int

    def loss(self, params: np.ndarray) -> np.ndarray:
        """`[..., P] -> [...]`."""
        with np.errstate(all="ignore"):
            return self.network.loss(params, self.x, self.y)

    def gradient(self, params: np.ndarray) -> np.ndarray:
        """`[..., P] -> [..., P]`."""
        with np.errstate(all="ignore"):
            return self.network.loss_and_gradient(params, self.x, self.y)[1]


def objective_of(recording: Recording) -> Objective:
    """The objective of a run, on as many of its training samples as a surface of 51 x 51 has time for."""
    train, network = recording.data.train, recording.network
    most = max(FEWEST_SAMPLES, int(SURFACE_WORK / (51 * 51 * network.size)))
    if len(train) > most:
        train = train[np.linspace(0, len(train) - 1, most).round().astype(int)]
    y = targets(recording.experiment, recording.data)[:, train]
    return Objective(network, recording.data.x[:, train], y, len(recording.data.train))
