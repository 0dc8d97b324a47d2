"""The worked examples of the lab, each a click: a choice between them and the run of the sidebar.

An example brings its settings into the sidebar, where they can be changed as anywhere else, and its data and first
weights along. Another data set in the sidebar leaves it; going back to the run brings back the settings of before.
"""

import streamlit as st

from engine.backprop import EXAMPLES, Edit, Example
from engine.backprop.worked_examples import DATA
from engine.datasets import Dataset
from engine.experiment import Experiment
from engine.training import load
from pages.common.link.changes import change, touched
from pages.common.link.controls import control
from pages.common.link.link import put
from pages.common.link.page_settings import held
from pages.common.settings import Settings, chosen
from pages.sections.backprop.replayed import undo
from pages.sections.backprop.settings import RUN, SETTINGS, START

_BEFORE = "worked_before"


def choose_example(settings: Settings) -> tuple[Example | None, Dataset]:
    """Show the choice; return the example, None for the run of the sidebar, and the data."""
    values, _ = held([SETTINGS["example"]])
    if values["example"] != RUN and settings.experiment.data != DATA:
        change({"example": RUN})
    example = EXAMPLES.get(control(SETTINGS["example"], on_change=_opened))
    if example:
        return example, example.data
    return None, load(settings.experiment) if settings.data is None else settings.data


def rectified(example: Example | None, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """The edits as the network reads them: typed inputs of an example that has a ReLU on its inputs pass it."""
    if example is None or example.floor is None:
        return edits
    return tuple(edit._replace(value=max(edit.value, example.floor)) if edit.part == "x" else edit for edit in edits)


def _opened(key: str) -> None:
    if not touched(key):
        return
    name = st.session_state[key]
    if name == RUN:
        put(st.session_state.pop(_BEFORE, Experiment()))
    else:
        st.session_state.setdefault(_BEFORE, chosen().experiment)
        put(EXAMPLES[name].experiment)
    undo()
    change(START)
