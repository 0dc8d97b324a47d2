"""A run with numbers typed over, from end to end: itself up to there, then that of the network as it was typed."""

import numpy as np
import pytest

from engine import Experiment, train
from engine.backprop import Edit, course_of
from engine.training import load, network_of

BASE = Experiment(data="moons", samples=60, arch=(3,), steps=40, batch=16, lr=0.1, optimizer="sgd")
SERIES = ("frames", "loss", "train_loss", "test_loss", "train_accuracy", "test_accuracy")


def course(experiment, *edits):
    data = load(experiment)
    return course_of(experiment, data, network_of(experiment, data), edits)


@pytest.mark.parametrize(
    "experiment",
    [BASE, BASE.replace(data="line", loss="mse"), BASE.replace(test=0), BASE.replace(steps=200, optimizer="adam")],
    ids=["classes", "numbers", "nothing held back", "thinned"],
)
def test_without_edits_it_is_the_run_itself(experiment):
    found, run = course(experiment), train(experiment)
    assert found.steps == run.steps
    for name in SERIES:
        mine, theirs = getattr(found, name), getattr(run, name)
        if theirs is None:
            assert mine is None
        else:
            np.testing.assert_allclose(mine, theirs, rtol=1e-12)


def test_a_run_that_diverges_ends_where_the_recording_does():
    experiment = BASE.replace(data="line", loss="mse", act=("linear",), lr=1000.0)
    found, run = course(experiment), train(experiment)
    assert (found.event.step, found.frames[-1]) == (run.event.step, run.frames[-1])


def test_from_the_typed_weight_on_it_goes_its_own_way():
    found, run = course(BASE, Edit(10, "W1", (0, 1), 5.0)), train(BASE)
    np.testing.assert_allclose(found.train_loss[:10], run.train_loss[:10], rtol=1e-12)
    assert not np.isclose(found.train_loss[10:], run.train_loss[10:]).any()


def test_a_weight_typed_at_the_start_is_a_run_from_other_weights():
    run = train(BASE)
    assert run.network.layout.view(run.params[0], "W1")[0, 1] != 0.25
    typed = course(BASE, Edit(0, "W1", (0, 1), 0.25))
    given = train(BASE.replace(weights="W1[1,2]:.25"))
    np.testing.assert_allclose(typed.train_loss, given.train_loss, rtol=1e-9)
