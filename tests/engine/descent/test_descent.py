"""Descent: every iterate kept, divergence as a result, runs and optimizers as if alone; theory's limits."""

import re

import numpy as np
import pytest

from engine.descent import descend, descend_all
from engine.optimizers import OPTIMIZERS

CURVATURE = np.array([1.0, 10.0])
START = np.array([-1.2, 1.0])


class Parabola:
    """½(x² + 10y²) as an object with methods."""

    def value(self, x):
        return 0.5 * (CURVATURE * x * x).sum(-1)

    def gradient(self, x):
        return CURVATURE.astype(x.dtype) * x

    def hessian(self, x):
        return np.broadcast_to(np.diag(CURVATURE), (*x.shape, 2))


class Valley:
    """(1-x)² + 10(y-x²)², a milder Rosenbrock valley, as a callable that also has a Hessian."""

    def __call__(self, x):
        a, b = x[..., 0], x[..., 1]
        u = b - a * a
        return (1 - a) * (1 - a) + 10 * u * u, np.stack([-2 * (1 - a) - 40 * a * u, 20 * u], -1)

    def hessian(self, x):
        a, b = x[..., 0], x[..., 1]
        across = -40 * a
        rows = np.stack([2 - 40 * (b - a * a) + 80 * a * a, across], -1), np.stack([across, 20 + 0 * a], -1)
        return np.stack(rows, -2)


RATES = {  # on the parabola, in the valley
    "sgd": (0.15, 0.018),
    "momentum": (0.03, 0.01),
    "nesterov": (0.03, 0.005),
    "adagrad": (1.0, 1.0),
    "rmsprop": (0.003, 0.002),
    "adadelta": (0.1, 0.1),
    "adam": (0.1, 0.1),
    "amsgrad": (0.1, 0.1),
    "adamw": (0.1, 0.1),
    "adamax": (0.1, 0.2),
    "nadam": (0.1, 0.018),
    "radam": (0.1, 0.03),
    "rprop": (0.1, 0.1),
    "lion": (0.005, 0.002),
    "lbfgs": (1.0, 1.0),
    "newton": (1.0, 1.0),
}


@pytest.mark.parametrize("function", [Parabola(), Valley()], ids=["parabola", "valley"])
@pytest.mark.parametrize("key", OPTIMIZERS)
def test_every_optimizer_descends(key, function):
    """To a five-hundredth of the loss: in 2,000 steps, in twice that for Adadelta, in 60 with curvature."""
    optimizer = OPTIMIZERS[key](lr=RATES[key][isinstance(function, Valley)])
    steps = {"adadelta": 4000, "lbfgs": 60, "newton": 60}.get(key, 2000)
    descent = descend(function, START, optimizer, steps)
    assert descent.loss[-1] < 2e-3 * descent.loss[0]
    assert descent.diverged_at == -1


# The largest stable learning rate on a quadratic of greatest curvature λ, for momentum μ.
LIMITS = {
    "sgd": lambda curvature, _: 2 / curvature,
    "momentum": lambda curvature, mu: 2 * (1 + mu) / curvature,
    "nesterov": lambda curvature, mu: 2 * (1 + mu) / (curvature * (1 + 2 * mu)),
}


@pytest.mark.parametrize("mu", [0.5, 0.9])
@pytest.mark.parametrize("key", LIMITS)
def test_the_stability_limit_on_a_quadratic(key, mu):
    lr = LIMITS[key](CURVATURE.max(), mu) * np.array([[0.5], [0.98], [1.02]])
    optimizer = OPTIMIZERS[key](lr=lr, **({} if key == "sgd" else {"momentum": mu}))
    distance = np.abs(descend(Parabola(), START, optimizer, 1500).params)
    assert (distance[-1, :2] < 1e-3).all()
    assert np.nanmax(distance[:, 2]) > 1e3


def test_gradient_descent_on_a_quadratic_is_a_power():
    """x_k = (1-ηλ)^k x_0 (Goh, "Why momentum really works", 2017), with its loss and gradient beside it."""
    descent = descend(Parabola(), START, OPTIMIZERS["sgd"](lr=0.12), 30)
    expected = (1 - 0.12 * CURVATURE) ** np.arange(31)[:, None] * START
    np.testing.assert_allclose(descent.params, expected, rtol=1e-12)
    np.testing.assert_allclose(descent.gradient, CURVATURE * expected, rtol=1e-12)
    np.testing.assert_allclose(descent.loss, 0.5 * (CURVATURE * expected**2).sum(-1), rtol=1e-12)


def test_no_steps_leave_the_start():
    descent = descend(Valley(), START, OPTIMIZERS["adam"](), 0)
    assert np.array_equal(descent.params, [START])
    assert np.array_equal(descent.loss, [Valley()(START)[0]])


