"""Ranges as people write them, and what is drawn of them."""

import numpy as np
import pytest

from engine.experiment import SETTINGS
from engine.study import LogUniform, Uniform, values_of


@pytest.mark.parametrize(
    ("key", "text", "values"),
    [
        ("lr", "0.001, 0.01,.1", (0.001, 0.01, 0.1)),
        ("lr", "1e-4..1 log", (1e-4, 1e-3, 1e-2, 1e-1, 1.0)),
        ("lr", "1e-4 .. 1 LOG 3", (1e-4, 1e-2, 1.0)),
        ("dropout", "0..0.8", (0.0, 0.2, 0.4, 0.6, 0.8)),
        ("batch", "1..64 log 7", (1, 2, 4, 8, 16, 32, 64)),
        ("batch", "1..3 20", (1, 2, 3)),
        ("arch", "8-8, none, 16", ((8, 8), (), (16,))),
        ("optimizer", "sgd; adam", ("sgd", "adam")),
        ("lr", "0.1, 0.1", (0.1,)),
    ],
)
def test_what_people_write(key, text, values):
    found, _ = values_of(SETTINGS[key], text)
    assert found == (pytest.approx(values, rel=1e-6) if isinstance(values[0], float) else values)


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("lr", "", "names no value"),
        ("dropout", "0..0.5 log", "above 0"),
        ("lr", "1..0.1", "the first one lower"),
        ("lr", "0.1, hello", "`hello`"),
        ("lr", "-1..1", "must be from"),
        ("lr", "0.1..1 log 1", "from 2 to 100"),
        ("lr", "0.1..1 999999999", "from 2 to 100"),
        ("optimizer", "sgd, nobody", "`nobody`"),
        ("seed", ",".join(map(str, range(101))), "at most 100"),
    ],
)
def test_what_cannot_be_taken_is_said_in_a_sentence(key, text, said):
    with pytest.raises(ValueError, match=said):
        values_of(SETTINGS[key], text)


def test_a_range_over_the_logarithm_is_even_in_its_decades():
    """Kolmogorov's distance to the uniform distribution of log10 is below its 0.1 % quantile, 1.95/√n."""
    drawn = LogUniform(1e-4, 1.0).draw(10_000, np.random.default_rng(0))
    shares = np.sort(np.log10(drawn) / 4 + 1)
    assert np.abs(shares - np.arange(10_000) / 10_000).max() < 1.95 / 100
    assert LogUniform(1e-4, 1.0).spread(5) == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1, 1])


def test_a_range_ends_exactly_where_it_says():
    for span in (Uniform(0.1, 0.7), LogUniform(3e-5, 0.7)):
        assert span.spread(7)[0] == span.low
        assert span.spread(7)[-1] == span.high
