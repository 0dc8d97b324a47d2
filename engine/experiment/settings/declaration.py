"""A setting, declared once: what it may be, what it is called, how it is read from a link and written to one.

Whoever meets a setting reads the same declaration, so that no two can disagree: the constructor of an experiment checks
a value (`check`: a wrong one raises), a link is read (`read`: a wrong value is mended to the nearest valid one, and the
mending is one sentence), the sidebar and the controls of a page show it with its label, its range and its meaning, and
its options by the names that people read (`named`), while the link keeps its own short ones. Some settings mean
something beside others only: β1 beside Adam, a way to clip where there is clipping. `when` says where, and `otherwise`
why not elsewhere. The kinds of settings, numbers, choices and the rest, are in `kinds`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_SHOWN, MOST_WRITTEN = 40, 80  #: characters that a sentence repeats of a visitor's text, and of a valid value


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
        names: how options read, by their words in the link.
        words: words of the link for some values; None is that of a number which is left to the engine.
        control: the control that shows it, where it is not the usual one of its kind.
        when: `when(values)`, whether it means something beside the other settings, the attributes of `values`.
        otherwise: why it means nothing where `when` says no, as the rest of a sentence.
        key: its name in the link.
    """

    default: Any
    label: str
    meaning: str
    names: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    words: dict[str, Any] = field(default_factory=dict, kw_only=True)
    control: str = field(default="", kw_only=True)
    when: Callable[[Any], bool] = field(default=lambda _values: True, kw_only=True)
    otherwise: str = field(default="", kw_only=True)
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

    def named(self, value: Any) -> str:
        """A valid value as people read it: the name of an option, the text of a number."""
        text = self.format(value)
        return self.names.get(text, text)

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
            return value, f"{quoted(given)} {problem}; {self._used(value)}"

    def _used(self, value: Any) -> str:
        """The end of the sentence: what is used in place of what was not taken."""
        written = self.format(value).replace("`", "'")
        return f"{shortened(written, MOST_WRITTEN)} is used"

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
            raise problem if text else Rejected("must not be empty") from None

    def _parsed(self, text: str) -> Any:
        return text

    def _written(self, value: Any) -> str:
        return str(value)


def quoted(value: Any) -> str:
    """What a visitor wrote as a sentence repeats it: cut, and between backticks, of which it has none itself."""
    text = " ".join(_text(value).replace("`", "'").split())
    return f"`{shortened(text, MOST_SHOWN)}`"


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters, the last of them an ellipsis where it was cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def in_code(value: Any) -> str:
    """A value as an error repeats it: as Python writes it."""
    return _text(value, repr)


def _text(value: Any, write: Callable[[Any], str] = str) -> str:
    try:
        return write(value)
    except (ValueError, RecursionError):  # more digits, or lists in lists, than Python writes
        return "a very long value"
