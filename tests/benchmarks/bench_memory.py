"""What stays in memory: `python tests/benchmarks/bench_memory.py changes`, or `study`, or `cluster`.

`changes` makes a thousand changes of one session over Train, Loss surface and Optimizers, with a run that is pinned,
rivals, and a table of one's own; every change is a run that was not made before. Printed are the megabytes that this
process has in use, and those of the results that it keeps, of which there may be 200. `study` makes a study of 10,000
small runs on its page, in processes of this machine; `cluster` the same on a local Dask scheduler with two workers, for
which it prints the scheduler's megabytes too. What stays between the first tenth and the end is what leaks.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import logging
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

import numpy as np
from streamlit.testing.v1 import AppTest

from pages.common.runs.cache import RESULTS
from pages.sections.study.executors import SCHEDULER

ROOT = Path(__file__).resolve().parents[2]
PAGE = os.sysconf("SC_PAGE_SIZE")
PAGES = ("train", "loss_surface", "optimizers")
RIVALS = {"race": ["sgd", "momentum", "rmsprop"], "racers": ["sgd", "adam"], "track": "network", "fair": "same"}
STUDY = {"st1": "seed", "st1v": "0..99 100", "st2": "lr", "st2v": "0.001..1 log 100", "stseeds": "1", "stplan": "grid"}
TINY = {"steps": "5", "samples": "20", "arch": "2"}
CLUSTER = """
import sys, time
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


def megabytes(process="self"):
    """Of memory that a process has in use, those of its libraries included."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE / 2**20


def opened(page, link):
    """A new session on a page."""
    session = AppTest.from_file(ROOT / "app.py", default_timeout=3600)
    session.switch_page(f"pages/{page}.py")
    for key, text in link.items():
        session.query_params[key] = text
    return session.run()


def told(what, other=None):
    """Print what is in use now, here and in another process."""
    beside = f", scheduler {megabytes(other):4.0f} MB" if other else ""
    print(f"{what:<12} {megabytes():6.0f} MB, results {RESULTS.used / 2**20:5.0f} MB{beside}", flush=True)  # noqa: T201


def table():
    """A table of 400 rows, as a file."""
    x = np.random.default_rng(0).normal(size=(400, 3)).round(3)
    rows = [",".join(map(str, [*row, "ab"[int(row.sum() > 0)]])) for row in x]
    return "\n".join(["first,second,third,kind", *rows]).encode()


def changes(count):
    """A session in which a setting is changed again and again."""
    session = opened("train", {"steps": "200"} | {"pin": "v:1~lr:0.01"})
    for key, value in RIVALS.items():
        session.session_state[key] = value
    for n in range(1, count + 1):
        if n % 250 == 1:  # the table comes and goes
            own = n % 500 == 1
            session.switch_page("pages/train.py")
            session.session_state["data"] = "csv" if own else "moons"
            session.run()
            if own:
                session.file_uploader(key="csv_file").upload("own.csv", table())
        if n % 10 == 1:
            session.switch_page(f"pages/{PAGES[n // 10 % len(PAGES)]}.py")
        session.session_state["seed"] = n
        session.run()
        if session.exception:
            sys.exit(session.exception[0].value)
        if n % (count // 10) == 0:
            told(f"{n:,}")


def study(scheduler=None):
    """A study of 10,000 runs, while a thread prints what is in use, here and in the process of a scheduler."""
    session = opened("study", TINY | {"st1v": "0.1, 0.2"})
    for key, text in STUDY.items():
        session.session_state[key] = int(text) if text.isdigit() else text
    done, began = Event(), perf_counter()

    def watch():
        while not done.wait(10):
            told(f"{len(session.session_state['study_rows']):,} rows", scheduler)

    Thread(target=watch, daemon=True).start()
    session.run()
    if any(button.key == "run_it" for button in session.button):
        session.button(key="run_it").click().run()
    done.set()
    told(f"{len(session.session_state['study_rows']):,} rows", scheduler)
    said = [element.value for element in (*session.exception, *session.warning)]
    print(f"{perf_counter() - began:.0f} s {said}")  # noqa: T201


def on_cluster():
    """The same on a scheduler of its own process."""
    with subprocess.Popen([sys.executable, "-c", CLUSTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cluster:
        os.environ[SCHEDULER] = cluster.stdout.readline().decode().strip()
        study(cluster.pid)
        cluster.stdin.close()


def main():
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("changes", "study", "cluster"))
    parser.add_argument("--count", type=int, default=1000, help="of changes")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    if chosen.what == "changes":
        changes(chosen.count)
    else:
        (study if chosen.what == "study" else on_cluster)()


if __name__ == "__main__":
    main()
