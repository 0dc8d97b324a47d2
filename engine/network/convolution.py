# ruff: noqa: ARG002 - all layers are called alike, whether they read all of it or not
"""Convolution, max-pooling and flatten, on images stored as flat signals `[..., C·H·W, N]`.

A convolution is a matrix product: each patch of the image that the kernel meets is a column, the kernels are the
columns of the block. Not all columns are laid out: each row of the image is copied `size` times, shifted by a pixel
each time, with a row of ones below for the bias. Since rows follow each other in memory, the patches along one row of
the output are `size` such pieces in a row, a matrix that is there already (a third of what `im2col` copies):

    output row i       z_i = [K b] R_i               R_i = pieces i ... i + size - 1
    gradient           [∂L/∂K ∂L/∂b]ᵀ = Σ_i R_i δ_iᵀ
    piece r, back      Σ_i K_{r-i}ᵀ δ_i              over the output rows that hold it; its copies are added up

As in LeCun et al. 1998 and in every framework, "convolution" is cross-correlation: the kernel is not turned.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.cancellation import cancellation_point
from engine.network.layers import Affine, Array, Layer, Out

AT_ONCE = 1_000_000_000  #: multiply-adds between two points at which a pass may be cancelled
COPIED = 50  #: of them take as long as a number that is copied to new memory
CACHED = 700_000  #: bytes of the maps that a pool takes at a time, so that they stay in the cache


class Rows(NamedTuple):
    """The rows of the image, shifted, and the ones below, seen in two ways.

    `copies` `[..., H, C, size, W', N]` are what is filled. Of the patches `[..., H', size (C·size + 1), W'·N]` there is
    a matrix for each output row; they overlap.
    """

    copies: Array
    patches: Array


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
    spread: float = 0.0
    letter, kind = "K", "kernel"

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """`[out, in, size, size]`."""
        return self.n_out, self.shape[0], self.size, self.size

    def out_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """`(n_out, height - size + 1, width - size + 1)`."""
        _, height, width = _expected(self.shape, shape)
        return self.n_out, height - self.size + 1, width - self.size + 1

    def buffers(self, shape: tuple[int, ...], dtype: np.dtype) -> Rows:
        """Room for the rows, and the ones."""
        *runs, _, n = shape
        (channels, height, _), (*_, width), k = self.shape, self.out_shape(self.shape), self.size
        pieces = np.empty((*runs, height, channels * k + 1, width * n), dtype)
        pieces[..., -1, :] = 1
        one, piece = pieces.shape[-2], pieces.reshape(*runs, height * pieces.shape[-2], -1)
        return Rows(
            pieces[..., :-1, :].reshape(*runs, height, channels, k, width, n),
            sliding_window_view(piece, k * one, axis=-2)[..., ::one, :, :].mT,
        )

    def forward(self, params: Any, x: Array, out: Out = None, kept: Any = None) -> Array:
        """[K b] times the patches of each output row."""
        copies, patches = self.buffers(x.shape, x.dtype) if kept is None else kept
        shifted = sliding_window_view(_images(x, self.shape), self.size, axis=-2)
        shifted = np.moveaxis(shifted, (-5, -1), (-4, -3))
        for some in _some_rows(copies.shape[-5], COPIED * math.prod(copies.shape[-4:])):
            np.copyto(copies[..., some, :, :, :, :], shifted[..., some, :, :, :, :])
        y = _new(x, self.out_shape(self.shape)) if out is None else out
        kernels = self._kernels(params).swapaxes(-3, -2)  # by the kernel's rows, as the pieces are
        *lead, n_out, k, channels, _ = kernels.shape
        K_b = np.zeros((*lead, 1, n_out, k, channels * k + 1), x.dtype)
        K_b[..., 0, :, :, :-1].reshape(kernels.shape)[...] = kernels
        K_b[..., 0, :, 0, -1] = params.W_b[..., -1]
        K_b, made = K_b.reshape(*lead, 1, n_out, -1), self._by_rows(y)
        for some in _some_rows(made.shape[-3], K_b[..., 0].size * patches.shape[-1]):
            np.matmul(K_b, patches[..., some, :, :], made[..., some, :, :])
        return y

    def backward(self, params: Any, x: Array, y: Array, delta: Array, out: Out, kept: Rows) -> Array:
        """Row by row Kᵀ δ is the gradient of a piece; a pixel gets the sum over its shifted copies."""
        deltas = self._by_rows(delta)
        *lead, rows, n_out, cells = deltas.shape
        deltas = deltas.reshape(*lead, rows * n_out, cells)
        turned = np.moveaxis(self._kernels(params)[..., ::-1, :], (-3, -1, -2, -4), (-4, -3, -2, -1))
        channels, k, _, _ = turned.shape[-4:]
        K_T = turned.reshape(*lead, channels * k, k * n_out)
        back, piece = np.empty_like(x) if out is None else out, np.empty((*lead, channels * k, cells), x.dtype)
        images, copies = _images(back, self.shape), piece.reshape(*lead, channels, k, -1, x.shape[-1])
        width = copies.shape[-2]
        for row in range(self.shape[1]):
            cancellation_point()
            first, end = max(0, row - k + 1), min(row + 1, rows)  # of the output rows that hold this one
            meets = slice((first - row + k - 1) * n_out, (end - row + k - 1) * n_out)
            np.matmul(K_T[..., meets], deltas[..., first * n_out : end * n_out, :], piece)
            pixels = images[..., row, :, :]
            pixels[..., :width, :] = copies[..., 0, :, :]
            pixels[..., width:, :] = 0
            for j in range(1, k):
                pixels[..., j : j + width, :] += copies[..., j, :, :]
        return back

    def gradient(self, params: Any, x: Array, delta: Array, out: Out, kept: Rows) -> Array:
        """[∂L/∂K ∂L/∂b]ᵀ = Σ R δᵀ over the output rows."""
        lead, (n_out, channels, k, _) = delta.shape[:-2], self.weight_shape
        patches, deltas = kept.patches, self._by_rows(delta).mT
        each = np.empty((*lead, *patches.shape[-3:-1], n_out), x.dtype)
        for some in _some_rows(each.shape[-3], each[..., 0, :, :].size * patches.shape[-1]):
            np.matmul(patches[..., some, :, :], deltas[..., some, :, :], each[..., some, :, :])
        both = each.sum(axis=-3).reshape(*lead, k, -1, n_out)
        block = np.empty((*lead, channels * k * k + 1, n_out), x.dtype) if out is None else out
        kernels = both[..., :-1, :].reshape(*lead, k, channels, k, n_out)
        block[..., :-1, :].reshape(*lead, channels, k, k, n_out)[...] = kernels.swapaxes(-4, -3)
        block[..., -1, :] = both[..., 0, -1, :]
        return block

    def _kernels(self, params: Any) -> Array:
        """`[..., out, in, size, size]`."""
        return params.W_T.mT.reshape(*params.W_T.shape[:-2], *self.weight_shape)

    def _by_rows(self, signal: Array) -> Array:
        """A signal that goes out, `[..., n_out·H·W, N]`, as a matrix for each row: `[..., H, n_out, W·N]`."""
        _, rows, _ = self.out_shape(self.shape)
        return signal.reshape(*signal.shape[:-2], self.n_out, rows, -1).swapaxes(-3, -2)


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
        first, *others = self._offsets(_images(x, self.shape))
        np.copyto(largest, first)
        for pixels in others:
            np.maximum(largest, pixels, out=largest)
        return y

    def backward(self, params: None, x: Array, y: Array, delta: Array, out: Out = None, kept: Any = None) -> Array:
        """δ goes to the pixel that was the largest: each pixel takes what the equal ones before it have left."""
        _, height, width = pooled = self.out_shape(self.shape)
        back = np.empty_like(x) if out is None else out
        images = _images(back, self.shape)
        images[..., height * self.size :, :, :] = 0
        images[..., width * self.size :, :] = 0
        step = max(1, CACHED // images[..., 0, :, :, :].nbytes)
        for first in range(0, self.shape[0], step):
            some = (..., slice(first, first + step), slice(None), slice(None), slice(None))
            largest, rest = _images(y, pooled)[some], _images(delta, pooled)[some].copy()
            sides, taken = (_images(x, self.shape)[some], images[some]), np.empty_like(rest)
            for pixels, slope in zip(*map(self._offsets, sides), strict=True):
                np.equal(pixels, largest, out=taken)
                np.multiply(taken, rest, out=taken)
                np.subtract(rest, taken, out=rest)
                np.copyto(slope, taken)
        return back

    def _offsets(self, images: Array) -> list[Array]:
        """The pixels of all cells at one offset, for each offset."""
        s, (_, height, width) = self.size, self.out_shape(self.shape)
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


def _some_rows(count: int, each: int) -> Iterator[slice]:
    """Rows that take about AT_ONCE multiply-adds together, of `count` that take `each`; a cancellation point before."""
    some = max(1, AT_ONCE // max(each, 1))
    for first in range(0, count, some):
        cancellation_point()
        yield slice(first, first + some)
