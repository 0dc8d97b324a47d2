"""Convolutional networks, composed of blocks: a convolution, its activation, and a pool if there is one.

A text names the blocks from the image on: `32k3p-64k3p-64k3` are 32 kernels of 3 x 3 pixels and a pool, 64 and a pool,
64 without. Behind the last block come the dense layers of the experiment and the readout. Convolutions have no padding:
a kernel of k x k pixels leaves k - 1 pixels less to each side, and a pool of 2 x 2 halves what there is, rounded down.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.experiment import Experiment
from engine.experiment.settings import quoted
from engine.network import Network
from engine.network.convolution import Convolution, Flatten, MaxPool
from engine.network.dense import dense_layers
from engine.network.layers import Activation

MOST_BLOCKS, MOST_FILTERS, KERNELS = 4, 64, (3, 5)
_BLOCK = re.compile(r"(\d{1,4})(?:k(\d{1,2}))?(p?)")


@dataclass(frozen=True)
class Block:
    """A convolution of 1 to 64 filters, with kernels of 3 or 5 pixels to a side; then a pool of 2 x 2, or none.

    Raises ValueError naming what is out of range.
    """

    filters: int
    kernel: int = 3
    pool: bool = True

    def __post_init__(self):
        if not 1 <= self.filters <= MOST_FILTERS:
            raise ValueError(f"A block of {self.filters} filters cannot be: it has 1 to {MOST_FILTERS}.")
        if self.kernel not in KERNELS:
            raise ValueError(f"A kernel of {self.kernel} pixels cannot be: it has {' or '.join(map(str, KERNELS))}.")

    def __str__(self) -> str:
        return f"{self.filters}k{self.kernel}{'p' * self.pool}"


def blocks_of(text: str) -> tuple[Block, ...]:
    """The 1 to 4 blocks that a text names; a kernel that is not named has 3 pixels. ValueError says what is wrong."""
    found = []
    for word in text.strip().lower().split("-"):
        parts = _BLOCK.fullmatch(word.strip())
        if parts is None:
            raise ValueError(f"{quoted(word)} is not a block; one is written as 32k3p: filters, kernel, pool.")
        found.append(Block(int(parts[1]), int(parts[2] or 3), bool(parts[3])))
    return _counted(found)


def blocks_text(blocks: Sequence[Block]) -> str:
    """The text that names the blocks."""
    return "-".join(map(str, blocks))


def fitting(blocks: Sequence[Block], height: int, width: int) -> tuple[Block, ...]:
    """The blocks as far as images of `height` x `width` go: as they are where they fit.

    One that finds too small an image loses its pool, then takes the smallest kernel; where not even that fits, it and
    those behind it are left out. Nothing is left of images smaller than that kernel.
    """
    side, found = min(height, width), []
    for block in blocks:
        small = replace(block, pool=False), replace(block, kernel=KERNELS[0], pool=False)
        taken = next((each for each in (block, *small) if side >= each.kernel + each.pool), None)
        if taken is None:
            break
        found.append(taken)
        side = (side - taken.kernel + 1) // (1 + taken.pool)
    return tuple(found)


def _counted(blocks: Sequence[Block]) -> tuple[Block, ...]:
    if not 1 <= len(blocks) <= MOST_BLOCKS:
        raise ValueError(f"{len(blocks)} blocks cannot be: there are 1 to {MOST_BLOCKS}.")
    return tuple(blocks)


#: Those of the textbook's classifier, which has a dense layer of 64 behind them.
LESSON_BLOCKS = blocks_of("32k3p-64k3p-64k3")


def convolutional(
    experiment: Experiment, shape: tuple[int, int, int], blocks: Sequence[Block], n_outputs: int
) -> Network:
    """The network of these blocks, the experiment's dense layers and a readout of `n_outputs`.

    Kernels are drawn as the experiment's weights are; the activation of all blocks is that of its first layer.

    Args:
        experiment: the dense layers, activation, initialisation, loss and penalties are read from it.
        shape: of an image: channels, height, width.
        blocks: 1 to 4.
        n_outputs: of the readout.

    Raises:
        ValueError: if a block finds too small an image, in words.
    """
    layers: list[Any] = []
    for number, block in enumerate(_counted(blocks), start=1):
        height, width = shape[1:]
        least = block.kernel + block.pool
        if min(height, width) < least:
            raise ValueError(
                f"Block {number} ({block}) finds images of {height} x {width} pixels and needs {least} x {least}: "
                "take fewer blocks, smaller kernels or fewer pools, or larger images."
            )
        start = experiment.init, experiment.scale, experiment.bias, experiment.bias_spread
        layers += [Convolution(number, shape, block.filters, block.kernel, *start), Activation(experiment.act[0])]
        shape = layers[-2].out_shape(shape)
        if block.pool:
            layers.append(MaxPool(shape))
            shape = layers[-1].out_shape(shape)
    flat, image = math.prod(shape), layers[0].shape
    layers = dense_layers(experiment, (flat, *experiment.arch, n_outputs), [*layers, Flatten()])
    return Network(experiment, math.prod(image), n_outputs, layers, image)
