"""A user's file of delimited text: how it is written is found out, and pandas reads it.

Found out are the encoding, what parts the cells, whether the first line holds names, and whether numbers are written
1,234.5 or 1.234,5. All of it is shown; the first line and the encoding can be overruled. What cannot be read is one
sentence.
"""

import csv
import io
import re
from itertools import islice
from typing import NamedTuple

import numpy as np
import pandas as pd

from engine.cancellation import cancellation_point
from engine.datasets import DataError
from engine.datasets.catalogue import MOST_ROWS
from pages.common.sidebar.table_columns import MISSING, Column, all_numbers, column, number_pattern, numbers

MOST_COLUMNS = 200
ROWS_TRIED = 20  #: for what parts the cells
MOST_NAMED = 60  #: characters of a name
SAMPLE = 200_000  #: characters of them, at the most
CELLS = 500_000  #: that are parsed at a time
PARTED_BY = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas", r"\s+": "blanks"}  #: in the order of trial
BETWEEN = ";\t|, \r\n"  #: what a file without a cell consists of
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
FALLBACK = "cp1252"  #: Excel's, in the west
ENCODINGS = (FALLBACK, "cp1250", "cp1251", "iso8859_15", "mac_roman", "shift_jis", "gb18030", "big5", "euc_kr")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")  #: what text never holds: all but tab, line and page breaks


class Table(NamedTuple):
    """The columns of a file, all equally long; `headed` is whether its first line holds their names."""

    columns: tuple[Column, ...]
    headed: bool
    encoding: str
    parted_by: str
    decimal: str

    @property
    def rows(self) -> int:
        """Number of data rows."""
        return len(self.columns[0].cells)


def read_table(data: bytes, *, headed: bool | None = None, encoding: str = "") -> Table:
    """Read a file of delimited text; `headed` and `encoding` overrule what would be found out.

    Raises:
        DataError: one sentence for a file that is empty, not text, ragged, badly quoted, too large, or of too few rows
            or columns.
    """
    text, encoding = _text(data, encoding)
    cancellation_point()
    text, separator, widths = _separator(text)
    width = max(widths)
    if not width:  # the first row is nothing but separators, or no row
        filled = text.strip(BETWEEN)
        raise DataError("The first line cannot be split into cells." if filled else "The file is empty.")
    if width > MOST_COLUMNS:
        raise DataError(f"The file has {width:,} columns; at most {MOST_COLUMNS} can be read.")
    frame = _cells(text, separator, width)
    cancellation_point()
    if widths[0] == width - 1 and (frame.iloc[1:, -1] != "").all():  # the first column, which names the rows, has none
        frame.iloc[0] = ["", *frame.iloc[0, :-1]]
    decimal = "," if _decimal_comma(frame, separator) else "."
    if headed is None:
        headed = _headed(frame, decimal)
    names = [str(name) for name in frame.iloc[0]] if headed else [""] * frame.shape[1]
    frame = frame.iloc[int(headed) :].reset_index(drop=True)
    kept = [place for place, name in enumerate(names) if name or (frame[place] != "").any()]
    if len(kept) < 2:
        raise DataError("The file has a single column; at least two are needed, one to learn and one to learn it from.")
    if len(frame) < 2:
        rows = "no rows" if frame.empty else "a single row"
        raise DataError(f"The file has {rows} of data; at least two are needed, one to train and one to test on.")
    if len(frame) > MOST_ROWS:
        raise DataError(f"The file has {len(frame):,} rows; at most {MOST_ROWS:,} can be read.")
    titles = _different([names[place][:MOST_NAMED] or f"column {place + 1}" for place in kept])
    columns = []
    for title, place in zip(titles, kept, strict=True):
        cancellation_point()
        columns.append(column(title, frame[place], decimal, place))
    return Table(tuple(columns), headed, encoding, PARTED_BY.get(separator, separator), decimal)


def _text(data: bytes, encoding: str) -> tuple[str, str]:
    """The text and its encoding: UTF-8 or UTF-16 where it is that, else the one that was asked for."""
    wide = data.startswith(UTF_16)
    if b"\0" in data and not wide:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise DataError(
            f"The file is not text: line {line} holds a zero byte. Save a table as CSV first; images come as mnist.npz."
        )
    for name in ("utf-16" if wide else "utf-8-sig", encoding or FALLBACK):
        try:
            text = data.decode(name)
        except UnicodeDecodeError as problem:
            line = data[: problem.start].count(b"\n") + 1
        else:
            break
    else:
        raise DataError(
            f"The file is not UTF-8 text, and line {line} holds a byte that {encoding or FALLBACK} does not know: "
            "save the table as CSV UTF-8."
        )
    if not text.strip():
        raise DataError("The file is empty.")
    if found := CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise DataError(f"The file is not text: line {line} holds the control character {ord(found[0])}.")
    return text, name


