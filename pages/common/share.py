"""The head of every page: its title, the sentence it answers, and the link to share."""

import streamlit as st

from pages.common.link import full
from pages.common.navigation import PAGES
from pages.common.settings import Settings


class Head:
    """Title, sentence and Share button in one row; a long run shows its progress in place of the sentence."""

    def __init__(self, name: str, sentence: str, settings: Settings):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.title(next(page.title for page in PAGES if page.name == name), anchor=False, width="content")
            self.sentence, self.place = sentence, st.container(width="stretch").empty()
            _share(name, settings)
        self.clear()

    def progress(self, share: float, text: str) -> None:
        """Show how far a run is, 0 to 1."""
        self.place.progress(share, text)

    def clear(self) -> None:
        """Show the sentence (again)."""
        self.place.caption(self.sentence)


def _share(name: str, settings: Settings) -> None:
    keys = next(page.keys for page in PAGES if page.name == name)
    given = {key: st.query_params.get_all(key) or [None] for key in keys}
    here = {key: st.session_state.get(key, values if len(values) > 1 else values[0]) for key, values in given.items()}
    own = {key: value if isinstance(value, list) else str(value) for key, value in here.items() if value is not None}
    with st.popover("Share", icon=":material/link:"):
        st.caption("This link holds every setting, defaults included. Whoever opens it sees this page as it is now.")
        st.code(full(settings.experiment, st.context.url or "", own.items()), language=None, wrap_lines=True)
        if settings.experiment.data == "csv":
            st.caption("Your table is not in the link: whoever opens it chooses a CSV file of their own.")
