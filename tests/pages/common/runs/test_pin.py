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
    "study": (None, {"stview": "answers"}),
}
#: Where curves of both are drawn over the steps: the name of the chart.
CURVES = {
    "train": ("history", {}),
    "loss_surface": ("gap", {}),
    "backprop": ("losses", {}),
    "optimizers": ("race-loss", {"track": "network", "racers": "sgd", "fair": "same"}),
    "depth": ("loss", {"dview": "training", "depth": "3", "width": "8"}),
    "convolution": ("history", {"cvdata": "8x8", "cvmost": "100", "cvblocks": "4k3p", "cvepochs": "2"}),
}
#: Where a pinned run has no place, it is said where it has.
ELSEWHERE = {
    "optimizers": ("on the track “The network”", {}),
    "depth": ("in the view Training", {"dview": "jacobian", "depth": "3", "width": "8"}),
    "backprop": ("nothing beside this one", {"arch": "3"}),
    "convolution": (
        "has no place here",
        {"cvdata": "8x8", "cvmost": "210", "cvbatch": "1", "cvepochs": "100", "cvblocks": "1k3p", "cvdense": "2"}
        | {"test": "0.9", "pin": "v:1~test:0"},
    ),
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
    assert [button.label for button in session.button if button.key == "pin_button"] == ["Pin as A"]
    assert not any("Loss at the end" in text.value for text in session.caption)


@pytest.mark.parametrize(("page", "name", "link"), [(page, *more) for page, more in CURVES.items()], ids=list(CURVES))
def test_the_loss_of_both_is_drawn_where_losses_are(app, charts, given_stages, page, name, link):
    session = app(B | {"pin": "v:1~lr:0.01~optimizer:sgd~arch:8-8"} | link, page)
    names = [chart["name"] for stage in given_stages(session) for chart in stage["charts"]]
    said = [trace.get("hovertemplate", "") for trace in charts(session)[names.index(name)]["data"]]
    of_a = [text for text in said if text.startswith("A") or "<br>A " in text]
    assert of_a
    assert len(said) > len(of_a)


@pytest.mark.parametrize(("page", "words", "link"), [(page, *more) for page, more in ELSEWHERE.items()])
def test_where_a_pinned_run_has_no_place_that_is_said(app, captions, page, words, link):
    assert any(words in text for text in captions(app(B | {"pin": "v:1~lr:0.01~arch:4"} | link, page)))


@pytest.mark.parametrize("page", ["train", "backprop", "depth"])
def test_a_pinned_run_on_a_table_that_is_not_there_is_named_and_the_page_is_that_of_the_present_run(app, charts, page):
    session = app(B | {"pin": "v:1~data:csv", "dview": "training", "depth": "3", "width": "8"}, page)
    assert charts(session)
    assert [one for one in session.warning if "its data are a table of your own" in one.value]
    assert session.query_params["pin"] == "v:1~data:csv"


def test_on_images_of_the_page_a_pinned_run_needs_no_table_and_elsewhere_it_waits_for_it(app, charts):
    pin, (_, own) = {"pin": "v:1~data:csv~optimizer:sgd"}, CURVES["convolution"]
    session = app(B | pin | own, "convolution")
    names = [trace.get("name") for chart in charts(session) for trace in chart["data"]]
    assert "A" in names
    assert not session.warning
    session.switch_page("pages/train.py").run()
    assert [one for one in session.warning if "its data are a table of your own" in one.value]
    assert "data:csv" in session.query_params["pin"]


def test_on_backprop_both_stand_at_the_same_step_on_the_same_weight(app, metrics):
    session = app(B | PINNED | {"step": "3", "sample": "0"}, "backprop")
    runs = [train(Experiment.from_params(B | lr)) for lr in ({}, {"lr": "0.01"})]
    b, a = (number(run.network.layout.view(run.params[4], "W1")[0, 0]) for run in runs)
    assert metrics(session)["W1[1,1]"] == f"{b} (A {a})"


def test_numbers_of_a_are_those_of_the_same_step_or_of_its_last():
    frames = np.array([0, 2, 4])
    both = beside({"x": ["p", "q", "r"], "y": ["1", "2", "3"]}, [0, 3, 9], {"x": ["a", "b", "c"]}, frames)
    assert both == {"x": ["p (A a)", "q (A b)", "r (A c)"], "y": ["1", "2", "3"]}
