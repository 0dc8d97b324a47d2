"""The sum behind one cell of a map: the patch that is read, the kernel, and their products, number by number.

Of a cell that reads several maps one is drawn, or a few of small kernels: those whose products weigh most at the end of
the run, as large as their numbers need on a phone. All numbers move with the steps; the title says what they add up to.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from engine.vision import CellSum
from pages.common import theme
from pages.common.text import number
from pages.figures import arrays, base, weight_maps
from pages.figures.convolution import mosaic

ASPECT = 3.2  #: the chart is so many times as wide as high
MOST_NUMBERS = 9  #: in each of the three pictures
HEADS = ("what it reads", "× the kernel", "= the products")


class Sums(NamedTuple):
    """The sums of a cell in the key frames: patches, kernels and products `[F, C, k, k]`; biases, z and a `[F]`.

    Where the units have no biases, these are None.
    """

    patches: np.ndarray
    kernels: np.ndarray
    products: np.ndarray
    biases: np.ndarray
    z: np.ndarray
    a: np.ndarray

    @classmethod
    def of(cls, sums: Sequence[CellSum]) -> "Sums":
        """From one sum for each key frame."""
        a = [each.z if each.activation is None else each.activation for each in sums]
        fields = zip(*((each.patch, each.kernel, each.products, each.bias, each.z) for each in sums), strict=True)
        return cls(*map(np.array, fields), np.array(a))


def products_figure(recording: Any, sums: Sums, *, at: int = -1, height: int = theme.SIDE) -> go.Figure:
    """The pictures with their numbers over the key frames.

    Args:
        recording: the run.
        sums: those of every key frame.
        at: the key frame of the first picture.
        height: in pixels.
    """
    _, maps, size, _ = sums.patches.shape
    kept = heaviest(sums.products[-1])
    blocks = mosaic.arranged([(len(kept), size, size)] * 3, ASPECT)
    chosen, first = base.chosen_frames(recording, at, 3 * len(kept) * size**2 * 9)
    parts = [part[chosen][:, kept] for part in (sums.patches, sums.kernels, sums.products)]
    limits = [weight_maps.limits_of(recording, part.reshape(len(part), -1), "weight") for part in parts]
    images = [
        mosaic.painted(block, weight_maps.signed_levels(part, reach))
        for block, part, reach in zip(blocks, parts, limits, strict=True)
    ]
    texts = [
        np.array([_brief(value) for part in parts for value in part[k].ravel().tolist()]) for k in range(len(chosen))
    ]
    said = [_title(sums, int(k)) for k in chosen]
    traces = [mosaic.heat(block, image[first], "") for block, image in zip(blocks, images, strict=True)]
    traces += [_numbers(blocks, len(kept), size, texts[first]), mosaic.edges(blocks)]
    fewer = f", {len(kept)} of {maps} maps" if len(kept) < maps else ""
    traces.append(mosaic.heads(blocks, [HEADS[0] + fewer, *HEADS[1:]]))
    frames = [
        base.frame(
            step,
            range(4),
            [*({"type": "heatmap", "z": image[k]} for image in images), {"text": texts[k]}],
            {"title": {"text": said[k]}},
        )
        for k, step in enumerate(recording.frames[chosen])
    ]
    return base.Animated(traces, mosaic.layout(blocks, height, 1, title={"text": said[first]}), frames)


def heaviest(products: np.ndarray) -> np.ndarray:
    """The maps of `products[C, k, k]` that are drawn, those with the largest sums of sizes, in order."""
    most = max(1, MOST_NUMBERS // products[0].size)
    return np.sort(np.argsort(-np.abs(products).sum(axis=(1, 2)), kind="stable")[:most])


def _brief(value: float) -> str:
    """Two digits, without the zero before the point: a cell is narrow."""
    return number(value, 2).replace("0.", ".", 1) if abs(value) < 1 else number(value, 2)


def _title(sums: Sums, k: int) -> str:
    total, bias = number(sums.products[k].sum()), "" if sums.biases[k] is None else f", bias {number(sums.biases[k])}"
    return f"Products {total}{bias}: z = {number(sums.z[k])}, a = {number(sums.a[k])}"


def _numbers(blocks: Sequence[mosaic.Block], tiles: int, size: int, texts: np.ndarray) -> dict[str, Any]:
    places = [
        block.corner(tile, row, column)
        for block in blocks
        for tile in range(tiles)
        for row, column in np.ndindex(size, size)
    ]
    x, y = (np.array(axis) + blocks[0].pixel / 2 for axis in zip(*places, strict=True))
    style = {"textposition": "middle center", "textfont": {"size": 10}}
    return base.scatter("text", arrays.single(x), arrays.single(y), text=texts, **style)