def _separator(text: str) -> tuple[str, str, list[int]]:
    """The text without a `sep=;` line, what parts its cells, and how many of them each of the first rows has.

    It is the first separator under which the first rows agree in their number of cells, more than one; a first line
    may have one less, where the others end with a separator or begin with a name. Where none does, it is the one that
    cuts the first row into the most.
    """
    first, _, rest = text.partition("\n")
    if told := re.fullmatch(r'"?sep=(.)"?\s*', first, re.IGNORECASE):
        return rest, told[1], _widths(rest, told[1])
    widths = {separator: _widths(text, separator) for separator in PARTED_BY}
    for slack in (0, 1):
        for separator, found in widths.items():
            inner = found[1:] or found
            if inner[0] > 1 and len(set(inner)) == 1 and 0 <= inner[0] - found[0] <= slack:
                return text, separator, found
    separator = max(widths, key=lambda candidate: widths[candidate][0])
    return text, separator, widths[separator][:1]


def _widths(text: str, separator: str) -> list[int]:
    """Cells in each of the first rows that are not blank; a 0 ends them where quotation marks do not fit."""
    lines, blanks = io.StringIO(text[:SAMPLE], newline=""), separator == r"\s+"
    tidy = (line.strip().replace("\t", " ") + "\n" for line in lines)
    how = {"delimiter": " " if blanks else separator, "skipinitialspace": True, "strict": True}
    widths: list[int] = []
    try:
        rows = csv.reader(tidy if blanks else lines, **how)
        widths.extend(len(row) for row in islice(filter(any, rows), ROWS_TRIED))
    except csv.Error:
        widths.append(0)
    if len(text) > SAMPLE and not lines.read(1):
        widths = widths[:-1] or widths  # the last row may have been cut
    return widths or [0]


def _cells(text: str, separator: str, width: int) -> pd.DataFrame:
    """All cells as texts without blanks around them, a row for each that is not blank."""
    how = {"header": None, "names": range(width), "dtype": str, "na_filter": False, "skipinitialspace": True}
    parts = []
    try:
        with pd.read_csv(io.BytesIO(text.encode()), sep=separator, chunksize=-(-CELLS // width), **how) as reader:
            for part in reader:
                cancellation_point()
                parts.append(part)
    except pd.errors.EmptyDataError:
        raise DataError("The file is empty.") from None
    except pd.errors.ParserError as problem:
        if found := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(problem)):
            sentence = f"Line {found[2]} has {found[3]} cells where the lines before have {found[1]}."
        elif found := re.search(r"EOF inside string starting at row (\d+)", str(problem)):
            sentence = f"The quotation mark in line {int(found[1]) + 1} is never closed."
        else:
            sentence = "The file cannot be split into rows and cells."
        raise DataError(sentence) from None
    if not all(isinstance(part.index, pd.RangeIndex) for part in parts):  # it took what was too many for rows' names
        raise DataError(f"The lines have more cells than the first ones, which have {width}.")
    frame = pd.concat(parts).apply(_stripped)
    frame = frame[(frame != "").any(axis=1)].reset_index(drop=True)
    if frame.empty:
        raise DataError("The file is empty.")
    return frame


def _stripped(cells: pd.Series) -> pd.Series:
    cancellation_point()
    return cells.fillna("").str.strip()


def _decimal_comma(frame: pd.DataFrame, separator: str) -> bool:
    """Whether more cells are numbers with a decimal comma alone than with a decimal point alone.

    "1,234" may be either; where all are so, the comma is a decimal one beside semicolons and parts thousands elsewhere.
    """
    comma = point = either = 0
    for place in frame:
        cancellation_point()
        cells = frame[place]
        signed = cells[cells.str.contains("[.,]")]
        as_comma, as_point = (signed.str.fullmatch(number_pattern(sign)) for sign in ",.")
        comma += (as_comma & ~as_point).sum()
        point += (as_point & ~as_comma).sum()
        either += (as_comma & as_point & signed.str.contains(",", regex=False)).sum()
    return comma > point or (comma == point == 0 < either and separator == ";")


def _headed(frame: pd.DataFrame, decimal: str) -> bool:
    """Whether the first line holds names: no numbers at all, a text over numbers, years, or 0, 1, 2 after a blank."""
    first, below = frame.iloc[0], frame.iloc[1:]
    here = numbers(first, decimal)
    if np.isnan(here).all():
        return True
    texts = np.isnan(here) & ~first.isin(MISSING).to_numpy()
    if any(all_numbers(below[place], decimal) for place in np.flatnonzero(texts)):
        return True
    found = here[~np.isnan(here)]
    if first[0] == "" and len(found) == len(here) - 1:
        return bool((np.diff(found) == 1).all() and found[0] in (0, 1))
    years = len(np.unique(found)) == len(found) and all(map(_is_year, found))
    return years and not all(all(map(_is_year, numbers(below[i], decimal))) for i in np.flatnonzero(~np.isnan(here)))


def _is_year(value: float) -> bool:
    return 1000 <= value < 3000 and value == round(value)


def _different(names: list[str]) -> list[str]:
    """Names that occur again are numbered, as pandas does: a, a.1, a.2."""
    taken: list[str] = []
    for name in names:
        again, new = 0, name
        while new in taken:
            again += 1
            new = f"{name}.{again}"
        taken.append(new)
    return taken
