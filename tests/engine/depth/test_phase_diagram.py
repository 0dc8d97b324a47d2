import math

import numpy as np
import pytest

from engine.activations import ACTIVATIONS
from engine.depth import PRESETS, REPAIRS, TASKS, Deep, assess, measure, recurrence, singular_values
from engine.depth.phase_diagram import axes, diagram, variance_plane
from engine.depth.signals import noise
from engine.mean_field import fixed_point, gaussian_mean, mean_slope, susceptibility

# --- The phase diagram


def test_linear_networks_grow_by_sigma_to_the_depth():
    stds, depths = np.array([0.5, 1.0, 1.5]), np.array([2, 11, 31])
    found = diagram("linear", 0.0, stds, depths, width=256)
    expected = (depths[:, None] - 1) * np.log10(stds)
    assert found.ratios == pytest.approx(expected, abs=0.15)  # 40 % in the ratio, over up to 30 layers
    assert found.critical == pytest.approx(1.0)
    assert found.trainable[[0, 2]] == pytest.approx(6 / np.abs(2 * np.log([0.5, 1.5])))


@pytest.mark.parametrize(("activation", "bias_variance"), [("tanh", 0.05), ("relu", 0.0)])
def test_the_critical_line_parts_vanishing_from_exploding(activation, bias_variance):
    stds, depths = axes(activation, bias_variance, 12)
    found = diagram(activation, bias_variance, stds, depths)
    assert (found.ratios[-1, stds < 0.8 * found.critical] < -3).all()
    assert (found.ratios[-1, stds > 1.5 * found.critical] > 3).all()


def test_one_cell_is_what_a_network_of_its_own_measures():
    found = diagram("tanh", 0.05, np.array([2.0]), np.array([2, 15]), width=256)
    deep = Deep(depth=15, width=256, activation="tanh", weight_variance=4.0, bias_variance=0.05)
    assert found.ratios[-1, 0] == pytest.approx(np.log10(measure(deep, noise(256, 16), seeds=3).ratio), abs=0.15)


def test_thirty_by_thirty_tells_its_progress():
    shares = []
    stds, depths = axes("tanh", 0.05)
    assert (len(stds), len(depths)) == (30, 30)
    assert diagram("tanh", 0.05, stds, depths, progress=shares.append).ratios.shape == (30, 30)
    assert len(shares) > 10
    assert max(shares) <= 1


def test_depths_must_increase():
    with pytest.raises(ValueError, match="depths"):
        diagram("tanh", 0.0, np.ones(2), np.array([1, 5]))


def test_the_plane_has_chi_one_on_its_edge():
    found = variance_plane("tanh", np.linspace(0.5, 4, 50), np.array([0.0, 0.05, 0.5]))
    for row, edge in zip(found.susceptibilities, found.critical, strict=True):
        assert np.interp(edge, found.weight_variances, row) == pytest.approx(1.0, abs=0.01)


# --- Jacobians and recurrence


def test_orthogonal_linear_networks_treat_all_directions_alike():
    found = singular_values("linear", 1.21, 0.0, 30, weights="orthogonal")
    assert found == pytest.approx(np.repeat(1.1 ** np.arange(1, 31)[:, None], 64, axis=1), rel=1e-10)


@pytest.mark.parametrize(("weights", "s1"), [("gaussian", -1.0), ("orthogonal", 0.0)])
@pytest.mark.parametrize(("activation", "bias_variance"), [("tanh", 0.2), ("linear", 0.0)])
def test_singular_values_have_the_moments_of_theory(activation, bias_variance, weights, s1):
    """Squared, their mean is χ1^L and their variance χ1^{2L} L (μ2/μ1² - 1 - s1) with μk = ∫Dz φ'^{2k}.

    Pennington, Schoenholz & Ganguli 2017; s1 says how the weights are drawn.
    """
    weight_variance, depth = 1.5 if activation == "tanh" else 1.0, 4
    phi, q = ACTIVATIONS[activation], fixed_point(activation, weight_variance, bias_variance)
    slope = mean_slope(phi, q)
    fourth = gaussian_mean(lambda u: phi.derivative(u, phi.value(u)) ** 4, q)
    mean = (weight_variance * slope) ** depth
    found = [
        singular_values(activation, weight_variance, bias_variance, depth, width=300, weights=weights, seed=seed)[-1]
        for seed in range(3)
    ]
    squares = np.concatenate(found) ** 2
    variance = mean**2 * depth * (fourth / slope**2 - 1 - s1)
    assert (np.nanmean(squares), np.nanvar(squares)) == pytest.approx((mean, variance), rel=0.2, abs=1e-10)


