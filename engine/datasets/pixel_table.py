"""Images as rows of a table, as Kaggle has MNIST: a label and 784 pixels in each line, whole numbers from 0 to 255.

The first line may hold names. The label is the column that is not called a pixel; without names it is the first one, or
the last where that has as many values as there may be classes and the first has not: a corner is always 0. Only what is
too wide for any other table is taken for images, so that no table changes its meaning because it looks like some.
"""

import math
import re
from codecs import BOM_UTF8
from functools import partial
from itertools import islice
from typing import BinaryIO

import numpy as np

from engine.cancellation import cancellation_point
from engine.datasets.dataset import DataError
from engine.datasets.mnist import MOST_BYTES, MOST_CLASSES, MOST_PIXELS, MOST_SAMPLES

SMALLEST = 15  #: pixels to a side: a label and 225 pixels are more columns than a table of columns may have
LONGEST = 100_000  #: bytes of a line: 4,096 pixels with names such as pixel4095
AT_ONCE = 1000  #: lines that are made numbers together, so that of a compressed file no more is unpacked at a time
SEPARATORS = (b",", b";", b"\t")
NEWLINE, ZERO = 10, 48
UNWANTED = b"\r \"'"  #: what may stand around a cell
NUMBER = re.compile(rb"[-+.\deE\r \"']*")
PIXEL = re.compile(rb"[a-z]{0,5}[ _.]?\d+([x_.]\d+)?", re.IGNORECASE)  #: pixel0, px_0, 1x1; a label has no number


def has_pixels(start: bytes) -> bool:
    """Whether the first line of what a file starts with is an image, with a label or without."""
    cells = len(_cells(start.partition(b"\n")[0])[1])
    return any(SMALLEST**2 <= count <= MOST_PIXELS and math.isqrt(count) ** 2 == count for count in (cells, cells - 1))


def read_pixels(file: BinaryIO) -> tuple[np.ndarray, np.ndarray]:
    """The images, uint8 `[n, side, side]`, and their labels, uint8 `[n]`, of a file for which `has_pixels` holds.

    Raises:
        DataError: one sentence naming the line that is no such row, or what there is too much of.
    """
    separator, cells = _cells(file.readline(LONGEST))
    width, headed = len(cells), _names(cells)
    side = math.isqrt(width - 1)
    if side**2 != width - 1:
        raise DataError(
            f"Each row has {width:,} pixels and no label: a network learns from images with labels, such as Kaggle's "
            "train.csv."
        )
    if not headed:
        file.seek(0)
    lines, at, parts = iter(partial(file.readline, LONGEST), b""), 1 + headed, []
    while piece := list(islice(lines, AT_ONCE)):
        cancellation_point()
        parts.append(_rows(b"".join(piece), separator, width, at))
        at += len(piece)
        if at > MOST_SAMPLES + 2 or at * width > MOST_BYTES:
            most = min(MOST_SAMPLES, MOST_BYTES // width)
            raise DataError(f"The file has more than {most:,} images of {side} x {side} pixels.")
    rows = np.concatenate([np.empty((0, width), np.uint8), *parts])
    label = _label(cells, headed, rows)
    return np.delete(rows, label, axis=1).reshape(-1, side, side), rows[:, label].copy()


def _cells(line: bytes) -> tuple[bytes, list[bytes]]:
    """What parts the cells of a line, and the cells."""
    separator = max(SEPARATORS, key=line.count)
    return separator, [cell.strip(UNWANTED + b"\n") for cell in line.removeprefix(BOM_UTF8).split(separator)]


def _names(cells: list[bytes]) -> bool:
    """Whether the first line holds names: a word, or the columns counted, as pandas does where nobody named them."""
    if not all(map(NUMBER.fullmatch, cells)):
        return True
    width = len(cells)
    return any(cells == [b"%d" % (place + first) for place in range(width)] for first in (0, 1))


def _label(cells: list[bytes], headed: bool, rows: np.ndarray) -> int:
    """The place of the column that is the label."""
    named = [place for place, cell in enumerate(cells) if not PIXEL.fullmatch(cell)]
    if headed and len(named) == 1:
        return named[0]
    first, last = (2 <= len(np.unique(rows[:, place])) <= MOST_CLASSES for place in (0, -1))
    return len(cells) - 1 if last and not first else 0


def _rows(text: bytes, separator: bytes, width: int, at: int) -> np.ndarray:
    """Lines of numbers as uint8 `[lines, width]`, blank ones left out; `at` is the number of the first in the file."""
    given = text.removeprefix(BOM_UTF8).replace(b"\r\n", b"\n")
    text = given.translate(None, UNWANTED)
    if len(text) < len(given):
        _check_unwanted(given, separator, at)
    text = text if text.endswith(b"\n") else text + b"\n"
    while b"\n\n" in text:
        text = text.replace(b"\n\n", b"\n")
    raw = np.frombuffer(text.removeprefix(b"\n"), np.uint8)
    ends = np.flatnonzero((raw == NEWLINE) | (raw == separator[0]))
    closed = np.flatnonzero(raw[ends] == NEWLINE)  # cells that end a line
    counts = np.diff(closed, prepend=-1)
    if (counts != width).any():
        row = int(np.argmax(counts != width))
        raise DataError(f"Line {at + row:,} has {counts[row]:,} cells where the first one has {width:,}.")
    digits = raw - ZERO  # of what is no digit, 10 and more: bytes do not go below 0
    digits[ends] = 0
    lengths = np.diff(ends, prepend=-1) - 1
    values = np.zeros(len(ends), int)
    for place, power in enumerate((1, 10, 100), 1):
        values += np.where(lengths >= place, digits[ends - place].astype(int), 0) * power  # bytes would wrap
    wrong = (lengths < 1) | (lengths > 3) | (values > 255)
    wrong[np.searchsorted(ends, np.flatnonzero(digits > 9))] = True
    if wrong.any():
        cell = int(np.argmax(wrong))
        raise _no_pixel(at + cell // width, raw[ends[cell] - lengths[cell] : ends[cell]].tobytes())
    return values.astype(np.uint8).reshape(-1, width)


def _check_unwanted(text: bytes, separator: bytes, at: int) -> None:
    """Raise DataError where blanks or quotes stand within a number, as in 1 2 and 1'2, which are no 12."""
    raw = np.frombuffer(text, np.uint8)
    kept = np.flatnonzero(~np.isin(raw, np.frombuffer(UNWANTED, np.uint8)))
    value = (raw[kept] != NEWLINE) & (raw[kept] != separator[0])
    parted = np.flatnonzero((np.diff(kept) > 1) & value[:-1] & value[1:])
    if len(parted):
        place = int(kept[parted[0]])
        lines = text[:place].split(b"\n")
        held = lines[-1].split(separator)[-1] + text[place:].partition(b"\n")[0].partition(separator)[0]
        raise _no_pixel(at + len(lines) - 1, held.strip(UNWANTED))


def _no_pixel(line: int, held: bytes) -> DataError:
    said = held[:20].decode("ascii", "replace")
    return DataError(f"Line {line:,} holds {said!r}; label and pixels are whole numbers from 0 to 255.")
