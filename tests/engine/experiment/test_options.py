"""The options of loss, schedule and optimizer reach the run, and are those of PyTorch."""

import dataclasses

import numpy as np
import pytest

from engine import Experiment, race, train
from engine.experiment import KEYS, REGRESSION_LOSSES
from engine.experiment.options import BESIDE, OPTIONS, belonging
from engine.losses import LOSSES, with_options
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES, Plateau, learning_rates
from engine.training import optimizer_of, targets
from engine.training.builders import plateau_of, rates_of


def _of_labels(torch):
    """PyTorch's multi-class hinge, for one-hot targets."""
    return lambda z, y: torch.nn.MultiMarginLoss()(z, y.argmax(dim=1))


SMALL = {"samples": 40, "steps": 30, "arch": (4,)}


def test_every_hyper_parameter_of_every_optimizer_is_a_setting():
    for kind in OPTIMIZERS.values():
        assert {field.name for field in dataclasses.fields(kind)} <= {"lr", *BESIDE["optimizer"]}
    assert set(KEYS) >= {key for beside in BESIDE.values() for key in beside}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_gets_what_was_set(name):
    field = next(f for f in dataclasses.fields(OPTIMIZERS[name]) if f.name != "lr")
    other = not field.default if isinstance(field.default, bool) else 7 if field.name == "history_size" else 0.25
    assert getattr(optimizer_of([Experiment(optimizer=name, **{field.name: other})]), field.name) == other


@pytest.mark.parametrize("name", set(OPTIMIZERS) - {"newton"})
def test_left_alone_an_optimizer_is_the_one_with_its_own_defaults(name):
    assert optimizer_of([Experiment(optimizer=name, lr=0.02)]) == OPTIMIZERS[name](lr=0.02)


def test_what_belongs_to_a_run():
    assert {"centered", "delta", "gamma", "period"} <= set(
        belonging(Experiment(optimizer="rmsprop", loss="huber", schedule="step"))
    )
    assert set(belonging(Experiment())) == {"beta1", "beta2", "eps", "decay"}
    assert "dampening" not in belonging(Experiment(optimizer="momentum", nesterov=True))


@pytest.mark.parametrize(
    ("settings", "make"),
    [
        ({"data": "sine", "loss": "huber", "delta": 0.3}, lambda t: t.nn.HuberLoss(delta=0.3)),
        (
            {"data": "digits", "loss": "softmax_cross_entropy", "smoothing": 0.2},
            lambda t: t.nn.CrossEntropyLoss(label_smoothing=0.2),
        ),
        ({"data": "sine", "loss": "mse", "summed": True}, lambda t: t.nn.MSELoss(reduction="sum")),
        ({"data": "spiral3", "loss": "multi_margin"}, _of_labels),
        ({"loss": "focal", "focal": 0.0}, lambda t: t.nn.BCEWithLogitsLoss()),
    ],
    ids=["huber", "smoothing", "summed", "multi-class hinge", "focal of 0 is cross-entropy"],
)
def test_a_run_descends_the_loss_with_its_option(settings, make):
    torch = pytest.importorskip("torch")
    recording = train(Experiment(**SMALL, **settings))
    data, network = recording.data, recording.network
    y = targets(recording.experiment, data)[:, data.train]
    for step in (0, 30):
        z = torch.tensor(network.forward(recording.params[step], data.x[:, data.train]).T)
        assert recording.loss[step] == pytest.approx(make(torch)(z, torch.tensor(y.T)).item(), rel=1e-12)


