"""From the controls to the experiments of a study: one or two settings, their values, a grid and a random search."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.datasets import DATASETS
from engine.experiment import SETTINGS, Experiment, losses_for
from engine.experiment.settings import Choice, Real, Setting, Several, Whole
from engine.study import LogUniform, Range, grid, random, seeds, values_of
from engine.study.designs import bounded

GRID, RANDOM = "grid", "random"
DECADES, WHOLES = "0, 0.0001, 0.001, 0.01, 0.1", "0, 10, 30, 100, 300"
USUAL = {
    "arch": "4, 8, 16, 8-8, 16-16, 8-8-8",
    "batch": "1, 8, 32, 128, full",
    "clip": "0, 0.1, 0.3, 1, 3",
    "seed": "0..4",
    "shift": "0, 1, 2, 3",
    "nesterov": "0, 1",
    "centered": "0, 1",
}
APART = 30  #: from this ratio of the values on a line is logarithmic, as far as it can be
WIDE = 1000  #: from this ratio of its ends on a setting is spread over its logarithm


@dataclass(frozen=True)
class Axis:
    """A setting that is varied: its values in the grid, the range that they are of, None for a list."""

    setting: Setting
    values: tuple[Any, ...]
    span: Range | None

    @property
    def key(self) -> str:
        """Its name in the link."""
        return self.setting.key

    @property
    def numeric(self) -> bool:
        """Whether its values have places on a line; a list such as 0, 0.001, 0.1 has its places in the list."""
        if not isinstance(self.setting, Real) or self.log:
            return isinstance(self.setting, Real)
        return self.span is not None or not self._apart(tuple(value for value in self.values if value > 0))

    @property
    def log(self) -> bool:
        """Whether that line is logarithmic: it was asked for, or the values are too far apart for another one."""
        if not isinstance(self.setting, Real) or min(self.values) <= 0:
            return False
        return isinstance(self.span, LogUniform) or self._apart(self.values)

    @staticmethod
    def _apart(values: tuple[float, ...]) -> bool:
        return bool(values) and max(values) / min(values) > APART

    @property
    def texts(self) -> tuple[str, ...]:
        """Its values as people read them."""
        return tuple(self.setting.named(value) for value in self.values)

    def at(self, experiments: Sequence[Experiment]) -> np.ndarray:
        """Where experiments lie along the axis: their number, or the place of their value in the list."""
        found = [getattr(experiment, self.key) for experiment in experiments]
        return np.array([value if self.numeric else self.values.index(value) for value in found], dtype=float)


@dataclass(frozen=True)
class Plan:
    """The points of a study, one part after the other, each run with several seeds."""

    axes: tuple[Axis, ...]
    parts: dict[str, list[Experiment]]
    seeds: int

    @property
    def runs(self) -> list[Experiment]:
        """Every run: the parts one after the other, the seeds of a point in a row."""
        points = [point for part in self.parts.values() for point in part]
        bounded(len(points) * self.seeds)
        return points if self.seeds == 1 else [run for point in points for run in seeds(point, self.seeds)]


def axis_of(key: str, text: str, experiment: Experiment) -> Axis:
    """What is said of a setting, or what is usual for it; raises `ValueError` in a sentence."""
    setting = SETTINGS[key]
    values, span = values_of(setting, text or usual_values(setting, experiment))
    if isinstance(setting, Real) and None in values:
        raise ValueError(f"{key}: a value that is left to the engine has no place among numbers")
    return Axis(setting, values, span)


def planned(experiment: Experiment, axes: Sequence[Axis], how: str, draws: int, many: int) -> Plan:
    """The plan; where both designs are asked for, the search has as many runs as the grid.

    Raises `ValueError` in a sentence.
    """
    parts = {}
    if how != RANDOM:
        parts[GRID] = grid(experiment, {axis.key: axis.values for axis in axes})
    if how != GRID:
        n = len(parts[GRID]) if how == "both" else draws
        parts[RANDOM] = random(experiment, {axis.key: axis.span or axis.values for axis in axes}, n, experiment.seed)
    return Plan(tuple(axes), parts, many)


def usual_values(setting: Setting, experiment: Experiment) -> str:
    """Values to begin with, as one would write them: all there are, or some around the present one."""
    now = getattr(experiment, setting.key)
    if setting.key in USUAL:
        return USUAL[setting.key]
    if setting.key == "loss":
        return ", ".join(losses_for(DATASETS[experiment.data].task))
    if isinstance(setting, Choice | Several):
        return ", ".join(option for option in setting.options if option != "csv")
    if not isinstance(setting, Real):
        return setting.format(now)
    low, high = (-np.inf if setting.low is None else setting.low), (np.inf if setting.high is None else setting.high)
    if now and now > 0 and high / max(low, now / WIDE) >= WIDE:
        return f"{max(now / 10, low):g}..{min(now * 10, high):g} log"
    if low == 0 and high > 1:
        several = WHOLES if isinstance(setting, Whole) else DECADES
        return ", ".join(text for text in several.split(", ") if float(text) <= high)
    return f"{max(low, -1):g}..{min(0.9 * high if high <= 1 else high, 1 if low < 1 else low + 4):.2g}"
