"""A deep network at its start: everything that decides whether signals and gradients survive it.

`Deep` is a stack of equal hidden layers under a linear readout. Two numbers say how its weights and biases are drawn,

    Var W = σw²/n_in       Var b = σb²,

either by hand (`draw="variances"`) or as a named initialisation, which here is only a choice of σw²
(`weight_variances`): even of PyTorch's, which elsewhere draws biases too. The rest is what people do about depth:
another activation, residual paths, normalisation, clipping.

A `Deep` turns into an ordinary `Network` (and so can be trained like any other) and into the settings of an
`Experiment`. Only the random biases are its own, since an experiment starts every bias at one constant.
"""

import dataclasses
from typing import Any, Self

import numpy as np

from engine.activations import ACTIVATIONS
from engine.experiment import NORMS, RESIDUALS, Experiment
from engine.initializers import INITIALIZERS
from engine.network import Network

#: n_in Var W = σw² of the named initialisations, for a matrix [n_out, n_in].
_WEIGHT_VARIANCES = {
    "xavier": lambda n_in, n_out: 2 * n_in / (n_in + n_out),
    "he": lambda n_in, n_out: 2.0,  # noqa: ARG005
    "lecun": lambda n_in, n_out: 1.0,  # noqa: ARG005
    "orthogonal": lambda n_in, n_out: min(n_in, n_out) / n_out,
    "torch": lambda n_in, n_out: 1 / 3,  # noqa: ARG005
    "zeros": lambda n_in, n_out: 0.0,  # noqa: ARG005
}
DRAWS = {"variances": "By size (σw²)"} | {name: INITIALIZERS[name].title for name in _WEIGHT_VARIANCES}
MOST_WEIGHTS = 4_000_000  #: of one network; drawing and measuring so many takes about half a second
LIMITS = {
    "depth": (1, 100),
    "width": (2, 512),
    "weight_variance": (0.0, 400.0),
    "bias_variance": (0.0, 100.0),
    "bias": (-100.0, 100.0),
    "clip": (0.0, 1e6),
}
_CHOICES = {"activation": tuple(ACTIVATIONS), "draw": DRAWS, "norm": NORMS, "residual": RESIDUALS}


def most_layers(width: int) -> int:
    """How many hidden layers of this width a network may have, by `MOST_WEIGHTS`; 100 at the most."""
    return min(LIMITS["depth"][1], MOST_WEIGHTS // width**2)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Deep:
    """A deep network at its start. Raises `ValueError` naming the argument, its value and what is allowed.

    `depth` counts hidden layers. `weight_variance` (σw²) is read where `draw` is "variances"; `bias_variance` (σb²)
    and `bias`, the mean, hold for every draw. `clip` is the largest norm of the whole gradient, 0 for no clipping.
    """

    depth: int = 20
    width: int = 64
    activation: str = "sigmoid"
    draw: str = "variances"
    weight_variance: float = 1.0
    bias_variance: float = 0.0
    bias: float = 0.0
    norm: str = "none"
    residual: str = "none"
    clip: float = 0.0

    def __post_init__(self):
        for name, options in _CHOICES.items():
            if getattr(self, name) not in options:
                raise ValueError(f"{name}={getattr(self, name)!r} must be one of {', '.join(options)}")
        for name, (low, high) in LIMITS.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name}={getattr(self, name)!r} must be from {low:g} to {high:g}")
        most = most_layers(self.width)
        if self.depth > most:
            raise ValueError(f"depth={self.depth} must be at most {most} at width {self.width}, to stay interactive")

    def replace(self, **changes: Any) -> Self:
        """A copy with some settings changed."""
        return dataclasses.replace(self, **changes)

    @property
    def branch_scale(self) -> float:
        """The scale s in z ← z_prev + s (W φ(z_prev) + b): 1, 1/√(number of such layers), or 0 behind a closed gate."""
        return {"scaled": max(self.depth - 1, 1) ** -0.5, "gated": 0.0}.get(self.residual, 1.0)

    def weight_variances(self, n_inputs: int, n_outputs: int) -> np.ndarray:
        """σw² = n_in Var W of every layer, the readout among them: [depth + 1]."""
        if self.draw == "variances":
            return np.full(self.depth + 1, float(self.weight_variance))
        variance, inner = _WEIGHT_VARIANCES[self.draw], self.depth - 1
        ends = variance(n_inputs, self.width), variance(self.width, n_outputs)
        return np.array([ends[0], *[variance(self.width, self.width)] * inner, ends[1]])

    @property
    def inner_weight_variance(self) -> float:
        """σw² between two hidden layers: what decides about depth."""
        by_name = _WEIGHT_VARIANCES.get(self.draw)
        return float(self.weight_variance if by_name is None else by_name(self.width, self.width))

    def settings(self) -> dict[str, Any]:
        """The settings of an `Experiment` that describe this network; random biases have no setting."""
        by_hand = self.draw == "variances"
        return {
            "arch": (self.width,) * self.depth,
            "act": (self.activation,),
            "init": "lecun" if by_hand else self.draw,
            "scale": float(np.sqrt(self.weight_variance)) if by_hand else 1.0,
            "bias": float(self.bias),
            "bias_spread": 0.0,
            "biases": "trained",
            "weights": (),
            "norm": self.norm,
            "residual": self.residual,
            "clip": float(self.clip),
            "clip_by": "norm",
        }

    def network(self, n_inputs: int, n_outputs: int, base: Experiment | None = None) -> "DeepNetwork":
        """The network; data, loss and optimizer as in the experiment `base`."""
        experiment = (base or Experiment(loss="squared_error")).replace(**self.settings())
        return DeepNetwork(experiment, n_inputs, n_outputs, self.bias_variance)


class DeepNetwork(Network):
    """A `Network` whose hidden biases are drawn with variance σb² about their constant; that of the output is 0."""

    def __init__(self, experiment: Experiment, n_inputs: int, n_outputs: int, bias_variance: float):
        super().__init__(experiment, n_inputs, n_outputs)
        self.bias_variance = bias_variance

    def initial(self, rng: np.random.Generator) -> np.ndarray:
        """Parameters before the first step, float64 `[P]`."""
        params, last = super().initial(rng), len(self.sizes) - 1
        for layer in range(1, last + 1):
            bias = self.layout.view(params, f"b{layer}")
            bias[...] = self.experiment.bias if layer < last else 0.0
            if self.bias_variance and layer < last:
                bias += rng.normal(0.0, np.sqrt(self.bias_variance), bias.shape)
        return params
