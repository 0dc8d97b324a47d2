import math
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from engine.activations import ACTIVATIONS
from engine.depth import Deep, predict
from engine.mean_field import (
    critical_weight_variance,
    depth_scale,
    fixed_point,
    gaussian_mean,
    mean_slope,
    mean_square,
    susceptibility,
)

erf = np.vectorize(math.erf, otypes=[float])
ERF = SimpleNamespace(value=erf, derivative=lambda z, a: 2 / math.sqrt(math.pi) * np.exp(-z * z))  # noqa: ARG005
KINK_ELSEWHERE = "hardtanh"  # at ±1: the midpoint rule below would need a cell edge there; it has a closed form


def midpoint(f, q, cells=200_000, reach=12.0):
    """∫Dz f(√q z) by brute force; 0 is the edge of a cell."""
    z = (np.arange(cells) + 0.5) * (2 * reach / cells) - reach
    return float(f(np.sqrt(q) * z) @ np.exp(-z * z / 2)) * (2 * reach / cells) / math.sqrt(2 * math.pi)


# --- Gaussian integrals and closed forms


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != KINK_ELSEWHERE])
@pytest.mark.parametrize(("weight_variance", "bias_variance"), [(0.8, 0.1), (0.95, 2.0)])
def test_fixed_point_and_susceptibility_match_brute_force_quadrature(name, weight_variance, bias_variance):
    phi = ACTIVATIONS[name]
    q = float(fixed_point(name, weight_variance, bias_variance))
    square = midpoint(lambda u: phi.value(u) ** 2, q)
    slope = midpoint(lambda u: phi.derivative(u, phi.value(u)) ** 2, q)
    assert weight_variance * square + bias_variance == pytest.approx(q, rel=1e-8)
    assert susceptibility(phi, weight_variance, bias_variance) == pytest.approx(weight_variance * slope, rel=1e-8)


@pytest.mark.parametrize("weight_variance", [0.3, 1.0, 2.0, 3.7])
@pytest.mark.parametrize("bias_variance", [0.0, 0.05, 2.0])
def test_susceptibility_of_piecewise_linear_activations_is_exact(weight_variance, bias_variance):
    assert susceptibility("relu", weight_variance, bias_variance) == pytest.approx(weight_variance / 2, abs=1e-12)
    assert susceptibility("linear", weight_variance, bias_variance) == pytest.approx(weight_variance, abs=1e-12)


@pytest.mark.parametrize("q", [1e-6, 0.01, 0.7, 3.0, 30.0])
def test_gaussian_means_match_closed_forms(q):
    c = 1 / math.sqrt(2 * q)
    hard = ACTIVATIONS["hardtanh"]
    bent = q * (math.erf(c) - 2 / math.sqrt(math.pi) * c * math.exp(-c * c)) + math.erfc(c)
    assert gaussian_mean(lambda u: hard.value(u) ** 2, q) == pytest.approx(bent, rel=1e-11)
    assert gaussian_mean(lambda u: hard.derivative(u, hard.value(u)), q) == pytest.approx(math.erf(c), rel=1e-12)
    assert gaussian_mean(lambda u: np.sin(u) ** 2, q) == pytest.approx(-math.expm1(-2 * q) / 2, rel=1e-9)
    assert gaussian_mean(lambda u: erf(u) ** 2, q) == pytest.approx(
        2 / math.pi * math.asin(2 * q / (1 + 2 * q)), rel=1e-11
    )  # Williams 1998


def test_an_activation_object_is_as_good_as_a_key():
    w, b = 1.5, 0.1
    q = 1.0
    for _ in range(500):
        q = w * 2 / math.pi * math.asin(2 * q / (1 + 2 * q)) + b
    assert fixed_point(ERF, w, b) == pytest.approx(q, rel=1e-12)
    assert susceptibility(ERF, w, b) == pytest.approx(w * 4 / math.pi / math.sqrt(1 + 4 * q), rel=1e-12)


# --- Fixed points


