"""What a computation takes, and how much of it is allowed.

An `Estimate` says how many seconds of one core and how many bytes a computation takes, and in words what to reduce if
that is too much. Estimates of parts add up, so that the words are those of the part that weighs most.

Two limits decide. What stays below `AT_ONCE` may start by itself, from a link too. Beyond it somebody has to ask for
it, up to what the host allows (`host_limits`, from the environment). Beyond that it is refused: `require` raises.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple

SECONDS, MEGABYTES = "DESCENT_LAB_SECONDS", "DESCENT_LAB_MEGABYTES"  #: environment variables of a host


class TooMuchWork(ValueError):
    """The work would take too long or too much memory; the message says what to reduce."""


class Limits(NamedTuple):
    """At the most so many seconds of one core, and so many bytes."""

    seconds: float
    bytes: float


PIECE = 1.0  #: seconds that a single piece of work may hold on, during which nobody can end it
AT_ONCE = Limits(10.0, 300e6)  #: what may start without being asked for
HOST = Limits(120.0, 1e9)  #: what may run at all, unless the environment says otherwise


class Estimate(NamedTuple):
    """Seconds of one core, bytes in use at one time, and what to reduce: "the steps (300) or the batch (5)".

    `result` are the bytes that stay in use afterwards, as long as somebody wants to see the result. `piece` are the
    seconds of the longest piece that is one call of LAPACK, during which there is no cancellation point.
    """

    seconds: float
    bytes: float
    reduce: str
    result: float = 0.0
    piece: float = 0.0

    def within(self, limits: Limits) -> bool:
        """Whether both numbers are within the limits, and no piece is too long; not a number never is."""
        return self.seconds <= limits.seconds and self.bytes <= limits.bytes and self.piece <= PIECE

    @property
    def weight(self) -> float:
        """How much of what may start at once it takes, of time or of memory, whichever is more."""
        return max(self.seconds / AT_ONCE.seconds, self.bytes / AT_ONCE.bytes)


def together(*parts: Estimate) -> Estimate:
    """Parts of one computation, in memory at the same time."""
    return _added(parts, sum(part.bytes for part in parts))


def in_turn(*parts: Estimate) -> Estimate:
    """One after the other: each gives its memory back before the next one starts."""
    return _added(parts, max(part.bytes for part in parts))


def _added(parts: tuple[Estimate, ...], size: float) -> Estimate:
    heaviest = max(parts, key=lambda part: part.weight)
    seconds, results = sum(part.seconds for part in parts), sum(part.result for part in parts)
    return Estimate(seconds, size, heaviest.reduce, results, max(part.piece for part in parts))


def host_limits(environment: Mapping[str, str] = os.environ) -> Limits:
    """The limits of this host.

    Raises:
        ValueError: naming the variable, if one is set to anything but a number above 0.
    """
    return Limits(
        _positive(environment, SECONDS, HOST.seconds), 1e6 * _positive(environment, MEGABYTES, HOST.bytes / 1e6)
    )


def _positive(environment: Mapping[str, str], name: str, usual: float) -> float:
    text = environment.get(name, "")
    try:
        value = float(text) if text else usual
    except ValueError:
        value = 0.0
    if not value > 0:
        raise ValueError(f"{name}={text!r} must be a number above 0")
    return value


def require(what: str, estimate: Estimate, limits: Limits | None = None) -> None:
    """Raise `TooMuchWork` where the estimate is beyond the limits, those of the host unless others are given."""
    limits = host_limits() if limits is None else limits
    if estimate.piece > PIECE:
        raise TooMuchWork(
            f"{what} would go on for about {duration(estimate.piece)} at a time in which it cannot be ended, to take a "
            "Hessian apart: reduce the hidden layers, or choose another optimizer than Newton's method."
        )
    if not estimate.within(limits):
        if not estimate.seconds <= limits.seconds:
            takes, allowed = duration(estimate.seconds), duration(limits.seconds)
        else:
            takes, allowed = f"{memory(estimate.bytes)} of memory", memory(limits.bytes)
        raise TooMuchWork(
            f"{what} would take about {takes}, and at most {allowed} is allowed here: reduce {estimate.reduce}."
        )


def duration(seconds: float) -> str:
    """Seconds in words with two digits at the most: "0.4 s", "40 s", "8 hours"."""
    for unit, length, least in (("days", 86_400, 2), ("hours", 3600, 1.5), ("minutes", 60, 2)):
        if seconds >= least * length:
            return f"{_two_digits(seconds / length)} {unit}"
    return f"{_two_digits(seconds)} s"


def memory(size: float) -> str:
    """Bytes in words with two digits at the most: "40 MB", "1.2 GB"."""
    return f"{_two_digits(size / 1e9)} GB" if size >= 1e9 else f"{_two_digits(size / 1e6)} MB"


def _two_digits(value: float) -> str:
    if value >= 1e6:
        return f"{value:.0e}".replace("e+0", "e").replace("e+", "e")
    return f"{float(f'{value:.2g}'):,g}"
