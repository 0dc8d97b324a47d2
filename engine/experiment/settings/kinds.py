"""The kinds of settings: numbers, truths, choices, widths and texts, each with the way it is checked, read and written.

What they have in common, and what a declaration is for, is in `declaration`.
"""

import numbers
import operator
import sys
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from engine.experiment.settings.declaration import Rejected, Setting

AUTO = {"auto": None}  #: the word for a number that is left to the engine
TRUTHS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class Real(Setting):
    """A finite float in [low, high], or any where these are None; in a link as short as it reads back the same."""

    low: float | None = None
    high: float | None = None
    step: float | None = field(default=None, kw_only=True)
    number: ClassVar[type] = float

    def _checked(self, value: Any) -> float:
        span = "" if self.low is None else f" from {self.format(self.low)} to {self.format(self.high)}"
        if isinstance(value, bool) or not isinstance(value, numbers.Real) or value != value:
            raise Rejected(f"must be a number{span}")
        if self.low is None and abs(value) > sys.float_info.max:
            raise Rejected("must be a finite number")
        if self.low is not None and not self.low <= value <= self.high:
            raise Rejected(f"must be{span}", nearest=self.number(min(max(value, self.low), self.high)))
        if self.number is int and value != int(value):
            raise Rejected(f"must be a whole number{span}", nearest=int(value))
        return self.number(value)

    def _parsed(self, text: str) -> Any:
        try:
            return text if "_" in text else float(text)  # 8_8, which Python would take for 88, is no number
        except ValueError:
            return text

    def _written(self, value: float) -> str:
        return repr(value).removesuffix(".0")


@dataclass(frozen=True)
class Whole(Real):
    """An int in [low, high]; its control suggests the `options`."""

    number: ClassVar[type] = int

    @property
    def options(self) -> tuple[str, ...]:
        """What the control suggests."""
        return tuple(self.names)

    def named(self, value: int | None) -> str:
        """The value as its control shows it."""
        word = next((word for word, number in self.words.items() if number == value), "")
        return self.names.get(word) or super().named(value)


@dataclass(frozen=True)
class Truth(Setting):
    """True or False; in a link 1 or 0."""

    words: dict[str, bool] = field(default_factory=lambda: TRUTHS, kw_only=True)

    def named(self, value: bool) -> str:
        """`on` or `off`."""
        return "on" if value else "off"

    def _checked(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise Rejected("must be true or false, 1 or 0")
        return value

    def _written(self, value: bool) -> str:
        return str(int(value))


@dataclass(frozen=True)
class Choice(Setting):
    """One of `options`: the words of the link, each with its name for people."""

    names: Mapping[str, str]

    @property
    def options(self) -> tuple[str, ...]:
        """The words of the link, in the order in which they are offered."""
        return tuple(self.names)

    def _checked(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise Rejected(f"must be one of {', '.join(self.options)}")
        return value


@dataclass(frozen=True)
class Several(Choice):
    """At least so many of `options`, kept in order, `distinct` or not; in a link joined by hyphens."""

    least: int = field(default=1, kw_only=True)
    distinct: bool = field(default=False, kw_only=True)

    def _checked(self, value: Any) -> tuple[str, ...]:
        names = (value,) if isinstance(value, str) else entries(value)
        known = tuple(name for name in names if isinstance(name, str) and name in self.options)
        nearest = tuple(dict.fromkeys(known)) if self.distinct else known
        if len(names) < self.least or known != names:
            many = "one or more" if self.least else "none or more"
            raise Rejected(f"must be {many} of {', '.join(self.options)}", nearest=nearest or None)
        if nearest != names:
            raise Rejected("must name each only once", nearest=nearest)
        return names

    def named(self, value: tuple[str, ...]) -> str:
        """The names of the options, one after the other."""
        return ", ".join(self.names[option] for option in value) or "none"

    def _parsed(self, text: str) -> tuple[str, ...]:
        return tuple(self.words.get(part, part) for part in text.split("-")) if text else ()

    def _written(self, value: tuple[str, ...]) -> str:
        return "-".join(value)


@dataclass(frozen=True)
class Widths(Setting):
    """At most so many ints in [low, high]; in a link joined by hyphens, `none` for none."""

    low: int
    high: int
    most: int

    def _checked(self, value: Any) -> tuple[int, ...]:
        try:
            widths = tuple(operator.index(None if isinstance(width, bool) else width) for width in entries(value))
        except TypeError:
            raise Rejected(f"must be widths from {self.low} to {self.high} such as 8-8, or none") from None
        if len(widths) > self.most or any(not self.low <= width <= self.high for width in widths):
            nearest = tuple(min(max(width, self.low), self.high) for width in widths[: self.most])
            reason = f"must have at most {self.most} layers, each {self.low} to {self.high} wide"
            raise Rejected(reason, nearest=nearest)
        return widths

    def _parsed(self, text: str) -> tuple[Any, ...]:
        parts = () if text.lower() in ("none", "0") else text.split("-")
        return tuple(int(part[:20]) if part.isdecimal() else part for part in parts)

    def _written(self, value: tuple[int, ...]) -> str:
        return "-".join(map(str, value)) or "none"


@dataclass(frozen=True)
class Text(Setting):
    """Any text of at most `most` characters, without blanks around it."""

    most: int

    def _checked(self, value: Any) -> str:
        if not isinstance(value, str):
            raise Rejected("must be a text")
        if len(value) > self.most:
            raise Rejected(f"must have at most {self.most:,} characters", nearest=value[: self.most].strip())
        return value.strip()

    def _used(self, value: str) -> str:  # without the text itself, which may be a link, or a heading
        return "its beginning is used" if value else "no text is used"


def entries(value: Any) -> tuple[Any, ...]:
    """The entries of a list, a tuple or an array; of a text, a set or what has no entries, None alone."""
    try:
        return (None,) if isinstance(value, str | bytes | bytearray | Set | Mapping) else tuple(value)
    except TypeError:
        return (None,)


def titled(registry: Mapping[str, Any]) -> dict[str, str]:
    """The names of what a registry holds, by the words of the link: each entry carries its own as `title`."""
    return {name: entry.title for name, entry in registry.items()}


def keyed(**settings: Setting) -> dict[str, Setting]:
    """Settings by their keys, each with its own key in it."""
    return {key: replace(setting, key=key) for key, setting in settings.items()}
