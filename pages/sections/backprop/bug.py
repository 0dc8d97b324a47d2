"""A wrong backward pass on purpose: the one place where it is turned on by hand.

Everything trains with it until it is turned off again, which every page says. The gradients here are then those of the
wrong pass, and the finite differences beside them those of the loss, which is right.
"""

import streamlit as st

from engine.experiment import BUGS, SETTINGS
from pages.common.link.changes import change

_CHOICE = "bug_choice"


def choose_bug() -> None:
    """A popover with a mistake to make; the sidebar and the notice on top of every page follow."""
    st.session_state[_CHOICE] = st.session_state.bug
    with st.popover("Find the bug", icon=":material/bug_report:"):
        st.radio(
            SETTINGS["bug"].label,
            SETTINGS["bug"].options,
            captions=[f"{sentence[0].upper()}{sentence[1:]}." for sentence in ("the right one", *BUGS.values())],
            key=_CHOICE,
            format_func=SETTINGS["bug"].named,
            on_change=_chosen,
        )
        st.caption("Bars that do not end in their rings are wrong: a ring is a finite difference.")


def _chosen() -> None:
    change({"bug": st.session_state[_CHOICE]})
