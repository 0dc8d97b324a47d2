"""A cell of a map by its name: `c2[5,1,3]` is map 5 of the second convolution, row 1, column 3; `p2` is its pool.

Names count from 1 and are made of ASCII, because Streamlit writes into the address what it shows.
"""

import re
from typing import NamedTuple

import numpy as np

from engine.experiment.settings import quoted
from engine.network import Network
from engine.training import Recording
from engine.vision import feature_maps
from engine.vision.maps import kind_of
from pages.common.link.changes import change
from pages.figures.convolution.signals import signals_of

_NAME = re.compile(r"([cp])([1-4])\[(\d{1,4}),(\d{1,4}),(\d{1,4})\]")


class Cell(NamedTuple):
    """A place in a signal that is a stack of maps, from 0; `layer` is the number of its convolution."""

    name: str
    signal: int
    layer: int
    pool: bool
    channel: int
    row: int
    column: int

    @property
    def said(self) -> str:
        """What it is called."""
        of = "the pool behind" if self.pool else "the map of"
        return f"row {self.row + 1}, column {self.column + 1} of {of} filter {self.channel + 1}, layer {self.layer}"


def read(text: str, network: Network) -> Cell | None:
    """What a name means in a network; None for nothing in it."""
    found = _NAME.fullmatch(text.lower().replace(" ", ""))
    signal = found and signals_of_maps(network).get(found[1] + found[2])
    if not signal:
        return None
    place = tuple(int(digits) - 1 for digits in found.groups()[2:])
    inside = all(0 <= at < size for at, size in zip(place, network.signal_shapes[signal], strict=True))
    return Cell(found[0], signal, int(found[2]), found[1] == "p", *place) if inside else None


def signals_of_maps(network: Network) -> dict[str, int]:
    """The signals that are maps: `c1` is that behind the activation of convolution 1, `p1` that of its pool."""
    found, number = {}, 0
    for index, layer in enumerate(network.layers, start=1):
        number = getattr(layer, "number", number)
        kind = kind_of(layer)
        if kind in ("activation", "pool") and len(network.signal_shapes[index]) == 3:
            found[f"{'p' if kind == 'pool' else 'c'}{number}"] = index
    return found


def chosen_cell(text: str, network: Network) -> tuple[Cell | None, str]:
    """The cell that is asked for, None where none is; and a sentence where the text names none of this network."""
    cell = read(text, network)
    if cell is not None or not text.strip():
        return cell, ""
    change({"cvcell": ""})
    return None, f"cell: {quoted(text)} is no cell of this network; the strongest of the first map is shown"


def strongest_cell(recording: Recording, x: np.ndarray) -> Cell:
    """Where the first map that is drawn answers the image `x[d]` most at the end of the run.

    Its sum without the bias is largest there, which is nothing at an empty corner; or lowest, where none is above zero.
    """
    network, params, channel = recording.network, recording.params[-1], int(signals_of(recording)[1].kept[0])
    sums = feature_maps(network, params, x)[1].values[channel]
    bias = network.layout.view(params, "b1")[channel] if "b1" in network.layout.names else 0.0
    products = np.nan_to_num(sums - bias)
    row, column = divmod(int(products.argmax() if products.max() > 0 else products.argmin()), sums.shape[1])
    return read(f"c1[{channel + 1},{row + 1},{column + 1}]", network)


def field_said(rows: tuple[int, int], columns: tuple[int, int]) -> str:
    """Pixels of the image in words."""
    return (
        f"What is framed in the image, rows {rows[0] + 1} to {rows[1]} and columns {columns[0] + 1} to {columns[1]}, "
        "is all that this cell can see."
    )
