"""The recordings behind the small pictures: made once in a process, a little at a time while the page is open.

None is made before the page has been shown for the first time: until then their places are empty.
"""

from html import escape
from time import perf_counter

import numpy as np
import streamlit as st

from engine.experiment import Experiment
from engine.lessons import LESSONS, Lesson
from engine.lessons.measures import deep, raced, run, signals
from engine.training import load, network_of
from engine.work import training_work
from pages.figures.lessons.picture import colors_of, picture

AT_ONCE, LONGEST = 0.15, 0.6  #: seconds for the pictures of one pass of the page; and of a picture at all


@st.cache_resource(show_spinner=False)
def _pictures() -> dict[str, str]:
    return {}


def ready(keys: list[str], *, at_once: float = AT_ONCE) -> dict[str, str]:
    """Pictures of these lessons, as far as there was time to make them; an empty text for what would take long."""
    made, end = _pictures(), perf_counter() + at_once
    for key in keys:
        if key not in made and perf_counter() < end:
            made[key] = _picture(LESSONS[key])
    return {key: made[key] for key in keys if key in made}


def blank(lesson: Lesson) -> str:
    """What holds the place of a picture that is still to come."""
    return picture([np.full(1, np.nan)], colors_of([""]), escape(lesson.title, quote=True))


def _picture(lesson: Lesson) -> str:
    alt = escape(lesson.title, quote=True)
    if lesson.page == "depth":
        found = signals(deep(lesson.params))
        return picture([found.backward.mean(axis=0)], colors_of([""]), alt)
    if lesson.page == "optimizers" and lesson.params.get("track") != "network":
        race = raced(lesson.params)
        names = lesson.params["racers"].split("-")
        return picture([race.loss[:, place] for place in range(len(names))], colors_of(names), alt)
    if _seconds(lesson.experiment) > LONGEST:
        return ""
    return picture([run(lesson.params).loss], colors_of([""]), alt)


def _seconds(experiment: Experiment) -> float:
    data = load(experiment)
    return training_work([experiment], network_of(experiment, data), len(data.train), len(data.test)).seconds
