"""Whatever the screen shows can be taken away: the numbers of a run as a table for a spreadsheet."""

import csv
import io
from collections.abc import Mapping

import numpy as np

from engine.training import Recording


def table(columns: Mapping[str, np.ndarray]) -> str:
    """Columns of equal length as CSV text with a header: every digit, and nothing for not a number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    texts = [["" if np.isnan(value) else value for value in values.tolist()] for values in columns.values()]
    writer.writerows(zip(*texts, strict=True))
    return text.getvalue()


def run_table(recording: Recording) -> str:
    """A line for each step of a run."""
    return table(recording.table())
