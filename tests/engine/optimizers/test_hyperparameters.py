"""Hyper-parameters: their ranges, how a bad one is refused, and one value for each run of a race."""

import dataclasses
import math
import re

import numpy as np
import pytest

from engine.optimizers import OPTIMIZERS
from engine.optimizers.base import each_run
from engine.optimizers.hyperparameters import hyper_parameters


def follow(optimizer, params, slopes):
    """The iterates under prescribed gradients, [steps, ..., P]; Newton gets a Hessian of its own at each."""
    state, path = optimizer.init(params), []
    for slope in slopes:
        row = np.cos(params)
        hessian = row[..., None] * row[..., None, :] - 0.3 * np.eye(params.shape[-1], dtype=params.dtype)
        extra = {"hessian": hessian} if getattr(optimizer, "needs_hessian", False) else {}
        params, state = optimizer.update(params, slope, state, **extra)
        path.append(params)
    return np.array(path)


def values_for(hyper):
    """Three valid values of a hyper-parameter that is not a switch or a count."""
    low, high = hyper.interval[:2]
    if high < 1:
        return low + np.array([0.3, 0.6, 0.95]) * (high - low)
    return np.clip(np.array([0.5, 1.0, 3.0]) * (hyper.default or 0.01), low, high)


ARRAYS = [
    (key, hyper)
    for key, optimizer in OPTIMIZERS.items()
    for hyper in hyper_parameters(optimizer)
    if isinstance(hyper.default, float)
]


@pytest.mark.parametrize(("key", "hyper"), ARRAYS, ids=[f"{key}-{hyper.name}" for key, hyper in ARRAYS])
def test_a_hyper_parameter_may_be_an_array(key, hyper):
    """[R, 1] gives the runs of a loop over the numbers, bit by bit, and float32 stays float32."""
    values = values_for(hyper)
    together = OPTIMIZERS[key](**{hyper.name: values[:, None]})
    for dtype in (np.float64, np.float32):
        rng = np.random.default_rng(9)
        slopes = (rng.choice([-1, 0, 1], (25, 11)) * 10 ** rng.uniform(-6, 1, (25, 11))).astype(dtype)
        start = np.random.default_rng(10).standard_normal(11).astype(dtype)
        path = follow(together, np.tile(start, (3, 1)), np.repeat(slopes[:, None], 3, axis=1))
        assert path.dtype == dtype
        for i, value in enumerate(values.tolist()):
            assert np.array_equal(path[:, i], follow(OPTIMIZERS[key](**{hyper.name: value}), start, slopes))


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_every_hyper_parameter_explains_itself(key):
    for hyper in hyper_parameters(OPTIMIZERS[key]):
        assert len(hyper.meaning) <= 100
        assert hyper.meaning.endswith(".")
        assert "\n" not in hyper.meaning
        assert getattr(OPTIMIZERS[key](), hyper.name) == hyper.default
        assert hyper.interval is None if isinstance(hyper.default, bool) else hyper.default in hyper.interval
        assert hyper.label
        assert (hyper.step is None) == (hyper.kind is bool)


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_both_ends_of_a_range_are_in_it(key):
    room = {"step_size_min": {"step_size_max": 1e6}, "step_size_max": {"step_size_min": 0.0}}
    for hyper in hyper_parameters(OPTIMIZERS[key]):
        for end in hyper.interval[:2] if hyper.interval else ():
            optimizer = OPTIMIZERS[key](**{hyper.name: end}, **room.get(hyper.name, {}))
            assert getattr(optimizer, hyper.name) == end


@pytest.mark.parametrize("t", [3, 8, 50])
def test_bias_corrections_are_those_of_a_single_run(t):
    """NumPy's power of an array differs from that of a number in the last bit of one element in twenty."""
    betas = np.random.default_rng(13).uniform(0.1, 0.999, (1000, 1))
    expected = [[beta**t] for beta in betas[:, 0].tolist()]
    assert np.array_equal(each_run(pow, betas, t), expected)
    assert each_run(pow, 0.9, t) == 0.9**t


