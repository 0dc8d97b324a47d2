"""Counting what a network computes: the arithmetic of a pass forward and back, and the memory that it lies in.

Time is counted in three kinds of work, each with one constant, measured on one core of a server of 2023 (see
`tests/benchmarks/bench_work.py`, which compares all estimates with what really happens):

    calls      of NumPy, which is what small arrays cost
    products   multiply-adds of matrix products
    numbers    that a pass over an array reads and writes, as for an activation or a sum

A layer that multiplies by a block `[rows, columns]` does rows x (what it puts out) multiply-adds for each sample: that
is right for a dense layer and for a convolution, whose kernel meets many places.
"""

import math
from dataclasses import dataclass
from typing import Any

from engine.network.convolution import Convolution, MaxPool
from engine.network.layers import Activation, Dropout
from engine.network.normalization import BatchNorm, LayerNorm

CALL = 1.2e-6  #: seconds of a call
PRODUCT = 1 / 25e9  #: seconds of a multiply-add, float64
NUMBER = 0.5e-9  #: seconds of a number in a pass over an array, float64
SLOW_ACTIVATIONS = {"gelu": 50, "mish": 60, "sin": 36, "selu": 14, "silu": 13, "softplus": 13}
USUAL_ACTIVATION = 6  #: passes over its numbers that value and derivative of an activation are worth
NORMALISED, DROPPED, POOLED = 24, 16, 20  #: the same for a normalisation, a mask, a pool
CACHE_BYTES, MAPPED_BYTES = 2_000_000, 32_000_000  #: arrays larger than these take longer: see `passes`
FRESH = 0.35e-9  #: seconds of a byte of memory that was not in use before
SINGLE = 0.7  #: of the time in float32: half of it, but for subnormal numbers where gradients vanish


@dataclass(frozen=True)
class Operations:
    """Work of one core."""

    calls: float = 0.0
    products: float = 0.0
    numbers: float = 0.0

    def __add__(self, other: "Operations") -> "Operations":
        return Operations(self.calls + other.calls, self.products + other.products, self.numbers + other.numbers)

    def __mul__(self, times: float) -> "Operations":
        return Operations(self.calls * times, self.products * times, self.numbers * times)

    def seconds(self, itemsize: int = 8) -> float:
        """Seconds of one core for numbers of so many bytes."""
        return self.calls * CALL + (self.products * PRODUCT + self.numbers * NUMBER) * (SINGLE if itemsize < 8 else 1.0)


def passes(count: float, size: float, itemsize: int = 8) -> Operations:
    """`count` passes over an array of `size` numbers.

    Beyond the processor's cache a pass waits for memory; beyond what the allocator keeps, every intermediate result
    comes in fresh pages from the operating system.
    """
    slower = 1.0 if size * itemsize < CACHE_BYTES else 1.8 if size * itemsize < MAPPED_BYTES else 7.0
    return Operations(numbers=count * size * slower)


def forward(network: Any, n: int, runs: int = 1) -> Operations:
    """What `runs` networks do with `n` samples to give their output."""
    return _passes(network, n, runs, backward=0)


def gradient(network: Any, n: int, runs: int = 1) -> Operations:
    """What `runs` networks do with `n` samples to give loss and gradient: a pass back costs two forward."""
    return _passes(network, n, runs, backward=1)


def _passes(network: Any, n: int, runs: int, backward: int) -> Operations:
    calls, products, numbers = 4.0, 0.0, 0.0
    for layer, shape in zip(network.layers, network.signal_shapes[1:], strict=True):
        out = math.prod(shape) * n * runs
        calls += (1 + 2 * backward) * (_calls(layer) + 0.2 * (runs - 1) * (layer.block() is not None))
        numbers += out * _numbers(layer) * (1 + backward) / 2
        if layer.block() is not None:
            rows, columns = layer.block().shape
            products += (1 + 2 * backward) * rows * out
            numbers += (0.3 + 2 * backward) * rows * columns * runs
        if isinstance(layer, Convolution):
            numbers += (2 + 3 * backward) * _copied(layer) * n * runs + 2 * backward * out
    return Operations(calls, products, numbers)


def _calls(layer: Any) -> float:
    return {BatchNorm: 8, LayerNorm: 8, MaxPool: 10, Dropout: 4, Convolution: 6}.get(type(layer), 1.5)


def _numbers(layer: Any) -> float:
    if isinstance(layer, Activation):
        return SLOW_ACTIVATIONS.get(layer.name, USUAL_ACTIVATION)
    return {BatchNorm: NORMALISED, LayerNorm: NORMALISED, MaxPool: POOLED, Dropout: DROPPED}.get(type(layer), 2)


def _copied(layer: Convolution) -> int:
    """The numbers of one sample that a convolution lays out: each row of the image `size` times, and one of ones."""
    channels, height, _ = layer.shape
    return height * (channels * layer.size + 1) * layer.out_shape(layer.shape)[-1]


def signal_bytes(network: Any, n: int, runs: int = 1, itemsize: int = 8, *, keep: bool = False) -> float:
    """Bytes of the signals of `n` samples in `runs` networks at once, and of their gradients.

    With `keep` each gradient has a place of its own; else layers take turns with two.
    """
    shapes = [math.prod(shape) for shape in network.signal_shapes]
    numbers = sum(shapes) + len(shapes) + (sum(shapes) if keep else 2 * max(shapes))
    for layer, shape in zip(network.layers, network.signal_shapes[1:], strict=True):
        out = math.prod(shape)
        if isinstance(layer, Convolution):
            numbers += _copied(layer) + out
        numbers += out * {BatchNorm: 2, LayerNorm: 2, Dropout: 1}.get(type(layer), 0)
    return numbers * n * runs * itemsize


def many(network: Any, runs: int, n: int, itemsize: int = 8, *, backward: bool = False) -> tuple[Operations, float]:
    """Operations and bytes of the losses, or gradients, of `runs` networks on `n` samples, made in chunks of runs."""
    at_once, room = min(network.runs_at_once(n, itemsize, gradients=backward), runs), n
    if not backward:
        room = min(n, network.samples_at_once(itemsize))
    count = gradient if backward else forward
    one = count(network, n, at_once) + Operations(calls=12 * len(network.layers))  # laying out their buffers
    results = runs * itemsize * (network.size if backward else 1)
    return one * math.ceil(runs / at_once), signal_bytes(network, room, at_once, itemsize) + results
