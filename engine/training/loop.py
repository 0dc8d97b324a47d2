"""The loop: gradient, transforms, update, again.

The parameters and their gradient lie side by side in one array, always the same: the network reads the one and writes
the other, the optimizer moves the parameters where they are, and so the calls of a step need to be put together only
once. In between, one copy writes θ_t and its gradient into row t of a history. After a chunk of steps the history is
digested. Where every step is a key frame it is what the recording keeps; where only some are, these are copied out and
the rows used again. One run and a race of many are the same loop, without and with a run axis.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from engine.cancellation import cancellation_point
from engine.datasets import Dataset
from engine.experiment import Experiment
from engine.network import Batch, Network, Workspace
from engine.training import events
from engine.training.batches import batches, epoch_of
from engine.training.builders import targets, transform_of
from engine.training.history import History
from engine.training.recording import Recording
from engine.training.updaters import updaters_of
from engine.work.training import BLOCK_BYTES, CHUNK_BYTES, CHUNK_STEPS

CHUNK_SECONDS = 0.1  #: between two reports of progress, about


class Loop:
    """One descent of `experiments`: a single run (`runs` is ()) or several grouped by optimizer (`(R,)`)."""

    def __init__(
        self,
        experiments: tuple[Experiment, ...],
        runs: tuple[int, ...],
        data: Dataset,
        network: Network,
        dtype: np.dtype,
        frames: int,
        seconds: float,
    ):
        first = experiments[0]
        self.experiments, self.runs, self.data, self.network, self.dtype = (
            experiments,
            runs,
            data,
            network,
            dtype,
        )
        self.last = first.steps
        self.patience = first.patience
        if self.patience and not len(data.test):
            raise ValueError(f"patience={first.patience} must be 0 where nothing is held back to test on")
        self.targets = targets(first, data)
        self.digest = History(network, runs, self.last, frames, dtype)
        self.rows = _chunk_rows(network, runs, self.last + 1, seconds, dtype)
        length = self.last + 1 if self.digest.whole else self.rows
        room = np.empty((3 * (length + 1), *runs, network.size), dtype)  # in one piece: large ones get large pages
        self._states = room[: 2 * (length + 1)].reshape(length + 1, 2, *runs, network.size)
        self.history, self.gradients = self._states[:, 0], self._states[:, 1]
        self.updates = room[2 * (length + 1) : -1]
        if self.digest.whole:
            self.digest.adopt(self._quantities(slice(0, length)))
        starts = [network.initial(np.random.default_rng([experiment.seed, 1])) for experiment in experiments]
        self._state = np.empty_like(self._states[0])
        self._params, self._gradient = self._state
        self._params[...] = np.stack(starts) if runs else starts[0]
        self.transform = transform_of(first)
        self.applied = None if self.transform is None else np.empty_like(self.updates)
        self._applied = self._gradient if self.transform is None else np.empty_like(self._gradient)
        epoch = epoch_of(first, len(data.train))
        self.racers = updaters_of(experiments, runs, self._params, self._applied, epoch.count)
        dropout = np.random.default_rng([first.seed, 4]) if first.dropout else None
        self._blocks = [
            RunBlock(network, part, self._params, self._gradient, dropout)
            for part in _run_parts(network, runs, min(first.batch or len(data.train), len(data.train)), dtype, first)
        ]
        self._test_loss: list[np.ndarray] = []
        self.events: dict[tuple[int, ...], events.Event] = {}

    def run(self, progress: Callable[[float], None] | None) -> list[Recording]:
        """All steps, chunk by chunk; `progress` hears of each chunk."""
        stream = self._batches()
        with np.errstate(all="ignore"):
            for start in range(0, self.last + 1, self.rows):
                count = min(self.rows, self.last + 1 - start)
                first_row = start if self.digest.whole else 0
                self._chunk(start, slice(first_row, first_row + count), stream)
                if progress is not None:
                    progress((start + count) / (self.last + 1))
                if (self.digest.ends >= 0).all():
                    break
        runs = range(len(self.experiments)) if self.runs else (None,)
        return [self._recording(experiment, run) for experiment, run in zip(self.experiments, runs, strict=True)]

    def _chunk(self, start: int, place: slice, stream: Iterator[Batch]) -> None:
        """The steps from `start` on, into the rows `place`. This is the hot loop."""
        network, transform, racers = self.network, self.transform, self.racers
        params, gradient, penalised = self._params, self._gradient, network.penalised
        blocks, gradient_of = self._blocks, self._blocks[0].step if len(self._blocks) == 1 else self._block_by_block
        state, states = self._state, list(self._states[place])
        watchers = [racer for racer in racers if racer.watches]
        carriers = blocks if any(hasattr(layer, "carry") for layer in network.layers) else []
        count = place.stop - place.start
        losses = np.empty((count, *self.runs), self.dtype)
        for i, samples in enumerate(islice(stream, count)):
            cancellation_point()
            losses[i] = gradient_of(samples)
            if penalised:
                losses[i] = network.add_penalty(losses[i], params, gradient)
            states[i][...] = state
            if transform is not None:
                self._applied[...] = self.applied[place.start + i] = transform(gradient, start + i)
            for racer in racers:
                racer(start + i, samples, network)
            for racer in watchers:
                racer.watch(start + i, losses[i])
            for block in carriers:
                block.carry(states[i][0], params)
        self.history[place.stop] = params
        self._digest(start, place, losses)

    def _block_by_block(self, samples: Batch) -> np.ndarray:
        return np.concatenate([block.step(samples) for block in self._blocks])

    def _batches(self) -> Iterator[Batch]:
        train = self.data.train
        return batches(self.experiments[0], self.data.x[:, train], self.targets[:, train], self.dtype)

    def _quantities(self, place: slice) -> dict[str, np.ndarray]:
        """The rows `place` of each quantity."""
        return {"params": self.history[place], "gradients": self.gradients[place], "updates": self.updates[place]}

    def _digest(self, start: int, place: slice, losses: np.ndarray) -> None:
        """Take in a chunk; end the runs that diverged in it or stopped getting better, and say why."""
        digest, rows = self.digest, self._quantities(place)
        np.subtract(self.history[place.start + 1 : place.stop + 1], rows["params"], out=rows["updates"])
        digest.take(start, losses, rows, None if self.transform is None else self.applied[place])
        if self.patience:
            x, y = self.data.x[:, self.data.test], self.targets[:, self.data.test]
            self._test_loss.append(self.network.data_loss(rows["params"], x, y))
        breaks = digest.diverged(start, rows)
        for run in np.ndindex(self.runs):
            if digest.ends[run] >= 0:
                continue
            step = None if breaks[run] < 0 else int(breaks[run])
            if self.patience:
                losses = np.concatenate(self._test_loss)[(slice(0, step), *run)]
                found = events.best_before(losses, self.patience)
                if found is not None:
                    self.events[run] = events.stopped(found[0], self.patience, found[1])
                    digest.end(run, found[0], start, rows)
                    continue
            if step is not None:
                state = rows["params"][(step - start, *run)]
                samples = next(islice(self._batches(), step, None))  # dealt once more: in most runs nobody asks
                self.events[run] = events.diverged(self.network, state, samples, step)
                digest.end(run, max(step - 1, 0), start, rows)
        digest.remember(rows)

    def _recording(self, experiment: Experiment, run: int | None) -> Recording:
        fields = self.digest.cut(run)
        rates = np.concatenate([racer.rates for racer in self.racers], axis=1)
        lr = rates[: len(fields["loss"]), run or 0].copy()
        event = self.events.get(() if run is None else (run,))
        return Recording(experiment, self.data, self.network, lr=lr, event=event, **fields)


class RunBlock:
    """Some of the runs, computed together: few enough that their signals stay in the processor's cache.

    `part` is where they lie on the run axis of `params` and `gradient`, `...` for the only run.
    """

    def __init__(
        self,
        network: Network,
        part: Any,
        params: np.ndarray,
        gradient: np.ndarray,
        dropout: np.random.Generator | None,
    ):
        self.part = part
        self._network, self._params, self._gradient, self._dropout = network, params[part], gradient[part], dropout
        self._workspaces: dict[int, Workspace] = {}

    def step(self, samples: Batch) -> np.ndarray:
        """The losses at the parameters of these runs, whose gradients are written."""
        n = samples.full.shape[-1]
        if n not in self._workspaces:  # the last batch of an epoch may be smaller than the rest
            self._workspaces[n] = self._bound(n)
        self._latest = self._workspaces[n]
        return self._latest.step(samples)

    def carry(self, params: np.ndarray, following: np.ndarray) -> None:
        """Hand on what is not descended to the parameters of the next step."""
        self._latest.carry(self._network.views(params[self.part]), self._network.views(following[self.part]))

    def _bound(self, n: int) -> Workspace:
        runs, dtype = self._params.shape[:-1], self._params.dtype
        work = Workspace(self._network, runs, n, dtype, keep=False, rng=self._dropout)
        work.bind(self._network.views(self._params), self._network.gradient_blocks(self._gradient))
        return work


def descend(
    experiments: tuple[Experiment, ...],
    runs: tuple[int, ...],
    data: Dataset,
    network: Network,
    seconds: float,
    progress: Callable[[float], None] | None,
    frames: int,
    dtype: Any,
) -> list[Recording]:
    """The recordings of a descent; see `training.train` and `training.race` for the arguments."""
    return Loop(experiments, runs, data, network, np.dtype(dtype), frames, seconds).run(progress)


def _run_parts(network: Network, runs: tuple[int, ...], n: int, dtype: np.dtype, first: Experiment) -> list[Any]:
    """The run axis in pieces whose signals fit the cache; whole where dropout draws one mask for all runs."""
    if not runs or first.dropout:
        return [...]
    per_run = 2 * network.units * n * dtype.itemsize
    pieces = -(-runs[0] // max(1, BLOCK_BYTES // per_run))
    return [slice(runs[0] * i // pieces, runs[0] * (i + 1) // pieces) for i in range(pieces)]


def _chunk_rows(network: Network, runs: tuple[int, ...], count: int, seconds: float, dtype: np.dtype) -> int:
    """How many steps between two digests: bounded in bytes, and in the time between two reports of progress."""
    per_row = 3 * network.size * int(np.prod(runs, dtype=int)) * dtype.itemsize
    by_time = int(CHUNK_SECONDS * count / max(seconds, CHUNK_SECONDS))
    return max(1, min(count, CHUNK_STEPS, CHUNK_BYTES // per_row, by_time))
