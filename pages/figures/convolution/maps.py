"""What each layer makes of one image: its feature maps over the key frames, from the image to the answer.

Blue is positive, orange negative. Each layer keeps one range over the whole run, stated over it, so that growing shows;
the answer is a probability for each class, from 0 to 1. A cell that is looked at has a frame, and so has what it sees.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.text import number
from pages.figures import arrays, base, weight_maps
from pages.figures.convolution import mosaic
from pages.figures.convolution.signals import Signal, signals_at, signals_of

ASPECT = 4.2  #: the chart is so many times as wide as high
LETTER = 0.09  #: room for one letter of the name of a class
NAMES = 0.06  #: from a name to the answer, and round it
MOST_NAMED, LONGEST = 12, 3  #: classes with names beside the answer; letters of a name that has room on its left
FEWEST = 5  #: classes of an answer in one column; more have two, so that on a phone their names have room
MOST_HEADS = 7  #: blocks that have room for their whole names on a phone; of more they are as cells are called: c1, p1
CHOSEN = {"width": 2.5, "color": theme.CHOSEN}


class Mark(NamedTuple):
    """A frame round some pixels of a map: from the first up to, and without, the second row and column."""

    signal: int
    channel: int
    rows: tuple[int, int]
    columns: tuple[int, int]


def blocks_of(data: Any, shown: Sequence[Signal]) -> list[mosaic.Block]:
    """Where the signals stand; the answer is one column of classes, or two with names on either side."""
    tiles = [(len(signal.kept), *signal.shape[1:]) for signal in shown]
    columns = 2 if len(shown[-1].kept) > FEWEST and _longest(data) <= LONGEST else 1
    left = _room(data) if columns == 2 else 0.0
    *blocks, answer = mosaic.arranged(tiles, ASPECT - left, [0] * (len(tiles) - 1) + [columns])
    return [*blocks, answer._replace(left=answer.left + left)]


def maps_figure(
    recording: Any, x: np.ndarray, title: str, marks: Sequence[Mark] = (), *, at: int = -1, height: int = theme.MAIN
) -> go.Figure:
    """The maps of an image over the key frames.

    Args:
        recording: the run of a convolutional network on classes.
        x: the image as the network reads it, `[d]`.
        title: of the chart.
        marks: what is framed.
        at: the key frame of the first picture.
        height: in pixels.
    """
    shown = signals_of(recording)
    blocks = blocks_of(recording.data, shown)
    cells = sum(block.size[0] * block.size[1] for block in blocks)
    chosen, first = base.chosen_frames(recording, at, cells)
    values = signals_at(recording, chosen, x, shown)
    limits = [_limit(recording, part) for part in values[:-1]] + [1.0]
    images = [
        mosaic.painted(block, weight_maps.signed_levels(part, np.full(len(chosen), limit)))
        for block, part, limit in zip(blocks, values, limits, strict=True)
    ]
    traces = [
        mosaic.heat(block, image[first], _hover(signal, limit))
        for block, image, signal, limit in zip(blocks, images, shown, limits, strict=True)
    ]
    frames = [
        base.frame(
            step,
            range(1, len(images)),
            [{"type": "heatmap", "z": image[k]} for image in images[1:]],
        )
        for k, step in enumerate(recording.frames[chosen])
    ]
    brief = len(shown) > MOST_HEADS
    heads = [f"{signal.head(brief=brief)}<br>±{number(limit, 2)}" for signal, limit in zip(shown, limits, strict=True)]
    heads[0], heads[-1] = shown[0].head(brief=False), "answer<br>0 to 1"
    traces += [mosaic.edges(blocks), mosaic.heads(blocks, heads), *_classes(recording.data, blocks[-1])]
    traces += _framed(shown, blocks, marks)
    layout = mosaic.layout(blocks, height, 4, _room(recording.data), title={"text": title})
    return base.Animated(traces, layout, frames)


def cell_at(recording: Any, point: Mapping[str, Any]) -> str | None:
    """The name of the cell of a map that was clicked; None for anything else."""
    shown = signals_of(recording)
    for signal, block in zip(shown, blocks_of(recording.data, shown), strict=True):
        found = block.found(point["x"], point["y"])
        if found is not None and signal.code:
            tile, row, column = found
            return f"{signal.code}[{signal.kept[tile] + 1},{row + 1},{column + 1}]"
    return None


def _limit(recording: Any, values: np.ndarray) -> float:
    flat = values.reshape(len(values), -1)
    return float(weight_maps.limits_of(recording, flat, "weight")[0]) or 1.0


def _hover(signal: Signal, limit: float) -> str:
    return f"{signal.name}: %{{z}} % of {number(limit, 3)}"


def _classes(data: Any, answer: mosaic.Block) -> list[dict[str, Any]]:
    """The names of the classes beside the answer: those of the first of two columns on its left."""
    if not _room(data):
        return []
    right = [tile % answer.columns == answer.columns - 1 for tile in range(answer.count)]
    places = [answer.corner(tile, 0, int(last)) for tile, last in enumerate(right)]
    x = [across + (NAMES / 2 if last else -NAMES / 2) for (across, _), last in zip(places, right, strict=True)]
    y = [down + answer.pixel / 2 for _, down in places]
    names = np.array([base.short(name) for name in data.class_names])
    style = {"textposition": np.where(right, "middle right", "middle left"), "textfont": {"size": 12}}
    return [base.scatter("text", arrays.single(x), arrays.single(y), text=names, cliponaxis=False, **style)]


def _longest(data: Any) -> int:
    """Letters of the longest name of a class, as it is written."""
    return max(len(base.short(name)) for name in data.class_names)


def _room(data: Any) -> float:
    """Beside the answer, for the names of the classes; none where there are too many of them."""
    return NAMES + LETTER * _longest(data) if len(data.class_names) <= MOST_NAMED else 0.0


def _framed(shown: Sequence[Signal], blocks: Sequence[mosaic.Block], marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """The frames of what is looked at, as far as it is drawn."""
    x, y = [], []
    for mark in marks:
        place = next((k for k, signal in enumerate(shown) if signal.index == mark.signal), None)
        tile = None if place is None else np.flatnonzero(shown[place].kept == mark.channel)
        if tile is not None and len(tile):
            across, down = blocks[place].outline(int(tile[0]), mark.rows, mark.columns)
            x += [*across, np.nan]
            y += [*down, np.nan]
    return [base.scatter("lines", arrays.single(x), arrays.single(y), line=CHOSEN)] if x else []
