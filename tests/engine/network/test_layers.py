"""Each layer by itself: its formulas, its gradients by the complex step, and results in arrays that are handed in."""

import numpy as np
import pytest

from engine.network.convolution import Convolution, Flatten, MaxPool
from engine.network.layers import Activation, Dense, Dropout, Gate, Residual
from engine.network.normalization import BatchNorm, LayerNorm

UNITS, N, STEP = 12, 5, 1e-30
RNG = np.random.default_rng(0)
LAYERS = {
    "dense": Dense(1, UNITS, 4),
    "activation": Activation("gelu"),
    "dropout": Dropout(0.3),
    "residual": Residual(0, 0.5),
    "gate": Gate(1),
    "batch norm": BatchNorm(1, UNITS),
    "layer norm": LayerNorm(1, UNITS),
    "convolution": Convolution(1, (3, 2, 2), 5, size=2),
    "max pool": MaxPool((3, 2, 2)),
    "flatten": Flatten(),
}


def case(layer, dtype=np.float64):
    """A block (None where there is none), a signal that the layer reads, and what it keeps."""
    block = None if layer.block() is None else RNG.uniform(0.5, 1.5, layer.block().shape).astype(dtype)
    x = RNG.standard_normal((UNITS + layer.reads_ones, N)).astype(dtype)
    if layer.reads_ones:
        x[-1] = 1
    kept = RNG.standard_normal((UNITS, N)) if isinstance(layer, Residual) else layer.buffers(x.shape, x.dtype)
    if isinstance(layer, Dropout):
        layer.draw(kept, np.random.default_rng(1))
    return block, x, kept


def forward(layer, block, x, kept):
    """The output for parameters and signals of any type, the mask or the skipped signal as they are."""
    fixed = isinstance(layer, Dropout | Residual)
    return layer.forward(None if block is None else layer.views(block), x, kept=kept if fixed else None)


def test_a_dense_layer_is_its_formulas():
    layer = LAYERS["dense"]
    block, x, _ = case(layer)
    W, b, a = block[:-1].T, block[-1], x[:-1]
    delta, params = RNG.standard_normal((4, N)), layer.views(block)
    np.testing.assert_allclose(layer.forward(params, x), W @ a + b[:, None], rtol=1e-14)
    np.testing.assert_allclose(layer.backward(params, x, None, delta), W.T @ delta, rtol=1e-14)
    gradient = layer.gradient(params, x, delta)
    np.testing.assert_allclose(gradient[:-1].T, delta @ a.T, rtol=1e-14)
    np.testing.assert_allclose(gradient[-1], delta.sum(axis=1), rtol=1e-14)


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_of_a_layer_equal_the_complex_step(name):
    layer = LAYERS[name]
    block, x, kept = case(layer)
    params = None if block is None else layer.views(block)
    y = layer.forward(params, x, kept=kept)
    delta = RNG.standard_normal(y.shape)

    def slopes(values, output_at):
        """∂(Σ δ y)/∂ each of the values."""
        moves = 1j * STEP * np.eye(values.size).reshape(-1, *values.shape)
        return np.array([(delta * output_at(values + move)).sum().imag / STEP for move in moves]).reshape(values.shape)

    back = layer.backward(params, x, y, delta, kept=kept, out=None)
    by_x = slopes(x, lambda z: forward(layer, None if block is None else block.astype(complex), z, kept))
    np.testing.assert_allclose(back, by_x[:UNITS], rtol=1e-11, atol=1e-14)
    if block is not None:
        by_block = slopes(block, lambda values: forward(layer, values, x.astype(complex), kept))
        np.testing.assert_allclose(
            layer.gradient(params, x, delta, kept=kept, out=None), by_block, rtol=1e-11, atol=1e-14
        )


@pytest.mark.parametrize("name", LAYERS)
def test_results_go_where_they_are_told_to(name):
    layer = LAYERS[name]
    block, x, kept = case(layer)
    params = None if block is None else layer.views(block)
    y = layer.forward(params, x, kept=kept)
    out = np.full_like(y, 7)
    assert layer.forward(params, x, out, kept) is out
    np.testing.assert_array_equal(out, y)
    delta = RNG.standard_normal(y.shape)
    back = layer.backward(params, x, y, delta, None, kept)
    out = np.full_like(back, 7)
    assert layer.backward(params, x, y, delta, out, kept) is out
    np.testing.assert_array_equal(out, back)
    if block is not None:
        gradient = layer.gradient(params, x, delta, None, kept)
        out = np.full_like(block, 7)
        assert layer.gradient(params, x, delta, out, kept) is out
        np.testing.assert_array_equal(out, gradient)
