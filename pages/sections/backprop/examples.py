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
from pages.common.link.link import put
from pages.common.settings import Settings, chosen
from pages.sections.backprop.replayed import undo

RUN, _BEFORE = "run", "worked_before"
START = {"step": 0, "sample": 1, "weight": "W1[1,1]", "path": 1}  #: where an example opens


def choose_example(settings: Settings) -> tuple[Example | None, Dataset, str]:
    """Show the choice; return the example, None for the run of the sidebar, the data, and a note on a bad link."""
    linked, note = st.query_params.get("example", RUN), ""
    asked = st.session_state.get("example", linked)
    refused = asked != RUN and (asked not in EXAMPLES or settings.experiment.data != DATA)
    if refused:
        if "example" not in st.session_state:
            st.query_params.pop("example", None)
            note = f"example: {asked[:20]!r} is no worked example, or its settings are not in the link"
        st.session_state.example = RUN
    name = st.segmented_control(
        "Network",
        [RUN, *EXAMPLES],
        default=RUN,
        required=True,
        key="example",
        bind="query-params",
        help="The run of the sidebar, or a worked example with given weights, x = (1, 2) and y = (3, 4).",
        on_change=_opened,
    )
    example = None if refused else EXAMPLES.get(name)  # a link counts more than the session in its first run
    if example:
        return example, example.data, note
    return None, load(settings.experiment) if settings.data is None else settings.data, note


def rectified(example: Example | None, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """The edits as the network reads them: typed inputs of an example that has a ReLU on its inputs pass it."""
    if example is None or example.floor is None:
        return edits
    return tuple(edit._replace(value=max(edit.value, example.floor)) if edit.part == "x" else edit for edit in edits)


def _opened() -> None:
    name = st.session_state.example
    if name == RUN:
        put(st.session_state.pop(_BEFORE, Experiment()))
    else:
        st.session_state.setdefault(_BEFORE, chosen().experiment)
        put(EXAMPLES[name].experiment)
    undo()
    st.session_state.update(START)
