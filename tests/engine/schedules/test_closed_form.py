"""Every schedule against torch.optim.lr_scheduler, and what is known about its shape."""

import math
import warnings

import numpy as np
import pytest

from engine.schedules import SCHEDULES, learning_rates

KEYS = [
    "constant",
    "step",
    "exponential",
    "inverse_time",
    "polynomial",
    "cosine",
    "restarts",
    "onecycle",
    "cyclic",
    "plateau",
]
LR, STEPS = 0.3, 60


@pytest.fixture
def torch_rates():
    torch = pytest.importorskip("torch")

    def rates(make, steps=STEPS, lr=LR):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch on its own schedulers' ways of stepping one another
            scheduler = make(torch.optim.lr_scheduler, optimizer)
            found = []
            for step in range(steps):
                found.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                if step < steps - 1:
                    scheduler.step()
        return np.array(found)

    return rates


def assert_close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=2e-15, atol=2e-15 * LR)


CASES = [
    ("constant", {}, lambda m, o: m.ConstantLR(o, factor=1.0)),
    ("step", {"gamma": 0.5, "period": 7}, lambda m, o: m.StepLR(o, 7, gamma=0.5)),
    ("inverse_time", {"decay_rate": 0.05}, lambda m, o: m.LambdaLR(o, lambda k: 1 / (1 + 0.05 * k))),
    ("exponential", {"gamma": 0.9}, lambda m, o: m.ExponentialLR(o, 0.9)),
    ("polynomial", {"power": 2.5, "period": 45}, lambda m, o: m.PolynomialLR(o, total_iters=45, power=2.5)),
    ("polynomial", {}, lambda m, o: m.PolynomialLR(o, total_iters=STEPS)),
    ("cosine", {}, lambda m, o: m.CosineAnnealingLR(o, STEPS)),
    ("cosine", {"floor": 0.02}, lambda m, o: m.CosineAnnealingLR(o, STEPS, eta_min=0.02)),
    (
        "restarts",
        {"period": 9, "floor": 0.02},
        lambda m, o: m.CosineAnnealingWarmRestarts(o, 9, eta_min=0.02),
    ),
    ("restarts", {"period": 4, "stretch": 2}, lambda m, o: m.CosineAnnealingWarmRestarts(o, 4, 2)),
    ("restarts", {"period": 1, "stretch": 3}, lambda m, o: m.CosineAnnealingWarmRestarts(o, 1, 3)),
    ("onecycle", {}, lambda m, o: m.OneCycleLR(o, LR, total_steps=STEPS, cycle_momentum=False)),
    (
        "cyclic",
        {"period": 16, "floor": 0.1},
        lambda m, o: m.CyclicLR(o, 0.1, LR, step_size_up=8, cycle_momentum=False),
    ),
    (
        "cyclic",
        {"period": 7, "floor": 0.0},
        lambda m, o: m.CyclicLR(o, 0.0, LR, step_size_up=3.5, cycle_momentum=False),
    ),
]


def test_registry_holds_every_schedule_under_its_name():
    assert list(SCHEDULES) == KEYS
    assert [schedule.name for schedule in SCHEDULES.values()] == KEYS
    assert [name for name, schedule in SCHEDULES.items() if schedule.adaptive] == ["plateau"]


@pytest.mark.parametrize(("name", "options", "make"), CASES)
def test_rates_are_pytorchs(name, options, make, torch_rates):
    found = learning_rates(name, LR, STEPS, **options)
    assert found.dtype == np.float64
    assert_close(found, torch_rates(make))


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 7, 10, 20, 33])
def test_one_cycle_is_pytorchs_for_short_runs(steps, torch_rates):
    expected = torch_rates(lambda m, o: m.OneCycleLR(o, LR, total_steps=steps, cycle_momentum=False), steps)
    assert_close(learning_rates("onecycle", LR, steps), expected)


@pytest.mark.parametrize(
    ("name", "options", "make"),
    [
        ("cosine", {}, lambda m, o: m.CosineAnnealingLR(o, STEPS - 8)),
        ("step", {"gamma": 0.5, "period": 10}, lambda m, o: m.StepLR(o, 10, gamma=0.5)),
        ("constant", {}, lambda m, o: m.ConstantLR(o, factor=1.0)),
    ],
)
def test_warm_up_is_pytorchs_linear_one_before_the_schedule(name, options, make, torch_rates):
    def warmed(m, o):
        return m.SequentialLR(o, [m.LinearLR(o, 1 / 9, total_iters=8), make(m, o)], milestones=[8])

    assert_close(learning_rates(name, LR, STEPS, warmup=8, **options), torch_rates(warmed))


