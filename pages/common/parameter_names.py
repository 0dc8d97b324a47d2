"""Names of single parameters as people read them: W1[2, 3], from 1, and their place in a part, from 0."""

import re
from collections.abc import Iterator

import numpy as np

from engine.network import Layout

FIRST = "W1[1,1]"


_NAME = re.compile(r"([Wb]\d{1,3})\[(\d{1,4})(?:,(\d{1,4}))?\]")


def name_of(part: str, place: tuple[int, ...]) -> str:
    """`W1[1,2]` for ("W1", (0, 1))."""
    return f"{part}[{','.join(str(index + 1) for index in place)}]"


def place_of(text: str, layout: Layout) -> tuple[str, tuple[int, ...]] | None:
    """The part and the 0-based place in it that a name means; None if there is no such parameter."""
    found = _NAME.fullmatch(text.replace(" ", ""))
    if not found or found[1] not in layout.names:
        return None
    place = tuple(int(index) - 1 for index in found.groups()[1:] if index)
    shape = layout.shapes[found[1]]
    inside = len(place) == len(shape) and all(0 <= i < n for i, n in zip(place, shape, strict=True))
    return (found[1], place) if inside else None


def every_name(layout: Layout) -> Iterator[str]:
    """All weights and biases, layer by layer."""
    for part in layout.names:
        if _is_dense(part):
            yield from (name_of(part, place) for place in np.ndindex(layout.shapes[part]))


def _is_dense(part: str) -> bool:
    return part[0] in "Wb" and part[1:].isdigit()
