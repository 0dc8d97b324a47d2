"""The first visit: one line above the charts that says what this is, and four states to try in place.

It is shown where the app was opened without any setting, and plays the run once from its start. It stays while one of
its states is shown, goes away with the first change of one's own, and is there again where that is taken back.
"""

import streamlit as st

from engine.experiment import SETTINGS, Experiment
from pages.common.link.link import opened_empty, put
from pages.common.text import listed, plain, setting_said

_GONE, _PLAYED = "welcome_gone", "welcome_played"
STATES = {
    "No hidden layer": Experiment(arch=()),
    "The spiral": Experiment(data="spiral", arch=(16, 16), steps=600),
    "A rate too large": Experiment(optimizer="sgd", lr=30.0),
    "20 sigmoid layers": Experiment(arch=(8,) * 20, act=("sigmoid",)),
}


def first_visit(experiment: Experiment) -> bool:
    """Whether the reader has just come, or come back, and has changed nothing but to one of the states offered."""
    if not opened_empty():
        return False
    if experiment not in (Experiment(), *STATES.values()):
        st.session_state[_GONE] = True
    elif not st.query_params:
        st.session_state[_GONE] = False
    return not st.session_state.get(_GONE, False)


def welcome() -> None:
    """Show the line."""
    with st.container(key="welcome", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            "A network learns to tell orange from blue. Try:",
            width="content",
        )
        for title, state in STATES.items():
            st.button(title, key=f"try {title}", type="tertiary", on_click=put, args=(state,), help=_says(state))
        st.page_link("pages/lessons.py", label="Lessons", icon=":material/school:")


def _says(state: Experiment) -> str:
    usual, changed = Experiment().to_params(), state.to_params()
    differing = [key for key, text in changed.items() if text != usual[key] and key in SETTINGS]
    return plain(f"Sets {listed([setting_said(SETTINGS[key], getattr(state, key)) for key in differing])}.")


def plays_once() -> bool:
    """Whether the run is to play by itself: the first time it is shown, and never again."""
    first = not st.session_state.get(_PLAYED, False)
    st.session_state[_PLAYED] = True
    return first
