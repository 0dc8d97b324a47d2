"""What the pages cost: `python tests/benchmarks/bench_pages.py`.

Processor time of the computations behind the pages and of a whole run of each page's script after a changed setting
(AppTest, so without the browser), and the bytes of its charts. A row gives the smallest of the rounds, the median, and
the goal where an issue names one.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import logging
import statistics
import time
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from engine import Experiment, train
from engine.depth import Deep, measure
from engine.depth.phase_diagram import axes, diagram
from engine.depth.signals import noise
from engine.descent import descend_all
from engine.landscape import evaluate, extent, pca_plane
from engine.optimizers import OPTIMIZERS
from engine.surfaces import SURFACES
from engine.training import targets

logging.disable(logging.WARNING)  # Streamlit misses its server
APP = str(Path(__file__).parents[2] / "app.py")
EIGHT = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "lion")


def default_run():
    """The default experiment, recorded."""
    train(Experiment())


def grid_of_the_default():
    """Loss of the default network at 51 x 51 points of the plane of its path."""
    recording = train(Experiment())
    plane, data = pca_plane(recording.params), recording.data
    x, y = data.x[:, data.train], targets(recording.experiment, data)[:, data.train]
    frame = extent(plane, recording.params)
    return lambda: evaluate(plane, lambda p: recording.network.loss(p, x, y), frame, 51, dtype=np.float32)


def race_on_a_surface():
    """Eight optimizers x 300 steps on Rosenbrock's function."""
    surface = SURFACES["rosenbrock"]
    optimizers = {name: OPTIMIZERS[name](lr=1e-3) for name in EIGHT}
    return lambda: descend_all(surface, surface.start, optimizers, 300)


def deep_signals():
    """Forward and backward norms of 50 layers of 64 units over 8 seeds."""
    deep, x = Deep(depth=50, width=64, activation="tanh"), noise(64, 32)
    return lambda: measure(deep, x)


def phase_diagram():
    """The 30 x 30 diagram of depth and weight scale."""
    stds, depths = axes("tanh", 0.05)
    return lambda: diagram("tanh", 0.05, stds, depths)


COMPUTATIONS = [
    (default_run.__doc__, lambda: default_run, 100),
    (grid_of_the_default.__doc__, grid_of_the_default, 60),
    (race_on_a_surface.__doc__, race_on_a_surface, 50),
    (deep_signals.__doc__, deep_signals, 150),
    (phase_diagram.__doc__, phase_diagram, 1500),
]


def timed(work, rounds):
    """Processor milliseconds of each round, after one to warm up."""
    work()
    taken = []
    for _ in range(rounds):
        begin = time.process_time()
        work()
        taken.append(1e3 * (time.process_time() - begin))
    return taken


def page_change(name):
    """A whole run of a page after its learning rate has changed; and the bytes of its charts."""
    session = AppTest.from_file(APP, default_timeout=60).run()
    if name != "train":
        session.switch_page(f"pages/{name}.py").run()
    rates = iter(np.linspace(0.01, 0.09, 50))

    def change():
        session.number_input(key="cvlr" if name == "convolution" else "lr").set_value(float(next(rates))).run()

    return change, lambda: sum(len(stage.proto.bytes) for stage in session.get("bidi_component"))


def main():
    """Print a row for each computation and each page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    print("    min ms  median ms  goal ms")  # noqa: T201
    for title, build, goal in COMPUTATIONS:
        taken = timed(build(), rounds)
        print(f"{min(taken):10.1f} {statistics.median(taken):10.1f} {goal:8}  {title}")  # noqa: T201
    for page in sorted(Path(APP).parent.glob("pages/*.py")):
        if page.stem != "__init__":
            change, size = page_change(page.stem)
            taken = timed(change, rounds)
            row = f"{min(taken):10.1f} {statistics.median(taken):10.1f}           {page.stem}, a changed setting"
            print(f"{row}; charts {size() / 1e3:.0f} kB")  # noqa: T201


if __name__ == "__main__":
    main()
