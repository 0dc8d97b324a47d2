"""Small tables of words and numbers, as part of the text: read out, printed, selected and copied like the rest of it.

Streamlit's own tables are pictures, which scroll through a million rows and take a megabyte of script.
"""

import csv
import io
from collections.abc import Mapping, Sequence

from pages.common.text import plain


def as_markdown(columns: Mapping[str, Sequence[str]]) -> str:
    """A table of columns `{title: a text for each row}`; the first one names the rows, the others are set right."""
    lines = [[plain(title) for title in columns], ["---", *["---:"] * (len(columns) - 1)]]
    lines += [[plain(text) for text in row] for row in zip(*columns.values(), strict=True)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_csv(columns: Mapping[str, Sequence[str]]) -> str:
    """The same table as a file (RFC 4180)."""
    file = io.StringIO()
    csv.writer(file).writerows([columns, *zip(*columns.values(), strict=True)])
    return file.getvalue()
