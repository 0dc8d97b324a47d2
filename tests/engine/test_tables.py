"""The user's own table: every bad file is one clear sentence, every good one is read exactly."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tables import TableError, encode_table, read_table

GOOD = b"size,colour,price\n1,red,10\n2,blue,20.5\n3,red,3e1\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty"),
        (b" \n\n", "The file is empty"),
        (b"a,b\n", "no rows of data"),
        (b"a,b\n1,2\n", "a single row"),
        (b"a\n1\n2\n", "a single column"),
        (b"a,b\n1,2\n3\n", "Line 3 has 1 cells where the first line has 2"),
        (b"a,b\n1,2\n3,4,5\n", "Line 3 has 3 cells"),
        (b"a,b\n1,2\n3,\n", r"Line 3 has no value in column 'b' \(empty\)"),
        (b"a,b\n1,NA\n3,4\n", r"Line 2 has no value in column 'b' \('NA'\)"),
        (b"a,a\n1,2\n3,4\n", "Two columns are named 'a'"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not text"),
        ("a,b\n1,2\nä,4\n".encode("latin-1"), "line 3 holds a byte that cannot be read"),
        (b"x" * 5_000_001, r"5\.0 MB; at most 5 MB"),
        (b"a,b\n" + b"1,2\n" * 20_001, "20,001 rows; at most 20,000"),
        (",".join(["c"] * 201).encode(), "201 columns; at most 200"),
    ],
)
def test_a_bad_file_is_one_sentence(data, words):
    with pytest.raises(TableError, match=words) as problem:
        read_table(data)
    assert str(problem.value).endswith(".")


def test_columns_are_told_apart():
    table = read_table(GOOD)
    assert [(column.name, column.kind) for column in table.columns] == [
        ("size", "number"),
        ("colour", "class"),
        ("price", "number"),
    ]
    assert table.column("price").values.tolist() == [10, 20.5, 30]


@pytest.mark.parametrize(
    "data",
    [
        GOOD.replace(b",", b";"),
        GOOD.replace(b",", b"\t"),
        GOOD.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        GOOD.replace(b"red", b'"red"').replace(b"\n2", b"\n\n2"),
    ],
)
def test_the_ways_to_write_the_same_table(data):
    for ours, expected in zip(read_table(data).columns, read_table(GOOD).columns, strict=True):
        assert (ours.name, ours.kind, ours.values.tolist()) == (expected.name, expected.kind, expected.values.tolist())


def test_a_file_of_numbers_alone_has_no_header():
    table = read_table(b"1,2\n3,4\n")
    assert [column.name for column in table.columns] == ["column 1", "column 2"]
    assert table.rows == 2


def test_headers_and_cells_may_hold_any_text():
    table = read_table('größe,"a, b"\n1,"x, ""y"""\n2,z\n'.encode())
    assert [column.name for column in table.columns] == ["größe", "a, b"]
    assert table.column("a, b").values.tolist() == ['x, "y"', "z"]


def test_few_whole_numbers_are_classes_unless_the_caller_says_otherwise():
    table = read_table(b"x,y\n" + b"\n".join(b"%d,%d" % (i, i % 3) for i in range(30)))
    assert table.column("y").kind == "class"
    assert encode_table(table).class_names == ("0", "1", "2")
    assert encode_table(table, kind="number").targets.tolist() == [i % 3 for i in range(30)]
    assert encode_table(table, "x", kind="class").class_names[:2] == ("0", "1")


def test_text_features_become_one_input_for_each_value():
    encoded = encode_table(read_table(GOOD))
    assert encoded.names == ("size", "colour=blue", "colour=red")
    assert encoded.points.tolist() == [[1, 2, 3], [0, 1, 0], [1, 0, 1]]


@pytest.mark.parametrize(
    ("data", "arguments", "words"),
    [
        (b"x,y\n1,a\n2,a\n", {}, "'y' has one class only, 'a'"),
        (b"x,y\n1,5\n2,5\n", {}, "is 5 in every row"),
        (b"x,y\n" + b"\n".join(b"1,c%d" % i for i in range(51)), {}, "51 classes; at most 50"),
        (b"x,y\n" + b"\n".join(b"t%d,%d" % (i, i) for i in range(21)), {}, "text with 21 different values"),
        (GOOD, {"target": "weight"}, "no column named 'weight'; the columns are size, colour, price"),
        (GOOD, {"features": ()}, "choose at least one feature"),
        (GOOD, {"features": ("price",)}, "cannot be a feature as well"),
        (GOOD, {"target": "colour", "kind": "number"}, "not a number in every row"),
    ],
)
def test_a_target_that_cannot_be_learnt_is_one_sentence(data, arguments, words):
    with pytest.raises(TableError, match=words):
        encode_table(read_table(data), **arguments)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.text("abc ,;\"'é\n", min_size=1, max_size=6)),
        min_size=2,
        max_size=20,
    ).filter(lambda rows: all(text.strip() for _, text in rows)),
)
def test_what_is_written_is_read(rows):
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["first column", "second"])
    writer.writerows([(repr(number), text) for number, text in rows])
    table = read_table(file.getvalue().encode())
    assert np.array_equal(table.column("first column").values, [number for number, _ in rows])
    assert table.column("second").values.tolist() == [text.strip() for _, text in rows]


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_a_table_or_one_error(data):
    try:
        assert read_table(data).rows >= 2
    except TableError as problem:
        assert str(problem).endswith(".")
