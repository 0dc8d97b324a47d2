"""A small convolutional network on images of two channels, beside the same one in torch."""

from typing import NamedTuple

import numpy as np
import pytest

from engine import Experiment
from engine.network.convolution import Convolution, MaxPool
from engine.network.layers import Dense
from engine.vision import blocks_of, convolutional

SHAPE = (2, 15, 14)
EXPERIMENT = Experiment(data="csv", arch=(6,), act="tanh", init="xavier", loss="softmax_cross_entropy")


class Case(NamedTuple):
    network: object
    params: np.ndarray
    model: object
    x: np.ndarray


@pytest.fixture(scope="session")
def case():
    torch = pytest.importorskip("torch")
    network = convolutional(EXPERIMENT, SHAPE, blocks_of("4k3p-5k5"), 3)
    rng = np.random.default_rng(3)
    params = network.initial(rng) + 0.1 * rng.standard_normal(network.size)
    return Case(network, params, torch_like(torch, network, params), rng.standard_normal(SHAPE))


def torch_like(torch, network, params):
    """The same layers with the same parameters."""
    modules = []
    for layer in network.layers:
        if isinstance(layer, Convolution):
            module = torch.nn.Conv2d(layer.shape[0], layer.n_out, layer.size, dtype=torch.float64)
            names = f"K{layer.number}", f"b{layer.number}"
        elif isinstance(layer, Dense):
            module = torch.nn.Linear(layer.n_in, layer.n_out, dtype=torch.float64)
            names = f"W{layer.number}", f"b{layer.number}"
        else:
            kind = type(layer).__name__
            pool = torch.nn.MaxPool2d(layer.size) if isinstance(layer, MaxPool) else None
            modules.append(pool or {"Flatten": torch.nn.Flatten, "Activation": torch.nn.Tanh}[kind]())
            continue
        module.weight.data, module.bias.data = (
            torch.tensor(network.layout.view(params, name).copy()) for name in names
        )
        modules.append(module)
    return torch.nn.Sequential(*modules)
