"""The images that the trained network gets wrong, the surest first: what each is → what it was taken for."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.vision import Mistakes
from pages.common import theme
from pages.common.text import count, share
from pages.figures import arrays, base
from pages.figures.convolution import mosaic

MOST = 24
COLUMNS = 6
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
    most = f", the {MOST} surest" if wrong > MOST else ""
    title = {"text": f"{wrong:,} of {count(tested, f'{part} image')} wrong{most}"}
    if not wrong:
        bare = {"visible": False, "range": [0, 1], "fixedrange": True}
        said = base.scatter("text", [0.5], [0.5], text=["None is wrong."], textfont={"size": 14})
        return base.Animated([said], theme.layout(height, title=title, xaxis=bare, yaxis=bare))
    shown = found.indices[:MOST]
    block = block_of(data, len(shown))
    pixels = data.x[:, shown].T.reshape(len(shown), *data.image)
    white = np.maximum(np.abs(pixels).max(axis=(1, 2), keepdims=True), 1e-300)
    levels = np.rint(mosaic.LEVELS * (1 + np.clip(pixels / white, -1, 1))).astype(np.uint8)
    names = [base.class_title(data, k).removeprefix("class ") for k in range(len(data.class_names))]
    sure = found.probabilities[np.arange(len(shown)), found.predicted[: len(shown)]]
    both = zip(found.labels, found.predicted, sure, strict=False)
    texts = [f"{names[label]} → {names[taken]}  {share(value)}" for label, taken, value in both]
    places = [block.corner(tile, data.image[0], 0) for tile in range(len(shown))]
    x = [left + block.pixel * data.image[1] / 2 for left, _ in places]
    about = {"text": np.array(texts), "textposition": "bottom center", "textfont": {"size": 12}, "cliponaxis": False}
    traces = [
        mosaic.heat(block, mosaic.painted(block, levels[None])[0], ""),
        mosaic.edges([block]),
        base.scatter("text", arrays.single(x), arrays.single([top for _, top in places]), **about),
    ]
    traces[0] |= {"hoverinfo": "none"}
    return base.Animated(traces, mosaic.layout([block], height, 0, title=title))


def block_of(data: Any, count_: int) -> mosaic.Block:
    """Where the images stand."""
    high, wide = data.image
    gap = max(2, round(ROOM * high))
    columns = min(COLUMNS, count_)
    block = mosaic.Block(count_, high, wide, columns, gap, 1.0, 0.0, 0.0)
    return block._replace(pixel=1 / (block.size[0] + gap))


def mistake_at(data: Any, found: Mistakes, point: Mapping[str, Any]) -> int | None:
    """The column of the data whose image was clicked; None for anything else."""
    shown = found.indices[:MOST]
    place = block_of(data, len(shown)).found(point["x"], point["y"]) if len(shown) else None
    return None if place is None else int(shown[place[0]])
