"""Why a run ended early, in words: which quantity of which layer stopped being finite first."""

from typing import Any

import numpy as np

from engine.network import Network
from engine.training.batches import Batch
from engine.training.recording import Event


def diverged(network: Network, params: np.ndarray, batch: Batch, step: int) -> Event:
    """Name the first non-finite quantity at `step`: in the parameters, then forward, then backward."""
    layout = network.layout
    for name in layout.shapes:
        if not np.isfinite(layout.view(params, name)).all():
            return _diverged(step, layout.layers[name], name, f"{name} of layer {layout.layers[name]}")
    with np.errstate(all="ignore"):
        for layer, (z, a) in enumerate(network.activations(params, batch[0]), start=1):
            if not (np.isfinite(z).all() and np.isfinite(a).all()):
                return _diverged(step, layer, "activation", f"the activations of layer {layer}")
        value, gradient = network.loss_and_gradient(params, *batch)
    if np.isfinite(value):
        for name in reversed(layout.names):
            if not np.isfinite(layout.view(gradient, name)).all():
                return _diverged(step, layout.layers[name], f"gradient of {name}", f"the gradient of {name}")
    output = layout.layers[layout.names[-1]]
    return _diverged(step, output, "loss", f"the loss, with the output of layer {output},")


def stopped(step: int, patience: int, best: float) -> Event:
    """Early stopping: the test loss has not fallen for `patience` steps."""
    sentence = f"Stopped early at step {step}: the test loss has not been below {best:.4g} for {patience} steps."
    return Event("stopped", step, None, "test loss", sentence)


def _diverged(step: int, layer: int | None, what: str, words: str) -> Event:
    sentence = (
        f"Diverged at step {step}: {words} left the range of the numbers. Try a smaller learning rate or initial scale."
    )
    return Event("diverged", step, layer, what, sentence)


def best_before(losses: Any, patience: int) -> tuple[int, float] | None:
    """The first index at which the lowest of `losses` lies `patience` back, with that lowest; None if there is none."""
    best, since = np.inf, 0
    for index, value in enumerate(losses):
        if value < best:
            best, since = float(value), index
        elif index - since >= patience:
            return index, best
    return None
