"""Descent Lab: the door. Sets the page up, shows menu and settings, and runs the page that was asked for.

Streamlit imports this file once, as `app`, for the server to start, and runs it as the main one for each change of each
visitor. The browser takes longest for Plotly: it is sent for before all else is imported. A process that makes runs for
a study begins by importing the main file, too; there is nothing here for it.
"""

if __name__ == "app":
    import streamlit as st
    from starlette.middleware import Middleware

    from pages.common.app.server import Announce, ready_with

    ready = ready_with("pages.common", "pages.figures", "pages.sections")
    app = st.App(__file__, lifespan=ready, middleware=[Middleware(Announce)])

if __name__ == "__main__":
    from importlib import import_module

    import streamlit as st

    from pages.common.app.navigation import navigate, run
    from pages.common.app.plotly import bring_plotly

    page = navigate()
    with st.sidebar:
        bring_plotly()

    from engine.cancellation import cancellable
    from pages.common.app.browser import mind_history
    from pages.common.app.keyboard import keyboard
    from pages.common.app.looks import choose_size, dress
    from pages.common.app.notices import show_bug, show_done, show_notices
    from pages.common.lesson.classroom import classroom, keep_locked
    from pages.common.lesson.handout import handout
    from pages.common.lesson.panel import lesson_panel
    from pages.common.lesson.state import SETTINGS, go_where_wanted
    from pages.common.lesson.teacher import SETTING
    from pages.common.link.changes import send_rest
    from pages.common.link.link import open_link
    from pages.common.link.page_settings import COLUMNS, PROJECTOR, enter
    from pages.common.link.unbound import went_through_history
    from pages.common.menu import HOME, PAGES
    from pages.common.runs.computation import look_for_changes
    from pages.common.settings import keep
    from pages.common.sidebar.acting import acting_on
    from pages.common.sidebar.sidebar import sidebar

    st.set_page_config(
        page_title=f"{page.title} · Descent Lab",
        menu_items={
            "about": "**Descent Lab** shows gradient descent: gradients, updates and loss surfaces, step by step."
        },
    )
    sections = {entry.name: import_module(f"pages.sections.{entry.name}.settings") for entry in PAGES}
    of_pages = {name: section.SETTINGS for name, section in sections.items()}
    declared = {key: setting for settings in of_pages.values() for key, setting in settings.items()}
    with st.sidebar:
        mind_history()
    problems = open_link(declared | SETTINGS | {one.key: one for one in (COLUMNS, PROJECTOR, SETTING)})
    go_where_wanted(of_pages)
    keep_locked()
    name = page.url_path if page.url_path in sections else HOME
    enter(name, of_pages[name], by_menu=not went_through_history())
    dress()
    with cancellable(look_for_changes):
        settings = sidebar(page.url_path, of_pages[name], acting_on(sections[name]), sections["study"].VARIED)
        keep(settings)
        show_notices(problems)
        show_bug(settings.experiment.bug)
        show_done()
        choose_size()
        with st.sidebar:
            keyboard(of_pages[name])
        classroom()
        handout(settings.experiment, of_pages[name])
        lesson_panel(name, settings.experiment, of_pages[name])
        run(page)
        send_rest()
