"""What is learnt of a table, from which of its columns, and how each is read; and what empty cells cost.

In the link that is a word for each column, in order: `columns=out-number-category-target_category`. Names and cells
are content of the table, and no part of a link.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine import datasets
from engine.datasets.encoding import MOST_CATEGORIES, MOST_CLASSES
from pages.common.sidebar.table_columns import Column
from pages.common.text import count, listed

READINGS = ("number", "category", "date")
FEW_VALUES = 10  #: whole numbers with so few different values, some of them repeated, are classes to be learnt
OUT, TARGET = "out", "target_"
MOST_NAMED = 3


class Choice(NamedTuple):
    """The place of the column to learn, and how each column is read: one of `READINGS`, or `OUT`."""

    target: int
    readings: tuple[str, ...]

    def columns(self, table: Sequence[Column]) -> list[datasets.Column]:
        """The columns that are used, as the engine takes them."""
        pairs = zip(table, self.readings, strict=True)
        return [column.read_as(reading) for column, reading in pairs if reading != OUT]

    def replaced(self, place: int, reading: str) -> "Choice":
        """The same with another reading of one column."""
        return self._replace(readings=(*self.readings[:place], reading, *self.readings[place + 1 :]))


def usual(table: Sequence[Column]) -> Choice:
    """The last column that can be learnt, from all others that tell something."""
    suited = [place for place, column in enumerate(table) if _can_be_learnt(column)]
    return aimed(table, suited[-1] if suited else len(table) - 1)


def aimed(table: Sequence[Column], target: int, choice: Choice | None = None) -> Choice:
    """The choice with another column to learn: what was learnt becomes an input as it usually is one."""
    readings = list(choice.readings if choice else map(_as_input, table))
    if choice:
        readings[choice.target] = _as_input(table[choice.target])
    readings[target] = "category" if _classes(table[target]) else reading_of(table[target])
    if all(reading == OUT for place, reading in enumerate(readings) if place != target):
        counted = [place for place, column in enumerate(table) if column.kind == "row number" and place != target]
        for place in counted:  # the rows are counted, and nothing else is known of them: learn from that
            readings[place] = "number"
    return Choice(target, tuple(readings))


def reading_of(column: Column) -> str:
    """How a column is read if it is used."""
    return column.kind if column.kind in READINGS else "number"


def write(choice: Choice) -> str:
    """The choice as a word for each column."""
    return "-".join(TARGET * (place == choice.target) + word for place, word in enumerate(choice.readings))


def read(text: str, table: Sequence[Column]) -> Choice | None:
    """The choice that the words make of a table; None where they do not suit it."""
    words = text.split("-")
    readings = tuple(word.removeprefix(TARGET) for word in words)
    targets = [place for place, word in enumerate(words) if word.startswith(TARGET)]
    if len(words) != len(table) or len(targets) != 1 or not {*readings} <= {*READINGS, OUT}:
        return None
    return None if readings[targets[0]] == OUT else Choice(targets[0], readings)


def cost_of_gaps(columns: Sequence[datasets.Column], target: str) -> str:
    """How many rows have an empty cell, in which columns, and what is won without the worst; "" where none has."""
    empty = {column.name: column.empty for column in columns if column.empty.any()}
    if not empty:
        return ""
    times = np.sum([*empty.values()], axis=0)
    cost = np.count_nonzero(times)
    worst = sorted(empty, key=lambda name: -empty[name].sum())
    named = [f"{name} {empty[name].sum():,}" for name in worst[:MOST_NAMED]]
    more = [f"{len(worst) - MOST_NAMED} more columns"] if len(worst) > MOST_NAMED else []
    sentence = f"{cost:,} of {count(len(times), 'row')} have an empty cell: {listed([*named, *more])}."
    alone = {name: np.count_nonzero(cells & (times == 1)) for name, cells in empty.items() if name != target}
    best = max(alone, key=lambda name: alone[name], default=target)
    return f"{sentence} Without {best} it would be {cost - alone[best]:,}." if alone.get(best) else sentence


def _can_be_learnt(column: Column) -> bool:
    if column.kind == "category":
        return len(column.read_as("category").categories) <= MOST_CLASSES
    return column.kind == "number"


def _as_input(column: Column) -> str:
    many = column.kind == "category" and len(column.read_as("category").categories) > MOST_CATEGORIES
    return OUT if many or column.kind in ("row number", "empty") else column.kind


def _classes(column: Column) -> bool:
    """Whether a column of numbers looks like classes: few whole numbers, some of which occur again."""
    if column.kind != "number":
        return False
    values = column.read_as("number").values
    known = values[~np.isnan(values)]
    different = len(np.unique(known))
    return different <= FEW_VALUES and different < len(known) and bool((known == np.round(known)).all())
