"""Estimates of time against what really happens: `python tests/benchmarks/bench_work.py`.

A row for each kind of run, over the extremes of the settings: the estimate of `engine.work`, the processor time of the
run and their ratio. The goal is a ratio from 1/3 to 3.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from time import process_time

import numpy as np

from engine import Experiment, race, train
from engine.optimizers import OPTIMIZERS
from engine.training import load, network_of
from engine.vision import blocks_of, convolutional, enlarged
from engine.work import training_work

RUNS = [
    {},
    {"steps": 20_000, "arch": (4,)},
    {"arch": (), "data": "plane"},
    {"arch": (64, 64), "samples": 1000},
    {"arch": (512, 512), "samples": 1000, "steps": 20},
    {"arch": (512,) * 5, "steps": 20},
    {"arch": (512,) * 10, "samples": 1000, "steps": 5},
    {"arch": (8,) * 50},
    {"arch": (2,) * 100, "batch": 1},
    {"batch": 1, "steps": 5000},
    {"arch": (512, 512), "batch": 1, "steps": 200},
    {"optimizer": "lbfgs", "history_size": 500, "steps": 1000, "lr": 0.1},
    {"optimizer": "lbfgs", "history_size": 500, "arch": (64,) * 4, "steps": 600, "lr": 0.1},
    {"optimizer": "newton", "arch": (19, 19), "samples": 500, "steps": 3},
    {"optimizer": "newton", "steps": 20},
    {"patience": 20_000, "steps": 2000, "test": 0.9, "samples": 5000, "lr": 1e-6},
    {"data": "digits", "arch": (32,), "batch": 64, "steps": 1000},
    {"data": "digits", "arch": (512, 512), "batch": 64, "steps": 100},
    {"norm": "batch", "arch": (16,) * 8},
    {"norm": "layer", "arch": (128,) * 3, "samples": 1000, "steps": 100},
    {"residual": "gated", "arch": (32,) * 10},
    {"dropout": 0.5, "arch": (64, 64)},
    {"act": ("gelu",), "arch": (128, 128), "samples": 2000, "steps": 50},
    {"act": ("relu",), "arch": (256, 256), "samples": 5000, "steps": 20},
    {"clip": 1.0, "gradient_noise": 0.1, "arch": (64, 64)},
    {"optimizer": "sgd", "arch": (256, 256), "batch": 8},
    {"optimizer": "adadelta", "arch": (256, 256), "batch": 8},
]
FIRST_ORDER = [name for name in OPTIMIZERS if name != "newton"]
RATES = np.geomspace(1e-6, 1e-3, 32).tolist()
RACES = {
    "15 optimizers": [Experiment(optimizer=name, lr=1e-4, steps=2000) for name in FIRST_ORDER],
    "32 rates of each": [Experiment(optimizer=name, lr=lr) for name in FIRST_ORDER for lr in RATES],
    "32 rates, 64-64": [Experiment(arch=(64, 64), lr=lr, steps=200) for lr in RATES],
    "5 of 512-512": [Experiment(optimizer=name, arch=(512, 512), lr=1e-5, steps=10) for name in FIRST_ORDER[:5]],
}
#: Blocks, pixels to a side, batch and precision of convolutional networks, 20 steps each.
CONVOLUTIONS = [
    ("32k3p-64k3p-64k3", 28, 64, np.float32),
    ("32k3p-64k3p-64k3", 28, 64, np.float64),
    ("32k3p-64k3p-64k3", 28, 4, np.float32),
    ("8k3p-16k3p", 28, 64, np.float32),
    ("64k5-64k5-64k5-64k5", 28, 64, np.float32),
    ("4k5p", 28, 512, np.float32),
    ("8k3p-16k3", 8, 64, np.float32),
]


def convolutions():
    """A row for each convolutional network, on the digits."""
    for blocks, side, batch, dtype in CONVOLUTIONS:
        experiment = Experiment(data="digits", act="relu", init="he", lr=1e-3, arch=(64,), batch=batch, steps=20)
        data = enlarged(load(experiment), side)
        experiment = experiment.on(data)
        network = convolutional(experiment, (1, side, side), blocks_of(blocks), 10)
        work = training_work([experiment], network, len(data.train), frames=2, itemsize=np.dtype(dtype).itemsize)
        start = process_time()
        train(experiment, data=data, network=network, frames=2, dtype=dtype)
        taken = process_time() - start
        name = f"{blocks} on {side} x {side}, batch {batch}, {dtype.__name__}"
        print(f"{work.seconds:7.2f} s {taken:7.2f} s {work.seconds / taken:6.2f}  {name}")  # noqa: T201


def main():
    """Print a row for each case."""
    print("estimate    taken  ratio")  # noqa: T201
    convolutions()
    cases = {str(settings): [Experiment(**settings)] for settings in RUNS} | RACES
    for name, experiments in cases.items():
        data = load(experiments[0])
        network = network_of(experiments[0], data)
        work = training_work(experiments, network, len(data.train), len(data.test))
        start = process_time()
        found = race(experiments, data=data)
        taken = process_time() - start
        made = max(len(recording.loss) for recording in found) / (experiments[0].steps + 1)
        print(f"{work.seconds * made:7.2f} s {taken:7.2f} s {work.seconds * made / taken:6.2f}  {name}")  # noqa: T201


if __name__ == "__main__":
    main()
