"""The flat vector: names are views, norms are exact."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Experiment
from engine.lengths import norm
from engine.network import Network


def layout_of(*arch, **more):
    return Network(Experiment(arch=arch, **more), 3, 2).layout


@given(st.lists(st.integers(1, 6), max_size=4))
def test_the_parts_cover_the_vector_once(arch):
    layout = layout_of(*arch)
    sizes = [3, *arch, 2]
    assert layout.size == sum((a + 1) * b for a, b in pairwise(sizes))
    places = np.concatenate([layout.indices(name).ravel() for name in layout.names])
    assert sorted(places.tolist()) == list(range(layout.size))


def test_names_and_shapes_are_the_textbook_ones():
    layout = layout_of(4, 5)
    assert layout.names == ("W1", "b1", "W2", "b2", "W3", "b3")
    assert layout.shapes == {"W1": (4, 3), "b1": (4,), "W2": (5, 4), "b2": (5,), "W3": (2, 5), "b3": (2,)}


def test_views_write_through_and_keep_run_axes():
    layout = layout_of(4)
    params = np.zeros((2, 3, layout.size))
    layout.view(params, "W1")[...] = 1
    layout.view(params, "b2")[1, 2] = 7
    assert layout.view(params, "W1").shape == (2, 3, 4, 3)
    assert params.sum() == 2 * 3 * 12 + 2 * 7


def test_a_position_has_a_name():
    layout = layout_of(4)
    index = int(layout.indices("W2")[1, 2])
    assert layout.describe(index) == ("W2", (1, 2))


def test_weights_are_told_from_biases():
    layout = layout_of(4)
    assert layout.mask("weight").sum() == 4 * 3 + 2 * 4
    assert layout.mask("bias").sum() == 4 + 2


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match=r"name='W9' must be one of W1, b1"):
        layout_of(4).view(np.zeros(layout_of(4).size), "W9")


@pytest.mark.parametrize("size", [1e-300, 1e-5, 1.0, 1e300])
def test_norms_neither_underflow_nor_overflow(size):
    assert norm(np.array([3.0, 4.0]) * size) == pytest.approx(5 * size, rel=1e-15, abs=0)


def test_the_norm_of_zeros_is_zero_and_of_infinities_infinite():
    assert norm(np.zeros(6)) == 0
    assert norm(np.array([1.0, np.inf])) == np.inf
    assert np.isnan(norm(np.array([1.0, np.nan])))
