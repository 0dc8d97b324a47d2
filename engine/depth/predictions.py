"""Theory of a `Deep` network, layer by layer: the dashed lines beside the measurements of `engine.depth.signals`.

The maps of one layer are those of `engine.mean_field`; here they are chained from the inputs on, not only taken at the
fixed point, so that the first layers are predicted too. With a branch scale s (1 without residual paths) and κ = 1
where there is a residual path, else 0,

    forward    q^{l+1} = κ q^l + s² (σw² ∫Dz φ(x̂)² + σb²)
    backward   E‖δ^l‖² / E‖δ^{l+1}‖² = κ + s² σw² ∫Dz φ'(x̂)² / v^l

Without normalisation v = 1 and φ sees x̂ = √q z + c, where the constant bias c adds up along residual paths.
Normalisation divides the pre-activations by their standard deviation √v, over the batch or over the units, so that
x̂ = z whatever σw² is; it takes the constant away too, which all units have in common, but not from the path beside.
Layer norm has v = q. For batch norm v leaves out what all samples share: v^{l+1} = κ v^l + s² σw² Var φ. Without
residual paths that gives ∫φ'²/∫φ² and ∫φ'²/Var φ, both free of σw²: no initialisation repairs what batch norm does to
gradients, which for ReLU explode by π/(π-1) a layer (Yang et al. 2019). With them v grows, and the gradient only as a
power of depth (De & Smith 2020).

All this holds for wide layers, and for batch norm where the samples of a large batch have little in common. Of few
inputs d each unit has a spread of its own over the batch, by which it is divided: E 1/v is d/(d-2) times 1/E v, and
infinite for one or two. `departure` says where a measurement leaves its line, and why.
"""

from typing import NamedTuple

import numpy as np

from engine.activations import ACTIVATIONS, Activation
from engine.depth.deep_network import Deep
from engine.depth.signals import OUTPUTS, Signals, over_seeds
from engine.mean_field import gaussian_mean, mean_slope, mean_square, susceptibility
from engine.network.normalization import EPSILON

GROUPS = 12  #: inputs of different length are predicted apart, in at most so many groups
FAR = 2.0  #: factor between measurement and theory that is told
FEW_INPUTS, LARGE_BATCH = 10, 64  #: of batch norm, at which its theory fails and from which it holds


class Prediction(NamedTuple):
    """Predicted signals of L hidden layers, in the measures of `engine.depth.signals.Signals`."""

    forward: np.ndarray
    """[L]: root mean square of the pre-activations."""
    backward: np.ndarray
    """[L + 1]: norm of the gradient by the pre-activations, the output last."""

    @property
    def ratio(self) -> float:
        """First-layer over last-layer gradient."""
        with np.errstate(all="ignore"):
            return float(np.nan_to_num(self.backward[0] / self.backward[-2], nan=0.0, posinf=np.inf))


@np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore")
def predict(deep: Deep, x: np.ndarray) -> Prediction:
    """Predict what `measure(deep, x)` finds on average over infinitely many wide networks."""
    plain, over_batch = deep.norm == "none", deep.norm == "batch"
    weights, biases = deep.weight_variances(x.shape[0], OUTPUTS), deep.bias_variance
    square = _groups(np.mean(np.square(x), axis=0))  # ∫φ² of what enters a layer, and its part that enters v
    spread = np.mean(np.var(x, axis=1)) if over_batch else square
    q = v = 0.0
    sizes, factors = np.empty((deep.depth, len(square))), np.empty((deep.depth, len(square)))
    for layer in range(deep.depth):
        kept, scale, constant = _branch(deep, layer)
        q = (q if kept else 0.0) + scale * (weights[layer] * square + biases)
        v = (v if kept else 0.0) + scale * (weights[layer] * spread + biases * (not over_batch))  # shared by samples
        sizes[layer] = q + constant**2
        phi = _shifted(ACTIVATIONS[deep.activation], constant if plain else 0.0)
        divisor = 1.0 if plain else v + EPSILON
        square = mean_square(phi, v / divisor)
        spread = square - gaussian_mean(phi.value, v / divisor) ** 2 if over_batch else square
        kept, scale, _ = _branch(deep, layer + 1)
        factors[layer] = kept + scale * weights[layer + 1] * mean_slope(phi, v / divisor) / divisor
    back = np.cumprod(factors[::-1], axis=0)[::-1].mean(-1)
    return Prediction(np.sqrt(sizes.mean(-1)), np.sqrt(OUTPUTS * np.append(back, 1.0)))