def test_an_option_changes_the_loss_and_no_other_loss():
    for loss, (key,) in ((loss, own) for loss, own in OPTIONS["loss"].items() if own):
        numbers = {"data": "line"} if loss in REGRESSION_LOSSES else {}
        value = True if OPTIONS["loss"][loss][key].default is False else 0.5
        plain, other = (train(Experiment(loss=loss, **SMALL, **numbers, **more)) for more in ({}, {key: value}))
        assert plain.loss[0] != other.loss[0]
    assert np.array_equal(train(Experiment(**SMALL, delta=0.5)).loss, train(Experiment(**SMALL)).loss)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_settings_start_with_the_losses_own_values(loss):
    experiment = Experiment()
    z, y = np.array([[0.7, -2.0], [1.5, 0.3]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    made = with_options(loss, **{one.name: getattr(experiment, one.key) for one in LOSSES[loss].options})
    assert made.value(z, y) == LOSSES[loss].value(z, y)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_settings_start_with_the_schedules_own_values(schedule):
    experiment = Experiment(schedule=schedule, warmup=4, steps=50)
    assert np.array_equal(rates_of(experiment), learning_rates(schedule, 0.03, 50, warmup=4))
    assert plateau_of(experiment) == (Plateau(0.03) if schedule == "plateau" else None)


@pytest.mark.parametrize(
    ("settings", "make"),
    [
        ({"schedule": "step", "gamma": 0.5, "period": 7}, lambda m, o: m.StepLR(o, 7, 0.5)),
        (
            {"schedule": "inverse_time", "decay_rate": 0.05},
            lambda m, o: m.LambdaLR(o, lambda k: 1 / (1 + 0.05 * k)),
        ),
        ({"schedule": "exponential", "gamma": 0.9}, lambda m, o: m.ExponentialLR(o, 0.9)),
        ({"schedule": "polynomial", "period": 20, "power": 2}, lambda m, o: m.PolynomialLR(o, 20, 2)),
        ({"schedule": "cosine", "floor": 0.25}, lambda m, o: m.CosineAnnealingLR(o, 30, 0.05)),
        (
            {"schedule": "restarts", "period": 5, "stretch": 2, "floor": 0.5},
            lambda m, o: m.CosineAnnealingWarmRestarts(o, 5, 2, 0.1),
        ),
        (
            {"schedule": "cyclic", "period": 10, "floor": 0.1},
            lambda m, o: m.CyclicLR(o, 0.02, 0.2, 5, cycle_momentum=False),
        ),
    ],
    ids=lambda value: value.get("schedule") if isinstance(value, dict) else "",
)
def test_a_runs_rates_are_torchs_with_the_same_options(settings, make):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))], lr=0.2)
    scheduler, rates = make(torch.optim.lr_scheduler, optimizer), []
    for _ in range(30):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    recording = train(Experiment(lr=0.2, optimizer="sgd", **SMALL, **settings))
    assert recording.lr[:30] == pytest.approx(rates, rel=1e-12, abs=1e-16)


def test_a_run_waits_for_the_plateau_that_was_asked_for():
    """Of a loss that does not move, all epochs but the first are bad: after 3 of them the rate is halved, to .25 lr."""
    settings = {"schedule": "plateau", "gamma": 0.5, "plateau": 2, "threshold": 0.5, "floor": 0.25}
    recording = train(Experiment(init="zeros", data="gaussians", optimizer="sgd", lr=1e-3, **SMALL, **settings))
    assert recording.lr[:10].tolist() == [0.001] * 4 + [0.0005] * 3 + [0.00025] * 3
    assert recording.lr[-1] == 0.00025


@pytest.mark.parametrize("batch", [0, 8])
def test_a_plateau_waits_for_the_end_of_the_warm_up(batch):
    """The climb is even, and from its end the rate is what PyTorch's scheduler makes of the epochs' mean losses."""
    torch = pytest.importorskip("torch")
    warmup, lr, epoch = 20, 0.01, 4 if batch else 1
    settings = {"schedule": "plateau", "plateau": 1, "threshold": 0.2, "gamma": 0.5, "warmup": warmup, "batch": batch}
    alone = train(Experiment(lr=lr, **SMALL | {"steps": 80}, **settings))
    raced = race([Experiment(lr=lr, **SMALL | {"steps": 80}, **settings | {"warmup": w}) for w in (0, warmup)])[1]
    oracle = torch.optim.SGD([torch.zeros(1)], lr=lr)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(oracle, factor=0.5, patience=1, threshold=0.2)
    rates = [lr * (step + 1) / (warmup + 1) for step in range(warmup)]
    for first in range(warmup, 80, epoch):
        rates += [oracle.param_groups[0]["lr"]] * epoch
        plateau.step(alone.loss[first : first + epoch].mean())
    assert alone.lr[:80] == pytest.approx(rates, rel=1e-12)
    assert len(set(rates[warmup:])) > 3
    assert np.array_equal(raced.lr, alone.lr)


def test_a_race_of_options_is_the_runs_alone():
    base = Experiment(**SMALL, optimizer="rmsprop", lr=0.01)
    team = [base, base.replace(centered=True), base.replace(schedule="step", gamma=0.5), base.replace(alpha=0.9)]
    team += [base.replace(optimizer="lbfgs", history_size=size) for size in (2, 20)]
    team += [base.replace(optimizer="rprop", etaplus=factor) for factor in (1.1, 1.5)]
    for together, experiment in zip(race(team), team, strict=True):
        assert np.array_equal(together.params, train(experiment).params)


def test_the_floor_is_a_share_of_the_learning_rate():
    for lr in (1e-8, 0.3, 1000.0):
        for schedule in (name for name, own in OPTIONS["schedule"].items() if "floor" in own and name != "plateau"):
            rates = rates_of(Experiment(schedule=schedule, lr=lr, floor=1.0, steps=40))
            assert rates == pytest.approx(np.full(40, lr), rel=1e-12)
