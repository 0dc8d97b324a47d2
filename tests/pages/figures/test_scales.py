"""Axes: whatever is to be drawn, their ticks are numbers that can be told apart."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pages.common.ticks import every_power
from pages.figures import scales

FINE = 1e-6  #: decades: below, two numbers differ in their seventh digit alone


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.65, 2.6, ["0.7", "1", "2"]),
        (0.08, 0.9, ["0.1", "0.2", "0.5"]),
        (3.1, 7.9, ["4", "5", "6"]),
        (0.693, 0.694, ["0.693", "0.6932", "0.6934", "0.6936", "0.6938"]),
    ],
)
def test_a_short_log_axis_has_round_numbers_that_lie_apart(low, high, ticks):
    axis = scales.value_axis("loss", np.log10([low, high]).tolist(), log=True)
    assert axis["ticktext"] == ticks


@given(st.floats(-300, 300), st.floats(np.log10(FINE), 0.0))
def test_of_every_short_log_axis_two_ticks_or_more_can_be_read(low, width):
    span = [low, low + 10.0**width]
    axis = scales.value_axis("loss", span, log=True)
    assume("tickvals" in axis)  # not from one power of ten to the next
    places = np.log10(axis["tickvals"])
    assert 2 <= len(places) <= 6
    assert len({*axis["ticktext"]}) == len(places)
    assert np.allclose([float(text) for text in axis["ticktext"]], axis["tickvals"], rtol=1e-9)
    assert np.diff(places).min() > 0.1 * (span[1] - span[0])
    assert span[0] - 1e-12 <= places[0] <= places[-1] <= span[1] + 1e-12


@pytest.mark.parametrize(
    ("span", "most", "every"),
    [([-4.4, 2.6], 5, 2), ([-4.4, 2.6], 2, 3), ([-0.8, 0.7], 5, 0), ([-5.3, -0.8], 3, 2), ([-300.0, 300.0], 4, 200)],
)
def test_powers_of_ten_with_a_tick_are_two_at_least(span, most, every):
    """By hand: from -4.4 to 2.6 lie -4, -2, 0 and 2 for every second one, and -3 and 0 for every third."""
    assert every_power(span, most) == every
