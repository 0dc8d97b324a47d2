"""One cell of a feature map: what it can see of the image, how its number comes about, and where its gradient goes.

Back through a convolution of size k a range of cells grows by k - 1; through a pool of size s each cell becomes s of
them. What is left at the image is the *receptive field*: the pixels that can change the cell at all.
"""

from typing import NamedTuple

import numpy as np

from engine.network import Network, Workspace
from engine.network.convolution import Convolution, MaxPool
from engine.network.layers import Activation
from engine.vision.inputs import target_of
from engine.vision.maps import one_image


class Field(NamedTuple):
    """Rows and columns of the image, each from the first up to, and without, the second."""

    rows: tuple[int, int]
    columns: tuple[int, int]


class CellSum(NamedTuple):
    """z = Σ patch · kernel + bias at one place, and a = φ(z).

    `patch`, `kernel` and `products` are `[C, size, size]`; `rows` and `columns` say where the patch lies in the signal
    that the convolution reads; `bias` is None where the units have none, `activation` where none follows.
    """

    patch: np.ndarray
    kernel: np.ndarray
    products: np.ndarray
    bias: float | None
    z: float
    activation: float | None
    rows: tuple[int, int]
    columns: tuple[int, int]


class Route(NamedTuple):
    """Where a pool sends the gradient of each of its cells, all `[C, H, W]` of the pooled map but for `back`.

    `rows` and `columns` name the pixel of the map before that was the largest, `values` is what it held and `delta`
    the gradient that it is sent; `back` is the gradient by the whole map before, zero everywhere else.
    """

    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    delta: np.ndarray
    back: np.ndarray


def receptive_field(network: Network, layer: int, row: int = 0, col: int = 0) -> Field:
    """What a cell of signal `layer` sees of the image; a unit behind the maps sees all that the last map does."""
    _layer(network, layer)
    if len(shape := network.signal_shapes[layer]) == 3:
        _check_cell(shape, row, col)
        rows, columns = (row, row + 1), (col, col + 1)
    else:
        layer = max(i for i, shape in enumerate(network.signal_shapes) if len(shape) == 3)
        _, height, width = network.signal_shapes[layer]
        rows, columns = (0, height), (0, width)
    for each in network.layers[:layer][::-1]:
        rows, columns = _before(each, rows), _before(each, columns)
    return Field(rows, columns)


def cell_sum(
    network: Network, params: np.ndarray, x: np.ndarray, layer: int, channel: int, row: int, col: int
) -> CellSum:
    """The sum at one cell of signal `layer`, which is that of a convolution or of the activation behind it."""
    at = layer - isinstance(_layer(network, layer), Activation)
    convolution = _layer(network, at)
    if not isinstance(convolution, Convolution):
        raise ValueError(f"layer={layer} is no convolution, nor the activation of one: its cells are no such sums.")
    shape = network.signal_shapes[at]
    _check_cell(shape, row, col)
    if not 0 <= channel < shape[0]:
        raise ValueError(f"channel={channel} must be from 0 to {shape[0] - 1}")
    work = Workspace(network, params, 1, keep=True, training=False)
    work.forward(one_image(network, x, params.dtype))
    rows, columns = (row, row + convolution.size), (col, col + convolution.size)
    before = work.signals[at - 1].reshape(convolution.shape)
    patch = before[:, slice(*rows), slice(*columns)].copy()
    kernel = network.layout.view(params, f"K{convolution.number}")[channel]
    biases = f"b{convolution.number}"
    bias = float(network.layout.view(params, biases)[channel]) if biases in network.layout.names else None
    follows = at < len(network.layers) and isinstance(network.layers[at], Activation)
    z, a = (float(work.signals[i].reshape(shape)[channel, row, col]) for i in (at, at + follows))
    return CellSum(patch, kernel, patch * kernel, bias, z, a if follows else None, rows, columns)


def pool_route(network: Network, params: np.ndarray, x: np.ndarray, label: int, layer: int) -> Route:
    """Where the gradient of the loss on the image with this label goes at the pool whose signal is number `layer`.

    It goes the right way back, as all gradients by an image do, whatever wrong one the network is trained with.
    """
    pool = _layer(network, layer)
    if not isinstance(pool, MaxPool):
        raise ValueError(f"layer={layer} is no pool.")
    work = Workspace(network.right(), params, 1, keep=True, training=False, inputs=True)
    work.loss_and_gradient(one_image(network, x, params.dtype), target_of(network, label, params.dtype))
    (channels, height, width), s = network.signal_shapes[layer], pool.size
    before = work.signals[layer - 1].reshape(pool.shape)
    cells = before[:, : height * s, : width * s].reshape(channels, height, s, width, s).swapaxes(2, 3)
    first = cells.reshape(channels, height, width, s * s).argmax(axis=-1)
    rows = first // s + s * np.arange(height)[:, None]
    columns = first % s + s * np.arange(width)
    delta = work.deltas[layer].reshape(channels, height, width).copy()
    back = work.deltas[layer - 1].reshape(pool.shape).copy()
    return Route(rows, columns, before[np.arange(channels)[:, None, None], rows, columns], delta, back)


def _before(layer: object, cells: tuple[int, int]) -> tuple[int, int]:
    """The range of cells that a layer reads for a range that it puts out."""
    if isinstance(layer, Convolution):
        return cells[0], cells[1] + layer.size - 1
    if isinstance(layer, MaxPool):
        return cells[0] * layer.size, cells[1] * layer.size
    return cells


def _layer(network: Network, layer: int) -> object:
    """The layer that puts out signal number `layer`; None puts out the image."""
    if not 0 <= layer <= len(network.layers):
        raise ValueError(f"layer={layer} must be from 0 to {len(network.layers)}")
    return network.layers[layer - 1] if layer else None


def _check_cell(shape: tuple[int, ...], row: int, col: int) -> None:
    if not (0 <= row < shape[1] and 0 <= col < shape[2]):
        raise ValueError(f"row={row} and col={col} must be a cell of {shape[1]} x {shape[2]}")
