"""The images that the trained network gets wrong, the surest first: what each is → what it was taken for.

How sure it was stands under the pointer: beside the classes it would be wider than the image.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.vision import Mistakes
from pages.common import theme
from pages.common.text import count, share
from pages.figures import arrays, base
from pages.figures.convolution import mosaic

MOST, COLUMNS = 24, 6
NAMED, BESIDE = 6, 3  #: the same where classes have long names, which stand in two lines
LONGEST = 3  #: letters of a short one
ROOM = 0.42  #: under an image, as a part of it, for what is said of it


def mistakes_figure(data: Any, found: Mistakes, tested: int, part: str, *, height: int = theme.SIDE) -> go.Figure:
    """The images with what they are and what they were taken for.

    Args:
        data: the images.
        found: those that are wrong, of `tested` images of a part of the data.
        tested: how many there are.
        part: of the data, "test" or "training".
        height: in pixels.
    """
    wrong = len(found.indices)
    many, _ = _room(data)
    most = f", the {many} surest" if wrong > many else ""
    title = {"text": f"{wrong:,} of {count(tested, f'{part} image')} wrong{most}"}
    if not wrong:
        bare = {"visible": False, "range": [0, 1], "fixedrange": True}
        said = base.scatter("text", [0.5], [0.5], text=["None is wrong."], textfont={"size": 14})
        return base.Animated([said], theme.layout(height, title=title, xaxis=bare, yaxis=bare))
    shown = found.indices[:many]
    block = block_of(data, len(shown))
    pixels = data.x[:, shown].T.reshape(len(shown), *data.image)
    white = np.maximum(np.abs(pixels).max(axis=(1, 2), keepdims=True), 1e-300)
    levels = np.rint(mosaic.LEVELS * (1 + np.clip(pixels / white, -1, 1))).astype(np.uint8)
    names = _names(data)
    sure = found.probabilities[np.arange(len(shown)), found.predicted[: len(shown)]]
    both = zip(found.labels, found.predicted, sure, strict=False)
    texts, said = zip(*(_words(names[label], names[taken], value) for label, taken, value in both), strict=True)
    middles, feet = (
        [block.corner(tile, row, data.image[1] // 2) for tile in range(len(shown))]
        for row in (data.image[0] // 2, data.image[0])
    )
    about = {"text": np.array(texts), "textposition": "bottom center", "textfont": {"size": 12}, "cliponaxis": False}
    traces = [
        mosaic.heat(block, mosaic.painted(block, levels[None])[0], ""),
        mosaic.edges([block]),
        base.scatter("text", *map(arrays.single, zip(*feet, strict=True)), **about),
        base.scatter("none", *map(arrays.single, zip(*middles, strict=True)), "%{text}", text=np.array(said)),
    ]
    traces[0] |= {"hoverinfo": "none"}
    return base.Animated(traces, mosaic.layout([block], height, 0, title=title))


def _names(data: Any) -> list[str]:
    return [base.class_title(data, k).removeprefix("class ") for k in range(len(data.class_names))]


def _room(data: Any) -> tuple[int, int]:
    """How many images there is room for, and in how many columns."""
    return (MOST, COLUMNS) if max(map(len, _names(data))) <= LONGEST else (NAMED, BESIDE)


def _words(label: str, taken: str, sure: float) -> tuple[str, str]:
    """What stands under an image, and what the pointer says of it."""
    between = " " if max(len(label), len(taken)) <= LONGEST else "<br>"
    return f"{label}{between}→ {taken}", f"{label}, taken for {taken} with probability {share(sure)}"


def block_of(data: Any, count_: int) -> mosaic.Block:
    """Where the images stand."""
    high, wide = data.image
    gap = max(2, round(ROOM * high))
    columns = min(_room(data)[1], count_)
    block = mosaic.Block(count_, high, wide, columns, gap, 1.0, 0.0, 0.0)
    return block._replace(pixel=1 / (block.size[0] + gap))


def mistake_at(data: Any, found: Mistakes, point: Mapping[str, Any]) -> int | None:
    """The column of the data whose image was clicked; None for anything else."""
    shown = found.indices[: _room(data)[0]]
    place = block_of(data, len(shown)).found(point["x"], point["y"]) if len(shown) else None
    return None if place is None else int(shown[place[0]])
