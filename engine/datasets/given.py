"""Data that are given row by row, and not drawn: logic gates, five squares, points and rows typed by hand.

There is nothing random about them and nothing is held back: the network is trained on every row. A point of the plane
says its class by a letter, `a1.5_-2` lies at (1.5, -2) and is of the first; a row of numbers has its inputs before a
colon and its targets behind it, `1,2:3,4`.
"""

import re
from typing import NamedTuple, Self

import numpy as np

from engine.typed import numbers_in, written

EDGE = 6.0  #: points lie in [-6, 6]²
LETTERS = "abc"  #: of the classes of points
DIGITS = 2  #: behind the point of a coordinate
MOST_INPUTS, MOST_TARGETS = 16, 4  #: of a row
_POINT = re.compile(rf"([{LETTERS}])(-?\d[\d.]*)_(-?\d[\d.]*)")


class Point(NamedTuple):
    """A point of the plane and its class, counted from 0; coordinates to hundredths, within the picture."""

    label: int
    x: float
    y: float

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The point that a text such as `a1.5_-2` means; None if there is none."""
        found = _POINT.fullmatch(text.strip().lower())
        places = found and numbers_in(f"{found[2]},{found[3]}")
        if not places or max(map(abs, places)) > EDGE:
            return None
        x, y = (round(place, DIGITS) + 0.0 for place in places)
        return cls(LETTERS.index(found[1]), x, y)

    def __str__(self) -> str:
        return f"{LETTERS[self.label]}{written((self.x,))}_{written((self.y,))}"


class Row(NamedTuple):
    """Inputs and targets of one sample."""

    x: tuple[float, ...]
    y: tuple[float, ...]

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The row that a text such as `1,2:3,4` means; None if there is none."""
        sides = [numbers_in(side) for side in text.split(":")]
        if len(sides) != 2 or None in sides or len(sides[0]) > MOST_INPUTS or len(sides[1]) > MOST_TARGETS:
            return None
        return cls(*sides)

    def __str__(self) -> str:
        return f"{written(self.x)}:{written(self.y)}"


CORNERS = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
GATES = {
    "and_gate": (0, 0, 0, 1),
    "or_gate": (0, 1, 1, 1),
    "nand_gate": (1, 1, 1, 0),
    "xor_gate": (0, 1, 1, 0),
}  #: what each says of the corners (0,0), (0,1), (1,0), (1,1)


def gate(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The four corners `[2, 4]` and what the gate says of each."""
    return CORNERS, np.array(GATES[name])


def squares() -> tuple[np.ndarray, np.ndarray]:
    """Inputs 0 to 4 `[1, 5]` and their squares."""
    x = np.arange(5.0)
    return x[None], x[None] ** 2


def classes_of(points: tuple[Point, ...]) -> int:
    """Two, or three where a third class has been drawn."""
    return max([2, *(point.label + 1 for point in points)])


def plane_points(points: tuple[Point, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Where the points lie `[2, N]`, and their classes `[N]`."""
    return np.array([(point.x, point.y) for point in points]).T, np.array([point.label for point in points])


def columns(rows: tuple[Row, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Inputs `[d, N]` and targets `[K, N]` of rows that are all alike."""
    return np.array([row.x for row in rows]).T, np.array([row.y for row in rows]).T


def alike(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The rows that have as many inputs and as many targets as the first."""
    return tuple(row for row in rows if (len(row.x), len(row.y)) == (len(rows[0].x), len(rows[0].y)))
