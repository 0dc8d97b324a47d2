"""The head of every page: its title, the sentence it answers, and the link to share."""

import streamlit as st

from pages.common.link.link import STEP, full, step_asked
from pages.common.menu import PAGES
from pages.common.settings import Settings


class Head:
    """Title, sentence and Share button in one row; a long run shows its progress in place of the sentence."""

    def __init__(self, name: str, sentence: str, settings: Settings):
        self._page, self._settings = next(page for page in PAGES if page.name == name), settings
        with st.container(horizontal=True, vertical_alignment="center"):
            st.title(self._page.title, anchor=False, width="content")
            self.sentence, self.place = sentence, st.container(width="stretch").empty()
            with st.popover("Share", icon=":material/link:"):
                st.caption(
                    "This link holds every setting, defaults included. Whoever opens it sees this page as it is now."
                )
                self._link = st.empty()
                if settings.experiment.data == "csv":
                    st.caption("Your table is not in the link: whoever opens it chooses a CSV file of their own.")
        self.clear()
        if STEP not in self._page.keys:  # else the link is written where the step is known
            self.write_link()
        _, problem = step_asked()
        if problem:
            st.warning(problem, icon=":material/link_off:")

    def progress(self, share: float, text: str) -> None:
        """Show how far a run is, 0 to 1."""
        self.place.progress(share, text)

    def clear(self) -> None:
        """Show the sentence (again)."""
        self.place.caption(self.sentence)

    def write_link(self) -> None:
        """Write the link to share, as the page is now."""
        given = {key: st.query_params.get_all(key) or [None] for key in self._page.keys}
        here = {key: st.session_state.get(key, values if values[1:] else values[0]) for key, values in given.items()}
        own = {
            key: value if isinstance(value, list) else str(value) for key, value in here.items() if value is not None
        }
        link = full(self._settings.experiment, st.context.url or "", own.items())
        self._link.code(link, language=None, wrap_lines=True)
