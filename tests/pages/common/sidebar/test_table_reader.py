"""The user's own table: every way to write one is read for what it means, every bad file is one clear sentence."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cancellation import EVERY
from engine.datasets import DataError
from pages.common.sidebar.table_reader import read_table

GOOD = b"size,colour,price\n1,red,10\n2.5,blue,20.5\n3,red,3e1\n"


def seen(data, **how):
    """`{name: values}` of a table as it was read: numbers, days, or texts; None where a cell is empty."""
    table = read_table(data.encode() if isinstance(data, str) else data, **how)
    found = {}
    for column in table.columns:
        kind = column.kind if column.kind in ("category", "date") else "number"
        cells = column.read_as(kind)
        values = cells.values.astype("datetime64[D]").astype(str) if kind == "date" else cells.values
        values = [cells.categories[code] for code in values] if kind == "category" else values.tolist()
        found[column.name] = [None if gap else value for value, gap in zip(values, cells.empty, strict=True)]
    return found


def kinds(data):
    table = read_table(data.encode() if isinstance(data, str) else data)
    return {column.name: column.kind for column in table.columns}


# What the issue lists: each was misread once without a word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name,2015,2016\nA,1.5,2.5\nB,2.5,3.5\n", {"name": ["A", "B"], "2015": [1.5, 2.5], "2016": [2.5, 3.5]}),
        ("1,5;999\n2,5;1.234\n", {"column 1": [1.5, 2.5], "column 2": [999, 1234]}),
        ('a,b\n"1,200",1\n"12,345.5",2\n', {"a": [1200, 12345.5], "b": [1, 2]}),
        ("a\tb\n1,5\t2,25\n-3,5\t4,75e1\n", {"a": [1.5, -3.5], "b": [2.25, 47.5]}),
        ("sep=;\na;b\n1;2\n3;4\n", {"a": [1, 3], "b": [2, 4]}),
        ("a,b\n5,#N/A\n6,#DIV/0!\n7,-\n8,7.5\n", {"a": [5, 6, 7, 8], "b": [None, None, None, 7.5]}),
        ("a,b\nnone,1\nsome,2\nnone,4\n", {"a": ["none", "some", "none"], "b": [1, 2, 4]}),
        ("when,y\n2020-01-31,5\n2020-02-01,7\n", {"when": ["2020-01-31", "2020-02-01"], "y": [5, 7]}),
        ("a  b c\n1   2  3\n 4 5 6 \n", {"a": [1, 4], "b": [2, 5], "c": [3, 6]}),
        ("yes,b\ntrue,1\nFALSE,2\nTrue,3\n", {"yes": ["true", "false", "true"], "b": [1, 2, 3]}),
        ("a,b\n1e400,1\n2,2\n", {"a": ["1e400", "2"], "b": [1, 2]}),
        ("a,b,\n1,2,\n3,4,\n", {"a": [1, 3], "b": [2, 4]}),
        ("a,b\n1,2,\n3,4,\n", {"a": [1, 3], "b": [2, 4]}),
    ],
    ids=[
        *(
            "years as header",
            "comma beside a point",
            "thousands",
            "tabs and decimal commas",
            "sep=;",
            "spreadsheet gaps",
        ),
        *("a category none", "a date", "blanks", "trailing separators"),
        *("truth in capitals", "beyond all numbers", "trailing separators below"),
    ],
)
def test_what_was_misread_is_read_for_what_it_means(text, expected):
    assert seen(text) == expected


def test_rows_that_are_counted_are_a_row_number():
    assert kinds("id,sepal,kind\n1,5.1,a\n2,4.9,b\n3,4.7,a\n")["id"] == "row number"
    assert kinds("sepal,kind,index\n5.1,a,0\n4.9,b,1\n4.7,a,2\n")["index"] == "row number"
    assert kinds("sepal,t\n5.1,1\n4.9,2\n4.7,3\n")["t"] == "number"  # a time, for all we know
    assert kinds("id,sepal\n1,5.1\n3,4.9\n2,4.7\n")["id"] == "number"


# Numbers


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a;b\n1,5;0\n-2,5e-3;1\n0,25;2\n", [1.5, -0.0025, 0.25]),
        ("a;b\n1.234,5;0\n12;1\n", [1234.5, 12]),
        ("a;b\n1.234;5\n2.345;6\n", [1.234, 2.345]),
        ("a;b\n1,234;5\n2,345;6\n", [1.234, 2.345]),
        ("a\tb\n1,234\t5\n2,345\t6\n", [1234, 2345]),
        ("a\tb\n1,234\t5\n0,345\t6\n", [1.234, 0.345]),
        ("a,b\n1.5e3,1\n-2E-4,2\n.5,3\n+3.,4\n", [1500, -0.0002, 0.5, 3]),
        ("a;b\n1 234,5;0\n2'345;1\n1\u202f000;2\n", [1234.5, 2345, 1000]),
        ("a,b\n−5,0\n7,1\n", [-5, 7]),
        ("a,b\n007,0\n1,1\n", [7, 1]),
    ],
)
def test_numbers_are_read_in_the_files_own_way_of_writing(text, values):
    assert seen(text)["a"] == values


@pytest.mark.parametrize("cell", ["1.2.3", "12,34,5", "1_000", "0x1F", "12px", "1e", "--1", "1,2345", "٣", "$5"])
def test_what_is_only_partly_a_number_is_a_text(cell):
    assert kinds(f'a,b\n"{cell}",1\n5,2\n7.5,4\n')["a"] == "category"


def test_a_stray_text_among_numbers_is_named_and_can_be_taken_for_empty():
    table = read_table(("x,y\n" + "\n".join(f"{i}.5,{i}" for i in range(60)) + "\nabc,60\n").encode())
    column = table.columns[0]
    assert column.kind == "category"
    assert column.stray == (61, "abc")
    assert np.flatnonzero(column.read_as("number").empty).tolist() == [60]
    assert table.columns[1].stray is None


def test_numbers_taken_for_a_category_are_in_the_order_of_their_size():
    cells = read_table(b"a,y\n10,1\n9.0,2\n9,4\n,8\n").columns[0].read_as("category")
    assert cells.categories == ("9", "10")
    assert cells.values.tolist() == [1, 0, 0, -1]


# Empty cells


@pytest.mark.parametrize("cell", ["", "NA", "N/A", "NaN", "null", "?", "#VALUE!", "-", ".", "none", "n.a.", "None"])
def test_a_cell_without_a_value_is_empty_among_numbers(cell):
    assert seen(f"a,b\n5,1\n{cell},2\n7.5,4\n")["a"] == [5, None, 7.5]


@pytest.mark.parametrize(("cell", "value"), [("", None), ("NA", None), ("?", None), ("-", "-"), ("None", "None")])
def test_among_texts_a_dash_and_the_word_none_are_values(cell, value):
    """A blood group has a minus, a rhesus factor too; pandas' own list holds None."""
    assert seen(f"a,b\n+,1\n{cell},2\n+,4\n")["a"] == ["+", value, "+"]


