"""Rules for the whole suite."""

import os
from itertools import pairwise
from time import thread_time

import pytest

from engine.cancellation import cancellable

REQUIRE_ALL = "DESCENT_LAB_REQUIRE_ALL"


@pytest.fixture(scope="session")
def pieces():
    """Processor seconds of the longest piece between two cancellation points, and of the whole: `pieces(work)`."""

    def measure(work):
        times = [thread_time()]
        with cancellable(lambda: times.append(thread_time()), every=0.0):
            work()
        times.append(thread_time())
        return max(after - before for before, after in pairwise(times)), times[-1] - times[0]

    return measure


def pytest_sessionfinish(session):
    """Where everything should be installed (`.ci/run` says so), a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get(REQUIRE_ALL) and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    if os.environ.get(REQUIRE_ALL) and skipped:
        terminalreporter.write_line(f"{REQUIRE_ALL} is set: {len(skipped)} skipped tests count as failed", red=True)
