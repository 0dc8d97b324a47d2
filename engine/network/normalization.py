"""Batch and layer normalisation: give every unit (or every sample) zero mean and unit variance, then scale and shift.

    x̂ = (x - mean) r,   r = 1/√(var + ε),   y = γ x̂ + β
    ∂L/∂x = r (d - mean d - x̂ mean(d x̂)),   d = γ δ

Batch norm (Ioffe & Szegedy 2015) takes mean and variance over the N samples of a batch, one pair a unit; layer norm
(Ba, Kiros & Hinton 2016) over the units, one pair a sample. The variance is the biased one, in two passes: the
one-pass formula loses all digits where the mean is large; where squares would overflow it is that of x over its largest
entry. Batch norm keeps running averages for use after training;
they live in the flat vector as parts that are carried along but not descended.
"""

from typing import Any, NamedTuple

import numpy as np

from engine.network.layers import Tape, one_call
from engine.network.parameters import Block, Part

EPSILON = 1e-5
MOMENTUM = 0.1  #: weight of the newest batch in the running averages


class _Buffers(NamedTuple):
    normed: np.ndarray
    work: np.ndarray
    stats: dict[str, Any]


class BatchNorm(NamedTuple):
    """Normalises each unit over the samples of the batch; after training, by the running averages."""

    number: int
    units: int
    needs_ones = False
    axis = -1

    def out_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same as the input's."""
        return shape

    def block(self) -> Block:
        """Four rows of one number a unit: γ, β, running mean, running variance."""
        kinds = (
            ("scale", "scale"),
            ("shift", "shift"),
            ("mean", "running mean"),
            ("variance", "running variance"),
        )
        parts = tuple(Part(f"{name}{self.number}", kind, (self.units,), row) for row, (name, kind) in enumerate(kinds))
        return Block((4, self.units), parts)

    def initialise(self, block: np.ndarray, _rng: np.random.Generator) -> None:
        """γ = 1, β = 0, running mean 0 and variance 1."""
        block[0], block[1], block[2], block[3] = 1, 0, 0, 1

    def views(self, block: np.ndarray) -> tuple[np.ndarray, ...]:
        """γ, β, running mean and variance as columns `[..., units, 1]`."""
        return tuple(block[..., row, :, None] for row in range(4))

    def prepare(self, tape: Tape, dtype: np.dtype) -> None:
        """Buffers for x̂ and for one product."""
        tape.extra = _Buffers(np.empty(tape.inp.shape, dtype), np.empty(tape.inp.shape, dtype), {})

    @one_call
    def forward(self, views: tuple[np.ndarray, ...], tape: Tape) -> None:
        """γ x̂ + β."""
        gamma, beta, running_mean, running_variance = views
        if tape.training:
            _standardise(tape, self.axis)
        else:
            np.subtract(tape.inp, running_mean, out=tape.extra.normed)
            np.multiply(tape.extra.normed, 1 / np.sqrt(running_variance + EPSILON), out=tape.extra.normed)
        np.multiply(tape.extra.normed, gamma, out=tape.out)
        np.add(tape.out, beta, out=tape.out)

    @one_call
    def backward(self, views: tuple[np.ndarray, ...], tape: Tape, gradient: np.ndarray) -> None:
        """Through x̂ and the statistics of the batch; the running averages get no gradient."""
        _scale_and_shift(tape, gradient)
        gradient[..., 2:, :] = 0
        _through_statistics(tape, views[0], self.axis)

    def carry(self, views: tuple[np.ndarray, ...], following: tuple[np.ndarray, ...], tape: Tape) -> None:
        """Running averages of the next step: a tenth of the way to the last batch (its unbiased variance, as torch)."""
        n = tape.inp.shape[-1]
        latest = tape.extra.stats["mean"], tape.extra.stats["variance"] * (n / max(n - 1, 1))
        for now, after, value in zip(views[2:], following[2:], latest, strict=True):
            after[...] = now + MOMENTUM * (value - now)


