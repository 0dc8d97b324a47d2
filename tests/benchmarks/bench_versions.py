"""The engine here against that of another checkout: `python tests/benchmarks/bench_versions.py CHECKOUT`.

Each does the pieces of work of its own `engine_cases`, in a process of its own that waits while the other one computes;
who begins changes from round to round. A row gives the median processor time of either and how many times as long this
checkout took as the other: the median of the rounds, its spread, and the ratio of the fastest rounds, which other work
on the machine disturbs least.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

import engine_cases
import numpy as np
from bench_engine import CASES

HERE = Path(__file__).resolve().parents[2]


def work():
    """In the process of a checkout: do the case that each line names, once it is built, and print how long it took."""
    engine_cases.CHUNKS = engine_cases.CHUNKS[:1]  # torch has nothing to do, so its chunks need not be the best
    built = {}
    for line in sys.stdin:
        if line not in built:
            name, kind = line.split()
            built[line] = getattr(engine_cases, name)(np.dtype(kind).type)
        print(engine_cases.seconds(built[line].ours), flush=True)  # noqa: T201


def start(checkout):
    """A process in which everything is imported from that checkout, and nothing from the folder of this script."""
    path = os.pathsep.join([str(checkout), str(checkout / "tests" / "benchmarks")])
    return subprocess.Popen(
        [sys.executable, "-P", __file__, str(checkout), "--work"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    )


def seconds(process, case):
    """Processor time of one case there."""
    print(*case, file=process.stdin, flush=True)
    return float(process.stdout.readline())


def measure(here, there, case, rounds):
    """Seconds of both in each round; there is one more, to warm up."""
    times = []
    for i in range(rounds + 1):
        pair = {process: seconds(process, case) for process in ((here, there) if i % 2 else (there, here))}
        times.append((pair[here], pair[there]))
    return times[1:]


def main():
    """Print a row for each case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path, help="the folder of the other checkout")
    parser.add_argument("cases", nargs="*", help="names such as w1; all without")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.work:
        work()
        return
    here, there = start(HERE), start(chosen.checkout.resolve())
    print("work  type      here ms  there ms   ratio  (spread)        fastest")  # noqa: T201
    for case, dtype, _goal in CASES:
        name, kind = case.__name__, np.dtype(dtype).name
        if not chosen.cases or name in chosen.cases:
            times = measure(here, there, (name, kind), chosen.rounds)
            (ours, theirs), ratios = zip(*times, strict=True), sorted(a / b for a, b in times)
            row = f"{name:<5} {kind:<8} {statistics.median(ours) * 1e3:8.1f} {statistics.median(theirs) * 1e3:9.1f}"
            row += f" {statistics.median(ratios):7.2f}  {f'({ratios[0]:.2f} - {ratios[-1]:.2f})':<15}"
            print(f"{row} {min(ours) / min(theirs):5.2f}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
