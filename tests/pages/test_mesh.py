"""The triangles of a surface in three dimensions, against what may be said of them without drawing any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.surfaces import SURFACES, mesh
from pages.figures import arrays
from pages.figures.mesh import COARSEST, between, triangles

SIZES = [(2, 2), (3, 5), (25, 25), (51, 51), (41, 61), (65, 65), (101, 80)]


def heights(name: str, rows: int, columns: int) -> np.ndarray:
    """Logarithms of a function over its domain, from 0 to 1."""
    values = SURFACES[name].value(mesh(SURFACES[name].domain, max(rows, columns)))[:rows, :columns]
    logs = np.log10(values - values.min() + values.max() / 1000)
    return (logs - logs.min()) / np.ptp(logs)


def areas(corners: np.ndarray, columns: int) -> np.ndarray:
    row, column = np.divmod(corners, columns)
    a, b = row[:, 1:] - row[:, :1], column[:, 1:] - column[:, :1]
    return (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2


def furthest(z: np.ndarray, corners: np.ndarray) -> float:
    """The largest distance of the nodes of a grid from the triangles over them."""
    worst = 0.0
    for row, column in np.stack(np.divmod(corners, z.shape[1]), axis=1):
        up, across = np.mgrid[row.min() : row.max() + 1, column.min() : column.max() + 1].reshape(2, -1)
        share = np.linalg.solve(np.array([[1, 1, 1], row, column]), np.array([np.ones(len(up)), up, across]))
        inside = (share > -1e-9).all(axis=0)
        worst = max(worst, np.abs(z[row, column] @ share - z[up, across])[inside].max())
    return worst


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tolerance", [0.0, 0.004, 0.05])
def test_they_cover_the_grid_once_and_leave_no_crack(size, tolerance):
    z = heights("rosenbrock", *size)
    corners = triangles(z, tolerance)
    area = areas(corners, size[1])
    assert len(set(np.sign(area))) == 1
    assert np.abs(area).sum() == (size[0] - 1) * (size[1] - 1)
    sides = np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]]), axis=1)
    every, times = np.unique(sides, axis=0, return_counts=True)
    (up, across), (rows, columns) = np.divmod(every, size[1]), size
    edge = [(part == last).all(axis=1) for part, end in ((up, rows - 1), (across, columns - 1)) for last in (0, end)]
    np.testing.assert_array_equal(times, np.where(np.any(edge, axis=0), 1, 2))


@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "rastrigin", "quadratic_valley"])
@pytest.mark.parametrize("tolerance", [0.004, 0.02])
def test_no_node_is_further_from_them_than_twice_the_tolerance(name, tolerance):
    z = heights(name, 51, 51)
    corners = triangles(z, tolerance)
    assert furthest(z, corners) <= 2 * tolerance
    assert len(corners) < 2 * 50**2


def test_without_a_tolerance_every_node_is_a_corner_and_a_plane_has_the_fewest():
    z = heights("rosenbrock", 33, 33)
    np.testing.assert_array_equal(np.unique(triangles(z, 0.0)), np.arange(33**2))
    across, up = np.meshgrid(np.arange(65.0), np.arange(65.0))
    assert len(triangles(across + 2 * up, 1e-9)) == 2 * COARSEST**2


def test_at_a_hole_there_are_none_and_all_round_it_there_are():
    across, up = np.meshgrid(np.arange(33.0), np.arange(33.0))
    z = across + up
    z[10:13, 20] = np.nan
    corners = triangles(z, 0.1)
    assert np.isfinite(z.ravel()[corners]).all()
    cells = 4 * 2  # about the three nodes
    assert np.abs(areas(corners, 33)).sum() == pytest.approx(32**2 - cells, abs=1.01)


def test_of_a_path_that_crawls_points_less_apart_than_asked_are_left_out():
    path = np.array([[0, 0], [0.4, 0.3], [0.9, 0.9], [1.0, 0], [1.5, np.nan], [1.6, 0], [1.7, 0.1]])
    np.testing.assert_array_equal(arrays.apart(path, 1.0), [0, 3, 4, 5, 6])
    np.testing.assert_array_equal(arrays.apart(path[:1], 1.0), [0])
    rng = np.random.default_rng(0)
    path = rng.normal(size=(500, 3)).cumsum(axis=0)
    kept = arrays.apart(path, 2.0)
    assert len(kept) < 400
    last = kept[np.searchsorted(kept, np.arange(500), side="right") - 1]
    assert (np.abs(path - path[last]).max(axis=1) < 2.0).all()


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (-2, 2, [-1, 0, 1]),
        (-2.46, 11.7, [0, 5, 10]),
        (0, 1, [0.2, 0.4, 0.6, 0.8]),
        (-4.5, 4.5, [-4, -2, 0, 2, 4]),
        (1e6, 1e6 + 4, [1000001, 1000002, 1000003]),
    ],
)
def test_round_numbers_stand_between_the_ends_of_an_axis(low, high, ticks):
    assert between(np.array([low, high])) == ticks


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_every_axis_has_two_to_five_of_them_inside(low, span):
    ticks = between(np.array([low, low + span]))
    assert 2 <= len(ticks) <= 5
    assert all(low < tick < low + span for tick in ticks)
