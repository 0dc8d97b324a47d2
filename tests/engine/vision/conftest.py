"""A small convolutional network on images of two channels, beside the same one in torch."""

from typing import NamedTuple

import numpy as np
import pytest

from engine import Experiment
from engine.vision import blocks_of, convolutional
from tests.torch_models import torch_like

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
    return Case(network, params, torch_like(network, params, torch.nn.Tanh()), rng.standard_normal(SHAPE))
