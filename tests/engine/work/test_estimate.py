"""Estimates add up, limits decide, and what is refused is refused in words."""

import math

import pytest

from engine.work import (
    AT_ONCE,
    Estimate,
    Limits,
    TooMuchWork,
    duration,
    host_limits,
    in_turn,
    memory,
    require,
    together,
)

SLOW, LARGE = Estimate(40.0, 1e6, "the steps (300)"), Estimate(1.0, 2e9, "the hidden layers")


def test_parts_add_up_and_the_heaviest_says_what_to_reduce():
    assert together(SLOW, LARGE) == Estimate(41.0, 2.001e9, "the hidden layers")
    assert in_turn(SLOW, LARGE) == Estimate(41.0, 2e9, "the hidden layers")
    assert together(SLOW, LARGE._replace(bytes=1e6)).reduce == "the steps (300)"


def test_the_limits_of_a_host_come_from_its_environment():
    assert host_limits({}) == Limits(120.0, 1e9)
    assert host_limits({"DESCENT_LAB_SECONDS": "30", "DESCENT_LAB_MEGABYTES": "2500"}) == Limits(30.0, 2.5e9)


@pytest.mark.parametrize("text", ["0", "-1", "nan", "two minutes"])
def test_a_limit_that_is_no_number_above_0_is_an_error(text):
    with pytest.raises(ValueError, match=r"DESCENT_LAB_SECONDS=.* must be a number above 0"):
        host_limits({"DESCENT_LAB_SECONDS": text})


def test_what_is_within_the_limits_is_not_refused():
    require("This run", Estimate(*AT_ONCE, "nothing"), AT_ONCE)


def test_one_long_piece_is_refused_however_short_the_whole_is():
    """Within it nobody can end the work, and no one is asked whether to."""
    long = together(Estimate(3.0, 0.0, "the steps"), Estimate(2.0, 0.0, "the layers", piece=1.5))
    assert not long.within(AT_ONCE)
    with pytest.raises(TooMuchWork, match=r"1\.5 s at a time in which it cannot be ended.* reduce the hidden layers"):
        require("This run", long)


@pytest.mark.parametrize(
    ("estimate", "sentence"),
    [
        (
            SLOW._replace(seconds=28_800.0),
            "would take about 8 hours, and at most 2 minutes is allowed here: reduce the st",
        ),
        (LARGE, "would take about 2 GB of memory, and at most 1 GB is allowed here: reduce the hidden layers."),
        (Estimate(math.nan, 0.0, "the batch"), "reduce the batch"),
        (Estimate(0.0, math.inf, "the batch"), "reduce the batch"),
    ],
)
def test_what_is_beyond_them_is_refused_in_words(estimate, sentence):
    with pytest.raises(TooMuchWork, match=f"^This run .*{sentence}"):
        require("This run", estimate)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.43, "0.43 s"),
        (40.2, "40 s"),
        (119.0, "120 s"),
        (125.0, "2.1 minutes"),
        (28_800.0, "8 hours"),
        (9e5, "10 days"),
    ],
)
def test_durations_are_said_in_two_digits(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("size", "words"), [(3.14e5, "0.31 MB"), (4.2e7, "42 MB"), (1.24e9, "1.2 GB"), (3.9e10, "39 GB")]
)
def test_memory_is_said_in_two_digits(size, words):
    assert memory(size) == words
