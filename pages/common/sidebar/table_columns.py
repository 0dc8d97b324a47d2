"""What a column of texts holds: numbers, dates or categories, and its values as each of them.

A cell is a number only if all of it is one in the file's way of writing: where commas are decimal, "1.234" is 1234,
and "1.2.3" is a text everywhere. A column is numbers, or dates, if all its cells are but for missing ones. One that
only counts the rows is a row number, from which nothing can be learnt that holds for other rows.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from engine import datasets
from engine.cancellation import cancellation_point
from pages.common.text import short

#: Cells without a value: pandas' own list but "None", which may be a category, and what spreadsheets write for errors.
MISSING = (
    *("", "NA", "N/A", "n/a", "<NA>", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "?", "1.#IND", "1.#QNAN"),
    *("#N/A", "#NA", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"),
)
DASHES = ("-", "–", "—", ".", "..", "none", "na", "n.a.")  #: missing among numbers and dates, else a category
COUNTERS = ("id", "no", "nr", "row", "index", "#")  #: names of row numbers, wherever they stand
TRUTHS = ("true", "false")
DATES = (
    *("ISO8601", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"),
    *("%Y/%m/%d", "%d-%m-%Y", "%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%B %d, %Y", "%b %d, %Y"),
)
MOST_SHOWN = 30  #: characters of a cell
HEAD = 100  #: cells for which every way to write a date is tried


@dataclass(frozen=True, eq=False)
class Column:
    """One column as it was read: its name, its cells as texts, and its kind.

    That is "number", "date", "category", "row number" or "empty".
    """

    name: str
    cells: pd.Series
    kind: str
    decimal: str = "."
    _read: dict[str, datasets.Column] = field(default_factory=dict, repr=False)

    def read_as(self, kind: str) -> datasets.Column:
        """The column as "number", "date" or "category"; a cell that is no such thing is empty."""
        if kind not in self._read:
            cancellation_point()
            self._read[kind] = self._converted(kind)
        return self._read[kind]

    def examples(self, kind: str, most: int = 3) -> str:
        """The first different values, as they were read."""
        read = self.read_as(kind)
        values = pd.unique(pd.Series(read.values[~read.empty]))[:most]
        if read.categories is not None:
            return ", ".join(read.categories[code][:MOST_SHOWN] for code in values)
        if kind == "date":
            known = read.values[~read.empty]
            timed = (known != known.astype("datetime64[D]")).any()
            return ", ".join(np.datetime_as_string(np.asarray(values), "m" if timed else "D"))
        return ", ".join(map(short, values))

    @cached_property
    def stray(self) -> tuple[int, str] | None:
        """The first cell of a category that is not a number, with its row counted from 1, if most cells are numbers."""
        if self.kind != "category":
            return None
        apart = np.isnan(numbers(self.cells, self.decimal)) & ~self.cells.isin(MISSING).to_numpy()
        if 2 * np.count_nonzero(apart) >= np.count_nonzero(~self.cells.isin(MISSING)):
            return None
        return int(np.argmax(apart)) + 1, self.cells.iloc[int(np.argmax(apart))][:MOST_SHOWN]

    def _converted(self, kind: str) -> datasets.Column:
        if kind == "number":
            return datasets.Column(self.name, numbers(self.cells, self.decimal))
        if kind == "date":
            return datasets.Column(self.name, dates(self.cells))
        if self.kind in ("number", "row number"):  # 1 and 1.0 are one category, and 10 comes after 9
            codes, known = pd.factorize(self.read_as("number").values, sort=True)
            return datasets.Column(self.name, codes, tuple(repr(value).removesuffix(".0") for value in known.tolist()))
        codes, known = pd.factorize(self.cells.where(~self.cells.isin(MISSING)), sort=True)
        return datasets.Column(self.name, codes, tuple(known))


def column(name: str, cells: pd.Series, decimal: str, place: int) -> Column:
    """The column of these cells at a place of the table, counted from 0, and what it holds."""
    if _all(cells, cells.str.lower().isin(TRUTHS).to_numpy()):  # true, True and TRUE are one, as pandas has it
        cells = cells.str.lower().where(cells.str.lower().isin(TRUTHS), cells)
    return Column(name, cells, _kind(cells, decimal, counter=place == 0 or name.lower() in COUNTERS), decimal)


def number_pattern(decimal: str) -> str:
    """A number whose thousands may be parted by the other of point and comma, by an apostrophe or a blank."""
    group = "'’ \u00a0\u202f" + ("," if decimal == "." else ".")
    whole = rf"(?:[1-9][0-9]{{0,2}}(?:[{group}][0-9]{{3}})+|[0-9]+)"
    return rf"[+\-−]?(?:{whole}(?:[{decimal}][0-9]*)?|[{decimal}][0-9]+)(?:[eE][+\-]?[0-9]+)?"


def numbers(cells: pd.Series, decimal: str) -> np.ndarray:
    """The cells as float64 `[N]`, NaN where one is not a number, or one beyond the largest there is."""
    values = np.full(len(cells), np.nan)
    written = cells.str.fullmatch(number_pattern(decimal)).to_numpy(bool)
    plain = cells[written].str.replace("−", "-", regex=False).str.replace(rf"[^\d+\-eE{decimal}]", "", regex=True)
    values[written] = plain.str.replace(decimal, ".", regex=False).astype(float)
    values[np.isinf(values)] = np.nan
    return values


def dates(cells: pd.Series) -> np.ndarray:
    """The cells as datetime64 `[N]`, NaT where one is not a date, by the way to write dates that most agree with."""
    best = pd.Series(pd.NaT, cells.index, dtype="datetime64[s]")
    written = cells[cells.str.contains(r"\d")]
    for way in DATES if len(written) else ():
        if pd.to_datetime(written[:HEAD], format=way, errors="coerce", utc=True).isna().all():
            continue
        found = pd.to_datetime(written, format=way, errors="coerce", utc=True).dt.tz_localize(None)
        if found.notna().sum() > best.notna().sum():
            best = found.reindex(cells.index)
    return best.to_numpy()


def all_numbers(cells: pd.Series, decimal: str) -> bool:
    """Whether all cells but the missing ones are numbers."""
    return _all(cells, ~np.isnan(numbers(cells, decimal)))


def _all(cells: pd.Series, found: np.ndarray) -> bool:
    return bool(found.any() and (found | cells.isin(MISSING) | cells.str.lower().isin(DASHES)).all())


def _kind(cells: pd.Series, decimal: str, *, counter: bool) -> str:
    if cells.isin(MISSING).all():
        return "empty"
    values = numbers(cells, decimal)
    if not _all(cells, ~np.isnan(values)):
        return "date" if _all(cells, ~np.isnat(dates(cells))) else "category"
    return "row number" if counter and values[0] in (0, 1) and (np.diff(values) == 1).all() else "number"
