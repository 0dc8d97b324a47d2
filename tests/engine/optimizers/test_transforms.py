"""Transforms against PyTorch, and what they are for: direction kept, overflow met, noise of known size."""

import numpy as np
import pytest

from engine.linear_algebra import norm
from engine.optimizers import OPTIMIZERS
from engine.optimizers.transforms import clip_by_norm, clip_by_value, gradient_noise

GRADIENT = np.random.default_rng(30).standard_normal((4, 50)) * np.array([[1e-3], [1.0], [30.0], [1e6]])


@pytest.mark.parametrize("limit", [0.5, 7.0])
def test_clipping_agrees_with_torch(limit):
    torch = pytest.importorskip("torch")
    for row in GRADIENT:
        for ours, theirs in (
            (clip_by_norm, torch.nn.utils.clip_grad_norm_),
            (clip_by_value, torch.nn.utils.clip_grad_value_),
        ):
            tensor = torch.zeros(50, dtype=torch.float64, requires_grad=True)
            tensor.grad = torch.tensor(row)
            theirs([tensor], limit)
            np.testing.assert_allclose(ours(row, limit), tensor.grad.numpy(), rtol=1e-14)


def test_clipping_by_norm_keeps_the_direction_and_short_gradients():
    clipped = clip_by_norm(GRADIENT, 2.0)
    norms = np.linalg.norm(clipped, axis=-1)
    assert (norms <= 2).all()
    np.testing.assert_allclose(norms[2:], 2, rtol=1e-6)
    assert np.array_equal(clipped[0], GRADIENT[0])
    cosine = (clipped * GRADIENT).sum(-1) / (norms * np.linalg.norm(GRADIENT, axis=-1))
    np.testing.assert_allclose(cosine, 1, rtol=1e-14)


@pytest.mark.parametrize(("dtype", "size"), [(np.float64, 1e200), (np.float64, 1e300), (np.float32, 1e30)])
def test_clipping_by_norm_tames_gradients_whose_square_overflows(dtype, size):
    gradient = np.array([[3.0 * size, -4.0 * size], [3.0, -4.0], [0.0, 0.0]], dtype)
    assert gradient.dtype == dtype
    np.testing.assert_allclose(norm(gradient), [5 * size, 5, 0], rtol=1e-6)
    np.testing.assert_allclose(clip_by_norm(gradient, 1.0), [[0.6, -0.8], [0.6, -0.8], [0, 0]], rtol=1e-6)


def test_clipping_by_norm_does_not_hide_divergence():
    clipped = clip_by_norm(np.array([[np.inf, 1.0], [np.nan, 1.0], [3.0, 4.0]]), 1.0)
    assert np.isnan(clipped[:2]).any(-1).all()
    np.testing.assert_allclose(clipped[2], [0.6, 0.8], rtol=1e-6)


def test_noise_has_the_variance_of_neelakantan_et_al():
    """η/(1+t)^0.55: over 40,000 draws the sample variance is within 3 % (four standard errors)."""
    zero = np.zeros(40_000)
    for t in (0, 1, 99):
        noise = gradient_noise(zero, t, 0.3, np.random.default_rng(31))
        assert noise.var() == pytest.approx(0.3 / (1 + t) ** 0.55, rel=0.03)
        assert abs(noise.mean()) < 4 * noise.std() / 200


def test_all_runs_meet_the_same_noise():
    """A race is fair, and each of its runs is what it would be alone, also with an η of its own."""
    eta = np.array([[0.0], [0.1], [0.5], [2.0]])
    together = gradient_noise(GRADIENT, 3, eta, np.random.default_rng(32))
    assert np.array_equal(together[0], GRADIENT[0])
    for i in range(4):
        alone = gradient_noise(GRADIENT[i], 3, eta[i, 0], np.random.default_rng(32))
        assert np.array_equal(together[i], alone)


def test_adamw_is_adam_after_decoupled_decay():
    """Loshchilov and Hutter's point: the decay does not pass through m and v."""
    adamw, adam = OPTIMIZERS["adamw"](lr=0.1, decay=0.2), OPTIMIZERS["adam"](lr=0.1)
    x = y = np.linspace(-2, 3, 50)
    state, other = adamw.init(x), adam.init(y)
    for row in GRADIENT:
        x, state = adamw.update(x, row, state)
        y, other = adam.update(y * (1 - 0.1 * 0.2), row, other)
    np.testing.assert_allclose(x, y, rtol=1e-14)


TRANSFORMS = {
    "norm": lambda gradient: clip_by_norm(gradient, 2.0),
    "value": lambda gradient: clip_by_value(gradient, 2.0),
    "noise": lambda gradient: gradient_noise(gradient, 2, 0.1, np.random.default_rng(33)),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
def test_transforms_are_pure_and_treat_runs_alone(transform, dtype):
    gradient = GRADIENT.astype(dtype)
    kept = gradient.copy()
    result = transform(gradient)
    assert result.dtype == dtype
    assert np.array_equal(gradient, kept)
    assert np.array_equal(result, [transform(row) for row in gradient])
    assert np.array_equal(result, transform(np.asfortranarray(gradient)))


@pytest.mark.parametrize("bad", [0, -1.0, np.nan, np.inf, "1"])
def test_a_bad_limit_is_named(bad):
    with pytest.raises(ValueError, match=r"max_norm must be a number in \(0, ∞\)"):
        clip_by_norm(GRADIENT, bad)
    with pytest.raises(ValueError, match=r"limit must be a number in \(0, ∞\)"):
        clip_by_value(GRADIENT, bad)


def test_bad_noise_is_named():
    with pytest.raises(ValueError, match=r"eta must be a number in \[0, ∞\), got -1"):
        gradient_noise(GRADIENT, 0, -1, np.random.default_rng(0))
    with pytest.raises(ValueError, match="t must be"):
        gradient_noise(GRADIENT, -1, 1, np.random.default_rng(0))
