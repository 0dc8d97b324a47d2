"""What could not be taken of a link or of a setting, one sentence each, with what the visitor wrote shown as code."""

from collections.abc import Sequence

import streamlit as st

from engine.experiment import BUGS
from pages.common.link.changes import change
from pages.common.link.undo import done, undo
from pages.common.text import count, plain

_GONE = "notices_gone"
MOST = 10  #: sentences shown; a broken link may hold hundreds


def show_notices(problems: Sequence[str]) -> None:
    """List the problems of the link above the page, until the reader puts them away; nothing if there are none."""
    if problems and _GONE not in st.session_state:
        with st.container(key="notices"):
            warn(problems, title="Parts of the link could not be taken")
            st.button("Dismiss", key="notices_dismiss", type="tertiary", icon=":material/close:", on_click=_dismiss)


def show_bug(bug: str) -> None:
    """Say on every page that the backward pass is wrong on purpose, with the way back; nothing where it is right."""
    if bug in BUGS:
        with st.container(horizontal=True, vertical_alignment="center", key="bug_shown"):
            st.warning(f"The backward pass is wrong on purpose: {BUGS[bug]}.", icon=":material/bug_report:")
            st.button("Use the right one", key="bug_off", type="tertiary", on_click=change, args=({"bug": "none"},))


def show_done() -> None:
    """Say what one press has set of the run, with the way back; nothing where nothing was."""
    sentence = done()
    if sentence:
        with st.container(horizontal=True, vertical_alignment="center", key="done"):
            st.markdown(f":material/tune: {plain(sentence)}.", width="content")
            st.button("Undo", key="undo", type="tertiary", icon=":material/undo:", on_click=undo)


def warn(problems: Sequence[str], title: str | None = None) -> None:
    """List problems where they arise; nothing if there are none."""
    rest = len(problems) - MOST
    lines = [f"- {marked(problem)}" for problem in problems[:MOST]]
    lines += [f"- and {count(rest, 'more', 'more')}"] if rest > 0 else []
    if lines:
        st.warning("\n".join(lines), title=title, icon=":material/link_off:")


def marked(problem: str) -> str:
    """A sentence of the engine as Markdown: what stands between backticks is code, the rest no more than itself.

    Of an empty text there is nothing to repeat.
    """
    parts = problem.replace("`` ", "").split("`")
    return "".join(f"`{part}`" if place % 2 else plain(part) for place, part in enumerate(parts))


def _dismiss() -> None:
    st.session_state[_GONE] = True
