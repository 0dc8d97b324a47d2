"""Where max-pooling sends the gradient: to the largest of each four cells, and nothing to the other three."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.vision import Route
from pages.common import theme
from pages.common.text import number
from pages.figures import arrays, base, weight_maps
from pages.figures.convolution import mosaic
from pages.figures.convolution.maps import CHOSEN

ASPECT = 2.0
HEADS = ("∂L/∂ pool", "∂L/∂ map before")


def routes_figure(
    recording: Any,
    routes: Sequence[Route],
    channel: int,
    cell: tuple[int, int] | None,
    *,
    at: int = -1,
    height: int = theme.SIDE,
) -> go.Figure:
    """The gradient behind a pool and before it, over the key frames.

    Args:
        recording: the run.
        routes: of every key frame.
        channel: of the map.
        cell: row and column in the pooled map; it is framed, together with the cells that it reads.
        at: the key frame of the first picture.
        height: in pixels.
    """
    behind, before = (np.stack([getattr(each, name)[channel] for each in routes]) for name in ("delta", "back"))
    blocks = mosaic.arranged([(1, *behind.shape[1:]), (1, *before.shape[1:])], ASPECT)
    chosen, first = base.chosen_frames(recording, at, behind[0].size + before[0].size + 80)
    limits = weight_maps.limits_of(recording, behind[chosen].reshape(len(chosen), -1), "gradient")
    images = [
        mosaic.painted(block, weight_maps.signed_levels(part[chosen, None], limits))
        for block, part in zip(blocks, (behind, before), strict=True)
    ]
    heads = [np.array([f"{head}<br>±{number(limit, 2)}" for head in HEADS]) for limit in limits]
    both = zip(blocks, images, strict=True)
    traces = [mosaic.heat(block, image[first], "%{z} % of the range") for block, image in both]
    traces += [mosaic.heads(blocks, heads[first]), mosaic.edges(blocks)]
    traces += [] if cell is None else [_frame(blocks, *cell, before.shape[1] // behind.shape[1])]
    frames = [
        base.frame(step, range(3), [*({"type": "heatmap", "z": image[k]} for image in images), {"text": heads[k]}])
        for k, step in enumerate(recording.frames[chosen])
    ]
    title = "Max-pooling sends the gradient to the largest"
    return base.Animated(traces, mosaic.layout(blocks, height, 2, title={"text": title}), frames)


def _frame(blocks: Sequence[mosaic.Block], row: int, column: int, size: int) -> dict[str, Any]:
    """A line round a cell of the pool and round the cells that it reads."""
    own = blocks[0].outline(0, (row, row + 1), (column, column + 1))
    read = blocks[1].outline(0, (row * size, (row + 1) * size), (column * size, (column + 1) * size))
    x, y = ([*first, np.nan, *second] for first, second in zip(own, read, strict=True))
    return base.scatter("lines", arrays.single(x), arrays.single(y), line=CHOSEN)
