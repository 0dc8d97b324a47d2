from types import SimpleNamespace

import numpy as np
import pytest

from engine.landscape import (
    Plane,
    axis_through_zero,
    evaluate,
    evaluation,
    explained_variance,
    extent,
    fidelity,
    hessian_plane,
    line_slice,
    pca_plane,
    random_plane,
    weight_plane,
)

SHAPES = {"W1": (4, 3), "b1": (4,), "K2": (2, 3, 2, 2), "b2": (2,), "gamma3": (2,), "W3": (1, 2)}
SIZES = [int(np.prod(shape)) for shape in SHAPES.values()]
STARTS = dict(zip(SHAPES, np.cumsum([0, *SIZES]).tolist(), strict=False))
LAYOUT = SimpleNamespace(
    names=list(SHAPES),
    view=lambda params, name: params[..., STARTS[name] : STARTS[name] + int(np.prod(SHAPES[name]))].reshape(
        *params.shape[:-1], *SHAPES[name]
    ),
)
WINDOW = ((-1.0, 2.0), (-0.5, 0.7))


def bowl(params):
    """A loss whose value does not depend on how many points come at once."""
    return (np.arange(1, params.shape[-1] + 1, dtype=params.dtype) * params * params).sum(-1)


def skew_plane(size=6, seed=0):
    """A plane with directions of different length that are not square to each other."""
    rng = np.random.default_rng(seed)
    first = rng.normal(size=size)
    return Plane(rng.normal(size=size), np.stack([3 * first, first + 0.2 * rng.normal(size=size)]), "random")


def spiral(steps=40, size=12, seed=0):
    """A path that winds through all dimensions, most in a few."""
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.normal(size=(steps, size)) * np.geomspace(1, 0.01, size), axis=0) + 5


# --- The plane


def test_a_point_of_the_plane_is_projected_onto_its_own_coordinates():
    plane = skew_plane()
    ab = np.random.default_rng(1).normal(size=(2, 5, 2))
    assert plane.project(plane.at(ab)) == pytest.approx(ab, abs=1e-9)
    assert plane.at(plane.project(plane.at(ab))) == pytest.approx(plane.at(ab), abs=1e-12)
    assert plane.project(plane.centre + 2 * plane.directions[0] - plane.directions[1]) == pytest.approx([2, -1])


def test_projection_is_the_nearest_point():
    plane = skew_plane()
    params = np.random.default_rng(2).normal(size=6)
    rest = params - plane.at(plane.project(params))
    assert plane.directions @ rest == pytest.approx([0, 0], abs=1e-12)


def test_the_centre_is_exact_and_nothing_can_be_written_to():
    plane = skew_plane()
    assert (plane.at([0.0, 0.0]) == plane.centre).all()
    with pytest.raises(ValueError, match="read-only"):
        plane.directions[0, 0] = 1


def test_run_axes_are_a_loop_to_the_bit():
    plane = skew_plane(300)
    params = np.random.default_rng(3).normal(size=(4, 3, 300))
    assert (plane.project(params) == [[plane.project(p) for p in row] for row in params]).all()


# --- Ways to choose it


@pytest.mark.parametrize("centring", ["final", "mean"])
def test_pca_explains_what_the_singular_values_say(centring):
    path = spiral()
    plane = pca_plane(path, centring)
    centre = path[-1] if centring == "final" else path.mean(0)
    singular = np.linalg.svd(path - centre, compute_uv=False)
    assert plane.centre == pytest.approx(centre)
    assert plane.explained == pytest.approx((singular**2 / (singular**2).sum())[:2], rel=1e-10)
    assert plane.directions @ plane.directions.T == pytest.approx(np.eye(2), abs=1e-12)
    assert explained_variance(plane, path) == pytest.approx(plane.explained.sum(), rel=1e-10)


