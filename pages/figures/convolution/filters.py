"""The filters of each convolution as pictures, over the key frames: the kernels, the gradient by them, or their update.

A filter of the first layer looks at the image and is one tile. One of a later layer has a tile for each map that it
reads: a row of tiles is a filter, a column is a map. Kernels keep one range for their layer over the whole run;
gradients and updates shrink by powers of ten, so their range is that of the step. Either is stated over the layer.
"""

from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from engine.vision import filters
from pages.common import theme
from pages.common.text import number
from pages.figures import base, weight_maps
from pages.figures.convolution import mosaic
from pages.figures.convolution.signals import largest

ASPECT = 2.6  #: the chart is so many times as wide as high
MOST_FIRST, MOST_ROWS, MOST_COLUMNS = 32, 10, 10  #: filters of the first layer; filters and maps of a later one
TITLES = {"weight": "Filters", "gradient": "Gradient of the filters", "update": "Last update of the filters"}


class Drawn(NamedTuple):
    """The filters of a layer that are drawn, and the maps that they read: places in the kernels `[out, in, k, k]`."""

    part: str
    shape: tuple[int, int, int, int]
    rows: np.ndarray
    columns: np.ndarray

    @property
    def first(self) -> bool:
        """Whether it reads the image."""
        return self.part == "K1"

    @property
    def head(self) -> str:
        """What stands over the layer."""
        out, read, size, _ = self.shape
        rows = f"{len(self.rows)} of {out}" if len(self.rows) < out else f"{out}"
        columns = f"{len(self.columns)} of {read}" if len(self.columns) < read else f"{read}"
        return f"layer {self.part[1:]}, {size}×{size}<br>{rows if self.first else f'{rows} by {columns}'}"


def filters_figure(recording: Any, shows: str = "weight", *, at: int = -1, height: int = theme.SIDE) -> go.Figure:
    """The filters of every convolution over the key frames.

    Args:
        recording: the run of a convolutional network.
        shows: "weight", "gradient" or "update".
        at: the key frame of the first picture.
        height: in pixels.
    """
    drawn = drawn_of(recording)
    tiles = [(len(each.rows) * len(each.columns), *each.shape[2:]) for each in drawn]
    columns = [0 if each.first else len(each.columns) for each in drawn]
    blocks = mosaic.arranged(tiles, ASPECT, columns)
    cells = sum(block.size[0] * block.size[1] for block in blocks)
    chosen, first = base.chosen_frames(recording, at, cells + 60 * len(blocks))
    values = filters(recording.network, weight_maps.values_of(recording, shows)[chosen])
    limits = [weight_maps.limits_of(recording, part.reshape(len(chosen), -1), shows) for part in values.values()]
    images = [
        mosaic.painted(block, weight_maps.signed_levels(_tiles(values[each.part], each), reach))
        for block, each, reach in zip(blocks, drawn, limits, strict=True)
    ]
    heads = [
        np.array([f"{each.head}<br>±{number(reach[k], 2)}" for each, reach in zip(drawn, limits, strict=True)])
        for k in range(len(chosen))
    ]
    still = shows == "weight"
    hover = [f"layer {each.part[1:]}: %{{z}} % of the range" for each in drawn]
    traces = [mosaic.heat(block, image[first], said) for block, image, said in zip(blocks, images, hover, strict=True)]
    traces += [mosaic.heads(blocks, heads[first]), mosaic.edges(blocks)]
    moving = range(len(images) + (not still))
    frames = [
        base.frame(
            step, moving, [*({"type": "heatmap", "z": image[k]} for image in images), {"text": heads[k]}][: len(moving)]
        )
        for k, step in enumerate(recording.frames[chosen])
    ]
    return base.Animated(traces, mosaic.layout(blocks, height, 3, title={"text": TITLES[shows]}), frames)


def drawn_of(recording: Any) -> list[Drawn]:
    """What is drawn of each convolution: where there are too many, the filters and maps with the largest kernels."""
    found = []
    for part, kernels in filters(recording.network, recording.params[-1]).items():
        first = part == "K1"
        rows = largest(kernels, MOST_FIRST if first else MOST_ROWS)
        columns = largest(kernels.swapaxes(0, 1), MOST_COLUMNS)
        found.append(Drawn(part, kernels.shape, rows, columns))
    return found


def _tiles(kernels: np.ndarray, each: Drawn) -> np.ndarray:
    """The kernels that are drawn `[F, tiles, size, size]`, row by row."""
    kept = kernels[:, each.rows[:, None], each.columns]
    return kept.reshape(len(kept), -1, *each.shape[2:])
