"""A replayed run is the run; an edit changes it from its step on and nothing before."""

import dataclasses

import numpy as np
import pytest

from engine import Experiment, train
from engine.backprop import Edit, Replay, read_edits
from engine.optimizers import OPTIMIZERS
from engine.training import targets

RUNS = {name: {"optimizer": name} for name in OPTIMIZERS} | {
    "batches and dropout": {"batch": 7, "dropout": 0.2},
    "batch norm, plateau": {"norm": "batch", "schedule": "plateau", "batch": 16},
    "clipped, noisy, gated": {"clip": 0.1, "gradient_noise": 0.01, "residual": "gated"},
    "penalties, warm-up": {"l1": 0.001, "l2": 0.01, "warmup": 5},
}


def replayed(experiment, *edits, step=0):
    data = train(experiment).data
    run = Replay(experiment, data, train(experiment).network, edits=edits)
    run.advance(step)
    return run


@pytest.mark.parametrize("settings", RUNS.values(), ids=RUNS)
def test_a_replay_is_the_run_bit_for_bit(settings):
    experiment = Experiment(steps=20, samples=40, arch=(4, 4), **settings)
    recording = train(experiment, frames=21)
    run = Replay(experiment, recording.data, recording.network)
    for t in range(recording.steps + 1):
        moment = run.advance(t)
        assert np.array_equal(moment.params, recording.params[t])
        assert np.array_equal(moment.gradient, recording.gradients[t])
        assert np.array_equal(moment.update, recording.updates[t])
        assert (moment.step, moment.loss, moment.lr) == (t, recording.loss[t], recording.lr[t])
        assert moment.before.t == t
        assert moment.after.t == t + 1


def test_a_run_that_diverges_stops_at_its_last_finite_step_and_says_so():
    experiment = Experiment(optimizer="sgd", lr=1000.0, loss="mse", act="relu", steps=60)
    recording = train(experiment)
    run = Replay(experiment, recording.data, recording.network)
    assert run.advance(60).step == recording.steps < 60
    assert run.event == recording.event


def test_an_edit_changes_the_run_from_its_step_on():
    experiment = Experiment(steps=12, samples=30, batch=8, arch=(3,))
    plain, edited = replayed(experiment), replayed(experiment, Edit(5, "W1", (1, 0), 2.5))
    for t in range(5):
        assert np.array_equal(plain.advance(t).params, edited.advance(t).params)
    one, other = plain.advance(5), edited.advance(5)
    index = edited.network.layout.indices("W1")[1, 0]
    assert other.params[index] == 2.5
    assert np.array_equal(np.delete(one.params, index), np.delete(other.params, index))
    assert np.array_equal(other.gradient, edited.network.loss_and_gradient(other.params, other.x, other.y)[1])
    assert np.array_equal(edited.advance(6).params, other.following)
    assert not np.array_equal(plain.advance(6).params, edited.moment.params)


@pytest.mark.parametrize("batch", [0, 8])
def test_an_edited_sample_counts_from_its_step_on(batch):
    experiment = Experiment(data="plane", steps=12, samples=30, batch=batch, arch=(3,))
    run = replayed(experiment, Edit(4, "x", (1, 6), 3.0), Edit(4, "y", (0, 6), -2.0))
    data = train(experiment).data
    before = run.advance(3)
    assert np.array_equal(run.x, data.x[:, data.train])
    run.advance(4)
    assert run.x[1, 6] == 3.0
    assert run.y[0, 6] == -2.0
    changed_x, changed_y = data.x.copy(), targets(experiment, data).copy()
    changed_x[1, data.train[6]], changed_y[0, data.train[6]] = 3.0, -2.0
    fresh = dataclasses.replace(data, x=changed_x, targets=changed_y)
    same_batches = Replay(experiment, fresh, run.network)
    assert np.array_equal(run.advance(9).x, same_batches.advance(9).x)
    assert np.array_equal(run.moment.y, same_batches.moment.y)
    assert 3.0 not in before.x


def test_edits_that_name_nothing_are_left_out_and_listed():
    wrong = [
        Edit(0, "W9", (0, 0), 1.0),
        Edit(0, "W1", (99, 0), 1.0),
        Edit(0, "b1", (0, 0), 1.0),
        Edit(99, "b1", (0,), 1.0),
    ]
    run = replayed(Experiment(steps=5, samples=20, arch=(3,)), *wrong)
    assert run.unused == tuple(wrong)


def test_edits_are_text_and_back():
    edits = (Edit(3, "W1", (0, 1), 0.1), Edit(0, "b2", (4,), -2.0), Edit(7, "x", (0, 12), 1e-30))
    assert read_edits("~".join(map(str, edits))) == (edits, ())


@pytest.mark.parametrize(
    "text", ["junk", "1.W1.0:nan", "1.W1.0.0:1-3", "1.W1.0.0:1e99", "-1.b1.0:2", "1.b1:2", "1.b1.0:"]
)
def test_what_is_no_edit_is_handed_back(text):
    assert read_edits(f"{text}~1.b1.0:2") == ((Edit(1, "b1", (0,), 2.0),), (text,))


def test_a_replay_only_goes_forward():
    run = replayed(Experiment(steps=5, samples=20), step=3)
    with pytest.raises(ValueError, match="step=2 must be from 3"):
        run.advance(2)
