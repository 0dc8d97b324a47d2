"""From columns to a data set: what becomes of numbers, dates, categories and empty cells, and nothing leaks."""

import numpy as np
import pytest

from engine import Experiment, train
from engine.datasets import Column, DataError, from_columns
from engine.datasets.encoding import MOST_NUMBERS

NAN, NAT = np.nan, np.datetime64("NaT")


def number(name, *values):
    return Column(name, np.array(values, dtype=float))


def category(name, *texts):
    """A column of texts, an empty one where a cell is empty."""
    known = sorted({*texts} - {""})
    return Column(name, np.array([known.index(text) if text else -1 for text in texts]), tuple(known))


GOOD = [number("size", 1, 2, 3), category("colour", "red", "blue", "red"), number("price", 10, 20.5, 30)]


def raw(columns, target, **how):
    """The data set with its rows in the order of the table, not scaled and not split."""
    return from_columns(columns, target, test=0, scale=False, **how)


def test_a_category_becomes_one_input_for_each_of_its_values():
    data = raw(GOOD, "price")
    assert data.input_names == ("size", "colour=blue", "colour=red")
    assert data.points.tolist() == [[1, 2, 3], [0, 1, 0], [1, 0, 1]]
    assert (data.x == data.points).all()
    assert data.targets.tolist() == [[10, 20.5, 30]]
    assert (data.task, data.target_name) == ("regression", "price")


def test_a_category_to_learn_is_counted_from_0():
    data = raw(GOOD, "colour")
    assert (data.task, data.labels.tolist(), data.class_names) == ("classification", [1, 0, 1], ("blue", "red"))


def test_a_date_becomes_days():
    """1970-01-01 is day 0, 2000-03-01 day 11,017; six in the evening is three quarters of a day."""
    when = np.array(["1970-01-01T18:00", "2000-03-01T00:00"], dtype="datetime64[m]")
    assert raw([Column("when", when), number("y", 1, 2)], "y").points.tolist() == [[0.75, 11017]]
    assert raw([Column("when", when), number("y", 1, 2)], "when").targets.tolist() == [[0.75, 11017]]


def test_inputs_and_target_are_standardised_by_the_training_part_alone():
    rng = np.random.default_rng(0)
    a = rng.normal(5, 3, 60)
    data = from_columns([number("a", *a), number("same", *[7] * 60), number("y", *(2 * a + 3))], "y", test=0.5)
    assert data.x[0, data.train].mean() == pytest.approx(0, abs=1e-12)
    assert data.x[0, data.train].std() == pytest.approx(1)
    assert not np.isclose(data.x[0].mean(), 0, atol=1e-6)
    assert (data.x[1] == 0).all()
    restored = data.targets[0] * data.target_std + data.target_mean
    assert restored == pytest.approx(2 * data.points[0] + 3)
    assert data.expand(data.points) == pytest.approx(data.x)


@pytest.mark.parametrize("value", [0.1, 0.3, 7, 1e9, -2.3e-9])
def test_a_constant_column_becomes_0_whatever_its_mean_rounds_to(value):
    data = from_columns([number("a", *[value] * 61), number("y", *range(61))], "y")
    assert (data.x[0] == 0).all()


def test_large_and_small_numbers_are_finite():
    large = [(-1) ** i * 10.0 ** (i * 5) for i in range(20)]
    columns = [number("a", *large), number("b", *(i * 1e-160 for i in range(20))), number("y", *range(20))]
    assert np.isfinite(from_columns(columns, "y").x).all()


# Empty cells

GAPS = [
    number("a", NAN, 2, 3, 4, 9, 6),
    category("c", "v", "", "v", "v", "v", "u"),
    number("y", 1, 2, 3, NAN, 5, 6),
]


def test_rows_with_an_empty_cell_are_left_out():
    data = raw(GAPS, "y")
    assert data.points[0].tolist() == [3, 9, 6]
    assert data.targets.tolist() == [[3, 5, 6]]


def test_empty_cells_are_filled_by_the_median_and_by_the_commonest_but_never_those_of_the_target():
    data = raw(GAPS, "y", missing="fill")
    assert data.points[0].tolist() == [4.5, 2, 3, 9, 6]  # the median of 2, 3, 6, 9
    assert data.input_names[2] == "c=v"
    assert data.points[2].tolist() == [1, 1, 1, 1, 0]
    assert data.targets.tolist() == [[1, 2, 3, 5, 6]]


