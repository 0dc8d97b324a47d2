"""The Train page: where the player rests, every step near it is a frame of every chart, and the engine's."""

import numpy as np
import pytest

from engine import Experiment, train
from pages.common.text import number

PAGE = "train"
LINK = {"steps": "300", "samples": "60"}


@pytest.fixture(scope="module")
def whole():
    return train(Experiment.from_params(LINK), frames=301)


def test_without_a_rest_the_frames_are_the_key_frames(opened, charts):
    session = opened(LINK)
    steps = [int(frame["name"]) for frame in charts(session)[3]["frames"]]
    assert steps == train(Experiment.from_params(LINK)).frames.tolist()


def test_near_the_rest_every_step_is_a_frame_with_the_numbers_of_that_step(opened, charts, array, metrics, whole):
    session = opened(LINK | {"at": "100"})
    for chart in charts(session):
        assert set(range(92, 109)) <= {int(frame["name"]) for frame in chart["frames"]}
    frames = {int(frame["name"]): frame for frame in charts(session)[2]["frames"]}
    for step in (97, 100, 101):
        assert np.allclose(array(frames[step]["data"][1]["y"]), whole.gradient_norm[step], rtol=1e-6)
    assert metrics(session)["Loss, train"] == number(whole.train_loss[-1])


def test_a_step_in_the_link_beyond_the_run_is_the_last(opened, charts):
    steps = [int(frame["name"]) for frame in charts(opened(LINK | {"at": "1000"}))[3]["frames"]]
    assert steps[-1] == 300
