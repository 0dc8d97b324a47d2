"""What the theme of Streamlit has no setting for: contrast, rings of focus, room on small screens, size in a hall."""

from pathlib import Path

import streamlit as st

from pages.common.glossary import STYLE as OF_TERMS
from pages.common.link.controls import control
from pages.common.link.page_settings import PROJECTOR

_HERE = Path(__file__).parent
_FILES = ("app.css", "projector.css", "menu.css", "low.css")
_STYLE, _LARGE, _MENU, _LOW = ((_HERE / name).read_text(encoding="utf-8") for name in _FILES)
_IS_LOW = {False: "(max-height: 520px)", True: "(max-height: 820px)"}  #: heights, if large or not
_TIGHT = {False: "(min-width: 768px) and (max-width: 1000px)", True: "(max-width: 1600px)"}  #: widths, if large or not


def dress() -> None:
    """Give the app its looks; once in every run, before anything that would be drawn anew for them."""
    large = is_large()
    here = f"@media {_IS_LOW[large]} {{{_LOW}}}@media {_TIGHT[large]} {{{_MENU}}}"
    st.html(f"<style>{_STYLE}{OF_TERMS}{_LARGE if large else ''}{here}</style>")


def choose_size() -> None:
    """The choice of the app's size, at the end of the sidebar; once in every run."""
    with st.sidebar:
        control(PROJECTOR)


def is_large() -> bool:
    """Whether all is to be drawn for a room."""
    return bool(st.session_state.get(PROJECTOR.key))
