"""The user's table as it was read, in the sidebar: a row for each column, which can be read otherwise or left out.

The choice stands in the address as a word for each column. What is changed in the table of columns is taken from the
state of its widget, which keeps edits; where something else changes the choice, the widget is made anew.
"""

from typing import NamedTuple

import pandas as pd
import streamlit as st

from engine import datasets
from engine.datasets import DataError, Dataset
from pages.common.link.page_settings import COLUMNS, tell, told
from pages.common.sidebar.table_choice import OUT, READINGS, Choice, aimed, cost_of_gaps, read, reading_of, usual, write
from pages.common.sidebar.table_reader import ENCODINGS, Table, read_table
from pages.common.text import count, plain

_CHOICE, _EDITOR = "csv_choice", "csv_editor"
_TARGET, _HEADED, _ENCODING = "csv_target", "csv_headed", "csv_encoding"
_USE, _READ_AS = "Use", "Read as"
ROW, MOST_SHOWN = 35, 8  #: pixels of a row of the table of columns, and how many columns are seen at once


class Picked(NamedTuple):
    """The columns that are used, the name of the one to learn, how many rows there are, and a key for the choice."""

    used: list[datasets.Column]
    target: str
    rows: int
    key: str


def arrived(content: bytes, before: Table | None) -> Table:
    """The table of a new file; how columns are read stays if they have the names of the table before."""
    table = read_table(content)
    for key in (_TARGET, _HEADED, _ENCODING):
        st.session_state.pop(key, None)
    if before is not None and _names(before) != _names(table):
        st.session_state.pop(_CHOICE, None)
        tell(COLUMNS, "")
    _renew_editor()
    return table


def pick(name: str, content: bytes, table: Table) -> tuple[Table, Picked]:
    """Show the table and take what is changed: the table, which may be read in another way, and what is picked."""
    above = st.container(gap="xsmall")
    table = _otherwise(content, table)
    with above:
        st.caption(plain(f"{name}: {count(table.rows, 'row')}. {_how(table)}"))
        choice = _aimed(table, _edited(table, _kept(table)))
        _columns(table, choice)
    text = write(choice)
    st.session_state[_CHOICE] = text
    tell(COLUMNS, text)
    key = f"{table.headed} {table.encoding} {text}"
    return table, Picked(choice.columns(table.columns), _names(table)[choice.target], table.rows, key)


def say(picked: Picked, data: Dataset | None, used: str, *, standardise: bool, missing: str) -> None:
    """What became of the table: rows used and lost, and how inputs are scaled; without `data`, rows lost alone."""
    if data is not None:
        scaled = "standardised by the part trained on" if standardise else "as they are"
        st.caption(plain(f"{used}. {count(len(data.input_names), 'input')}, {scaled}."))
    cost = cost_of_gaps(picked.used, picked.target)
    if cost:
        done = "These rows are left out" if missing == "drop" else "Empty inputs are filled by the median or commonest"
        st.caption(plain(f"{cost} {done}: see Empty cells below."))


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _how(table: Table) -> str:
    """What was found out about the file."""
    numbers = ", decimal comma" if table.decimal == "," else ""
    old = "" if table.encoding.startswith("utf") else f", not UTF-8 but {table.encoding}"
    return f"Cells parted by {table.parted_by}{numbers}{old}."


def _otherwise(content: bytes, table: Table) -> Table:
    """The ways out where the first line or the encoding was taken for what it is not."""
    encoding = table.encoding
    headed = st.toggle("The first line holds the names", table.headed, key=_HEADED, persist_state="session")
    if not encoding.startswith("utf"):
        says = "The file is not UTF-8. Choose another encoding if letters look wrong, or save it as CSV UTF-8."
        others = (encoding, *(name for name in ENCODINGS if name != encoding))
        encoding = st.selectbox("Encoding", others, key=_ENCODING, persist_state="session", help=says)
    if (headed, encoding) == (table.headed, table.encoding):
        return table
    try:
        read_again = read_table(content, headed=headed, encoding=encoding)
    except DataError as problem:
        st.warning(plain(str(problem)))
        return table
    st.session_state.pop(_TARGET, None)
    _renew_editor()
    return read_again


def _kept(table: Table) -> Choice:
    """The choice so far, or that of the address; the usual one where it does not suit the table."""
    text = st.session_state.get(_CHOICE) or told(COLUMNS)
    choice = read(text, table.columns)
    if choice is None and text and _CHOICE not in st.session_state:
        st.warning("How the link reads columns does not suit this table: they are read as usual.")
    return choice or usual(table.columns)


def _edited(table: Table, choice: Choice) -> Choice:
    """The choice with what was changed in the table of columns."""
    for place, changes in st.session_state.get(_editor_key(), {}).get("edited_rows", {}).items():
        column, now = table.columns[place], choice.readings[place]
        used = changes.get(_USE, now != OUT or _READ_AS in changes)
        reading = changes.get(_READ_AS, reading_of(column) if now == OUT else now)
        if place == choice.target and (not used or reading not in READINGS):
            st.warning(plain(f"{column.name} is to be learnt: choose another target before you leave it out."))
            _renew_editor()
        else:
            choice = choice.replaced(place, reading if used and reading in READINGS else OUT)
    return choice


def _aimed(table: Table, choice: Choice) -> Choice:
    names = _names(table)
    target = st.selectbox(
        "Target",
        names,
        choice.target,
        key=_TARGET,
        persist_state="session",
        help="The column to learn: a category makes it a classification, a number a regression.",
    )
    if names.index(target) == choice.target:
        return choice
    _renew_editor()
    return aimed(table.columns, names.index(target), choice)


def _columns(table: Table, choice: Choice) -> None:
    """The table of columns, to look at and to change."""
    rows = []
    for place, (column, reading) in enumerate(zip(table.columns, choice.readings, strict=True)):
        seen = reading_of(column) if reading == OUT else reading
        cells = column.read_as(seen)
        rows.append(
            {
                _USE: reading != OUT,
                "Column": ("→ " if place == choice.target else "") + column.name,
                _READ_AS: column.kind if reading == OUT else reading,
                "Empty": int(cells.empty.sum()),
                "Examples": column.examples(seen),
            }
        )
    kinds = [*READINGS, *sorted({column.kind for column in table.columns} - set(READINGS))]
    st.data_editor(
        pd.DataFrame(rows),
        hide_index=True,
        num_rows="fixed",
        disabled=["Column", "Empty", "Examples"],
        column_config={
            _USE: st.column_config.CheckboxColumn("✓", width=42, help="Whether the column is used."),
            "Column": st.column_config.TextColumn(width=82, help="→ is the column to learn."),
            _READ_AS: st.column_config.SelectboxColumn(options=kinds, required=True, width=74),
            "Empty": st.column_config.NumberColumn(width=47, help="Cells without a value of this kind."),
        },
        row_height=ROW,
        height=ROW * (1 + min(len(rows), MOST_SHOWN)) + 2,
        key=_editor_key(),
        alt="How each column of the table is read",
    )
    for column, reading in zip(table.columns, choice.readings, strict=True):
        if reading in (OUT, "category") and (stray := column.stray):
            st.caption(plain(f"{column.name} is mostly numbers, but row {stray[0]} holds {stray[1]!r}."))


def _editor_key() -> str:
    return f"csv_columns {st.session_state.get(_EDITOR, 0)}"


def _renew_editor() -> None:
    st.session_state[_EDITOR] = st.session_state.get(_EDITOR, 0) + 1
