"""The loop: gradient, transforms, update, again.

Every iterate is written straight into the next row of a history: row t holds θ_t, its gradient lands in row t of a
second array, and the optimizer writes θ_{t+1}. After a chunk of steps the history is digested and the rows are used
again. One run and a race of many are the same loop, without and with a run axis.
"""

from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any

import numpy as np

from engine import events
from engine.batches import batches
from engine.datasets import Dataset
from engine.digest import Digest
from engine.experiment import Experiment
from engine.network import Network
from engine.racers import racers_of, transform_of
from engine.recording import Recording, targets
from engine.workspace import Batch, Workspace

CACHE_BYTES = 1_000_000  #: of signals and their gradients that are computed together
CHUNK_BYTES = 8_000_000  #: of history between two digests
CHUNK_STEPS = 1024  #: between two digests, at the most
CHUNK_WORK = 1e9  #: multiply-adds between two reports of progress, about


class Descent:
    """One descent of `experiments`: a single run (`runs` is ()) or several grouped by optimizer (`(R,)`)."""

    def __init__(
        self,
        experiments: tuple[Experiment, ...],
        runs: tuple[int, ...],
        data: Dataset,
        network: Network,
        dtype: np.dtype,
        frames: int,
        work: float,
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
        self.targets = targets(first, data)
        self.digest = Digest(network, runs, self.last, frames, dtype)
        self.rows = _chunk_rows(network, runs, self.last + 1, work, dtype)
        self.history = np.empty((self.rows + 1, *runs, network.size), dtype)
        self.gradients = np.empty((self.rows, *runs, network.size), dtype)
        starts = [network.initial(np.random.default_rng([experiment.seed, 1])) for experiment in experiments]
        self.history[0] = np.stack(starts) if runs else starts[0]
        self.transform = transform_of(first)
        self.applied = self.gradients if self.transform is None else np.empty_like(self.gradients)
        epoch = -(-len(data.train) // min(first.batch or len(data.train), len(data.train)))
        self.racers = racers_of(experiments, runs, self.history[0], epoch)
        self._flat = list(self.history), list(self.gradients), list(self.applied)
        dropout = np.random.default_rng([first.seed, 4]) if first.dropout else None
        self._blocks = [
            RunBlock(network, part, self.history, self.gradients, dropout)
            for part in _run_parts(network, runs, min(first.batch or len(data.train), len(data.train)), dtype, first)
        ]
        self._test_loss: list[np.ndarray] = []
        self.events: dict[tuple[int, ...], events.Event] = {}

    def run(self, progress: Callable[[float], None] | None) -> list[Recording]:
        """All steps, chunk by chunk; `progress` hears of each chunk."""
        first, data, y = self.experiments[0], self.data, self.targets
        stream = batches(first, data.x[:, data.train], y[:, data.train], self.dtype)
        with np.errstate(all="ignore"):
            for start in range(0, self.last + 1, self.rows):
                count = min(self.rows, self.last + 1 - start)
                self._chunk(start, count, stream)
                if progress is not None:
                    progress((start + count) / (self.last + 1))
                if (self.digest.ends >= 0).all():
                    break
                self.history[0] = self.history[count]
        runs = range(len(self.experiments)) if self.runs else (None,)
        return [self._recording(experiment, run) for experiment, run in zip(self.experiments, runs, strict=True)]

    def _chunk(self, start: int, count: int, stream: Iterator[Batch]) -> None:
        """Steps start .. start + count - 1 into the rows. This is the hot loop."""
        network, transform, racers = self.network, self.transform, self.racers
        blocks = self._blocks
        thetas, gradients, applied = self._flat
        penalised = network.penalised
        watchers = [racer for racer in racers if racer.watches]
        carriers = blocks if any(hasattr(layer, "carry") for layer in network.layers) else []
        losses = np.empty((count, *self.runs), self.dtype)
        seen = []
        for i in range(count):
            samples = next(stream)
            seen.append(samples)
            for block in blocks:
                losses[i, block.part] = block.gradient(i, samples)
            if penalised:
                losses[i] = network.add_penalty(losses[i], thetas[i], gradients[i])
            if transform is not None:
                applied[i][...] = transform(gradients[i], start + i)
            for racer in racers:
                racer(start + i, thetas[i], applied[i], thetas[i + 1], samples, network)
            for racer in watchers:
                racer.watch(start + i, losses[i])
            for block in carriers:
                block.carry(i)
        self._digest(start, losses, seen)

    def _digest(self, start: int, losses: np.ndarray, seen: list[Batch]) -> None:
        """Take in a chunk; end the runs that diverged in it or stopped getting better, and say why."""
        digest, count = self.digest, len(losses)
        rows = {"params": self.history[:count], "gradients": self.gradients[:count]}
        rows["updates"] = self.history[1 : count + 1] - self.history[:count]
        digest.take(start, losses, rows, None if self.transform is None else self.applied[:count])
        if self.patience:
            x, y = self.data.x[:, self.data.test], self.targets[:, self.data.test]
            self._test_loss.append(self.network.data_loss(rows["params"], x, y))
        for run in np.ndindex(self.runs):
            if digest.ends[run] >= 0:
                continue
            step = digest.diverged(run, start, count)
            if self.patience:
                losses = np.concatenate(self._test_loss)[(slice(0, step), *run)]
                found = events.best_before(losses, self.patience)
                if found is not None:
                    self.events[run] = events.stopped(found[0], self.patience, found[1])
                    digest.end(run, found[0], start, rows)
                    continue
            if step is not None:
                state = self.history[(step - start, *run)]
                self.events[run] = events.diverged(self.network, state, seen[step - start], step)
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

    `part` is where they lie on the run axis, `...` for the only run.
    """

    def __init__(
        self,
        network: Network,
        part: Any,
        history: np.ndarray,
        gradients: np.ndarray,
        dropout: np.random.Generator | None,
    ):
        self.part = part
        rows = history[:, part], gradients[:, part]
        self._network, self._dropout, self._dtype = network, dropout, history.dtype
        self._runs = rows[0].shape[1:-1]
        self._read = list(zip(*(zip(*views, strict=True) for views in network.views(rows[0])[:-1]), repeat(None)))
        self._written = list(zip(*network.gradient_blocks(rows[1])[:-1], repeat(None)))
        self._workspaces: dict[int, Workspace] = {}

    def gradient(self, row: int, samples: Batch) -> np.ndarray:
        """The loss at the parameters in `row` of the history; its gradient goes into the same row of the gradients."""
        n = samples.full.shape[-1]
        if n not in self._workspaces:  # the last batch of an epoch may be smaller than the rest
            self._workspaces[n] = Workspace(self._network, self._runs, n, self._dtype, rng=self._dropout)
        self._latest = self._workspaces[n]
        return self._latest.gradient(self._read[row], samples, self._written[row])

    def carry(self, row: int) -> None:
        """Hand on what is not descended to the next row."""
        self._latest.carry(self._read[row], self._read[row + 1])


def descend(
    experiments: tuple[Experiment, ...],
    runs: tuple[int, ...],
    data: Dataset,
    network: Network,
    work: float,
    progress: Callable[[float], None] | None,
    frames: int,
    dtype: Any,
) -> list[Recording]:
    """The recordings of a descent; see `training.train` and `training.race` for the arguments."""
    return Descent(experiments, runs, data, network, np.dtype(dtype), frames, work).run(progress)


def _run_parts(network: Network, runs: tuple[int, ...], n: int, dtype: np.dtype, first: Experiment) -> list[Any]:
    """The run axis in pieces whose signals fit the cache; whole where dropout draws one mask for all runs."""
    if not runs or first.dropout:
        return [...]
    per_run = 2 * network.units * n * dtype.itemsize
    size = max(1, min(runs[0], CACHE_BYTES // per_run))
    return [slice(start, start + size) for start in range(0, runs[0], size)]


def _chunk_rows(network: Network, runs: tuple[int, ...], count: int, work: float, dtype: np.dtype) -> int:
    """How many steps between two digests: bounded in bytes, and in the time between two reports of progress."""
    per_row = 3 * network.size * int(np.prod(runs, dtype=int)) * dtype.itemsize
    by_work = int(CHUNK_WORK / max(work / count, 1))
    return max(1, min(count, CHUNK_STEPS, CHUNK_BYTES // per_row, by_work))
