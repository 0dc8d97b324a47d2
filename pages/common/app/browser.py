"""The script round every page: an entry of the browser's history for each change, and menus that close by themselves.

See `browser.js`.
"""

from pathlib import Path

import streamlit as st

_PLACE = "browser"
_component = st.components.v2.component(
    "descent_lab_browser",
    css=f".st-key-{_PLACE} {{ display: none; }}",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def mind_history() -> None:
    """Have the browser load the script; it shows nothing."""
    with st.container(key=_PLACE):
        _component(key="browser_script")
