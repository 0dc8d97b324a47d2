"""A file of delimited text, from bytes to numbered rows of cells.

Which character parts the cells is found by trying: the delimiter under which the first rows all have one and the same
number of cells, more than one. Semicolon and tab are tried before the comma, which also stands within numbers and
text. Quoted cells may hold delimiters and line breaks (RFC 4180). Whatever cannot be split raises one `TableError`.
"""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

DELIMITERS = ";\t,"
ROWS_TRIED = 20
MOST_BYTES = 5_000_000
MOST_COLUMNS = 200
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")  #: what text never holds: all but tab, line and page breaks


class TableError(ValueError):
    """What is wrong with a table, in one sentence for the screen."""


class Row(NamedTuple):
    """The cells of a row, and the line of the file on which it begins."""

    line: int
    cells: list[str]


def split(data: bytes) -> tuple[list[Row], str]:
    """The rows of a file, all equally wide, and their delimiter; blank rows are left out.

    Raises:
        TableError: for a file that is empty, too large, not text, ragged, badly quoted, or of one column or too many.
    """
    if len(data) > MOST_BYTES:
        raise TableError(f"The file has {len(data) / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} MB can be read.")
    text = _text(data)
    delimiter = _delimiter(text)
    rows = list(_rows(text, delimiter))
    if not rows:
        raise TableError("The file is empty.")
    width = len(rows[0].cells)
    if width > MOST_COLUMNS:
        raise TableError(f"The file has {width} columns; at most {MOST_COLUMNS} can be read.")
    if width < 2:
        raise TableError("The file has a single column; at least a feature and a target are needed.")
    for row in rows:
        if len(row.cells) != width:
            raise TableError(f"Line {row.line} has {len(row.cells)} cells where the first line has {width}.")
    return rows, delimiter


def _text(data: bytes) -> str:
    wide = data.startswith(UTF_16)
    if b"\0" in data and not wide:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise TableError(f"The file is not text: line {line} holds a zero byte. Save the table as CSV first.")
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise TableError(f"The file is not UTF-8 text: line {line} holds a byte that cannot be read.") from None
    if not text.strip():
        raise TableError("The file is empty.")
    if found := CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise TableError(f"The file is not text: line {line} holds the control character {ord(found[0])}.")
    return text


def _delimiter(text: str) -> str:
    """The first under which the rows agree; where none does, the one that cuts the first row into the most cells."""
    widths = {delimiter: _first_widths(text, delimiter) for delimiter in DELIMITERS}
    agreed = (d for d in DELIMITERS if widths[d][0] > 1 and len(set(widths[d])) == 1)
    return next(agreed, max(DELIMITERS, key=lambda delimiter: widths[delimiter][0]))


def _first_widths(text: str, delimiter: str) -> list[int]:
    """Cells in each of the first rows; a 0 ends them where the quotation marks do not fit the delimiter."""
    widths: list[int] = []
    try:
        widths.extend(len(cells) for cells in islice(filter(_filled, _reader(text, delimiter)), ROWS_TRIED))
    except csv.Error:
        widths.append(0)
    return widths or [0]


def _reader(text: str, delimiter: str) -> Any:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    reader = _reader(text, delimiter)
    line = 1
    try:
        for cells in reader:
            if _filled(cells):
                yield Row(line, [cell.strip() for cell in cells])
            line = reader.line_num + 1
    except csv.Error as problem:
        cause = "a quotation mark is never closed, or text follows the closing one"
        if "limit" in str(problem):
            cause = f"one has more than {csv.field_size_limit():,} characters, as when a quotation mark is not closed"
        raise TableError(f"Line {line} cannot be split into cells: {cause}.") from None


def _filled(cells: list[str]) -> bool:
    return any(cell.strip() for cell in cells)
