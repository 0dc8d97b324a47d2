"""Convolution: what the filters of a convolutional network learn, and what they make of an image."""

from pages.common.app.navigation import ensure_router

ensure_router()

from dataclasses import replace
from types import SimpleNamespace

import streamlit as st

from pages.common.app.head import Head
from pages.common.app.notices import marked, warn
from pages.common.link.changes import end_page
from pages.common.link.controls import ADDRESS, control
from pages.common.link.page_settings import AT, held, told
from pages.common.runs.pin import difference, pin_buttons, pinned
from pages.common.settings import chosen
from pages.common.sidebar.groups import shown_if
from pages.common.text import plain
from pages.sections.convolution.by_image import by_image
from pages.sections.convolution.cell import cell_view
from pages.sections.convolution.cells import chosen_cell, strongest_cell
from pages.sections.convolution.composed import composed
from pages.sections.convolution.composer import composer, offer_fitting
from pages.sections.convolution.drawn import drawn_or_numbered
from pages.sections.convolution.network import network
from pages.sections.convolution.settings import SETTINGS
from pages.sections.convolution.trained import near, seen

LOOK, CLIMB = ("cvshow", "cvcell", "cvlook"), ("cvfrom", "cvrate", "cvdecay")
LAYOUT = {"cvcell": {"placeholder": "the strongest"}}
COMPARED = {  #: how a pinned run, A, is shown
    "network": "A is grey, its numbers stand in brackets.",
    "cell": "The numbers of A stand in brackets.",
    "input": "Here only B is looked at.",
}
WIDTHS = {"cvimage": 110, "cvcell": 130, "cvclass": 90, "cvfrom": 140, "cvrate": 110, "cvdecay": 110}

settings = chosen()
before = pinned(settings, on_table=False)  # the images are the page's own
values, problems = held(setting for setting in SETTINGS.values() if setting.control != ADDRESS)
says = "What do the filters of a convolutional network look for, and what do they make of an image?"
head = Head("convolution", says, settings, SETTINGS)
warn(problems)
composer(values)
try:
    run = composed(values, settings)
except ValueError as problem:
    st.warning(marked(str(problem)), icon=":material/image:")
    offer_fitting(values, settings)
    end_page()
found = seen(run, settings, head)
page = SimpleNamespace(**values)
other, compared = None, ""
if before is not None:  # the same images, other settings
    try:
        of_a = composed(values, settings._replace(experiment=before.experiment))
    except ValueError as problem:
        compared = f"A, the pinned run, has no place here: {problem}"
    else:
        other = None if page.cvview == "input" else seen(of_a, settings, head)
        compared = f"{difference(of_a.experiment, run.experiment).text}. {COMPARED[page.cvview]}"
fitting = [replace(SETTINGS["cvimage"], high=run.data.x.shape[1])]
fitting.append(replace(SETTINGS["cvclass"], high=len(run.data.class_names) - 1))
fits, problems = held(one for one in fitting if one.when(page))
values |= fits
cell, unknown = chosen_cell(page.cvcell, run.network) if page.cvview == "cell" else (None, "")
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    control(SETTINGS["cvview"], label_visibility="collapsed")
    for setting in [fitting[0], *(SETTINGS[key] for key in LOOK), fitting[1], *(SETTINGS[key] for key in CLIMB)]:
        acts = setting.when(page)
        with shown_if(acts):  # out of sight it keeps its value, which other images may not have
            own = setting if acts else SETTINGS[setting.key]
            control(own, width=WIDTHS.get(setting.key, "content"), **LAYOUT.get(setting.key, {}))
    pin_buttons(settings, before)
    image, unread = drawn_or_numbered(run.data, values)
warn([*problems, *(problem for problem in (unread, unknown) if problem)])
if compared:
    st.caption(plain(compared))
of_file = settings if page.cvdata == "file" else None
if page.cvview != "input" or page.cvlook == "saliency":  # where the steps are those of the training
    found = near(found, told(AT), of_file, head)
if page.cvview == "network":
    network(found, image, page.cvshow, head, other)
elif page.cvview == "cell":
    cell_view(found, image, cell or strongest_cell(found.recording, image.x), head, other, of_file)
else:
    by_image(found, image, values, settings, head)
