"""What one setting of an experiment may be, and how it is read from and written to text.

A setting is a dataclass field whose metadata holds a `Field`: its kind, its range or its options, and one line of help.
The same description validates a constructor call (`check`: wrong values raise) and reads a link (`read`: wrong
values are mended to the nearest valid one, and the mending is reported), so the two can never disagree.
"""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
AUTO = "auto"


class Rejected(ValueError):
    """A value that cannot be taken; `nearest` is the valid value to use in its place, None for the default."""

    def __init__(self, message: str, nearest: Any = None):
        super().__init__(message)
        self.nearest = nearest


@dataclasses.dataclass(frozen=True)
class Field:
    """One setting: `check(value)` gives its normal form or raises `Rejected`; `parse` and `format` are text."""

    check: Callable[[Any], Any]
    parse: Callable[[str], Any]
    format: Callable[[Any], str]
    help: str
    low: float | None = None
    high: float | None = None
    options: tuple[str, ...] = ()


def field_of(owner: type, key: str) -> Field:
    """The `Field` of setting `key` of the dataclass `owner`."""
    return next(f.metadata["field"] for f in dataclasses.fields(owner) if f.name == key)


def _declare(default: Any, field: Field) -> Any:
    return dataclasses.field(default=default, metadata={"field": field})


def real(default: float | None, low: float, high: float, meaning: str) -> Any:
    """A finite float in [low, high]. Here as below: the owner replaces a default of None before it checks."""

    def check(value: Any) -> float:
        if isinstance(value, bool | str) or not isinstance(value, int | float) or math.isnan(value):
            raise Rejected(f"must be a number from {low:g} to {high:g}")
        if not low <= value <= high:
            raise Rejected(f"must be from {low:g} to {high:g}", nearest=float(min(max(value, low), high)))
        return float(value)

    return _declare(default, Field(check, float, _shortest, meaning, low, high))


def whole(default: int | None, low: int, high: int, meaning: str, words: dict[str, int] | None = None) -> Any:
    """An int in [low, high]; `words` are names for special values in a link."""

    def check(value: Any) -> int:
        if isinstance(value, bool | str) or not isinstance(value, int | float) or value != value:
            raise Rejected(f"must be a whole number from {low} to {high}")
        if not low <= value <= high:
            raise Rejected(f"must be from {low} to {high}", nearest=int(min(max(value, low), high)))
        if value != int(value):
            raise Rejected(f"must be a whole number from {low} to {high}", nearest=int(value))
        return int(value)

    def parse(text: str) -> float:
        return words[text] if words and text in words else float(text)

    return _declare(default, Field(check, parse, str, meaning, low, high))


def truth(default: bool | None, meaning: str) -> Any:
    """True or False; in a link 1 or 0."""

    def check(value: Any) -> bool:
        if not isinstance(value, bool):
            raise Rejected("must be true or false")
        return value

    def parse(text: str) -> bool:
        if text.lower() not in TRUE + FALSE:
            raise Rejected("must be 1 or 0")
        return text.lower() in TRUE

    return _declare(default, Field(check, parse, lambda value: str(int(value)), meaning))


def automatic(number: Any) -> Any:
    """A number that may also be left to the engine, as it is by default: None, in a link `auto`."""
    field = number.metadata["field"]

    def check(value: Any) -> Any:
        return None if value is None else field.check(value)

    def parse(text: str) -> Any:
        return None if text.lower() == AUTO else field.parse(text)

    def write(value: Any) -> str:
        return AUTO if value is None else field.format(value)

    return _declare(None, dataclasses.replace(field, check=check, parse=parse, format=write))


def choice(default: str, options: tuple[str, ...], meaning: str) -> Any:
    """One of `options`."""

    def check(value: Any) -> str:
        if value not in options:
            raise Rejected(f"must be one of {', '.join(options)}")
        return value

    return _declare(default, Field(check, str, str, meaning, options=options))


def several(default: tuple[str, ...], options: tuple[str, ...], meaning: str) -> Any:
    """One or more of `options`, kept in order; in a link joined by hyphens."""

    def check(value: Any) -> tuple[str, ...]:
        names = (value,) if isinstance(value, str) else tuple(value)
        known = tuple(name for name in names if name in options)
        if not names or known != names:
            raise Rejected(f"must be one or more of {', '.join(options)}", nearest=known or None)
        return names

    return _declare(default, Field(check, lambda text: tuple(text.split("-")), "-".join, meaning, options=options))


def widths(default: tuple[int, ...], low: int, high: int, most: int, meaning: str) -> Any:
    """A tuple of at most `most` ints in [low, high]; in a link joined by hyphens, `none` for the empty one."""

    def check(value: Any) -> tuple[int, ...]:
        try:
            numbers = tuple(int(width) for width in value)
        except (TypeError, ValueError, OverflowError):
            raise Rejected(f"must be widths from {low} to {high} such as 8-8, or none") from None
        if len(numbers) > most or any(not low <= width <= high for width in numbers):
            nearest = tuple(min(max(width, low), high) for width in numbers[:most])
            raise Rejected(f"must have at most {most} layers, each {low} to {high} wide", nearest=nearest)
        return numbers

    def parse(text: str) -> tuple[str, ...]:
        return () if text.lower() in ("none", "0") else tuple(text.split("-"))

    def write(value: tuple[int, ...]) -> str:
        return "-".join(map(str, value)) or "none"

    return _declare(default, Field(check, parse, write, meaning, low, high))


def read(field: Field, text: Any, default: Any) -> tuple[Any, str]:
    """Read one setting from a link: `(value, problem)`, where `problem` is empty when the text was taken as it is."""
    if not isinstance(text, str):
        text = field.format(text) if _is_valid(field, text) else str(text)
    stripped = text.strip()
    try:
        if not stripped:
            raise Rejected("is empty")
        return field.check(field.parse(stripped)), ""
    except Rejected as problem:
        value = default if problem.nearest is None else problem.nearest
        reason = str(problem)
    except (ValueError, OverflowError):
        value, reason = default, f"must be a number from {field.low:g} to {field.high:g}"
    return value, f"{_clip(stripped)!r} {reason}; {field.format(value)} is used"


def _is_valid(field: Field, value: Any) -> bool:
    try:
        field.check(value)
    except (Rejected, TypeError):
        return False
    return True


def _clip(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _shortest(value: float) -> str:
    """The shortest text that reads back as the same float (`0.1`, `1e-08`, `3`)."""
    return repr(value).removesuffix(".0")
