"""Pictures of layers side by side: each layer is a block of tiles, a tile for each of its maps or kernels.

A block is one heat map of whole levels, its tiles parted by neutral rows and columns, so that a picture costs a byte
for each pixel and the browser draws one image a layer. Blocks stand from left to right as the signal goes; pixels are
square, the y axis leads down, and all blocks fit a strip of height 1. Of a click the block and the pixel are found
again by `found`.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from pages.common import theme
from pages.figures import arrays, base

BETWEEN = 0.12  #: two blocks
WIDEST = np.arange(1.0, 0.04, -0.05)  #: what a block may be wide, tried in turn
HEAD = 0.03  #: from the words over a block to its tiles
LINE = 16  #: pixels of a line of these words
LEVELS = 100  #: on either side of zero, so that the pointer says per cent of the range


class Block(NamedTuple):
    """A block of `count` tiles, each of `height` x `width` pixels, in `columns` columns; and where it stands.

    A pixel is `pixel` wide and high, and between two tiles there are `gap` of them.
    """

    count: int
    height: int
    width: int
    columns: int
    gap: int
    pixel: float
    left: float
    top: float

    @property
    def rows(self) -> int:
        """Of tiles; the last one may not be full."""
        return -(-self.count // self.columns)

    @property
    def size(self) -> tuple[int, int]:
        """Pixels of the whole block: height and width, without a gap behind the last tile."""
        high, wide = self.height + self.gap, self.width + self.gap
        return self.rows * high - self.gap, self.columns * wide - self.gap

    def corner(self, tile: int, row: int = 0, column: int = 0) -> tuple[float, float]:
        """The place, x and y, of the upper left corner of a pixel of a tile."""
        down, across = divmod(tile, self.columns)
        x = self.left + self.pixel * (across * (self.width + self.gap) + column)
        return x, self.top + self.pixel * (down * (self.height + self.gap) + row)

    def found(self, x: float, y: float) -> tuple[int, int, int] | None:
        """Tile, row and column at a place; None between tiles and beside the block."""
        across, down = (int((at - start) // self.pixel) for at, start in ((x, self.left), (y, self.top)))
        if across < 0 or down < 0:
            return None
        (tile_row, row), (tile_column, column) = (
            divmod(at, size + self.gap) for at, size in ((down, self.height), (across, self.width))
        )
        tile = tile_row * self.columns + tile_column
        inside = row < self.height and column < self.width and tile_column < self.columns and tile < self.count
        return (tile, row, column) if inside else None

    def outline(self, tile: int, rows: tuple[int, int], columns: tuple[int, int]) -> tuple[list[float], list[float]]:
        """A closed line round the pixels of a tile from the first up to, and without, the second row and column."""
        (left, top), (right, low) = self.corner(tile, rows[0], columns[0]), self.corner(tile, rows[1], columns[1])
        return [left, right, right, left, left], [top, top, low, low, top]


def arranged(tiles: Sequence[tuple[int, int, int]], aspect: float, columns: Sequence[int] = ()) -> list[Block]:
    """Blocks of tiles `(count, height, width)` within a strip `aspect` times as wide as high, as large as they fit.

    `columns` says how many columns of tiles a block has; where it is 0, or left out, they are chosen.
    """
    wanted = columns or [0] * len(tiles)
    for widest in WIDEST:
        blocks = [_largest(*tile, many, widest) for tile, many in zip(tiles, wanted, strict=True)]
        widths = [block.pixel * block.size[1] for block in blocks]
        if sum(widths) + BETWEEN * (len(tiles) - 1) <= aspect:
            break
    lefts = accumulate([0.0, *widths[:-1]], lambda left, width: left + width + BETWEEN)
    return [block._replace(left=left) for block, left in zip(blocks, lefts, strict=True)]


def _largest(count: int, height: int, width: int, columns: int, widest: float) -> Block:
    """The block with the largest pixels that is no higher than 1 and no wider than `widest`."""
    gap = int(height * width > 1)
    tried = (columns,) if columns else range(1, count + 1)
    blocks = [Block(count, height, width, many, gap, 0.0, 0.0, 0.0) for many in tried]
    block = max(blocks, key=lambda each: min(1 / each.size[0], widest / each.size[1]))
    rows, wide = block.size
    pixel = min(1 / rows, widest / wide)
    return block._replace(pixel=pixel, top=(1 - pixel * rows) / 2)


def painted(block: Block, levels: np.ndarray) -> np.ndarray:
    """The tiles `[F, count, height, width]` as one image `[F, *size]`, from levels as `weight_maps` gives them."""
    frames, (high, wide) = len(levels), (block.height + block.gap, block.width + block.gap)
    image = np.zeros((frames, block.rows * block.columns, high, wide), np.int8)
    image[:, : block.count, : block.height, : block.width] = levels.astype(np.int16) - LEVELS
    image = image.reshape(frames, block.rows, block.columns, high, wide).swapaxes(2, 3)
    rows, columns = block.size
    return image.reshape(frames, block.rows * high, block.columns * wide)[:, :rows, :columns]


def heat(block: Block, image: np.ndarray, hover: str) -> dict[str, Any]:
    """The heat map of a block, of one of the images that `painted` gives."""
    rows, columns = block.size
    x = block.left + block.pixel * np.arange(columns + 1)
    y = block.top + block.pixel * np.arange(rows + 1)
    alone = {} if block.gap else {"xgap": 1, "ygap": 1}
    return base.heatmap(image, arrays.single(x), arrays.single(y), LEVELS, theme.SIGNED, hover, zmin=-LEVELS, **alone)


def edges(blocks: Sequence[Block]) -> dict[str, Any]:
    """A thin line round each tile."""
    x, y = [], []
    for block in blocks:
        for tile in range(block.count):
            across, down = block.outline(tile, (0, block.height), (0, block.width))
            x += [*across, np.nan]
            y += [*down, np.nan]
    line = {"width": 0.7, "color": theme.GRID}
    return base.scatter("lines", arrays.single(x), arrays.single(y), line=line)


def heads(blocks: Sequence[Block], texts: Sequence[str]) -> dict[str, Any]:
    """Words over the blocks."""
    x = [block.left + block.pixel * block.size[1] / 2 for block in blocks]
    y = [block.top - HEAD for block in blocks]
    style = {"textposition": "top center", "textfont": {"size": 12}, "cliponaxis": False}
    return base.scatter("text", arrays.single(x), arrays.single(y), text=np.array(texts), **style)


def layout(blocks: Sequence[Block], height: int, lines: int, right: float = 0.0, **more: Any) -> dict[str, Any]:
    """A layout without axes: room for so many `lines` of words over the blocks, and `right` beside the last one.

    Words do not shrink with the pictures, so their room is in pixels (`meta.heads`, see `stage.charts.dressed`).
    """
    last = blocks[-1]
    bare = {"visible": False, "fixedrange": True}
    top = min(block.top for block in blocks)
    return theme.layout(
        height,
        margin={"l": 8, "r": 8, "b": 8},
        meta={"heads": LINE * lines},
        xaxis=bare | {"range": [-0.02, last.left + last.pixel * last.size[1] + 0.02 + right], "constrain": "domain"},
        yaxis=bare | {"range": [1.01, min(top - HEAD, -0.01)], "scaleanchor": "x", "constrain": "domain"},
        **more,
    )
