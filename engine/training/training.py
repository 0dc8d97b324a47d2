"""Training: from an experiment to a recording.

`train` runs one experiment; `race` runs several side by side on the same batches, with one gradient evaluation a step
for all of them. Both refuse work that is too large for an interactive page before it begins. The loop itself is in
`steps`, what is kept of it in `digest`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.datasets import Dataset
from engine.experiment import KEYS, MOST_WORK, Experiment
from engine.experiment.options import HYPER, OF_SCHEDULES
from engine.network import Network
from engine.training.builders import load, network_of
from engine.training.loop import descend
from engine.training.recording import FRAMES, Recording

NEWTON_MOST = 500  #: parameters for which a whole Hessian is formed in every step

#: What the experiments of one race may differ in.
RACERS = {"optimizer", "lr", "schedule", "warmup", "seed", *HYPER, *OF_SCHEDULES}


class TooMuchWork(ValueError):
    """The run would take too long or too much memory; the message says what to reduce."""


def train(
    experiment: Experiment,
    progress: Callable[[float], None] | None = None,
    *,
    data: Dataset | None = None,
    network: Network | None = None,
    frames: int = FRAMES,
    dtype: Any = np.float64,
) -> Recording:
    """Train the network that the experiment describes; equal arguments give bitwise equal recordings.

    Args:
        experiment: the run.
        progress: called now and then with the finished share, 0 to 1; what it raises ends the run.
        data: the data to use in place of `experiment.data`, for example a loaded table.
        network: the network to use in place of the experiment's dense one, for example a convolutional one.
        frames: key frames at the most; `experiment.steps + 1` keeps every step.
        dtype: precision of the run, float64 or float32.

    Raises:
        TooMuchWork: if the run is too large for an interactive page.
        ValueError: if loss and data do not go together.
    """
    data = load(experiment) if data is None else data
    network = network_of(experiment, data) if network is None else network
    work = check_work(experiment, data, network)
    return descend((experiment,), (), data, network, work, progress, frames, dtype)[0]


def race(
    experiments: Sequence[Experiment],
    progress: Callable[[float], None] | None = None,
    *,
    data: Dataset | None = None,
    frames: int = FRAMES,
    dtype: Any = np.float64,
) -> list[Recording]:
    """Train several experiments side by side on the same batches, with one gradient evaluation a step for all.

    They may differ in the optimizer and its hyper-parameters, the schedule and the seed; the data and the order of
    the batches are those of the first. A run that diverges ends; the others go on. Each recording equals bitwise what
    `train` gives for it alone (for other seeds: with the batches of the first).

    Raises:
        ValueError: if there are no experiments, or they differ in more than that.
        TooMuchWork: if the race is too large for an interactive page.
    """
    if not experiments:
        raise ValueError("experiments=[] must hold at least one experiment")
    first = experiments[0]
    for other in experiments[1:]:
        differing = [key for key in KEYS if key not in RACERS and getattr(other, key) != getattr(first, key)]
        if differing:
            raise ValueError(f"experiments={differing} must agree in a race; they may differ in {sorted(RACERS)}")
    data = load(first) if data is None else data
    order = sorted(range(len(experiments)), key=lambda i: experiments[i].optimizer)
    ranked = tuple(experiments[i] for i in order)
    network = network_of(first, data)
    work = max(check_work(experiment, data, network, len(experiments)) for experiment in experiments)
    recordings = descend(ranked, (len(ranked),), data, network, work, progress, frames, dtype)
    return [recordings[order.index(i)] for i in range(len(order))]


def check_work(experiment: Experiment, data: Dataset, network: Network, runs: int = 1) -> float:
    """The estimated multiply-adds of a run; raises `TooMuchWork` where they are too many for an interactive page."""
    work = runs * experiment.work(data.x.shape[0], network.sizes[-1], len(data.train))
    if work > MOST_WORK:
        raise TooMuchWork(
            f"This run would take about {work / MOST_WORK:.1f} times the work that fits an interactive page: "
            f"reduce the steps ({experiment.steps}), the batch ({experiment.batch or 'all'} of {len(data.train)} "
            f"samples) or the hidden layers ({network.size:,} parameters)."
        )
    if experiment.optimizer == "newton" and network.size > NEWTON_MOST:
        raise TooMuchWork(
            f"Newton's method forms a Hessian of {network.size:,} x {network.size:,} numbers in every step; "
            f"reduce the hidden layers to at most {NEWTON_MOST} parameters in all."
        )
    return work
