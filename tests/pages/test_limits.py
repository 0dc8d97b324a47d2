"""Nobody can take the server down with a link: what is heavy waits for a button or is refused, on every page.

`tests/benchmarks/bench_limits.py` opens the pages with every setting's maximum, alone and in pairs, in a process with a
memory limit; here it does so for a few of them, and for the links that once held a core for hours or took gigabytes.
"""

import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest

from pages.common.menu import PAGES

ROOT = Path(__file__).resolve().parents[2]
WIDE, DEEP = "-".join(["512"] * 10), "-".join(["512"] * 100)
ONCE_FATAL = [
    ("train", {"optimizer": "newton", "arch": "19-19", "samples": "5000", "steps": "20000"}),
    ("train", {"optimizer": "lbfgs", "history_size": "500", "arch": "64-64-64-64", "steps": "20000"}),
    ("train", {"optimizer": "lbfgs", "history_size": "500", "arch": "-".join(["512"] * 12)}),
    ("train", {"arch": DEEP, "steps": "1"}),
    ("layers", {"arch": DEEP, "steps": "1"}),
    ("backprop", {"arch": WIDE}),
    ("backprop", {"arch": DEEP}),
    ("backprop", {"optimizer": "newton", "arch": "19-19", "samples": "5000", "step": "300"}),
    ("loss_surface", {"arch": "-".join(["512"] * 30), "steps": "1"}),
    ("loss_surface", {"race": "newton", "arch": "19-19", "samples": "5000", "steps": "20000"}),
    ("optimizers", {"track": "network", "arch": "512-512-512"}),
    ("optimizers", {"track": "network", "steps": "20000", "racers": "adam-lbfgs-rprop"}),
    ("depth", {"dview": "training", "depth": "100", "width": "200"}),
]


@pytest.mark.parametrize(("page", "link"), ONCE_FATAL, ids=lambda part: str(part)[:60])
def test_a_link_that_held_a_core_or_took_gigabytes_is_offered_or_refused(app, page, link):
    start = process_time()
    session = app(link, page)
    assert process_time() - start < 5
    said = " ".join(text.value for text in [*session.warning, *session.markdown]).replace("\\", "")
    assert "reduce the" in said or any(button.key == "run_it" for button in session.button)


def test_the_largest_values_are_done_offered_or_refused_in_a_process_with_a_memory_limit():
    script = ROOT / "tests" / "benchmarks" / "bench_limits.py"
    some = ["--singles", "3", "--pairs", "3", "--seed", "12"]
    command = [sys.executable, script, *some]
    found = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert found.returncode == 0, found.stdout[-3000:] + found.stderr[-3000:]
    assert found.stdout.endswith("0 broken\n")
    assert found.stdout.count("\n") == 6 * len(PAGES) + 1


def test_each_setting_of_a_page_at_its_maximum_is_done_offered_or_refused():
    """Of what starts by itself only half a second is run here, and the rest judged, as all pairs are by the script."""
    command = [sys.executable, ROOT / "tests" / "benchmarks" / "bench_limits.py", "--own", "--at-once", "0.5"]
    found = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert found.returncode == 0, found.stdout[-3000:] + found.stderr[-3000:]
    assert found.stdout.endswith("0 broken\n")
