"""What the app changes survives a browser that has not learned of it yet, and never overrules a person."""

from unittest.mock import MagicMock

import pytest

from pages.common.link import changes


@pytest.fixture
def state(monkeypatch):
    """The session's state as a dictionary, whose browser has been sent nothing yet."""
    values = {"optimizer": "adam", "lr": 0.03}
    monkeypatch.setattr(changes, "st", MagicMock(session_state=values))
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


def test_when_the_browser_knows_the_person_may_go_back_to_the_old_value(state):
    changes.change({"lr": 0.5})
    changes.send()
    assert report(state, "lr", 0.03)
    changes.repeat()
    assert state["lr"] == 0.03


def test_a_browser_that_still_says_an_older_number_does_not_know_however_late_it_is(state):
    changes.change({"lr": 0.5})
    changes.send()
    changes.change({"lr": 0.1})
    changes.send()
    state["changes_known"] = 1  # with what a person has done before the second one arrived
    assert not report(state, "lr", 0.5)
    assert state["lr"] == 0.1


def test_without_any_change_every_value_is_the_persons(state):
    assert report(state, "optimizer", "sgd")
    changes.repeat()
    assert state["optimizer"] == "sgd"


def test_what_the_page_has_yet_to_draw_is_told_after_it_alone(state):
    """A browser that knows the sidebar may still send the old value of what comes after it, and an older address."""
    changes.change({"probe": "0.5, -0.3", "lr": 0.5})
    changes.send()
    assert not changes.all_known()
    assert not report(state, "lr", 0.03)
    changes.send_rest()
    assert changes.all_known()
    assert report(state, "probe", "1, 1")
