"""The engine against PyTorch on the small networks that people explore: `python tests/benchmarks/bench_engine.py`.

Both sides compute the same numbers on one thread; `engine_cases` says what they are, and what torch is given. Beyond
them the engine records updates, norms and angles, which torch is spared.

Before a case is timed, its two results are compared, array by array: the largest difference between the two sides must
be at most 1e-9 (float64) or 1e-4 (float32) of the largest number in torch's array. If it is not, the benchmark names
the array and ends with an error.

Runs are interleaved; a row gives the median processor time of each side (not the clock's, so that other work on the
machine disturbs less), how many times more torch took, with the spread of that ratio over the rounds as its noise, the
goal, and the largest relative difference that the comparison found.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import sys

import numpy as np
import torch
from engine_cases import seconds, w1, w2, w3, w4, w5, w6, w7, w8

torch.set_num_threads(1)

#: work, precision, goal (how many times faster than torch)
CASES = [
    (w1, np.float32, 10),
    (w1, np.float64, 6.5),
    (w2, np.float32, 16),
    (w2, np.float64, 16),
    (w3, np.float32, 5),
    (w3, np.float64, 2.4),
    (w4, np.float32, 7),
    (w5, np.float32, 2.7),
    (w5, np.float64, 2.4),
    (w6, np.float32, 4.8),
    (w7, np.float32, 1 / 1.2),
    (w8, np.float32, 1 / 1.2),
]
TOLERANCES = {np.float32: 1e-4, np.float64: 1e-9}  #: of the largest number of an array


def agreement(work, dtype):
    """The largest difference of the two sides by torch's largest number; ends the benchmark if it is too large."""
    ours, theirs = work.results(work.ours()), work.theirs()
    worst = 0.0
    for name, expected in theirs.items():
        found, wanted = np.asarray(ours[name], dtype=float), expected.double().numpy()
        if found.shape != wanted.shape:
            sys.exit(f"{name}: shape {found.shape} here, {wanted.shape} in torch")
        difference = np.abs(found - wanted).max() / np.abs(wanted).max()
        if not difference <= TOLERANCES[dtype]:
            sys.exit(f"{name}: differs from torch's by {difference:.1e} of its largest number")
        worst = max(worst, difference)
    return worst


def measure(work, rounds):
    """Median seconds of both and the ratios of the rounds, interleaved; the comparison before was the warm-up."""
    times = [(seconds(work.ours), seconds(work.theirs)) for _ in range(rounds)]
    ours, theirs = zip(*times, strict=True)
    return statistics.median(ours), statistics.median(theirs), sorted(b / a for a, b in times)


def main():
    """Print a row for each case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", help="names such as w1; all without")
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    print("work  type      ours ms  torch ms   ratio  (spread)        goal  difference")  # noqa: T201
    for case, dtype, goal in CASES:
        if chosen.cases and case.__name__ not in chosen.cases:
            continue
        work = case(dtype)
        difference = agreement(work, dtype)
        a, b, ratios = measure(work, chosen.rounds)
        spread = f"({ratios[0]:.2f} - {ratios[-1]:.2f})"
        row = f"{case.__name__:<5} {np.dtype(dtype).name:<8} {a * 1e3:8.1f} {b * 1e3:9.1f}"
        row += f" {b / a:7.2f}  {spread:<15} {goal:4.2f}  {difference:.0e}"
        print(row)  # noqa: T201


if __name__ == "__main__":
    main()
