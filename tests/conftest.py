"""Rules for the whole suite."""

import os

import pytest

REQUIRE_ALL = "DESCENT_LAB_REQUIRE_ALL"


def pytest_sessionfinish(session):
    """Where everything should be installed (`.ci/run` says so), a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get(REQUIRE_ALL) and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    if os.environ.get(REQUIRE_ALL) and skipped:
        terminalreporter.write_line(f"{REQUIRE_ALL} is set: {len(skipped)} skipped tests count as failed", red=True)
