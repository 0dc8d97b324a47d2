# ruff: noqa: ARG002 - all layers are called alike, whether they read all of it or not
"""Batch and layer normalisation: give every unit (or every sample) zero mean and unit variance, then scale and shift.

    x̂ = (x - mean) r,   r = 1/√(var + ε),   y = γ x̂ + β
    ∂L/∂x = r (d - mean d - x̂ mean(d x̂)),   d = γ δ,   ∂L/∂γ = Σ δ x̂,   ∂L/∂β = Σ δ

Batch norm (Ioffe & Szegedy 2015) takes mean and variance over the N samples of a batch, one pair a unit; layer norm
(Ba, Kiros & Hinton 2016) over the units, one pair a sample. The variance is the biased one, in two passes: the
one-pass formula loses all digits where the mean is large; where squares would overflow it is that of x over its largest
entry. Batch norm keeps running averages for use after training; they live in the flat vector as parts that are carried
along but not descended.
"""

from typing import Any, NamedTuple

import numpy as np

from engine.network.layers import Array, Layer, Out
from engine.network.parameters import Block, Part

EPSILON = 1e-5
MOMENTUM = 0.1  #: weight of the newest batch in the running averages


class Statistics(NamedTuple):
    """What stays from forward for backward: x̂, room for a product of its shape, and mean, variance and r."""

    normed: Array
    product: Array
    mean: Array
    variance: Array
    r: Array


class LayerNorm(Layer):
    """Normalises each sample over the units of the layer; γ and β are numbers of the unit."""

    axis = -2  #: over which mean and variance are taken
    rows = (("scale", "scale", 1), ("shift", "shift", 0))  #: of the block: names, kinds and first values

    def __init__(self, number: int, units: int):
        self.number = number
        self.units = units

    def block(self) -> Block:
        """A row of one number a unit for each of `rows`."""
        parts = (Part(f"{name}{self.number}", kind, (self.units,)) for name, kind, _ in self.rows)
        return Block((len(self.rows), self.units), tuple(parts))

    def initialise(self, block: Array, rng: np.random.Generator) -> None:
        """γ = 1 and β = 0."""
        for row, (_, _, first) in zip(block, self.rows, strict=True):
            row[...] = first

    def buffers(self, shape: tuple[int, ...], dtype: np.dtype) -> Statistics:
        """Room for the statistics."""
        few = list(shape)
        few[self.axis] = 1
        return Statistics(*(np.empty(each, dtype) for each in (shape, shape, few, few, few)))

    def forward(self, params: Array, x: Array, out: Out = None, kept: Any = None) -> Array:
        """γ x̂ + β."""
        kept = self.buffers(x.shape, x.dtype) if kept is None else kept
        self._centre(x, kept)
        np.divide(1, np.sqrt(kept.variance + EPSILON), out=kept.r)
        if np.isfinite(kept.variance).all():
            np.multiply(kept.normed, kept.r, out=kept.normed)
        else:
            self._standardise_large(x, kept)
        return _scaled(kept.normed, params, out)

    def backward(self, params: Array, x: Array, y: Array, delta: Array, out: Out, kept: Statistics) -> Array:
        """∂L/∂x = r (d - mean d - x̂ mean(d x̂))."""
        normed, product, _, _, r = kept
        d = np.multiply(delta, params[..., 0, :, None], out=out)
        np.multiply(d, normed, out=product)
        np.multiply(normed, product.mean(axis=self.axis, keepdims=True), out=product)
        np.subtract(d, d.mean(axis=self.axis, keepdims=True), out=d)
        np.subtract(d, product, out=d)
        return np.multiply(d, r, out=d)

    def gradient(self, params: Any, x: Array, delta: Array, out: Out, kept: Statistics) -> Array:
        """∂L/∂γ = Σ δ x̂ and ∂L/∂β = Σ δ over the samples; what is carried gets no gradient."""
        out = np.empty((*x.shape[:-2], len(self.rows), self.units), x.dtype) if out is None else out
        np.multiply(delta, kept.normed, out=kept.product)
        kept.product.sum(axis=-1, out=out[..., 0, :])
        delta.sum(axis=-1, out=out[..., 1, :])
        out[..., 2:, :] = 0
        return out

    def _centre(self, x: Array, kept: Statistics) -> None:
        """Mean and variance of x, and x without its mean in the place of x̂."""
        x.mean(axis=self.axis, keepdims=True, out=kept.mean)
        np.subtract(x, kept.mean, out=kept.normed)
        np.multiply(kept.normed, kept.normed, out=kept.product)
        kept.product.mean(axis=self.axis, keepdims=True, out=kept.variance)

    def _standardise_large(self, x: Array, kept: Statistics) -> None:
        """The same and x̂ of numbers whose squares overflow; the variance itself stays infinite."""
        unit = np.where(np.isfinite(kept.variance), 1, np.abs(x).max(axis=self.axis, keepdims=True))
        scaled = kept._replace(variance=np.empty_like(kept.variance))
        self._centre(x / unit, scaled)
        variance = scaled.variance + (EPSILON**0.5 / unit) ** 2
        r = 1 / np.sqrt(np.maximum(variance, np.finfo(unit.dtype).tiny))
        np.multiply(kept.normed, r, out=kept.normed)
        np.multiply(kept.mean, unit, out=kept.mean)
        np.divide(r, unit, out=kept.r)


class BatchNorm(LayerNorm):
    """Normalises each unit over the samples of the batch; after training, by the running averages."""

    axis = -1
    carries = True
    rows = (*LayerNorm.rows, ("mean", "running mean", 0), ("variance", "running variance", 1))

    def after_training(self) -> "RunningNorm":
        """The same block, read whole."""
        return RunningNorm(self.number, self.units)

    def carry(self, before: Array, block: Array, kept: Statistics) -> None:
        """Running averages of the next step: a tenth of the way to the last batch (its unbiased variance, as torch)."""
        n = kept.normed.shape[-1]
        latest = kept.mean, kept.variance * (n / max(n - 1, 1))
        for row, value in enumerate(latest, start=2):
            now = before[..., row, :]
            block[..., row, :] = now + MOMENTUM * (value[..., 0] - now)


class RunningNorm(BatchNorm):
    """Batch norm after training: (x - running mean)/√(running variance + ε) in the place of x̂."""

    def forward(self, params: Array, x: Array, out: Out = None, kept: Any = None) -> Array:
        """γ x̂ + β."""
        normed = np.subtract(x, params[..., 2, :, None], out=out)
        np.multiply(normed, 1 / np.sqrt(params[..., 3, :, None] + EPSILON), out=normed)
        return _scaled(normed, params, normed)


def _scaled(normed: Array, params: Array, out: Out) -> Array:
    """γ x̂ + β, with γ and β as columns `[..., units, 1]`."""
    y = np.multiply(normed, params[..., 0, :, None], out=out)
    return np.add(y, params[..., 1, :, None], out=y)


NORMALIZATIONS = {"batch": BatchNorm, "layer": LayerNorm}
