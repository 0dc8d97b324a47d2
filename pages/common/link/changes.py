"""Controls that the app changes itself: the learning rate along with the optimizer, the loss along with the data.

The browser sends the values of all its widgets with every change. If a person goes on so fast, or the network is so
slow, that the browser has not learned of the app's change by then, it sends the old value back, and the change would
be lost, or even be taken for the person's own. So changes are counted, and a widget that nobody sees holds the number
of the last one: what the browser sends of it says which changes it knows. Until it knows all, they are repeated, and an
old value that comes back is no news; any other value is the person's.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

import streamlit as st

from engine.experiment import KEYS

USUAL_BEFORE = "changes_usual"  #: key -> what was usual in the last run, for settings that follow the data
_PENDING = "changes_pending"  #: key -> (new value, values that the browser may still send)
_COUNT = "changes_count"  #: how many changes there were
_KNOWN = "changes_known"  #: the widget: how many of them the browser knows
_SENT = "changes_sent"  #: whether this run has told the browser how many there were
_PLACE = "changes"
_HIDDEN = f"<style>[data-testid='stLayoutWrapper']:has(> .st-key-{_PLACE}) {{ display: none; }}</style>"


def begin(values: Mapping[str, Any]) -> None:
    """Give widgets that have never been drawn the values to begin with, by their keys."""
    for key, value in values.items():
        st.session_state.setdefault(key, value)


def change(values: Mapping[str, Any]) -> None:
    """Set widgets by their keys; from a callback, or before they are drawn."""
    pending = dict(_pending())
    for key, value in values.items():
        _, before = pending.get(key, (None, ()))
        pending[key] = (value, (*before, st.session_state.get(key)))
        st.session_state[key] = value
    st.session_state[_PENDING], st.session_state[_COUNT] = pending, st.session_state.get(_COUNT, 0) + 1


def change_state(values: Mapping[str, Any]) -> None:
    """Set widgets as `change`, to a state that stands as it is: nothing usual comes along with data that it brings."""
    change(values)
    st.session_state.pop(USUAL_BEFORE, None)


def repeat() -> None:
    """Before the widgets are drawn: set again what may not have arrived."""
    for key, (value, _) in _pending().items():
        st.session_state[key] = value


def send() -> None:
    """After the sidebar is drawn: the browser learns of all changes so far with the number of the last one.

    But not before it has all of them: where some are of the page, which comes after the sidebar, `send_rest` tells it.
    """
    st.session_state[_SENT] = set(_pending()) <= set(KEYS)
    if st.session_state[_SENT]:
        _send_number()


def send_rest() -> None:
    """After the page is drawn: the same, where the sidebar could not tell."""
    if not st.session_state[_SENT]:
        _send_number()


def end_page() -> NoReturn:
    """End a page early, where there is nothing more to draw: it tells what it has, as one that comes to its end."""
    send_rest()
    st.stop()


def all_known() -> bool:
    """Whether the browser has learned of all changes: until then, what it says of the address may be of before."""
    return not _pending()


def _send_number() -> None:
    st.session_state[_KNOWN] = st.session_state.get(_COUNT, 0)
    with st.sidebar, st.container(key=_PLACE):
        st.html(_HIDDEN)
        st.number_input("Changes known", key=_KNOWN, min_value=0, step=1)


def touched(key: str) -> bool:
    """Whether a widget that reports a change was really touched, in its callback; else the change is taken back."""
    pending = _pending()
    value, before = pending.get(key, (None, ()))
    if st.session_state[key] in before:
        st.session_state[key] = value
        return False
    pending.pop(key, None)
    return True


def _pending() -> dict[str, tuple[Any, tuple[Any, ...]]]:
    known = st.session_state.get(_KNOWN, 0) >= st.session_state.get(_COUNT, 0)
    return {} if known else st.session_state.get(_PENDING, {})
