"""The phase diagram: first-layer over last-layer gradient for every depth and every σw, measured.

One draw of random matrices serves all: those of σw are σw times those of 1, so that all columns of the diagram go
through each layer as one product. And one forward pass serves all depths: at every depth L of the grid a fresh random
gradient joins those that are already on their way back to the first layer. For the mean-field theory beside it,
χ1 < 1 to the left of the critical line (gradients vanish) and χ1 > 1 to the right (they explode), and a network can be
trained to about 6ξ layers (Schoenholz et al. 2017).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.activations import ACTIVATIONS
from engine.cancellation import cancellation_point
from engine.mean_field import TRAINABLE_DEPTH_SCALES, critical_weight_variance, depth_scale, susceptibility

WIDTH, SAMPLES, NETWORKS = 64, 4, 2
DEEPEST, WIDEST = 100, 4.0


class Diagram(NamedTuple):
    """Measured log10 of ‖δ^1‖/‖δ^L‖, with the axes of the map and the lines of theory."""

    stds: np.ndarray
    """[R]: σw."""
    depths: np.ndarray
    """[D]: L, hidden layers, from 2."""
    ratios: np.ndarray
    """[D, R]: log10 of the ratio; -inf where the gradient is exactly zero, NaN where it is no number."""
    critical: float
    """σw at the edge of chaos; infinite where there is none up to σw² = 1e4."""
    trainable: np.ndarray
    """[R]: 6ξ, infinite on the edge."""


def axes(activation: str, bias_variance: float, size: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """The axes [size] of σw, round the edge of chaos, and of the depth."""
    edge = float(np.sqrt(critical_weight_variance(activation, bias_variance)))
    top = float(np.clip(2 * edge, WIDEST, 3 * WIDEST))
    depths = np.unique(np.linspace(2, DEEPEST, size).round().astype(int))
    return np.linspace(0.1, top, size), depths


@np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")
def diagram(
    activation: str,
    bias_variance: float,
    stds: np.ndarray,
    depths: np.ndarray,
    *,
    width: int = WIDTH,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Diagram:
    """Measure the whole diagram, over `NETWORKS` draws of `SAMPLES` inputs of mean square 1.

    Args:
        activation: a key of ACTIVATIONS.
        bias_variance: σb² >= 0.
        stds: σw >= 0, [R].
        depths: increasing whole numbers >= 2, [D].
        width: units of a layer.
        seed: of the matrices, biases, inputs and gradients.
        progress: called with the finished share, 0 to 1; what it raises ends the computation.
    """
    if len(depths) == 0 or depths[0] < 2 or (np.diff(depths) <= 0).any():
        raise ValueError(f"depths={depths!r} must be increasing whole numbers from 2 on")
    report = progress or (lambda _share: None)
    sums = np.zeros((len(depths), len(stds)))
    for network in range(NETWORKS):
        rng = np.random.default_rng([seed, network])
        sums += _network(
            ACTIVATIONS[activation], bias_variance, stds, depths, width, rng, lambda s, n=network: report((n + s) / 2)
        )
    chi = susceptibility(activation, np.square(stds), bias_variance)
    critical = float(np.sqrt(critical_weight_variance(activation, bias_variance)))
    return Diagram(stds, depths, np.log10(sums / NETWORKS) / 2, critical, TRAINABLE_DEPTH_SCALES * depth_scale(chi))


def _network(phi, bias_variance, stds, depths, width, rng, report) -> np.ndarray:
    """Mean square of the first layer's gradient over that of layer L, of one draw: [D, R]."""
    deepest, runs = int(depths[-1]), len(stds)
    matrices = rng.standard_normal((deepest, width, width)) / np.sqrt(width)
    biases = rng.standard_normal((deepest, width, 1, 1)) * np.sqrt(bias_variance)
    sigma = np.asarray(stds, dtype=np.float64)[:, None]
    signal = np.repeat(rng.standard_normal((width, 1, SAMPLES)), runs, axis=1)
    slopes = np.empty((deepest, width, runs, SAMPLES))
    for layer in range(deepest):
        cancellation_point()
        z = (matrices[layer] @ signal.reshape(width, -1)).reshape(signal.shape) * sigma + biases[layer]
        signal = phi.value(z)
        slopes[layer] = phi.derivative(z, signal)
    report(0.2)
    rows = len(depths)
    sent = rng.standard_normal((width, rows, 1, SAMPLES))
    sent /= np.sqrt(np.mean(np.square(sent), axis=(0, 3), keepdims=True))
    delta = np.repeat(sent, runs, axis=2)  # waits at its own depth, then goes back layer by layer
    for layer in range(deepest - 1, 0, -1):
        cancellation_point()
        first = int(np.searchsorted(depths, layer + 1))  # rows of at least this depth are on their way
        moving = delta[:, first:]
        back = matrices[layer].T @ np.ascontiguousarray(moving).reshape(width, -1)
        np.multiply(back.reshape(moving.shape), sigma * slopes[layer - 1][:, None], out=moving)
        if layer % 8 == 0:
            report(1 - 0.8 * layer * layer / deepest**2)
    return np.mean(np.square(delta), axis=(0, 3))


class VariancePlane(NamedTuple):
    """χ1 over the (σw², σb²) plane, with the edge of chaos."""

    weight_variances: np.ndarray
    bias_variances: np.ndarray
    susceptibilities: np.ndarray
    """[σb², σw²]."""
    critical: np.ndarray
    """[σb²]: σw² on the edge of chaos."""


def variance_plane(activation: str, weight_variances: np.ndarray, bias_variances: np.ndarray) -> VariancePlane:
    """What mean-field theory says about every pair of variances."""
    w, b = np.meshgrid(weight_variances, bias_variances)
    edge = critical_weight_variance(activation, bias_variances)
    return VariancePlane(weight_variances, bias_variances, susceptibility(activation, w, b), edge)
