"""Descent Lab: the door. Sets the page up, shows menu and settings, and runs the page that was asked for."""

import streamlit as st

from pages.common.app.navigation import navigate, run
from pages.common.app.notices import show_notices
from pages.common.link.changes import settle
from pages.common.link.link import open_link
from pages.common.settings import keep
from pages.common.sidebar.sidebar import sidebar

page = navigate()
st.set_page_config(
    page_title=f"{page.title} · Descent Lab",
    menu_items={"about": "**Descent Lab** shows gradient descent: gradients, updates and loss surfaces, step by step."},
)
problems = open_link()
keep(sidebar())
show_notices(problems)
run(page)
settle()
