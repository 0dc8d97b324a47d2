"""Controls that the app changes itself: the learning rate along with the optimizer, the loss along with the data.

The browser sends the values of all its widgets with every change. If a person goes on so fast that a run is cut
short before the browser has learned of the app's change, it sends the old value back, and the change would be lost,
or even be taken for the person's own. So a change is repeated until a run has come to its end or the browser has had
time to learn of it; an old value that comes back before then is no news, any other value is the person's.
"""

import math
from collections.abc import Mapping
from time import monotonic
from typing import Any

import streamlit as st

USUAL_BEFORE = "changes_usual"  #: key -> what was usual in the last run, for settings that follow the data
GRACE = 1.0  #: seconds that the browser has to learn of a change
_PENDING = "changes_pending"  #: key -> (new value, values that the browser may still send)
_SENT = "changes_sent"  #: when the widgets were drawn with them


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
    st.session_state[_PENDING], st.session_state[_SENT] = pending, math.inf


def change_state(values: Mapping[str, Any]) -> None:
    """Set widgets as `change`, to a state that stands as it is: nothing usual comes along with data that it brings."""
    change(values)
    st.session_state.pop(USUAL_BEFORE, None)


def repeat() -> None:
    """Before the widgets are drawn: set again what may not have arrived."""
    for key, (value, _) in _pending().items():
        st.session_state[key] = value


def sent() -> None:
    """After the widgets are drawn: from now on the changes are on their way."""
    if st.session_state.get(_SENT) == math.inf:
        st.session_state[_SENT] = monotonic()


def arrived() -> None:
    """At the end of a run: the browser knows of everything."""
    st.session_state[_PENDING] = {}


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
    late = monotonic() > st.session_state.get(_SENT, math.inf) + GRACE
    return {} if late else st.session_state.get(_PENDING, {})
