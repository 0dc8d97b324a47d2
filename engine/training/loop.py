"""The loop: step after step, and what is kept of them.

Each step copies θ_t and its gradient into row t of an array. After a chunk of steps the history takes its rows in.
Where every step is a key frame the array is what the recording keeps; where only some are, these are copied out and
the rows used again. One run and a race of many are the same loop, without and with a run axis.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from engine.cancellation import cancellation_point
from engine.datasets import Dataset
from engine.experiment import Experiment
from engine.network import Network
from engine.training import events
from engine.training.batches import Batch, batches
from engine.training.builders import targets
from engine.training.history import History
from engine.training.recording import Event, Recording
from engine.training.step import Stepper
from engine.work import require, training_work
from engine.work.training import CHUNK_BYTES, CHUNK_STEPS

CHUNK_SECONDS = 0.1  #: between two reports of progress, about


class Loop:
    """The steps of `experiments`: of a single run (`runs` is ()), or of several grouped by optimizer (`(R,)`).

    Raises `TooMuchWork` before it begins what is beyond the limits of the host.
    """

    def __init__(
        self,
        experiments: tuple[Experiment, ...],
        runs: tuple[int, ...],
        data: Dataset,
        network: Network,
        frames: int,
        dtype: Any,
    ):
        first, dtype, held = experiments[0], np.dtype(dtype), len(data.test)
        work = training_work(experiments, network, len(data.train), held, frames=frames, itemsize=dtype.itemsize)
        require("This race" if runs else "This run", work)
        self.experiments, self.runs, self.data, self.network, self.dtype = experiments, runs, data, network, dtype
        self.last, self.patience = first.steps, first.patience
        if self.patience and not held:
            raise ValueError(f"patience={first.patience} must be 0 where nothing is held back to test on")
        self.targets = targets(first, data)
        starts = [network.initial(np.random.default_rng([experiment.seed, 1])) for experiment in experiments]
        self.stepper = Stepper(experiments, network, np.stack(starts) if runs else starts[0], len(data.train), dtype)
        self.history = History(network, runs, self.last, frames, dtype)
        self.chunk = _chunk_steps(network, runs, self.last + 1, work.seconds, dtype)
        length = self.last + 1 if self.history.whole else self.chunk
        room = np.empty((3 * (length + 1), *runs, network.size), dtype)  # in one piece: large ones get large pages
        self._states = room[: 2 * (length + 1)].reshape(length + 1, 2, *runs, network.size)
        self._updates = room[2 * (length + 1) : -1]
        self._applied = np.empty((self.chunk, *runs, network.size), dtype) if self.stepper.transforms else None
        if self.history.whole:
            self.history.adopt(self._rows(slice(0, length)))
        self._test_loss: list[np.ndarray] = []
        self._events: dict[tuple[int, ...], Event] = {}

    def run(
        self, progress: Callable[[float], None] | None, partial: Callable[[Recording], None] | None = None
    ) -> list[Recording]:
        """All steps: `progress` hears of each chunk, `partial` of each new key frame of the only run."""
        stream = self._batches()
        with np.errstate(all="ignore"):
            for start in range(0, self.last + 1, self.chunk):
                count = min(self.chunk, self.last + 1 - start)
                first_row = start if self.history.whole else 0
                self._take_steps(start, slice(first_row, first_row + count), stream)
                if progress is not None:
                    progress((start + count) / (self.last + 1))
                if (self.history.ends >= 0).all():
                    break
                if partial is not None and self.history.frames_within(start, count):
                    partial(self._recording(self.experiments[0], None, start + count - 1))
        runs = range(len(self.experiments)) if self.runs else (None,)
        return [self._recording(experiment, run) for experiment, run in zip(self.experiments, runs, strict=True)]

    def _take_steps(self, start: int, place: slice, stream: Iterator[Batch]) -> None:
        """The steps from `start` on, into the rows `place`; ends the runs that diverged or stopped getting better."""
        losses = np.empty((place.stop - place.start, *self.runs), self.dtype)
        for i, (row, batch) in enumerate(zip(self._states[place], stream, strict=False)):
            cancellation_point()
            losses[i] = self.stepper.step(start + i, batch, row)
            if self._applied is not None:
                self._applied[i] = self.stepper.applied
        self._states[place.stop, 0] = self.stepper.params
        rows = self._rows(place)
        np.subtract(self._states[place.start + 1 : place.stop + 1, 0], rows["params"], out=rows["updates"])
        self.history.take(start, losses, rows, None if self._applied is None else self._applied[: len(losses)])
        self._end_runs(start, rows)
        self.history.remember(rows)

    def _rows(self, place: slice) -> dict[str, np.ndarray]:
        """The rows `place` of each quantity."""
        return {"params": self._states[place, 0], "gradients": self._states[place, 1], "updates": self._updates[place]}

    def _end_runs(self, start: int, rows: dict[str, np.ndarray]) -> None:
        """End the runs that diverged from step `start` on or stopped getting better, and say why."""
        if self.patience:
            x, y = self.data.x[:, self.data.test], self.targets[:, self.data.test]
            self._test_loss.append(self.network.data_loss(rows["params"], x, y))
        breaks = self.history.diverged(start, rows)
        for run in np.ndindex(self.runs):
            if self.history.ends[run] >= 0:
                continue
            step = None if breaks[run] < 0 else int(breaks[run])
            if self.patience:
                losses = np.concatenate(self._test_loss)[(slice(0, step), *run)]
                found = events.best_before(losses, self.patience)
                if found is not None:
                    self._events[run] = events.stopped(found[0], self.patience, found[1])
                    self.history.end(run, found[0], start, rows)
                    continue
            if step is not None:
                state = rows["params"][(step - start, *run)]
                stream = self._batches()  # dealt once more: in most runs nobody asks
                self._events[run] = events.diverged(self.experiments[0], self.network, state, stream, step)
                self.history.end(run, max(step - 1, 0), start, rows)

    def _batches(self) -> Iterator[Batch]:
        train = _as_slice(self.data.train)
        return batches(self.experiments[0], self.data.x[:, train], self.targets[:, train], self.dtype, self.data.image)

    def _recording(self, experiment: Experiment, run: int | None, done: int | None = None) -> Recording:
        """Of one run up to its end; or up to the last key frame of the steps that are `done`."""
        fields = self.history.cut(run) if done is None else self.history.so_far(done)
        rates = np.concatenate([updater.rates for updater in self.stepper.updaters], axis=1)
        lr = rates[: len(fields["loss"]), run or 0].copy()
        event = self._events.get(() if run is None else (run,))
        return Recording(experiment, self.data, self.network, lr=lr, event=event, **fields)


def _as_slice(columns: np.ndarray) -> Any:
    """Columns that follow each other as a slice, which copies nothing; others as they are."""
    first, last = int(columns[0]), int(columns[-1])
    ordered = last - first + 1 == len(columns) and (np.diff(columns) == 1).all()
    return slice(first, last + 1) if ordered else columns


def _chunk_steps(network: Network, runs: tuple[int, ...], count: int, seconds: float, dtype: np.dtype) -> int:
    """How many steps between two looks: bounded in bytes, and in the time between two reports of progress."""
    per_row = 3 * network.size * int(np.prod(runs, dtype=int)) * dtype.itemsize
    by_time = int(CHUNK_SECONDS * count / max(seconds, CHUNK_SECONDS))
    return max(1, min(count, CHUNK_STEPS, CHUNK_BYTES // per_row, by_time))
