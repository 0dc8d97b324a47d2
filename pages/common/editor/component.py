"""How the components of this folder are declared and mounted: a person edits, and hears back what became of it.

A component shows an edit at once and tells the server when the hand has come to rest, as one event `edited`. Edits are
numbered: what is shown goes back with the number of the last edit that the server has heard of, so that a component
which is further on leaves older news aside (see `edits.js`). Settings are kept in the session under their own keys, and
in the address by `pages.common.link.unbound`; a component is no more than their view.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


def declare(name: str, html: str, folder: Path = _HERE, before: Sequence[str] = ()) -> Callable[..., Any]:
    """The component `name`: its HTML, with script and style of that name in `folder` after those that all have.

    `before` are more scripts there that its own one stands on.
    """

    def joined(*paths: Path) -> str:
        return "\n".join(path.read_text(encoding="utf-8") for path in paths)

    script = joined(_HERE / "edits.js", *(folder / f"{part}.js" for part in (*before, name)))
    style = joined(_HERE / "edits.css", folder / f"{name}.css")
    return st.components.v2.component(f"descent_lab_{name}", html=html, css=style, js=script)


def mount(
    component: Callable[..., Any], key: str, shown: Mapping[str, Any], on_edit: Callable[[Mapping[str, Any]], None]
) -> None:
    """Show a component; `on_edit` is called with what was edited, before the page runs again.

    `shown` is what it shows: texts, numbers and tuples of them by their names.
    """
    heard = f"{key}_heard"

    def edited() -> None:
        news = st.session_state[key].edited
        st.session_state[heard] = news["number"]
        on_edit(news)

    component(key=key, data={**shown, "heard": st.session_state.get(heard, 0)}, on_edited_change=edited)
