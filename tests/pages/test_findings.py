"""What is said aloud where the player rests: on every page with a player, for each step, and true of it."""

import numpy as np
import pytest

from engine import Experiment, train
from engine.backprop import examine, slopes
from engine.curvature import sharpness
from engine.depth import Deep, measure
from engine.depth.signals import noise
from engine.landscape import objective_of
from engine.network import Network
from engine.training import targets
from pages.common.text import number

TINY = {"steps": "12", "arch": "3", "samples": "40", "res": "25"}
NET = TINY | {"track": "network", "racers": "sgd-adam"}
CONV = {"cvdata": "8x8", "cvmost": "100", "cvblocks": "4k3p", "cvdense": "8", "cvepochs": "2"}
DEEP = {"depth": "5", "width": "16", "steps": "12"}
VIEWS = {
    "backprop": ("backprop", TINY),
    "backprop, Newton on a batch": ("backprop", TINY | {"optimizer": "newton", "sample": "0", "clip": "0.1"}),
    "plane": ("loss_surface", TINY),
    "line": ("loss_surface", TINY | {"plane": "slice"}),
    "function": ("optimizers", {"rsteps": "30"}),
    "network race": ("optimizers", NET),
    **{view: ("depth", DEEP | {"dview": view}) for view in ("signals", "training", "jacobian", "recurrence")},
    "signals, no weights": ("depth", DEEP | {"dview": "signals", "sw2": "0"}),
    **{view: ("convolution", CONV | {"cvview": view}) for view in ("network", "cell", "input")},
    **{look: ("convolution", CONV | {"cvview": "input", "cvlook": look}) for look in ("climb", "fool")},
}


@pytest.fixture(scope="module")
def said(app, given_stages):
    """The sentences of the stage of a page, one for each step: `said(page, link)`."""

    def of(page, link):
        return next(stage for stage in given_stages(app(link, page)) if stage["texts"])["findings"]

    return of


@pytest.mark.parametrize(("page", "link"), VIEWS.values(), ids=VIEWS)
def test_every_step_of_every_view_has_a_finding_of_its_own(app, given_stages, page, link):
    stage = next(stage for stage in given_stages(app(link, page)) if stage["texts"])
    found = stage["findings"]
    assert len(found) == len(stage["texts"])
    assert len(set(found)) > 1
    assert not [one for one in found if not one or "not a number" in one or one.endswith(".")]


def test_the_gradient_of_a_layer_is_held_against_the_slope_of_the_loss(said):
    experiment = Experiment(steps=12, arch=(3,), samples=40)
    run = train(experiment)
    data, network = run.data, Network(experiment, 2, 1)
    x, y = data.x[:, data.train][:, :1], targets(experiment, data)[:, data.train][:, :1]
    seen = examine(network, run.params[0], x, y)
    off = np.abs(slopes(network, run.params[0], x, y).central - seen.gradient)[network.layout.indices("W2").ravel()]
    found = next(one for one in said("backprop", TINY | {"step": "0", "sample": "1"}) if "gradient of layer 2" in one)
    own = np.concatenate([network.layout.view(seen.gradient, name).ravel() for name in ("W2", "b2")])
    assert f"is {number(own[np.abs(own).argmax()])};" in found
    assert off.max() < 1e-8


def test_running_averages_are_no_weights_that_change(said):
    run = train(Experiment(steps=12, arch=(3,), samples=40, norm="batch"))
    layout, change = run.network.layout, np.abs(run.params[1] - run.params[0])
    trained = np.concatenate([layout.view(change, name).ravel() for name in layout.names])
    assert trained.max() < change.max()
    found = said("backprop", TINY | {"norm": "batch", "step": "0"})[-1]
    assert found == f"Weights and biases change by at most {number(trained.max())}"


def test_sharpness_is_said_as_a_share_of_two_over_the_rate(said):
    run = train(Experiment(steps=12, arch=(3,), samples=40, optimizer="sgd", lr=0.5))
    share = sharpness(objective_of(run).gradient, run.params[-1], 30) / (2 / 0.5)
    found = said("loss_surface", TINY | {"optimizer": "sgd", "lr": "0.5"})[-1]
    words = found.partition("Sharpness ")[2].partition("%")[0]
    assert float(words) / 100 == pytest.approx(float(share), rel=0.02, abs=0.001)


def test_who_leads_and_who_has_diverged_is_said_from_that_step_on(said):
    found = said("optimizers", {"rsteps": "60", "racers": "sgd-adam", "fair": "same", "rate": "3", "track": "valley"})
    assert "Gradient descent has" not in found[0]
    assert found[-1].startswith("Adam leads with ")
    assert "Gradient descent has " in found[-1]
    found = said("optimizers", {"rsteps": "30", "racers": "sgd-adam", "fair": "same", "rate": "0.01"})
    gone = [("left the map" in one, "diverged" in one) for one in found]
    assert gone == sorted(gone, key=[(False, False), (True, False), (False, True)].index)
    assert {(True, False), (False, True)} <= set(gone)


def test_how_far_the_gradient_has_come_back_is_said_at_its_layer(said):
    deep = Deep(depth=5, width=16)
    ratio = measure(deep, noise(16, 32)).ratio
    found = said("depth", DEEP | {"fix": "none"})
    assert f"Gradient at layer 1 is {number(ratio, 2)} of" in found[-1]
    assert found[4].startswith("Signal at layer 5 ")
