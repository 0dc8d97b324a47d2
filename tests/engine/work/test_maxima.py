"""Every setting's maximum, alone and in pairs: the estimate is a number, and never below what the machine can do."""

from itertools import combinations
from math import inf

import pytest

from engine import Experiment
from engine.experiment import SETTINGS
from engine.experiment.settings import Choice, Several, Widths
from engine.training import load, network_of
from engine.work import (
    AT_ONCE,
    activity_work,
    evaluation_work,
    line_work,
    replay_work,
    sharpness_work,
    surface_work,
    trace_work,
    training_work,
)

FASTEST = 200e9  #: multiply-adds a second of one core
LARGEST = {
    "arch": ["-".join(["512"] * 100), "-".join(["2"] * 100), "512-512", "64-64-64-64", "none"],
    "optimizer": ["newton", "lbfgs", "sgd"],
    "data": ["digits", "line"],
}


def largest(key, setting):
    """The texts of the values that cost most."""
    if key in LARGEST:
        return LARGEST[key]
    if isinstance(setting, Several):
        return ["-".join(setting.options)]
    if isinstance(setting, Choice) or getattr(setting, "high", None) is None or isinstance(setting, Widths):
        return [setting.options[-1]] if isinstance(setting, Choice) else []
    return [setting.format(setting.high)]


CASES = [(key, text) for key, setting in SETTINGS.items() for text in largest(key, setting) if key != "samples"]
SAMPLES = [("samples", "5000")]  # more make no other case; drawing them takes time
DATA = {}


def works(experiment):
    """The estimates of everything that the pages make of an experiment, and its network and samples."""
    key = (experiment.data, experiment.samples, experiment.features, experiment.noise, experiment.test)
    if key not in DATA:
        DATA[key] = load(experiment)
    data = DATA[key]
    network, samples = network_of(experiment, data), len(data.train)
    return (
        network,
        samples,
        {
            "training": training_work([experiment], network, samples, len(data.test)),
            "race": training_work([experiment] * 5, network, samples),
            "evaluation": evaluation_work(network, samples, 120),
            "activity": activity_work(network, samples, 2),
            "replay": replay_work(experiment, network, samples, experiment.steps),
            "trace": trace_work(network, samples, 400),
            "surface": surface_work(network, samples, [120], 101, "pca"),
            "line": line_work(network, samples, [120]),
            "sharpness": sharpness_work(network, samples, 8),
        },
    )


def check(settings):
    network, samples, found = works(Experiment.from_params(settings))
    experiment = Experiment.from_params(settings)
    n = min(experiment.batch or samples, samples)
    least = 3 * network.size * n * (experiment.steps + 1) / FASTEST
    for name, estimate in found.items():
        assert 0 < estimate.seconds < inf, (settings, name)
        assert 0 < estimate.bytes < inf, (settings, name)
        assert estimate.reduce
        if estimate.within(AT_ONCE):
            assert network.size * 8 < AT_ONCE.bytes, (settings, name)
    assert found["training"].seconds > least, settings
    assert found["race"].seconds > 4 * least, settings
    assert found["replay"].seconds > least, settings


@pytest.mark.parametrize("one", [*CASES, *SAMPLES], ids=lambda case: f"{case[0]}={case[1][:12]}")
def test_alone(one):
    check(dict([one]))


@pytest.mark.parametrize("key", ["arch", "steps", "samples", "optimizer", "batch", "patience", "data", "history_size"])
def test_in_pairs(key):
    for first, second in combinations([*CASES, *SAMPLES], 2):
        if key in (first[0], second[0]) and first[0] != second[0]:
            check(dict([first, second]))