def test_what_fills_a_gap_is_not_looked_up_in_the_test_part():
    rng = np.random.default_rng(0)
    a = rng.normal(size=40)
    a[::4] = NAN
    data = from_columns([number("a", *a), number("y", *range(40))], "y", missing="fill", scale=False, test=0.5)
    known = a[data.targets[0].astype(int)][data.train]
    filled = data.points[0][np.isnan(a)]
    assert filled == pytest.approx(np.median(known[~np.isnan(known)]))


def test_an_empty_date_is_filled_by_the_median_day():
    when = np.array(["1970-01-02", NAT, "1970-01-04"], dtype="datetime64[D]")
    assert raw([Column("when", when), number("y", 1, 2, 3)], "y", missing="fill").points.tolist() == [[1, 2, 3]]


def test_a_category_that_no_row_in_use_has_is_forgotten():
    columns = [number("a", 1, 2, NAN), category("c", "u", "v", "w"), number("y", 1, 2, 3)]
    assert raw(columns, "y").input_names == ("a", "c=u", "c=v")
    assert raw([number("a", 1, 2, NAN), category("c", "u", "v", "w")], "c").class_names == ("u", "v")


# Rows


def test_all_rows_are_used_unless_asked_otherwise():
    columns = [number("a", *range(2000)), number("y", *range(2000))]
    assert from_columns(columns, "y").x.shape == (1, 2000)
    some = from_columns(columns, "y", samples=300, seed=4)
    assert some.x.shape == (1, 300)
    assert (np.diff(some.points[0]) > 0).all()
    assert np.array_equal(some.points, from_columns(columns, "y", samples=300, seed=4).points)
    assert not np.array_equal(some.points, from_columns(columns, "y", samples=300, seed=5).points)


def test_no_more_numbers_are_held_than_fit():
    names = tuple("abcdefghijklmnopqrst")
    codes = np.arange(60_000)
    wide = [Column(f"c{i}", (codes + i) % 20, names) for i in range(10)]
    data = from_columns([*wide, Column("y", codes.astype(float))], "y")
    assert data.x.shape == (200, MOST_NUMBERS // 200)


def test_the_truth_table_of_xor_is_learnt_with_nothing_held_back():
    table = [number("a", 0, 0, 1, 1), number("b", 0, 1, 0, 1), category("y", "0", "1", "1", "0")]
    data = from_columns(table, "y", test=0)
    recording = train(Experiment(data="csv", loss="binary_cross_entropy", test=0, lr=0.1), data=data)
    assert recording.train_accuracy[-1] == 1.0
    assert recording.test_loss is None


@pytest.mark.parametrize(
    ("columns", "target", "words"),
    [
        ([number("x", 1, 2), category("y", "a", "a")], "y", "'y' has one class only, 'a'"),
        ([number("x", 1, 2), number("y", 5.5, 5.5)], "y", "'y' is the same in every row"),
        ([number("x", 1e200, 2), number("y", 1, 2)], "y", "'x' holds a number of size 1e.200"),
        ([number("x", 1, 2), number("y", 1, -np.inf)], "y", "'y' holds a number of size inf"),
        ([number("x", *range(51)), category("y", *map(str, range(51)))], "y", "51 classes; at most 50"),
        ([category("x", *map(str, range(21))), number("y", *range(21))], "y", "'x' has 21 different values"),
        ([number("y", 1, 2)], "y", "nothing to learn 'y' from"),
        ([number("x", NAN, 2, NAN), number("y", 1, 2, 3)], "y", "1 of 3 rows have no empty cell"),
        ([number("x", NAN, NAN, NAN), number("y", 1, 2, 3)], "y", "0 of 3 rows"),
    ],
)
def test_what_cannot_be_learnt_is_one_sentence(columns, target, words):
    with pytest.raises(DataError, match=words) as problem:
        from_columns(columns, target)
    assert str(problem.value).endswith(".")


def test_a_column_without_a_value_cannot_be_filled():
    with pytest.raises(DataError, match="'x' is empty in every row that is trained on"):
        raw([number("x", NAN, NAN, NAN), number("y", 1, 2, 3)], "y", missing="fill")


@pytest.mark.parametrize(
    ("columns", "how", "words"),
    [
        (GOOD, {"target": "weight"}, r"target='weight' must be one of \['size', 'colour', 'price'\]"),
        ([*GOOD, GOOD[0]], {"target": "price"}, "must all be different"),
        (GOOD, {"target": "price", "missing": "guess"}, "missing='guess' must be 'drop' or 'fill'"),
    ],
)
def test_wrong_arguments_are_named(columns, how, words):
    with pytest.raises(ValueError, match=words):
        from_columns(columns, **how)
