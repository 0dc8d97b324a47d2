"""The samples of each step: all of them, a mini-batch, or a single one.

Every epoch visits each training sample once, in a new random order; where the batch does not divide the training set
the last batch of the epoch is smaller. The order depends on the seed alone, so runs that share a seed share batches.

Batch normalisation needs two samples at least: a single one is its own mean, so that nothing is left of it, and no
gradient passes (PyTorch refuses it). Where the last batch would be a single sample, it joins the batch before.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.experiment import Experiment
from engine.training.augmentation import Batch, augmented
from engine.work.training import DEALT


class Epoch(NamedTuple):
    """How the training samples are dealt: `count` batches of `size` samples each, but for the last, of `last`."""

    count: int
    size: int
    last: int


def epoch_of(experiment: Experiment, n: int) -> Epoch:
    """The batches in which a run goes through its `n` training samples."""
    size = min(experiment.batch or n, n)
    whole, rest = divmod(n, size)
    if rest == 1 and experiment.norm == "batch" and experiment.arch:
        return Epoch(whole, size, size + 1)
    return Epoch(whole + (rest > 0), size, rest or size)


def joined(experiment: Experiment, n: int) -> str:
    """A sentence on the last of `n` training samples where it would be a batch of its own and is not; else empty."""
    _, size, last = epoch_of(experiment, n)
    if last <= size:
        return ""
    return (
        f"Of {n:,} training samples, batches of {size:,} leave a single one, and batch normalisation makes nothing of "
        f"a single sample: it joins the batch before, the last of each epoch, which has {last:,}."
    )


def batches(
    experiment: Experiment, x: np.ndarray, y: np.ndarray, dtype: np.dtype, image: tuple[int, int] | None = None
) -> Iterator[Batch]:
    """The batch of each step, without end, from inputs `x[d, N]`, of images of that shape, and targets `y[K, N]`."""
    stream = _dealt(experiment, x, y, dtype)
    return augmented(stream, experiment, image) if experiment.input_noise or experiment.shift else stream


def _dealt(experiment: Experiment, x: np.ndarray, y: np.ndarray, dtype: np.dtype) -> Iterator[Batch]:
    """The samples of each step as they are."""
    (d, n), y = x.shape, np.asarray(y, dtype)
    count, size, last = epoch_of(experiment, n)
    if x.size <= DEALT or count == 1:
        x = np.asarray(x, dtype)
    while count == 1:
        yield x, y
    samples = np.ascontiguousarray(x.T)  # a sample is a row: far faster to shuffle than columns
    rng = np.random.default_rng([experiment.seed, 2])
    even = n if last == size else n - last
    step = max(1, DEALT // (size * d)) * size
    while True:
        order = rng.permutation(n)
        for start in range(0, even, step):
            yield from _cut(samples, y, order[start : min(start + step, even)], size)
        if even < n:
            yield from _cut(samples, y, order[even:], last)


def _cut(samples: np.ndarray, y: np.ndarray, chosen: np.ndarray, size: int) -> Iterator[Batch]:
    """Batches of `size` of the chosen samples, each in one piece of memory, from `samples[N, d]` and `y[K, N]`."""
    blocks = samples.take(chosen, axis=0).astype(y.dtype, copy=False).reshape(-1, size, samples.shape[1])
    answers = np.ascontiguousarray(y.take(chosen, axis=1).reshape(len(y), -1, size).swapaxes(0, 1))
    return zip(blocks.swapaxes(1, 2), answers, strict=True)
