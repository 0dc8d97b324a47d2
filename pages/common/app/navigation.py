"""The pages of the lab, and the guard that keeps a deep link whole.

Streamlit takes a folder called pages/ for an app of its older kind: until `st.navigation` has run once in a
process, it serves `pages/train.py` alone, without app.py, so that a link to a sleeping host would open a
bare page. Hence every page begins with `ensure_router()`, which then has the browser begin with Plotly, builds the
navigation and starts over through app.py; before all other imports, which take a second where the server has not made
them (see `server`).
"""

from urllib.parse import urlsplit

import streamlit as st

from pages.common.app.plotly import bring_plotly
from pages.common.menu import HOME, PAGES, Entry

_ROUTED = "navigation_routed"
WIDTH = 300  #: pixels of the sidebar
ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32' fill='none' stroke-width='4'>"
    "<path d='M3 6c4 20 10 21 14 21s8-3 12-13' stroke='#2a7fd4' stroke-linecap='round'/>"
    "<circle cx='17' cy='26' r='4' fill='#d9730d'/></svg>"
)


def navigate() -> st.Page:
    """Build the menu on top and return the page to run.

    The page at home is listed twice, at `/` and at its own path, because Streamlit opens a default page nowhere but
    at `/`. The menu shows the one of the two that the reader is on.
    """
    st.set_page_config(
        page_icon=ICON, layout="wide", initial_sidebar_state=WIDTH
    )  # before the menu, or its icon is fetched from Google
    named = urlsplit(st.context.url or "").path.rstrip("/").endswith(f"/{HOME}")
    pages = []
    for entry in PAGES:
        at_home = {"default": True, "visibility": "hidden" if named else "visible"}
        pages += [_page(entry, url_path="home", **at_home)] if entry.name == HOME else []
        hidden = entry.name == HOME and not named
        pages.append(_page(entry, url_path=entry.name, visibility="hidden" if hidden else "visible"))
    return st.navigation(pages, position="top")


def run(page: st.Page) -> None:
    """Run a page from app.py, and let its guard know that it is not alone."""
    st.session_state[_ROUTED] = True
    page.run()


def ensure_router() -> None:
    """First line of every page: start over through app.py if Streamlit has run the page alone."""
    if not st.session_state.pop(_ROUTED, False):
        bring_plotly()
        navigate()
        st.rerun()


def _page(entry: Entry, **more) -> st.Page:
    return st.Page(f"pages/{entry.name}.py", title=entry.title, icon=entry.icon, help=entry.help, **more)