BAD = [
    *((key, {"lr": bad}) for key in OPTIMIZERS for bad in (0, -0.1, math.nan, math.inf, "fast", None, True)),
    ("momentum", {"momentum": 1}),
    ("momentum", {"momentum": -0.1}),
    ("momentum", {"dampening": 1.1}),
    ("nesterov", {"momentum": math.nan}),
    ("adagrad", {"lr_decay": -1}),
    ("adagrad", {"initial_accumulator_value": -1}),
    ("rmsprop", {"alpha": 1}),
    ("rmsprop", {"centered": 1}),
    ("adadelta", {"rho": -0.5}),
    *((key, {beta: 1.0}) for key in ("adam", "nadam", "radam", "lion") for beta in ("beta1", "beta2")),
    ("adam", {"eps": -1e-8}),
    ("adam", {"decay": -1}),
    ("nadam", {"momentum_decay": -1}),
    ("rprop", {"etaminus": 1}),
    ("rprop", {"etaplus": 1}),
    ("rprop", {"step_size_min": 100.0}),
    ("lbfgs", {"history_size": 0}),
    ("lbfgs", {"history_size": 2.5}),
    ("newton", {"damping": -1}),
]


@pytest.mark.parametrize(("key", "options"), BAD, ids=[f"{key}-{options}" for key, options in BAD])
def test_a_bad_hyper_parameter_is_named_with_its_value_and_range(key, options):
    ((name, value),) = options.items()
    with pytest.raises(ValueError, match=rf"{name} .*") as error:
        OPTIMIZERS[key](**options)
    assert str(value) in str(error.value)
    assert re.search(r"\[[\d.e-]+, [\d.e+]+\]|True or False|at most", str(error.value))


def test_the_range_is_written_as_an_interval():
    with pytest.raises(ValueError, match=re.escape("lr must be a number in [1e-08, 1000], got -0.1")):
        OPTIMIZERS["sgd"](lr=-0.1)
    with pytest.raises(ValueError, match=re.escape("beta2 must be a number in [0, 0.99999], got 1.0")):
        OPTIMIZERS["adam"](beta2=1.0)


@pytest.mark.parametrize(
    "values",
    [[0.1, 0.2], [[0.1, 0.2]], [[0.1], [0.0]], [[0.1], [math.nan]], [["a"]]],
    ids=str,
)
def test_a_bad_array_is_named(values):
    with pytest.raises(ValueError, match="lr "):
        OPTIMIZERS["sgd"](lr=np.array(values))


def test_parameters_must_have_the_run_axes_of_the_hyper_parameters():
    optimizer = OPTIMIZERS["adam"](lr=np.array([[0.1], [0.2], [0.3]]))
    with pytest.raises(ValueError, match=re.escape("(3, 2)")):
        optimizer.init(np.zeros(2))
    with pytest.raises(ValueError, match="lr of shape"):
        optimizer.init(np.zeros((2, 2)))


@pytest.mark.parametrize("key", OPTIMIZERS)
@pytest.mark.parametrize("params", [np.array([1, 2]), [1.0, 2.0], np.array(1.0)], ids=str)
def test_parameters_must_be_an_array_of_floats(key, params):
    """Whole numbers would round every step of 0.1 to no step at all."""
    with pytest.raises(ValueError, match="params must be an array of floats"):
        OPTIMIZERS[key]().init(params)


def test_hyper_parameters_cannot_be_changed_behind_the_optimizers_back():
    values = np.array([[0.1], [0.2]])
    optimizer = OPTIMIZERS["sgd"](lr=values)
    values[:] = 7
    assert optimizer.lr.max() == 0.2
    with pytest.raises(ValueError, match="read-only"):
        optimizer.lr[0] = 7
    with pytest.raises(dataclasses.FrozenInstanceError):
        optimizer.lr = 7
