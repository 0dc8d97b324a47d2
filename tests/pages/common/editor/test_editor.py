"""The network and the data in the hand: what the components are given, and what becomes of an edit."""

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

from engine import train
from engine.datasets import DATASETS, load
from engine.experiment import SETTINGS, Experiment
from pages.common import theme
from pages.common.editor import canvas, component, network, pictures

SMALL = {"steps": "5", "samples": "40"}
DOT = re.compile(r"M([\d.]+) ([\d.]+)h0")


def given(session, name):
    """What a component of the sidebar was given."""
    protos = [element.proto for element in session.get("bidi_component")]
    (proto,) = (one for one in protos if one.component_name == f"descent_lab_{name}")
    return json.loads(proto.json)


@pytest.fixture
def state(monkeypatch):
    """What the components change, in place of a session."""
    values = {}
    for module in (canvas, network, pictures):
        monkeypatch.setattr(module, "change", values.update)
    return values


def test_the_editor_is_given_the_network_and_its_limits(app):
    shown = given(app(SMALL | {"arch": "8-3", "act": "relu-sin"}), "network")
    assert (shown["widths"], shown["acts"]) == ([8, 3], ["relu", "sin"])
    assert (shown["low"], shown["high"], shown["most"]) == (1, 512, 100)
    assert [name for name, _ in shown["activations"]] == list(SETTINGS["act"].options)


def test_an_edit_is_the_settings_as_the_link_writes_them(state):
    network._edited({"widths": [8, 3], "acts": ["relu", "sin"]})
    assert state == {"arch": "8-3", "act": "relu-sin"}
    network._edited({"widths": [], "acts": ["tanh"]})
    assert state == {"arch": "none", "act": "tanh"}


@pytest.mark.parametrize(
    "news", [{"widths": [0], "acts": ["tanh"]}, {"widths": [8] * 101, "acts": ["tanh"]}, {"widths": [8], "acts": ["x"]}]
)
def test_what_no_component_sends_is_not_taken(state, news):
    with pytest.raises(ValueError, match="must"):
        network._edited(news)
    assert not state


def test_a_component_is_told_the_number_of_the_last_edit_that_was_heard(monkeypatch):
    told, heard = [], []
    state = {}
    monkeypatch.setattr(component, "st", SimpleNamespace(session_state=state))

    def shown(key, data, on_edited_change):
        told.append(data["heard"])
        state[key] = SimpleNamespace(edited={"number": told[-1] + 3, "chosen": "xor"})
        on_edited_change()

    for _ in range(3):
        component.mount(shown, "pictures", {"chosen": "circle"}, heard.append)
    assert told == [0, 3, 6]
    assert [news["chosen"] for news in heard] == ["xor"] * 3


@pytest.mark.parametrize(
    "name", [name for name, spec in DATASETS.items() if spec.draw or name in ("and_gate", "squares")]
)
def test_a_picture_shows_the_points_of_the_engine(name):
    """Each dot is where its point lies in the domain, up to rounding, and in the colour of its class."""
    spec = DATASETS[name]
    data = load(name, samples=pictures.POINTS, noise=pictures.NOISE, test=0)
    dots = np.array([[float(x), float(y)] for x, y in DOT.findall(pictures.picture(spec))])
    low, high = spec.domain[0]
    inner = pictures.SIDE - 2 * pictures.MARGIN
    x = pictures.MARGIN + inner * np.clip((data.points[0] - low) / (high - low), 0, 1)
    assert {*np.round(dots[:, 0], 1)} == {*np.round(x, 1)}
    assert dots.min() >= pictures.MARGIN
    assert dots.max() <= pictures.SIDE - pictures.MARGIN
    if data.labels is not None:
        paths = re.findall(r'd="([^"]*)" stroke="([^"]*)"', pictures.picture(spec))
        assert [color for _, color in paths] == theme.class_colors(len(data.class_names))
        assert [len(DOT.findall(path)) for path, _ in paths] == np.bincount(data.labels).tolist()


def test_every_data_set_has_a_picture_and_its_name():
    tiles = [pictures._tile(spec) for spec in DATASETS.values()]
    assert len(set(tiles)) == len(DATASETS)
    for spec, tile in zip(DATASETS.values(), tiles, strict=True):
        assert f'value="{spec.name}"' in tile
        assert f"<span>{spec.title}</span>" in tile
        assert "<path" in tile


def test_a_chosen_picture_is_the_data_set(state):
    pictures._chosen({"chosen": "moons"})
    assert state == {"data": "moons"}
    with pytest.raises(ValueError, match="one of"):
        pictures._chosen({"chosen": "cats"})


def test_the_canvas_is_shown_beside_points_of_ones_own_alone(app):
    shown = given(app(SMALL | {"data": "drawn", "points": "a1.5_-2b0_3c1_1"}), "canvas")
    assert shown["points"] == [[0, 1.5, -2], [1, 0, 3], [2, 1, 1]]
    assert shown["most"] == 60
    assert not [one for one in app(SMALL).get("bidi_component") if one.proto.component_name.endswith("canvas")]


def test_drawn_points_are_written_as_the_link_has_them(state):
    canvas._drawn({"points": [[0, 1.5, -2], [2, 0, 3]]})
    assert state == {"points": "a1.5_-2c0_3"}
    for points in ([[0, 7, 0]], [[0, 0, 0]] * 61):
        with pytest.raises(ValueError, match="must"):
            canvas._drawn({"points": points})
    assert state == {"points": "a1.5_-2c0_3"}


def test_new_weights_keep_the_data_and_new_data_the_weights(app, experiment):
    session = app(SMALL | {"seed": "4"})
    before = experiment(session)
    session.button(key="fresh_Network").click().run()
    fresh = experiment(session)
    assert np.array_equal(train(fresh).data.points, train(before).data.points)
    assert not np.array_equal(train(fresh).params[0], train(before).params[0])
    session.button(key="fresh_Data").click().run()
    other = experiment(session)
    assert not np.array_equal(train(other).data.points, train(fresh).data.points)
    assert np.array_equal(train(other).params[0], train(fresh).params[0])
    assert Experiment.from_params(session.query_params | {"steps": "5"}) == other


def test_what_is_given_is_not_drawn_anew(app):
    keys = [button.key for button in app(SMALL | {"data": "and_gate", "samples": "4"}).button]
    assert "fresh_Network" in keys
    assert "fresh_Data" not in keys
