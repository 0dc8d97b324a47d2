"""Every activation against PyTorch's, its own derivative, and what is known about its shape."""

import math

import numpy as np
import pytest

from engine.activations import ACTIVATIONS, softplus

BOUNDED = ["sigmoid", "tanh", "hardtanh", "sin"]
KEYS = [
    *("linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu"),
    *("gelu", "silu", "softplus", "mish", "hardtanh", "sin"),
]
KINKS = [0.0, -0.0, 1.0, -1.0]
POINTS = np.array([*np.linspace(-30, 30, 401), *KINKS, 1e-8, -1e-8, 500, -500, 1000, -1000, 1500, -1500])
EXTREMES = [1e5, 1e20, 1e37]


@pytest.fixture(params=KEYS)
def activation(request):
    return ACTIVATIONS[request.param]


@pytest.fixture
def torch_value():
    torch = pytest.importorskip("torch")
    f = torch.nn.functional
    named = {
        "linear": lambda z: 1 * z,
        "gelu": lambda z: f.gelu(z, approximate="tanh"),
        "softplus": lambda z: f.softplus(z, threshold=700),  # PyTorch's own, 20, cuts off at 2e-9
        "sin": torch.sin,
    }

    def value_and_derivative(name, points):
        z = torch.tensor(points, requires_grad=True)
        a = named.get(name, getattr(f, name, None))(z)
        a.sum().backward()
        return a.detach().numpy(), z.grad.numpy()

    return value_and_derivative


def test_registry_holds_every_activation_under_its_name():
    assert list(ACTIVATIONS) == KEYS
    assert [a.name for a in ACTIVATIONS.values()] == KEYS
    assert len({a.title for a in ACTIVATIONS.values()}) == len(KEYS)


def test_value_and_derivative_are_pytorchs_far_out_and_at_the_kinks(activation, torch_value):
    a, slope = torch_value(activation.name, POINTS)
    np.testing.assert_allclose(activation.value(POINTS), a, rtol=1e-13, atol=4e-15)
    np.testing.assert_allclose(activation.derivative(POINTS, a), slope, rtol=1e-13, atol=4e-15)


def test_derivative_is_the_complex_step_of_the_value(activation):
    z = np.array([x for x in POINTS if abs(x) not in (0, 1)])
    numeric = activation.value(z + 1e-30j).imag / 1e-30
    np.testing.assert_allclose(activation.derivative(z, activation.value(z)), numeric, rtol=1e-12, atol=2e-15)


def test_derivative_takes_complex_signals(activation):
    z = np.linspace(-3, 3, 41)[1::2]
    real, both = (activation.derivative(x, activation.value(x)) for x in (z, z + 1e-30j))
    np.testing.assert_allclose(both.real, real, rtol=1e-12, atol=2e-15)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_nothing_overflows(activation, dtype):
    z = np.linspace(-1000, 1000, 4001, dtype=dtype)
    with np.errstate(all="raise", under="ignore"):
        a = activation.value(z)
        slope = activation.derivative(z, a)
    assert np.isfinite(a).all()
    assert np.isfinite(slope).all()


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_no_finite_signal_warns_or_gives_nan(activation, dtype):
    largest = np.finfo(dtype).max
    z = np.array([*EXTREMES, largest], dtype)
    z = np.concatenate([z, -z])
    with np.errstate(all="raise", under="ignore"):
        a = activation.value(z)
        slope = activation.derivative(z, a)
    assert not np.isnan(a).any()
    assert (np.abs(slope) <= 1.8).all()


@pytest.mark.parametrize("name", ["gelu", "silu", "mish", "relu"])
def test_negative_tail_vanishes_and_positive_tail_is_the_identity(name):
    far = np.array([40.0, 1e3, 1e30, 1e300])
    with np.errstate(under="ignore"):
        np.testing.assert_array_equal(ACTIVATIONS[name].value(far), far)
        np.testing.assert_allclose(ACTIVATIONS[name].value(-far), 0, atol=1e-14)


@pytest.mark.parametrize(("name", "limit"), [("sigmoid", 1), ("silu", -300), ("softplus", 1), ("mish", -300)])
def test_tail_is_relatively_exact(name, limit):
    # as z -> -inf the functions are e^z times 1 or z
    a = ACTIVATIONS[name].value(np.array([-300.0]))[0]
    assert a == pytest.approx(limit * math.exp(-300), rel=1e-13, abs=0)


