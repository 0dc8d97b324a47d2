"""The layers of a network: each is two functions, forward and backward, on signals `[..., units, N]`.

A layer says how it maps a signal and how it pulls the gradient of the loss back through itself (reverse-mode
differentiation, Rumelhart, Hinton & Williams 1986). What it reads and writes lies on its `Tape`: buffers laid out
once for a number of runs and samples. Since these stay the same from step to step, a layer does not compute: it lists
the calls that do, with their arguments, and a training step plays the list (see `workspace`). With δ the gradient of
the loss by the layer's output,

    dense         z = W a + b           ∂L/∂W = δ aᵀ     ∂L/∂b = Σ δ     ∂L/∂a = Wᵀ δ
    activation    a = φ(z)              ∂L/∂z = δ · φ'(z)
    dropout       y = m · a / (1 - p)   ∂L/∂a = m · δ / (1 - p)
    residual      y = x + s F(x)        ∂L/∂x = δ + s F'(x)ᵀ δ

Signals end in a row of ones where a dense layer reads them, so that W and b are one matrix (see `parameters`).
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, NamedTuple

import numpy as np

from engine import activations, initializers
from engine.linear_algebra import product
from engine.network.parameters import Block, Part

Calls = list[Callable[[], Any]]


def one_call(work: Callable[..., None]) -> Callable[..., Calls]:
    """A layer's method that computes, as one that lists this computation as its only call."""
    return wraps(work)(lambda *arguments: [partial(work, *arguments)])


class Tape:
    """The buffers of one layer, for one shape of runs and samples.

    `inp` and `out` are the signals `[..., *shape, N]`; `full` is `inp` with the row of ones, which is `fixed` except in
    the first layer, where new samples come in every step; `delta` and `delta_in` are the gradients of the loss by `out`
    and by `inp` (None for the first layer); `skip` is a gradient that arrives at `inp` past this layer, along a
    residual path.
    """

    __slots__ = (
        "delta",
        "delta_in",
        "extra",
        "fixed",
        "full",
        "inp",
        "out",
        "product",
        "rng",
        "skip",
        "training",
    )

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, None)


class Dense(NamedTuple):
    """z = W a + b."""

    number: int
    n_in: int
    n_out: int
    init: str = "xavier"
    scale: float = 1.0
    bias: float = 0.0
    needs_ones = True

    def out_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:  # noqa: ARG002
        """Units of the output, whatever comes in."""
        return (self.n_out,)

    def block(self) -> Block:
        """The block `[in + 1, out]`: Wᵀ, and the biases as its last row."""
        weight = Part(f"W{self.number}", "weight", (self.n_out, self.n_in), slice(0, self.n_in))
        bias = Part(f"b{self.number}", "bias", (self.n_out,), self.n_in)
        return Block((self.n_in + 1, self.n_out), (weight, bias))

    def initialise(self, block: np.ndarray, rng: np.random.Generator) -> None:
        """Draw the weights with the named scheme, and the biases if it draws them, about their constant."""
        scheme = initializers.INITIALIZERS[self.init]
        block[:-1] = scheme(rng, (self.n_out, self.n_in), self.n_in, self.n_out, self.scale).T
        block[-1] = self.bias + scheme.biases(rng, self.n_out, self.n_in)

    def views(self, block: np.ndarray) -> tuple[np.ndarray, ...]:
        """What forward and backward read: [W b], and Wᵀ."""
        return block.swapaxes(-1, -2), block[..., :-1, :]

    def prepare(self, tape: Tape, dtype: np.dtype) -> None:  # noqa: ARG002
        """Choose the product for these shapes."""
        tape.product = product(tape.out)

    def forward(self, views: tuple[np.ndarray, ...], tape: Tape) -> Calls:
        """[W b] times [a; 1]."""
        if tape.fixed:
            return [partial(tape.product, views[0], tape.full, tape.out)]
        return [lambda: tape.product(views[0], tape.full, tape.out)]

    def backward(self, views: tuple[np.ndarray, ...], tape: Tape, gradient: np.ndarray) -> Calls:
        """[∂L/∂W ∂L/∂b]ᵀ = [a; 1] δᵀ and ∂L/∂a = Wᵀ δ."""
        delta_t = tape.delta.swapaxes(-1, -2)
        if not tape.fixed:
            return [lambda: tape.product(tape.full, delta_t, gradient)]
        slow = self.n_out == 1 and tape.product is np.matmul  # of a column and a row: multiply is 5x faster
        back = np.multiply if slow else tape.product
        return [
            partial(tape.product, tape.full, delta_t, gradient),
            partial(back, views[1], tape.delta, tape.delta_in),
        ]


