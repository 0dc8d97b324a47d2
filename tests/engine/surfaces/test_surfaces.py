"""The test functions against the literature, and their derivatives against complex steps."""

import math

import numpy as np
import pytest

from engine.surfaces import SURFACES, Surface, quadratic_valley

NAMES = {
    *("rosenbrock", "himmelblau", "beale", "booth", "matyas", "rastrigin", "ackley", "styblinski_tang"),
    *("three_hump_camel", "six_hump_camel", "goldstein_price", "easom", "griewank", "levi13"),
    *("saddle", "monkey_saddle", "quadratic_valley"),
}
TURNED = quadratic_valley(25.0, 0.4)
ALL = pytest.mark.parametrize("surface", [*SURFACES.values(), TURNED], ids=lambda s: s.name)
STEPS = 1e-30j * np.eye(2)


def points(surface, shape, seed=0):
    low, high = np.transpose(surface.domain)
    return np.random.default_rng(seed).uniform(low, high, (*shape, 2))


def test_the_registry_holds_every_function_of_the_plan_under_its_name():
    assert set(SURFACES) == NAMES
    assert all(surface.name == name for name, surface in SURFACES.items())


@ALL
def test_gradient_is_the_complex_step_derivative_of_the_value(surface):
    xy = points(surface, (200,))
    expected = np.stack([surface.value(xy + step).imag / 1e-30 for step in STEPS], -1)
    np.testing.assert_allclose(surface.gradient(xy), expected, rtol=1e-12, atol=1e-12 * abs(expected).max())


@ALL
def test_hessian_is_the_complex_step_derivative_of_the_gradient(surface):
    xy = points(surface, (200,))
    expected = np.stack([surface.gradient(xy + step).imag / 1e-30 for step in STEPS], -1)
    hessian = surface.hessian(xy)
    np.testing.assert_allclose(hessian, expected, rtol=1e-12, atol=1e-12 * abs(expected).max())
    assert np.array_equal(hessian, hessian.swapaxes(-1, -2))


@ALL
def test_gradient_agrees_with_central_differences(surface):
    xy, h = points(surface, (50,)), 1e-5
    expected = np.stack([(surface.value(xy + d) - surface.value(xy - d)) / (2 * h) for d in h * np.eye(2)], -1)
    np.testing.assert_allclose(surface.gradient(xy), expected, rtol=1e-6, atol=1e-8 * abs(expected).max())


@ALL
def test_published_minima_are_stationary_and_nothing_in_the_domain_is_lower(surface):
    np.testing.assert_allclose(surface.value(surface.minima), surface.minimum, rtol=0, atol=1e-13)
    np.testing.assert_allclose(surface.gradient(surface.minima), 0, atol=1e-12)
    assert (np.linalg.eigvalsh(surface.hessian(surface.minima)) > 0).all()
    assert surface.value(points(surface, (20_000,))).min() >= surface.minimum


@pytest.mark.parametrize(
    ("name", "xy", "value"),
    [
        ("rosenbrock", (-1.2, 1), 24.2),  # starts of Moré, Garbow and Hillstrom (1981)
        ("beale", (1, 1), 14.203125),
        ("himmelblau", (0, 0), 170),
        ("booth", (0, 0), 74),
        ("matyas", (1, 1), 0.04),
        ("rastrigin", (0.5, 0.5), 40.5),
        ("ackley", (1, 1), 3.6253849384403627),
        ("styblinski_tang", (-2.903534, -2.903534), -78.33233140754),
        ("three_hump_camel", (1.747552, -0.873776), 0.298638442),
        ("six_hump_camel", (1.703607, -0.796084), -0.215463824),
        ("six_hump_camel", (1.607105, 0.568651), 2.104250310),
        ("goldstein_price", (0, 0), 600),
        ("easom", (0, 0), -math.exp(-2 * math.pi**2)),
        ("griewank", (math.pi, 0), 2 + math.pi**2 / 4000),
        ("levi13", (0, 0), 2),
        ("saddle", (2, 1), 3),
        ("monkey_saddle", (2, 1), 2),
    ],
)
def test_value_at_a_published_point(name, xy, value):
    assert SURFACES[name].value(xy) == pytest.approx(value, rel=1e-7)


@pytest.mark.parametrize(("xy", "value"), [((-0.6, -0.4), 30), ((1.8, 0.2), 84), ((1.2, 0.8), 840)])
def test_goldstein_and_price_published_three_more_stationary_points(xy, value):
    surface = SURFACES["goldstein_price"]
    assert surface.value(xy) == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(surface.gradient(xy), 0, atol=1e-9)


@ALL
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_run_axis_gives_the_numbers_of_a_loop_bit_for_bit(surface, dtype):
    xy = points(surface, (3, 7), seed=1).astype(dtype)
    value, gradient = surface(xy)
    hessian = surface.hessian(xy)
    assert (value.shape, gradient.shape, hessian.shape) == ((3, 7), (3, 7, 2), (3, 7, 2, 2))
    assert value.dtype == gradient.dtype == hessian.dtype == dtype
    for run in np.ndindex(3, 7):
        for one, many in zip((*surface(xy[run]), surface.hessian(xy[run])), (value, gradient, hessian), strict=True):
            assert np.asarray(one).dtype == dtype
            assert np.array_equal(one, many[run])


@ALL
def test_calling_gives_value_and_gradient_in_single_precision_too(surface):
    xy = points(surface, (40,), seed=2)
    value, gradient = surface(xy)
    assert np.array_equal(value, surface.value(xy))
    assert np.array_equal(gradient, surface.gradient(xy))
    single = surface.gradient(xy.astype(np.float32))
    np.testing.assert_allclose(single, gradient, rtol=1e-3, atol=1e-4 * abs(gradient).max())