@pytest.mark.parametrize("name", KEYS)
def test_warm_up_climbs_evenly_to_where_the_schedule_starts(name):
    found = learning_rates(name, LR, STEPS, warmup=10)
    np.testing.assert_array_equal(found[10:], learning_rates(name, LR, STEPS - 10))
    np.testing.assert_allclose(np.diff(found[:11], prepend=0), found[10] / 11, rtol=1e-13)


@pytest.mark.parametrize("warmup", [STEPS, STEPS + 1, 3 * STEPS])
@pytest.mark.parametrize("name", KEYS)
def test_warm_up_longer_than_the_run_only_climbs(name, warmup):
    found = learning_rates(name, LR, STEPS, warmup=warmup)
    assert found.shape == (STEPS,)
    np.testing.assert_allclose(found / found[0], np.arange(1, STEPS + 1), rtol=1e-13)


@pytest.mark.parametrize("steps", [1, 2, 5, 300])
@pytest.mark.parametrize("name", KEYS)
def test_default_options_give_a_whole_run_of_usable_rates(name, steps):
    found = learning_rates(name, LR, steps)
    assert found.shape == (steps,)
    assert (found > 0).all()
    assert found.max() <= LR
    if steps == 300:
        assert found.max() == pytest.approx(LR, rel=1e-15)


@pytest.mark.parametrize("name", KEYS)
def test_rates_scale_with_the_rate_asked_for(name):
    np.testing.assert_allclose(learning_rates(name, 8.0, STEPS), 8 * learning_rates(name, 1.0, STEPS), rtol=1e-15)


def test_cosine_and_polynomial_hold_their_floor_after_the_period():
    # PyTorch's cosine rebounds there
    for name in ("cosine", "polynomial"):
        found = learning_rates(name, LR, STEPS, period=20, floor=0.01)
        np.testing.assert_array_equal(found[20:], 0.01)
        assert (np.diff(found[:21]) < 0).all()


def test_published_shapes():
    assert learning_rates("step", 1.0, 9).tolist() == pytest.approx([1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01])
    assert learning_rates("cosine", 1.0, 4).tolist() == pytest.approx([1, 0.853553390593, 0.5, 0.146446609407])
    assert learning_rates("cyclic", 4.0, 9, period=4).tolist() == pytest.approx([1, 2.5, 4, 2.5, 1, 2.5, 4, 2.5, 1])
    cycle = learning_rates("onecycle", 1.0, 100)
    assert (cycle[0], cycle.argmax(), cycle.max(), cycle[-1]) == pytest.approx((1 / 25, 29, 1, 1 / 25e4))


@pytest.mark.parametrize("name", KEYS)
def test_extreme_settings_do_not_warn(name):
    with np.errstate(all="raise", under="ignore"):
        for lr in (1e-300, 1e308):
            assert np.isfinite(learning_rates(name, lr, 2000, warmup=500)).all()
        for option, number in {"gamma": 1e-300, "period": 1e300, "power": 1e300}.items():
            if not SCHEDULES[name].adaptive and option in {known.name for known in SCHEDULES[name].options}:
                assert np.isfinite(learning_rates(name, LR, 2000, **{option: number})).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: learning_rates("linear", LR, 5), "name='linear' must be one of constant, step"),
        (lambda: learning_rates("step", 0, 5), "lr=0"),
        (lambda: learning_rates("step", math.nan, 5), "lr=nan"),
        (lambda: learning_rates("step", LR, 0), "steps=0 must be at least 1"),
        (lambda: learning_rates("step", LR, 5, warmup=-1), "warmup=-1"),
        (lambda: learning_rates("step", LR, 5, gamma=0), r"gamma=0 must be in \(0, 1\]"),
        (lambda: learning_rates("step", LR, 5, period=0), "period=0"),
        (lambda: learning_rates("polynomial", LR, 5, power=0), "power=0"),
        (lambda: learning_rates("cosine", LR, 5, floor=1), r"floor=1 must be in \[0, lr=0.3\]"),
        (lambda: learning_rates("restarts", LR, 5, stretch=1.5), "stretch=1.5 must be a whole number"),
        (lambda: learning_rates("cosine", LR, 5, gamma=0.5), "gamma=0.5 must be left out for cosine"),
    ],
)
def test_errors_name_the_argument_and_its_value(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_inverse_time_left_alone_ends_at_a_tenth():
    assert learning_rates("inverse_time", LR, STEPS)[-1] == pytest.approx(LR / (10 - 9 / STEPS), rel=1e-12)
