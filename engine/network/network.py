"""The network as a function of one flat vector.

`Network` says which layers an experiment asks for and answers three questions about any vector of parameters, for one
run or for many at once: what comes out (`forward`), how wrong it is (`loss`), and which way is downhill
(`loss_and_gradient`). Leading axes of `params` are runs; a grid of a loss surface, a race of learning rates and a
history of key frames are all just runs.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from engine.cancellation import cancellation_point
from engine.experiment import Experiment
from engine.experiment.options import loss_of
from engine.network.layers import Activation, Dense, Dropout, Gate, Residual
from engine.network.normalization import NORMALIZATIONS
from engine.network.parameters import WEIGHT_KINDS, Layout
from engine.network.workspace import Batch, Workspace, batch

CHUNK_BYTES = 3_000_000  #: signals of runs that are computed together stay in the processor's cache


class Network:
    """A network for `n_inputs` inputs and `n_outputs` outputs, as the experiment describes it.

    Args:
        experiment: architecture, initialisation, loss and penalties are read from it.
        n_inputs: d, rows of `x[d, N]`.
        n_outputs: K, rows of the output.
        layers: other layers than the experiment's dense ones, for example `convolution.classifier()`; the first must
            have parameters.
        input_shape: the shape of one input where it is not flat, for example `(1, 28, 28)`.
    """

    def __init__(
        self,
        experiment: Experiment,
        n_inputs: int,
        n_outputs: int,
        layers: Sequence[Any] | None = None,
        input_shape: tuple[int, ...] | None = None,
    ):
        if n_inputs < 1 or n_outputs < 1:
            raise ValueError(f"n_inputs={n_inputs} and n_outputs={n_outputs} must be at least 1")
        self.experiment = experiment
        self.sizes: tuple[int, ...] = (n_inputs, *experiment.arch, n_outputs)
        self.layers: tuple[Any, ...] = tuple(dense_layers(experiment, self.sizes) if layers is None else layers)
        self.signal_shapes = [input_shape or (n_inputs,)]
        for layer in self.layers:
            self.signal_shapes.append(layer.out_shape(self.signal_shapes[-1]))
        if self.signal_shapes[-1] != (n_outputs,):
            raise ValueError(f"layers end in the shape {self.signal_shapes[-1]}; it must be ({n_outputs},)")
        self.loss_function = loss_of(experiment)
        blocks = [(layer.number, layer.block()) for layer in self.layers if layer.block()]
        self.layout = Layout(blocks)
        numbers = iter(range(len(blocks)))
        self.slots = [next(numbers) if layer.block() else -1 for layer in self.layers]
        self._penalised = self.layout.mask(*WEIGHT_KINDS) if experiment.l1 or experiment.l2 else None

    @property
    def size(self) -> int:
        """P, the number of parameters in the flat vector."""
        return self.layout.size

    @property
    def units(self) -> int:
        """How many numbers the signals of one sample hold, beyond the input."""
        return sum(math.prod(shape) for shape in self.signal_shapes[1:])

    @property
    def penalised(self) -> bool:
        """Whether the objective has an L1 or L2 penalty."""
        return self._penalised is not None

    def initial(self, rng: np.random.Generator) -> np.ndarray:
        """Parameters before the first step: float64 `[P]`, drawn layer by layer from `rng`."""
        params = np.zeros(self.size)
        blocks = self.layout.blocks(params)
        for layer, slot in zip(self.layers, self.slots, strict=True):
            if slot >= 0:
                layer.initialise(blocks[slot], rng)
        return params

    def forward(self, params: np.ndarray, x: np.ndarray) -> np.ndarray:
        """The output `[..., K, N]` of inputs `x[d, N]` as the trained network gives it (no dropout)."""
        return self._over_chunks(
            params, x, None, training=False, result=lambda work, views, data: work.forward(views, data)
        )

    def activations(self, params: np.ndarray, x: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Pre-activation and activation `(z, a)`, each `[..., units, N]`, of every hidden layer and of the output."""
        work, views, data = self._prepare(params, x, None, training=False)
        work.forward(views, data)
        return self.pairs(work)

    def pairs(self, work: Workspace) -> list[tuple[np.ndarray, np.ndarray]]:
        """`(z, a)` of every layer from the signals that a workspace holds; copies."""
        kept = [
            (work.signals[i].copy(), work.signals[i + 1].copy())
            for i, layer in enumerate(self.layers)
            if isinstance(layer, Activation)
        ]
        if not isinstance(self.layers[-1], Activation):
            kept.append((work.signals[-1].copy(), work.signals[-1].copy()))
        return kept

    def loss(self, params: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The objective `[...]` that descent makes small: the loss on `x[d, N]`, `y[K, N]` plus the penalties."""

        def value(work: Workspace, views: tuple, data: Batch) -> np.ndarray:
            return self.loss_function.value(work.forward(views, data), data.targets)

        return self._over_chunks(params, x, y, training=True, result=value) + self.penalty(params)

    def data_loss(self, params: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The loss `[...]` of the trained network on the data alone: no penalties, no dropout."""

        def value(work: Workspace, views: tuple, data: Batch) -> np.ndarray:
            return self.loss_function.value(work.forward(views, data), data.targets)

        return self._over_chunks(params, x, y, training=False, result=value)

    @np.errstate(over="ignore", invalid="ignore")
    def loss_and_gradient(self, params: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The objective `[...]` and its gradient `[..., P]`."""
        gradient = np.empty_like(params)
        runs = params.shape[:-1]
        rows, gradients = params.reshape(-1, self.size), gradient.reshape(-1, self.size)
        values = np.empty(len(rows), dtype=params.dtype)
        if not runs:
            work, views, data = self._prepare(params, x, y, training=True)
            value = work.gradient(views, data, self.gradient_blocks(gradient))
            return self.add_penalty(value, params, gradient), gradient
        for part in self._chunks(len(rows), x.shape[-1], params.itemsize):
            work, views, data = self._prepare(rows[part], x, y, training=True)
            values[part] = work.gradient(views, data, self.gradient_blocks(gradients[part]))
        return self.add_penalty(values.reshape(runs), params, gradient), gradient

    def penalty(self, params: np.ndarray) -> Any:
        """λ1 Σ|w| + λ2/2 Σw² over the weights, `[...]`; zero where neither is asked for."""
        if self._penalised is None:
            return 0.0
        weights = params * self._penalised
        size = np.abs(weights) if params.dtype.kind == "f" else weights * np.sign(weights.real)
        return self.experiment.l1 * size.sum(axis=-1) + self.experiment.l2 / 2 * (weights * weights).sum(axis=-1)

    def add_penalty(self, value: Any, params: np.ndarray, gradient: np.ndarray) -> Any:
        """The value with the penalties added; their gradient is added to `gradient` in place."""
        if self._penalised is None:
            return value
        weights = params * self._penalised
        gradient += self.experiment.l1 * np.sign(weights.real) + self.experiment.l2 * weights
        return value + self.penalty(params)

    def views(self, params: np.ndarray) -> tuple:
        """What the layers read of `params[..., P]`, by slot; the last entry is for layers without parameters."""
        blocks = self.layout.blocks(params)
        read = [layer.views(blocks[slot]) for layer, slot in zip(self.layers, self.slots, strict=True) if slot >= 0]
        return (*read, None)

    def gradient_blocks(self, gradient: np.ndarray) -> tuple:
        """Where the layers write their part of `gradient[..., P]`, by slot."""
        return (*self.layout.blocks(gradient), None)

    def _prepare(self, params: np.ndarray, x: np.ndarray, y: np.ndarray | None, *, training: bool) -> tuple:
        runs = np.broadcast_shapes(params.shape[:-1], x.shape[:-2])
        gradients = y is not None and training
        work = Workspace(self, runs, x.shape[-1], params.dtype, gradients=gradients, keep=False, training=training)
        return work, self.views(params), batch(x, y, params.dtype)

    def _over_chunks(
        self, params: np.ndarray, x: np.ndarray, y: np.ndarray | None, *, training: bool, result: Any
    ) -> np.ndarray:
        params = np.asarray(params)
        if params.ndim == 1 or x.ndim > 2:
            return result(*self._prepare(params, x, y, training=training)).copy()
        rows = params.reshape(-1, self.size)
        data = batch(x, y, params.dtype)
        workspaces: dict[int, Workspace] = {}
        pieces = []
        for part in self._chunks(len(rows), x.shape[-1], params.itemsize):
            some = rows[part]
            if len(some) not in workspaces:
                shape = (len(some),)
                workspaces[len(some)] = Workspace(
                    self, shape, x.shape[-1], params.dtype, gradients=False, training=training
                )
            pieces.append(result(workspaces[len(some)], self.views(some), data).copy())
        whole = np.concatenate(pieces)
        return whole.reshape(*params.shape[:-1], *whole.shape[1:])

    def _chunks(self, count: int, n: int, itemsize: int) -> Iterator[slice]:
        """Slices of runs whose signals fit the cache together; before each, the work may be cancelled."""
        per_run = self.units * n * itemsize
        step = max(1, CHUNK_BYTES // max(per_run, 1))
        for start in range(0, count, step):
            cancellation_point()
            yield slice(start, min(start + step, count))


def dense_layers(experiment: Experiment, sizes: tuple[int, ...]) -> list[Any]:
    """The layers of a dense network: dense, then normalisation, activation and dropout for each hidden layer.

    A residual path leads from pre-activation to pre-activation, z ← z_prev + s (W φ(z_prev) + b), wherever the widths
    agree (He et al. 2016, "Identity mappings in deep residual networks"); scaled: s = 1/√(number of such layers).
    """
    layers: list[Any] = []
    last = len(sizes) - 1
    same = [number for number in range(2, last) if sizes[number] == sizes[number - 1]]
    previous = 0
    for number in range(1, last + 1):
        hidden = number < last
        layers.append(
            Dense(
                number,
                sizes[number - 1],
                sizes[number],
                experiment.init,
                experiment.scale,
                experiment.bias if hidden else 0.0,
            )
        )
        if number in same and experiment.residual != "none":
            if experiment.residual == "gated":
                layers.append(Gate(number))
            layers.append(Residual(previous, len(same) ** -0.5 if experiment.residual == "scaled" else 1.0))
        previous = len(layers)
        if hidden:
            if experiment.norm != "none":
                layers.append(NORMALIZATIONS[experiment.norm](number, sizes[number]))
            layers.append(Activation(experiment.activations[number - 1]))
            if experiment.dropout:
                layers.append(Dropout(experiment.dropout))
    if experiment.out != "linear":
        layers.append(Activation(experiment.out))
    return layers