def test_signal_keeps_its_float32(activation):
    z = POINTS.astype("f4")
    a = activation.value(z)
    slope = activation.derivative(z, a)
    assert (a.dtype, slope.dtype) == (np.float32, np.float32)
    exact = activation.value(z.astype("f8"))
    np.testing.assert_allclose(a, exact, rtol=2e-6, atol=1e-6)
    exact_slope = activation.derivative(z.astype("f8"), exact)
    np.testing.assert_allclose(slope, exact_slope, rtol=2e-6, atol=2e-5)


@pytest.mark.parametrize("dtype", ["f4", "f8", "c16"])
def test_out_receives_the_same_numbers(activation, dtype):
    z = POINTS.astype(dtype)
    a, slope = np.full_like(z, 7), np.full_like(z, 7)
    assert activation.value(z, out=a) is a
    assert activation.derivative(z, a, out=slope) is slope
    np.testing.assert_array_equal(a, activation.value(z))
    np.testing.assert_array_equal(slope, activation.derivative(z, a))


def test_results_are_new_arrays_and_inputs_are_left_alone(activation):
    z = POINTS.copy()
    a = activation.value(z)
    kept = a.copy()
    slope = activation.derivative(z, a)
    assert not any(np.shares_memory(u, v) for u, v in [(z, a), (z, slope), (a, slope)])
    np.testing.assert_array_equal(z, POINTS)
    np.testing.assert_array_equal(a, kept)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_run_axes_give_what_a_loop_gives_bit_for_bit(activation, dtype):
    buffer = np.random.default_rng(0).normal(0, 4, (2, 3, 6, 37)).astype(dtype)
    z = buffer[..., :-1, :]  # as in a network: a block of a buffer that has a row of ones below
    a = activation.value(z)
    slope = activation.derivative(z, a)
    for run in np.ndindex(2, 3):
        alone = activation.value(z[run].copy())
        np.testing.assert_array_equal(a[run], alone)
        np.testing.assert_array_equal(slope[run], activation.derivative(z[run].copy(), alone))


def test_a_nan_stays_visible(activation):
    assert np.isnan(activation.value(np.array([np.nan]))).all()


def test_gain_is_pytorchs_where_pytorch_has_one():
    torch = pytest.importorskip("torch")
    for name in ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"):
        assert ACTIVATIONS[name].gain == pytest.approx(torch.nn.init.calculate_gain(name), rel=1e-15)


@pytest.mark.parametrize(
    "name", ["linear", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "mish", "hardtanh", "sin"]
)
def test_gain_keeps_the_second_moment_of_a_gaussian_signal(name):
    x = np.linspace(-12, 12, 240_001)
    density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi) * (x[1] - x[0])
    second_moment = np.sum(ACTIVATIONS[name].value(x) ** 2 * density)
    assert ACTIVATIONS[name].gain ** 2 * second_moment == pytest.approx(1, abs=1e-6)


def test_selu_has_mean_0_and_variance_1_as_its_fixed_point():
    x = np.linspace(-12, 12, 240_001)
    density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi) * (x[1] - x[0])
    a = ACTIVATIONS["selu"].value(x)
    assert np.sum(a * density) == pytest.approx(0, abs=1e-9)
    assert np.sum(a * a * density) == pytest.approx(1, abs=1e-9)


def test_only_the_two_sigmoids_name_bounds_of_saturation():
    bounds = {name: a.saturation for name, a in ACTIVATIONS.items() if a.saturation}
    assert bounds == {"sigmoid": (0.015, 0.985), "tanh": (-0.97, 0.97)}


def test_sigmoid_is_symmetric_about_a_half_and_softplus_about_half_the_line():
    z = np.linspace(-30, 30, 61)
    np.testing.assert_allclose(ACTIVATIONS["sigmoid"].value(z) + ACTIVATIONS["sigmoid"].value(-z), 1, rtol=1e-15)
    np.testing.assert_allclose(softplus(z) - softplus(-z), z, rtol=1e-14, atol=1e-15)
