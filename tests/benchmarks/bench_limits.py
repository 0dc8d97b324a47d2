"""Every setting's maximum, alone and in pairs, on every page: `python tests/benchmarks/bench_limits.py`.

A link with the largest values is opened on a page of the app, as a stranger would. What the page then computes by
itself must be done in bounded time and memory, and everything else must wait for a button or be refused in words: never
a traceback, never a page that goes on. The process has a limit of memory (`resource.RLIMIT_AS`): beyond it NumPy fails.

Pairs are thousands: `--pairs 100` draws so many, the same for a `--seed`, and `--part 2/9` takes the second of nine
parts of them all. What starts by itself may take ten seconds: with `--at-once 0.5` what takes longer than half a second
is not run, only judged. The exit status is 1 where a page broke.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import logging
import random
import resource
import sys
from functools import cache
from importlib import import_module
from itertools import combinations
from pathlib import Path
from time import process_time

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from engine.experiment import SETTINGS
from engine.experiment.settings import Choice, Several, Widths
from engine.work import AT_ONCE
from pages.common import menu
from pages.common.runs import computation

ROOT = Path(__file__).resolve().parents[2]
SECONDS, MEGABYTES = (
    40,
    900,
)  #: of a page that starts at most 10 s and 300 MB of work: slow machines, the app itself, charts
LARGEST = {  #: where the largest is more than one thing
    "arch": ["-".join(["512"] * 100), "-".join(["2"] * 100), "512-512", "64-64-64-64", "19-19"],
    "track": ["formula", "network"],
    "plane": ["slice", "random", "weights", "hessian"],
    "dview": ["training", "phase", "jacobian", "recurrence"],
    "cvview": ["network", "cell", "input"],
    "cvblocks": ["64k5-64k5-64k5-64k5", "64k3-64k3-64k3-64k3p"],
    "optimizer": ["newton", "lbfgs"],
    "data": ["digits", "line"],
    "fxy": ["+".join(f"sin({k}*x)*cos({k}*y)" for k in range(1, 20))],
    "st1v": ["0.001..1 log 100"],
    "st2": ["seed"],
    "st2v": ["0..99 100"],
    "stview": ["samples", "answers"],
    "stplan": ["random", "both"],
    "lchapter": ["5"],
}
PAGES = tuple(page.name for page in menu.PAGES)
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)  # not for each session


def largest(key, setting):
    """The texts of the largest values of a setting, those that cost most."""
    if key in LARGEST:
        return LARGEST[key]
    if isinstance(setting, Several):
        return ["-".join(setting.options)]
    if isinstance(setting, Choice):
        return [setting.options[-1]]
    high = getattr(setting, "high", None)
    return [] if high is None or isinstance(setting, Widths) else [setting.format(high)]


def own(page):
    """The settings that a page adds to those of an experiment."""
    return dict(import_module(f"pages.sections.{page}.settings").SETTINGS)


def cases(settings):
    """All pairs `(key, text)` of such settings."""
    return [(key, text) for key, setting in settings.items() for text in largest(key, setting)]


def links_of(page, chosen, draw):
    """The links to open on a page, lists of `(key, text)`: settings alone, then pairs of them."""
    every = cases(SETTINGS | own(page))
    alone = cases(own(page)) if chosen.own else every
    alone = draw.sample(alone, min(chosen.singles, len(alone)))
    pairs = [list(pair) for pair in combinations(every, 2) if pair[0][0] != pair[1][0]]
    if chosen.part:
        part, parts = map(int, chosen.part.split("/"))
        return pairs[part - 1 :: parts]
    return [[one] for one in alone] + draw.sample(pairs, min(chosen.pairs, len(pairs)))


def opened(page, link):
    """What came of a link: a word, and the seconds and megabytes that it took."""
    before, start = resident(), process_time()
    session = AppTest.from_file(ROOT / "app.py", default_timeout=600)
    session.switch_page(f"pages/{page}.py")
    for key, text in link:
        session.query_params[key] = text
    session.run()
    seconds, megabytes = process_time() - start, resident() - before
    if session.exception:
        word = f"BROKEN: {session.exception[0].value[:200]}"
    elif any(button.key == "run_it" for button in session.button):
        word = f"offered: {session.button(key='run_it').label}"
    elif any("allowed here" in warning.value.replace("\\", "") for warning in session.warning):
        word = "refused"
    else:
        word = "done"
    if seconds > SECONDS or megabytes > MEGABYTES:
        word = f"BROKEN: too much ({word})"
    return word, seconds, megabytes


def resident():
    """The most megabytes that this process had in use so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    """Print a row for each link, and how many broke."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", default=PAGES, help="all without")
    parser.add_argument("--pairs", type=int, default=0, help="of settings, for each page")
    parser.add_argument("--singles", type=int, default=1000, help="of settings, for each page")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--megabytes", type=int, default=6000, help="limit of the address space")
    parser.add_argument("--at-once", type=float, default=AT_ONCE.seconds, help="seconds of what starts by itself")
    parser.add_argument("--own", action="store_true", help="alone only the settings that a page adds")
    parser.add_argument("--part", help="of all pairs, such as 2/9, in place of drawn ones")
    parser.add_argument("--link", help="one link only, as JSON")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    resource.setrlimit(resource.RLIMIT_AS, (chosen.megabytes * 2**20,) * 2)
    draw, broken = random.Random(chosen.seed), 0
    opened("train", [])  # what is there once for all
    computation.AT_ONCE = AT_ONCE._replace(seconds=chosen.at_once)
    for page in chosen.pages:
        for link in [list(json.loads(chosen.link).items())] if chosen.link else links_of(page, chosen, draw):
            word, seconds, megabytes = opened(page, link)
            broken += word.startswith("BROKEN")
            shown = " ".join(f"{key}={text[:30]}" for key, text in link)
            print(f"{page:<13} {seconds:5.1f} s {megabytes:5.0f} MB  {word:<30} {shown}", flush=True)  # noqa: T201
    print(f"{broken} broken")  # noqa: T201
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
