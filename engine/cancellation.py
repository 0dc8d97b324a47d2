"""Cancellation points: where long work asks, by the clock, whether it is still wanted.

A page that has been left, a setting that has changed, a time that is up: each must end a computation within a second,
and none of them is known to the engine. So whoever starts the work says what is to be asked, and the work comes past a
cancellation point often: in every step, layer, chunk or product that may take a while. The question is put at most
every `EVERY` seconds, so a point costs next to nothing; what the question raises ends the work there.

    with cancellable(ask):
        train(experiment)

The term and the idea are those of POSIX threads; where nobody asks, a point does nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter

EVERY = 0.3  #: seconds between two questions

_current: ContextVar["_Clock | None"] = ContextVar("cancellation", default=None)


class _Clock:
    """Asks when it is time to."""

    def __init__(self, ask: Callable[[], None], every: float):
        self._ask, self._every = ask, every
        self._next = perf_counter() + every

    def __call__(self) -> None:
        if perf_counter() >= self._next:
            self._ask()
            self._next = perf_counter() + self._every


@contextmanager
def cancellable(ask: Callable[[], None], every: float = EVERY) -> Iterator[None]:
    """Within, `ask()` is called at the cancellation points of this thread, at most every `every` seconds."""
    token = _current.set(_Clock(ask, every))
    try:
        yield
    finally:
        _current.reset(token)


def cancellation_point() -> None:
    """Ask whether the work is still wanted, if it is time to and somebody wants to know."""
    clock = _current.get()
    if clock is not None:
        clock()
