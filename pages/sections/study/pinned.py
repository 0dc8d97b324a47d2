"""A, the pinned run, as a study sees a run: one row of numbers."""

from engine.study import Row
from engine.study.rows import row_of
from pages.common.app.head import Head
from pages.common.runs.cache import trained
from pages.common.settings import Settings


def row_of_pinned(kept: Settings | None, tolerance: float, head: Head) -> Row | None:
    """The row of A, with its own settings, seed and data; None without one."""
    return None if kept is None else row_of(trained(kept, head), kept.experiment, tolerance)
