# ruff: noqa: ARG002 - all layers are called alike, whether they read all of it or not
"""Wrong backward passes, made on purpose: what goes wrong in people's first one, to see which check finds which.

The forward pass and the loss are right, so that finite differences tell the truth beside each of them.

    derivative    ∂L/∂z = δ                  the slope φ'(z) is forgotten
    transposed    ∂L/∂a = W δ                in place of Wᵀ δ, wherever W is square: elsewhere the shapes would not fit
    sum           N ∂L/∂θ                    the samples' gradients are added up, while the loss is their mean
    averaged      (Σ ∂L/∂w + ∂L/∂b)/(n+1)    a unit's weights and its bias all get the mean of their gradients
    stale         g_1 + ... + g_t            the gradient is not set to zero before a step (`training.step`)
"""

from dataclasses import astuple, replace
from typing import Any

import numpy as np

from engine.losses import Loss
from engine.network.layers import Activation, Array, Dense, Out, Weights


class Slopeless(Activation):
    """An activation whose derivative is forgotten."""

    def backward(self, params: None, x: Array, y: Array, delta: Array, out: Out = None, kept: Any = None) -> Array:
        """δ in place of δ · φ'(z)."""
        return np.positive(delta, out=out)


class Transposed(Dense):
    """A square dense layer that pulls gradients back by W in place of Wᵀ."""

    def backward(self, params: Weights, x: Array, y: Array, delta: Array, out: Out = None, kept: Any = None) -> Array:
        """W δ in place of Wᵀ δ."""
        return np.matmul(params.W_T.mT, delta, out=out)


class Averaged(Dense):
    """A dense layer that mixes up the gradients of weights and biases."""

    def gradient(self, params: Weights, x: Array, delta: Array, out: Out = None, kept: Any = None) -> Array:
        """The mean over a unit's weights and bias, in the place of each."""
        right = super().gradient(params, x, delta, out)
        right[...] = right.mean(axis=-2, keepdims=True)
        return right


def with_bug(layer: Any, bug: str) -> Any:
    """The layer as it is with that bug: itself where the bug does not touch it."""
    if isinstance(layer, Activation) and bug == "derivative":
        return Slopeless(layer.name)
    if isinstance(layer, Dense) and (bug == "averaged" or (bug == "transposed" and layer.n_in == layer.n_out)):
        return (Averaged if bug == "averaged" else Transposed)(*astuple(layer))
    return layer


def added_up(loss: Loss) -> Loss:
    """The loss with the gradient of the sum over the samples in place of their mean."""

    def halves(z: Array, out: Array) -> Any:
        forward, backward = loss.halves(z, out)

        def backward_of_the_sum(y: Array) -> None:
            backward(y)
            np.multiply(out, out.shape[-1], out=out)

        return forward, backward_of_the_sum

    return replace(loss, halves=halves)
