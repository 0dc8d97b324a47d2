"""The cards of the lessons: title, picture, question, a mark on those answered in this session, one click in."""

from base64 import b64encode
from html import escape

import streamlit as st

from engine.lessons import CHAPTERS, LESSONS, Chapter, Lesson
from pages.common.lesson.state import done, want, wanted
from pages.common.text import count, plain
from pages.sections.lessons.pictures import AT_ONCE, blank, ready
from pages.sections.lessons.settings import ALL

COLUMNS = 3
STYLE = """<style>
.lesson-card :is(b, img, p) { display: block; margin: 0 0 0.75rem; }
.lesson-card img { width: 100%; }
.lesson-card p { margin: 0; font-size: 0.875rem; opacity: 0.8; }
.lesson-card span { color: #2f9e5b; }
</style>"""
_SHOWN = "lessons_shown"  #: whether this session has seen the cards


def found(chapter: str, words: str) -> list[Lesson]:
    """The lessons of a chapter that have all of these words somewhere."""
    sought = words.lower().split()
    return [
        lesson
        for lesson in LESSONS.values()
        if chapter in (ALL, str(lesson.chapter)) and all(word in _text(lesson) for word in sought)
    ]


def _text(lesson: Lesson) -> str:
    sources = (str(claim.source) for claim in lesson.claims)
    return " ".join([lesson.title, lesson.question, lesson.system, *sources]).lower()


def gallery(lessons: list[Lesson]) -> None:
    """Show the cards, chapter by chapter; pictures that are not made yet follow while one looks."""
    if not lessons:
        st.caption("No lesson has all of these words.")
        return
    keys = [lesson.key for lesson in lessons]
    waiting = len(ready(keys, at_once=0)) < len(keys)
    st.html(STYLE)
    st.fragment(_cards, run_every=0.5 if waiting else None)(lessons, waiting)


def _cards(lessons: list[Lesson], waiting: bool) -> None:
    if wanted():
        st.rerun()  # the whole app, not these cards alone
    pictures = ready([lesson.key for lesson in lessons], at_once=AT_ONCE if _SHOWN in st.session_state else 0)
    st.session_state[_SHOWN] = True
    if waiting and len(pictures) == len(lessons):
        st.rerun()  # nothing is to come any more
    for chapter in CHAPTERS:
        own = [lesson for lesson in lessons if lesson.chapter == chapter.number]
        if own:
            _chapter(chapter, own, pictures)


def _chapter(chapter: Chapter, lessons: list[Lesson], pictures: dict[str, str]) -> None:
    answered = sum(lesson.key in done() for lesson in lessons)
    st.header(f"{chapter.number}. {chapter.title}", anchor=False)
    said = f" {answered} of {count(len(lessons), 'lesson')} answered." if answered else ""
    st.caption(plain(chapter.sentence + said))
    for start in range(0, len(lessons), COLUMNS):
        columns = st.columns(COLUMNS)
        for column, lesson in zip(columns, lessons[start : start + COLUMNS], strict=False):
            with column.container(border=True, height="stretch"):
                _card(lesson, pictures.get(lesson.key, blank(lesson)))


def _card(lesson: Lesson, drawn: str) -> None:
    """Title, picture and question are one element: each of Streamlit's takes the browser some milliseconds."""
    mark = "<span role='img' aria-label='answered'>✓</span> " if lesson.key in done() else ""
    source = b64encode(drawn.encode()).decode()
    seen = f"<img alt='' src='data:image/svg+xml;base64,{source}'>" if drawn else ""
    question = lesson.fill(lesson.question) if lesson.quick else lesson.question.split("{")[0]
    st.html(f"<div class='lesson-card'><b>{mark}{escape(lesson.title)}</b>{seen}<p>{escape(question)}</p></div>")
    st.button(
        "Open", key=f"open_{lesson.key}", icon=":material/school:", type="tertiary", on_click=want, args=(lesson.key,)
    )
