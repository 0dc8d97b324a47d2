"""Theory of a `Deep` network, layer by layer: the dashed lines beside the measurements of `engine.depth.signals`.

Without normalisation the recursions of `engine.mean_field` hold as they are: layer by layer, not only at the fixed
point, so that the first layers are predicted too. A constant bias c shifts the argument of φ.

Normalisation divides the pre-activations by their standard deviation √v, over the batch or over the units, so that
φ sees a standard normal variable x̂ whatever σw² is; it takes the constant away too, which all units have in common,
but not from the path beside. With a branch scale s (1 without residual paths) and κ = 1 where
there is a residual path, else 0,

    forward    q^{l+1} = κ q^l + s² (σw² ∫Dz φ(z)² + σb²)
    backward   E‖δ^l‖² / E‖δ^{l+1}‖² = κ + s² σw² ∫Dz φ'(z)² / v^l

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
from engine.depth.propagation import forward_variances, gradient_norms
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
    squares = _groups(np.mean(np.square(x), axis=0))
    variances = deep.weight_variances(x.shape[0], OUTPUTS)
    predictor = _plain if deep.norm == "none" else _normalised
    forward, backward = predictor(deep, variances, squares, float(np.mean(np.var(x, axis=1))))
    sent = np.sqrt(OUTPUTS)
    return Prediction(np.sqrt(forward.mean(0)), sent * np.sqrt(np.square(backward).mean(0)))


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


def _plain(deep: Deep, variances: np.ndarray, squares: np.ndarray, _variance: float) -> tuple[np.ndarray, np.ndarray]:
    """Variances [G, L] about the constant, plus its square, and gradients [G, L + 1] relative to the output's."""
    layers, s = deep.depth + 1, deep.branch_scale
    skip, scale, bias = np.zeros(layers), np.ones(layers), np.full(layers, deep.bias_variance)
    if deep.residual != "none":
        skip[1:-1], scale[1:-1] = 1.0, s * s
    bias[-1] = 0.0
    mean = _constants(deep)
    shifted = [_shifted(ACTIVATIONS[deep.activation], float(c)) for c in mean]
    w, b = variances * scale, bias * scale
    q = forward_variances(shifted, w, b, squares, layers, skip)[:, :-1]
    widths = [1, *[deep.width] * deep.depth, OUTPUTS]
    delta = gradient_norms(shifted, w, b, widths, squares, skip).delta
    return q + np.square(mean), delta


def _normalised(
    deep: Deep, variances: np.ndarray, squares: np.ndarray, variance: float
) -> tuple[np.ndarray, np.ndarray]:
    """The same with normalisation; `variance` is the inputs' own over the batch."""
    phi, depth = ACTIVATIONS[deep.activation], deep.depth
    over_batch = deep.norm == "batch"
    kept = float(deep.residual != "none")
    gains = np.ones(depth + 1)
    if kept:
        gains[1:-1] = deep.branch_scale**2
    q, v = np.zeros((depth, len(squares))), np.zeros((depth, len(squares)))
    factors = np.empty((depth, len(squares)))
    square, spread, path = squares, variance if over_batch else squares, 0.0
    own = 0.0 if over_batch else deep.bias_variance  # all samples share a unit's bias
    for layer in range(depth):
        q[layer] = path * q[layer - 1] + gains[layer] * (variances[layer] * square + deep.bias_variance)
        v[layer] = path * v[layer - 1] + gains[layer] * (variances[layer] * spread + own)
        path = kept if layer < depth - 1 else 0.0
        seen = v[layer] / (v[layer] + EPSILON)
        square = mean_square(phi, seen)
        spread = square - gaussian_mean(phi.value, seen) ** 2 if over_batch else square
        factors[layer] = path + gains[layer + 1] * variances[layer + 1] * mean_slope(phi, seen) / (v[layer] + EPSILON)
    back = np.cumprod(np.sqrt(factors)[::-1], axis=0)[::-1]
    return q.T + np.square(_constants(deep)), np.concatenate([back, np.ones((1, len(squares)))]).T


def _constants(deep: Deep) -> np.ndarray:
    """What the constant bias adds to every unit of each hidden layer [L]: along residual paths it adds up."""
    along = deep.branch_scale * np.arange(deep.depth) if deep.residual != "none" else np.zeros(deep.depth)
    return deep.bias * (1.0 + along)


def _shifted(phi: Activation, constant: float) -> Activation:
    """φ(u + c), as its own activation."""
    if not constant:
        return phi

    def value(u, out=None):
        return phi.value(u + constant, out)

    def derivative(u, a, out=None):
        return phi.derivative(u + constant, a, out)

    return Activation(phi.name, phi.title, phi.formula, value, derivative, phi.gain)
