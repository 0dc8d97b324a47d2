"""Every initialiser by its moments, its bounds and its theorem."""

import math

import numpy as np
import pytest

from engine.initializers import INITIALIZERS

IN, OUT = 400, 100
STD = {  # at scale 1
    "xavier": math.sqrt(2 / (IN + OUT)),
    "he": math.sqrt(2 / IN),
    "lecun": 1 / math.sqrt(IN),
    "normal": 1.0,
}
BOUND = {
    "xavier_uniform": math.sqrt(6 / (IN + OUT)),
    "he_uniform": math.sqrt(6 / IN),
    "lecun_uniform": math.sqrt(3 / IN),
    "uniform": 1.0,
    "torch": 1 / math.sqrt(IN),  # U(±1/√in), as nn.Linear
}
KEYS = [*STD, *BOUND, "orthogonal", "zeros", "constant"]


def draw(name, shape=(OUT, IN), scale=1.0, seed=0):
    size = math.prod(shape[2:])
    return INITIALIZERS[name](np.random.default_rng(seed), shape, shape[1] * size, shape[0] * size, scale)


def test_registry_holds_every_initialiser_under_its_name():
    assert set(INITIALIZERS) == set(KEYS)
    assert all(name == initializer.name for name, initializer in INITIALIZERS.items())
    assert len({initializer.title for initializer in INITIALIZERS.values()}) == len(KEYS)


@pytest.mark.parametrize("scale", [1.0, 5 / 3, 0.01])
@pytest.mark.parametrize("name", STD)
def test_normal_ones_have_their_moments(name, scale):
    w = draw(name, scale=scale) / (STD[name] * scale)
    n = w.size
    assert abs(w.mean()) < 4 / math.sqrt(n)
    assert abs((w**2).mean() - 1) < 4 * math.sqrt(2 / n)
    assert abs((w**4).mean() - 3) < 4 * math.sqrt(96 / n)


@pytest.mark.parametrize("scale", [1.0, 5 / 3, 0.01])
@pytest.mark.parametrize("name", BOUND)
def test_uniform_ones_fill_their_interval_evenly(name, scale):
    w = draw(name, scale=scale) / (BOUND[name] * scale)
    n = w.size
    assert abs(w).max() <= 1
    assert w.min() < -1 + 20 / n
    assert w.max() > 1 - 20 / n
    assert abs(w.mean()) < 4 / math.sqrt(3 * n)
    assert abs((w**2).mean() - 1 / 3) < 4 * math.sqrt(4 / 45 / n)


@pytest.mark.parametrize("name", ["xavier", "he", "lecun"])
def test_uniform_and_normal_versions_have_the_same_variance(name):
    assert BOUND[f"{name}_uniform"] / math.sqrt(3) == pytest.approx(STD[name])
    assert draw(name).std() == pytest.approx(draw(f"{name}_uniform").std(), rel=0.02)


def test_default_layer_of_pytorch_has_the_bound_of_torch():
    torch = pytest.importorskip("torch")
    w = torch.nn.Linear(IN, OUT).weight.detach().numpy()
    assert abs(w).max() == pytest.approx(abs(draw("torch")).max(), rel=1e-3)