class LayerNorm(NamedTuple):
    """Normalises each sample over the units of the layer."""

    number: int
    units: int
    needs_ones = False
    axis = -2

    def out_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same as the input's."""
        return shape

    def block(self) -> Block:
        """Two rows of one number a unit: γ and β."""
        parts = tuple(
            Part(f"{name}{self.number}", name, (self.units,), row) for row, name in enumerate(("scale", "shift"))
        )
        return Block((2, self.units), parts)

    def initialise(self, block: np.ndarray, _rng: np.random.Generator) -> None:
        """γ = 1, β = 0."""
        block[0], block[1] = 1, 0

    def views(self, block: np.ndarray) -> tuple[np.ndarray, ...]:
        """γ and β as columns `[..., units, 1]`."""
        return block[..., 0, :, None], block[..., 1, :, None]

    def prepare(self, tape: Tape, dtype: np.dtype) -> None:
        """Buffers for x̂ and for one product."""
        tape.extra = _Buffers(np.empty(tape.inp.shape, dtype), np.empty(tape.inp.shape, dtype), {})

    @one_call
    def forward(self, views: tuple[np.ndarray, ...], tape: Tape) -> None:
        """γ x̂ + β."""
        _standardise(tape, self.axis)
        np.multiply(tape.extra.normed, views[0], out=tape.out)
        np.add(tape.out, views[1], out=tape.out)

    @one_call
    def backward(self, views: tuple[np.ndarray, ...], tape: Tape, gradient: np.ndarray) -> None:
        """Through x̂ and the statistics of the sample."""
        _scale_and_shift(tape, gradient)
        _through_statistics(tape, views[0], self.axis)


NORMALIZATIONS = {"batch": BatchNorm, "layer": LayerNorm}


def _standardise(tape: Tape, axis: int) -> None:
    """x̂ along `axis` into the buffers, with mean, variance and r kept."""
    normed, work, stats = tape.extra
    mean, variance = _moments(tape.inp, normed, work, axis)
    stats["mean"], stats["variance"], stats["r"] = mean, variance, 1 / np.sqrt(variance + EPSILON)
    if not np.isfinite(variance).all():
        unit = np.where(np.isfinite(variance), 1, np.abs(tape.inp).max(axis=axis, keepdims=True))
        mean, variance = _moments(tape.inp / unit, normed, work, axis)
        r = 1 / np.sqrt(np.maximum(variance + (EPSILON**0.5 / unit) ** 2, np.finfo(unit.dtype).tiny))
        stats["mean"], stats["r"] = mean * unit, r / unit  # the variance itself is infinite
        np.multiply(normed, r, out=normed)
    else:
        np.multiply(normed, stats["r"], out=normed)


def _moments(x: np.ndarray, centred: np.ndarray, work: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of x along `axis`, and x without its mean into `centred`."""
    mean = x.mean(axis=axis, keepdims=True)
    np.subtract(x, mean, out=centred)
    np.multiply(centred, centred, out=work)
    return mean, work.mean(axis=axis, keepdims=True)


def _scale_and_shift(tape: Tape, gradient: np.ndarray) -> None:
    """∂L/∂γ = Σ δ x̂ and ∂L/∂β = Σ δ, over the samples."""
    np.multiply(tape.delta, tape.extra.normed, out=tape.extra.work)
    gradient[..., 0, :] = tape.extra.work.sum(axis=-1)
    gradient[..., 1, :] = tape.delta.sum(axis=-1)


def _through_statistics(tape: Tape, gamma: np.ndarray, axis: int) -> None:
    """∂L/∂x = r (d - mean d - x̂ mean(d x̂)) with d = γ δ."""
    normed, work, stats = tape.extra
    d = tape.delta_in
    np.multiply(tape.delta, gamma, out=d)
    np.multiply(d, normed, out=work)
    slope = work.mean(axis=axis, keepdims=True)
    np.multiply(normed, slope, out=work)
    np.subtract(d, d.mean(axis=axis, keepdims=True), out=d)
    np.subtract(d, work, out=d)
    np.multiply(d, stats["r"], out=d)