@pytest.mark.parametrize("key", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_runs_are_a_loop_bit_by_bit(key, dtype):
    starts = np.random.default_rng(40).uniform(-2, 2, (2, 3, 2)).astype(dtype)
    optimizer = OPTIMIZERS[key](lr=0.01)
    together = descend(Valley(), starts, optimizer, 20)
    assert together.params.dtype == together.loss.dtype == together.gradient.dtype == dtype
    for run in np.ndindex(2, 3):
        alone = descend(Valley(), starts[run], optimizer, 20)
        assert together.diverged_at[run] == alone.diverged_at
        for name in ("params", "loss", "gradient"):
            part = getattr(together, name)[(slice(None), *run)]
            assert np.array_equal(part, getattr(alone, name), equal_nan=True)


def test_a_sweep_of_learning_rates_is_one_descent():
    rates = [0.01, 0.1, 0.19]
    together = descend(Parabola(), START, OPTIMIZERS["momentum"](lr=np.array(rates)[:, None]), 25)
    assert together.params.shape == (26, 3, 2)
    for i, lr in enumerate(rates):
        alone = descend(Parabola(), START, OPTIMIZERS["momentum"](lr=lr), 25)
        assert np.array_equal(together.params[:, i], alone.params)


def quartic(x):
    """Σx⁴/4: gradient descent with lr = 1 converges from |x| < √2 and explodes above."""
    return (x * x * x * x).sum(-1) / 4, x * x * x


def test_a_run_that_diverges_ends_and_the_others_go_on():
    starts = np.array([[0.5, 1.0], [3.0, 1.0], [-1.1, 0.2]])
    optimizer = OPTIMIZERS["sgd"](lr=1.0)
    descent = descend(quartic, starts, optimizer, 40)
    assert descent.diverged_at.tolist()[::2] == [-1, -1]
    last = descent.diverged_at[1]
    assert 0 < last < 20
    assert np.isfinite(descent.params[:last, 1]).all()
    assert np.isfinite(descent.gradient[:last, 1]).all()
    assert not np.isfinite(descent.loss[last, 1])
    assert not np.isnan(descent.params[last, 1]).any()  # kept as found
    for array in (descent.params, descent.loss, descent.gradient):
        assert np.isnan(array[last + 1 :, 1]).all()
    for i in range(3):
        alone = descend(quartic, starts[i], optimizer, 40)
        assert alone.diverged_at == descent.diverged_at[i]
        assert np.array_equal(alone.params, descent.params[:, i], equal_nan=True)


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_no_optimizer_lets_a_dead_run_disturb_a_live_one(key):
    """The function turns to NaN or inf beyond x = 1; the run on this side of it notices nothing."""

    class Cliff(Parabola):
        def __init__(self, beyond):
            self.beyond = beyond

        def value(self, x):
            return np.where(x[..., 0] > 1, self.beyond, super().value(x))

        def gradient(self, x):
            return np.where(x[..., :1] > 1, self.beyond, super().gradient(x))

        def hessian(self, x):
            return np.where(x[..., :1, None] > 1, self.beyond, super().hessian(x))

    optimizer = OPTIMIZERS[key](lr=0.01)
    for beyond in (np.nan, np.inf):
        descent = descend(Cliff(beyond), np.array([[2.0, 0.5], [-0.3, 0.4]]), optimizer, 15)
        assert descent.diverged_at.tolist() == [0, -1]
        assert np.isnan(descent.params[1:, 0]).all()
        assert np.array_equal(descent.params[:, 1], descend(Parabola(), [-0.3, 0.4], optimizer, 15).params)


def test_a_dead_run_is_not_shown_to_the_function_again():
    seen = []

    def recorded(x):
        seen.append(x.copy())
        return quartic(x)

    descent = descend(recorded, np.array([[0.5, 1.0], [3.0, 1.0]]), OPTIMIZERS["sgd"](lr=1.0), 30)
    assert all(np.isfinite(x[1]).all() for x in seen[descent.diverged_at[1] + 1 :])
    assert len(seen) == 31
    seen.clear()
    alone = descend(recorded, np.array([3.0, 1.0]), OPTIMIZERS["sgd"](lr=1.0), 30)
    assert len(seen) == alone.diverged_at + 1


def test_what_is_left_behind_is_read_only():
    descent = descend(Parabola(), START, OPTIMIZERS["adam"](), 3)
    for array in (descent.params, descent.loss, descent.gradient, descent.diverged_at):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_the_start_is_left_alone_and_whole_numbers_become_float64():
    start = np.array([1, 2])
    descent = descend(Parabola(), start, OPTIMIZERS["sgd"](lr=0.1), 3)
    assert descent.params.dtype == np.float64
    assert start.tolist() == [1, 2]


@pytest.mark.parametrize("start", [START, np.random.default_rng(41).uniform(-1, 1, (3, 2))], ids=["one", "three"])
def test_a_race_is_separate_descents_with_one_evaluation_a_step(start):
    calls = []

    class Counted(Valley):
        def __call__(self, x):
            calls.append(x.shape)
            return super().__call__(x)

    team = {key: OPTIMIZERS[key](lr=RATES[key][1]) for key in OPTIMIZERS}
    together = descend_all(Counted(), start, team, 30, noise=0.01, rng=5)
    assert calls == [(16, *start.shape)] * 31
    assert together.names == tuple(OPTIMIZERS)
    for i, optimizer in enumerate(team.values()):
        alone = descend(Valley(), start, optimizer, 30, noise=0.01, rng=5)
        assert np.array_equal(together.params[:, i], alone.params, equal_nan=True)
        assert np.array_equal(together.loss[:, i], alone.loss, equal_nan=True)
        assert np.array_equal(together.diverged_at[i], alone.diverged_at)


def test_a_racer_may_follow_a_schedule():
    rates = np.linspace(0.1, 0, 20)
    team = {"fixed": OPTIMIZERS["adam"](lr=0.1), "fading": OPTIMIZERS["adam"]()}
    together = descend_all(Valley(), START, team, 20, learning_rates={"fading": rates})
    fixed = descend(Valley(), START, team["fixed"], 20)
    fading = descend(Valley(), START, team["fading"], 20, learning_rates=rates)
    assert np.array_equal(together.params[:, 0], fixed.params)
    assert np.array_equal(together.params[:, 1], fading.params)


def test_learning_rates_take_the_place_of_the_optimizers():
    rates = np.array([0.1, 0.0, 0.05])
    descent = descend(Parabola(), START, OPTIMIZERS["sgd"](lr=9.0), 3, learning_rates=rates)
    factors = np.cumprod(1 - rates[:, None] * CURVATURE, axis=0)
    np.testing.assert_allclose(descent.params[1:], factors * START, rtol=1e-14)
    swept = descend(Parabola(), START, OPTIMIZERS["sgd"](), 3, learning_rates=rates[:, None, None] * [[1], [2]])
    assert np.array_equal(swept.params[:, 0], descent.params)


def test_noise_moves_a_start_on_the_ridge_of_a_saddle():
    """Exactly on the ridge the gradient has no part along y, so without noise y stays 0 for ever."""

    def saddle(x):
        return x[..., 0] ** 2 - x[..., 1] ** 2, x * np.array([2, -2])

    still = descend(saddle, [1.0, 0.0], OPTIMIZERS["sgd"](lr=0.1), 40)
    assert (still.params[:, 1] == 0).all()
    noisy = descend(saddle, [1.0, 0.0], OPTIMIZERS["sgd"](lr=0.1), 40, noise=1e-4, rng=1)
    same = np.random.default_rng(1)
    again = descend(saddle, [1.0, 0.0], OPTIMIZERS["sgd"](lr=0.1), 40, noise=1e-4, rng=same)
    assert abs(noisy.params[-1, 1]) > 0.1
    assert np.array_equal(noisy.params, again.params)
    np.testing.assert_allclose(noisy.gradient, noisy.params * [2, -2])  # recorded before the noise


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"steps": -1}, "steps must be a whole number in [0, ∞), got -1"),
        ({"steps": 2.5}, "steps must be a whole number in [0, ∞), got 2.5"),
        ({"start": [np.nan, 1.0]}, "start must be finite"),
        ({"start": 1.0}, "start must be real numbers of shape [..., P]"),
        ({"start": ["a"]}, "start must be real numbers of shape [..., P]"),
        ({"noise": -1}, "noise must be a number in [0, ∞), got -1"),
        ({"learning_rates": [0.1, 0.2]}, "learning_rates must have shape [3] or [3, R, 1]"),
        ({"learning_rates": [0.1, 0.2, -0.1]}, "learning_rates must be in [0, ∞), got -0.1"),
        ({"learning_rates": [0.1, 0.2, np.nan]}, "learning_rates must be in [0, ∞)"),
        ({"learning_rates": np.ones((3, 5, 1)), "start": np.ones((4, 2))}, "learning_rates of shape (5, 1)"),
        ({"optimizer": OPTIMIZERS["sgd"](lr=[[1], [2]]), "start": np.ones((3, 2))}, "lr of shape (2, 1)"),
        ({"optimizer": OPTIMIZERS["newton"](), "function": quartic}, "function has no method hessian"),
        ({"function": 3}, "function must be callable"),
        ({"function": lambda x: (x.sum(), x[:1])}, "a gradient of shape (1,)"),
        ({"function": lambda x: (x, x)}, "a loss of shape (2,)"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_bad_argument_is_named(arguments, sentence):
    defaults = {"function": Parabola(), "start": START, "optimizer": OPTIMIZERS["sgd"](), "steps": 3}
    with pytest.raises(ValueError, match=re.escape(sentence)):
        descend(**(defaults | arguments))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"optimizers": {}}, "optimizers must map at least one name to an optimizer"),
        ({"noise": np.array([[0.1], [0.2]])}, "noise must be one number in [0, ∞)"),
        ({"learning_rates": {"b": [0.1] * 3}}, "learning_rates names ['b']"),
        ({"learning_rates": {"a": [0.1] * 2}}, "learning_rates['a'] must have shape [3]"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_bad_argument_of_a_race_is_named(arguments, sentence):
    defaults = {"function": Parabola(), "start": START, "optimizers": {"a": OPTIMIZERS["sgd"]()}, "steps": 3}
    with pytest.raises(ValueError, match=re.escape(sentence)):
        descend_all(**(defaults | arguments))
