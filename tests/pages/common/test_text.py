"""Numbers and sentences as they are read on the screen, and as they leave it in a file."""

import csv
import io

import numpy as np
import pytest

from engine import train
from engine.experiment import Experiment
from pages.common.text import count, listed, number, percent, plain, share, short
from pages.sections.train.download import run_table, table


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.03125, "0.03125"),
        (0.5, "0.5000"),
        (1 / 3, "0.3333"),
        (12.3456, "12.35"),
        (99999.4, "99999"),
        (123456.0, "1.235e+05"),
        (0.001, "0.001000"),
        (0.000999, "0.0009990"),
        (0.00009, "9.000e-05"),
        (3.125e-12, "3.125e-12"),
        (-0.25, "-0.2500"),
        (0.0, "0"),
        (-0.0, "0"),
        (float("inf"), "infinite"),
        (float("-inf"), "minus infinite"),
        (float("nan"), "not a number"),
        (None, "–"),
        (np.float32(0.1), "0.1000"),
    ],
)
def test_four_significant_digits(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.03, "0.03"), (3e-5, "3e-05"), (500, "500"), (0.0123, "0.0123"), (0, "0")]
)
def test_chosen_values_carry_no_zeros(value, text):
    assert short(value) == text


def test_shares_counts_and_lists():
    assert [share(1), share(0.98249), share(None)] == ["1.000", "0.982", "–"]
    assert [count(1, "step"), count(12000, "step"), count(2, "class", "classes")] == [
        "1 step",
        "12,000 steps",
        "2 classes",
    ]
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_plain_text_is_no_markdown():
    assert plain("a_b *c* [d](e) $f$ :red[g] <h>") == r"a\_b \*c\* \[d\]\(e\) \$f\$ \:red\[g\] \<h\>"


def test_a_table_keeps_every_digit_and_leaves_gaps_empty():
    columns = {"step": np.arange(2), "a, b": np.array([1 / 3, np.nan])}
    rows = list(csv.reader(io.StringIO(table(columns))))
    assert rows == [["step", "a, b"], ["0", repr(1 / 3)], ["1", ""]]


def test_the_table_of_a_run_has_a_line_for_each_step():
    recording = train(Experiment(steps=7, samples=20, arch=(2,)))
    rows = list(csv.DictReader(io.StringIO(run_table(recording))))
    assert [int(row["step"]) for row in rows] == list(range(8))
    assert [float(row["loss"]) for row in rows] == recording.loss.tolist()
    assert float(rows[-1]["gradient_norm W1"]) == recording.gradient_norm[-1, recording.parts.index("W1")]


def test_a_percentage_of_any_size_can_be_read():
    said = [percent(value) for value in (0.12345, 9.999, 21.5398, 2.1539e245, float("nan"))]
    assert said == ["12.3%", "999.9%", "2154%", "2.154e+247%", "not a number"]
