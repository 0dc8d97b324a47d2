"""Several settings changed by one press, a preset or a task: said in one line, and taken back by one press.

The line stays as long as the settings of the run are those that were put there.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import streamlit as st

from engine.experiment import SETTINGS
from pages.common.link.changes import change_state
from pages.common.link.controls import in_words
from pages.common.text import listed

_DONE = "undo_done"


class Done(NamedTuple):
    """What pressed, and the values of controls by their keys, before and after."""

    what: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def change_at_once(what: str, values: Mapping[str, Any]) -> None:
    """Set controls by their keys, in a callback; `what` is what was pressed, as people call it."""
    before = {key: st.session_state[key] for key in values if key in st.session_state}
    change_state(values)
    st.session_state[_DONE] = Done(what, before, dict(values))


def done() -> str:
    """What was set of a run that it had otherwise, in a sentence; empty where nothing was, or someone has gone on."""
    last, here = st.session_state.get(_DONE), st.session_state
    of_run = {} if last is None else {key: value for key, value in last.after.items() if key in SETTINGS}
    changed = {key: value for key, value in of_run.items() if last.before.get(key, value) != value}
    if not changed or any(here[key] != value for key, value in of_run.items()):
        return ""
    told = [f"{SETTINGS[key].label} to {in_words(SETTINGS[key], value)}" for key, value in changed.items()]
    return f"{last.what} has set {listed(told)}"


def undo() -> None:
    """Put everything back as it was before, in a callback; a second press before the page is drawn does nothing."""
    last = st.session_state.pop(_DONE, None)
    if last is not None:
        change_state(last.before)
