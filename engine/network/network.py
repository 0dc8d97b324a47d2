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
from engine.network.bugs import added_up, with_bug
from engine.network.dense import dense_layers
from engine.network.layers import Activation
from engine.network.parameters import ABSENT, WEIGHT_KINDS, Layout
from engine.network.workspace import Workspace

FORWARD_BYTES = 1_000_000  #: of the two signals at a time of runs that go forward together, to stay in the cache
SIGNAL_BYTES = 100_000_000  #: of all signals of the samples that go forward together
GRADIENT_BYTES = 5_000_000  #: of all signals and gradients of runs that are computed together: few calls, cached still


class Network:
    """A network for `n_inputs` inputs and `n_outputs` outputs, as the experiment describes it.

    Args:
        experiment: architecture, initialisation, loss and penalties are read from it.
        n_inputs: d, rows of `x[d, N]`.
        n_outputs: K, rows of the output.
        layers: other layers than the experiment's dense ones, as `vision.convolutional` makes them; the first must have
            parameters.
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
        self._layers = tuple(dense_layers(experiment, self.sizes) if layers is None else layers)
        self.layers: tuple[Any, ...] = tuple(with_bug(layer, experiment.bug) for layer in self._layers)
        self.signal_shapes = [input_shape or (n_inputs,)]
        for layer in self.layers:
            self.signal_shapes.append(layer.out_shape(self.signal_shapes[-1]))
        if self.signal_shapes[-1] != (n_outputs,):
            raise ValueError(f"layers end in the shape {self.signal_shapes[-1]}; it must be ({n_outputs},)")
        self.loss_function = added_up(loss_of(experiment)) if experiment.bug == "sum" else loss_of(experiment)
        blocks = [layer.block() for layer in self.layers]
        if experiment.biases == "none":
            blocks = [block and block.without_biases() for block in blocks]
        self.layout = Layout([(layer.number, block) for layer, block in zip(self.layers, blocks, strict=True) if block])
        self._trained = [block is not None for block in blocks]
        self.frozen = None if experiment.biases == "trained" else np.flatnonzero(self.layout.mask("bias", ABSENT))
        """Where the parameters lie that are not trained, which are biases; None where all are trained."""
        self._penalised = self.layout.mask(*WEIGHT_KINDS) if experiment.l1 or experiment.l2 else None

    def right(self) -> "Network":
        """The network with the right backward pass: itself, unless it has a bug on purpose."""
        if self.experiment.bug == "none":
            return self
        ends, rest = (self.sizes[0], self.sizes[-1]), (self._layers, self.signal_shapes[0])
        return Network(self.experiment.replace(bug="none"), *ends, *rest)

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
        """Parameters before the first step: float64 `[P]`, drawn layer by layer from `rng`, but for those given."""
        params = np.zeros(self.size)
        for layer, block in zip(self.layers, self.blocks(params), strict=True):
            if block is not None:
                cancellation_point()
                layer.initialise(block, rng)
        for start in self.experiment.weights:
            if start.part in self.layout.shapes and start.fits(self.layout.shapes[start.part]):
                whole = self.layout.view(params, start.part)
                whole[... if start.place is None else start.place] = _shaped(start, whole.shape)
        if self.experiment.biases == "none":
            params[self.frozen] = 0
        return params

    def blocks(self, params: np.ndarray) -> list[np.ndarray | None]:
        """For each layer its block of `params[..., P]`, a view `[..., rows, columns]`; None where it has none."""
        blocks = iter(self.layout.blocks(params))
        return [next(blocks) if trained else None for trained in self._trained]

    def views(self, params: np.ndarray) -> list[Any]:
        """For each layer what it reads of `params[..., P]`."""
        blocks = zip(self.layers, self.blocks(params), strict=True)
        return [None if block is None else layer.views(block) for layer, block in blocks]

    def forward(self, params: np.ndarray, x: np.ndarray) -> np.ndarray:
        """The output `[..., K, N]` of inputs `x[d, N]` as the trained network gives it (no dropout)."""
        output = np.empty((*params.shape[:-1], self.sizes[-1], x.shape[-1]), params.dtype)
        rows = output.reshape(-1, *output.shape[-2:])
        step = self.samples_at_once(params.itemsize)
        for start in range(0, x.shape[-1], step):
            cancellation_point()
            some = x[:, start : start + step]
            for place, work in self._workspaces(params, some.shape[-1], training=False):
                rows[place, ..., start : start + step] = work.forward(some)
        return output

    def activations(
        self, params: np.ndarray, x: np.ndarray, *, training: bool = False
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Pre-activation and activation `(z, a)`, each `[..., units, N]`, of every hidden layer and of the output.

        As the trained network gives them, or as it has them in training, but for dropout.
        """
        work = Workspace(self, params, x.shape[-1], keep=True, training=training)
        work.forward(x)
        ends = [i for i, layer in enumerate(self.layers) if isinstance(layer, Activation)]
        pairs = [(work.signals[i], work.signals[i + 1]) for i in ends]
        return pairs if isinstance(self.layers[-1], Activation) else [*pairs, (work.signals[-1], work.signals[-1])]

    def loss(self, params: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The objective `[...]` that descent makes small: the loss on `x[d, N]`, `y[K, N]` plus the penalties."""
        return self._loss(params, x, y, training=True) + self.penalty(params)

    def data_loss(self, params: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The loss `[...]` of the trained network on the data alone: no penalties, no dropout."""
        if x.shape[-1] <= self.samples_at_once(params.itemsize):
            return self._loss(params, x, y, training=False)
        y, runs = np.asarray(y, params.dtype), params.reshape(-1, self.size)
        losses = [self.loss_function.value(self.forward(run, x), y) for run in runs]
        return np.reshape(losses, params.shape[:-1])[()]

    @np.errstate(over="ignore", invalid="ignore")
    def loss_and_gradient(self, params: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The objective `[...]` and its gradient `[..., P]`."""
        value, gradient = np.empty(params.shape[:-1], params.dtype), np.empty_like(params)
        values, gradients, y = value.reshape(-1), gradient.reshape(-1, self.size), np.asarray(y, params.dtype)
        for place, work in self._workspaces(params, x.shape[-1], gradients=True):
            values[place] = work.loss_and_gradient(x, y)
            gradients[place] = work.gradient
        return self.add_penalty(value[()], params, gradient), gradient

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

    def samples_at_once(self, itemsize: int) -> int:
        """How many samples go forward together, so that all signals of many images never lie about at once."""
        return max(1, SIGNAL_BYTES // (sum(math.prod(shape) + 1 for shape in self.signal_shapes) * itemsize))

    def runs_at_once(self, n: int, itemsize: int, *, gradients: bool) -> int:
        """How many runs are computed together on `n` samples: as many as the cache holds, or one."""
        sizes = [math.prod(shape) + 1 for shape in self.signal_shapes[1:]]
        most, numbers = (GRADIENT_BYTES, 2 * sum(sizes)) if gradients else (FORWARD_BYTES, 2 * max(sizes))
        return max(1, most // max(numbers * n * itemsize, 1))

    def pieces(self, runs: int, n: int, itemsize: int, *, gradients: bool) -> list[slice]:
        """The run axis in pieces of one size, as nearly as it goes, which are computed together."""
        count = -(-runs // self.runs_at_once(n, itemsize, gradients=gradients))
        step = -(-runs // max(count, 1))
        return [slice(start, min(start + step, runs)) for start in range(0, runs, step)]

    def _loss(self, params: np.ndarray, x: np.ndarray, y: np.ndarray, *, training: bool) -> np.ndarray:
        params = np.asarray(params)
        value, y = np.empty(params.shape[:-1], params.dtype), np.asarray(y, params.dtype)
        values = value.reshape(-1)
        for place, work in self._workspaces(params, x.shape[-1], training=training):
            values[place] = self.loss_function.value(work.forward(x), y)
        return value[()]

    def _workspaces(
        self, params: np.ndarray, n: int, *, gradients: bool = False, training: bool = True
    ) -> Iterator[tuple[Any, Workspace]]:
        """Where to compute the runs of `params[..., P]`, some at a time, each with their place among all."""
        if params.ndim == 1:
            yield 0, Workspace(self, params, n, np.empty_like(params) if gradients else None, training=training)
            return
        rows, work = params.reshape(-1, self.size), None
        for place in self.pieces(len(rows), n, params.itemsize, gradients=gradients):
            cancellation_point()
            some = rows[place]
            if work is None or work.params.shape != some.shape:
                gradient = np.empty_like(some) if gradients else None
                work = Workspace(self, some.copy(), n, gradient, training=training)
            work.params[...] = some
            yield place, work


def _shaped(start: Any, shape: tuple[int, ...]) -> Any:
    """The given values as the array they go into: one for all, or row by row."""
    return start.values[0] if len(start.values) == 1 else np.reshape(start.values, shape)
