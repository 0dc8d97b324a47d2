"""Worked examples: networks small enough for paper and pencil, with all their numbers given.

One sample, x = (1, 2) with the target y = (3, 4), half the squared error ½ Σ (y - ŷ)², one step of plain gradient
descent with the rate 0.1: then every number of the step can be worked out by hand, and compared. An example is the
settings of its experiment, its data and its first weights; what follows from them is computed like any other run. A
widely copied table of the first one goes wrong in its second line; no result is written down here.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from engine.datasets import Dataset
from engine.experiment import Experiment
from engine.network import Network

DATA = "plane"  #: the data set whose kind of target the examples share; theirs stands in its place


class Example(NamedTuple):
    """One example: `settings` of the experiment, inputs and targets of its sample, and its first parameters by name.

    `floor` is the smallest input it takes: a ReLU on the inputs themselves changes nothing above 0.
    """

    name: str
    title: str
    description: str
    settings: Mapping[str, Any]
    weights: Mapping[str, Any]
    x: tuple[float, ...] = (1.0, 2.0)
    y: tuple[float, ...] = (3.0, 4.0)
    floor: float | None = None

    @property
    def experiment(self) -> Experiment:
        """The experiment as the example has it."""
        return Experiment(**_SHARED | dict(self.settings))

    @property
    def data(self) -> Dataset:
        """The one sample as data to train on; it is also all there is to test on."""
        x, y = (np.array(values)[:, None] for values in (self.x, self.y))
        names = tuple(f"x{index}" for index in "₁₂₃₄"[: len(x)])
        only = np.array([0])
        return Dataset(DATA, "regression", x, x, None, y, (), names, names, only, only, np.asarray)

    def start(self, network: Network) -> np.ndarray | None:
        """The first parameters `[P]`, or None for a network of another shape."""
        layout, params = network.layout, np.empty(network.size)
        if layout.shapes != {name: np.shape(value) for name, value in self.weights.items()}:
            return None
        for name, value in self.weights.items():
            layout.view(params, name)[...] = value
        return params


_SHARED = {"data": DATA, "loss": "squared_error", "optimizer": "sgd", "lr": 0.1, "steps": 100}
_DEEP = {
    "W1": [[0.1, 0.2], [0.3, 0.4]],
    "b1": [0.1, 0.2],
    "W2": [[0.5, 0.6], [0.7, 0.8]],
    "b2": [0.5, 0.6],
    "W3": [[0.9, 1.0], [1.1, 1.2]],
    "b3": [0.9, 1.0],
}
_WIDE = {
    "W1": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]],
    "b1": [0.1, 0.2, 0.3],
    "W2": [[0.7, 0.8, 0.9], [1.0, 1.1, 1.2]],
    "b2": [0.4, 0.5],
}
EXAMPLES: dict[str, Example] = {
    example.name: example
    for example in (
        Example(
            "2-2-2-2",
            "2-2-2-2, sigmoid",
            "Sigmoid in every layer, the output too: it cannot reach targets above 1, so the slopes flatten out.",
            {"arch": (2, 2), "act": ("sigmoid",), "out": "sigmoid"},
            _DEEP,
        ),
        Example(
            "2-2-2-2-linear",
            "2-2-2-2, linear output",
            "The same weights with a linear output, which can reach the targets.",
            {"arch": (2, 2), "act": ("sigmoid",)},
            _DEEP,
        ),
        Example(
            "2-3-2",
            "2-3-2, linear",
            "ReLU on the inputs, which changes nothing as long as they are positive; linear hidden and output units.",
            {"arch": (3,), "act": ("linear",), "lr": 0.01},
            _WIDE,
            floor=0.0,
        ),
    )
}
