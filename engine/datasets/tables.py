"""The user's own table: a CSV file read into columns, and columns turned into numbers.

`read_table` takes the bytes of a file and either returns a `Table` or raises one `TableError`, a sentence that says
what is wrong and where. Each column is a number or a class: a column of text is a class, and so is a column of whole
numbers with few different values, some of them repeated. `encode_table` picks the target and the features; text
features become one input for each of their values.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.datasets.csv_reader import Row, TableError, split

MOST_ROWS = 20_000
FEW_VALUES = 10  #: whole numbers with so few different values count as classes


class Column(NamedTuple):
    """One column: its name, whether it is a "number" or a "class", and its values, floats or texts `[N]`.

    `numbers` holds the values as floats where all of them are numbers (a class column of whole numbers too), else None.
    `stray` says where the first text is in a column that is mostly numbers, to be shown if the column cannot be used.
    """

    name: str
    kind: str
    values: np.ndarray
    numbers: np.ndarray | None
    stray: str = ""


@dataclass(frozen=True)
class Table:
    """The columns of a file, all of the same length."""

    columns: tuple[Column, ...]

    @property
    def rows(self) -> int:
        """Number of data rows."""
        return len(self.columns[0].values)

    def column(self, name: str) -> Column:
        """The column of that name; `TableError` if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise TableError(
            f"There is no column named {name!r}; the columns are {', '.join(c.name for c in self.columns)}."
        )


def read_table(data: bytes) -> Table:
    """Read a CSV file: comma, semicolon or tab between the cells, UTF-8 with or without a byte order mark.

    The first line is the header if none of its cells is a number, or if one of its texts stands over numbers alone;
    else the columns are named column 1, column 2, ... Between semicolons a number may have a decimal comma.

    Raises:
        TableError: for a file that is empty, too large, not text, ragged, or has missing cells or a single row.
    """
    lines, delimiter = split(data)
    comma = delimiter == ";"
    header, rows = _header(lines, comma)
    if not rows:
        raise TableError("The file has a header but no rows of data.")
    if len(rows) == 1:
        raise TableError("The file has a single row of data; at least two are needed, one to train and one to test on.")
    if len(rows) > MOST_ROWS:
        raise TableError(f"The file has {len(rows):,} rows; at most {MOST_ROWS:,} can be read.")
    return Table(tuple(_column(name, i, rows, comma) for i, name in enumerate(header)))


def _header(lines: list[Row], comma: bool) -> tuple[list[str], list[Row]]:
    first = lines[0].cells
    rows = lines[1:] if _headed(lines, comma) else lines
    names = [f"column {i + 1}" for i in range(len(first))]
    if rows is not lines:
        names = [cell or name for cell, name in zip(first, names, strict=True)]
    twice = _repeated(names)
    if twice is not None:
        raise TableError(f"Two columns are named {twice!r}; give each column a name of its own.")
    for number, cells in rows:
        for name, cell in zip(names, cells, strict=True):
            if _missing(cell):
                shown = "empty" if not cell else repr(cell)
                raise TableError(
                    f"Line {number} has no value in column {name!r} ({shown}); fill it or leave the row out."
                )
    return names, rows


def _headed(lines: list[Row], comma: bool) -> bool:
    texts = [_number(cell, comma) is None for cell in lines[0].cells]
    if all(texts):
        return True
    below = lines[1:]
    return bool(below) and any(
        text and not _missing(cell) and all(_number(row.cells[i], comma) is not None for row in below)
        for i, (text, cell) in enumerate(zip(texts, lines[0].cells, strict=True))
    )


def _repeated(names: list[str]) -> str | None:
    return next((name for i, name in enumerate(names) if name in names[:i]), None)


def _missing(cell: str) -> bool:
    return cell.lower() in ("", "na", "n/a", "nan", "null", "none", "?")


def _number(cell: str, comma: bool) -> float | None:
    """The number that a cell holds, infinite if it is too large for a float, or None."""
    if "_" in cell or _missing(cell):
        return None
    if comma and cell.count(",") == 1 and "." not in cell:
        cell = cell.replace(",", ".")
    try:
        value = float(cell)
    except ValueError:
        return None
    return None if math.isnan(value) else value


def _column(name: str, index: int, rows: list[Row], comma: bool) -> Column:
    cells = [row.cells[index] for row in rows]
    numbers = [_number(cell, comma) for cell in cells]
    if None in numbers:
        stray = ""
        if 2 * numbers.count(None) < len(numbers):
            at = numbers.index(None)
            stray = f" (line {rows[at].line} holds {cells[at]!r}, which is not a number)"
        return Column(name, "class", np.array(cells), None, stray)
    values = np.array(numbers, dtype=np.float64)
    if not np.isfinite(values).all():
        at = int(np.argmin(np.isfinite(values)))
        raise TableError(f"Line {rows[at].line} has {cells[at]!r} in column {name!r}, which is not a finite number.")
    different = len(np.unique(values))
    few = different <= FEW_VALUES and different < len(values)
    return Column(name, "class" if few and (values == np.round(values)).all() else "number", values, values)
