"""Convolution, max-pooling and flatten, on images stored as flat signals `[..., C·H·W, N]`.

A convolution is one matrix product: each patch of the image that the kernel meets becomes a column (`im2col`, by
`sliding_window_view`), the kernels are the columns of the block, and the biases its last row against a row of ones.
Going back, the same columns give the gradient of the kernels, and the columns of ∂L/∂patches are added up where they
came from. As in LeCun et al. 1998 and in every framework, "convolution" is cross-correlation: the kernel is not turned.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine import initializers
from engine.network.layers import Activation, Dense, Tape, Unparametrised, one_call
from engine.network.parameters import Block, Part


class _Patches(NamedTuple):
    columns: np.ndarray
    images: np.ndarray
    back: np.ndarray | None
    out: np.ndarray
    delta: np.ndarray | None


class Convolution(NamedTuple):
    """z = K ∗ x + b with `n_out` kernels of `size` x `size` pixels, no padding, stride 1.

    `shape` is that of one input, `(channels, height, width)`.
    """

    number: int
    shape: tuple[int, int, int]
    n_out: int
    size: int = 3
    init: str = "he"
    scale: float = 1.0
    needs_ones = False

    @property
    def columns(self) -> int:
        """Numbers in one patch: channels x size x size."""
        return self.shape[0] * self.size**2

    def out_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """`(n_out, height - size + 1, width - size + 1)`."""
        if shape != self.shape:
            raise ValueError(f"shape={self.shape} must be that of the signal, {shape}")
        _, height, width = shape
        return (self.n_out, height - self.size + 1, width - self.size + 1)

    def block(self) -> Block:
        """The block `[columns + 1, out]`: kernels `K[out, in, size, size]`, each a column, and the row of biases."""
        n, shape = self.columns, (self.n_out, self.shape[0], self.size, self.size)
        kernel, bias = (
            Part(f"K{self.number}", "kernel", shape, slice(0, n)),
            Part(f"b{self.number}", "bias", (self.n_out,), n),
        )
        return Block((n + 1, self.n_out), (kernel, bias))

    def initialise(self, block: np.ndarray, rng: np.random.Generator) -> None:
        """Draw kernels and biases with the named scheme (fan-in: one patch)."""
        shape = (self.n_out, self.shape[0], self.size, self.size)
        scheme = initializers.INITIALIZERS[self.init]
        kernels = scheme(rng, shape, self.columns, self.n_out * self.size**2, self.scale)
        block[:-1] = kernels.reshape(self.n_out, -1).T
        block[-1] = scheme.biases(rng, self.n_out, self.columns)

    def views(self, block: np.ndarray) -> tuple[np.ndarray, ...]:
        """[K b], and Kᵀ."""
        return block.swapaxes(-1, -2), block[..., :-1, :]

    def prepare(self, tape: Tape, dtype: np.dtype) -> None:
        """Columns of patches with their row of ones, and their gradient."""
        *runs, _, n = tape.inp.shape
        _, height, width = self.out_shape(self.shape)
        cells = height * width * n
        columns = np.ones((*runs, self.columns + 1, cells), dtype)
        images = columns[..., :-1, :].reshape(*runs, self.shape[0], self.size, self.size, height, width, n)
        back = None if tape.delta_in is None else np.empty((*runs, self.columns, cells), dtype)
        out = tape.out.reshape(*runs, self.n_out, cells)
        delta = None if tape.delta is None else tape.delta.reshape(*runs, self.n_out, cells)
        tape.extra = _Patches(columns, images, back, out, delta)

    @one_call
    def forward(self, views: tuple[np.ndarray, ...], tape: Tape) -> None:
        """[K b] times [patches; 1]."""
        kept = tape.extra
        images = np.ascontiguousarray(tape.inp).reshape(*tape.inp.shape[:-2], *self.shape, tape.inp.shape[-1])
        windows = sliding_window_view(images, (self.size, self.size), axis=(-3, -2))
        np.copyto(kept.images, np.moveaxis(windows, (-2, -1), (-5, -4)))
        np.matmul(views[0], kept.columns, out=kept.out)

    @one_call
    def backward(self, views: tuple[np.ndarray, ...], tape: Tape, gradient: np.ndarray) -> None:
        """[∂L/∂K ∂L/∂b]ᵀ = [patches; 1] δᵀ; ∂L/∂x adds up Kᵀ δ over the patches that hold a pixel."""
        kept = tape.extra
        np.matmul(kept.columns, kept.delta.swapaxes(-1, -2), out=gradient)
        if tape.delta_in is None:
            return
        np.matmul(views[1], kept.delta, out=kept.back)
        back = kept.back.reshape(kept.images.shape)
        *_, height, width, n = kept.images.shape
        image = tape.delta_in.reshape(*tape.delta_in.shape[:-2], *self.shape, n)
        image[...] = 0
        for i, j in np.ndindex(self.size, self.size):
            image[..., i : i + height, j : j + width, :] += back[..., i, j, :, :, :]


class MaxPool(Unparametrised):
    """The largest of each `size` x `size` pixels; a remainder at the edge is left out. Ties go to the first pixel."""

    def __init__(self, shape: tuple[int, int, int], size: int = 2):
        self.shape = shape
        self.size = size

    def out_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """`(channels, height // size, width // size)`."""
        if shape != self.shape:
            raise ValueError(f"shape={self.shape} must be that of the signal, {shape}")
        return (shape[0], shape[1] // self.size, shape[2] // self.size)

    @one_call
    def forward(self, _views: Any, tape: Tape) -> None:
        """The maximum over the offsets within a cell."""
        out = self._pooled(tape.out)
        first, *others = self._offsets(tape.inp)
        np.copyto(out, first)
        for pixels in others:
            np.maximum(out, pixels, out=out)

    @one_call
    def backward(self, _views: Any, tape: Tape, _gradient: Any) -> None:
        """δ goes to the pixel that was the largest."""
        largest, delta = self._pooled(tape.out), self._pooled(tape.delta)
        tape.delta_in[...] = 0
        free = np.ones(largest.shape, dtype=bool)
        for pixels, slope in zip(self._offsets(tape.inp), self._offsets(tape.delta_in), strict=True):
            hit = pixels == largest
            hit &= free
            free &= ~hit
            np.multiply(delta, hit, out=slope)

    def _pooled(self, flat: np.ndarray) -> np.ndarray:
        return flat.reshape(*flat.shape[:-2], *self.out_shape(self.shape), flat.shape[-1])

    def _offsets(self, flat: np.ndarray) -> list[np.ndarray]:
        image = flat.reshape(*flat.shape[:-2], *self.shape, flat.shape[-1])
        _, height, width = self.out_shape(self.shape)
        s = self.size
        return [image[..., i : height * s : s, j : width * s : s, :] for i, j in np.ndindex(s, s)]


class Flatten(Unparametrised):
    """`(channels, height, width)` to one list of units; the signal itself stays as it is."""

    def out_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The product of the shape."""
        return (math.prod(shape),)

    @one_call
    def forward(self, _views: Any, tape: Tape) -> None:
        """A copy."""
        np.copyto(tape.out, tape.inp)

    @one_call
    def backward(self, _views: Any, tape: Tape, _gradient: Any) -> None:
        """A copy."""
        np.copyto(tape.delta_in, tape.delta)


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
