"""Convolution: what the filters of a convolutional network learn, and what they make of an image."""

from dataclasses import replace

import streamlit as st

from pages.common.app.head import Head
from pages.common.app.navigation import ensure_router
from pages.common.app.notices import marked, warn
from pages.common.link.controls import ADDRESS, control
from pages.common.link.page_settings import held
from pages.common.settings import chosen
from pages.sections.convolution.cell import cell_view
from pages.sections.convolution.cells import chosen_cell
from pages.sections.convolution.composed import composed
from pages.sections.convolution.composer import composer
from pages.sections.convolution.image import numbered
from pages.sections.convolution.network import network
from pages.sections.convolution.settings import SETTINGS
from pages.sections.convolution.trained import seen

ensure_router()
settings = chosen()
values, problems = held(setting for setting in SETTINGS.values() if setting.control != ADDRESS)
says = "What do the filters of a convolutional network look for, and what do they make of an image?"
head = Head("convolution", says, settings, SETTINGS)
warn(problems)
composer(values)
try:
    run = composed(values, settings)
except ValueError as problem:
    st.warning(marked(str(problem)), icon=":material/image:")
    st.stop()
found = seen(run, settings, head)
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    control(SETTINGS["cvview"], label_visibility="collapsed")
    number = control(replace(SETTINGS["cvimage"], high=run.data.x.shape[1]), width=110)
    if values["cvview"] == "network":
        shows = control(SETTINGS["cvshow"])
    elif values["cvview"] == "cell":
        cell, problem = chosen_cell(values["cvcell"], run.network)
        control(SETTINGS["cvcell"], width=130)
        warn([problem] if problem else [])
image = numbered(run.data, number)
if values["cvview"] == "network":
    network(found, image, shows, head)
else:
    cell_view(found, image, cell, head)