class Unparametrised:
    """What layers without parameters share: no block, the shape passes through, no buffers of their own."""

    needs_ones = False

    def out_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same as the input's."""
        return shape

    def block(self) -> None:
        """No parameters."""

    def prepare(self, tape: Tape, dtype: np.dtype) -> None:
        """Nothing beyond the tape."""


class Activation(Unparametrised):
    """a = φ(z), for φ in `activations.ACTIVATIONS`."""

    def __init__(self, name: str):
        self.name = name
        self.function = activations.ACTIVATIONS[name]

    def forward(self, _views: Any, tape: Tape) -> Calls:
        """φ of every entry."""
        return [partial(self.function.value, tape.inp, tape.out)]

    def backward(self, _views: Any, tape: Tape, _gradient: Any) -> Calls:
        """δ · φ'(z)."""
        slope = tape.delta_in
        return [*self.function.calls(tape.inp, tape.out, slope), partial(np.multiply, slope, tape.delta, slope)]


class Dropout(Unparametrised):
    """Silences each unit with probability p while training, and scales the rest by 1/(1-p) (Srivastava et al. 2014)."""

    def __init__(self, p: float):
        self.p = p

    def prepare(self, tape: Tape, dtype: np.dtype) -> None:
        """A mask `[units, N]`, the same for all runs."""
        tape.extra = np.empty(tape.inp.shape[-2:], dtype=dtype)

    @one_call
    def forward(self, _views: Any, tape: Tape) -> None:
        """Draw a mask and apply it; without a generator pass the signal on."""
        if tape.rng is None:
            tape.extra[...] = 1
        else:
            kept = tape.rng.random(tape.extra.shape, dtype=np.float32) >= self.p
            np.multiply(kept, 1 / (1 - self.p), out=tape.extra, casting="same_kind")
        np.multiply(tape.inp, tape.extra, out=tape.out)

    @one_call
    def backward(self, _views: Any, tape: Tape, _gradient: Any) -> None:
        """The same mask on δ."""
        np.multiply(tape.delta, tape.extra, out=tape.delta_in)


class Residual(Unparametrised):
    """y = x + s F(x): adds an earlier signal x, `source`, to the scaled input F(x).

    The gradient reaches x along both ways; the network adds δ to it (`Tape.skip`).
    """

    def __init__(self, source: int, scale: float = 1.0):
        self.source = source
        self.scale = scale

    @one_call
    def forward(self, _views: Any, tape: Tape) -> None:
        """Add x + s F(x)."""
        np.multiply(tape.inp, self.scale, out=tape.out)
        np.add(tape.out, tape.extra, out=tape.out)

    @one_call
    def backward(self, _views: Any, tape: Tape, _gradient: Any) -> None:
        """Pass s δ into the branch."""
        np.multiply(tape.delta, self.scale, out=tape.delta_in)


class Gate(NamedTuple):
    """y = g F(x) with one trained number g that starts at 0, so that a residual block starts as the identity.

    Bachlechner et al. 2021, "ReZero is all you need".
    """

    number: int
    needs_ones = False

    def out_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same as the input's."""
        return shape

    def block(self) -> Block:
        """One number, named `gate1` in layer 1."""
        return Block((1, 1), (Part(f"gate{self.number}", "gate", (1,), 0),))

    def initialise(self, block: np.ndarray, _rng: np.random.Generator) -> None:
        """Closed."""
        block[...] = 0

    def views(self, block: np.ndarray) -> tuple[np.ndarray, ...]:
        """The number itself, `[..., 1, 1]`."""
        return (block,)

    def prepare(self, tape: Tape, dtype: np.dtype) -> None:
        """Nothing beyond the tape."""

    @one_call
    def forward(self, views: tuple[np.ndarray, ...], tape: Tape) -> None:
        """G times the input."""
        np.multiply(tape.inp, views[0], out=tape.out)

    @one_call
    def backward(self, views: tuple[np.ndarray, ...], tape: Tape, gradient: np.ndarray) -> None:
        """∂L/∂g = Σ δ F and ∂L/∂F = g δ."""
        np.multiply(tape.inp, tape.delta, out=tape.delta_in)
        gradient[..., 0, 0] = tape.delta_in.reshape(*tape.delta_in.shape[:-2], -1).sum(axis=-1)
        np.multiply(tape.delta, views[0], out=tape.delta_in)
