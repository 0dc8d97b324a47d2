"""What cannot act is said: a setting either changes the recording or is listed, and never both."""

import numpy as np
import pytest

from engine import Experiment, train
from engine.experiment import KEYS, SETTINGS
from engine.optimizers import OPTIMIZERS

SMALL = {"samples": 40, "arch": (3, 3), "steps": 16}
#: A value of each setting that is its own beside all of `RUNS`, as far as it can act.
OTHER = {
    "data": "moons", "samples": 44, "noise": 0.3, "test": 0.5, "features": ("x1", "x1sq"), "seed": 1,
    "missing": "fill", "standardise": False, "dseed": 5, "points": "a-1_2b1_-2", "rows": "1:2;0:1",
    "summed": True, "decay_rate": 0.2, "bug": "averaged", "input_noise": 0.2, "shift": 1,
    "arch": (4, 5), "act": ("relu",), "out": "tanh", "init": "he", "scale": 0.5, "bias": 0.1, "norm": "layer",
    "residual": "plain", "dropout": 0.3, "loss": "mse", "smoothing": 0.3, "delta": 0.1, "focal": 1.0,
    "l1": 0.1, "l2": 0.1, "optimizer": "adamw", "lr": 0.07, "momentum": 0.3, "dampening": 0.4, "nesterov": True,
    "alpha": 0.7, "beta1": 0.3, "beta2": 0.5, "eps": 0.05, "rho": 0.5, "decay": 0.05, "lr_decay": 0.1,
    "initial_accumulator_value": 0.5, "centered": True, "momentum_decay": 0.5, "etaminus": 0.3, "etaplus": 1.5,
    "step_size_min": 2.0, "step_size_max": 0.04, "history_size": 2, "damping": 0.5, "schedule": "cosine",
    "gamma": 0.3, "period": 3, "power": 3.0, "stretch": 2, "floor": 0.4, "plateau": 3, "threshold": 0.99,
    "weights": "W1[1,1]:0.5",
    "bias_spread": 0.5,
    "biases": "frozen",
    "warmup": 4, "clip": 0.01, "clip_by": "value", "gradient_noise": 0.1, "batch": 7, "steps": 20, "patience": 1,
    "folds": 3, "fold": 2,
}  # fmt: skip
RUNS = {
    "swinging": {"optimizer": "momentum", "lr": 3.0},
    "no momentum": {"optimizer": "momentum", "momentum": 0.0, "lr": 3.0},
    "digits": {"data": "digits", "schedule": "cyclic", "lr": 3.0},
    "a sum": {"data": "sine", "schedule": "inverse_time", "optimizer": "momentum", "lr": 3.0},
    "points": {"data": "drawn", "loss": "hinge", "lr": 3.0, "optimizer": "momentum"},
    "a number": {"data": "line", "loss": "huber", "schedule": "step", "optimizer": "sgd", "lr": 30.0},
    "widths that differ": {"loss": "hinge", "arch": (3, 4), "optimizer": "rmsprop", "lr": 3.0},
    "no hidden layer": {"arch": (), "init": "zeros", "schedule": "exponential", "optimizer": "adagrad", "lr": 30.0},
    "clipped": {"loss": "softmax_cross_entropy", "schedule": "restarts", "clip": 0.1, "lr": 3.0},
    "a plateau": {"schedule": "plateau", "plateau": 0, "loss": "focal", "optimizer": "nesterov", "lr": 3.0},
    "signs": {"optimizer": "rprop", "schedule": "polynomial", "lr": 3.0},
    "signs in cycles": {"optimizer": "rprop", "schedule": "cyclic", "lr": 3.0},
    "signs of means": {"optimizer": "lion", "schedule": "onecycle", "lr": 3.0},
    "adadelta": {"optimizer": "adadelta", "lr": 300.0},
    "nadam": {"optimizer": "nadam", "lr": 3.0},
    "curvature": {"optimizer": "lbfgs", "lr": 3.0},
    "the Hessian": {"optimizer": "newton", "lr": 3.0},
}


def listed(experiment):
    return {sentence.partition(":")[0] for sentence in experiment.ignored}


