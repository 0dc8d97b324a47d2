"""A teacher's lesson on the page: its text and question, groups that are hidden or locked, charts that are covered.

Locked settings stay as the link has them: whatever a control is moved to is taken back before it acts, and its group is
dimmed. Hiding a control hides no result.
"""

import streamlit as st

from pages.common.app.notices import warn
from pages.common.lesson.state import SETTINGS, answer, hidden
from pages.common.lesson.teacher import KEY, SETTING, OwnLesson, Unreadable, read
from pages.common.link.changes import change
from pages.common.link.page_settings import tell, told
from pages.common.text import plain

_HELD, _CHOICE, _TEXT = "class_held", "class_choice", "class_text"
EMBEDDED = """<style>
[data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stExpandSidebarButton"] { display: none !important; }
.stMainBlockContainer { padding-top: 0.5rem !important; }
</style>"""


def _text() -> str:
    """The lesson of the address; the menu leaves it out, so that it is remembered and put back."""
    text = told(SETTING) or st.session_state.get(_TEXT, "")
    if text:
        st.session_state[_TEXT] = text
        tell(SETTING, text)
    return text


def own_lesson() -> OwnLesson | None:
    """The teacher's lesson of the address; None where there is none, or it cannot be read."""
    text = _text()
    try:
        return read(text) if text else None
    except Unreadable:
        return None


def awaits_answer() -> bool:
    """Whether the charts stay covered until the learner has answered."""
    lesson = own_lesson()
    return bool(lesson and lesson.covered and lesson.question and answer() is None)


def undecided() -> bool:
    """Whether a question stands to which the verdict on the run would be the answer."""
    return awaits_answer() or bool(hidden())


def keep_locked() -> None:
    """Before the controls are drawn: what is locked goes back to what it was when the link was opened."""
    lesson = own_lesson()
    if lesson is None:
        st.session_state.pop(_HELD, None)
        return
    here = st.session_state
    held = here.setdefault(_HELD, {key: here[key] for key in lesson.locked_keys if key in here})
    moved = {key: value for key, value in held.items() if here.get(key) != value}
    if moved:
        change(moved)


def classroom() -> None:
    """Show the lesson, hide and dim what it asks for; one sentence for a lesson that cannot be read."""
    if st.context.is_embedded:
        st.html(EMBEDDED)
    text = _text()
    if not text:
        return
    try:
        lesson = read(text)
    except Unreadable as problem:
        warn([f"{KEY}: {problem}"], title="The lesson of the link could not be opened")
        return
    _groups(lesson)
    with st.container(key="class", border=True, gap="small"):
        st.markdown(f":material/school: **{plain(lesson.title.strip())}**")
        if lesson.text:
            st.markdown(plain(lesson.text))
        if lesson.locked:
            st.caption(f"Locked by the teacher: {', '.join(lesson.locked)}.")
        if lesson.question:
            _question(lesson)


def _groups(lesson: OwnLesson) -> None:
    gone = "".join(f".st-key-group_{name} {{ display: none; }}" for name in lesson.hidden)
    still = "".join(f".st-key-group_{name} {{ opacity: 0.6; pointer-events: none; }}" for name in lesson.locked)
    if gone or still:
        st.html(f"<style>{gone}{still}</style>")


def _question(lesson: OwnLesson) -> None:
    st.markdown(f"**{plain(lesson.question.strip())}**")
    given = answer()
    if given is None:
        st.radio(
            "Your answer",
            range(len(lesson.choices)),
            index=None,
            key=_CHOICE,
            format_func=lambda place: plain(lesson.choices[place]),
            on_change=_give,
            label_visibility="collapsed",
        )
    elif given == lesson.answer:
        st.markdown(f":green[:material/check_circle:] **Right.** {plain(lesson.choices[given])}")
    else:
        right, wrong = plain(lesson.choices[lesson.answer]), plain(lesson.choices[min(given, len(lesson.choices) - 1)])
        st.markdown(f":orange[:material/cancel:] **Not quite**: ~~{wrong}~~ {right}")


def _give() -> None:
    tell(SETTINGS["lanswer"], st.session_state[_CHOICE])
