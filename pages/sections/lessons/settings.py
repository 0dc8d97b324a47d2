"""What the Lessons page adds to the link: the chapter, and what is searched for."""

from typing import Any

import streamlit as st

from engine.experiment.settings import Choice, Text, keyed
from engine.lessons import CHAPTERS
from pages.common.sidebar.acting import EVERY, Acting, only

ALL = "all"
SETTINGS = keyed(
    lchapter=Choice(
        ALL,
        "Chapter",
        "",
        {ALL: "All"} | {str(chapter.number): str(chapter.number) for chapter in CHAPTERS},
        control="segments",
    ),
    lfind=Text("", "Search", "Words of a title, a question or a source.", 100),
)
TITLE = "build_title"  #: key of the title of a teacher's own lesson, which is made of the present settings


def acting(_page: Any) -> Acting:
    """The settings of a run act where a teacher makes a lesson of them."""
    if st.session_state.get(TITLE):
        return EVERY
    return only((), "Each lesson brings its settings along. Those of your own run are kept for the other pages.")
