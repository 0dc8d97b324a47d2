"""Where a network computes: every signal and every gradient in a buffer laid out once.

Small networks spend their time on allocating, not on arithmetic. A `Workspace` lays out all buffers for some runs and
a number of samples, and then calls the layers one after the other. It reads the parameters and writes their gradient
where they are, so whoever changes the parameters in place may go on with it; it belongs to one computation at a time.
"""

import math
from typing import Any

import numpy as np

from engine.cancellation import cancellation_point
from engine.network.layers import Dropout, Residual

LONG = 50_000_000  #: multiply-adds: a pass of so many may be cancelled at each layer
OF_A_UNIT = 20  #: multiply-adds take as long as one unit's activation: a convolution has many units, few parameters


class Workspace:
    """The buffers of `network` for runs with the parameters `params[..., P]`, on `n` samples each.

    Args:
        network: the network.
        params: float32, float64 or complex128, which is the precision of everything; read anew in each pass.
        n: samples.
        gradient: array like `params` for the gradient; without it, and without `inputs`, there is only `forward`.
        keep: `signals` and `deltas`, the gradients by them, hold a whole pass afterwards. Otherwise they take turns
            with two buffers wherever nobody needs them again, which then stay in the cache.
        training: batch norm uses the statistics of the batch, and dropout draws from `rng` if there is one.
        rng: the source of dropout masks.
        inputs: a pass back goes on to the inputs, whose gradient is in `deltas[0]` afterwards.
    """

    def __init__(
        self,
        network: Any,
        params: np.ndarray,
        n: int,
        gradient: np.ndarray | None = None,
        *,
        keep: bool = False,
        training: bool = True,
        rng: np.random.Generator | None = None,
        inputs: bool = False,
    ):
        self.params, self.gradient = params, gradient
        self._network, self._rng = network, rng if training else None
        self._long = max(params.size, network.units * OF_A_UNIT) * n > LONG
        layers = network.layers if training else [layer.after_training() for layer in network.layers]
        skips = {layer.source: i for i, layer in enumerate(layers) if isinstance(layer, Residual)}
        keep, back = keep or bool(skips), gradient is not None or inputs
        (d, *sizes), runs = (math.prod(shape) for shape in network.signal_shapes), params.shape[:-1]
        full = _buffers((), [d], n, params.dtype)
        full += _buffers(runs, sizes, n, params.dtype, apart=keep or back)
        self.signals = [each[..., :-1, :] for each in full]  #: the input, and what each layer puts out
        reads = [one if layer.reads_ones else x for one, x, layer in zip(full, self.signals, layers, strict=False)]
        kept = []
        for layer, x in zip(layers, self.signals, strict=False):
            cancellation_point()
            kept.append(layer.buffers(x.shape, x.dtype))
        for source, i in skips.items():
            kept[i] = self.signals[source]
        views = network.views(params)
        self._forward = list(zip(layers, views, reads, self.signals[1:], kept, strict=True))
        self._masks = [(layer, mask) for layer, mask in zip(layers, kept, strict=True) if isinstance(layer, Dropout)]
        self._carrying = [i for i, layer in enumerate(layers) if layer.carries]
        if back:
            self.deltas = [None, *(each[..., :-1, :] for each in _buffers(runs, sizes, n, params.dtype, apart=keep))]
            if inputs:
                self.deltas[0] = np.empty((*runs, d, n), params.dtype)
            past = [self.deltas[skips[i] + 1] if i in skips else None for i in range(len(layers))]
            blocks = [None] * len(layers) if gradient is None else network.blocks(gradient)
            rest = self.deltas[1:], blocks, self.deltas, kept, past
            self._backward = list(zip(layers, views, reads, self.signals[1:], *rest, strict=False))[::-1]
            self._loss = network.loss_function.bind(self.signals[-1], self.deltas[-1])

    def forward(self, x: np.ndarray) -> np.ndarray:
        """The output `[..., K, N]` on inputs `x[d, N]`; a buffer: copy what you keep."""
        self.signals[0][...] = x
        if self._rng is not None:
            for dropout, mask in self._masks:
                dropout.draw(mask, self._rng)
        for layer, params, signal, out, kept in self._forward:
            if self._long:
                cancellation_point()
            layer.forward(params, signal, out, kept)
        return self.signals[-1]

    def loss_and_gradient(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The loss `[...]` on inputs `x[d, N]` and targets `y[..., K, N]`, without penalties; leaves its gradient."""
        self.forward(x)
        loss = self._loss(y)
        self.backward()
        return loss

    def backward(self) -> None:
        """Pull ∂L/∂output, which is in `deltas[-1]`, back through all layers."""
        for layer, params, signal, out, delta, gradient, back, kept, past in self._backward:
            if self._long:
                cancellation_point()
            if gradient is not None:
                layer.gradient(params, signal, delta, gradient, kept)
            if back is not None:
                layer.backward(params, signal, out, delta, back, kept)
            if past is not None:  # a residual path leads past this layer
                np.add(back, past, out=back)

    def carry(self, before: np.ndarray) -> None:
        """Put what is not descended (running averages) into the parameters, from those before the step `[..., P]`."""
        for i in self._carrying:
            layer, params, _, _, kept = self._forward[i]
            layer.carry(self._network.blocks(before)[i], params, kept)


def _buffers(
    runs: tuple[int, ...], sizes: list[int], n: int, dtype: np.dtype, *, apart: bool = True
) -> list[np.ndarray]:
    """A buffer `[*runs, size + 1, n]` for each signal; unless they lie apart, those of one size take turns with two.

    All stand on a row of ones, though dense layers alone read it: of many runs, arrays that lie alike are combined a
    quarter faster, number by number.
    """
    turns = [i if apart else (i % 2, size) for i, size in enumerate(sizes)]
    made = {}
    for turn, size in dict(zip(turns, sizes, strict=True)).items():
        cancellation_point()
        made[turn] = np.ones((*runs, size + 1, n), dtype)
    return [made[turn] for turn in turns]
