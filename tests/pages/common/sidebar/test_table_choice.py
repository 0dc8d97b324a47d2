"""What is learnt of a table and from what, unless somebody says otherwise; and what empty cells cost."""

import numpy as np
import pytest

from engine.datasets import Column
from pages.common.sidebar.table_choice import aimed, cost_of_gaps, read, usual, write
from pages.common.sidebar.table_reader import read_table


def columns(text):
    return read_table(text.encode()).columns


def words(text):
    return write(usual(columns(text)))


WORDS = "\n".join(f"{i * i},w{i},{i % 2}.5" for i in range(30))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id,sepal,kind\n1,5.1,a\n2,4.9,b\n3,4.7,a\n", "out-number-target_category"),
        ("date,y\n2020-01-31,5\n2020-02-29,6.5\n", "date-target_number"),
        ("x,y\n1,5\n2,6.5\n3,7\n", "number-target_number"),
        ("x,z,y\n1,3,5\n2,4,6.5\n3,1,7\n", "out-number-target_number"),
        ("y,id\n5,1\n6.5,2\n", "target_number-number"),
        (f"n,word,y\n{WORDS}", "number-out-target_number"),
        (f"y,x,word\n{WORDS.replace(',w', ',')}".replace("y,x,word", "y,x,z"), "number-number-target_number"),
        ("a,b,name\n" + "\n".join(f"{i * i},{i}.5,n{i}" for i in range(60)), "number-target_number-out"),
        ("a,empty,y\n1,,5\n7,,6\n", "number-out-target_number"),
        ("0,0,0\n0,1,1\n1,0,1\n1,1,0\n", "number-number-target_category"),
    ],
    ids=[
        *("row number", "a date alone", "counted inputs alone", "counted first", "target first", "text of many values"),
        *("numbers", "names last", "an empty column", "truth table"),
    ],
)
def test_what_tells_nothing_is_left_out_and_the_last_column_is_learnt(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("values", "reading"),
    [
        ("0 1 1 0", "category"),
        ("-1 1 1", "category"),
        ("0 1 4 9 16", "number"),
        ("0.5 1 1", "number"),
        (" ".join(str(i % 10) for i in range(40)), "category"),
        (" ".join(str(i % 11) for i in range(40)), "number"),
    ],
    ids=["xor", "signs", "each its own", "not whole", "ten values", "eleven values"],
)
def test_few_whole_numbers_that_occur_again_are_classes(values, reading):
    rows = "".join(f"{i}.5,{value}\n" for i, value in enumerate(values.split()))
    assert words(f"x,y\n{rows}") == f"number-target_{reading}"


def test_another_target_gives_the_old_one_back_to_the_inputs():
    table = columns("size,colour,grade\n1,red,0\n2.5,blue,1\n3,red,1\n")
    assert write(usual(table)) == "number-category-target_category"
    assert write(aimed(table, 0, usual(table))) == "target_number-category-number"
    other = aimed(table, 0, usual(table).replaced(1, "out"))
    assert write(aimed(table, 2, other)) == "number-out-target_category"


@pytest.mark.parametrize("text", ["out-number-target_category", "target_number-number-category"])
def test_words_read_back(text):
    table = columns("id,sepal,kind\n1,5.1,a\n2,4.9,b\n3,4.7,a\n")
    assert write(read(text, table)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "number", "number-number-number", "target_number-target_number-out", "number-number-target_out"),
        *("number-text-target_number", "number-number-number-target_number", "target_", "<b>-<b>-target_number"),
    ],
)
def test_words_that_do_not_suit_the_table_are_not_taken(text):
    assert read(text, columns("id,sepal,kind\n1,5.1,a\n2,4.9,b\n3,4.7,a\n")) is None


def with_gaps(name, n, *empty):
    values = np.arange(float(n))
    values[list(empty)] = np.nan
    return Column(name, values)


def test_it_is_said_how_many_rows_each_column_costs():
    """Counted by hand: rows 0 to 6 have a gap; 0 to 4 have one in deck alone."""
    table = [with_gaps("deck", 10, 0, 1, 2, 3, 4, 5), with_gaps("age", 10, 5, 6), with_gaps("fare", 10)]
    assert cost_of_gaps(table, "fare") == (
        "7 of 10 rows have an empty cell: deck 6 and age 2. Without deck it would be 2."
    )
    assert cost_of_gaps(table[1:], "fare") == "2 of 10 rows have an empty cell: age 2. Without age it would be 0."
    assert cost_of_gaps(table[2:], "fare") == ""
    assert cost_of_gaps([with_gaps("age", 10), with_gaps("fare", 10, 3)], "fare") == (
        "1 of 10 rows have an empty cell: fare 1."
    )
