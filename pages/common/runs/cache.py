"""Results that are kept: computed once for everybody, as many of late as fit a budget of bytes.

A result is a pure function of its key, the settings and the data, and read-only, so all sessions share it. What is made
from a user's own table belongs to the session that has the table, and goes with it.
"""

import math
from collections import Counter, OrderedDict
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any, NamedTuple
from uuid import uuid4

import streamlit as st

from engine import train
from engine.datasets import Dataset
from engine.training import Recording, load, network_of
from engine.training.remarks import remarks
from engine.work import Estimate, Limits, evaluation_work, frame_count, in_turn, require, training_work
from pages.common.app.head import Head
from pages.common.link.changes import end_page
from pages.common.runs.computation import Progress, computing
from pages.common.runs.memory import Held, held
from pages.common.settings import Settings
from pages.common.text import plain

BUDGET = 200_000_000  #: bytes of all results that are kept in this process


class Entry(NamedTuple):
    """A result, what it held when it was put here, and the session that owns it ("": everybody's)."""

    value: Any
    held: Held
    owner: str


class Cache:
    """The results of late, the least recently used ones dropped beyond the budget.

    Memory that several results share, as runs share their data, counts once.
    """

    def __init__(self, budget: int = BUDGET):
        self.budget, self.used = budget, 0
        self._lock = Lock()
        self._entries: OrderedDict[Any, Entry] = OrderedDict()
        self._holders: Counter[int] = Counter()  #: how many results hold the piece of memory at an address

    def get(self, key: Any) -> Any:
        """The result under `key`, or None."""
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key].value

    def put(self, key: Any, value: Any, owner: str = "", own: Any = None) -> None:
        """Keep a result, unless it is larger than the whole budget.

        What it holds of `own`, the data of the session that owns it, is in memory anyway. If these alone are too large,
        as all images of MNIST are, the result is kept without counting them, as the only one of its session.
        """
        pieces = held(value)
        if pieces.size > self.budget and own is not None:
            self.release(owner)
            pieces = pieces.without(held(own))
        entry = Entry(value, pieces, owner)
        with self._lock:
            self._drop(key)
            if entry.held.size > self.budget:
                return
            self._entries[key] = entry
            self._count(entry.held, 1)
            while self.used > self.budget:
                self._drop(next(iter(self._entries)))

    def pop(self, key: Any) -> Any:
        """The result under `key`, which is kept no longer; None if there is none."""
        with self._lock:
            return self._drop(key)

    def release(self, owner: str) -> None:
        """Keep no longer what belongs to a session."""
        with self._lock:
            for key in [key for key, entry in self._entries.items() if entry.owner == owner]:
                self._drop(key)

    def _drop(self, key: Any) -> Any:
        entry = self._entries.pop(key, None)
        if entry is None:
            return None
        self._count(entry.held, -1)
        return entry.value

    def _count(self, pieces: Held, sign: int) -> None:
        self.used += sign * pieces.rest
        for address, size in pieces.pieces.items():
            before = self._holders[address]
            self._holders[address] += sign
            if not (before and self._holders[address]):
                self.used += sign * size
            if not self._holders[address]:
                del self._holders[address]


RESULTS = Cache()


def kept(
    key: Any,
    make: Callable[[Progress], Any],
    work: Callable[[], Estimate],
    head: Head,
    what: str,
    *,
    steps: int = 0,
    settings: Settings | None = None,
) -> Any:
    """What `make(progress)` gives, made once; the page ends here where it may not start or fails, with a sentence.

    Args:
        key: everything that the result depends on.
        make: gives the result; it is handed the progress to report to.
        work: estimates what that takes; asked only if there is a need.
        head: shows how far it is.
        what: it is called: "This run".
        steps: of it, for the progress.
        settings: where it depends on them, so that what is made from a user's own table stays in this session.
    """

    def keepable() -> Estimate:
        estimate = work()
        stays = Estimate(0.0, estimate.result, estimate.reduce)
        require(f"What is kept of {what[0].lower()}{what[1:]}", stays, Limits(math.inf, RESULTS.budget))
        return estimate

    owner = session() if settings is not None and settings.fingerprint else ""
    key = (owner, key)
    found = RESULTS.get(key)
    if found is None:
        with computing(key, keepable, head, what, steps) as progress:
            found = make(progress)
        RESULTS.put(key, found, owner, settings.data if owner else None)
    return found


def require_data(settings: Settings) -> None:
    """End the page here with one sentence where there is nothing to train on yet."""
    if settings.missing:
        st.info(plain(settings.missing), icon=":material/upload_file:")
        end_page()


def key_of(settings: Settings) -> tuple[str, ...]:
    """What a run of these settings is kept under, without whose it is."""
    return (*settings.experiment.to_params().values(), settings.fingerprint)


def trained(settings: Settings, head: Head) -> Recording:
    """The recording of the settings; the head of the page shows how far a long run is.

    Where there is nothing to train on, or the run may not start, the page ends here with one sentence.
    """
    require_data(settings)
    experiment = settings.experiment

    @cache
    def data() -> Dataset:
        return settings.data or load(experiment)

    def make(progress: Progress) -> Recording:
        found = train(experiment, progress, data=data())
        for series in ("train_loss", "test_loss", "train_accuracy", "test_accuracy"):
            getattr(found, series)  # computed here, where it is counted and may be interrupted
        return found

    def work() -> Estimate:
        network, samples, held = network_of(experiment, data()), len(data().train), len(data().test)
        training = training_work([experiment], network, samples, held)
        return in_turn(training, evaluation_work(network, samples + held, frame_count(network, 1, experiment.steps)))

    found = kept(key_of(settings), make, work, head, "This run", steps=experiment.steps, settings=settings)
    for said in remarks(found.experiment, found.data, found.network):
        st.caption(plain(said))
    return found


@st.cache_resource(scope="session", on_release=RESULTS.release, show_spinner=False)
def session() -> str:
    """A name for this session; when it ends, so does what belongs to it."""
    return uuid4().hex