def _branch(deep: Deep, layer: int) -> tuple[float, float, float]:
    """κ and s² of a layer, counted from 0 to the readout, and the constant c of its units."""
    if deep.residual == "none" or not 0 < layer < deep.depth:
        return 0.0, 1.0, deep.bias
    return 1.0, deep.branch_scale**2, deep.bias * (1.0 + deep.branch_scale * layer)


def departure(deep: Deep, inputs: int, samples: int, signals: Signals, prediction: Prediction) -> str:
    """A sentence on the layer at which the measured sizes are farthest from the predicted ones; empty below a factor 2.

    inputs and samples are those of the measurement.
    """
    worst, said = np.log(FAR), ""
    pairs = {"signal": (signals.forward, prediction.forward), "gradient": (signals.backward, prediction.backward)}
    for name, (measured, predicted) in pairs.items():
        with np.errstate(all="ignore"):
            off = np.log(over_seeds(measured)[: deep.depth] / predicted[: deep.depth])
        off = np.where(np.isfinite(off), off, 0.0)
        layer = int(np.abs(off).argmax())
        if abs(off[layer]) > worst:
            worst = abs(off[layer])
            said = f"The {name} measured in layer {layer + 1} is {np.exp(off[layer]):.2g} times the line of theory"
    if not said:
        return ""
    if deep.norm == "batch" and inputs <= FEW_INPUTS:
        why = (
            f"batch norm divides each unit by its spread over the batch, and with {inputs} input{'s' * (inputs > 1)} "
            "that is close to 0 for some of them"
        )
    elif deep.norm == "batch" and samples < LARGE_BATCH:
        why = f"for batch norm it supposes a large batch, and this one has {samples} samples"
    else:
        why = f"it is exact for infinite width, and these layers are {deep.width} wide"
    return f"{said}: {why}."


def growth(deep: Deep) -> float:
    """χ: what E‖δ‖² gains a layer going back, deep inside the network.

    In a plain network that is χ1 at q*. Residual and normalised ones may never come to rest: the mean over their
    layers, from the second on, because the first one sees inputs and not activations.
    """
    if deep.residual == "none" and deep.norm == "none" and not deep.bias:
        return float(susceptibility(deep.activation, deep.inner_weight_variance, deep.bias_variance))
    depth = max(deep.depth, 3)
    ones = np.ones((deep.width, 1)) * [[1.0, -1.0]]  # inputs of mean square and variance 1
    back = predict(deep.replace(depth=depth), ones).backward
    with np.errstate(all="ignore"):
        return float(np.nan_to_num((back[1] / back[-2]) ** (2 / (depth - 2)), nan=0.0, posinf=np.inf))


def _groups(squares: np.ndarray) -> np.ndarray:
    """Means of at most `GROUPS` groups of equal size, of the sorted mean squares of the inputs."""
    ordered = np.sort(squares)
    return np.array([part.mean() for part in np.array_split(ordered, min(GROUPS, len(ordered)))])


def _shifted(phi: Activation, constant: float) -> Activation:
    """φ(u + c), as its own activation."""
    if not constant:
        return phi

    def value(u, out=None):
        return phi.value(u + constant, out)

    def derivative(u, a, out=None):
        return phi.derivative(u + constant, a, out)

    return Activation(phi.name, phi.title, phi.formula, value, derivative, phi.gain)