def test_a_short_row_has_empty_cells_and_blank_rows_are_none():
    assert seen("a,b\n1,2\n\n3\n,\n5,6\n") == {"a": [1, 3, 5], "b": [2, None, 6]}


# Dates


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["2020-12-31", "2021-02-01"], ["2020-12-31", "2021-02-01"]),
        (["2020-12-31T23:59:59Z", "2021-02-01 10:00"], ["2020-12-31", "2021-02-01"]),
        (["31.12.2020", "01.02.2021"], ["2020-12-31", "2021-02-01"]),
        (["1/2/2020", "13/2/2020"], ["2020-02-01", "2020-02-13"]),
        (["1/2/2020", "2/13/2020"], ["2020-01-02", "2020-02-13"]),
        (["31 December 2020", "1 February 2021"], ["2020-12-31", "2021-02-01"]),
        (["2020-12-31", "-"], ["2020-12-31", None]),
    ],
)
def test_dates_are_read_in_the_way_that_suits_all(cells, days):
    rows = "".join(f"{cell},{i * i}\n" for i, cell in enumerate(cells))
    assert seen(f"when,y\n{rows}")["when"] == days


def test_a_time_of_day_is_kept():
    column = read_table(b"when,y\n2020-01-01 06:00,1\n2020-01-02 18:30,4\n").columns[0]
    assert column.examples("date") == "2020-01-01T06:00, 2020-01-02T18:30"


# The first line


@pytest.mark.parametrize(
    ("data", "names"),
    [
        ("1,2\n3,4\n", ["column 1", "column 2"]),
        ("5.1,3.5,setosa\n6,2,virginica\n", ["column 1", "column 2", "column 3"]),
        ("age,2019,2020\n5,3,2\n4,4,4\n", ["age", "2019", "2020"]),
        (",x,y\n1,2,3\n2,3,4\n", ["column 1", "x", "y"]),
        (",0,1\n0,2.5,3\n1,3.5,4\n", ["column 1", "0", "1"]),
        ("name,kind\nann,a\nbob,b\n", ["name", "kind"]),
        ("A,2001,2005\nB,1999,2003\n", ["column 1", "column 2", "column 3"]),
        ('"x" "y"\n"1" 0.5 2\n"2" 0.7 3\n', ["column 1", "x", "y"]),
        ("a,a,\n1,2,3\n3,4,5\n", ["a", "a.1", "column 3"]),
    ],
    ids=[
        *("numbers alone", "a text below a text", "years", "no name for the rows", "pandas' own names", "all texts"),
        *("births and deaths", "as R writes", "twice the same"),
    ],
)
def test_a_header_is_told_from_data(data, names):
    assert [column.name for column in read_table(data.encode()).columns] == names


def test_the_first_line_can_be_overruled():
    assert seen("born,died\nx,y\nu,v\n", headed=False) == {
        "column 1": ["born", "x", "u"],
        "column 2": ["died", "y", "v"],
    }
    assert seen("1,2\n3,4\n5,6\n", headed=True) == {"1": [3, 5], "2": [4, 6]}


