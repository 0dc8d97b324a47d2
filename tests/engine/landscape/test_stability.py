"""Stable, oscillating, diverging: the words agree with the theory of quadratic bowls, on both sides of the line."""

import numpy as np
import pytest

from engine import Experiment, train
from engine.curvature import hessian
from engine.diagnostics import run_findings
from engine.landscape import objective_of
from engine.landscape.stability import (
    classify,
    classify_run,
    rate_at_limit,
    stability_of,
)
from engine.optimizers import OPTIMIZERS
from engine.training import optimizer_of

BOWL = {"data": "line", "arch": (), "steps": 200}  # a linear model with squared error: a quadratic in two parameters


def stability(recording, **more):
    diverges = run_findings(recording)[0].word == "diverging"
    return stability_of(recording, objective_of(recording), diverges, **more)


def run(**settings):
    recording = train(Experiment(**BOWL | settings))
    return recording, stability(recording)


def test_the_sharpness_is_the_largest_eigenvalue_of_the_whole_hessian():
    recording = train(Experiment(steps=30, arch=(4,)))
    objective = objective_of(recording)
    found = stability(recording)
    for place in (0, len(found.chosen) // 2, -1):
        whole = np.linalg.eigvalsh(hessian(objective.gradient, recording.params[found.chosen[place]]))
        assert found.sharpness[place] == pytest.approx(whole[-1], rel=1e-4)


@pytest.mark.parametrize("lr", [0.1, 0.62, 1.0])
def test_on_a_linear_model_it_is_that_of_the_inputs_however_far_the_weights_have_gone(lr):
    """H = X Xᵀ/N at every step; at the last one weights are up to 10¹⁰⁷."""
    recording = train(Experiment(data="plane", arch=(), optimizer="sgd", lr=lr))
    x = np.vstack([recording.data.x[:, recording.data.train], np.ones(len(recording.data.train))])
    found = stability(recording)
    assert found.sharpness == pytest.approx(np.full(len(found.chosen), np.linalg.eigvalsh(x @ x.T / x.shape[1])[-1]))
    assert found.sharpness[-1] == pytest.approx(3.28886, abs=5e-6)


@pytest.mark.parametrize("settings", [{"act": ("relu",)}, {"act": ("hardtanh",)}, {"loss": "mae", "data": "sine"}])
def test_along_a_run_with_kinks_it_is_that_of_the_whole_hessian(settings):
    recording = train(Experiment(steps=300, arch=(5,), **settings))
    objective = objective_of(recording)
    found = stability(recording)
    size = recording.network.size
    for place, value in zip(found.chosen, found.sharpness, strict=True):
        rows = objective.gradient(recording.params[place] + 1e-30j * np.eye(size)).imag / 1e-30
        assert value == pytest.approx(np.linalg.eigvalsh(rows)[-1], rel=1e-3)


def test_with_mini_batches_the_batch_sharpness_is_set_against_its_own_line():
    recording = train(Experiment(**BOWL | {"optimizer": "momentum", "batch": 10, "lr": 0.01}))
    found = stability(recording)
    x = np.vstack([recording.data.x[:, recording.data.train], np.ones(len(recording.data.train))])
    assert (found.batch_sharpness > 0).all()
    assert (found.batch_sharpness < (x * x).sum(0).max()).all()  # no batch is sharper than its sharpest sample
    assert found.batch_limit == pytest.approx(2 * 0.1 / recording.lr)
    assert found.limit == pytest.approx(2 * 1.9 / recording.lr)
    assert found.settling[0] is found.batch_sharpness
    whole = train(Experiment(**BOWL | {"optimizer": "momentum", "batch": len(recording.data.train), "lr": 0.01}))
    assert stability(whole).batch_sharpness is None


def test_it_is_taken_at_the_first_and_the_last_key_frame_and_held_between():
    recording = train(Experiment(steps=300, arch=(3,)))
    found = stability(recording, points=5)
    count = len(recording.frames)
    assert found.chosen[[0, -1]].tolist() == [0, count - 1]
    held = found.held(found.sharpness, count)
    assert (held[found.chosen] == found.sharpness).all()
    assert (held[found.chosen[1] : found.chosen[2]] == found.sharpness[1]).all()


@pytest.mark.parametrize("settings", [{"optimizer": "sgd"}, {"optimizer": "momentum"}, {"optimizer": "nesterov"}])
def test_on_a_bowl_the_limit_parts_stable_from_diverging(settings):
    recording, found = run(**settings, lr=0.01)
    limit = rate_at_limit(optimizer_of([recording.experiment]), float(found.sharpness[-1]))
    assert run(**settings, lr=0.97 * limit)[1].word == "stable"
    assert run(**settings, lr=1.03 * limit, steps=400)[1].word == "diverging"
    assert set(run(**settings, lr=0.97 * limit)[1].words) == {"stable"}


def test_exactly_at_the_limit_it_oscillates():
    _, found = run(optimizer="sgd", lr=0.01)
    recording, found = run(optimizer="sgd", lr=2 / float(found.sharpness[0]))
    assert found.word == "oscillating"
    assert recording.train_loss[-1] <= recording.train_loss[0]


def test_the_rate_at_the_limit_is_2_over_the_sharpness_and_its_kin():
    of = {name: optimizer_of([Experiment(optimizer=name, momentum=0.5)]) for name in ("sgd", "momentum", "nesterov")}
    assert rate_at_limit(of["sgd"], 4.0) == pytest.approx(0.5)
    assert rate_at_limit(of["momentum"], 4.0) == pytest.approx(0.75)
    assert rate_at_limit(of["nesterov"], 4.0) == pytest.approx(0.375)
    decayed = optimizer_of([Experiment(optimizer="sgd", decay=1.0)])
    assert rate_at_limit(decayed, 4.0) == pytest.approx(0.4)
    assert np.isnan(rate_at_limit(of["sgd"], -1.0))
    assert np.isnan(rate_at_limit(optimizer_of([Experiment(optimizer="adam")]), 4.0))


def test_a_schedule_moves_the_limit():
    recording, found = run(optimizer="sgd", lr=0.5, schedule="cosine")
    np.testing.assert_allclose(found.limit, 2 / recording.lr)


def test_words_come_from_the_ratio_or_without_one_from_the_loss():
    falling, nothing = np.linspace(1.0, 0.1, 30), np.full(30, np.nan)
    assert set(classify(falling, np.full(30, 0.5), diverges=False)) == {"stable"}
    assert set(classify(falling, np.full(30, 1.2), diverges=False)) == {"oscillating"}
    assert set(classify(falling, nothing, diverges=False)) == {"stable"}
    jagged = falling + 0.2 * (np.arange(30) % 2)
    assert classify(jagged, nothing, diverges=False)[-1] == "oscillating"
    assert classify(np.linspace(1.0, 3.0, 30), np.full(30, 1.2), diverges=True)[-1] == "diverging"
    assert classify(np.array([1.0, 50.0]), np.array([0.0, 0.0]), diverges=True)[-1] == "diverging"
    assert set(classify(np.array([1.0, 50.0, 0.5]), np.full(3, 0.9), diverges=False)) == {"stable"}
    assert classify_run(("oscillating",) * 30 + ("stable",) * 10, diverges=False) == "stable"
    assert classify_run(("stable",) * 10, diverges=True) == "diverging"


def test_a_run_that_diverges_does_so_from_where_its_loss_stays_high():
    stable, nothing = ("stable",), np.full(5, np.nan)
    assert classify(np.array([1.0, 9.0, 0.5, 2.0, 30.0]), nothing, diverges=True) == stable * 3 + ("diverging",) * 2
    assert classify(np.array([90.0, 9.0, 0.5, 2.0, 30.0]), nothing, diverges=True) == stable * 3 + ("diverging",) * 2
    assert classify(np.array([1.0, 9.0, 0.5, 2.0, np.inf]), nothing, diverges=True) == stable * 3 + ("diverging",) * 2
    for lost in (np.inf, np.nan):
        assert classify(np.full(5, lost), nothing, diverges=True) == ("diverging",) * 5


@pytest.mark.parametrize(
    "settings",
    [
        {"init": "zeros", "l1": 0.001, "arch": (6,) * 9, "data": "gaussians"},  # at chance, the penalty beside it rises
        {"arch": (4, 4), "samples": 20, "dropout": 0.9, "optimizer": "amsgrad", "lr": 3.0},  # swings
        {"optimizer": "sgd", "lr": 3.0, "arch": (16,)},  # thrown up, and settles on flatter ground
    ],
    ids=["at chance", "swinging", "at the edge"],
)
def test_no_step_of_a_run_diverges_unless_the_run_does(settings):
    recording = train(Experiment(**settings))
    assert run_findings(recording)[0].word != "diverging"
    assert "diverging" not in {*(found := stability(recording)).words, found.word}


def test_a_run_that_diverges_says_so_whatever_its_last_sharpness():
    recording = train(Experiment(data="sine", optimizer="sgd", lr=50.0))
    found = stability(recording)
    assert found.word == found.words[-1] == "diverging"


# --- The line of stability


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("sgd", {}),
        ("sgd", {"decay": 2.0}),
        ("momentum", {"momentum": 0.9}),
        ("momentum", {"momentum": 0.5, "dampening": 0.3}),
        ("momentum", {"momentum": 0.0, "dampening": 0.3}),
        ("nesterov", {"momentum": 0.9}),
    ],
)
def test_steps_shrink_just_below_the_stability_limit_and_grow_just_above(name, options):
    optimizer = OPTIMIZERS[name](lr=0.1, **options)
    curvatures = np.array([0.98, 1.02]) * optimizer.stability_limit(optimizer.lr)
    params = np.ones((2, 1))
    state = optimizer.init(params)
    for _ in range(3000):
        params, state = optimizer.update(params, curvatures[:, None] * params, state)
    assert abs(params[0, 0]) < 1e-3
    assert abs(params[1, 0]) > 1e3


