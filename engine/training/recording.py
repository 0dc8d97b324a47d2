"""What a run leaves behind: numbers for every step, whole states for some.

Step t = 0..T has parameters θ_t, the loss L_t and its gradient g_t on the batch of step t, and the update
u_t = θ_{t+1} - θ_t; after step T nothing more is applied, u_T is the update that would come next. For every step the
recording holds the loss, the learning rate, the norms of each named part of g, u and θ, and how far g turned; for up to
120 *key frames* it holds g, u and θ themselves. All arrays are read-only. A run that diverges ends at its last finite
step, and says in `event` what happened one step later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from engine.datasets import Dataset
from engine.experiment import Experiment
from engine.metrics import accuracy
from engine.network import Network
from engine.network.parameters import FIXED_KINDS
from engine.training.builders import targets
from engine.work.inspection import OUTPUTS

#: What is measured in every step, of each part: four lengths, and how far the gradient turned.
SERIES = ("gradient_norm", "applied_norm", "update_norm", "weight_norm", "gradient_cosine")
FRAMES = 120  #: key frames at the most, unless asked for more


@dataclass(frozen=True)
class Event:
    """Something that ended a run early.

    `kind` is "diverged" (something stopped being finite at `step`) or "stopped" (no better test loss for `patience`
    steps); `layer` counts from 1 at the input, None where no layer can be named; `what` is the quantity.
    """

    kind: str
    step: int
    layer: int | None
    what: str
    sentence: str


@dataclass(frozen=True)
class Recording:
    """One run. Shapes: T + 1 steps, F key frames, P parameters, one column for each name in `parts`.

    `loss` is the objective on the batch of the step, penalties included; `gradient_norm` is taken before and
    `applied_norm` after clipping and gradient noise; `gradient_cosine` is the cosine of each part's gradient with its
    gradient one step before, NaN at step 0 and where either is zero. `close` are those of `frames` that are looked
    at closely, the nearest to the rest first: a picture with room for few key frames has as many of these as it can.
    """

    experiment: Experiment
    data: Dataset
    network: Network
    loss: np.ndarray
    lr: np.ndarray
    gradient_norm: np.ndarray
    applied_norm: np.ndarray
    update_norm: np.ndarray
    weight_norm: np.ndarray
    gradient_cosine: np.ndarray
    frames: np.ndarray
    params: np.ndarray
    gradients: np.ndarray
    updates: np.ndarray
    event: Event | None = None
    close: tuple[int, ...] = ()

    def __post_init__(self):
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    @property
    def steps(self) -> int:
        """T, the last step."""
        return len(self.loss) - 1

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts of the flat vector: W1, b1, W2, ..."""
        return self.network.layout.names

    @property
    def path(self) -> np.ndarray:
        """The way of what descends, `[F, P]`: `params`, but what is only carried (running averages) stays at its start.

        The objective takes batch norm by the batch, so that it is the same on both.
        """
        carried = self.network.layout.mask(*FIXED_KINDS)
        return np.where(carried, self.params[0], self.params) if carried.any() else self.params

    @cached_property
    def train_loss(self) -> np.ndarray:
        """Loss of the trained network on the whole training part at each key frame `[F]`, without penalties."""
        return self._data_loss(self.data.train)

    @cached_property
    def test_loss(self) -> np.ndarray | None:
        """The same on the test part; None where nothing is held back."""
        return self._data_loss(self.data.test) if len(self.data.test) else None

    @cached_property
    def train_accuracy(self) -> np.ndarray | None:
        """Share of the training part that is classified right at each key frame `[F]`; None for regression."""
        return self._accuracy(self.data.train)

    @cached_property
    def test_accuracy(self) -> np.ndarray | None:
        """The same on the test part; None where nothing is held back, too."""
        return self._accuracy(self.data.test) if len(self.data.test) else None

    def spread(self, most: int) -> np.ndarray:
        """Indices of at most `most` key frames, those looked at closely among them, see `spread`."""
        return spread(self.frames, most, self.close)

    def output(self, x: np.ndarray, frames: Any = slice(None)) -> np.ndarray:
        """The network's output `[F, K, N]` on `x[d, N]` at the key frames."""
        with np.errstate(all="ignore"):
            return self.network.forward(self.params[frames], x)

    def table(self) -> dict[str, np.ndarray]:
        """A column for each per-step series, of T + 1 numbers; whole-set losses are NaN between the key frames."""
        columns = {"step": np.arange(self.steps + 1), "lr": self.lr, "loss": self.loss}
        whole = {"train_loss": self.train_loss, "test_loss": self.test_loss}
        whole |= {"train_accuracy": self.train_accuracy, "test_accuracy": self.test_accuracy}
        for name, values in whole.items():
            if values is not None:
                columns[name] = np.full(self.steps + 1, np.nan)
                columns[name][self.frames] = values
        for kind in SERIES:
            named = zip(self.parts, getattr(self, kind).T, strict=True)
            columns |= {f"{kind} {part}": column for part, column in named}
        return columns

    def _data_loss(self, chosen: np.ndarray) -> np.ndarray:
        y = targets(self.experiment, self.data)[:, chosen]
        with np.errstate(all="ignore"):
            return _frozen(self.network.data_loss(self.params, self.data.x[:, chosen], y))

    def _accuracy(self, chosen: np.ndarray) -> np.ndarray | None:
        if self.data.labels is None:
            return None
        labels, x = self.data.labels[chosen], self.data.x[:, chosen]
        share = np.empty(len(self.params))
        pieces = max(1, len(share) * len(labels) * self.network.sizes[-1] // OUTPUTS)
        for frames in np.array_split(np.arange(len(share)), pieces):
            share[frames] = accuracy(labels, self.network.loss_function.labels(self.output(x, frames)))
        return _frozen(share)


def _frozen(values: Any) -> np.ndarray:
    array = np.asarray(values)
    array.flags.writeable = False
    return array


def spread(frames: np.ndarray, most: int, close: Sequence[int] = ()) -> np.ndarray:
    """Indices of at most `most` of the key frames `frames[F]`: both ends, those of `close`, others evenly spaced.

    Where there is no room for all of `close`, the nearest to the rest first, it is the first of them that are there.
    Both ends and the rest are, however little room there is.
    """
    count = len(frames)
    if most >= count:
        return np.arange(count)
    near = np.flatnonzero(np.isin(frames, close[: max(1, most - 2)]))
    evenly = np.linspace(0, count - 1, max(2, most - len(near))).round().astype(int)
    return np.union1d(evenly, near)
