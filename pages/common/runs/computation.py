"""A computation of a page: whether it may start, how far it is, and whether it is still wanted.

A short one starts by itself. A long or a large one, which no link may start, waits until the visitor presses a button
that says how long it will take; one beyond the limits of the host is refused in words. What a page computes by itself
in one run of it counts together.

While it runs, its cancellation points move the bar. There Streamlit ends the run of a page whose settings have changed
or whose tab was closed, and there it ends itself if it has used far more time than it was said to.
"""

import gc
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Condition
from time import perf_counter, thread_time

import streamlit as st
from threadpoolctl import threadpool_limits

from engine.cancellation import EVERY, cancellable
from engine.work import AT_ONCE, Estimate, Limits, duration, host_limits, memory, require
from pages.common.app.head import Head
from pages.common.app.notices import marked
from pages.common.link.changes import end_page
from pages.common.text import plain

QUIET = 0.4  #: seconds before a computation shows its progress
PACE = 0.1  #: seconds between two movements of the bar
MOMENT = Limits(0.5, 50e6)  #: what nobody is asked about, however much came before it
LATE = 3  #: times the time that may start at once: what then still runs is asked for
_ASKED, MOST_ASKED = "computations_asked_for", 50

# Small matrices only lose by a second thread. This holds for the whole process; the import runs once.
threadpool_limits(limits=1, user_api="blas")
gc.freeze()  # the libraries stay for good; to look through them for garbage takes 0.1 s


def look_for_changes() -> None:
    """Let Streamlit end this run of the page if a setting has changed or the tab was closed."""
    _ = _ASKED in st.session_state  # whoever looks into the session comes past there


class Progress:
    """Called with the finished share of a computation; draws nothing in the first moments."""

    def __init__(self, head: Head, steps: int = 0, what: str = "Training"):
        self.head, self.steps, self.what, self.share = head, steps, what, 0.0
        self.next = perf_counter() + QUIET

    def __call__(self, share: float) -> None:
        """Move the bar, if it is time to."""
        self.share = share
        now = perf_counter()
        if now >= self.next:
            self.next = now + PACE
            done = f"step {round(share * self.steps):,} of {self.steps:,}" if self.steps else f"{share:.0%}"
            self.head.progress(min(share, 1.0), f"{self.what}: {done}")

    def wait(self) -> None:
        """Say that others come first."""
        self.head.progress(0.0, f"{self.what}: waiting until there is memory for it")


class Overdue(Exception):
    """A computation has used far more time than it was said to."""


class Memory:
    """What the computations of all sessions may use together: one that does not fit waits for its turn."""

    def __init__(self):
        self._changed, self._used = Condition(), 0.0

    @contextmanager
    def reserved(self, size: float, wait: Callable[[], None]) -> Iterator[None]:
        """Within, so many bytes are taken; `wait` is called again and again until there is room for them."""
        while not self._take(size):
            wait()
        try:
            yield
        finally:
            with self._changed:
                self._used -= size
                self._changed.notify_all()

    def _take(self, size: float) -> bool:
        with self._changed:
            if self._used and self._used + size > host_limits().bytes:
                self._changed.wait(EVERY)
            if self._used and self._used + size > host_limits().bytes:
                return False
            self._used += size
            return True


MEMORY = Memory()


@contextmanager
def computing(key: Hashable, work: Callable[[], Estimate], head: Head, what: str, steps: int = 0) -> Iterator[Progress]:
    """Let a computation run in this block, if it may; else, and where it fails, the page ends with one sentence.

    Args:
        key: everything that it depends on; to have asked for it once is enough.
        work: estimates it.
        head: shows how far it is.
        what: it is called: "This run".
        steps: of it, if there are any to count.
    """
    progress = Progress(head, steps, "Training" if steps else what)
    try:
        estimate = work()
        require(what, estimate)
        asked = key in st.session_state.get(_ASKED, ())
        if not asked:
            _start_by_itself(key, estimate, head, what)
        end = thread_time() + (host_limits().seconds if asked else LATE * AT_ONCE.seconds)

        def still_wanted() -> None:
            if thread_time() > end:
                raise Overdue
            look_for_changes()
            progress(progress.share)

        with MEMORY.reserved(estimate.bytes, progress.wait), cancellable(still_wanted):
            yield progress
    except Overdue:
        if not asked:
            _offer(key, f"{what} takes longer than {duration(LATE * AT_ONCE.seconds)}.", "Run it to the end")
        _refuse(
            f"{what} was ended after {duration(host_limits().seconds)}, the most that is allowed here: "
            f"reduce {estimate.reduce}."
        )
    except ValueError as problem:
        _refuse(str(problem))
    head.clear()


def _start_by_itself(key: Hashable, estimate: Estimate, head: Head, what: str) -> None:
    """Count a computation among those that the page starts by itself; end the page where it has to be asked for."""
    so_far = estimate._replace(seconds=estimate.seconds + head.begun)
    if so_far.within(AT_ONCE) or estimate.within(MOMENT):
        head.begun = so_far.seconds
        return
    takes = duration(estimate.seconds)
    large = f" and {memory(estimate.bytes)} of memory" if estimate.bytes > AT_ONCE.bytes else ""
    _offer(key, f"{what} takes about {takes}{large}.", f"Run it, about {takes}")


def _offer(key: Hashable, sentence: str, label: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/timer: {plain(sentence)}", width="content")
        st.button(label, key="run_it", icon=":material/play_arrow:", on_click=_ask_for, args=(key,))
    end_page()


def _ask_for(key: Hashable) -> None:
    st.session_state[_ASKED] = (*st.session_state.get(_ASKED, ()), key)[-MOST_ASKED:]


def _refuse(sentence: str) -> None:
    st.warning(marked(sentence), icon=":material/speed:")
    end_page()
