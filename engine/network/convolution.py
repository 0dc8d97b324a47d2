# ruff: noqa: ARG002 - all layers are called alike, whether they read all of it or not
"""Convolution, max-pooling and flatten, on images stored as flat signals `[..., C·H·W, N]`.

A convolution is one matrix product: each patch of the image that the kernel meets becomes a column (`im2col`, by
`sliding_window_view`), the kernels are the columns of the block, and the biases its last row against a row of ones.
Going back, the same columns give the gradient of the kernels, and the columns of ∂L/∂patches are added up where they
came from. As in LeCun et al. 1998 and in every framework, "convolution" is cross-correlation: the kernel is not turned.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.network.layers import Activation, Affine, Array, Dense, Layer, Out


class Patches(NamedTuple):
    """The patches as columns `[..., C·size² + 1, H·W·N]`, the last row ones, and room for their gradient."""

    columns: Array
    delta: Array


@dataclass(frozen=True)
class Convolution(Affine):
    """z = K ∗ x + b with `n_out` kernels of `size` x `size` pixels, no padding, stride 1.

    `shape` is that of one input, `(channels, height, width)`.
    """

    number: int
    shape: tuple[int, int, int]
    n_out: int
    size: int = 3
    init: str = "he"
    scale: float = 1.0
    bias: float = 0.0
    letter, kind = "K", "kernel"

    @property
    def columns(self) -> int:
        """Numbers in one patch: channels x size x size."""
        return self.shape[0] * self.size**2

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """`[out, in, size, size]`."""
        return self.n_out, self.shape[0], self.size, self.size

    def out_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """`(n_out, height - size + 1, width - size + 1)`."""
        _, height, width = _expected(self.shape, shape)
        return self.n_out, height - self.size + 1, width - self.size + 1

    def buffers(self, shape: tuple[int, ...], dtype: np.dtype) -> Patches:
        """Room for the patches and for their gradient."""
        *runs, _, n = shape
        cells = math.prod(self.out_shape(self.shape)[1:]) * n
        return Patches(np.ones((*runs, self.columns + 1, cells), dtype), np.empty((*runs, self.columns, cells), dtype))

    def forward(self, params: Any, x: Array, out: Out = None, kept: Any = None) -> Array:
        """[K b] times [patches; 1]."""
        columns, _ = self.buffers(x.shape, x.dtype) if kept is None else kept
        windows = sliding_window_view(_images(x, self.shape), (self.size, self.size), axis=(-3, -2))
        np.copyto(self._patches(columns[..., :-1, :], x), np.moveaxis(windows, (-2, -1), (-5, -4)))
        y = _new(x, self.out_shape(self.shape)) if out is None else out
        params.product(params.W_b, columns, self._columns(y))
        return y

    def backward(self, params: Any, x: Array, y: Array, delta: Array, out: Out, kept: Patches) -> Array:
        """Kᵀ δ is the gradient of the patches; a pixel gets the sum over those that hold it."""
        patches = self._patches(params.product(params.W_T, self._columns(delta), kept.delta), x)
        back = np.empty_like(x) if out is None else out
        back[...] = 0
        images = _images(back, self.shape)
        _, height, width = self.out_shape(self.shape)
        for i, j in np.ndindex(self.size, self.size):
            images[..., i : i + height, j : j + width, :] += patches[..., i, j, :, :, :]
        return back

    def gradient(self, params: Any, x: Array, delta: Array, out: Out, kept: Patches) -> Array:
        """[∂L/∂K ∂L/∂b]ᵀ = [patches; 1] δᵀ."""
        return params.product(kept.columns, self._columns(delta).mT, out)

    def _columns(self, signal: Array) -> Array:
        """A signal that goes out, `[..., n_out·H·W, N]`, with a row for each kernel: `[..., n_out, H·W·N]`."""
        return signal.reshape(*signal.shape[:-2], self.n_out, -1)

    def _patches(self, columns: Array, x: Array) -> Array:
        """Columns as patches, `[..., C, size, size, H, W, N]`."""
        n = x.shape[-1]
        return columns.reshape(*columns.shape[:-2], *self.weight_shape[1:], *self.out_shape(self.shape)[1:], n)


class MaxPool(Layer):
    """The largest of each `size` x `size` pixels; a remainder at the edge is left out. Ties go to the first pixel."""

    def __init__(self, shape: tuple[int, int, int], size: int = 2):
        self.shape = shape
        self.size = size

    def out_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """`(channels, height // size, width // size)`."""
        channels, height, width = _expected(self.shape, shape)
        return channels, height // self.size, width // self.size

    def forward(self, params: None, x: Array, out: Out = None, kept: Any = None) -> Array:
        """The maximum over the offsets within a cell."""
        pooled = self.out_shape(self.shape)
        y = _new(x, pooled) if out is None else out
        largest = _images(y, pooled)
        first, *others = self._offsets(x)
        np.copyto(largest, first)
        for pixels in others:
            np.maximum(largest, pixels, out=largest)
        return y

    def backward(self, params: None, x: Array, y: Array, delta: Array, out: Out = None, kept: Any = None) -> Array:
        """δ goes to the pixel that was the largest."""
        pooled = self.out_shape(self.shape)
        largest, delta = _images(y, pooled), _images(delta, pooled)
        back = np.empty_like(x) if out is None else out
        back[...] = 0
        free = np.ones(largest.shape, dtype=bool)
        for pixels, slope in zip(self._offsets(x), self._offsets(back), strict=True):
            hit = pixels == largest
            hit &= free
            free &= ~hit
            np.multiply(delta, hit, out=slope)
        return back

    def _offsets(self, signal: Array) -> list[Array]:
        """The pixels of all cells at one offset, for each offset."""
        images, s = _images(signal, self.shape), self.size
        _, height, width = self.out_shape(self.shape)
        return [images[..., i : height * s : s, j : width * s : s, :] for i, j in np.ndindex(s, s)]


class Flatten(Layer):
    """`(channels, height, width)` to one list of units; the signal itself stays as it is."""

    def out_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The product of the shape."""
        return (math.prod(shape),)

    def forward(self, params: None, x: Array, out: Out = None, kept: Any = None) -> Array:
        """A copy."""
        return np.positive(x, out=out)

    def backward(self, params: None, x: Array, y: Array, delta: Array, out: Out = None, kept: Any = None) -> Array:
        """A copy."""
        return np.positive(delta, out=out)