@pytest.mark.parametrize("shape", [(300, 90), (90, 300), (3, 5000), (2000, 2)])
@pytest.mark.parametrize("walk", [True, False], ids=["a walk", "noise, whose components are hard to tell"])
def test_pca_gives_the_upper_end_of_the_whole_decomposition(shape, walk):
    points = np.random.default_rng(3).standard_normal(shape)
    points = points.cumsum(0) if walk else points
    plane = pca_plane(points, "mean")
    _, singular, rows = np.linalg.svd(points - points.mean(0), full_matrices=False)
    assert plane.explained == pytest.approx((singular**2 / (singular**2).sum())[:2], rel=1e-10)
    assert np.abs(plane.directions @ rows[:2].T) == pytest.approx(np.eye(2), abs=1e-6)


def test_a_straight_path_and_one_that_never_moves_have_a_plane():
    line = np.outer(np.linspace(0, 1, 9), np.arange(1.0, 31.0))
    assert pca_plane(line).explained == pytest.approx([1, 0], abs=1e-12)
    assert pca_plane(np.ones((4, 30))).explained == pytest.approx([0, 0])


def test_pca_through_the_mean_matches_scikit_learn():
    decomposition = pytest.importorskip("sklearn.decomposition")
    path = spiral()
    plane, oracle = pca_plane(path, "mean"), decomposition.PCA(2).fit(path)
    assert plane.explained == pytest.approx(oracle.explained_variance_ratio_, rel=1e-10)
    assert np.abs(plane.project(path)) == pytest.approx(np.abs(oracle.transform(path)), abs=1e-9)


def test_several_paths_are_stacked_and_diverged_points_left_out():
    paths = np.stack([spiral(seed=1), spiral(seed=2)])
    stacked = pca_plane(paths, "mean")
    assert stacked.explained == pytest.approx(pca_plane(paths.reshape(-1, 12), "mean").explained)
    diverged = [paths[0], np.concatenate([paths[1], np.full((3, 12), np.nan), np.full((1, 12), 1e300)])]
    assert (pca_plane(diverged, "mean").directions == stacked.directions).all()
    assert (pca_plane(paths).centre == paths[0, -1]).all()
    assert "all paths" in stacked.centring


@pytest.mark.parametrize("path", [np.ones((1, 3)), np.ones((5, 3)), np.outer(np.arange(4.0), [1.0, 2, 3])])
def test_a_path_without_two_dimensions_still_has_a_plane(path):
    plane = pca_plane(path)
    assert plane.directions @ plane.directions.T == pytest.approx(np.eye(2), abs=1e-12)
    assert fidelity(plane, path, bowl).residuals == pytest.approx(np.zeros(len(path)), abs=1e-12)
    assert explained_variance(plane, path) == pytest.approx(1.0)