def test_gaussian_weights_spread_the_spectrum():
    gaussian, orthogonal = (singular_values("tanh", 1.0, 0.0, 20, weights=w)[-1] for w in ("gaussian", "orthogonal"))
    assert gaussian[0] / gaussian[30] > 100 > orthogonal[0] / orthogonal[30]


@pytest.mark.parametrize("radius", [0.8, 1.0, 1.3])
def test_in_the_long_run_one_matrix_gives_rho_to_the_steps(radius):
    found = recurrence("linear", radius, 200)
    assert np.abs(found.eigenvalues).max() == pytest.approx(radius)
    rate = (found.norms[:, 200] / found.norms[:, 100]) ** 0.01
    assert rate == pytest.approx(radius, rel=0.01)
    assert found.predicted[3] == pytest.approx(radius**3)


def test_saturation_takes_more_away():
    linear, tanh = (recurrence(name, 2.0, 40).norms[:, -1].mean() for name in ("linear", "tanh"))
    assert tanh < linear / 100


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: singular_values("tanh", 1.0, 0.0, 3, weights="cauchy"), "weights='cauchy'"),
        (lambda: recurrence("tanh", -1.0, 3), "radius=-1.0"),
    ],
)
def test_errors_name_the_argument(call, says):
    with pytest.raises(ValueError, match=says):
        call()


# --- Presets, remedies, tasks


def ratio(deep):
    return measure(deep, noise(deep.width, 64 if deep.norm == "batch" else 32))


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_as_broken_as_they_say_and_their_remedy_repairs_them(name):
    preset = PRESETS[name]
    words = {
        "vanishing": "vanishing", "exploding": "exploding", "edge": "healthy", "zero": "vanishing",
        "dead": "dead", "chaos": "exploding",
    }  # fmt: skip
    assert assess(ratio(preset.deep), preset.deep.activation).word == words[name]
    if preset.repair != "none":
        assert assess(ratio(REPAIRS[preset.repair](preset.deep))).severity == "healthy"


SOLUTIONS = {
    "revive": {"activation": "relu", "draw": "he"},
    "sigmoid": {"residual": "scaled"},
    "tame": {"weight_variance": 1.2},
    "wake": {"norm": "layer"},
    "hundred": {"residual": "scaled"},
}


@pytest.mark.parametrize("name", TASKS)
def test_every_task_is_open_and_can_be_solved(name):
    task = TASKS[name]
    broken = PRESETS[task.preset].deep
    assert not task.solved(broken, ratio(broken).ratio)
    mended = broken.replace(**SOLUTIONS[name])
    assert task.solved(mended, ratio(mended).ratio)
    assert not task.solved(mended.replace(depth=1), 1.0)  # all of them keep the depth


def test_the_growth_that_selus_remedy_admits_is_that_of_theory_and_of_a_network():
    """At q = 1 and σw² = 1 χ1 = λ² (1/2 + α² e² Φ(-2)) = 1.0716 in the square: 3.5 % of the norm, layer by layer."""
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    chi = scale**2 * (0.5 + alpha**2 * math.exp(2) * math.erfc(math.sqrt(2)) / 2)
    assert susceptibility("selu", 1.0, 0.0) == pytest.approx(chi, rel=1e-6)
    assert f"by {100 * (math.sqrt(chi) - 1):.1f} % a layer" in REPAIRS["selu"].unless
    deep = REPAIRS["selu"](Deep(depth=40, width=256))
    backward = np.median(measure(deep, noise(256, 32), seeds=5).backward, axis=0)
    assert (backward[0] / backward[39]) ** (1 / 39) == pytest.approx(math.sqrt(chi), abs=0.01)


def test_clipping_is_no_remedy_for_vanishing():
    broken = PRESETS["vanishing"].deep
    assert ratio(REPAIRS["clipping"](broken)).ratio == pytest.approx(ratio(broken).ratio)


@pytest.mark.parametrize("name", REPAIRS)
def test_remedies_change_only_what_they_name(name):
    before = Deep(activation="tanh", depth=7, width=12, bias=0.5)
    after = REPAIRS[name](before)
    assert (after.depth, after.width, after.bias) == (7, 12, 0.5)
    assert after != before
