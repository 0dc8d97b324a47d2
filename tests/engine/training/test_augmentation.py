"""Samples that look different in each step: moved and noisy as asked for, the same for a seed, never in tests."""

import numpy as np
import pytest

from engine import Experiment, race, train
from engine.backprop import Replay
from engine.training import batches, load, targets
from engine.training.augmentation import shifted

DIGITS = Experiment(data="digits", samples=60, arch=(6,), steps=12, batch=16, shift=2, input_noise=0.1)


def stream_of(experiment):
    data = load(experiment)
    x, y = data.x[:, data.train], targets(experiment, data)[:, data.train]
    return batches(experiment, x, y, np.dtype(np.float64), data.image), x


def test_an_image_is_moved_whole_and_black_comes_in():
    images = np.arange(1.0, 13).reshape(12, 1).repeat(900, axis=1)
    moved = shifted(images, (3, 4), 1, np.random.default_rng(0)).T.reshape(-1, 3, 4)
    whole, seen = np.pad(images[:, 0].reshape(3, 4), 1), set()
    for image in moved:
        places = [(i, j) for i, j in np.ndindex(3, 3) if np.array_equal(image, whole[i : i + 3, j : j + 4])]
        assert len(places) == 1
        seen.update(places)
    assert len(seen) == 9
    counts = [sum(np.array_equal(image, whole[i : i + 3, j : j + 4]) for image in moved) for i, j in np.ndindex(3, 3)]
    assert min(counts) > 60  # 100 expected, standard deviation 9.4


def test_noise_has_its_deviation_and_is_drawn_anew_in_each_step():
    stream, x = stream_of(Experiment(samples=2000, input_noise=0.3))
    noise = np.array([next(stream)[0] - x for _ in range(3)])
    assert noise.std() == pytest.approx(0.3, rel=0.05)
    assert abs(noise.mean()) < 0.02
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.06


@pytest.mark.parametrize("experiment", [DIGITS, DIGITS.replace(shift=0), DIGITS.replace(batch=0), Experiment(
    samples=40, steps=12, input_noise=0.2, dropout=0.1
)])  # fmt: skip
def test_a_run_can_be_had_again_step_by_step(experiment):
    run = train(experiment, frames=13)
    again = Replay(experiment, run.data, run.network)
    for step in range(13):
        assert np.array_equal(again.advance(step).gradient, run.gradients[step])
    assert np.array_equal(train(experiment).loss, run.loss)
    assert np.array_equal(race([experiment])[0].params, train(experiment).params)
    assert not np.array_equal(run.loss, train(experiment.replace(seed=1, dseed=0)).loss)


def test_what_is_tested_and_shown_are_the_samples_themselves():
    run, plain = train(DIGITS), train(DIGITS.replace(shift=0, input_noise=0.0))
    assert np.array_equal(run.data.x, plain.data.x)
    assert run.test_loss[0] == plain.test_loss[0]
    assert run.loss[0] != plain.loss[0]


def test_moving_what_is_no_image_changes_nothing_and_is_said():
    assert Experiment(shift=2).ignored == ("shift: `2` is ignored: it is for images",)
    plain = {"samples": 40, "steps": 4}
    assert np.array_equal(train(Experiment(**plain, shift=2)).params, train(Experiment(**plain)).params)


def test_single_precision_stays_single():
    assert train(DIGITS, dtype=np.float32).params.dtype == np.float32
