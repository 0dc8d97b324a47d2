# ruff: noqa: ARG002 - all layers are called alike, whether they read all of it or not
"""The layers of a network: each computes forward, and pulls gradients back, on signals `[..., units, N]`.

    forward(params, x) -> y      backward(params, x, y, delta) -> ∂L/∂x      gradient(params, x, delta) -> ∂L/∂block

`block` is the layer's part of the flat vector (see `parameters`) and `delta` is ∂L/∂y, the gradient of the loss by the
layer's output. A backward pass is the last two of these, called from the last layer to the first: reverse-mode
differentiation (Rumelhart, Hinton & Williams 1986). With δ for `delta`,

    dense         z = W a + b           ∂L/∂a = Wᵀ δ           ∂L/∂W = δ aᵀ     ∂L/∂b = Σ δ
    activation    a = φ(z)              ∂L/∂z = δ · φ'(z)
    dropout       y = m · a             ∂L/∂a = m · δ
    residual      y = x + s F(x)        ∂L/∂F = s δ            and δ reaches x as it is
    gate          y = g F               ∂L/∂F = g δ            ∂L/∂g = Σ δ F

The result goes into the array `out`, or a new one. `kept` is what a layer needs beyond x and y, laid out by `buffers`:
a dropout's mask, say. Leading axes of blocks and signals are runs, and each comes out bit by bit as it would alone.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import activations, initializers
from engine.cancellation import cancellation_point
from engine.linear_algebra import product_of, total
from engine.network.parameters import Block, Part

Array = np.ndarray
Out = np.ndarray | None
PIECE = 1_000_000  #: numbers of a signal whose activations are taken at once


class Layer:
    """What most layers have in common: the shape passes through, and there is nothing to train, nor to keep."""

    carries = False  #: whether some parameters are handed on from step to step, not descended
    reads_ones = False  #: whether x stands on a row of ones, `[..., units + 1, N]`

    def out_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of y for one sample, from that of x."""
        return shape

    def block(self) -> Block | None:
        """The shape of the parameters and the names of their parts; None where there are no parameters."""

    def views(self, block: Array) -> Any:
        """What forward and backward read of the parameters, which is handed to them as `params`."""
        return block

    def buffers(self, shape: tuple[int, ...], dtype: np.dtype) -> Any:
        """What forward and backward hand on to each other beyond x and y, for x of this shape."""

    def after_training(self) -> "Layer":
        """The layer as it computes once the network is trained."""
        return self


@dataclass(frozen=True, slots=True)
class Weights:
    """What an affine layer reads of its block: [W b], Wᵀ, and how such matrices are multiplied."""

    W_b: Array
    W_T: Array
    product: Callable[..., Array]


class Affine(Layer):
    """Layers with weights, `weight_shape` = `[out, in, ...]`, and a bias for each output.

    Their block `[in + 1, out]` is [W b]ᵀ: below a row of ones, W x + b is one product, and so is the gradient.
    """

    letter, kind = "W", "weight"
    spread = 0.0  #: standard deviation of the biases about their constant

    def block(self) -> Block:
        """The transpose of the weights and, as the last row, the biases."""
        shape = self.weight_shape
        fan_in = math.prod(shape[1:])
        weight = Part(f"{self.letter}{self.number}", self.kind, shape)
        return Block((fan_in + 1, shape[0]), (weight, Part(f"b{self.number}", "bias", shape[:1])))

    def views(self, block: Array) -> Weights:
        """[W b] and Wᵀ."""
        return Weights(block.mT, block[..., :-1, :], product_of(block))

    def initialise(self, block: Array, rng: np.random.Generator) -> None:
        """Draw the weights with the named scheme, and the biases if it draws them, about their constant."""
        shape = self.weight_shape
        fan_in, fan_out = math.prod(shape[1:]), shape[0] * math.prod(shape[2:])
        scheme = initializers.INITIALIZERS[self.init]
        block[:-1] = scheme(rng, shape, fan_in, fan_out, self.scale).reshape(shape[0], -1).T
        block[-1] = self.bias + scheme.biases(rng, shape[0], fan_in)
        if self.spread:
            block[-1] += self.spread * rng.standard_normal(shape[0])


