"""Ranges of a setting: from which values a grid takes evenly, and a random search at random.

A learning rate matters by its order of magnitude, so it is spread evenly over its logarithm: of [1e-4, 1] a tenth lies
above 0.4 otherwise, and a thousandth below 1e-3. A range is written as people write it:

    0.001, 0.01, 0.1      these
    0.1..0.5              evenly, five of them unless another number is said
    1e-4..1 log           evenly over the logarithm
    1e-4..1 log 9         nine of them

Bergstra & Bengio, "Random Search for Hyper-Parameter Optimization" (JMLR 13, 2012), spread and draw them in this way.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.experiment.settings import Real, Rejected, Setting, Whole, quoted

USUAL_COUNT, MOST_VALUES = 5, 100
_SPAN = re.compile(r"([^\s.]\S*?)\s*\.\.\s*(\S+)(\s+log)?(?:\s+(\d{1,9}))?", re.IGNORECASE)


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included."""

    low: float
    high: float

    def __post_init__(self):
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"low={self.low!r} and high={self.high!r} must be finite numbers, the first one lower")

    def spread(self, count: int) -> np.ndarray:
        """`count` values, evenly spaced, `[count]`."""
        return self.at(np.linspace(0, 1, count))

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """`n` values at random, `[n]`."""
        return self.at(rng.random(n))

    def at(self, share: np.ndarray) -> np.ndarray:
        """The values at these shares of the way, 0 to 1; the ends are `low` and `high` themselves."""
        raise NotImplementedError


@dataclass(frozen=True)
class Uniform(Range):
    """Evenly over the numbers themselves."""

    def at(self, share: np.ndarray) -> np.ndarray:
        """`low` + `share` · (`high` - `low`)."""
        return np.where(share == 1, self.high, self.low + share * (self.high - self.low))


@dataclass(frozen=True)
class LogUniform(Range):
    """Evenly over the logarithm; above 0 only."""

    def __post_init__(self):
        super().__post_init__()
        if self.low <= 0:
            raise ValueError(f"low={self.low!r} must be above 0: zero has no logarithm")

    def at(self, share: np.ndarray) -> np.ndarray:
        """`low` · (`high` / `low`)^`share`."""
        exact = np.exp(math.log(self.low) + share * math.log(self.high / self.low))
        return np.where(share == 1, self.high, np.where(share == 0, self.low, exact))


def values_of(setting: Setting, text: str) -> tuple[tuple[Any, ...], Range | None]:
    """What a text says of a setting: its values, and the range that they are of, None for a list.

    Values are in the order of the text, each once; those of a range have three digits, or are whole. Raises
    `ValueError` in a sentence.
    """
    spans = _SPAN.fullmatch(text.strip()) if isinstance(setting, Real) else None
    if spans is None:
        parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
        return _distinct([_value(setting, part) for part in parts], text), None
    low, high, log, many = spans.groups()
    count = int(many or USUAL_COUNT)
    if not 2 <= count <= MOST_VALUES:
        raise ValueError(f"{quoted(text)}: the number of values must be from 2 to {MOST_VALUES}")
    try:
        span = (LogUniform if log else Uniform)(float(_value(setting, low)), float(_value(setting, high)))
    except TypeError:
        raise ValueError(f"{quoted(text)}: a range needs two numbers") from None
    return _distinct([fitted(setting, value, 3) for value in span.spread(count)], text), span


def fitted(setting: Setting, value: Any, digits: int = 6) -> Any:
    """A value of a range as the setting takes it: rounded where it is a whole number, else to so many digits."""
    if isinstance(setting, Whole):
        value = round(float(value))
    elif isinstance(setting, Real):
        value = float(f"{float(value):.{digits}g}")
        if setting.low is not None:  # 0.9999 of three digits would be 1
            value = min(max(value, setting.low), setting.high)
    try:
        return setting.check(value)
    except Rejected as problem:
        raise ValueError(f"{setting.key}={value!r} {problem}") from None


def _value(setting: Setting, text: str) -> Any:
    value, problem = setting.read(text)
    if problem:
        raise ValueError(problem.split(";")[0])
    return value


def _distinct(values: list[Any], text: str) -> tuple[Any, ...]:
    found = tuple(dict.fromkeys(values))
    if not found:
        raise ValueError(f"{quoted(text)} names no value")
    if len(found) > MOST_VALUES:
        raise ValueError(f"{quoted(text)} names {len(found):,} values; at most {MOST_VALUES} are taken")
    return found
