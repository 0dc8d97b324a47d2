"""Training for a page: kept for everybody, with progress if it takes long, refused if it takes too long.

A recording is a pure function of the experiment and the data, and read-only, so all sessions share those of
late, as many as fit a budget of bytes. The training happens in the run of the page, for only there may it
draw a progress bar and be interrupted: whenever the bar moves, Streamlit ends the run if a setting has
changed meanwhile, and nothing is kept of it.
"""

import gc
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import perf_counter
from typing import Any

import numpy as np
import streamlit as st
from threadpoolctl import threadpool_limits

from engine import train
from engine.training import Recording
from pages.common.app.head import Head
from pages.common.settings import Settings
from pages.common.text import plain

BUDGET = 200_000_000  #: bytes of recordings that are kept
QUIET = 0.4  #: seconds before a run shows its progress
PACE = 0.1  #: seconds between two movements of the bar

# Small matrices only lose by a second thread. This holds for the whole process; the import runs once.
threadpool_limits(limits=1, user_api="blas")
gc.freeze()  # the libraries stay for good; to look through them for garbage takes 0.1 s


class Shelf:
    """The recordings of late, the least recently used ones dropped beyond the budget."""

    def __init__(self, budget: int = BUDGET):
        self.budget, self.used = budget, 0
        self._lock, self._kept = Lock(), OrderedDict()

    def get(self, key: Any) -> Recording | None:
        """The recording under `key`, or None."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def put(self, key: Any, recording: Recording) -> None:
        """Keep a recording; the newest one stays whatever its size."""
        with self._lock:
            self.used += size(recording) - (size(self._kept.pop(key)) if key in self._kept else 0)
            self._kept[key] = recording
            while self.used > self.budget and len(self._kept) > 1:
                self.used -= size(self._kept.popitem(last=False)[1])


def size(recording: Any) -> int:
    """Bytes of the arrays of a recording, or of a tuple of arrays."""
    values = recording if isinstance(recording, tuple) else vars(recording).values()
    return sum(value.nbytes for value in values if isinstance(value, np.ndarray))


def require_data(settings: Settings) -> None:
    """End the page here with one sentence where there is nothing to train on yet."""
    if settings.missing:
        st.info(plain(settings.missing), icon=":material/upload_file:")
        st.stop()


def trained(settings: Settings, head: Head) -> Recording:
    """The recording of the settings; the head of the page shows how far a long run is.

    Where there is nothing to train on, or the run would be too large, the page ends here with one sentence.
    """
    require_data(settings)
    experiment = settings.experiment
    key = (*experiment.to_params().values(), settings.fingerprint)
    return kept(key, lambda progress: train(experiment, progress, data=settings.data), head, experiment.steps)


def kept(key: Any, make: Callable[[Callable[[float], None]], Any], head: Head, steps: int) -> Any:
    """What `make(progress)` gives, made once for everybody; where it refuses, the page ends with one sentence."""
    shelf = _shelf()
    found = shelf.get(key)
    if found is None:
        try:
            found = make(Progress(head, steps))
        except ValueError as problem:
            st.warning(plain(str(problem)), icon=":material/speed:")
            st.stop()
        shelf.put(key, found)
        head.clear()
    return found


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf:
    return Shelf()


class Progress:
    """Called with the finished share of a run; draws nothing in the first moments."""

    def __init__(self, head: Head, steps: int):
        self.head, self.steps = head, steps
        self.next = perf_counter() + QUIET

    def __call__(self, share: float) -> None:
        """Move the bar, if it is time to."""
        now = perf_counter()
        if now >= self.next:
            self.next = now + PACE
            done = f"Training: step {round(share * self.steps):,} of {self.steps:,}"
            self.head.progress(min(share, 1.0), done)
