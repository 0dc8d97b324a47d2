"""Where a network computes: every signal and every gradient in a buffer laid out once.

Small networks spend their time on allocating, not on arithmetic. A `Workspace` fixes the run axes, the number of
samples and the precision, lays out all buffers and wires them to the layers. Once it is bound to the arrays that hold
parameters and gradient, a training step is a fixed list of NumPy calls with `out=`, each with its arguments at hand:
it is written once and played at every step. A workspace belongs to one thread and to one computation at a time.
"""

import math
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from engine.network.layers import Calls, Residual, Tape


class Batch(NamedTuple):
    """Samples ready to be read: inputs with a row of ones `[..., d + 1, N]`, and the targets."""

    full: np.ndarray
    targets: np.ndarray | None


def batch(x: np.ndarray, targets: np.ndarray | None, dtype: np.dtype) -> Batch:
    """A `Batch` from inputs `x[..., d, N]` and targets `[..., K, N]`."""
    full = np.ones((*x.shape[:-2], x.shape[-2] + 1, x.shape[-1]), dtype=dtype)
    full[..., :-1, :] = x
    return Batch(full, None if targets is None else np.asarray(targets, dtype=dtype))


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
        self._tapes = [Tape() for _ in layers]
        self.signals: list[np.ndarray | None] = [None]  #: the input comes with each batch
        self.deltas: list[np.ndarray | None] = [None] * (len(layers) + 1)
        self._lay_out_signals(network, runs, n, dtype)
        if gradients:
            keep = keep or any(isinstance(layer, Residual) for layer in layers)
            self._lay_out_deltas(network, runs, n, dtype, keep=keep)
        for i, (layer, tape) in enumerate(zip(layers, self._tapes, strict=True)):
            tape.delta_in, tape.delta = self.deltas[i], self.deltas[i + 1]
            tape.training, tape.rng, tape.fixed = training, rng if training else None, i > 0
            layer.prepare(tape, dtype)
            if isinstance(layer, Residual):
                tape.extra = self.signals[layer.source]
                self._tapes[layer.source].skip = tape.delta
        self._wired = list(zip(layers, self._tapes, network.slots, strict=True))
        self._first, self._ones_first = self._tapes[0], layers[0].needs_ones
        self._loss = network.loss_function.bind(self.signals[-1], self.deltas[-1]) if gradients else None
        self._forward: Calls = []
        self._backward: Calls = []

    def _lay_out_signals(self, network: Any, runs: tuple[int, ...], n: int, dtype: np.dtype) -> None:
        """What each layer puts out, with a row of ones where the next one reads it."""
        self._tapes[0].inp = np.empty((*runs, math.prod(network.signal_shapes[0]), n), dtype=dtype)
        following = [*zip(network.layers[1:], self._tapes[1:], strict=True), (None, None)]
        for tape, shape, (reader, its_tape) in zip(self._tapes, network.signal_shapes[1:], following, strict=True):
            ones = reader is not None and reader.needs_ones
            buffer = np.ones((*runs, math.prod(shape) + ones, n), dtype=dtype)
            tape.out = buffer[..., : math.prod(shape), :]
            self.signals.append(tape.out)
            if reader is not None:
                its_tape.inp = tape.out
            if ones:
                its_tape.full = buffer

    def _lay_out_deltas(self, network: Any, runs: tuple[int, ...], n: int, dtype: np.dtype, *, keep: bool) -> None:
        """The gradients by these signals."""
        buffers: dict[Any, np.ndarray] = {}
        for i, shape in enumerate(network.signal_shapes[1:], start=1):
            turn = i if keep else (i % 2, math.prod(shape))
            if turn not in buffers:
                buffers[turn] = np.empty((*runs, math.prod(shape), n), dtype=dtype)
            self.deltas[i] = buffers[turn]

    def bind(self, views: tuple, gradients: tuple | None = None) -> None:
        """Read parameters from `views` (of `Network.views`) and write gradients into the blocks `gradients`."""
        self._forward = [call for layer, tape, slot in self._wired for call in layer.forward(views[slot], tape)]
        self._backward = []
        for layer, tape, slot in reversed(self._wired if gradients else []):
            self._backward += layer.backward(views[slot], tape, gradients[slot])
            if tape.skip is not None:
                self._backward.append(partial(np.add, tape.delta_in, tape.skip, tape.delta_in))

    def output(self, samples: Batch) -> np.ndarray:
        """The output `[..., K, N]` of the bound network (a buffer: copy what you keep)."""
        first = self._first
        first.full = samples.full
        if not self._ones_first:
            first.inp = samples.full[..., :-1, :]
        for call in self._forward:
            call()
        return self.signals[-1]

    def step(self, samples: Batch) -> np.ndarray:
        """The loss of the bound network on the batch `[...]`; its gradient goes where it was bound to."""
        self.output(samples)
        value = self._loss(samples.targets)
        for call in self._backward:
            call()
        return value

    def forward(self, views: tuple, samples: Batch) -> np.ndarray:
        """`output`, bound to `views` first."""
        self.bind(views)
        return self.output(samples)

    def gradient(self, views: tuple, samples: Batch, gradients: tuple) -> np.ndarray:
        """`step`, bound to `views` and `gradients` first."""
        self.bind(views, gradients)
        return self.step(samples)

    def carry(self, views: tuple, following: tuple) -> None:
        """Hand what is not descended (running averages) from one step's parameters on to the next step's."""
        for layer, tape, slot in self._wired:
            if hasattr(layer, "carry"):
                layer.carry(views[slot], following[slot], tape)