def classifier(shape: tuple[int, int, int] = (1, 28, 28), n_classes: int = 10, act: str = "relu") -> list[Any]:
    """The convolutional classifier of the lessons: conv 32, pool, conv 64, pool, conv 64, dense 64, dense `n_classes`.

    Kernels are 3 x 3 and pools 2 x 2; images must be at least 18 pixels high and wide.
    """
    if min(shape[1:]) < 18:
        raise ValueError(f"shape={shape} must be at least 18 pixels high and wide")
    layers: list[Any] = []
    for number, (n_out, pool) in enumerate(((32, True), (64, True), (64, False)), start=1):
        layers += [Convolution(number, shape, n_out), Activation(act)]
        shape = layers[-2].out_shape(shape)
        if pool:
            layers.append(MaxPool(shape))
            shape = layers[-1].out_shape(shape)
    flat = math.prod(shape)
    return [*layers, Flatten(), Dense(4, flat, 64, "he"), Activation(act), Dense(5, 64, n_classes, "xavier")]


def _images(signal: Array, shape: tuple[int, ...]) -> Array:
    """A view of flat signals `[..., C·H·W, N]` as images `[..., C, H, W, N]`."""
    return signal.reshape(*signal.shape[:-2], *shape, signal.shape[-1])


def _new(x: Array, shape: tuple[int, ...]) -> Array:
    """Room for the signal that follows on x, of this shape for one sample."""
    return np.empty((*x.shape[:-2], math.prod(shape), x.shape[-1]), x.dtype)


def _expected(shape: tuple[int, int, int], found: tuple[int, ...]) -> tuple[int, int, int]:
    """The shape that a layer was made for; raises `ValueError` where the signal has another."""
    if found != shape:
        raise ValueError(f"shape={shape} must be that of the signal, {found}")
    return shape
