"""What a pool of processes gains: `python tests/benchmarks/bench_study.py`.

A grid of 8 x 8 default runs, one after the other in this process, and in a process for each core, in turns; the rows
are compared before anything is timed. A row gives the median of the seconds and how many times faster the pool was.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import statistics
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import perf_counter

from engine import Experiment
from engine.experiment import SETTINGS
from engine.study import grid, run, values_of

ROUNDS = 7


def timed(experiments, executor=None):
    began = perf_counter()
    rows = run(experiments, executor)
    return perf_counter() - began, rows


def main():
    rates, _ = values_of(SETTINGS["lr"], "1e-3..1 log 8")
    experiments = grid(Experiment(), {"lr": rates, "seed": range(8)})
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        run(experiments[:8], pool)  # the processes have started
        ratios, alone, pooled = [], [], []
        for _ in range(ROUNDS):
            (one, here), (many, there) = timed(experiments), timed(experiments, pool)
            assert here == there
            alone.append(one)
            pooled.append(many)
            ratios.append(one / many)
    spread = f"{statistics.median(ratios):.2f} times faster ({min(ratios):.2f} - {max(ratios):.2f})"
    sys.stdout.write(
        f"64 runs: {statistics.median(alone):.2f} s in a loop, {statistics.median(pooled):.2f} s in a pool, {spread}\n"
    )


if __name__ == "__main__":
    main()