@dataclass(frozen=True)
class Dense(Affine):
    """z = W a + b."""

    number: int
    n_in: int
    n_out: int
    init: str = "xavier"
    scale: float = 1.0
    bias: float = 0.0
    spread: float = 0.0
    reads_ones = True

    @property
    def weight_shape(self) -> tuple[int, int]:
        """`[out, in]`."""
        return self.n_out, self.n_in

    def out_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Units of the output, whatever comes in."""
        return (self.n_out,)

    def forward(self, params: Weights, x: Array, out: Out = None, kept: Any = None) -> Array:
        """W a + b, as [W b] [a; 1]."""
        return params.product(params.W_b, x, out)

    def backward(self, params: Weights, x: Array, y: Array, delta: Array, out: Out = None, kept: Any = None) -> Array:
        """∂L/∂a = Wᵀ δ."""
        return params.product(params.W_T, delta, out)

    def gradient(self, params: Weights, x: Array, delta: Array, out: Out = None, kept: Any = None) -> Array:
        """∂L/∂W = δ aᵀ and ∂L/∂b = Σ δ, transposed as the block is: [a; 1] δᵀ."""
        return params.product(x, delta.mT, out)


class Activation(Layer):
    """a = φ(z), for φ in `activations.ACTIVATIONS`; of large signals some units at a time, for it may take a second."""

    def __init__(self, name: str):
        function = activations.ACTIVATIONS[name]
        self.name, self.value, self.derivative = name, function.value, function.derivative

    def forward(self, params: None, x: Array, out: Out = None, kept: Any = None) -> Array:
        """φ(z)."""
        if x.size <= PIECE:
            return self.value(x, out)
        y = np.empty_like(x) if out is None else out
        for units in _some_units(x):
            self.value(x[..., units, :], y[..., units, :])
        return y

    def backward(self, params: None, x: Array, y: Array, delta: Array, out: Out = None, kept: Any = None) -> Array:
        """∂L/∂z = δ · φ'(z)."""
        if x.size <= PIECE:
            slope = self.derivative(x, y, out)
            return np.multiply(slope, delta, slope)
        back = np.empty_like(delta) if out is None else out
        for units in _some_units(x):
            slope = self.derivative(x[..., units, :], y[..., units, :], back[..., units, :])
            np.multiply(slope, delta[..., units, :], slope)
        return back


def _some_units(x: Array) -> Iterator[slice]:
    """Units whose signals `x[..., units, N]` are about PIECE numbers together, after a cancellation point each."""
    units = x.shape[-2]
    some = max(1, PIECE * units // x.size)
    for first in range(0, units, some):
        cancellation_point()
        yield slice(first, first + some)


class Dropout(Layer):
    """y = m · a: silences each unit with probability p while training, scales the rest by 1/(1-p).

    The mask m, `kept`, is 1 everywhere until one is drawn. Srivastava et al. 2014.
    """

    def __init__(self, p: float):
        self.p = p

    def buffers(self, shape: tuple[int, ...], dtype: np.dtype) -> Array:
        """A mask `[units, N]`, the same for all runs."""
        return np.ones(shape[-2:], dtype)

    def draw(self, mask: Array, rng: np.random.Generator) -> None:
        """Put a new mask of 0 and 1/(1-p) in the place of the last one."""
        heard = rng.random(mask.shape, dtype=np.float32) >= self.p
        np.multiply(heard, 1 / (1 - self.p), out=mask, casting="same_kind")

    def forward(self, params: None, x: Array, out: Out = None, kept: Any = 1.0) -> Array:
        """Mask the signal."""
        return np.multiply(x, kept, out=out)

    def backward(self, params: None, x: Array, y: Array, delta: Array, out: Out = None, kept: Any = 1.0) -> Array:
        """Mask the gradient alike."""
        return np.multiply(delta, kept, out=out)


class Residual(Layer):
    """y = x + s F(x): adds an earlier signal x, `kept`, to the scaled input F(x).

    x is signal number `source` of the network, which sees to it that the gradient δ reaches x along both ways.
    """

    def __init__(self, source: int, scale: float = 1.0):
        self.source = source
        self.scale = scale

    def forward(self, params: None, x: Array, out: Out = None, kept: Any = 0.0) -> Array:
        """The skipped signal, and s times the branch, which is what comes in."""
        y = np.multiply(x, self.scale, out=out)
        return np.add(y, kept, out=y)

    def backward(self, params: None, x: Array, y: Array, delta: Array, out: Out = None, kept: Any = None) -> Array:
        """∂L/∂F = s δ."""
        return np.multiply(delta, self.scale, out=out)


class Gate(Layer):
    """y = g F(x) with one trained number g that starts at 0, so that a residual block starts as the identity.

    Bachlechner et al. 2021, "ReZero is all you need".
    """

    def __init__(self, number: int):
        self.number = number

    def block(self) -> Block:
        """One number, named `gate1` in layer 1."""
        return Block((1, 1), (Part(f"gate{self.number}", "gate", (1,)),))

    def initialise(self, block: Array, rng: np.random.Generator) -> None:
        """Closed."""
        block[...] = 0

    def forward(self, params: Any, x: Array, out: Out = None, kept: Any = None) -> Array:
        """Multiply by g."""
        return np.multiply(x, params, out=out)

    def backward(self, params: Any, x: Array, y: Array, delta: Array, out: Out = None, kept: Any = None) -> Array:
        """∂L/∂F = g δ."""
        return np.multiply(delta, params, out=out)

    def gradient(self, params: Any, x: Array, delta: Array, out: Out = None, kept: Any = None) -> Array:
        """∂L/∂g = Σ δ F, `[..., 1, 1]`."""
        slope = total(x * delta)[..., None, None]
        return np.positive(slope, out=out)
