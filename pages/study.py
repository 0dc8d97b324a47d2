"""Study: many runs at once, to see which settings matter, how much is luck, and whether the answers are any good."""

from pages.common.app.navigation import ensure_router

ensure_router()

import streamlit as st

from engine.experiment import SETTINGS as OF_RUNS
from pages.common.app.head import Head
from pages.common.app.notices import warn
from pages.common.link.controls import ADDRESS, control
from pages.common.link.page_settings import held
from pages.common.runs.pin import ends_line, pin_buttons, pinned
from pages.common.settings import chosen
from pages.common.sidebar.groups import shown_if
from pages.sections.study.answered import answered
from pages.sections.study.plans import usual_values
from pages.sections.study.sampled import sampled
from pages.sections.study.settings import SETTINGS
from pages.sections.study.varied import varied

#: The controls of each view, in a row; those of the others are out of sight and keep their values.
ROWS = {
    "settings": ("st1", "st1v", "st2", "st2v", "stplan", "struns", "stseeds", "stshow", "sttol"),
    "samples": ("stfolds", "stseeds", "stshow"),
    "answers": ("stpart",),
}
VARYING = {"st1v": "st1", "st2v": "st2"}
OF_ANSWERS = ("stcut", "stclass")  #: that stand under the charts of their view
WIDTHS = {
    "st1": 150,
    "st1v": 190,
    "st2": 150,
    "st2v": 190,
    "stplan": "content",
    "struns": 90,
    "stfolds": 80,
    "stseeds": 80,
    "stshow": 150,
    "sttol": 100,
    "stpart": "content",
}

settings = chosen()
before = pinned(settings)
values, problems = held(setting for setting in SETTINGS.values() if setting.control != ADDRESS)
head = Head("study", "Which settings matter, how much is luck, and how good are the answers?", settings, SETTINGS)
warn(problems)
page = type("Page", (), values)
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    view = control(SETTINGS["stview"])
    acts = {key: key in ROWS[view] and SETTINGS[key].when(page) for key in WIDTHS}
    acts["sttol"] &= values["stshow"] == "reached"
    for key, width in WIDTHS.items():
        more = {}
        if key in VARYING and acts[key]:
            more = {"placeholder": usual_values(OF_RUNS[values[VARYING[key]]], settings.experiment)}
        with shown_if(acts[key]):
            control(SETTINGS[key], width=width, **more)
    for key in () if view == "answers" else OF_ANSWERS:
        with shown_if(False):
            control(SETTINGS[key])
    pin_buttons(settings, before)
ends_line(settings, before, head)
if view == "settings":
    varied(values, settings, head, before)
elif view == "samples":
    sampled(values, settings, head, before)
else:
    answered(settings, head, values["stpart"], before)
