"""The layers of a dense network: which ones an experiment asks for, and in which order.

In front of the readout each hidden layer is a few of them: weights and biases, a gate and a path around them where it
is residual, then normalisation, activation and dropout. Whatever comes before, blocks of a convolutional network for
example, is counted on.
"""

from collections.abc import Sequence
from typing import Any

from engine.experiment import Experiment
from engine.network.layers import Activation, Dense, Dropout, Gate, Residual
from engine.network.normalization import NORMALIZATIONS


def dense_layers(experiment: Experiment, sizes: tuple[int, ...], before: Sequence[Any] = ()) -> list[Any]:
    """The layers of a dense network: dense, then normalisation, activation and dropout for each hidden layer.

    Layers that come `before` are the first ones of the list, and those with parameters are counted on.

    A residual path leads from pre-activation to pre-activation, z ← z_prev + s (W φ(z_prev) + b), wherever the widths
    agree (He et al. 2016, "Identity mappings in deep residual networks"); scaled: s = 1/√(number of such layers).
    """
    layers = list(before)
    counted = sum(layer.block() is not None for layer in before)
    previous, last = len(layers), len(sizes) - 1
    same = [place for place in range(2, last) if sizes[place] == sizes[place - 1]]
    for place in range(1, last + 1):
        number = counted + place
        bias = experiment.bias if place < last else 0.0
        start = experiment.init, experiment.scale, bias, experiment.bias_spread
        layers.append(Dense(number, sizes[place - 1], sizes[place], *start))
        if place in same and experiment.residual != "none":
            if experiment.residual == "gated":
                layers.append(Gate(number))
            layers.append(Residual(previous, len(same) ** -0.5 if experiment.residual == "scaled" else 1.0))
        previous = len(layers)
        if place < last:
            if experiment.norm != "none":
                layers.append(NORMALIZATIONS[experiment.norm](number, sizes[place]))
            layers.append(Activation(experiment.activations[place - 1]))
            if experiment.dropout:
                layers.append(Dropout(experiment.dropout))
    if experiment.out != "linear":
        layers.append(Activation(experiment.out))
    return layers
