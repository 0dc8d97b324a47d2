"""The flat vector: names are views, norms are exact."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Experiment
from engine.linear_algebra import norm
from engine.network import Network


def layout_of(*widths, arch=None, **more):
    return Network(Experiment(arch=widths if arch is None else arch, **more), 3, 2).layout


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


@pytest.mark.parametrize(
    ("dtype", "decades", "exactness"), [(np.float64, 3, 1e-12), (np.float64, 120, 1e-12), (np.float32, 15, 2e-5)]
)
@pytest.mark.parametrize(
    "more",
    [{"arch": (4, 4, 4, 4)}, {"arch": (5, 3), "norm": "batch"}, {"arch": (4, 4, 4), "residual": "gated"}],
    ids=str,
)
def test_norms_and_cosines_are_those_of_each_part_alone(more, dtype, decades, exactness):
    """Parts of very different sizes lie side by side, some are zero, and many vectors are measured at once."""
    layout, rng = layout_of(**more), np.random.default_rng(0)
    vectors = rng.standard_normal((2, 40, 3, layout.size))
    for name in layout.names:
        scale = 10 ** rng.uniform(-decades, decades, (2, 40, 3)) * rng.choice([0, 1], (2, 40, 3), p=[0.1, 0.9])
        part = layout.view(vectors, name)
        part *= scale.reshape(2, 40, 3, *[1] * (part.ndim - 3))
    one, other = vectors.astype(dtype)
    norms, cosines = layout.norms(one), layout.cosines(one, other)
    np.testing.assert_array_equal(cosines, layout.cosines(one, other, (norms, layout.norms(other))))
    for column, name in enumerate(layout.names):
        x, y = (layout.view(v, name).reshape(40, 3, -1).astype(float) for v in (one, other))
        lengths = [np.array([math.hypot(*row) for row in v.reshape(120, -1)]).reshape(40, 3) for v in (x, y)]
        np.testing.assert_allclose(norms[..., column], lengths[0], rtol=exactness, atol=0)
        with np.errstate(invalid="ignore"):
            expected = (x / lengths[0][..., None] * (y / lengths[1][..., None])).sum(axis=-1)
        np.testing.assert_allclose(cosines[..., column], expected, rtol=0, atol=10 * exactness)


@pytest.mark.parametrize("size", [1e-300, 1e-5, 1.0, 1e300])
def test_norms_neither_underflow_nor_overflow(size):
    assert norm(np.array([3.0, 4.0]) * size) == pytest.approx(5 * size, rel=1e-15, abs=0)


def test_the_norm_of_zeros_is_zero_and_of_infinities_infinite():
    assert norm(np.zeros(6)) == 0
    assert norm(np.array([1.0, np.inf])) == np.inf
    assert np.isnan(norm(np.array([1.0, np.nan])))
