"""One step, by hand and against the runs that are made of such steps."""

import numpy as np
import pytest

from engine import Experiment, race, train
from engine.training import batches, load, network_of, targets
from engine.training.step import Stepper


def stepper_of(*experiments, dtype=np.float64):
    """What makes the steps of a run or a race from its own start, and its batches."""
    first = experiments[0]
    data = load(first)
    network = network_of(first, data)
    starts = [network.initial(np.random.default_rng([experiment.seed, 1])) for experiment in experiments]
    start = starts[0] if len(starts) == 1 else np.stack(starts)
    x, y = data.x[:, data.train], targets(first, data)[:, data.train]
    stream = batches(first, x, y, np.dtype(dtype))
    return Stepper(experiments, network, start, len(data.train), np.dtype(dtype)), stream, network


def take(stepper, stream, steps):
    """States and losses of the first steps."""
    rows = np.empty((steps, *stepper.state.shape), stepper.state.dtype)
    return rows, np.array([stepper.step(t, next(stream), rows[t]) for t in range(steps)])


def test_a_step_is_gradient_penalty_transforms_and_update():
    experiment = Experiment(samples=40, optimizer="sgd", lr=0.1, l2=0.05, clip=0.02, batch=8)
    stepper, stream, network = stepper_of(experiment)
    before, batch = stepper.params.copy(), next(stream)
    row = np.empty_like(stepper.state)
    loss = stepper.step(0, batch, row)
    expected, gradient = network.loss_and_gradient(before, *batch)
    assert loss == expected
    np.testing.assert_array_equal(row, [before, gradient])
    clipped = gradient * 0.02 / (np.linalg.norm(gradient) + 1e-6)
    np.testing.assert_allclose(stepper.applied, clipped, rtol=1e-13)
    np.testing.assert_allclose(stepper.params, before - 0.1 * clipped, rtol=1e-13)


def test_running_averages_go_a_tenth_of_the_way_to_the_batch():
    stepper, stream, network = stepper_of(Experiment(samples=40, norm="batch", arch=(4,), batch=8))
    view, (x, y) = network.layout.view, next(stream)
    before = stepper.params.copy()
    stepper.step(0, (x, y), np.empty_like(stepper.state))
    z = view(before, "W1") @ x + view(before, "b1")[:, None]
    np.testing.assert_allclose(view(stepper.params, "mean1"), 0.1 * z.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(view(stepper.params, "variance1"), 0.9 + 0.1 * z.var(axis=1, ddof=1), rtol=1e-12)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"batch": 7, "dropout": 0.2},
        {"norm": "batch", "schedule": "plateau", "batch": 16},
        {"clip": 0.1, "l1": 0.01},
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_run_is_made_of_these_steps(settings, dtype):
    experiment = Experiment(steps=20, samples=40, arch=(4, 4), **settings)
    recording = train(experiment, frames=21, dtype=dtype)
    rows, losses = take(*stepper_of(experiment, dtype=dtype)[:2], steps=21)
    np.testing.assert_array_equal(recording.params, rows[:, 0])
    np.testing.assert_array_equal(recording.gradients, rows[:, 1])
    np.testing.assert_array_equal(recording.loss, losses)


def test_so_is_a_race_whose_runs_are_computed_part_by_part():
    """Wide layers and many samples, so that the signals of all runs do not fit the cache together."""
    base = Experiment(steps=3, samples=500, arch=(64, 64))
    entrants = [base.replace(optimizer=name, lr=lr) for name in ("adam", "sgd") for lr in (0.001, 0.003, 0.01, 0.03)]
    rows, losses = take(*stepper_of(*entrants)[:2], steps=4)
    for i, recording in enumerate(race(entrants, frames=4)):
        np.testing.assert_array_equal(recording.params, rows[:, 0, i])
        np.testing.assert_array_equal(recording.loss, losses[:, i])