def same(one, other):
    quantities = [(run.params, run.loss, run.data.x, run.data.train) for run in (one, other)]
    return all(a.shape == b.shape and np.array_equal(a, b, equal_nan=True) for a, b in zip(*quantities, strict=True))


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_every_setting_changes_the_recording_or_is_listed(run):
    assert set(OTHER) == set(KEYS)
    wrong, plain = [], train(Experiment(**SMALL | run))
    for key, value in OTHER.items():
        try:
            changed = Experiment(**SMALL | run | {key: value})
        except ValueError:
            continue  # refused, which is not without a word
        rest = {name: value for name, value in run.items() if name != key}
        without = train(Experiment(**SMALL | rest)) if key in run else plain
        if same(without, train(changed)) != (key in listed(changed)):
            wrong.append(key)
    assert wrong == (["nesterov"] if run.get("optimizer") == "nesterov" else [])  # which has what is asked for


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"optimizer": "sgd", "momentum": 0.9},
            "momentum: `0.9` is ignored: it means nothing beside the optimizer",
        ),
        ({"optimizer": "rprop", "decay": 0.1}, "decay: `0.1` is ignored: it means nothing beside the optimizer Rprop"),
        ({"loss": "hinge", "smoothing": 0.1}, "smoothing: `0.1` is ignored: it means nothing beside the loss Hinge"),
        ({"arch": (8, 4), "residual": "plain"}, "residual: `plain` is ignored: no two hidden layers in a row are"),
        ({"clip_by": "value"}, "clip_by: `value` is ignored: nothing is clipped"),
        ({"data": "digits", "noise": 0.5}, "noise: `0.5` is ignored: it is for points that are drawn"),
        ({"data": "digits", "samples": 5000}, "samples: `5000` is more than there are: all 1,797 are taken"),
        (
            {"data": "line", "features": ("x2", "x1sq")},
            "features: `x2-x1sq` is read as x1sq: “Line” has one coordinate",
        ),
        ({"weights": "W1[1,3]:1"}, "weights: `W1[1,3]:1` is ignored: there are no such weights"),
        (
            {"weights": "W3:1,2,b1:0,b9:1,b2[9]:1,W0:1,W1:1,2", "arch": (8, 8)},
            "weights: `W3:1,2,b1:0,b9:1,b2[9]:1,W0:1,W1:1,2` is used but for W3, b9, b2[9] and 2 more: ",
        ),
        ({"biases": "none", "bias_spread": 1.0}, "bias_spread: `1` is ignored: the units have no biases"),
        ({"biases": "none", "weights": "b1:1"}, "weights: `b1:1` is ignored: there are no such weights"),
        ({"bug": "derivative", "act": "linear"}, "bug: `derivative` is ignored: all activations are linear"),
        ({"bug": "transposed", "arch": (8, 4)}, "bug: `transposed` is ignored: no matrix of weights is square"),
        ({"bug": "sum", "optimizer": "rprop"}, "bug: `sum` is ignored: the size of the gradient means nothing"),
        ({"batch": 512}, "batch: `512` is more than the 150 samples to train on: each step takes all of them"),
        ({"optimizer": "momentum", "momentum": 0.0, "dampening": 0.5}, "dampening: `0.5` is ignored: there is no"),
    ],
    ids=str,
)
def test_constructor_and_link_say_what_is_ignored_in_one_sentence(settings, words):
    experiment = Experiment(**settings)
    (sentence,) = experiment.ignored
    assert sentence.startswith(words)
    said = {key: SETTINGS[key].format(getattr(experiment, key)) for key in settings}
    assert Experiment.from_params(said).problems == (sentence,)
    assert Experiment.from_params(experiment.to_params()).problems == ()  # which names all settings
    assert Experiment.from_params(experiment.to_params()) == experiment


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_nothing_is_ignored_of_what_was_left_out_or_is_nothing(optimizer):
    assert Experiment(optimizer=optimizer).ignored == ()
    assert Experiment(optimizer=optimizer, momentum=0.0, decay=0.0, smoothing=0.0, lr=0.2).ignored == ()
    assert Experiment(optimizer="momentum", momentum=0.5).replace(optimizer=optimizer, lr=0.2).problems == ()


def test_the_loss_of_a_table_may_still_take_an_option():
    assert Experiment(data="csv", smoothing=0.1).ignored == ()


def test_what_is_ignored_follows_a_change():
    changed = Experiment(optimizer="momentum", momentum=0.5).replace(optimizer="sgd")
    assert listed(changed) == {"momentum"}
    assert changed.replace(optimizer="rmsprop").ignored == ()
