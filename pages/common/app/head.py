"""The head of every page: its title, the sentence it answers, and the link to share."""

from collections.abc import Mapping

import streamlit as st

from engine.experiment.settings import Setting
from pages.common.link.link import full
from pages.common.link.page_settings import COLUMNS, PROJECTOR, to_share
from pages.common.menu import PAGES
from pages.common.settings import Settings


class Head:
    """Title, sentence and Share button in one row; a long run shows its progress in place of the sentence.

    `own` are the settings that the page adds to the link.
    """

    def __init__(self, name: str, sentence: str, settings: Settings, own: Mapping[str, Setting]):
        self.begun = 0.0  #: seconds of the computations that the page has started by itself
        self._settings, self._own = settings, (*own.values(), COLUMNS, PROJECTOR)
        self.title = next(page.title for page in PAGES if page.name == name)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.title(self.title, anchor=False, width="content")
            self.sentence, self.place = sentence, st.container(width="stretch").empty()
            with st.popover("Share", icon=":material/link:"):
                st.caption(
                    "This link holds every setting, defaults included. Whoever opens it sees this page as it is now."
                )
                self._link = st.empty()
                if settings.experiment.data == "csv":
                    st.caption("Your table is not in the link: whoever opens it chooses a CSV file of their own.")
        self.clear()
        self.write_link()

    def progress(self, share: float, text: str) -> None:
        """Show how far a run is, 0 to 1."""
        self.place.progress(share, text)

    def clear(self) -> None:
        """Show the sentence (again)."""
        self.place.caption(self.sentence)

    def write_link(self) -> None:
        """Write the link to share, as the page is now."""
        self.link = full(self._settings.experiment, st.context.url or "", to_share(self._own))
        self._link.code(self.link, language=None, wrap_lines=True)
