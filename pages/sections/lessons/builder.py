"""The builder: any state becomes a lesson in a link, shown as text, as a QR code and as an iframe for a course page."""

from html import escape
from urllib.parse import urlencode, urljoin

import segno
import streamlit as st

from engine.experiment import Experiment
from pages.common.lesson.teacher import (
    GROUPS,
    KEY,
    MOST_CHOICE,
    MOST_CHOICES,
    MOST_TEXT,
    MOST_TITLE,
    OwnLesson,
    Unreadable,
    written,
)
from pages.common.menu import PAGES
from pages.common.text import plain
from pages.sections.lessons.settings import TITLE

MOST_OF_A_CODE = 2900  #: characters that a QR code can hold and a phone still reads
PAGES_TO_SHOW = tuple(entry.name for entry in PAGES if entry.name not in ("lessons", "study"))


def builder(experiment: Experiment) -> None:
    """Show the form and, once there is a title, the link."""
    with st.expander("For teachers: make a lesson of the present settings", key="builder", icon=":material/edit_note:"):
        lesson, page = _form()
        if lesson is None:
            return
        query = urlencode(experiment.to_params() | {KEY: written(lesson)})
        link = urljoin(st.context.url or "", f"{page}?{query}")
        st.code(link, language=None, wrap_lines=True)
        code, frame = st.columns(2)
        with code:
            _code(link)
        with frame:
            st.caption("For a course page:")
            address = escape(f"{link}&embed=true", quote=True)
            title = escape(lesson.title, quote=True)
            st.code(
                f'<iframe src="{address}" title="{title}" width="800" height="600" allow="fullscreen"></iframe>',
                language="html",
            )


def _form() -> tuple[OwnLesson | None, str]:
    title = st.text_input(f"Title, at most {MOST_TITLE} characters", key=TITLE).strip()
    text = st.text_area(f"Text, at most {MOST_TEXT} characters", key="build_text").strip()
    question = st.text_input(f"Question, at most {MOST_TEXT} characters", key="build_question").strip()
    label = f"Choices, a line each: 2 to {MOST_CHOICES} of at most {MOST_CHOICE} characters"
    lines = st.text_area(label, key="build_choices")
    choices = tuple(line.strip() for line in lines.splitlines() if line.strip())
    # by its number: the browser tells options by their names, and the words of a line may change
    lines = {"options": range(len(choices)), "index": None, "format_func": lambda place: str(place + 1)}
    answer = st.selectbox("The right line", key="build_answer", **lines)
    if answer is not None:
        st.caption(f"Right is: {plain(choices[answer])}")
    some = {"selection_mode": "multi", "format_func": str.capitalize}
    hidden = st.pills("Hide these groups", list(GROUPS), key="build_hidden", **some)
    locked = st.pills("Lock these groups", list(GROUPS), key="build_locked", **some)
    covered = st.toggle("Cover the charts until the question is answered", key="build_covered")
    page = st.selectbox("Page", PAGES_TO_SHOW, key="build_page", format_func=_title)
    if not title:
        st.caption("Give it a title, and its link appears here. The settings are those of the sidebar as they are now.")
        return None, page
    if not question and (choices or covered):
        st.caption("Choices and covered charts need a question: without one they are left out.")
        choices, answer, covered = (), 0, False
    if len(choices) > 1 and answer is None:
        st.caption("Choose the right line, and the link appears here.")
        return None, page
    try:
        return OwnLesson(title, text, question, choices, int(answer or 0), tuple(hidden), tuple(locked), covered), page
    except Unreadable as problem:
        st.warning(plain(str(problem)), icon=":material/edit:")
        return None, page


def _title(name: str) -> str:
    return next(entry.title for entry in PAGES if entry.name == name)


def _code(link: str) -> None:
    if len(link) > MOST_OF_A_CODE:
        st.caption(f"The link has {len(link):,} characters, too many for a QR code: shorten the text.")
        return
    st.image(segno.make(link, error="l", micro=False).svg_inline(scale=4, border=4, light="#ffffff"), width=260)
