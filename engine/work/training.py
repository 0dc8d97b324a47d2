"""What a run, a race, and the repetition of a run take: a gradient a step, the optimizer's own work, and the history.

Most of a step is the gradient. What comes on top is easily forgotten, and may be far more:

    Newton        2P gradients for a Hessian [P, P], and its eigenvalues, about 10 P³
    L-BFGS        two loops over up to `history_size` pairs of vectors, all of which are kept
    patience      a pass over the test part in every step
    the history   rows of parameters, gradients and updates; norms of each part of each; key frames

The last is what makes a single step of a large network expensive, and long runs of many layers large.
"""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from engine.experiment import Experiment
from engine.network import Network
from engine.optimizers import OPTIMIZERS
from engine.work.estimate import Estimate, together
from engine.work.operations import FRESH, Operations, gradient, many, passes, signal_bytes

DEALT = 4_000_000  #: numbers of the samples that are shuffled at a time, so that large data are never copied whole
CHUNK_BYTES, CHUNK_STEPS = 16_000_000, 1024  #: of the history between two looks at it, at the most
FRAME_BYTES = 80_000_000  #: for parameters, gradients and updates of all key frames
EIGENVALUES = 5  #: times P³ multiply-adds for those of a Hessian [P, P], with their vectors
QUANTITIES, SERIES = 3, 5  #: vectors of a key frame; norms and angles of each part in each step


def training_work(
    experiments: Sequence[Experiment],
    network: Network,
    samples: int,
    held: int = 0,
    *,
    frames: int = 120,
    itemsize: int = 8,
) -> Estimate:
    """A run of one experiment, or a race of several.

    Args:
        experiments: of the runs; those of a race share all but optimizer, schedule and seed.
        network: theirs.
        samples: in the training part.
        held: in the test part.
        frames: key frames at the most.
        itemsize: bytes of a number, 8 for float64.
    """
    first, runs, steps = experiments[0], len(experiments), experiments[0].steps + 1
    n = min(first.batch or samples, samples)
    step = gradient(network, n, runs) + bookkeeping(first, network, runs, n, itemsize)
    numbers = samples * (network.sizes[0] + network.sizes[-1])
    data = numbers * (8 + itemsize) + min(numbers, 2 * DEALT) * itemsize  # as it is, by samples, shuffled
    parts = [
        Estimate(
            (step * steps).seconds(itemsize),
            signal_bytes(network, n, runs, itemsize) + data,
            f"the steps ({first.steps}), the batch ({first.batch or 'all'} of {samples} samples) or {_layers(network)}",
        ),
        _history(first, network, runs, frames, itemsize),
    ]
    if first.patience:
        tests, room = many(network, steps * runs, held, itemsize)
        parts.append(Estimate(tests.seconds(itemsize), room, f"the steps ({first.steps}), or set patience to 0"))
    for _, group in groupby(sorted(experiments, key=_optimizer), key=_optimizer):
        parts.append(optimizer_work(list(group), network, n, itemsize))
    return together(*parts)


def bookkeeping(experiment: Experiment, network: Network, runs: int, n: int, itemsize: int) -> Operations:
    """What a step does beside gradient and optimizer: batches, copies, penalties, clipping, noise, norms."""
    count = 16 + 12 * network.penalised + 6 * bool(experiment.clip) + 30 * bool(experiment.gradient_noise)
    small = 30 * runs * len(network.layout.names) + 4 * n * (network.sizes[0] + network.sizes[-1])
    small += n * network.sizes[0] * (20 * bool(experiment.input_noise) + 10 * bool(experiment.shift))
    calls = (
        8
        + 12 * bool(experiment.clip or experiment.gradient_noise)
        + 8 * bool(experiment.input_noise + experiment.shift)
    )
    return Operations(calls=calls, numbers=small) + passes(count, runs * network.size, itemsize)


def optimizer_work(experiments: Sequence[Experiment], network: Network, n: int, itemsize: int) -> Estimate:
    """The updates of all steps by one optimizer, for one run or several: its passes, and what it remembers."""
    first, runs, size = experiments[0], len(experiments), len(experiments) * network.size
    steps, kind = first.steps + 1, OPTIMIZERS[first.optimizer]
    remembered = sum(isinstance(value, np.ndarray) for value in kind().init(np.zeros(1)))
    work = (Operations(calls=3 + 3 * remembered) + passes(4 + 5 * remembered, size, itemsize)) * steps
    room, words, piece = (remembered + 3) * size * itemsize, _layers(network), 0.0
    if hasattr(kind, "history_size"):
        pairs = min(max(experiment.history_size for experiment in experiments), first.steps)
        used = pairs * steps - pairs * (pairs + 1) / 2  # in all steps together: at first there are fewer
        work += (Operations(calls=5) + passes(6, size, itemsize)) * used
        room += 2 * pairs * size * itemsize
        words = f"the history of L-BFGS ({pairs} pairs), the steps ({first.steps}) or {words}"
    if getattr(kind, "needs_hessian", False):
        gradients, results = many(network, 2 * size, n, backward=True)
        work += (gradients + Operations(products=8 * network.size**3 * runs, numbers=20 * network.size * size)) * steps
        room += results + 8 * 8 * network.size * size
        words = f"the steps ({first.steps}) or {words}, because Newton's method takes a whole Hessian in each"
        piece = Operations(products=EIGENVALUES * network.size**3 * runs).seconds()
    return Estimate(work.seconds(itemsize), room, words, piece=piece)


def frame_count(network: Network, runs: int, steps: int, frames: int = 120, itemsize: int = 8) -> int:
    """How many key frames of a run, or of each run of a race, are kept."""
    return max(2, min(frames, steps + 1, FRAME_BYTES // (QUANTITIES * runs * network.size * itemsize)))


def _history(experiment: Experiment, network: Network, runs: int, frames: int, itemsize: int) -> Estimate:
    """Memory for rows between two looks at them, key frames and series; and drawing the parameters."""
    steps, row = experiment.steps + 1, QUANTITIES * runs * network.size * itemsize
    kept = frame_count(network, runs, experiment.steps, frames, itemsize)
    rows = steps if kept == steps else max(1, min(steps, CHUNK_STEPS, CHUNK_BYTES // row)) + kept
    whole = row * (rows + 5) + 2 * runs * network.size * 8
    series = SERIES * steps * runs * len(network.layout.names) * 8
    words = _layers(network) if whole > series else f"the steps ({experiment.steps}) or the number of hidden layers"
    seconds = passes(40, runs * network.size).seconds() + FRESH * (whole + series)
    return Estimate(seconds, whole + series, words, result=row * kept + series)


def _optimizer(experiment: Experiment) -> str:
    return experiment.optimizer


def _layers(network: Network) -> str:
    return f"the hidden layers ({network.size:,} parameters)"
