"""Signals in a deep network at its start, measured: how large they are in each layer, forward and back.

Several networks are drawn and computed side by side in one broadcast call: a batch goes forward, then a random
gradient of unit size goes back from the output. (It stands for the gradient of any loss. What happens to it on its
way is the network's doing, not the loss's.) With z^l the pre-activations of layer l and δ^l the gradient with respect
to them, the measures are

    forward   √(mean over units and samples of (z^l)²)
    backward  √(mean over samples of ‖δ^l‖²)

and they are what `depth.predictions` predicts. Theory speaks of mean squares; so the mean over seeds is a root mean
square as well (`over_seeds`), and the spread is from the smallest seed to the largest.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.depth.deep_network import Deep
from engine.diagnostics.measures import dead_units
from engine.diagnostics.verdicts import Finding, gradient_word
from engine.linear_algebra import norm
from engine.network import Network, Workspace
from engine.network.layers import Activation, Dense, Gate, Residual

OUTPUTS = 10  #: of the readout through which the gradient enters
MOST_WEIGHTS = 1_700_000  #: in all networks together; larger ones are measured over fewer seeds
SEEDS, FEWEST_SEEDS = 8, 3


class Signals(NamedTuple):
    """Measured signals of S networks of L hidden layers, n units wide, on N samples."""

    forward: np.ndarray
    """[S, L]: size of the pre-activations of each hidden layer."""
    backward: np.ndarray
    """[S, L + 1]: norm of the gradient at the pre-activations of each layer, the output last."""
    weights: np.ndarray
    """[S, L + 1]: norm of the gradient of each layer's weights, averaged over the batch, before clipping."""
    clipping: np.ndarray
    """[S]: what clipping multiplies the whole gradient with: 1 where there is none."""
    activations: list[np.ndarray]
    """L arrays [S, n, N]: a^l."""
    deltas: list[np.ndarray]
    """L arrays [S, n, N]: δ^l."""

    @property
    def ratio(self) -> float:
        """First-layer over last-layer gradient: ‖δ^1‖/‖δ^L‖."""
        first, last = over_seeds(self.backward)[[0, -2]]
        return float(np.divide(first, last)) if last > 0 else 0.0 if last == 0 else float("nan")


class Probe:
    """The loss Σ y z, whose gradient by the output z is y: sends any gradient back through a network."""

    def bind(self, z: np.ndarray, out: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """For signals and a gradient that stay where they are: y -> Σ y z `[...]`, with y as the gradient."""

        def step(y: np.ndarray) -> np.ndarray:
            out[...] = y
            return (z * y).reshape(*z.shape[:-2], -1).sum(-1)

        return step


def noise(inputs: int, samples: int, seed: int = 0) -> np.ndarray:
    """Standard normal inputs `[inputs, samples]`."""
    return np.random.default_rng([seed, 1]).standard_normal((inputs, samples))


def seeds_for(deep: Deep) -> int:
    """Over how many seeds a network of this size is measured."""
    costs = 2 if deep.norm == "batch" else 1  # whose batches are larger
    return int(np.clip(MOST_WEIGHTS // (costs * deep.depth * deep.width**2), FEWEST_SEEDS, SEEDS))


@np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")
def measure(deep: Deep, x: np.ndarray, *, seeds: int | None = None, seed: int = 0) -> Signals:
    """Draw `seeds` networks (by default as many as `seeds_for` says) and send `x[d, N]` forward, a gradient back."""
    network = deep.network(x.shape[0], OUTPUTS)
    network.loss_function = Probe()
    runs = seeds_for(deep) if seeds is None else seeds
    params = np.stack([network.initial(np.random.default_rng([seed, run])) for run in range(runs)])
    samples = x.shape[-1]
    sent = np.random.default_rng([seed, 2]).standard_normal((runs, OUTPUTS, samples))
    gradient = np.empty_like(params)
    work = Workspace(network, params, samples, gradient, keep=True)
    work.loss_and_gradient(x, sent)
    places = pre_activations(network)
    gradient /= samples
    norms = dict(zip(network.layout.names, network.layout.norms(gradient).T, strict=True))
    return Signals(
        forward=np.stack([_root_mean_square(work.signals[i]) for i in places[:-1]], -1),
        backward=np.stack([_root_mean_square(work.deltas[i]) * work.deltas[i].shape[-2] ** 0.5 for i in places], -1),
        weights=np.stack([norms[f"W{layer}"] for layer in range(1, deep.depth + 2)], -1),
        clipping=np.minimum(1.0, deep.clip / (norm(gradient) + 1e-6)) if deep.clip else np.ones(runs),
        activations=[work.signals[i] for i, a in enumerate(network.layers, start=1) if isinstance(a, Activation)],
        deltas=[work.deltas[i] for i in places[:-1]],
    )


def pre_activations(network: Network) -> list[int]:
    """Where a workspace holds the pre-activations z^l: an index for each layer, the output last."""
    places: list[int] = []
    for index, layer in enumerate(network.layers, start=1):
        if isinstance(layer, Dense):
            places.append(index)
        elif isinstance(layer, Gate | Residual):
            places[-1] = index
    return places


def over_seeds(values: np.ndarray) -> np.ndarray:
    """Root mean square over the seeds: [S, ...] -> [...], without overflow."""
    return norm(np.moveaxis(values, 0, -1) / np.sqrt(len(values)))


def first_lost(signals: Signals) -> str:
    """A sentence that names the first layer whose signal or gradient is no finite number; empty if there is none."""
    for name, values, order in (("signal", signals.forward, 1), ("gradient", signals.backward, -1)):
        lost = ~np.isfinite(values).all(axis=0)
        if lost.any():
            layer = int(np.flatnonzero(lost)[::order][0]) + 1
            return f"The {name} leaves the range of the numbers in layer {layer}."
    return ""


def assess(signals: Signals, activation: str = "linear") -> Finding:
    """What the measured gradients say of the network as a whole: first layer against last layer."""
    lost, ratio = first_lost(signals), signals.ratio
    word, severity = ("exploding", "alarm") if lost else gradient_word(ratio)
    dead = [layer for layer, a in enumerate(signals.activations, 1) if (dead_units(a, activation) == 1).all()]
    if lost:
        said = lost
    elif not ratio > 0 and dead:
        word, said = "dead", f"All units of layer {dead[0]} are zero on every sample: no gradient passes them."
    elif not ratio > 0:
        said = "No gradient at all reaches the first layer: it cannot learn."
    else:
        times = f"{ratio:.2g}" if 0.01 <= ratio < 1000 else f"{ratio:.1e}"
        said = f"The first layer gets {times} times the gradient of the last hidden layer: {_SO[word, severity]}."
    return Finding(0, word, severity, said, ratio)


_SO = {
    ("vanishing", "alarm"): "it does not learn",
    ("vanishing", "warning"): "it learns far more slowly",
    ("healthy", "healthy"): "all layers can learn",
    ("exploding", "warning"): "steps must be small",
    ("exploding", "alarm"): "a step that suits one layer wrecks the other",
}


def _root_mean_square(signal: np.ndarray) -> np.ndarray:
    """Over units and samples: [S, n, N] -> [S], without overflow or underflow of the squares."""
    return over_seeds(signal.reshape(len(signal), -1).T)
