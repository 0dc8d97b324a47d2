"""Settings that are lists typed by hand: weights to start from, points, rows of numbers, each written as people would.

    weights     W1[1,2]:0.5,b2:0,0.1      one weight, as the screen names it (unit, input, from 1), and all of b2
    points      a1.5_-2b0_3               a point of the first class at (1.5, -2), one of the second at (0, 3)
    rows        1,2:3,4;0,1:5,6           two samples of two inputs and two targets

Each part of a list is read by itself, so that one which cannot be read is named in a sentence and the rest is kept. A
part is valid if it reads back, from what it writes, as itself.
"""

import math
import re
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from engine.experiment.settings import Rejected, Setting, entries, quoted
from engine.typed import numbers_in, written

_START = re.compile(r"([WbK]\d{1,3})(?:\[(\d{1,4}(?:,\d{1,4})*)\])?:(.+)", re.DOTALL)


class Start(NamedTuple):
    """First values of the part `part` of a network: of all of it in its order, row by row, or of its entry `place`.

    `place` counts from 0 (unit, input), as arrays do; in text it counts from 1, as the screen does. One value for a
    whole part is the value of each of its entries.
    """

    part: str
    place: tuple[int, ...] | None
    values: tuple[float, ...]

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The start that a text such as `W1[1,2]:0.5` or `b1:0,0.1` means; None if there is none."""
        found = _START.fullmatch(text.strip())
        values = found and numbers_in(found[3])
        place = tuple(int(index) - 1 for index in found[2].split(",")) if found and found[2] else None
        if not values or (place is not None and (len(values) > 1 or min(place) < 0)):
            return None
        return cls(found[1], place, values)

    @property
    def name(self) -> str:
        """W1[1,2], or W1 for all of it."""
        return self.part if self.place is None else f"{self.part}[{','.join(str(index + 1) for index in self.place)}]"

    def __str__(self) -> str:
        return f"{self.name}:{written(self.values)}"

    def fits(self, shape: tuple[int | None, ...]) -> bool:
        """Whether a part of that shape takes it; of None is not known how many there are."""
        if self.place is not None:
            inside = zip(self.place, shape, strict=False)
            return len(self.place) == len(shape) and all(n is None or index < n for index, n in inside)
        return None in shape or len(self.values) == math.prod(shape) or (len(self.values) == 1 and 0 not in shape)


@dataclass(frozen=True)
class Listed(Setting):
    """At most `most` parts of one kind with at most `most_numbers` numbers in all; in a link joined by `mark`.

    `kind` is a NamedTuple: `kind.read(text)` gives a part or None, `str` writes it. `such_as` are some, for people.
    """

    kind: Any
    such_as: str
    most: int
    most_numbers: int
    mark: str = ","
    between: str = r"[,;]\s*(?=[A-Za-z])"  #: where a text is parted: weights begin with a letter

    def _checked(self, value: Any) -> tuple[Any, ...]:
        parts = self._parsed(value) if isinstance(value, str) else entries(value)
        good = tuple(part for part in parts if isinstance(part, self.kind) and self.kind.read(_text(part)) == part)
        if len(good) < len(parts):
            wrong = next(part for part in parts if part not in good)
            raise Rejected(f"must be {self.such_as}, and {quoted(_text(wrong))} is none", nearest=self._within(good))
        if self._within(good) != good:
            reason = f"must be at most {self.most} parts of {self.most_numbers:,} numbers in all"
            raise Rejected(reason, nearest=self._within(good))
        return good

    def _within(self, parts: tuple[Any, ...]) -> tuple[Any, ...]:
        """As many of the first parts as are allowed."""
        kept, count = [], 0
        for part in parts[: self.most]:
            count += str(part).count(",") + 1
            if count <= self.most_numbers:
                kept.append(part)
        return tuple(kept)

    def _parsed(self, text: str) -> tuple[Any, ...]:
        pieces = [] if text.lower() == "none" else re.split(self.between, text.strip())
        return tuple(self.kind.read(piece) or piece for piece in pieces if piece)

    def _written(self, value: tuple[Any, ...]) -> str:
        return self.mark.join(map(str, value)) or "none"


def put_in(weights: tuple[Start, ...], part: str, place: tuple[int, ...], value: float) -> tuple[Start, ...]:
    """The weights with one number typed over; an earlier one in its place goes."""
    return (*(start for start in weights if (start.part, start.place) != (part, place)), Start(part, place, (value,)))


def _text(part: Any) -> str:
    try:
        return str(part)
    except (TypeError, ValueError, RecursionError):  # a part made by hand of anything at all
        return "a value of no such kind"
