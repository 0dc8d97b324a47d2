"""The description of a run: validation, and the way to a link and back."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import race, train
from engine.activations import ACTIVATIONS
from engine.datasets import DATASETS, Column, from_columns
from engine.experiment import DEFAULTS, KEYS, SETTINGS, USUAL, Experiment, default_loss, losses_for
from engine.initializers import INITIALIZERS
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES

DESIGN_KEYS = [
    "data",
    "samples",
    "noise",
    "test",
    "features",
    "arch",
    "act",
    "init",
    "loss",
    "optimizer",
    "lr",
    "momentum",
    "nesterov",
    "dampening",
    "alpha",
    "beta1",
    "beta2",
    "eps",
    "rho",
    "decay",
    "schedule",
    "warmup",
    "batch",
    "steps",
    "l1",
    "l2",
    "dropout",
    "norm",
    "residual",
    "clip",
    "seed",
    "v",
]


@st.composite
def experiments(draw):
    data = draw(st.sampled_from(sorted(set(DATASETS) - {"csv"})))
    arch = tuple(draw(st.lists(st.integers(1, 512), max_size=5)))
    names = st.sampled_from(sorted(ACTIVATIONS))
    act = tuple(draw(st.lists(names, min_size=len(arch), max_size=len(arch)))) or (draw(names),)
    numbers = {
        key: draw(st.floats(SETTINGS[key].low, SETTINGS[key].high))
        for key in (
            "noise",
            "test",
            "lr",
            "momentum",
            "beta1",
            "beta2",
            "eps",
            "decay",
            "l1",
            "l2",
            "clip",
            "scale",
            "bias",
            "smoothing",
            "delta",
            "focal",
            "power",
            "threshold",
            "etaminus",
            "lr_decay",
        )
    }
    automatic = {
        key: draw(st.none() | st.floats(SETTINGS[key].low, SETTINGS[key].high)) for key in ("gamma", "floor")
    } | {"period": draw(st.none() | st.integers(1, 20_000))}
    return Experiment(
        data=data,
        arch=arch,
        act=act,
        loss=draw(st.sampled_from(losses_for(DATASETS[data].task))),
        init=draw(st.sampled_from(sorted(INITIALIZERS))),
        optimizer=draw(st.sampled_from(sorted(OPTIMIZERS))),
        nesterov=draw(st.booleans()),
        seed=draw(st.integers(0, 2**31 - 1)),
        steps=draw(st.integers(1, 20_000)),
        schedule=draw(st.sampled_from(sorted(SCHEDULES))),
        **numbers,
        **automatic,
    )


@settings(max_examples=100, deadline=None)
@given(experiments())
def test_a_link_reads_back_as_the_same_experiment(experiment):
    back = Experiment.from_params(experiment.to_params())
    assert back == experiment
    assert back.problems == ()


def test_a_link_is_full_and_explicit():
    assert set(Experiment().to_params()) == {*KEYS, "v"}
    assert set(DESIGN_KEYS) <= set(Experiment().to_params())


def test_an_empty_link_is_the_default():
    assert Experiment.from_params({}) == Experiment()
    assert Experiment.from_params({}).problems == ()


@pytest.mark.parametrize(
    ("params", "key", "value"),
    [
        ({"lr": "nan"}, "lr", DEFAULTS["lr"]),
        ({"lr": "inf"}, "lr", SETTINGS["lr"].high),
        ({"lr": "-1"}, "lr", SETTINGS["lr"].low),
        ({"lr": "1e999"}, "lr", SETTINGS["lr"].high),
        ({"lr": ""}, "lr", DEFAULTS["lr"]),
        ({"lr": "fast"}, "lr", DEFAULTS["lr"]),
        ({"steps": "1e12"}, "steps", 20_000),
        ({"steps": "12.5"}, "steps", 12),
        ({"steps": "0"}, "steps", 1),
        ({"seed": "9" * 400}, "seed", 2**31 - 1),
        ({"data": "mars"}, "data", "circle"),
        ({"loss": ""}, "loss", "binary_cross_entropy"),
        ({"arch": "8-x"}, "arch", (8, 8)),
        ({"arch": "8-100000"}, "arch", (8, 512)),
        ({"arch": "-".join(["4"] * 300)}, "arch", (4,) * 100),
        ({"act": "tanh-mystery"}, "act", ("tanh",)),
        ({"act": "tanh-relu-tanh"}, "act", ("tanh",)),
        ({"nesterov": "perhaps"}, "nesterov", False),
        ({"data": "line", "loss": "hinge"}, "loss", "squared_error"),
        ({"out": "tanh"}, "out", "linear"),
        ({"features": "x1-x9"}, "features", ("x1",)),
        ({"gamma": "0"}, "gamma", 1e-6),
        ({"gamma": "slow"}, "gamma", None),
        ({"period": "2.5"}, "period", 2),
        ({"floor": "2"}, "floor", 1.0),
        ({"smoothing": "1"}, "smoothing", 0.99),
        ({"delta": "0"}, "delta", 1e-6),
        ({"focal": "-1"}, "focal", 0.0),
        ({"optimizer": "lion", "beta2": "high"}, "beta2", 0.99),
        ({"optimizer": "rprop", "step_size_min": "1", "step_size_max": "0.1"}, "step_size_min", 0.1),
        ({"optimizer": "momentum", "nesterov": "1", "dampening": "0.5"}, "dampening", 0.0),
        ({"samples": "8_8"}, "samples", 200),
        ({"noise": "0.1_5"}, "noise", 0.1),
        ({"arch": "8_8"}, "arch", (8, 8)),
        ({"arch": (8.9,)}, "arch", (8, 8)),
        ({"arch": b"16"}, "arch", (8, 8)),
        ({"lr": 10**400}, "lr", SETTINGS["lr"].high),
        ({"steps": 10**5000}, "steps", 20_000),
        ({"arch": (10**400, 8)}, "arch", (512, 8)),
        ({"samples": "100000"}, "samples", 5000),
        ({"test": "0", "patience": "9"}, "patience", 0),
        ({"norm": "batch", "batch": "1"}, "batch", 2),
        ({"lr": None}, "lr", DEFAULTS["lr"]),
        ({"lr": ["1", "2"]}, "lr", DEFAULTS["lr"]),
    ],
)
def test_a_bad_link_opens_on_the_nearest_valid_state_and_says_so(params, key, value):
    experiment = Experiment.from_params(params)
    assert getattr(experiment, key) == value
    assert len(experiment.problems) == 1
    assert experiment.problems[0].startswith(f"{key}: ")


def test_an_unknown_name_is_listed_and_ignored():
    experiment = Experiment.from_params({"learning_rate": "1"})
    assert experiment == Experiment()
    assert "learning_rate" in experiment.problems[0]


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*KEYS, "v", "other"]),
        st.one_of(st.text(max_size=30), st.none(), st.integers(), st.floats()),
    )
)
def test_from_params_never_raises(params):
    experiment = Experiment.from_params(params)
    assert dataclasses.replace(experiment, problems=()) == Experiment.from_params(experiment.to_params())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"lr": -1}, "lr=-1 must be from"),
        ({"lr": float("nan")}, "lr=nan must be a number from"),
        ({"optimizer": "adm"}, "optimizer='adm' must be one of sgd"),
        ({"arch": (0,)}, "arch=.* must have at most 100 layers"),
        ({"arch": (8.9,)}, r"arch=\(8.9,\) must be widths from 1 to 512"),
        ({"arch": "16"}, "arch='16' must be widths"),
        ({"arch": b"16"}, "arch=b'16' must be widths"),
        ({"arch": (True, True)}, "must be widths"),
        ({"arch": {8, 4}}, "must be widths"),  # a set has no order
        ({"act": {"tanh"}}, "act={'tanh'} must be one or more of"),
        ({"lr": 10**5000}, "lr=a very long value must be from"),
        ({"optimizer": "momentum", "nesterov": True, "dampening": 0.5}, "dampening=0.5 must be 0 beside nesterov"),
        ({"data": "line", "loss": "hinge"}, "does not suit the data set “Line”"),
        ({"out": "tanh"}, "must be linear"),
        ({"act": ("tanh",) * 3}, "one for each of 2 hidden layers"),
        ({"batch": 2.5}, "whole number"),
        ({"norm": "batch", "batch": 1}, "batch=1 must be at least 2 beside batch normalisation"),
        ({"gamma": 1}, "gamma=1 must be from"),
        ({"period": 0}, "period=0 must be from 1"),
        ({"optimizer": "rprop", "step_size_min": 1, "step_size_max": 0.1}, "at most the largest step size, 0.1"),
    ],
)
def test_a_wrong_argument_raises_with_name_value_and_range(arguments, words):
    with pytest.raises(ValueError, match=words):
        Experiment(**arguments)


def test_the_usual_loss_follows_the_data():
    assert [default_loss(name) for name in ("moons", "digits", "sine")] == [
        "binary_cross_entropy",
        "softmax_cross_entropy",
        "squared_error",
    ]
    assert Experiment().replace(data="sine").loss == "squared_error"


def test_all_that_was_collected_is_used_unless_asked_otherwise():
    """1,797 digits of UCI; a link that says how many keeps its meaning."""
    assert [Experiment(data=name).samples for name in ("circle", "digits", "csv")] == [200, 1797, 100_000]
    assert Experiment.from_params({"data": "digits"}) == Experiment(data="digits")
    assert Experiment.from_params({"data": "digits", "samples": "200"}).samples == 200
    assert Experiment().replace(data="digits").samples == 1797
    assert Experiment(samples=50).replace(data="digits").samples == 50


def test_short_names_of_losses_are_read():
    assert Experiment.from_params({"loss": "bce"}).loss == "binary_cross_entropy"


def test_equal_experiments_are_equal_keys():
    assert Experiment() == Experiment.from_params({"lr": "0.03"})
    assert len({Experiment(), Experiment(lr=0.03), Experiment(lr=3e-2)}) == 1


def test_a_hyper_parameter_left_out_is_the_optimizers_own():
    """PyTorch's defaults, and optax's for Lion."""
    assert (Experiment(optimizer="rmsprop").momentum, Experiment(optimizer="momentum").momentum) == (0.0, 0.9)
    assert [Experiment(optimizer=name).eps for name in ("adagrad", "adadelta", "adam")] == [1e-10, 1e-6, 1e-8]
    assert [Experiment(optimizer=name).decay for name in ("adam", "adamw")] == [0.0, 0.01]
    assert Experiment.from_params({"optimizer": "lion"}) == Experiment(optimizer="lion", beta2=0.99)


def test_what_was_given_stays_and_the_rest_follows_another_optimizer():
    experiment = Experiment(beta1=0.5).replace(optimizer="lion")
    assert (experiment.beta1, experiment.beta2) == (0.5, 0.99)
    assert experiment.replace(optimizer="adam") == Experiment(beta1=0.5)
    assert Experiment().replace(optimizer="rmsprop", momentum=0.9).momentum == 0.9


def test_a_link_of_before_there_were_options_keeps_its_meaning():
    old = {"optimizer": "rmsprop", "momentum": "0.9", "schedule": "cyclic", "loss": "huber", "v": "1"}
    experiment = Experiment.from_params(old)
    assert (experiment.momentum, experiment.centered, experiment.delta, experiment.focal) == (0.9, False, 1.0, 2.0)
    assert (experiment.gamma, experiment.period, experiment.floor) == (None, None, None)
    assert experiment.problems == ()


TABLE = (
    Column("length", np.array([1.0, 2.0, 1.5, 2.5, 1.2, 2.2, 3.0])),
    Column("width", np.array([2.0, 1.0, 2.5, 1.5, 2.2, 1.2, 1.0])),
    Column("kind", np.array([0, 1, 0, 2, 0, 1, 2]), ("a", "b", "c")),
)


@pytest.mark.parametrize(
    ("target", "rows", "loss"),
    [("kind", 7, "softmax_cross_entropy"), ("kind", 3, "binary_cross_entropy"), ("width", 7, "squared_error")],
)
def test_the_loss_of_a_table_is_left_open_until_the_table_is_known(target, rows, loss):
    data = from_columns([column.among(np.arange(rows)) for column in TABLE], target)
    experiment = Experiment(data="csv", steps=3)
    assert experiment.loss == USUAL
    assert Experiment.from_params(experiment.to_params()) == experiment
    assert Experiment.from_params(experiment.to_params()).problems == ()
    assert train(experiment, data=data).experiment.loss == experiment.on(data).loss == loss
    assert race([experiment], data=data)[0].experiment.loss == loss


def test_a_loss_that_was_named_stays_whatever_the_table():
    experiment = Experiment(data="csv", loss="huber", steps=3)
    data = from_columns(TABLE, "width")
    assert experiment.on(data) == experiment
    assert train(experiment, data=data).experiment == experiment


@pytest.mark.parametrize("loss", ["auto", ""])
def test_of_data_that_are_known_the_usual_loss_is_no_secret(loss):
    assert Experiment(data="sine", loss=loss).loss == "squared_error"
    assert Experiment.from_params({"data": "sine", "loss": "auto"}) == Experiment(data="sine")
    assert Experiment(data="csv").replace(data="moons").loss == "binary_cross_entropy"
