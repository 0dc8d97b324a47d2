"""Training: from an experiment to a recording.

`train` runs one experiment; `race` runs several side by side on the same batches, with one gradient evaluation a step
for all of them. Both refuse before they begin what is beyond the limits of the host (`engine.work`). A step is in
`step`, the loop of steps in `loop`, what is kept of them in `history`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.datasets import Dataset
from engine.experiment import KEYS, Experiment
from engine.experiment.options import BESIDE
from engine.network import Network
from engine.training.builders import load, network_of
from engine.training.loop import Loop
from engine.training.recording import FRAMES, Recording

#: What the experiments of one race may differ in.
MAY_DIFFER = {"optimizer", "lr", "schedule", "warmup", "seed", *BESIDE["optimizer"], *BESIDE["schedule"]}


def train(
    experiment: Experiment,
    progress: Callable[[float], None] | None = None,
    *,
    data: Dataset | None = None,
    network: Network | None = None,
    frames: int = FRAMES,
    dtype: Any = np.float64,
    partial: Callable[[Recording], None] | None = None,
) -> Recording:
    """Train the network that the experiment describes; equal arguments give bitwise equal recordings.

    Args:
        experiment: the run.
        progress: called now and then with the finished share, 0 to 1; what it raises ends the run.
        data: the data to use in place of `experiment.data`, for example a loaded table.
        network: the network to use in place of the experiment's dense one, for example a convolutional one.
        frames: key frames at the most; `experiment.steps + 1` keeps every step.
        dtype: precision of the run, float64 or float32.
        partial: called with the recording so far, up to its last key frame, whenever there is a new one. Nothing of it
            is copied, so that it costs next to nothing; it stays as it is while the run goes on.

    Raises:
        TooMuchWork: if the run would take more time or memory than the host allows.
        ValueError: if loss and data do not go together.
    """
    data = load(experiment) if data is None else data
    experiment = experiment.on(data)
    network = network_of(experiment, data) if network is None else network
    return Loop((experiment,), (), data, network, frames, dtype).run(progress, partial)[0]


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
        TooMuchWork: if the race would take more time or memory than the host allows.
    """
    if not experiments:
        raise ValueError("experiments=[] must hold at least one experiment")
    data = load(experiments[0]) if data is None else data
    experiments = [experiment.on(data) for experiment in experiments]
    first = experiments[0]
    for other in experiments[1:]:
        differing = [key for key in KEYS if key not in MAY_DIFFER and getattr(other, key) != getattr(first, key)]
        if differing:
            raise ValueError(f"experiments={differing} must agree in a race; they may differ in {sorted(MAY_DIFFER)}")
    order = sorted(range(len(experiments)), key=lambda i: experiments[i].optimizer)
    ranked = tuple(experiments[i] for i in order)
    recordings = Loop(ranked, (len(ranked),), data, network_of(first, data), frames, dtype).run(progress)
    return [recordings[order.index(i)] for i in range(len(order))]