def test_random_directions_are_as_long_as_the_filters_they_replace():
    params = np.random.default_rng(4).normal(size=sum(SIZES))
    LAYOUT.view(params, "W1")[2] = 0
    plane = random_plane(params, LAYOUT, np.random.default_rng(5))
    for name, shape in SHAPES.items():
        own, copies = LAYOUT.view(params, name), LAYOUT.view(plane.directions, name)
        if name[0] in "WK":
            expected = np.linalg.norm(own.reshape(shape[0], -1), axis=-1)
            norms = np.linalg.norm(copies.reshape(2, shape[0], -1), axis=-1)
            assert norms == pytest.approx(np.stack([expected, expected]), rel=1e-12)
        else:
            assert (copies == 0).all()
    first, second = plane.directions
    assert plane.cosine == pytest.approx(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


def test_random_directions_are_nearly_orthogonal_in_a_wide_layer():
    wide = SimpleNamespace(names=["W1"], view=lambda params, _: params.reshape(*params.shape[:-1], 50, 40))
    params = np.random.default_rng(6).normal(size=2000)
    cosines = [random_plane(params, wide, np.random.default_rng(seed)).cosine for seed in range(5)]
    assert 0 < np.abs(cosines).max() < 0.05


def test_rows_of_one_weight_still_give_two_directions():
    thin = SimpleNamespace(names=["W1", "b1"], view=lambda p, name: p[..., :2, None] if name == "W1" else p[..., 2:])
    for seed in range(20):
        plane = random_plane(np.array([1.0, 2.0, 3.0]), thin, np.random.default_rng(seed))
        assert np.abs(plane.directions) == pytest.approx(np.array([[1, 2, 0], [1, 2, 0]]))


def test_a_weight_plane_moves_two_weights_and_no_other():
    params = np.arange(5.0)
    moved = weight_plane(params, 3, 1).at([0.5, -2.0])
    assert moved.tolist() == [0, -1, 2, 3.5, 4]


def test_a_hessian_plane_has_the_two_sharpest_directions():
    plane = hessian_plane(lambda p: p * np.array([1.0, 9, -20, 5]), np.ones(4))
    assert plane.curvatures == pytest.approx([9, 5], rel=1e-6)
    assert plane.directions == pytest.approx(np.eye(4)[[1, 3]], abs=1e-6)


# --- Windows and grids


def test_the_extent_holds_the_path_and_the_centre_with_its_margin():
    plane = Plane(np.zeros(3), np.eye(3)[:2], "weights")
    path = np.array([[1.0, 3.0, 9.0], [2.0, 1.0, 0.0], [np.nan, 0.0, 0.0]])
    assert extent(plane, path, margin=0.25) == (pytest.approx((-0.5, 2.5)), pytest.approx((-0.75, 3.75)))


def test_a_straight_or_resting_path_still_gets_a_window():
    plane = Plane(np.zeros(2), np.array([[1.0, 0.0], [0.0, 2.0]]), "weights")
    assert extent(plane, np.array([[4.0, 0.0]]))[1] == pytest.approx((-0.25, 0.25))  # a distance of 1 of 4
    assert extent(plane, np.zeros((3, 2))) == ((-1.0, 1.0), (-1.0, 1.0))


@pytest.mark.parametrize("low", [-1.0, -0.37, -1e-9, -123.4])
@pytest.mark.parametrize("high", [1.0, 0.61, 2e-9, 5.0])
@pytest.mark.parametrize("resolution", [3, 20, 51])
def test_grid_axes_cover_the_window_evenly_with_a_node_at_the_centre(low, high, resolution):
    axis = axis_through_zero(low, high, resolution)
    assert len(axis) == resolution
    assert (axis == 0).sum() == 1
    assert axis[0] <= low * (1 - 1e-12)
    assert axis[-1] >= high * (1 - 1e-12)
    assert np.diff(axis) == pytest.approx(np.full(resolution - 1, np.diff(axis).mean()), rel=1e-9)


def test_a_symmetric_window_keeps_its_ends_and_one_without_the_centre_is_a_linspace():
    axis = axis_through_zero(-2.0, 2.0, 51)
    assert (axis[0], axis[-1]) == (-2, 2)
    assert axis == pytest.approx(np.linspace(-2, 2, 51), abs=1e-15)
    assert (axis_through_zero(1.0, 2.0, 5) == np.linspace(1, 2, 5)).all()


@pytest.mark.parametrize("chunk_bytes", [1, 1000, 4_000_000])
def test_a_grid_is_the_loss_at_its_nodes(monkeypatch, chunk_bytes):
    monkeypatch.setattr(evaluation, "CHUNK_BYTES", chunk_bytes)
    plane = skew_plane()
    grid = evaluate(plane, bowl, WINDOW, resolution=(9, 7))
    assert grid.loss.shape == (7, 9)
    for row, beta in enumerate(grid.beta):
        for column, alpha in enumerate(grid.alpha):
            assert grid.loss[row, column] == bowl(plane.at([alpha, beta]))
    assert grid.loss[np.flatnonzero(grid.beta == 0), np.flatnonzero(grid.alpha == 0)] == bowl(plane.centre)


def test_single_precision_reaches_the_loss_and_comes_back():
    seen = []

    def loss(params):
        seen.append(params.dtype)
        return bowl(params)

    grid = evaluate(skew_plane(), loss, WINDOW, 11, dtype=np.float32)
    assert set(seen) == {np.dtype(np.float32)}
    assert grid.loss.dtype == np.float32
    assert grid.loss == pytest.approx(evaluate(skew_plane(), bowl, WINDOW, 11).loss, rel=1e-5)


def test_cells_that_overflow_are_not_finite_and_silent():
    plane = Plane(np.zeros(2), np.eye(2), "weights")
    grid = evaluate(plane, lambda p: np.exp(p.sum(-1)) - np.exp(p[..., 0]), ((-1.0, 2000.0), (-1.0, 1.0)), 9)
    assert not np.isfinite(grid.loss[:, -1]).any()
    assert np.isfinite(grid.loss[:, grid.alpha == 0]).all()


def test_a_line_slice_passes_through_both_ends():
    start, end = np.array([1.0, -2.0]), np.array([3.0, 0.5])
    line = line_slice(start, end, bowl)
    assert (line.a[0], line.a[-1]) == (-0.5, 1.5)
    assert line.loss[line.a == 0] == pytest.approx(bowl(start))
    assert line.loss[line.a == 1] == pytest.approx(bowl(end))
    assert line.loss[0] == pytest.approx(bowl(1.5 * start - 0.5 * end))


# --- What the picture loses


def test_fidelity_of_points_in_beside_and_square_to_the_plane():
    plane = Plane(np.ones(3), np.array([[2.0, 0, 0], [0, 0.5, 0]]), "weights")
    path = np.array([[4.0, -2, 1], [4, 1, 5], [1, 1, 9], [1, 1, 1]])
    residuals, projected = fidelity(plane, path, bowl)
    assert residuals == pytest.approx([0, 0.8, 1, 0])  # 3-4-5
    assert projected == pytest.approx(bowl(np.array([[4.0, -2, 1], [4, 1, 1], [1, 1, 1], [1, 1, 1]])))
    assert explained_variance(plane, path) == pytest.approx(1 - (16 + 64) / (18 + 25 + 64))


def test_fidelity_of_a_diverging_path_is_silent():
    plane = Plane(np.zeros(3), np.eye(3)[:2], "weights")
    path = np.array([[3e200, 0.0, 4e200], [np.inf, 0.0, 0.0], [np.nan, 0.0, 0.0]])
    residuals, _ = fidelity(plane, path, lambda p: (p * p).sum(-1))
    assert residuals[0] == pytest.approx(0.8)
    assert np.isnan(residuals[1:]).all()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Plane(np.zeros(3), np.ones((2, 3)), "random"), "parallel"),
        (lambda: Plane(np.zeros(3), np.eye(4)[:2], "random"), "shape"),
        (lambda: pca_plane(np.full((3, 2), np.nan)), "finite point"),
        (lambda: pca_plane(np.zeros((3, 1))), "at least 2 parameters"),
        (lambda: pca_plane(spiral(), "first"), "centring"),
        (lambda: weight_plane(np.zeros(3), 0, 3), "j must be from 0 to 2"),
        (lambda: weight_plane(np.zeros(3), 1, 1), "different"),
        (lambda: random_plane(np.zeros(sum(SIZES)), LAYOUT, np.random.default_rng(0)), "params"),
        (lambda: hessian_plane(lambda p: p * np.nan, np.zeros(3)), "gradient is finite"),
        (lambda: evaluate(skew_plane(), bowl, WINDOW, 2), "resolution"),
    ],
)
def test_errors_name_the_argument(call, says):
    with pytest.raises(ValueError, match=says):
        call()
