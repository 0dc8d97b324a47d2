"""The samples of each step: all of them, a mini-batch, or a single one.

Every epoch visits each training sample once, in a new random order; where the batch does not divide the training set
the last batch of the epoch is smaller. The order depends on the seed alone, so runs that share a seed share batches.
"""

from collections.abc import Iterator

import numpy as np

from engine.experiment import Experiment
from engine.network import Batch, batch


def batches(experiment: Experiment, x: np.ndarray, y: np.ndarray, dtype: np.dtype) -> Iterator[Batch]:
    """The batch of each step, without end, from inputs `x[d, N]` and targets `y[K, N]`."""
    whole = batch(x, y, dtype)
    n = x.shape[-1]
    size = min(experiment.batch or n, n)
    while size == n:
        yield whole
    samples = np.ascontiguousarray(whole.full.T)  # a sample is a row: far faster to shuffle than columns
    rng = np.random.default_rng([experiment.seed, 2])
    even = n - n % size
    while True:
        order = rng.permutation(n)
        rows, targets = samples.take(order, axis=0), whole.targets.take(order, axis=1)
        yield from _cut(rows[:even], targets[:, :even], size)
        if even < n:
            yield from _cut(rows[even:], targets[:, even:], n - even)


def _cut(rows: np.ndarray, targets: np.ndarray, size: int) -> Iterator[Batch]:
    """Batches of `size` samples, each in one piece of memory, from rows `[N, d + 1]` and targets `[K, N]`."""
    blocks = rows.reshape(-1, size, rows.shape[1])
    answers = np.ascontiguousarray(targets.reshape(len(targets), -1, size).swapaxes(0, 1))
    return map(Batch, blocks.swapaxes(1, 2), answers)
