"""The handout: a page that is printed from the browser's menu is a sheet for a class.

It is black on white, on A4 and on Letter: the question, the settings, the charts at the present step, room to write.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from engine.experiment import SETTINGS, Experiment
from engine.experiment.listed import Listed
from engine.experiment.settings import Setting
from engine.experiment.settings.declaration import shortened
from pages.common.lesson.classroom import own_lesson
from pages.common.lesson.state import current
from pages.common.link.controls import shown
from pages.common.link.link import brief
from pages.common.link.page_settings import AT, COVER, texts, to_share
from pages.common.runs.pin import PIN
from pages.common.text import plain

ROOM = 6  #: lines to write on
MOST_TYPED = 400  #: characters of a text, such as a formula
MOST_LISTED = 60  #: characters of a list typed by hand; of a longer one its length is said
_HERE = Path(__file__).parent
_STYLE, _SCRIPT = ((_HERE / f"handout.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))


def handout(experiment: Experiment, of_page: Mapping[str, Setting]) -> None:
    """What is on paper only: question and choices of the lesson that is open, the settings, lines to write on.

    `of_page` are the settings that the page adds to those of the experiment.
    """
    script = f"<script>{{ {_SCRIPT} }}</script>"  # in a block: on the next page it runs again, with the same names
    with st.sidebar, st.container(key="handout_script", height=1, border=False):
        st.html(f"<style>{_STYLE}</style>{script}", unsafe_allow_javascript=True)
    lesson, own = current(), own_lesson()
    if lesson is None and own is None:
        return
    if own is not None:
        title, text, question, choices = own.title, own.text, own.question, own.choices
    else:
        title, text, question = lesson.title, lesson.fill(lesson.system), lesson.fill(lesson.question)
        choices = tuple(lesson.fill(choice) for choice in lesson.choices)
    settings = "; ".join(f"{setting.label}: {words}" for setting, words in _settings(experiment, of_page))
    with st.container(key="handout"):
        st.markdown(f"**{plain(title.strip())}**")
        asked = f" **{plain(question.strip())}**" if question.strip() else ""
        st.markdown(f"{plain(text.strip())}{asked}")
        st.markdown("  \n".join(f"☐ {plain(choice)}" for choice in choices))
        st.markdown(f"Settings: {plain(settings or 'the usual ones')}.")
        st.html("<div class='write'></div>" * ROOM)


def _settings(experiment: Experiment, of_page: Mapping[str, Setting]) -> Iterator[tuple[Setting, str]]:
    """What differs from the usual, in the words of the screen: of the experiment, then of the page."""
    for key in brief(experiment):
        yield SETTINGS[key], _in_words(SETTINGS[key], getattr(experiment, key))
    controls = [setting for setting in of_page.values() if setting.label and setting not in (AT, COVER, PIN)]
    for key, words in to_share(controls).items():
        setting = of_page[key]
        if words != texts(shown(setting, setting.default)):
            yield setting, _in_words(setting, setting.read("-".join(words))[0])


def _in_words(setting: Setting, value: Any) -> str:
    """A value as the screen has it; of twenty rows of numbers that there are twenty, which a sheet has room for."""
    text = shortened(setting.named(value), MOST_TYPED)
    long = isinstance(setting, Listed) and len(text) > MOST_LISTED
    return f"{len(value)} given by hand" if long else text
