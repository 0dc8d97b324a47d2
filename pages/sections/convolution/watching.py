"""What is seen of a run while it trains: the time that is left, the loss so far and the filters as they are.

It can be stopped: then it waits until it is asked for again. A change of any setting ends it, too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from engine.training import Recording
from engine.work import duration
from pages.common.link.changes import end_page
from pages.common.runs.computation import QUIET, Progress
from pages.figures.convolution.filters import filters_figure
from pages.figures.convolution.inputs import so_far_figure

PACE = 1.0  #: seconds between two drawings
_STOPPED = "convolution_stopped"


class Watching:
    """Hears how far a run is, and draws what there is of it."""

    def __init__(self, key: Any, progress: Progress, stop: Any, place: Any):
        self.key, self.progress, self.stop, self.place = key, progress, stop, place
        self.start = perf_counter()
        self.next, self.stoppable, self.drawings = self.start + 2 * QUIET, False, 0

    def __call__(self, share: float) -> None:
        """Say how far it is, and how long it will go on."""
        taken = perf_counter() - self.start
        if taken > QUIET and not self.stoppable:
            self.stoppable = True
            self.stop.button("Stop", key="conv_stop", icon=":material/stop:", on_click=_stop, args=(self.key,))
        if share > 0:
            self.progress.what = f"Training, about {duration(taken / share * (1 - share))} left"
        self.progress(share)

    def draw(self, recording: Recording) -> None:
        """Draw the run so far, if it is time to."""
        if perf_counter() < self.next:
            return
        self.next, self.drawings = perf_counter() + PACE, self.drawings + 1
        with self.place.container(horizontal=True):
            for name, figure in (("filters", filters_figure(recording)), ("loss", so_far_figure(recording))):
                # One run of the page draws many times, and a picture that has not changed needs a key that has.
                key, whole = f"conv_{name}_{self.drawings}", _whole(figure)
                st.plotly_chart(whole, config={"staticPlot": True}, width=400, key=key)


def _whole(figure: Any) -> go.Figure:
    """The figure with its title over the words that stand over its pictures, for which the stage else makes room."""
    whole = go.Figure(figure.plain["data"], figure.plain["layout"])
    heads = (whole.layout.meta or {}).get("heads", 0)
    return whole.update_layout(margin_t=whole.layout.margin.t + heads)


@contextmanager
def watching(key: Any, progress: Progress, stop: Any, place: Any) -> Iterator[Watching]:
    """Within, a run is watched at a `place`, and can be stopped at another one; both are empty afterwards."""
    try:
        yield Watching(key, progress, stop, place)
        progress.what = "Testing"
    finally:  # also where it takes longer than was said, and is offered instead
        stop.empty()
        place.empty()


def wait_if_stopped(key: Any) -> None:
    """End the page here where the run was stopped, with the way to go on."""
    if st.session_state.get(_STOPPED) != key:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":material/pause: Stopped: what was trained so far is not kept.", width="content")
        st.button("Train it", key="conv_go_on", icon=":material/play_arrow:", on_click=_go_on)
    end_page()


def _stop(key: Any) -> None:
    st.session_state[_STOPPED] = key


def _go_on() -> None:
    st.session_state.pop(_STOPPED, None)
