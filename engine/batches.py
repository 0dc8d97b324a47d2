"""The samples of each step: all of them, a mini-batch, or a single one.

Every epoch visits each training sample once, in a new random order; where the batch does not divide the training set
the last batch of the epoch is smaller. The order depends on the seed alone, so runs that share a seed share batches.
"""

from collections.abc import Iterator

import numpy as np

from engine.experiment import Experiment
from engine.workspace import Batch, batch


def batches(experiment: Experiment, x: np.ndarray, y: np.ndarray, dtype: np.dtype) -> Iterator[Batch]:
    """The batch of each step, without end, from inputs `x[d, N]` and targets `y[K, N]`."""
    whole = batch(x, y, dtype)
    n = x.shape[-1]
    size = min(experiment.batch or n, n)
    while size == n:
        yield whole
    samples = np.ascontiguousarray(whole.full_t)  # a sample is a row: far faster to shuffle than columns
    rng = np.random.default_rng([experiment.seed, 2])
    parts = [slice(start, min(start + size, n)) for start in range(0, n, size)]
    while True:
        order = rng.permutation(n)
        shuffled, targets = samples.take(order, axis=0), whole.targets.take(order, axis=1)
        for part in parts:
            full_t, y = shuffled[part], targets[:, part]
            yield Batch(full_t.T, full_t, y if len(y) == 1 else y.copy())  # in one piece: the loss reads it twice
