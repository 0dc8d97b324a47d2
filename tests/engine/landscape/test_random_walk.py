"""A random walk in a plane: the theory of many dimensions, and walks drawn one by one."""

import numpy as np
import pytest

from engine.landscape import explained_variance, pca_plane
from engine.landscape.random_walk import DRAWS, explained_by_chance, random_walks

MANY = 10**6


def test_two_components_through_the_end_hold_nine_tenths_of_a_long_walk_in_many_dimensions():
    share = explained_by_chance("pca", [np.arange(301)], MANY)[0]
    assert share == pytest.approx(8 / np.pi**2 + 8 / (9 * np.pi**2), abs=0.002)


@pytest.mark.parametrize("count", [2, 3, 10, 40])
def test_a_short_walk_has_the_eigenvalues_of_its_summing_matrix(count):
    """Of distances from the end: n - max(s, t), eigenvalues 1/(4 sin²((2k-1) π / (4n+2)))."""
    k = np.arange(1, count + 1)
    values = 1 / (4 * np.sin((2 * k - 1) * np.pi / (4 * count + 2)) ** 2)
    expected = values[:2].sum() / values.sum()
    assert explained_by_chance("pca", [np.arange(count + 1)], MANY)[0] == pytest.approx(expected, abs=0.003)


def test_about_its_mean_a_walk_has_the_share_of_antognini_and_sohl_dickstein():
    walk = random_walks([np.arange(401)], MANY, np.random.default_rng(0))[0]
    assert pca_plane(walk, "mean").explained == pytest.approx([6 / np.pi**2, 6 / np.pi**2 / 4], abs=0.01)


def test_the_line_from_start_to_end_holds_two_thirds():
    assert explained_by_chance("line", [np.arange(301)], MANY)[0] == pytest.approx(2 / 3, abs=0.01)


@pytest.mark.parametrize("size", [3, 10, 60])
def test_in_few_dimensions_walks_are_as_if_drawn_step_by_step(size):
    rng, steps = np.random.default_rng(1), np.array([0, 1, 2, 4, 8, 16, 17, 18, 20])
    shares = []
    for _ in range(400):
        walk = np.concatenate([np.zeros((1, size)), np.cumsum(rng.normal(size=(20, size)), axis=0)])[steps]
        shares.append(explained_variance(pca_plane(walk), walk))
    several = [explained_by_chance("pca", [steps], size)[0]]
    spread = 4 * np.std(shares) / np.sqrt(DRAWS)
    assert np.mean(several) == pytest.approx(np.mean(shares), abs=spread)


def test_a_plane_that_does_not_follow_the_path_holds_its_share_of_the_dimensions():
    walk = random_walks([np.arange(50)], 20, np.random.default_rng(2))[0]
    assert walk.shape == (50, 20)
    assert explained_by_chance("random", [np.arange(50)] * 2, 20) == [0.1, 0.1]


def test_several_walks_share_a_plane_and_a_single_point_has_none():
    shares = explained_by_chance("pca", [np.arange(31), np.arange(61)], 1000)
    assert len(shares) == 2
    assert 0.3 < min(shares) < max(shares) < 0.95
    assert np.isnan(explained_by_chance("pca", [np.arange(1)], 1000)).all()
