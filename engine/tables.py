"""The user's own table: a CSV file read into columns, and columns turned into numbers.

`read_table` takes the bytes of a file and either returns a `Table` or raises one `TableError`, a sentence that says
what is wrong and where. Each column is a number or a class: a column of text is a class, and so is a column of whole
numbers with few different values. `encode_table` picks the target and the features; text features become one input
for each of their values.
"""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_CLASSES = 50
MOST_CATEGORIES = 20  #: values of a text column that is used as a feature
FEW_VALUES = 10  #: whole numbers with so few different values count as classes


class TableError(ValueError):
    """What is wrong with a table, in one sentence for the screen."""


class Column(NamedTuple):
    """One column: its name, whether it is a "number" or a "class", and its values, floats or texts `[N]`.

    `numbers` holds the values as floats where all of them are numbers (a class column of whole numbers too), else None.
    """

    name: str
    kind: str
    values: np.ndarray
    numbers: np.ndarray | None


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


class Encoded(NamedTuple):
    """Raw inputs `points[d, N]` with names; the target as `labels[N]` of `class_names` or as numbers `targets[N]`."""

    points: np.ndarray
    names: tuple[str, ...]
    target: str
    labels: np.ndarray | None
    targets: np.ndarray | None
    class_names: tuple[str, ...]


def read_table(data: bytes) -> Table:
    """Read a CSV file: comma, semicolon or tab between the cells, UTF-8 with or without a byte order mark.

    The first line is the header, unless all its cells are numbers: then the columns are named column 1, column 2, ...

    Raises:
        TableError: for a file that is empty, too large, not text, ragged, or has missing cells or a single row.
    """
    if len(data) > MOST_BYTES:
        raise TableError(f"The file has {len(data) / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} MB can be read.")
    lines = _lines(_text(data))
    header, rows = _header(lines)
    if not rows:
        raise TableError("The file has a header but no rows of data.")
    if len(rows) == 1:
        raise TableError("The file has a single row of data; at least two are needed, one to train and one to test on.")
    if len(rows) > MOST_ROWS:
        raise TableError(f"The file has {len(rows):,} rows; at most {MOST_ROWS:,} can be read.")
    return Table(tuple(_column(name, [row[i] for _, row in rows]) for i, name in enumerate(header)))


def encode_table(
    table: Table, target: str | None = None, features: Sequence[str] | None = None, kind: str | None = None
) -> Encoded:
    """Turn the target (the last column by default) and the features (all others) into numbers.

    `kind`, "class" or "number", overrides what the target column looks like.

    Raises:
        TableError: for a target of one class only, of too many classes or not of numbers; for no usable features.
    """
    goal = table.column(table.columns[-1].name if target is None else target)
    names = [c.name for c in table.columns if c.name != goal.name] if features is None else list(features)
    if not names:
        raise TableError(f"There is nothing to learn {goal.name!r} from: choose at least one feature column.")
    if goal.name in names:
        raise TableError(f"The target {goal.name!r} cannot be a feature as well.")
    encoded = [_encode_feature(table.column(name)) for name in names]
    points = np.concatenate([rows for rows, _ in encoded])
    labels, targets, classes = _encode_target(goal, goal.kind if kind is None else kind)
    return Encoded(points, tuple(name for _, some in encoded for name in some), goal.name, labels, targets, classes)


def _text(data: bytes) -> str:
    if b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TableError("The file is not text: it holds zero bytes. Save the table as CSV first.")
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise TableError(f"The file is not UTF-8 text: line {line} holds a byte that cannot be read.") from None
    if not text.strip():
        raise TableError("The file is empty.")
    return text


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Numbered lines of cells, blank lines left out; all as wide as the first."""
    first = next(line for line in text.splitlines() if line.strip())
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                lines.append((reader.line_num, cells))
    except csv.Error as problem:
        raise TableError(f"Line {reader.line_num} cannot be read as CSV: {problem}.") from None
    if not lines:
        raise TableError("The file is empty.")
    width = len(lines[0][1])
    if width > MOST_COLUMNS:
        raise TableError(f"The file has {width} columns; at most {MOST_COLUMNS} can be read.")
    if width < 2:
        raise TableError("The file has a single column; at least a feature and a target are needed.")
    for number, cells in lines:
        if len(cells) != width:
            raise TableError(f"Line {number} has {len(cells)} cells where the first line has {width}.")
    return lines


def _header(lines: list[tuple[int, list[str]]]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    first = lines[0][1]
    headed = any(_number(cell) is None for cell in first)
    names = first if headed else [f"column {i + 1}" for i in range(len(first))]
    names = [name or f"column {i + 1}" for i, name in enumerate(names)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise TableError(f"Two columns are named {twice!r}; give each column a name of its own.")
    rows = lines[1:] if headed else lines
    for number, cells in rows:
        for name, cell in zip(names, cells, strict=True):
            if _missing(cell):
                shown = "empty" if not cell else repr(cell)
                raise TableError(
                    f"Line {number} has no value in column {name!r} ({shown}); fill it or leave the row out."
                )
    return names, rows


def _missing(cell: str) -> bool:
    return cell.lower() in ("", "na", "n/a", "nan", "null", "none", "?")


def _number(cell: str) -> float | None:
    """The finite number that a cell holds, or None."""
    if "_" in cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _column(name: str, cells: list[str]) -> Column:
    numbers = [_number(cell) for cell in cells]
    if any(number is None for number in numbers):
        return Column(name, "class", np.array(cells), None)
    values = np.array(numbers, dtype=np.float64)
    whole = (values == np.round(values)).all() and len(np.unique(values)) <= FEW_VALUES
    return Column(name, "class" if whole and len(values) > FEW_VALUES else "number", values, values)


def _encode_feature(column: Column) -> tuple[np.ndarray, tuple[str, ...]]:
    if column.numbers is not None:
        return column.numbers[None], (column.name,)
    categories = np.unique(column.values)
    if len(categories) > MOST_CATEGORIES:
        raise TableError(
            f"The feature {column.name!r} is text with {len(categories)} different values; at most {MOST_CATEGORIES} "
            "can become inputs. Leave it out."
        )
    rows = (column.values == categories[:, None]).astype(np.float64)
    return rows, tuple(f"{column.name}={category}" for category in categories)


def _encode_target(column: Column, kind: str) -> tuple[np.ndarray | None, np.ndarray | None, tuple[str, ...]]:
    if kind == "number":
        if column.numbers is None:
            raise TableError(f"The target {column.name!r} is not a number in every row, so it can only be a class.")
        if np.ptp(column.numbers) == 0:
            raise TableError(
                f"The target {column.name!r} is {column.numbers[0]:g} in every row: there is nothing to learn."
            )
        return None, column.numbers, ()
    classes, labels = np.unique(column.values, return_inverse=True)
    names = tuple(str(value) if column.numbers is None else f"{value:g}" for value in classes)
    if len(names) == 1:
        raise TableError(
            f"The target {column.name!r} has one class only, {names[0]!r}: there is nothing to tell apart."
        )
    if len(names) > MOST_CLASSES:
        raise TableError(f"The target {column.name!r} has {len(names)} classes; at most {MOST_CLASSES} can be learnt.")
    return labels.astype(int), None, names
