"""The cards of the lessons: title, picture, question, a mark on those answered in this session, one click in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from engine.lessons import CHAPTERS, LESSONS, Chapter, Lesson
from pages.common.editor.component import declare, mount
from pages.common.lesson.state import done, want, wanted
from pages.common.text import count
from pages.sections.lessons.pictures import AT_ONCE, blank, ready
from pages.sections.lessons.settings import ALL

_SHOWN = "lessons_shown"  #: whether this session has seen the cards
_component = declare("gallery", '<div class="editor gallery"></div>', Path(__file__).parent)


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
    st.fragment(_cards, run_every=0.5 if waiting else None)(lessons, waiting)


def _cards(lessons: list[Lesson], waiting: bool) -> None:
    if wanted():
        st.rerun()  # the whole app, not these cards alone
    pictures = ready([lesson.key for lesson in lessons], at_once=AT_ONCE if _SHOWN in st.session_state else 0)
    st.session_state[_SHOWN] = True
    if waiting and len(pictures) == len(lessons):
        st.rerun()  # nothing is to come any more
    chapters = ((chapter, [one for one in lessons if one.chapter == chapter.number]) for chapter in CHAPTERS)
    shown = tuple(_chapter(chapter, own, pictures) for chapter, own in chapters if own)
    mount(_component, "gallery", {"chapters": shown}, lambda news: want(news["open"]))


def _chapter(chapter: Chapter, lessons: list[Lesson], pictures: Mapping[str, str]) -> dict[str, Any]:
    answered = sum(lesson.key in done() for lesson in lessons)
    said = f" {answered} of {count(len(lessons), 'lesson')} answered." if answered else ""
    cards = tuple(_card(lesson, pictures.get(lesson.key, blank(lesson))) for lesson in lessons)
    return {"title": f"{chapter.number}. {chapter.title}", "said": chapter.sentence + said, "cards": cards}


def _card(lesson: Lesson, drawn: str) -> dict[str, Any]:
    """What the component shows of a lesson."""
    question = lesson.fill(lesson.question) if lesson.quick else lesson.question.split("{")[0]
    return {
        "key": lesson.key,
        "title": lesson.title,
        "question": question,
        "picture": drawn,
        "answered": lesson.key in done(),
    }
