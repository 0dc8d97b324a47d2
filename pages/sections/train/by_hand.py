"""A weight or a bias typed over: the run starts from it in place of the number that was drawn, and the page says so.

What was typed stands in the setting `weights`, in the sidebar and the link like any other: `W1[1,2]:0.5`.
"""

import streamlit as st

from engine.experiment import Experiment
from engine.experiment.listed import Start, put_in
from engine.training import Recording
from pages.common.link.changes import begin, change
from pages.common.link.link import put_some
from pages.common.parameter_names import place_of
from pages.common.text import plain, short
from pages.sections.train.looked import Looked

MOST_NAMED = 4  #: numbers that the sentence names
LARGEST = 1e6


def start_field(recording: Recording, looked: Looked) -> None:
    """A field with the number from which the weight, or the bias of the unit, starts; typed over, it starts a run."""
    found = place_of(looked.parameter, recording.network.layout)
    if found is None:
        return
    part, place = found
    value = float(recording.params[0, recording.network.layout.indices(part)[place]])
    key = f"start_{looked.parameter}"
    begin({key: value})
    if st.session_state[key] != value:
        change({key: value})
    st.number_input(
        f"{looked.parameter} starts at",
        -LARGEST,
        LARGEST,
        key=key,
        step=0.1,
        format="%.4g",
        width=135,
        help="Type another number, and the network is trained from there: everything else starts as it did.",
        on_change=_typed,
        args=(key, part, place, recording.experiment.weights),
    )


def said(experiment: Experiment) -> str:
    """What starts by hand, in one sentence; empty where nothing does."""
    starts = experiment.weights
    if not starts:
        return ""
    told = [f"{start.name} {_values(start)}" for start in starts[:MOST_NAMED]]
    more = f" and {len(starts) - MOST_NAMED} more" if len(starts) > MOST_NAMED else ""
    return f"{', '.join(told)}{more} by hand, in place of what was drawn"


def start_line(experiment: Experiment) -> None:
    """The sentence, with the ways back: the last number, and all of them."""
    sentence = said(experiment)
    if not sentence:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/back_hand: {plain(sentence)}.", width="content")
        undo = {"type": "tertiary", "icon": ":material/undo:", "on_click": put_some}
        last = experiment.weights[-1].name
        st.button(f"Undo {last}", key="undo_start", args=({"weights": experiment.weights[:-1]},), **undo)
        if len(experiment.weights) > 1:
            st.button("Undo all", key="undo_starts", args=({"weights": ()},), **undo)


def _values(start: Start) -> str:
    return f"starts at {short(start.values[0])}" if len(start.values) == 1 else "starts as given"


def _typed(key: str, part: str, place: tuple[int, ...], weights: tuple[Start, ...]) -> None:
    value = st.session_state[key]
    if value is not None:
        put_some({"weights": put_in(weights, part, place, float(value))})
