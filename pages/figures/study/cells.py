"""What is written in the cells of a map: their numbers, as far as these fit on a phone, and a sign for what has none.

A number has as many digits as there is room for; where neighbours would still touch, those of every second column stand
higher and the others lower. Of a map of many cells colour, hover and table tell the numbers. A cross is a run that
diverged, an arrow a value beyond the scale of the colours; these two are in cells of any size.
"""

from typing import Any

import numpy as np

from pages.common import theme
from pages.common.text import number
from pages.figures import base
from pages.figures.study.scale import ARROW

CROSS = "✕"
MOST = 10  #: cells to a side that have numbers
WIDE = 4  #: columns in which there is room for three digits
PHONE, LETTER = 205, 6.4  #: pixels of all columns on a phone, and of a letter of 12 pixels
APART = 0.21  #: parts of a cell by which a number stands higher or lower


def written_cells(
    values: np.ndarray, diverged: np.ndarray, beyond: np.ndarray, shares: np.ndarray
) -> list[dict[str, Any]]:
    """The traces of what is written in cells `[rows, columns]`.

    Args:
        values: of the measure, NaN where there is none.
        diverged: int, how many of the runs of a cell did.
        beyond: bool, whether the value lies beyond the scale.
        shares: where the values lie on it, 0 to 1, by which words stand out from the colour.
    """
    height, width = values.shape
    few, known = max(height, width) <= MOST, np.isfinite(values)
    lost = ~known & (diverged > 0)
    texts = np.full(values.shape, "" if not few else "–", dtype="<U24")
    for cell in zip(*np.nonzero(known & (few | beyond)), strict=True):
        texts[cell] = _told(values[cell], width, beyond[cell], few)
    texts[lost] = CROSS
    columns, rows = np.meshgrid(np.arange(width), np.arange(height).astype(float))
    if few and LETTER * max(map(len, texts.ravel())) > PHONE / width:
        rows += APART * np.where(columns % 2, -1, 1)
    traces = []
    colors = np.full(values.shape, theme.VERDICTS["alarm"].color, dtype=object)
    colors[known] = [theme.text_on(theme.magnitude(share)) for share in shares[known]]
    for which, color in ((known, True), (lost, True), (~known & ~lost, False)):
        kept = which & (texts != "")
        if kept.any():
            font = {"size": 12} | ({"color": colors[kept].tolist()} if color else {})
            traces.append(base.scatter("text", columns[kept], rows[kept], text=texts[kept], textfont=font))
    return traces


def _told(value: float, columns: int, beyond: bool, few: bool) -> str:
    """A number with the digits that there is room for: 0.00726, .0073 beside more columns, ↑ 6e109 beyond the scale."""
    if beyond:
        return f"{ARROW} {_brief(value, 1)}" if few and columns <= WIDE else ARROW
    return number(value, 3) if columns <= WIDE else _brief(value, 2)


def _brief(value: float, digits: int) -> str:
    return number(value, digits).removeprefix("0").replace("e+", "e") or "0"
