"""A setting, declared once: what it may be, what it is called, how it is read from a link and written to one.

Whoever meets a setting reads the same declaration, so that no two can disagree: the constructor of an experiment checks
a value (`check`: a wrong one raises), a link is read (`read`: a wrong value is mended to the nearest valid one, and the
mending is one sentence), the sidebar and the controls of a page show it with its label, its range and its meaning. Some
settings mean something beside others only: β1 beside Adam, a way to clip where there is clipping. `when` says where.
"""

import numbers
import operator
import sys
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

AUTO = {"auto": None}  #: the word for a number that is left to the engine
TRUTHS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
MOST_SHOWN = 40  #: characters of a visitor's text that a sentence repeats


class Rejected(ValueError):
    """A value that cannot be taken; `nearest` is the valid value to use in its place, None for the default."""

    def __init__(self, message: str, nearest: Any = None):
        super().__init__(message)
        self.nearest = nearest


@dataclass(frozen=True)
class Setting:
    """What all kinds of settings have.

    Attributes:
        default: its value where nothing is said.
        label: the name beside its control.
        meaning: a sentence or two.
        words: words of the link for some values; None is that of a number which is left to the engine.
        control: the control that shows it, where it is not the usual one of its kind.
        when: `when(values)`, whether it means something beside the other settings, the attributes of `values`.
        key: its name in the link.
    """

    default: Any
    label: str
    meaning: str
    words: dict[str, Any] = field(default_factory=dict, kw_only=True)
    control: str = field(default="", kw_only=True)
    when: Callable[[Any], bool] = field(default=lambda _values: True, kw_only=True)
    key: str = field(default="", kw_only=True)

    def check(self, value: Any) -> Any:
        """The value in its normal form; raises `Rejected`."""
        return None if value is None and None in self.words.values() else self._checked(value)

    def parse(self, text: str) -> Any:
        """What a text of the link says, still to be checked."""
        return self.words[text.lower()] if text.lower() in self.words else self._parsed(text)

    def format(self, value: Any) -> str:
        """A valid value as the text that reads back as it."""
        words = (word for word, meant in self.words.items() if meant is None)
        return next(words, "") if value is None else self._written(value)

    def read(self, given: Any, default: Any = None) -> tuple[Any, str]:
        """A value from a link, `(value, problem)`; never raises.

        `problem` says in a sentence what was not taken and what is used for it, and is empty where all was taken.
        `default`, unless it is None, takes the place of the setting's own.
        """
        try:
            return self._taken(given), ""
        except Rejected as problem:
            usual = self.default if default is None else default
            value = usual if problem.nearest is None else problem.nearest
            return value, f"{quoted(given)} {problem}; {self.format(value)} is used"

    def _taken(self, given: Any) -> Any:
        """The value itself, or what it says when it is written."""
        if not isinstance(given, str):
            try:
                return self.check(given)
            except Rejected as problem:
                if problem.nearest is not None:
                    raise
        text = _text(given).strip()
        try:
            return self.check(self.parse(text))
        except Rejected as problem:
            raise problem if text else Rejected("is empty") from None

    def _parsed(self, text: str) -> Any:
        return text

    def _written(self, value: Any) -> str:
        return str(value)


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
    """An int in [low, high]; `options` are those that its control suggests."""

    options: tuple[str, ...] = field(default=(), kw_only=True)
    number: ClassVar[type] = int


@dataclass(frozen=True)
class Truth(Setting):
    """True or False; in a link 1 or 0."""

    words: dict[str, bool] = field(default_factory=lambda: TRUTHS, kw_only=True)

    def _checked(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise Rejected("must be true or false, 1 or 0")
        return value

    def _written(self, value: bool) -> str:
        return str(int(value))


@dataclass(frozen=True)
class Choice(Setting):
    """One of `options`."""

    options: tuple[str, ...]

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
        names = (value,) if isinstance(value, str) else _entries(value)
        known = tuple(name for name in names if isinstance(name, str) and name in self.options)
        nearest = tuple(dict.fromkeys(known)) if self.distinct else known
        if len(names) < self.least or known != names:
            many = "one or more" if self.least else "none or more"
            raise Rejected(f"must be {many} of {', '.join(self.options)}", nearest=nearest or None)
        if nearest != names:
            raise Rejected("must name each only once", nearest=nearest)
        return names

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
            widths = tuple(operator.index(None if isinstance(width, bool) else width) for width in _entries(value))
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


def quoted(value: Any) -> str:
    """What a visitor wrote as a sentence repeats it: cut, and between backticks, of which it has none itself."""
    text = " ".join(_text(value).replace("`", "'").split())
    return f"`{text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + '…'}`"


def in_code(value: Any) -> str:
    """A value as an error repeats it: as Python writes it."""
    return _text(value, repr)


def _text(value: Any, write: Callable[[Any], str] = str) -> str:
    try:
        return write(value)
    except (ValueError, RecursionError):  # more digits, or lists in lists, than Python writes
        return "a very long value"


def _entries(value: Any) -> tuple[Any, ...]:
    """The entries of a list, a tuple or an array; of a text, a set or what has no entries, None alone."""
    try:
        return (None,) if isinstance(value, str | bytes | bytearray | Set | Mapping) else tuple(value)
    except TypeError:
        return (None,)


def keyed(**settings: Setting) -> dict[str, Setting]:
    """Settings by their keys, each with its own key in it."""
    return {key: replace(setting, key=key) for key, setting in settings.items()}