def test_default_layer_of_pytorch_draws_its_biases_as_torch_does():
    """torch.nn.Linear and Conv2d alike: U(±1/√fan_in), whatever the scale of the weights; every other name leaves 0."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    for layer, fan_in in ((torch.nn.Linear(50, 4000), 50), (torch.nn.Conv2d(2, 4000, 5), 50)):
        theirs = np.sort(layer.bias.detach().numpy())
        ours = np.sort(INITIALIZERS["torch"].biases(np.random.default_rng(0), 4000, fan_in))
        assert abs(ours).max() <= 1 / math.sqrt(fan_in)
        assert ours == pytest.approx(theirs, abs=0.05 / math.sqrt(fan_in))  # quantile by quantile
    for name in set(KEYS) - {"torch"}:
        rng = np.random.default_rng(0)
        assert (INITIALIZERS[name].biases(rng, 5, 50) == 0).all()
        assert rng.random() == np.random.default_rng(0).random()  # nothing was drawn


@pytest.mark.parametrize("scale", [1.0, 0.3, 0.0])
@pytest.mark.parametrize("shape", [(7, 7), (3, 20), (20, 3), (1, 5), (8, 3, 3, 3), (40, 2, 3, 3)])
def test_orthogonal_rows_or_columns_are_orthonormal(shape, scale):
    w = draw("orthogonal", shape, scale)
    assert w.shape == shape
    assert w.flags.c_contiguous
    flat = w.reshape(shape[0], -1)
    gram = flat @ flat.T if flat.shape[0] <= flat.shape[1] else flat.T @ flat
    np.testing.assert_allclose(gram, scale**2 * np.eye(len(gram)), atol=1e-14)


def test_orthogonal_prefers_no_direction():
    # Haar measure: Q and -Q are equally likely; bare QR gives Q[0, 0] < 0 every time
    rng = np.random.default_rng(0)
    corner = np.array([INITIALIZERS["orthogonal"](rng, (3, 3), 3, 3)[0, 0] for _ in range(900)])
    assert abs(corner.mean()) < 4 / math.sqrt(3 * 900)
    assert (corner**2).mean() == pytest.approx(1 / 3, abs=0.04)


def test_he_keeps_the_signal_of_a_deep_relu_network_and_lecun_halves_it_layer_by_layer():
    x = np.random.default_rng(1).normal(size=(500, 200))
    size = {}
    for name in ("he", "lecun"):
        a = x
        for seed in range(8):
            a = np.maximum(draw(name, (500, 500), seed=seed) @ a, 0)
        size[name] = (a**2).mean() / (x**2).mean()
    assert size["he"] == pytest.approx(1, rel=0.3)
    assert size["lecun"] == pytest.approx(size["he"] / 2**8)


def test_zeros_and_constant_are_what_they_say():
    np.testing.assert_array_equal(draw("zeros", scale=3.0), np.zeros((OUT, IN)))
    np.testing.assert_array_equal(draw("constant", scale=-0.5), np.full((OUT, IN), -0.5))


@pytest.mark.parametrize("shape", [(4, 3), (5, 2, 3, 3)])
@pytest.mark.parametrize("name", KEYS)
def test_a_seed_gives_the_same_fresh_float64_array(name, shape):
    first, second = draw(name, shape), draw(name, shape)
    assert first.dtype == np.float64
    assert first.shape == shape
    assert first.flags.writeable
    assert not np.shares_memory(first, second)
    np.testing.assert_array_equal(first, second)
    if name not in ("zeros", "constant"):
        assert (first != draw(name, shape, seed=1)).all()


@pytest.mark.parametrize("name", [name for name in KEYS if name != "zeros"])
def test_scale_is_a_factor_on_the_same_draw(name):
    np.testing.assert_allclose(draw(name, scale=2.5), 2.5 * draw(name), rtol=1e-14)
    np.testing.assert_array_equal(draw(name, scale=0), np.zeros((OUT, IN)))


@pytest.mark.parametrize("name", KEYS)
def test_extreme_scales_do_not_warn(name):
    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(draw(name, scale=1e100)).all()
        assert np.isfinite(draw(name, scale=1e-300)).all()


@pytest.mark.parametrize(
    ("name", "shape", "fans", "scale", "words"),
    [
        ("he", (2, 3), (0, 2), 1.0, "fan_in=0 must be at least 1"),
        ("xavier", (2, 3), (3, 0), 1.0, "fan_out=0"),
        ("he", (2, 3), (3, 2), -1.0, r"scale=-1.0 must be in \[0, 1e\+100\] for he"),
        ("he", (2, 3), (3, 2), math.nan, "scale=nan"),
        ("constant", (2, 3), (3, 2), math.inf, "scale=inf"),
        ("orthogonal", (3,), (3, 3), 1.0, r"shape=\(3,\) must have at least two axes"),
    ],
)
def test_errors_name_the_argument_and_its_value(name, shape, fans, scale, words):
    with pytest.raises(ValueError, match=words):
        INITIALIZERS[name](np.random.default_rng(0), shape, *fans, scale)
