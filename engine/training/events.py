"""Why a run ended early, in words: which number of its last step stopped being finite first.

A step is computed once more as it was in training, batch norm by the statistics of the batch and dropout with the same
masks, and looked at in the order of the computation: the parameters, the signals from the first layer to the last, the
loss, the penalty, and the gradients from the last layer back to the first.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from engine.experiment import Experiment
from engine.network import Network, Workspace
from engine.network.layers import Dropout
from engine.network.parameters import WEIGHT_KINDS
from engine.training.batches import Batch
from engine.training.recording import Event


class Computed(NamedTuple):
    """Some numbers of a step: the layer, their name, words for a sentence, and they themselves."""

    layer: int
    what: str
    words: str
    numbers: Any


def diverged(experiment: Experiment, network: Network, params: np.ndarray, stream: Iterable[Batch], step: int) -> Event:
    """Name the first quantity of `step` that is not finite.

    Args:
        experiment: the run's.
        network: the run's.
        params: at that step, `[P]`.
        stream: the batches from step 0 on.
        step: at which a number is not finite.
    """
    with np.errstate(all="ignore"):
        found = next(each for each in computed(experiment, network, params, stream, step) if _broken(each))
    return Event(
        "diverged",
        step,
        found.layer,
        found.what,
        f"Diverged at step {step}: {found.words} left the range of the numbers. Try a smaller learning rate or initial "
        "scale.",
    )


def computed(
    experiment: Experiment, network: Network, params: np.ndarray, stream: Iterable[Batch], step: int
) -> Iterator[Computed]:
    """All that a step computes, in its order, and at the end the norms of it; arguments as of `diverged`."""
    layout, gradient = network.layout, np.empty_like(params)
    for name, layer in layout.layers.items():
        yield Computed(layer, name, f"{name} of layer {layer}", layout.view(params, name))
    rng, (x, y) = _dealt(experiment, network, stream, step)
    workspace = Workspace(network, params, x.shape[-1], gradient, keep=True, rng=rng)
    loss = workspace.loss_and_gradient(x, y)
    number = 0
    for layer, signal in zip(network.layers, workspace.signals[1:], strict=True):
        number = getattr(layer, "number", number)  # an activation belongs to the weights before it
        yield Computed(number, "activation", f"the activations of layer {number}", signal)
    yield Computed(number, "loss", f"the loss, with the output of layer {number},", loss)
    largest = _largest_weights(network, params)
    words = f"the penalty on {largest} of layer {layout.layers[largest]}"
    yield Computed(layout.layers[largest], "penalty", words, network.add_penalty(loss, params, gradient))
    for name in _backwards(network):
        what = f"gradient of {name}"
        yield Computed(layout.layers[name], what, f"the {what}", layout.view(gradient, name))
    sizes = zip(layout.names, layout.norms(params) + layout.norms(gradient), strict=True)
    name = max(sizes, key=lambda size: size[1])[0]
    yield Computed(layout.layers[name], f"size of {name}", f"the size of {name} or of its gradient", np.inf)


def _broken(each: Computed) -> bool:
    return not np.isfinite(each.numbers).all()


def _dealt(
    experiment: Experiment, network: Network, stream: Iterable[Batch], step: int
) -> tuple[np.random.Generator | None, Batch]:
    """The batch of a step, and the source of its dropout masks, of which the steps before have had theirs."""
    before = iter(stream)
    if not experiment.dropout:
        return None, next(islice(before, step, None))
    rng = np.random.default_rng([experiment.seed, 4])
    signals = zip(network.layers, network.signal_shapes, strict=False)
    masked = [math.prod(shape) for layer, shape in signals if isinstance(layer, Dropout)]
    for x, _ in islice(before, step):
        for units in masked:
            rng.random((units, x.shape[-1]), dtype=np.float32)
    return rng, next(before)


def _largest_weights(network: Network, params: np.ndarray) -> str:
    """The weights with the largest norm, which have the largest penalty."""
    layout = network.layout
    sizes = dict(zip(layout.names, layout.norms(params), strict=True))
    return max((name for name in layout.names if layout.kinds[name] in WEIGHT_KINDS), key=sizes.__getitem__)


def _backwards(network: Network) -> Iterator[str]:
    """The parts in the order in which their gradients are computed: from the last layer to the first."""
    for block in reversed([block for block in (layer.block() for layer in network.layers) if block]):
        yield from (part.name for part in block.parts)


def stopped(step: int, patience: int, best: float) -> Event:
    """Early stopping: the test loss has not fallen for `patience` steps."""
    sentence = f"Stopped early at step {step}: the test loss has not been below {best:.4g} for {patience} steps."
    return Event("stopped", step, None, "test loss", sentence)


def best_before(losses: Any, patience: int) -> tuple[int, float] | None:
    """The first index at which the lowest of `losses` lies `patience` back, with that lowest; None if there is none."""
    best, since = np.inf, 0
    for index, value in enumerate(losses):
        if value < best:
            best, since = float(value), index
        elif index - since >= patience:
            return index, best
    return None
