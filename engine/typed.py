"""Numbers as people type them, read and written: parted by commas, semicolons or blanks, written as short as can be."""

import re

LARGEST = 1e12  #: of a number typed by hand


def numbers_in(text: str) -> tuple[float, ...] | None:
    """The numbers of a text; None if one is none, or larger than `LARGEST`."""
    pieces = re.split(r"\s*[,;]\s*|\s+", text.strip())
    try:
        values = tuple(float(piece if "_" not in piece else "") for piece in pieces)
    except ValueError:
        return None
    return values if all(abs(value) <= LARGEST for value in values) else None


def written(values: tuple[float, ...]) -> str:
    """Numbers as `numbers_in` reads them back."""
    return ",".join(repr(value).removesuffix(".0") for value in values)