# How it is written


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        GOOD.replace(b",", b";"),
        GOOD.replace(b",", b"\t"),
        GOOD.replace(b",", b"|"),
        GOOD.replace(b",", b"  "),
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        GOOD.replace(b"red", b'"red"').replace(b"\n2", b"\n\n2"),
        GOOD.replace(b",", b" , "),
        GOOD.replace(b",", b";").replace(b".", b","),
    ],
)
def test_the_ways_to_write_the_same_table(data):
    assert seen(data) == {"size": [1, 2.5, 3], "colour": ["red", "blue", "red"], "price": [10, 20.5, 30]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"size, in cm, about";y\n1;2\n3;4\n', {"size, in cm, about": [1, 3], "y": [2, 4]}),
        ('a,b\n0.5,";"\n1,"x;y"\n', {"a": [0.5, 1], "b": [";", "x;y"]}),
        ("note\tx\na, b; c\t1\nd, e; f\t2\n", {"note": ["a, b; c", "d, e; f"], "x": [1, 2]}),
        ('größe,"a, b"\n1,"x, ""y"""\n3,z\n', {"größe": [1, 3], "a, b": ['x, "y"', "z"]}),
        ('a,b\n1,"two\nlines"\n3,z\n', {"a": [1, 3], "b": ["two\nlines", "z"]}),
    ],
)
def test_cells_may_hold_what_parts_others(text, expected):
    assert seen(text) == expected


def test_a_file_of_another_encoding_is_read_and_named():
    data = "straße;n\nGräfe;1\nJürgens;4\n".encode("cp1252")
    assert read_table(data).encoding == "cp1252"
    assert seen(data) == {"straße": ["Gräfe", "Jürgens"], "n": [1, 4]}
    russian = "улица;n\nМира;1\nЛесная;4\n".encode("cp1251")
    assert seen(russian, encoding="cp1251") == {"улица": ["Мира", "Лесная"], "n": [1, 4]}


# Bad files


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty"),
        (b" \n\n", "The file is empty"),
        (b"sep=;\n", "The file is empty"),
        (b"a" * 300_000, "The first line cannot be split into cells"),
        (b"a,b\n", "no rows of data"),
        (b"a,b\n1,2\n", "a single row"),
        (b"a\n1\n2\n", "a single column"),
        (b"a,b\n1,2\n3,4,5\n", "Line 3 has 3 cells where the lines before have 2"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not text: line 3 holds a zero byte"),
        (b"a,b\n" + b"1,2\n" * 4000 + b"x\0,3\n", "not text: line 4002 holds a zero byte"),
        (b"a,b\n1,2\n\x013,4\n", "not text: line 3 holds the control character 1"),
        (b'a,b\n1,"x\n2,y\n3,z\n', "The quotation mark in line 2 is never closed"),
        (b'a,b\n1,"x\n' + b"2,y\n" * 40_000, "The quotation mark in line 2 is never closed"),
        (b"a,b\n1,2\n\x81,4\n", "line 3 holds a byte that cp1252 does not know: save the table as CSV UTF-8"),
        (b"a,b\n" + b"1,2\n" * 100_001, "100,001 rows; at most 100,000"),
        (",".join(["c"] * 201).encode(), "201 columns; at most 200"),
    ],
)
def test_a_bad_file_is_one_sentence(data, words):
    with pytest.raises(DataError, match=words) as problem:
        read_table(data)
    assert str(problem.value).endswith(".")
    assert "\n" not in str(problem.value)


CELL = st.text("abc ,;\t\"'é\n", min_size=1, max_size=6).filter(lambda text: text.strip())
NUMBER = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(NUMBER, CELL), min_size=2, max_size=20),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_what_is_written_is_read(rows, delimiter, newline, mark):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(["första, column", "sec;ond"])
    writer.writerows(rows)
    first, second = read_table(file.getvalue().encode("utf-8-sig" if mark else "utf-8")).columns
    assert (first.name, second.name) == ("första, column", "sec;ond")
    assert first.read_as("number").values.tolist() == [number for number, _ in rows]
    assert second.cells.tolist() == [text.strip() for _, text in rows]


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(str.encode),
        st.text('a1,.;-"\n', max_size=40).map(str.encode),
    )
)
def test_any_bytes_are_a_table_or_one_sentence(data):
    try:
        table = read_table(data)
    except DataError as problem:
        sentence = str(problem)
    else:
        sentence = f"{table.rows} rows."
        assert table.rows >= 2
        for column in table.columns:
            for kind in ("number", "category", "date"):
                assert len(column.read_as(kind).empty) == table.rows
                assert isinstance(column.examples(kind), str)
    assert sentence.endswith(".")


def test_a_large_file_is_read_in_pieces(pieces):
    """The page that waits for it may be left at any time."""
    rows = np.random.default_rng(0).integers(0, 9, (40_000, 60)).astype(str)
    data = "\n".join([",".join(f"c{place}" for place in range(60)), *map(",".join, rows)]).encode()
    longest, whole = pieces(lambda: [column.read_as("number") for column in read_table(data).columns])
    assert longest < max(0.3 * whole, EVERY)