@ALL
def test_start_is_inside_the_domain_and_the_arrays_cannot_be_changed(surface):
    low, high = np.transpose(surface.domain)
    assert ((low <= surface.start) & (surface.start <= high)).all()
    assert ((low <= surface.minima) & (surface.minima <= high)).all()
    assert np.linalg.norm(surface.gradient(surface.start)) > 1e-3
    with pytest.raises(ValueError, match="read-only"):
        surface.start[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        surface.minima[:] = 0


@ALL
@pytest.mark.parametrize("size", [1e8, 1e200, 1.7e308, math.inf, math.nan])
def test_nothing_warns_however_far_a_run_has_gone(surface, size):
    xy = np.array([[size, size], [-size, 0.5], [0.0, -size], [1e-300, size]])
    surface(xy)
    surface.hessian(xy)
    surface(np.clip(xy, -3e38, 3e38).astype(np.float32))


@ALL
def test_the_formula_is_balanced_latex(surface):
    assert surface.formula.count("{") == surface.formula.count("}")
    assert surface.formula.count(r"\left") == surface.formula.count(r"\right")


def test_integers_and_tuples_are_points_too():
    value, gradient = SURFACES["booth"]((0, 0))
    assert (value, gradient.tolist()) == (74.0, [-34.0, -38.0])
    assert SURFACES["saddle"].value(np.array([[3, 2]])).dtype == np.float64


@pytest.mark.parametrize("xy", [1.0, [1.0], [[1.0, 2.0, 3.0]]])
def test_points_without_two_coordinates_are_refused(xy):
    with pytest.raises(ValueError, match="xy must have a last axis of length 2"):
        SURFACES["booth"].value(xy)


def test_ackley_is_a_cone_at_its_tip():
    ackley = SURFACES["ackley"]
    assert ackley.gradient([0.0, 0.0]).tolist() == [0, 0]
    # only the ripple is left: the second derivative of -exp(½Σ cos 2πx) at 0 is 2π²e
    np.testing.assert_allclose(ackley.hessian([0.0, 0.0]), 2 * math.pi**2 * math.e * np.eye(2), rtol=1e-14)
    # beside the tip the slope is 20·0.2/√2 in every direction, and the curvature along the rim grows as 1/r
    for direction in np.array([[1, 0], [0, -1], [-0.6, 0.8]]):
        assert ackley.gradient(1e-9 * direction) @ direction == pytest.approx(2 * math.sqrt(2), rel=1e-6)
    assert ackley.hessian([1e-9, 0.0])[1, 1] == pytest.approx(2 * math.sqrt(2) / 1e-9, rel=1e-6)


def test_a_start_on_the_ridge_never_leaves_it():
    saddle = SURFACES["saddle"]
    xy = np.array([1.0, 0.0])
    for _ in range(500):
        xy = xy - 0.1 * saddle.gradient(xy)
    assert abs(xy[0]) < 1e-12
    assert xy[1] == 0
    assert saddle.minima.shape == (0, 2)
    assert saddle.minimum == -math.inf


@pytest.mark.parametrize("kappa", [0.5, 1.0, 10.0, 1e4])
@pytest.mark.parametrize("angle", [0.0, 0.4, -2.0])
def test_the_valley_has_curvatures_1_and_kappa_along_its_turned_axes(kappa, angle):
    valley = quadratic_valley(kappa, angle)
    along, across = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    hessian = valley.hessian(np.zeros(2))
    np.testing.assert_allclose(hessian @ along, along, atol=1e-14 * max(kappa, 1))
    np.testing.assert_allclose(hessian @ across, kappa * across, rtol=1e-12, atol=1e-14 * kappa)
    xy = points(valley, (20,))
    np.testing.assert_allclose(valley.value(xy), 0.5 * ((xy @ along) ** 2 + kappa * (xy @ across) ** 2), rtol=1e-12)
    upright = quadratic_valley(kappa)
    assert valley.value(valley.start) == pytest.approx(upright.value(upright.start), rel=1e-14)


def test_gradient_descent_on_the_valley_follows_its_closed_form_and_its_limit_of_stability():
    valley, start = quadratic_valley(10.0), np.array([-1.6, 0.8])

    def end(rate, steps=100):
        xy = start
        for _ in range(steps):
            xy = xy - rate * valley.gradient(xy)
        return xy

    np.testing.assert_allclose(end(0.15), start * np.array([(1 - 0.15) ** 100, (1 - 1.5) ** 100]), rtol=1e-12)
    assert abs(end(0.199)[1]) < 0.8 < abs(end(0.201)[1])  # 2/κ = 0.2


@pytest.mark.parametrize("kappa", [0.0, -1.0, math.inf, math.nan])
def test_the_valley_refuses_a_curvature_that_is_none(kappa):
    with pytest.raises(ValueError, match="kappa must be a finite number above 0, got"):
        quadratic_valley(kappa)


@pytest.mark.parametrize("angle", [math.inf, math.nan])
def test_the_valley_refuses_an_angle_that_is_none(angle):
    with pytest.raises(ValueError, match="angle must be a finite number of radians, got"):
        quadratic_valley(10.0, angle)


def test_a_surface_of_ones_own_may_have_unknown_minima():
    bowl = Surface("bowl", "Bowl", "x^2+y^2", lambda x, y: (x * x + y * y, 2 * x, 2 * y), None, ((-1, 1),) * 2, (1, 0))
    assert bowl.minima.shape == (0, 2)
    assert math.isnan(bowl.minimum)
    assert bowl.gradient((1.0, 2.0)).tolist() == [2.0, 4.0]
