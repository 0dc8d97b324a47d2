"""What people do about vanishing and exploding gradients, and the broken networks to try it on.

A `Repair` is a change of a `Deep` network, with one sentence on why it works and one on when it does not. It changes
only what its name says, so that one which does not suit the network is seen not to help. A `Preset` is a broken network
(or a lucky one) with its own repair, and a `Task` asks for a repair and lets the measured gradients decide.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from engine.depth.deep_network import LIMITS, Deep
from engine.mean_field import critical_weight_variance


class Repair(NamedTuple):
    """`changes(deep)` are the settings that are replaced; `why` and `unless` are sentences for the screen."""

    title: str
    changes: Callable[[Deep], dict[str, Any]]
    why: str
    unless: str

    def __call__(self, deep: Deep) -> Deep:
        """The repaired network."""
        return deep.replace(**self.changes(deep))


def _always(**changes: Any) -> Callable[[Deep], dict[str, Any]]:
    return lambda _deep: changes


def _critical(deep: Deep) -> dict[str, Any]:
    edge = float(critical_weight_variance(deep.activation, deep.bias_variance))
    return {"draw": "variances", "weight_variance": edge} if edge <= LIMITS["weight_variance"][1] else {}


CLIP = 1.0  #: largest norm of the gradient where clipping is the repair

REPAIRS = {
    "relu": Repair(
        "ReLU and He",
        _always(activation="relu", draw="he"),
        "A ReLU has slope 1 or 0, and σw² = 2 makes up for the half that it silences: χ1 is exactly 1.",
        "Not with a large negative bias, which silences units for good; and the size of the signal still wanders.",
    ),
    "xavier": Repair(
        "Xavier",
        _always(draw="xavier"),
        "Variance 2/(n_in + n_out) is σw² = 1 at equal widths, the edge of chaos of tanh and of linear layers.",
        "Not for ReLU, which halves the signal in each layer, nor for sigmoid, whose slope is at most 1/4.",
    ),
    "he": Repair(
        "He",
        _always(draw="he"),
        "Variance 2/n_in doubles what a ReLU halves, so that signal and gradient keep their size.",
        "Made for the ReLU family: tanh at σw² = 2 is already chaotic, and sigmoid still vanishes.",
    ),
    "lecun": Repair(
        "LeCun",
        _always(draw="lecun"),
        "Variance 1/n_in keeps the size of the signal wherever the activation passes it on unchanged.",
        "Not for ReLU (use He), and not for sigmoid, whose slope of at most 1/4 no such weight makes up for.",
    ),
    "orthogonal": Repair(
        "Orthogonal",
        _always(draw="orthogonal"),
        "An orthogonal matrix changes no length at all: in a linear network every singular value stays exactly 1.",
        "What the activation does comes on top: it helps linear and tanh layers, but ReLU still halves its square.",
    ),
    "critical": Repair(
        "Edge of chaos",
        _critical,
        "σw² is moved to where χ1 = 1 for this activation and σb²: on average gradients neither shrink nor grow.",
        "It holds at the start only; for sigmoid it takes huge weights, which saturate most of the units.",
    ),
    "selu": Repair(
        "SELU and LeCun",
        _always(activation="selu", draw="lecun", bias_variance=0.0),
        "Its slopes are chosen so that every layer pulls the signal back to mean 0 and variance 1.",
        "It asks for exactly LeCun's weights; and it steadies the signal: gradients still grow, by 3.5 % a layer.",
    ),
    "residual": Repair(
        "Residual",
        _always(residual="plain"),
        "The gradient takes the path past each layer unchanged, so that it cannot vanish.",
        "It can grow: with ReLU and He by a factor 2 (in the square) with every block, forward and back.",
    ),
    "residual-scaled": Repair(
        "Residual, scaled",
        _always(residual="scaled"),
        "Branches scaled by 1/√L add up to a growth of (1 + χ1/L)^L at most (in the square): below e for χ1 = 1.",
        "The scale belongs to one depth; and if the branch itself explodes, a factor 1/√L comes too late.",
    ),
    "residual-gated": Repair(
        "Residual, zero gate",
        _always(residual="gated"),
        "Each branch starts behind a closed gate, so that the network starts as the identity: the growth is exactly 1.",
        "Weights behind a closed gate get no gradient in the first step: the gates have to open before layers learn.",
    ),
    "batch-norm": Repair(
        "Batch norm",
        _always(norm="batch"),
        "Each unit is brought back to mean 0 and variance 1 over the batch, so that signals neither die nor saturate.",
        "Gradients of deep plain networks grow: by π/(π-1) a ReLU layer (in the square), whatever the weights.",
    ),
    "layer-norm": Repair(
        "Layer norm",
        _always(norm="layer"),
        "Each sample is brought back to variance 1 over the units, so that the size of the weights does not matter.",
        "It leaves ∫φ'²/∫φ² a layer (squared): 1 for ReLU; with tanh it still grows, with sigmoid it vanishes.",
    ),
    "clipping": Repair(
        "Clipping",
        _always(clip=CLIP),
        f"If the gradient is longer than {CLIP:g}, it is shortened to that: no step can throw the network off.",
        "All layers shrink by the same factor, the direction stays: it stops explosions only, and revives no gradient.",
    ),
}


class Preset(NamedTuple):
    """A network worth seeing, and the repair to see beside it ("none" for none)."""

    title: str
    deep: Deep
    repair: str
    says: str


PRESETS = {
    "vanishing": Preset(
        "Vanishing: 20 sigmoid layers",
        Deep(depth=20, activation="sigmoid", weight_variance=1.0),
        "relu",
        "A sigmoid's slope is at most 1/4: each layer takes three quarters of the gradient, and more.",
    ),
    "exploding": Preset(
        "Exploding: weights too large",
        Deep(depth=30, activation="tanh", weight_variance=9.0),
        "xavier",
        "With σw = 3 each layer multiplies the gradient more than saturation can take away.",
    ),
    "edge": Preset(
        "Edge of chaos",
        Deep(depth=50, activation="tanh", weight_variance=1.761, bias_variance=0.05),
        "none",
        "At σw² = 1.761 and σb² = 0.05 tanh has χ1 = 1: fifty layers, and the gradient is still there.",
    ),
    "zero": Preset(
        "Zero initialisation",
        Deep(depth=5, activation="tanh", draw="zeros"),
        "xavier",
        "No weights, no signal, no gradient: and all units of a layer would stay identical for ever.",
    ),
    "dead": Preset(
        "Dead ReLU",
        Deep(depth=10, activation="relu", draw="he", bias=-2.0),
        "layer-norm",
        "A bias of -2 holds every unit below zero on every sample: they neither fire nor learn.",
    ),
    "chaos": Preset(
        "Batch norm is no cure",
        Deep(depth=50, activation="relu", draw="he", norm="batch"),
        "residual",
        "Batch norm keeps the signal perfect, and gradients grow by √(π/(π-1)) a layer all the same.",
    ),
}


class Task(NamedTuple):
    """Repair `preset` until first-layer over last-layer gradient is within `low`..`high`, keeping what is `fixed`."""

    title: str
    preset: str
    fixed: tuple[str, ...]
    hint: str
    low: float = 0.1
    high: float = 10.0

    def kept(self, deep: Deep) -> bool:
        """Whether nothing is changed that the task wants kept."""
        return all(getattr(deep, name) == getattr(PRESETS[self.preset].deep, name) for name in self.fixed)

    def solved(self, deep: Deep, ratio: float) -> bool:
        """Whether the measured `ratio` meets the goal, without a forbidden change."""
        return bool(np.isfinite(ratio) and self.low <= ratio <= self.high and self.kept(deep))


TASKS = {
    "revive": Task(
        "Bring the gradient back to all 20 layers",
        "vanishing",
        ("depth",),
        "Which activations have slope 1 somewhere? And which weights suit them?",
    ),
    "sigmoid": Task(
        "The same, and keep the sigmoid",
        "vanishing",
        ("depth", "activation"),
        "If every layer shrinks the gradient, give it a way past the layers, or much larger weights.",
    ),
    "tame": Task(
        "Tame 30 tanh layers with the weights alone",
        "exploding",
        ("depth", "activation", "norm", "residual"),
        "Look for the critical line in the phase diagram.",
    ),
    "wake": Task(
        "Wake the dead units without touching the bias",
        "dead",
        ("depth", "bias", "activation"),
        "What would bring each layer's signal back to where the bias cannot drown it?",
    ),
    "hundred": Task(
        "Batch norm stays: carry the gradient through 50 layers",
        "chaos",
        ("depth", "norm"),
        "A branch that adds only a little lets the gradient pass beside it.",
    ),
}
