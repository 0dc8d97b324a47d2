"""What many rows say together."""

from itertools import permutations

import numpy as np
import pytest

from engine import Experiment
from engine.study import Row, best, best_of, points, sensible_top, values

RUN = Experiment()


def rows(numbers, diverged=()):
    return [
        None if number is None else Row(RUN, test_loss=number, diverged_at=7 if i in diverged else -1)
        for i, number in enumerate(numbers)
    ]


def test_the_spread_over_seeds_by_hand():
    found = points(rows([1.0, 3.0, 2.0, 9.0, 5.0, None], diverged={3}), "test_loss", 3)
    assert found.median.tolist() == [2, 5]
    assert (found.low.tolist(), found.high.tolist()) == ([1, 5], [3, 5])
    assert (found.diverged.tolist(), found.made.tolist()) == ([0, 1], [3, 2])


def test_a_point_without_a_value_is_a_gap():
    found = points(rows([9.0, 1.0], diverged={0}), "test_loss")
    assert np.isnan(found.median[0])
    assert found.median[1] == 1
    assert best(found.median, "test_loss") == 1
    assert best(np.full(3, np.nan), "test_loss") is None


def test_what_never_came_to_pass_has_no_step():
    assert np.isnan(values([Row(RUN, reached=-1)], "reached")[0])
    assert values([Row(RUN, reached=0)], "reached")[0] == 0


@pytest.mark.parametrize(("measure", "best_"), [("test_loss", min), ("test_accuracy", max)])
def test_the_best_of_n_is_the_median_over_all_orders(measure, best_):
    """All 720 orders of six runs, one of which has no value: the lower median of the best of the first n."""
    numbers = np.array([0.3, np.nan, 0.7, 0.1, 0.4, 0.9])
    worst = np.inf if best_ is min else -np.inf
    for n in range(1, 7):
        every = sorted(
            (best_(worst if np.isnan(v) else v for v in order[:n]) for order in permutations(numbers)),
            reverse=best_ is max,
        )
        expected = every[(len(every) - 1) // 2]
        found = best_of(numbers, measure)[n - 1]
        assert found == expected


@pytest.mark.parametrize(
    ("losses", "top"),
    [
        ([0.05, 0.1, 0.2, 0.3, 3e22], 50.0),  # one nearly diverged: 1,000 times the best
        ([0.05, 0.1, 1e5, 1e9, 1e22, 1e25], 0.05 * 10**3),  # most of them did
        ([0.05, 0.1, 0.2, 0.3, np.nan], np.inf),
        ([0.05, 0.1, 0.2, 300.0], np.inf),  # four decades: nothing is won
        ([1e-12, 1e-3, 1e-3, 0.1, 0.5], np.inf),  # one is perfect, which the others are not to blame for
        ([1e-12, 1e-12, 1e-12, 0.01, 0.1], np.inf),
        ([1e-12, 1e-12, 0.01, 1e22], 10.0),
        ([0.0, 0.05, 0.1, 3e22], 50.0),
        ([0.0, 0.0], np.inf),
        ([], np.inf),
    ],
)
def test_a_loss_far_beyond_the_others_does_not_set_the_scale(losses, top):
    assert sensible_top(np.array(losses)) == pytest.approx(top)
