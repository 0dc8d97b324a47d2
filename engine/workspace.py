"""Where a network computes: every signal and every gradient in a buffer laid out once.

Small networks spend their time on allocating, not on arithmetic. A `Workspace` fixes the run axes, the number of
samples and the precision, lays out all buffers and wires them to the layers; after that a training step is a fixed
sequence of NumPy calls with `out=`. It belongs to one thread and to one computation at a time.
"""

import math
from inspect import unwrap
from typing import Any, NamedTuple

import numpy as np

from engine.layers import Residual, Tape


class Batch(NamedTuple):
    """Samples ready to be read: inputs with a row of ones `[..., d + 1, N]`, its transpose, and the targets."""

    full: np.ndarray
    full_t: np.ndarray
    targets: np.ndarray | None


def batch(x: np.ndarray, targets: np.ndarray | None, dtype: np.dtype) -> Batch:
    """A `Batch` from inputs `x[..., d, N]` and targets `[..., K, N]`."""
    full = np.ones((*x.shape[:-2], x.shape[-2] + 1, x.shape[-1]), dtype=dtype)
    full[..., :-1, :] = x
    return Batch(full, full.swapaxes(-1, -2), None if targets is None else np.asarray(targets, dtype=dtype))


class Workspace:
    """The buffers of `network` for runs of shape `runs` on `n` samples each.

    Args:
        network: the network; its layers are wired in order.
        runs: leading run axes, () for one run.
        n: samples.
        dtype: float32, float64 or complex128.
        gradients: lay out what `gradient` needs; without it only `forward` works.
        keep: `deltas` hold the gradient by every signal afterwards; without it layers take turns with two buffers,
            which then stay in the cache.
        training: batch norm uses the statistics of the batch, and dropout draws from `rng` if there is one.
        rng: the source of dropout masks.
    """

    def __init__(
        self,
        network: Any,
        runs: tuple[int, ...],
        n: int,
        dtype: np.dtype,
        *,
        gradients: bool = True,
        keep: bool = True,
        training: bool = True,
        rng: np.random.Generator | None = None,
    ):
        layers = network.layers
        self._value_and_gradient = unwrap(network.loss_function.value_and_gradient)  # callers hold the errstate
        shapes = network.signal_shapes
        count = len(layers)
        self.signals: list[np.ndarray | None] = [None]  #: the input comes with each batch
        self._tapes = [Tape() for _ in layers]
        for i, shape in enumerate(shapes[1:], start=1):
            ones = i < count and layers[i].needs_ones
            buffer = np.ones((*runs, math.prod(shape) + ones, n), dtype=dtype)
            body = buffer[..., : math.prod(shape), :]
            self.signals.append(body)
            self._tapes[i - 1].out = body
            if i < count:
                self._tapes[i].inp = body
                if ones:
                    self._tapes[i].full, self._tapes[i].full_t = buffer, buffer.swapaxes(-1, -2)
        self.deltas: list[np.ndarray | None] = [None] * (count + 1)
        if gradients:
            keep = keep or any(isinstance(layer, Residual) for layer in layers)
            buffers: dict[Any, np.ndarray] = {}
            for i, shape in enumerate(shapes[1:], start=1):
                turn = i if keep else (i % 2, math.prod(shape))
                if turn not in buffers:
                    buffers[turn] = np.empty((*runs, math.prod(shape), n), dtype=dtype)
                self.deltas[i] = buffers[turn]
        for i, (layer, tape) in enumerate(zip(layers, self._tapes, strict=True)):
            tape.delta_in, tape.delta = self.deltas[i], self.deltas[i + 1]
            tape.training, tape.rng = training, rng if training else None
            if i == 0:
                tape.inp = np.empty((*runs, math.prod(shapes[0]), n), dtype=dtype)
            layer.prepare(tape, dtype)
            if isinstance(layer, Residual):
                tape.extra = self.signals[layer.source]
                self._tapes[layer.source].skip = tape.delta
        self._forward = [(layer.forward, tape, slot) for layer, tape, slot in self._wired(network)]
        self._backward = [(layer.backward, tape, slot) for layer, tape, slot in reversed(self._wired(network))]
        self._carry = [
            (layer.carry, tape, slot) for layer, tape, slot in self._wired(network) if hasattr(layer, "carry")
        ]
        self._first, self._ones_first = self._tapes[0], layers[0].needs_ones

    def forward(self, views: tuple, samples: Batch) -> np.ndarray:
        """The output `[..., K, N]` (a buffer: copy what you keep). `views` come from `Network.views`."""
        first = self._first
        first.full, first.full_t, _ = samples
        if not self._ones_first:
            first.inp = samples.full[..., :-1, :]
        for forward, tape, slot in self._forward:
            forward(views[slot], tape)
        return self.signals[-1]

    def gradient(self, views: tuple, samples: Batch, gradients: tuple) -> np.ndarray:
        """The loss on the batch `[...]`; its gradient is written into the blocks `gradients`."""
        output = self.forward(views, samples)
        value, _ = self._value_and_gradient(output, samples.targets, self.deltas[-1])
        for backward, tape, slot in self._backward:
            backward(views[slot], tape, gradients[slot])
            if tape.skip is not None:
                np.add(tape.delta_in, tape.skip, out=tape.delta_in)
        return value

    def carry(self, views: tuple, following: tuple) -> None:
        """Hand what is not descended (running averages) from one step's parameters on to the next step's."""
        for carry, tape, slot in self._carry:
            carry(views[slot], following[slot], tape)

    def _wired(self, network: Any) -> list[tuple[Any, Tape, int]]:
        return list(zip(network.layers, self._tapes, network.slots, strict=True))