def test_published_fixed_points():
    assert fixed_point("selu", 1.0, 0.0) == pytest.approx(1.0, abs=1e-9)  # Klambauer et al. 2017
    half_stable = 14.32017362  # SWISH: Roberts, Yaida & Hanin 2022, ch. 5.3
    square = mean_square(ACTIVATIONS["silu"], half_stable)
    assert 1.98800468 * square + 0.55514317 == pytest.approx(half_stable, rel=1e-7)


def test_where_the_signal_dies_explodes_or_stays():
    assert fixed_point("tanh", [0.5, 1.0], 0.0).tolist() == [0.0, 0.0]
    assert fixed_point("relu", [1.9, 2.0, 2.1], 0.0).tolist() == [0.0, 1.0, np.inf]
    assert fixed_point("relu", 2.0, 0.1) == np.inf
    assert fixed_point("relu", 1.5, 0.1, start=50.0) == pytest.approx(0.1 / (1 - 0.75))
    assert susceptibility("gelu", 3.0, 0.0) == pytest.approx(1.5)  # at infinity GELU is ReLU


def test_fixed_point_is_where_deep_networks_end():
    grid = np.array([[0.5, 0.0], [1.2, 0.0], [1.761, 0.05], [4.0, 1.0]])
    weight_variance, bias_variance = grid.T
    q = weight_variance + bias_variance
    for _ in range(399):
        q = weight_variance * mean_square(ACTIVATIONS["tanh"], q) + bias_variance
    assert fixed_point("tanh", *grid.T) == pytest.approx(q, rel=1e-9, abs=1e-30)


def test_the_start_decides_between_two_fixed_points():
    low, high = (float(fixed_point("gelu", 2.2, 0.0, start=start)) for start in (0.1, 100.0))
    assert (low, high) == (0.0, np.inf)


def iterated(name, weight_variance, bias_variance, layers=30_000):
    """The variance after so many layers, from 1, by the trapezoid rule."""
    z = np.linspace(-12, 12, 2001)
    weights = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    q = 1.0
    for _ in range(layers):
        new = weight_variance * (weights @ np.square(ACTIVATIONS[name].value(np.sqrt(q) * z))) + bias_variance
        if new > 1e6 or abs(new - q) < 1e-13 * q:
            return new
        q = new
    return q


@pytest.mark.parametrize("name", ["silu", "gelu", "mish"])
@pytest.mark.parametrize("short", [1e-1, 1e-2, 1e-3, 1e-4])
def test_a_pair_of_fixed_points_is_found_however_close_they_are(name, short):
    """Just below the edge where two fixed points meet and vanish, layers still come to rest at the lower one."""
    edge = float(critical_weight_variance(name, 0.2))
    found = float(fixed_point(name, edge * (1 - short), 0.2))
    assert np.isfinite(found)
    assert found == pytest.approx(iterated(name, edge * (1 - short), 0.2), rel=1e-6)


def test_two_fixed_points_between_the_places_where_they_are_looked_for():
    assert fixed_point("silu", 2.273, 0.2) == pytest.approx(1.28377, abs=1e-5)
    assert critical_weight_variance("silu", 0.2) == pytest.approx(2.274097, abs=1e-6)
    assert iterated("silu", 2.274, 0.2) == pytest.approx(float(fixed_point("silu", 2.274, 0.2)), rel=1e-4)
    assert iterated("silu", 2.2742, 0.2) > 1e6
    assert fixed_point("silu", 2.2742, 0.2) == np.inf


def test_a_phase_diagram_is_one_call():
    w, b = np.meshgrid(np.linspace(0.2, 4, 30), np.linspace(0, 1, 30))
    chi = susceptibility("tanh", w, b)
    assert chi.shape == (30, 30)
    assert chi[7, 11] == susceptibility("tanh", w[7, 11], b[7, 11])


# --- The edge of chaos


