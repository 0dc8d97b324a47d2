"""Small tables of words and numbers, as part of the text: read out, printed, selected and copied like the rest of it.

Streamlit's table for data scrolls through a million rows, and takes a megabyte of script for five.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any


def as_html(title: str, columns: Mapping[str, Sequence[str]]) -> str:
    """A table of columns `{head: a text for each row}`, of which the first names the rows; its looks are in app.css.

    It is a region of its own, named by its title, where one comes by the keyboard to see what lies aside.
    """
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in columns)
    lines = [
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(text)}</td>" for text in texts)}</tr>'
        for name, *texts in zip(*columns.values(), strict=True)
    ]
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f'<div class="table" role="region" tabindex="0" aria-label="{escape(title)}">{table}</div>'


def as_csv(columns: Mapping[str, Sequence[Any]]) -> str:
    """A file of columns `{head: a value for each row}`, empty where one is None (RFC 4180)."""
    file = io.StringIO()
    csv.writer(file).writerows([columns, *zip(*columns.values(), strict=True)])
    return file.getvalue()
