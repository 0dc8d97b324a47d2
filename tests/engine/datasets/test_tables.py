"""The user's own table: every bad file is one clear sentence, every good one is read exactly."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.datasets import encode_table, read_table
from engine.datasets.tables import TableError

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
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not text: line 3 holds a zero byte"),
        (b"a,b\n" + b"1,2\n" * 4000 + b"x\0,3\n", "not text: line 4002 holds a zero byte"),
        (b"a,b\n1,2\n\x013,4\n", "not text: line 3 holds the control character 1"),
        (b'a,b\n1,"x\n2,y\n3,z\n', "Line 2 cannot be split into cells: a quotation mark is never closed"),
        (b'a,b\n1,2\n3,"x"y\n', "Line 3 cannot be split into cells: .* text follows the closing one"),
        (b'a,b\n1,"x\n' + b"2,y\n" * 40_000, "Line 2 cannot .* 131,072 characters"),
        (b'a,b\n"x\ny",2\n"u\nv"\n', "Line 4 has 1 cells where the first line has 2"),
        (b"a,b\n1e999,1\n2,3\n", "Line 2 has '1e999' in column 'a', which is not a finite number"),
        (b"a,b\n1,2\n-inf,3\n", "Line 3 has '-inf' in column 'a'"),
        (b"1,NA\n2,3\n", "Line 1 has no value in column 'column 2'"),
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
    assert "\n" not in str(problem.value)


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


@pytest.mark.parametrize(
    ("data", "names", "rows"),
    [
        (b"5.1,3.5,setosa\n6,2,virginica\n", ["column 1", "column 2", "column 3"], 2),
        (b"age,2019,2020\n5,3,2\n4,4,4\n", ["age", "2019", "2020"], 2),
        (b",x,y\n1,2,3\n2,3,4\n", ["column 1", "x", "y"], 2),
        (b"name,kind\nann,a\nbob,b\n", ["name", "kind"], 2),
    ],
)
def test_a_header_is_told_from_data(data, names, rows):
    table = read_table(data)
    assert [column.name for column in table.columns] == names
    assert table.rows == rows


@pytest.mark.parametrize(
    ("text", "names", "values"),
    [
        ('"size, in cm, about";y\n1;2\n3;4\n', ["size, in cm, about", "y"], [[1, 3], [2, 4]]),
        ("a;b\n1,5;-2,5e-3\n0,25;4\n", ["a", "b"], [[1.5, 0.25], [-0.0025, 4]]),
        ('a,b\n0.5,";"\n1,"x;y"\n', ["a", "b"], [[0.5, 1], [";", "x;y"]]),
        ("1,5;2,5\n3,25;4,5\n", ["column 1", "column 2"], [[1.5, 3.25], [2.5, 4.5]]),
        ("a,b\n1.5e3,-2E-4\n.5,+3.\n", ["a", "b"], [[1500, 0.5], [-0.0002, 3]]),
        ("note\tx\na, b; c\t1\nd, e; f\t2\n", ["note", "x"], [["a, b; c", "d, e; f"], [1, 2]]),
        ("a,b\n1,2\n,\n3,4\n,\n\n", ["a", "b"], [[1, 3], [2, 4]]),
    ],
    ids=[
        "quoted commas",
        "decimal commas",
        "quoted semicolons",
        "decimal commas, no header",
        "scientific",
        "tab",
        "empty rows",
    ],
)
def test_delimiters_and_numbers(text, names, values):
    table = read_table(text.encode())
    assert [column.name for column in table.columns] == names
    assert [column.values.tolist() for column in table.columns] == values


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
    assert encode_table(table, "y", ("x",)).points.tolist() == [list(range(30))]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ("0 1 1 0", "class"),
        ("-1 1 1", "class"),
        ("0 1 4 9 16", "number"),
        ("0.5 1 1", "number"),
        (" ".join(str(i % 10) for i in range(40)), "class"),
        (" ".join(str(i % 11) for i in range(40)), "number"),
    ],
    ids=["xor", "signs", "each its own", "not whole", "ten values", "eleven values"],
)
def test_which_columns_of_numbers_are_classes(values, kind):
    rows = "".join(f"{i}.5,{value}\n" for i, value in enumerate(values.split()))
    assert read_table(f"x,y\n{rows}".encode()).column("y").kind == kind


def test_classes_that_are_numbers_keep_names_of_their_own():
    table = read_table(b"x,y\n1,1234567.5\n2,1234568.5\n3,7\n")
    assert encode_table(table, kind="class").class_names == ("7", "1234567.5", "1234568.5")


def test_another_kind_is_refused_by_name():
    with pytest.raises(ValueError, match="kind='klass' must be 'class' or 'number'"):
        encode_table(read_table(GOOD), kind="klass")


def test_text_features_become_one_input_for_each_value():
    encoded = encode_table(read_table(GOOD))
    assert encoded.names == ("size", "colour=blue", "colour=red")
    assert encoded.points.tolist() == [[1, 2, 3], [0, 1, 0], [1, 0, 1]]


@pytest.mark.parametrize(
    ("data", "arguments", "words"),
    [
        (b"x,y\n1,a\n2,a\n", {}, "'y' has one class only, 'a'"),
        (b"x,y\n1,5.5\n2,5.5\n", {}, "is 5.5 in every row"),
        (b"x,y\n1,5\n2,5\n", {}, "'y' has one class only, '5'"),
        (b"x,y\n" + b"\n".join(b"%d,%d.5" % (i, i) for i in range(60)) + b"\nabc,3\n", {}, "line 62 holds 'abc'"),
        (b"x,y\n" + b"\n".join(b"%d,%d.5" % (i, i) for i in range(60)) + b"\n3,abc\n", {}, "line 62 holds 'abc'"),
        (b"x,y\n1e200,1.5\n2,2.5\n", {}, "'x' holds a number of size 1e.200"),
        (b"x,y\n1,1.5\n2,-1e101\n", {}, "'y' holds a number of size 1e.101"),
        (GOOD, {"features": ("size", "size")}, "'size' is chosen twice"),
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


CELL = st.text("abc ,;\t\"'é\n", min_size=1, max_size=6).filter(lambda text: text.strip())
NUMBER = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(NUMBER, CELL), min_size=2, max_size=20),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_what_is_written_is_read(rows, delimiter, newline, mark):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(["första, column", "sec;ond"])
    writer.writerows(rows)
    table = read_table(file.getvalue().encode("utf-8-sig" if mark else "utf-8"))
    assert [column.name for column in table.columns] == ["första, column", "sec;ond"]
    assert table.column("första, column").values.tolist() == [number for number, _ in rows]
    assert table.column("sec;ond").values.tolist() == [text.strip() for _, text in rows]


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(str.encode), st.text('a1,;"\n', max_size=40).map(str.encode)
    )
)
def test_any_bytes_are_a_table_or_one_sentence(data):
    try:
        table = read_table(data)
    except TableError as problem:
        sentence = str(problem)
    else:
        sentence = f"{table.rows} rows."
        assert table.rows >= 2
    assert sentence.endswith(".")