@pytest.mark.parametrize(
    ("name", "bias_variance", "critical", "within"),
    [
        ("relu", 0.0, 2.0, 1e-12),
        ("linear", 0.0, 1.0, 1e-12),
        ("leaky_relu", 0.0, 2 / (1 + 0.01**2), 1e-12),
        ("tanh", 0.0, 1.0, 1e-12),
        ("tanh", 0.05, 1.761, 5e-4),
    ],
)
def test_critical_weight_variances_known_to_theory(name, bias_variance, critical, within):
    assert critical_weight_variance(name, bias_variance) == pytest.approx(critical, abs=within)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradients_vanish_below_the_edge_and_explode_above(name):
    b = np.array([0.01, 0.3])
    edge = critical_weight_variance(name, b)
    assert (susceptibility(name, edge * 0.99, b) < 1).all()
    assert (susceptibility(name, edge * 1.001, b) > 1).all()


def test_depth_scale():
    assert depth_scale([0.5, 2.0]) == pytest.approx([1 / math.log(2)] * 2)
    assert depth_scale([1.0, 0.0]).tolist() == [np.inf, 0.0]


# --- Networks drawn at random


WIDTHS = [400, 800, 300, 600, 500]


def sampled_network(phi, weight_variance, bias_variance, seed):
    """‖z^l‖²/n_l, ‖δ^l‖² and ‖∂W^l‖² of a random network for one input of mean square 1 and a random δ^L."""
    rng = np.random.default_rng(seed)
    weights = [rng.normal(0, math.sqrt(weight_variance / n), (m, n)) for n, m in pairwise(WIDTHS)]
    a = rng.choice([-1.0, 1.0], WIDTHS[0])
    signals, slopes, q = [a], [], []
    for w in weights:
        z = w @ signals[-1] + rng.normal(0, math.sqrt(bias_variance), len(w))
        q.append(z @ z / len(z))
        signals.append(phi.value(z))
        slopes.append(phi.derivative(z, signals[-1]))
    delta = [rng.normal(size=WIDTHS[-1])]
    for w, slope in zip(weights[:0:-1], slopes[-2::-1], strict=True):
        delta.insert(0, slope * (w.T @ delta[0]))
    norms = np.array([d @ d for d in delta])
    return np.array(q), norms, norms * [a @ a for a in signals[:-1]]


@pytest.mark.parametrize(
    ("name", "weight_variance", "bias_variance"),
    [("tanh", 1.761, 0.05), ("relu", 2.0, 0.0), ("relu", 1.2, 0.1)],
)
def test_predictions_hold_in_sampled_networks_of_unequal_widths(name, weight_variance, bias_variance):
    runs = [sampled_network(ACTIVATIONS[name], weight_variance, bias_variance, seed) for seed in range(20)]
    q, delta, weights = np.mean(runs, axis=0)
    phi, predicted = ACTIVATIONS[name], [weight_variance + bias_variance]
    for _ in WIDTHS[2:]:
        predicted.append(weight_variance * mean_square(phi, predicted[-1]) + bias_variance)
    slopes = weight_variance * mean_slope(phi, np.array(predicted[:-1]))
    gained = np.append(np.cumprod(slopes[::-1])[::-1], 1.0)
    entering = WIDTHS[:-1] * np.append(1.0, mean_square(phi, np.array(predicted[:-1])))
    assert predicted == pytest.approx(q, rel=0.05)
    assert gained == pytest.approx(delta / delta[-1], rel=0.1)
    assert gained * entering / entering[-1] == pytest.approx(weights / weights[-1], rel=0.15)


def test_explosion_beyond_the_range_of_numbers_is_infinite_and_silent():
    found = predict(Deep(depth=100, width=64, activation="relu", weight_variance=400.0), np.ones((4, 1)))
    assert found.forward[-1] == np.inf
    assert np.isfinite(found.forward[:50]).all()
    assert (np.diff(found.backward[:-1]) < 0).all()


# --- Errors


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: fixed_point("tahn", 1.0, 0.0), "activation must be one of linear"),
        (lambda: fixed_point("tanh", -1.0, 0.0), "weight_variance"),
        (lambda: susceptibility("tanh", 1.0, np.nan), "bias_variance"),
        (lambda: fixed_point("tanh", 1.0, 0.0, start=0.0), "start"),
    ],
)
def test_errors_name_the_argument(call, says):
    with pytest.raises(ValueError, match=says):
        call()
