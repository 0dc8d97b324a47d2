"""Minima of typed formulas: the published ones, no higher than any grid, and distances to curves of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.descent import descend, formula_surface, nearest_minimum, race_on_surface, with_minimum
from engine.descent.minima import distance_to_minimum
from engine.optimizers import OPTIMIZERS
from engine.surfaces import SURFACES, mesh

KNOWN = [name for name, surface in SURFACES.items() if len(surface.minima)]


@pytest.mark.parametrize("name", KNOWN)
def test_all_published_minima_are_found_when_nobody_says_them(name):
    surface = SURFACES[name]
    found = with_minimum(replace(surface, minima=(), minimum=np.nan))
    assert not found.sampled
    assert len(found.minima) == len(surface.minima)
    for minimum in surface.minima:
        assert np.abs(found.minima - minimum).max(1).min() < 1e-5
    assert found.minimum == pytest.approx(surface.minimum, abs=1e-9)


@pytest.mark.parametrize("half", [2.0, 5.0, 20.0, 100.0])
def test_the_lowest_of_many_wells_is_found(half):
    """sin 10x + .05 (x-2)² + .05 y²: the slope is 0 where 10 cos 10x = -.1 (x-2), near 3π/20 + 2π/5 = 1.7279."""
    surface = formula_surface("sin(10*x)+0.05*(x-2)^2+0.05*y^2", half)
    assert surface.minima == pytest.approx(np.array([[1.728148, 0.0]]), abs=1e-5)
    assert surface.minimum == pytest.approx(-0.9963011, abs=1e-6)


def test_himmelblaus_four_zeros_are_all_kept():
    surface = formula_surface("(x^2+y-11)^2 + (x+y^2-7)^2", 5.0)
    for minimum in SURFACES["himmelblau"].minima:
        assert np.abs(surface.minima - minimum).max(1).min() < 1e-8
    assert len(surface.minima) == 4


NUMBER = st.floats(-3, 3).map(lambda value: round(value, 2))


@settings(deadline=None, database=None, derandomize=True, max_examples=12)
@given(*[NUMBER] * 6)
def test_no_point_of_a_fine_grid_is_lower(a, b, c, d, p, q):
    text = f"{a}*sin({b}*x + {c}*y) + {d}*cos({p}*x - {q}*y) + 0.1*x^2 + 0.2*y^2"
    surface = formula_surface(text, 8.0)
    assert len(surface.minima)
    lowest = surface.value(mesh(surface.domain, 801)).min()
    assert surface.minimum <= lowest
    if not surface.sampled:
        assert np.abs(surface.gradient(surface.minima)).max() < 1e-5
        assert (np.linalg.eigvalsh(surface.hessian(surface.minima)) > -1e-6).all()


def _to_hyperbola(x, y):
    t = np.geomspace(0.5, 2, 40001)
    t = np.concatenate([t, -t])
    return np.array([np.hypot(a - t, b - 1 / t).min() for a, b in zip(x, y, strict=True)])


CURVES = {  # where the minima are, and how far a point is from them
    "x**2": lambda x, _y: np.abs(x),
    "x**2+x**4": lambda x, _y: np.abs(x),
    "abs(x)": lambda x, _y: np.abs(x),
    "1e-6*x^2": lambda x, _y: np.abs(x),
    "1e6*(x-y)^2 + 1e6": lambda x, y: np.abs(x - y) / np.sqrt(2),
    "(x^2+y^2-1)^2": lambda x, y: np.abs(np.hypot(x, y) - 1),
    "x^2*y^2": lambda x, y: np.minimum(np.abs(x), np.abs(y)),
    "(x*y-1)**2": _to_hyperbola,
}


@pytest.mark.parametrize("text", CURVES)
def test_distances_to_lines_and_curves_of_minima(text):
    surface = formula_surface(text, 2.0)
    xy = np.random.default_rng(0).uniform(-1.2, 1.2, (60, 2))
    assert surface.sampled
    assert distance_to_minimum(surface, xy) == pytest.approx(CURVES[text](*xy.T), abs=5e-3, rel=5e-3)
    on = nearest_minimum(surface, xy)
    assert surface.value(on) == pytest.approx(np.full(60, surface.minimum), abs=1e-8 * np.ptp(surface.value(xy)))


@pytest.mark.parametrize("text", ["x**2", "(x*y-1)**2", "x**2+x**4", "(x^2+y^2-1)^2", "1e-3*x^2"])
def test_a_run_comes_nearer_all_the_way_and_is_at_0_when_it_has_converged(text):
    surface = formula_surface(text, 2.0)
    rate = 0.2 / np.linalg.eigvalsh(surface.hessian(np.array([1.3, 1.6])))[-1]
    found = race_on_surface(surface, (1.3, 1.6), {"sgd": OPTIMIZERS["sgd"](lr=rate)}, 1000)
    assert (np.diff(found.distance[:, 0]) < 1e-9).all()
    newton = race_on_surface(surface, (1.3, 1.6), {"newton": OPTIMIZERS["newton"](lr=1.0)}, 60)
    assert newton.distance[-1, 0] < 1e-9


@pytest.mark.parametrize(
    "text",
    ["x + y", "x^2 - y^2", "x^3", "1/x", "1/(x*y)", "log(x)", "log(x^2+y^2)", "exp(x)", "-x^2", "tan(x)", "3", "0/0"],
)
def test_a_slope_a_pole_or_a_saddle_is_no_minimum(text):
    assert not len(formula_surface(text, 2.0).minima)


@pytest.mark.parametrize(
    ("text", "minimum"),
    [("abs(x-1)+abs(y)", (1, 0)), ("sqrt(x^2+(y-1)^2)", (0, 1)), ("max(x,-x)+y^2", (0, 0)), ("x^4+y^4", (0, 0))],
)
def test_kinks_cones_and_flat_bottoms_are_minima(text, minimum):
    surface = formula_surface(text, 2.0)
    assert surface.minima == pytest.approx(np.array([minimum], float), abs=1e-4)
    assert surface.minimum == pytest.approx(0, abs=1e-8)


def test_where_newton_ends_there_is_no_distance():
    surface = SURFACES["rosenbrock"]
    end = descend(surface, (-1.2, 1), OPTIMIZERS["newton"](lr=1.0), 40).params[-1]
    assert distance_to_minimum(surface, end) == pytest.approx(0, abs=1e-12)