def test_stability_limits_in_numbers():
    rates = np.array([0.1, 0.5])
    assert OPTIMIZERS["sgd"]().stability_limit(rates) == pytest.approx(2 / rates)
    assert OPTIMIZERS["momentum"]().stability_limit(0.1) == pytest.approx(38.0)
    assert OPTIMIZERS["nesterov"]().stability_limit(0.1) == pytest.approx(2 * 1.9 / (0.1 * 2.8))
    assert np.isnan(OPTIMIZERS["adam"]().stability_limit(rates)).all()
    assert OPTIMIZERS["adam"]().stability_limit(rates).shape == (2,)


def test_limits_of_small_batches_in_numbers():
    """2(1-β)/η (arXiv 2604.14108), and 2/η without momentum."""
    rates = np.array([0.1, 0.5])
    assert OPTIMIZERS["sgd"]().small_batch_limit(rates) == pytest.approx(2 / rates)
    assert OPTIMIZERS["momentum"]().small_batch_limit(0.1) == pytest.approx(2.0)
    assert OPTIMIZERS["nesterov"]().small_batch_limit(0.1) == pytest.approx(2.0)
    assert OPTIMIZERS["momentum"](momentum=0.5, dampening=0.5, decay=1.0).small_batch_limit(0.1) == pytest.approx(19)
    assert np.isnan(OPTIMIZERS["rmsprop"]().small_batch_limit(rates)).all()
