"""Where a learner is in a lesson: all of it in the address, so that a link opens the same lesson at the same place.

`lesson` names it, `lanswer` is the answer that was given, and `llook` counts what has been watched. An address with a
lesson and no settings opens the state of the lesson; one with settings is that of somebody who changed something.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from engine.experiment import KEYS, Experiment
from engine.experiment.settings import Setting, Text, Whole, keyed
from engine.lessons import LESSONS, Lesson, experiment_of
from pages.common.link.changes import change
from pages.common.link.controls import ADDRESS, shown
from pages.common.link.link import brief, put
from pages.common.link.page_settings import AT, tell, texts, told
from pages.common.link.unbound import has_widget, start_anew, unwritten

SKIPPED = -1  #: in place of an answer
MOST_LOOKS = 20
SETTINGS: dict[str, Setting] = keyed(
    lesson=Text("", "Lesson", "The lesson that is open.", 40, control=ADDRESS),
    lanswer=Whole(None, "Answer", "The answer given.", SKIPPED, 3, words={"none": None}, control=ADDRESS),
    llook=Whole(0, "Watched", "How much of it was watched.", 0, MOST_LOOKS, control=ADDRESS),
)
_DONE, _TURN, _WANTED = "lessons_done", "lesson_turn", "lesson_wanted"


def current() -> Lesson | None:
    """The lesson that the address names, if there is one of that name."""
    return LESSONS.get(told(SETTINGS["lesson"]))


def answer() -> int | None:
    """The index of the answer that was given, `SKIPPED`, or None while there is none."""
    return told(SETTINGS["lanswer"])


def looked() -> int:
    """The place in what there is to watch; the number of it: all was watched."""
    lesson = current()
    return min(told(SETTINGS["llook"]), len(lesson.watch)) if lesson else 0


def hidden() -> tuple[str, ...]:
    """Names of the charts that stay covered until the question is answered."""
    lesson = current()
    return lesson.covered if lesson and answer() is None else ()


def turn() -> int:
    """Counts how often a lesson has moved the player; the stage follows it where this has changed."""
    return st.session_state.get(_TURN, 0)


def done() -> set[str]:
    """Keys of the lessons that were answered in this session."""
    return st.session_state.setdefault(_DONE, set())


def give(choice: int) -> None:
    """Answer the question, or skip it; then the run is watched from its start."""
    lesson = current()
    tell(SETTINGS["lanswer"], choice)
    done().add(lesson.key)
    look(0)


def look(place: int) -> None:
    """Go to one of the things to watch: its step is where the player rests."""
    lesson = current()
    tell(SETTINGS["llook"], place)
    if place < len(lesson.watch):
        tell(AT, lesson.watch[place].at)
        st.session_state[_TURN] = turn() + 1


def leave() -> None:
    """Close the lesson; the settings stay."""
    for key in SETTINGS:
        st.query_params.pop(key, None)


def want(key: str) -> None:
    """Open a lesson, from a callback."""
    st.session_state[_WANTED] = key


def wanted() -> bool:
    """Whether a lesson was asked for that is not open yet."""
    return _WANTED in st.session_state


def go_where_wanted(of_pages: Mapping[str, Mapping[str, Setting]]) -> None:
    """Before any control is drawn: open the lesson that was asked for, on its page. `of_pages` are all settings."""
    lesson = LESSONS.get(st.session_state.pop(_WANTED, ""))
    if lesson is not None:
        declared = of_pages[lesson.page]
        begin(lesson, declared)
        start_anew()
        settings = unwritten(brief(experiment_of(lesson.params)))
        st.switch_page(f"pages/{lesson.page}.py", query_params=settings | address_of(lesson, declared))


def begin(lesson: Lesson, declared: Mapping[str, Setting]) -> None:
    """Put every setting to the state of a lesson; in a callback, or before the controls are drawn.

    `declared` are the settings of its page: those that the lesson does not name go back to their defaults.
    """
    put(experiment_of(lesson.params))
    change({key: shown(one, value) for key, one, value in _of_page(lesson, declared) if one.control != ADDRESS})


def go_back(lesson: Lesson, declared: Mapping[str, Setting]) -> None:
    """Put every setting to the state of a lesson on its page, those in the address alone as well; in a callback."""
    begin(lesson, declared)
    for key, one, value in _of_page(lesson, declared):
        if key in lesson.params and one.control == ADDRESS:
            tell(one, value)


def address_of(lesson: Lesson, declared: Mapping[str, Setting]) -> dict[str, str | list[str]]:
    """What the address holds when a lesson begins, beside the sidebar and what a widget that is on the page writes."""
    ours = [entry for entry in _of_page(lesson, declared) if entry[0] in lesson.params]
    alone = {key: one.format(value) for key, one, value in ours if one.control == ADDRESS}
    of_controls = {key: texts(shown(one, value)) for key, one, value in ours if value != one.default}
    by_hand = {key: text for key, text in of_controls.items() if key not in alone and not has_widget(key)}
    return alone | by_hand | {"lesson": lesson.key, AT.key: "0"}


def changed(lesson: Lesson, experiment: Experiment, declared: Mapping[str, Setting]) -> bool:
    """Whether the settings are no longer those of the lesson."""
    expected = experiment_of(lesson.params)
    if any(getattr(expected, key) != getattr(experiment, key) for key in KEYS if key in lesson.params):
        return True
    ours, here = [entry for entry in _of_page(lesson, declared) if entry[0] in lesson.params], st.session_state
    alone = any(told(one) != value for _, one, value in ours if one.control == ADDRESS)
    held = ((key, shown(one, value)) for key, one, value in ours if one.control != ADDRESS)
    return alone or any(key in here and here[key] != value for key, value in held)


def _of_page(lesson: Lesson, declared: Mapping[str, Setting]) -> list[tuple[str, Setting, Any]]:
    return [
        (key, one, one.read(lesson.params[key])[0] if key in lesson.params else one.default)
        for key, one in declared.items()
    ]
