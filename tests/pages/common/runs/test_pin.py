"""A, the pinned run, stands beside B on every page that shows a run of the sidebar, and the link holds both."""

from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from engine import Experiment, train
from pages.common.runs.pin import beside
from pages.common.text import number

B = {"steps": "40", "samples": "60", "lr": "0.1"}
PINNED = {"pin": "v:1~lr:0.01"}
PAGES = {
    "train": ("Loss, train", {}),
    "layers": ("Loss, train", {}),
    "loss_surface": ("Loss", {}),
    "backprop": (None, {}),
    "optimizers": (None, {"track": "network", "racers": "sgd", "fair": "same"}),
}


@pytest.fixture(scope="module")
def losses():
    return [train(Experiment.from_params(B | lr)).train_loss for lr in ({"lr": "0.01"}, {})]


@pytest.mark.parametrize(("page", "title", "link"), [(page, *more) for page, more in PAGES.items()], ids=list(PAGES))
def test_the_loss_of_the_pinned_run_stands_beside_that_of_the_present_one(app, metrics, losses, page, title, link):
    session = app(B | PINNED | link, page)
    a, b = (number(loss[-1]) for loss in losses)
    said = [text.value.replace("\\", "") for text in session.caption]
    if title:
        assert metrics(session)[title] == f"{b} (A {a})"
    else:
        assert any(f"Loss at the end: A {a} (test" in text and f"B {b} (test" in text for text in said)
    shared = parse_qs(urlsplit(session.code[0].value).query)
    assert shared["pin"] == ["v:1~lr:0.01"]
    assert shared["lr"] == ["0.1"]


@pytest.mark.parametrize("page", PAGES)
def test_without_a_pinned_run_there_is_one_press_to_pin_it(app, page):
    session = app(B | PAGES[page][1], page)
    assert [button.label for button in session.button if button.key == "pin_set"] == ["Pin as A"]
    assert not any("Loss at the end" in text.value for text in session.caption)


def test_numbers_of_a_are_those_of_the_same_step_or_of_its_last():
    frames = np.array([0, 2, 4])
    both = beside({"x": ["p", "q", "r"], "y": ["1", "2", "3"]}, [0, 3, 9], {"x": ["a", "b", "c"]}, frames)
    assert both == {"x": ["p (A a)", "q (A b)", "r (A c)"], "y": ["1", "2", "3"]}
