"""The images that a network gets wrong, the most confident mistakes first."""

from typing import NamedTuple

import numpy as np

from engine.datasets import Dataset
from engine.network import Network


class Mistakes(NamedTuple):
    """Columns of the data `[m]`, their labels and the classes they were taken for, and all probabilities `[m, C]`."""

    indices: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    probabilities: np.ndarray


def mistakes(network: Network, params: np.ndarray, data: Dataset) -> Mistakes:
    """The wrong ones among the test images, in order of the probability of the class they were taken for."""
    output = network.forward(params, data.x[:, data.test])
    labels, predicted = data.labels[data.test], network.loss_function.labels(output)
    wrong = np.flatnonzero(predicted != labels)
    shown = probabilities(network, output[:, wrong]).T
    sure = shown[np.arange(len(wrong)), predicted[wrong]]
    order = np.argsort(-sure, kind="stable")
    wrong, shown = wrong[order], shown[order]
    return Mistakes(data.test[wrong], labels[wrong], predicted[wrong], shown)


def probabilities(network: Network, output: np.ndarray) -> np.ndarray:
    """A row for each class `[C, N]` from the output `[K, N]`: probabilities, or scores where the loss has none."""
    shown = network.loss_function.display(output)
    if len(shown) > 1:
        return shown
    return np.concatenate([1 - shown if network.loss_function.probability else -shown, shown])
