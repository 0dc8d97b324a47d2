"""A run again, step by step, to stop at any of them: with what the optimizer remembers, and with a hand in it.

A recording keeps what a run looked like; it does not keep the moments of the optimizer, nor the samples of each step.
But a run is deterministic, so it can be had again: `Replay` repeats the loop of `steps` with the same calls in the
same order, and at each step holds everything that goes into it and comes out of it, as a `Moment`.

The hand: an `Edit` types a number over at a given step, a parameter or a sample's input or target. The run up to
there stays as it was, and from there on goes its own way.
"""

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.datasets import Dataset
from engine.experiment import Experiment
from engine.network import Network
from engine.training import batches, events, targets
from engine.training.step import Stepper

if TYPE_CHECKING:
    from engine.training import Event

_EDIT = re.compile(r"(\d{1,6})\.([A-Za-z]\w*)((?:\.\d{1,6}){1,2}):([-+.\de]+)")
LARGEST = 1e12  #: of a typed number


class Edit(NamedTuple):
    """At `step`, the number at `place` of `part` becomes `value`.

    `part` is a part of the flat vector ("W1", "b1") with a 0-based place in it, or "x" or "y" with the row and the
    sample, counted from 0 in the training part.
    """

    step: int
    part: str
    place: tuple[int, ...]
    value: float

    def __str__(self) -> str:
        return f"{self.step}.{self.part}.{'.'.join(map(str, self.place))}:{self.value!r}".removesuffix(".0")


def read_edits(text: str) -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    """The edits in a text such as `3.W1.0.1:0.5~3.x.0.7:2`, and the pieces that are none; never raises."""
    edits, rest = [], []
    for piece in filter(None, text.split("~")):
        found = _EDIT.fullmatch(piece)
        try:
            value = float(found[4]) if found else np.nan
        except ValueError:
            value = np.nan
        if abs(value) <= LARGEST:
            place = tuple(int(index) for index in found[3].split(".")[1:])
            edits.append(Edit(int(found[1]), found[2], place, value))
        else:
            rest.append(piece)
    return tuple(edits), tuple(rest)


class Moment(NamedTuple):
    """Everything about one step t.

    Attributes:
        step: t, from 0.
        params: θ_t `[P]`.
        x: inputs of the batch `[d, N]`.
        y: their targets `[K, N]`.
        loss: the objective on the batch.
        gradient: its gradient `[P]`.
        applied: the same after clipping and gradient noise; what the optimizer gets.
        lr: learning rate of the step.
        before: state of the optimizer before the update.
        after: the same after it.
        following: θ_{t+1} `[P]`.
    """

    step: int
    params: np.ndarray
    x: np.ndarray
    y: np.ndarray
    loss: float
    gradient: np.ndarray
    applied: np.ndarray
    lr: float
    before: Any
    after: Any
    following: np.ndarray

    @property
    def update(self) -> np.ndarray:
        """u_t = θ_{t+1} - θ_t `[P]`."""
        return self.following - self.params


class Replay:
    """The run of `experiment` on `data`, standing at one of its steps; float64.

    Without edits and with its own start it is bit for bit the run that `training.train` records. `moment` is the step
    it stands at, 0 at first; `event` says why it cannot go on, once it cannot. `x` and `y` are the samples to train on
    as they are at that step. `unused` are the edits that name nothing in this run.

    Args:
        experiment: the run.
        data: its data.
        network: its network.
        start: parameters `[P]` before the first step, in place of drawn ones.
        edits: in any order; of two for the same number at the same step the later counts.
    """

    def __init__(
        self,
        experiment: Experiment,
        data: Dataset,
        network: Network,
        start: np.ndarray | None = None,
        edits: Iterable[Edit] = (),
    ):
        self.experiment, self.network = experiment, network
        self._image = data.image
        self.x = data.x[:, data.train].astype(np.float64)
        self.y = targets(experiment, data)[:, data.train].astype(np.float64)
        known = [edit for edit in edits if self._has(edit)]
        self.unused = tuple(edit for edit in edits if edit not in known)
        self._edits = known
        params = network.initial(np.random.default_rng([experiment.seed, 1])) if start is None else start
        self._stepper = Stepper((experiment,), network, params, self.x.shape[1], np.dtype(np.float64))
        self._stream = self._batches(0)
        self.event: Event | None = None
        self.moment = self._step(0)
        self._judge(self.moment)

    def advance(self, step: int, progress: Callable[[float], None] | None = None) -> Moment:
        """Go on to `step`, or as far as the numbers stay finite; give the moment there.

        Raises:
            ValueError: if `step` lies behind, or beyond the steps of the experiment.
        """
        first = self.moment.step
        if not first <= step <= self.experiment.steps:
            raise ValueError(f"step={step} must be from {first}, where the run is, to {self.experiment.steps}, its end")
        while self.moment.step < step and self.event is None:
            following = self._step(self.moment.step + 1)
            if not self._judge(following):
                break
            self.moment = following
            if progress is not None:
                progress((following.step - first) / (step - first))
        return self.moment

    def _step(self, t: int) -> Moment:
        stepper = self._stepper
        self._edit([edit for edit in self._edits if edit.step == t])
        self._batch = next(self._stream)
        updater, row = stepper.updaters[0], np.empty_like(stepper.state)
        before, lr = updater.state, float(updater.rates[t, 0])
        with np.errstate(all="ignore"):
            loss = stepper.step(t, self._batch, row)
        following = stepper.params.copy()
        applied = stepper.applied.copy() if stepper.transforms else row[1]
        return Moment(t, row[0], *self._batch, float(loss), row[1], applied, lr, before, updater.state, following)

    def _edit(self, edits: list[Edit]) -> None:
        """Type over what the edits of a step name; edited samples are dealt anew from this step on."""
        for edit in edits:
            place = {"x": self.x, "y": self.y}.get(edit.part)
            (self.network.layout.view(self._stepper.params, edit.part) if place is None else place)[edit.place] = (
                edit.value
            )
        if any(edit.part in "xy" for edit in edits):
            self._stream = self._batches(edits[0].step)

    def _batches(self, first: int) -> Any:
        dealt = batches(self.experiment, self.x.copy(), self.y.copy(), np.dtype(np.float64), self._image)
        return islice(dealt, first, None)

    def _has(self, edit: Edit) -> bool:
        shapes = self.network.layout.shapes | {"x": self.x.shape, "y": self.y.shape}
        shape = shapes.get(edit.part, ())
        inside = len(edit.place) == len(shape) > 0 and all(i < n for i, n in zip(edit.place, shape, strict=True))
        return inside and edit.step <= self.experiment.steps

    def _judge(self, moment: Moment) -> bool:
        """Whether the step is finite; where it is not, `event` says what was lost first."""
        finite = np.isfinite(moment.loss) and np.isfinite(moment.params).all() and np.isfinite(moment.gradient).all()
        if not finite:
            dealt = self._batches(0)
            self.event = events.diverged(self.experiment, self.network, moment.params, dealt, moment.step)
        return bool(finite)
