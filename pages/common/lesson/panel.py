"""The slim panel of a lesson over the charts: question, answer, what to watch, measured numbers, why, what is next.

Before an answer the charts that would give it away are covered. After it the panel leads through what to watch, each
thing with its step, and then shows the measured numbers beside the expected ones.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import streamlit as st

from engine.experiment import Experiment
from engine.experiment.settings import Setting
from engine.lessons import CHAPTERS, LESSONS, Claim, Lesson
from pages.common.lesson import state
from pages.common.menu import PAGES
from pages.common.text import number, plain

Go = Callable[[str], None]
_CHOICE, _WAIT = "lesson_choice", "lesson_measured"
_MARKED = "outline: 2px solid color-mix(in srgb, var(--st-text-color) 45%, transparent); scroll-margin: 5rem 0;"
_COME = Path(__file__).with_name("watch.js").read_text(encoding="utf-8")


def lesson_panel(page: str, experiment: Experiment, declared: Mapping[str, Setting]) -> None:
    """Show the lesson that is open, if there is one.

    Args:
        page: the name of the page that is shown.
        experiment: the settings of the sidebar.
        declared: the settings of the page.
    """
    lesson = state.current()
    if lesson is None or page == "lessons":
        return
    with st.container(key="lesson", border=True, gap="small"):
        _head(lesson, page, experiment, declared)
        if lesson.page != page:
            title = next(entry.title for entry in PAGES if entry.name == lesson.page)
            st.caption(plain(f"This lesson is about the page {title}."))
            return
        with st.spinner("Measuring", show_time=True) if not lesson.quick else st.container(gap="small"):
            st.markdown(f"{plain(lesson.fill(lesson.system))} **{plain(lesson.fill(lesson.question))}**")
        if state.answer() is None:
            _ask(lesson)
        else:
            _tell(lesson)


def _head(lesson: Lesson, page: str, experiment: Experiment, declared: Mapping[str, Setting]) -> None:
    chapter = next(chapter for chapter in CHAPTERS if chapter.number == lesson.chapter)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f":material/school: {plain(lesson.title)} :small[:gray[{plain(f'{chapter.number}. {chapter.title}')}]]",
            width="stretch",
        )
        if lesson.page == page and state.changed(lesson, experiment, declared):
            st.button(
                "Back to the lesson's state",
                key="lesson_undo",
                icon=":material/undo:",
                type="tertiary",
                on_click=state.go_back,
                args=(lesson, declared),
                help="Undoes what was changed in the settings since the lesson was opened.",
            )
        if st.button("Lessons", key="lesson_all", icon=":material/menu_book:", type="tertiary"):
            st.switch_page("pages/lessons.py", query_params={})
        st.button("Close", key="lesson_close", icon=":material/close:", type="tertiary", on_click=state.leave)


def _ask(lesson: Lesson) -> None:
    st.radio(
        "Your answer",
        range(len(lesson.choices)),
        index=None,
        key=_CHOICE,
        format_func=lambda place: plain(lesson.fill(lesson.choices[place])),
        on_change=lambda: state.give(st.session_state[_CHOICE]),
        label_visibility="collapsed",
    )
    st.button("Skip the question", key="lesson_skip", type="tertiary", on_click=state.give, args=(state.SKIPPED,))


def _tell(lesson: Lesson) -> None:
    given, right = state.answer(), plain(lesson.fill(lesson.choices[lesson.answer]))
    with st.container(key="lesson_verdict"):  # which stays in sight, see watch.js
        if given == state.SKIPPED:
            st.markdown(f":material/lightbulb: {right}")
        elif given == lesson.answer:
            st.markdown(f":green[:material/check_circle:] **Right.** {right}")
        else:
            wrong = plain(lesson.fill(lesson.choices[min(given, len(lesson.choices) - 1)]))
            st.markdown(f":orange[:material/cancel:] **Not quite**: ~~{wrong}~~ {right}")
    place, looks = state.looked(), lesson.watch
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _turn("Back", ":material/arrow_back:", place - 1, place == 0)
        if place < len(looks):
            st.markdown(f"**{place + 1} of {len(looks)}** {plain(lesson.fill(looks[place].sentence))}", width="stretch")
            _turn("Next" if place + 1 < len(looks) else "Why?", ":material/arrow_forward:", place + 1, False)
        else:
            st.markdown(plain(lesson.fill(lesson.why)), width="stretch")
    if place < len(looks):
        _watch(looks[place].chart)
    else:
        _measured(lesson)
        _following(lesson)


def _watch(chart: str) -> None:
    """Mark a chart of the page, and bring it into sight; anew whenever the lesson goes there."""
    script = f"<script>{{ const name = '{chart}'; /* {state.turn()} */ {_COME} }}</script>"
    st.html(f"<style>.stage .chart[data-chart='{chart}'] {{ {_MARKED} }}</style>{script}", unsafe_allow_javascript=True)


def _turn(label: str, icon: str, to: int, disabled: bool) -> None:
    st.button(
        label, key=f"lesson_{label.lower().strip('?')}", icon=icon, on_click=state.look, args=(to,), disabled=disabled
    )


def _measured(lesson: Lesson) -> None:
    """Measured beside expected; what takes long is measured when it is asked for."""
    waited = st.session_state.get(_WAIT) == lesson.key
    ready = [claim for claim in lesson.claims if claim.quick or claim.measured or waited]
    rows = [claim_row(claim, lesson.fill(claim.words)) for claim in ready]
    if rows:
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        st.dataframe(columns, hide_index=True, width="stretch")
    if len(ready) < len(lesson.claims):
        st.button(
            f"Measure {'the rest' if ready else 'it'}, some seconds",
            key="lesson_measure",
            icon=":material/straighten:",
            on_click=lambda: st.session_state.update({_WAIT: lesson.key}),
        )


def claim_row(claim: Claim, words: str) -> dict[str, str]:
    """A claim as a row of a table: what, measured, expected, how far apart they may be, and whether it holds."""
    value = claim.measure()
    low, high = claim.range(value)
    found = numbers(low) if np.array_equal(low, high) else f"{numbers(low)} to {numbers(high)}"
    return {
        "what": words,
        "measured": found,
        "expected": numbers(claim.expected),
        "within": within(claim),
        "agrees": "yes" if claim.holds(value) else f"no: {claim.miss}" if claim.miss else "no",
        "source": str(claim.source),
    }


def within(claim: Claim) -> str:
    """How far off a claim may be, as people read it."""
    room = f"{number(100 * claim.tolerance, 2)} %" if claim.relative else number(claim.tolerance, 2)
    return f"{room}, over seeds" if claim.draw else room


def numbers(value: object) -> str:
    """A number or several, as people read them."""
    return ", ".join(number(one) for one in np.atleast_1d(value).ravel())


def _following(lesson: Lesson) -> None:
    following = LESSONS.get(lesson.next)
    if following:
        st.button(
            f"Next: {following.title}",
            key="lesson_following",
            icon=":material/school:",
            type="primary",
            on_click=state.want,
            args=(following.key,),
        )
