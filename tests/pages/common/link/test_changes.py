"""What the app changes survives a browser that has not learned of it yet, and never overrules a person."""

from types import SimpleNamespace

import pytest

from pages.common.link import changes


@pytest.fixture
def state(monkeypatch):
    """The session's state as a dictionary, and a clock that stands."""
    values = {"optimizer": "adam", "lr": 0.03}
    monkeypatch.setattr(changes, "st", SimpleNamespace(session_state=values))
    monkeypatch.setattr(changes, "monotonic", lambda: 100.0)
    return values


def report(state, key, value):
    """The browser sends a value that differs from the server's: the widget's callback runs."""
    state[key] = value
    return changes.touched(key)


def test_an_old_value_that_comes_back_is_no_news(state):
    changes.change({"lr": 0.5})
    assert not report(state, "lr", 0.03)
    assert state["lr"] == 0.5


def test_a_change_is_repeated_for_a_widget_without_a_callback(state):
    changes.change({"lr": 0.5})
    state["lr"] = 0.03
    changes.repeat()
    assert state["lr"] == 0.5


def test_every_earlier_value_may_come_back(state):
    changes.change({"lr": 0.5})
    changes.change({"lr": 0.1})
    assert not report(state, "lr", 0.03)
    assert not report(state, "lr", 0.5)
    assert state["lr"] == 0.1


def test_another_value_is_the_persons_and_stays(state):
    changes.change({"lr": 0.5})
    assert report(state, "lr", 0.2)
    changes.repeat()
    assert state["lr"] == 0.2


def test_after_a_complete_run_the_person_may_go_back_to_the_old_value(state):
    changes.change({"lr": 0.5})
    changes.sent()
    changes.arrived()
    assert report(state, "lr", 0.03)
    changes.repeat()
    assert state["lr"] == 0.03


@pytest.mark.parametrize(("seconds", "news"), [(0.2, False), (1.5, True)])
def test_during_a_long_run_the_browser_has_a_moment_to_learn(state, monkeypatch, seconds, news):
    changes.change({"lr": 0.5})
    changes.sent()
    monkeypatch.setattr(changes, "monotonic", lambda: 100.0 + seconds)
    assert report(state, "lr", 0.03) is news


def test_without_any_change_every_value_is_the_persons(state):
    assert report(state, "optimizer", "sgd")
    changes.repeat()
    assert state["optimizer"] == "sgd"
