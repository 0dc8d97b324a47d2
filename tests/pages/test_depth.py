"""The Depth page: its numbers are the engine's, its link restores it, and no setting breaks it."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from engine import Experiment, train
from engine.activations import ACTIVATIONS
from engine.depth import PRESETS, REPAIRS, TASKS, Deep, growth, measure, predict
from engine.depth.signals import noise
from engine.training import load, targets
from pages.common.text import number
from pages.figures.depth.profile import passes
from pages.sections.depth.settings import NAMES, VIEWS
from pages.sections.depth.start import SAMPLES

PAGE = "depth"
SMALL = {"depth": "4", "width": "8", "steps": "12", "samples": "40"}


def test_the_first_screen_is_the_vanishing_network_beside_its_repair(opened, charts, metrics):
    session = opened()
    deep = PRESETS["vanishing"].deep
    x = noise(64, 32, 0)
    values = metrics(session)
    assert values["First / last"] == number(measure(deep, x).ratio, 3)
    assert values["By theory"] == number(predict(deep, x).ratio, 3)
    assert values["First / last, with the remedy"] == number(measure(REPAIRS["relu"](deep), x).ratio, 3)
    assert values["Growth χ"] == number(growth(deep))
    assert len(charts(session)) == 4
    assert any(REPAIRS["relu"].title in caption.value for caption in session.caption)


def test_every_chart_has_the_frames_of_the_player(opened, charts):
    steps, _ = passes(20)
    assert steps == list(range(1, 41))
    forward, back, units, deltas = (
        [int(frame["name"]) for frame in chart["frames"]] for chart in charts(opened({"depth": "20"}))
    )
    assert forward == units == steps[:20]
    assert back == deltas == [1, *steps[20:]]
    assert len(passes(100)[0]) == 120


@pytest.fixture(scope="module")
def session(opened):
    """One session for tests that only change settings."""
    return opened(SMALL)


def change(session, **settings):
    for key, value in settings.items():
        session.session_state[key] = value
    session.run()
    assert not session.exception
    return session


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_draws_with_every_kind_of_network(charts, session, view):
    for more in (
        {"fix": "relu", "phi": "sigmoid", "dnorm": "none", "dres": "none", "dinput": "noise"},
        {"fix": "none", "phi": "gelu"},
        {"dnorm": "batch", "dres": "gated", "dinput": "data"},
    ):
        assert len(charts(change(session, dview=view, **more))) in (2, 3, 4)
        assert not session.warning


@pytest.mark.parametrize("name", PRESETS)
def test_presets_fill_the_page(session, name):
    session.button(key=f"preset_{name}").click().run()
    assert not session.exception
    for field, key in NAMES.items():
        assert session.session_state[key] == getattr(PRESETS[name].deep, field) or field == "weight_variance"
    assert session.session_state.fix == PRESETS[name].repair


@pytest.mark.parametrize("fix", REPAIRS)
def test_every_remedy_can_be_compared(opened, fix, metrics):
    values = metrics(opened(SMALL | {"fix": fix, "dview": "signals"}))
    deep = replace(PRESETS["vanishing"].deep, depth=4, width=8)
    repaired = REPAIRS[fix](deep)
    ratio = measure(repaired, noise(8, SAMPLES[repaired.norm], 0)).ratio
    assert values["First / last, with the remedy"] == number(ratio, 3)


@pytest.mark.parametrize("phi", ACTIVATIONS)
def test_every_activation_draws_at_the_smallest_and_at_great_depth(charts, session, phi):
    for depth in (1, 60):
        change(session, depth=depth, width=4, phi=phi, fix="none", dview="signals")
        assert len(charts(session)) == 4


def test_a_task_is_decided_by_what_is_measured(opened):
    session = opened(SMALL)
    session.button(key="task_tame").click().run()
    assert TASKS["tame"].title in session.info[0].value
    session.number_input(key="sw2").set_value(1.2).run()
    assert "Solved" in session.success[0].value
    session.selectbox(key="phi").set_value("linear").run()
    assert "has to stay" in session.info[0].value


def test_weights_by_name_and_by_hand_follow_each_other(opened):
    session = opened({**SMALL, "draw": "he"})
    assert session.number_input(key="sw2").value == 2.0
    session.number_input(key="sw2").set_value(1.7).run()
    assert session.selectbox(key="draw").value == "variances"
    assert session.number_input(key="sw2").value == 1.7


def test_the_training_view_is_the_engines_run(opened, metrics):
    session = opened({**SMALL, "dview": "training", "phi": "tanh", "sb2": "0.1", "fix": "clipping", "optimizer": "sgd"})
    deep = Deep(depth=4, width=8, activation="tanh", bias_variance=0.1)
    experiment = Experiment(steps=12, samples=40, optimizer="sgd", batch=30)
    data = load(experiment)
    network = deep.network(2, targets(experiment, data).shape[0], experiment)
    run = train(experiment.replace(**deep.settings()), data=data, network=network, frames=2, dtype=np.float32)
    assert metrics(session)["Loss, this network"] == number(run.loss[-1])


def test_in_training_the_number_over_the_charts_and_the_sentence_say_one_ratio(opened, metrics, given_stages):
    session = opened({**SMALL, "dview": "training", "phi": "tanh", "optimizer": "sgd"})
    experiment = Experiment(steps=12, samples=40, optimizer="sgd", batch=30)
    deep, data = Deep(depth=4, width=8, activation="tanh"), load(experiment)
    network = deep.network(2, targets(experiment, data).shape[0], experiment)
    run = train(experiment.replace(**deep.settings()), data=data, network=network, dtype=np.float32)
    first, last = (np.linalg.norm(network.layout.view(run.gradients[-1], name)) for name in ("W1", "W4"))
    assert metrics(session)["First / last, this network"] == number(first / last, 3)
    said = f"Gradient of layer 1 is {number(first / last, 2)} of the last hidden layer's"
    assert said in given_stages(session)[0]["findings"][-1]


def test_in_training_there_is_no_ratio_where_the_last_hidden_layer_has_no_gradient(opened, metrics):
    session = opened({**SMALL, "dview": "training", "phi": "relu", "sw2": "0", "fix": "none"})
    assert metrics(session)["First / last, this network"] == "–"


def test_the_network_can_be_handed_to_the_sidebar(opened, experiment):
    session = opened({**SMALL, "phi": "relu", "draw": "he", "fix": "residual-scaled"})
    session.button(key="hand_over_with").click().run()
    taken = experiment(session)
    assert (taken.arch, taken.act, taken.init, taken.residual) == ((8,) * 4, ("relu",), "he", "scaled")
    assert taken.steps == 12


LINK = {
    "depth": "7", "width": "12", "phi": "tanh", "draw": "variances", "sw2": "1.5", "sb2": "0.2", "b0": "0.1",
    "dnorm": "layer", "dres": "plain", "dclip": "2.0", "dinput": "data", "fix": "batch-norm", "dview": "signals",
    "dtask": "tame", "radius": "1.1", "data": "moons",
}  # fmt: skip


def test_the_shared_link_restores_the_page(opened, metrics):
    session = opened(LINK)
    shared = parse_qs(urlsplit(session.code[0].value).query)
    assert {key: shared[key][0] for key in LINK} == LINK
    other = opened({key: values[0] for key, values in shared.items()})
    assert metrics(other) == metrics(session)


@pytest.mark.parametrize(
    ("link", "taken"),
    [
        ({"depth": "4000"}, {"depth": 100}),
        ({"phi": "cats"}, {"phi": "sigmoid"}),
        ({"sw2": "nan"}, {"sw2": 1.0}),
        ({"sw2": "-1"}, {"sw2": 0.0}),
        ({"fix": "magic"}, {"fix": "relu"}),
    ],
)
def test_bad_links_open_nearby_and_say_so(opened, link, taken):
    session = opened({"width": "8", **link})
    assert next(iter(link)) in session.warning[0].value
    assert all(session.session_state[key] == value for key, value in taken.items())


def test_networks_that_are_too_large_are_refused_in_a_sentence(opened):
    session = opened({"depth": "100", "width": "256"})
    assert "at most" in session.warning[0].value


def test_the_largest_page_is_light_enough(opened, sent):
    session = opened({"depth": "100", "width": "32", "phi": "tanh", "fix": "residual-scaled"})
    assert sent(session) < 1_500_000


def test_what_a_preset_set_is_the_persons_again_on_a_page_that_ends_early(opened, monkeypatch):
    monkeypatch.setenv("DESCENT_LAB_SECONDS", "0.00001")  # the page is refused, and ends under its controls
    session = opened({"depth": "8"})
    session.button(key="preset_vanishing").click().run()
    depth = session.number_input(key="depth").value
    assert depth != 8
    assert session.number_input(key="depth").set_value(8).run().session_state["depth"] == 8


def test_a_preset_brings_all_of_plain_gradient_descent_along(opened, experiment):
    """AdamW's own weight decay is not left behind."""
    session = opened({**SMALL, "optimizer": "adamw", "decay": "0.3"})
    session.button(key="preset_vanishing").click().run()
    taken = experiment(session)
    assert (taken.optimizer, taken.lr, taken.decay) == ("sgd", 0.1, 0.0)


@pytest.mark.parametrize("view", ["signals", "training", "jacobian", "recurrence"])
def test_the_step_of_the_player_is_in_the_link(opened, view):
    session = opened({**SMALL, "dview": view, "at": "3"})
    assert parse_qs(urlsplit(session.code[0].value).query)["at"] == ["3"]


def test_a_named_draw_of_too_large_a_network_is_one_sentence(opened):
    session = opened({"depth": "100", "width": "256", "draw": "he"})
    assert "at most" in session.warning[0].value
