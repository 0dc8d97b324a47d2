"""Reduce on plateau: the one schedule that waits for losses.

How long descent takes to settle is not known before the run. So the rate stays as it is while the loss falls, and is
lowered when it has not fallen for a while, as when the iterates jump about a minimum that only smaller steps get into.
What is kept from loss to loss is a small state, handed in and out; the meanings are PyTorch's `ReduceLROnPlateau`'s.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from engine.optimizers.hyperparameters import option
from engine.schedules.base import FLOOR, GAMMA, Schedule, require
from engine.schedules.closed_form import constant

_WAIT = "Epochs without a better training loss before the rate drops."
_GAIN = "Share by which a loss must be lower to count as better."
PATIENCE = option("patience", int, 10, (0, 20_000), "Epochs to wait", 1, "n", _WAIT, key="plateau")
THRESHOLD = option("threshold", float, 1e-4, (0, 0.99), "Least gain", 1e-4, r"\theta", _GAIN)
_FORMULA = r"\eta \leftarrow \max(\eta/10, \eta_{min}) \text{ when } L \text{ has stopped falling}"
_OPTIONS = (GAMMA._replace(name="factor"), FLOOR, PATIENCE, THRESHOLD)
PLATEAU = Schedule("plateau", "Reduce on plateau", _FORMULA, constant, _OPTIONS, adaptive=True)


class PlateauState(NamedTuple):
    """What `Plateau` remembers: the lowest loss, the bad ones since it or since the last drop, the rate."""

    best: float
    bad: int
    lr: float


@dataclass(frozen=True)
class Plateau:
    """Reduce on plateau: lower the rate after more than `patience` losses in a row that are no better.

    Better means below best (1 - threshold). As in PyTorch a drop by 1e-8 or less is not made. Each update
    returns a new state. ValueError for a number out of range.

    Attributes:
        lr: rate before the first loss; above 0.
        factor: in (0, 1); a drop takes lr to factor lr.
        patience: bad losses that are let pass; at least 0.
        threshold: relative, in [0, 1).
        floor: rate below which no drop leads; in [0, lr].
    """

    lr: float
    factor: float = 0.1
    patience: int = PATIENCE.default
    threshold: float = THRESHOLD.default
    floor: float = 0.0

    def __post_init__(self):
        require("lr", self.lr, 0 < self.lr < math.inf, "a finite number above 0")
        require("factor", self.factor, 0 < self.factor < 1, "in (0, 1)")
        require("patience", self.patience, self.patience >= 0, "at least 0")
        require("threshold", self.threshold, 0 <= self.threshold < 1, "in [0, 1)")
        require("floor", self.floor, 0 <= self.floor <= self.lr, f"in [0, lr={self.lr!r}]")

    def init(self) -> PlateauState:
        """Return the state before the first loss."""
        return PlateauState(math.inf, 0, self.lr)

    def update(self, state: PlateauState, loss: float) -> tuple[PlateauState, float]:
        """Return the state after one more loss (nan is a bad one), and the rate for what follows, a float."""
        best, bad, lr = state
        if loss < best * (1 - self.threshold):
            best, bad = loss, 0
        else:
            bad += 1
        if bad > self.patience:
            lower = max(self.factor * lr, self.floor)
            bad, lr = 0, lower if lr - lower > 1e-8 else lr
        return PlateauState(best, bad, lr), lr
