"""How signals and gradients travel through a deep network at its start, layer by layer, as mean-field theory predicts.

The maps of one layer are in `mean_field`; here they are chained, over layers of any widths, with and without residual
paths and batch norm. Norms are predicted, not mean squares over units: see there.

Sources: Schoenholz et al. 2017; Pennington, Schoenholz & Ganguli 2017 (singular values); Yang et al. 2019 (batch norm).
"""

from typing import NamedTuple

import numpy as np

from engine.mean_field import (
    as_activation,
    checked_variance,
    fixed_point,
    gaussian_mean,
    mean_slope,
    mean_square,
    variance_map,
)


def _by_layer(activation, hidden):
    if isinstance(activation, (list, tuple)):
        if len(activation) < hidden:
            raise ValueError(f"activation must name {hidden} hidden layers, not {len(activation)}")
        return [as_activation(a) for a in activation]
    return [as_activation(activation)] * hidden


def forward_variances(activation, weight_variance, bias_variance, input_square, depth, skip=0.0):
    """The pre-activation variances q^1 ... q^L of a network of L = depth layers, the output layer among them.

    input_square: the mean square of the input's components, ‖x‖²/n_0: q^1 = σw² ‖x‖²/n_0 + σb². activation: one, or a
    list of one for each hidden layer (L - 1). weight_variance, bias_variance: σw² = n_in Var W and σb², broadcast to
    [..., L] (a number is every layer's, [S, 1] is S networks). skip: [L], 1 where z^l = z^{l-1} + s (W φ(z^{l-1}) + b)
    has a residual path (σw², σb² are then to include s²), else 0; the first layer's is not used. Returns [..., L].
    """
    if depth < 1:
        raise ValueError(f"depth must be at least 1, not {depth}")
    w = checked_variance("weight_variance", weight_variance)
    b = checked_variance("bias_variance", bias_variance)
    square = checked_variance("input_square", input_square)
    shape = np.broadcast_shapes(w.shape, b.shape, (*square.shape, depth))
    w, b, skip = (np.broadcast_to(v, shape) for v in (w, b, skip))
    q = np.empty(shape)
    q[..., 0] = w[..., 0] * square + b[..., 0]
    for layer, each in enumerate(_by_layer(activation, depth - 1)[: depth - 1], start=1):
        before = q[..., layer - 1]
        kept = np.where(skip[..., layer] > 0, before, 0.0)
        q[..., layer] = kept + variance_map(each, w[..., layer], b[..., layer], before)
    return q


class GradientNorms(NamedTuple):
    """Predicted norms (root mean square) of one sample's gradients, layers 1 ... L, relative to layer L."""

    delta: np.ndarray
    """[..., L]: ‖δ^l‖/‖δ^L‖ with δ^l the gradient with respect to the pre-activations z^l."""
    weights: np.ndarray
    """[..., L]: ‖∂W^l‖/‖∂W^L‖, where ‖∂W^l‖ = ‖δ^l‖ ‖a^{l-1}‖ (times s in a scaled residual branch)."""


def gradient_norms(activation, weight_variance, bias_variance, widths, input_square=1.0, skip=0.0):
    """Predicted gradient norms, layer by layer, for any widths.

    widths: [n_0, ..., n_L], from the inputs to the outputs; the other arguments as in forward_variances. The
    mean gradient of a batch falls or grows from layer to layer in the same way as long as its samples stay
    as different from each other as they are.
    """
    widths = np.asarray(widths, dtype=np.float64)
    depth = len(widths) - 1
    q = forward_variances(activation, weight_variance, bias_variance, input_square, depth, skip)
    w, skip = (np.broadcast_to(np.asarray(v, dtype=np.float64), q.shape) for v in (weight_variance, skip))
    square = np.empty_like(q)  # mean square of the signal that enters the layer
    square[..., 0] = input_square
    chi = np.empty((*q.shape[:-1], depth - 1))
    for layer, each in enumerate(_by_layer(activation, depth - 1)[: depth - 1]):
        square[..., layer + 1] = mean_square(each, q[..., layer])
        chi[..., layer] = skip[..., layer + 1] + w[..., layer + 1] * mean_slope(each, q[..., layer])
    delta = backward_profile(chi)
    with np.errstate(all="ignore"):
        signal = np.sqrt(widths[:-1] * square)
        return GradientNorms(delta, delta * signal / signal[..., -1:])


def backward_profile(factors):
    """Norms of the gradient, relative to the last layer's, from its factors: [..., L-1] -> [..., L].

    factors: what E‖δ‖² gains from layer l+1 back to layer l: χ1, residual_factor or batch_norm_factor.
    """
    factors = np.asarray(factors, dtype=np.float64)
    with np.errstate(over="ignore"):
        back = np.cumprod(np.sqrt(factors)[..., ::-1], axis=-1)[..., ::-1]
    return np.concatenate([back, np.ones((*factors.shape[:-1], 1))], axis=-1)


def residual_factor(chi1=1.0, scale=1.0):
    """What E‖δ‖² gains in a residual block y = x + scale F(x), F a layer of susceptibility χ1: 1 + scale² χ1.

    With He and ReLU χ1 = 1: 2 a block; 1 + 1/L with scale = 1/√L, in all (1 + 1/L)^L < e; 1 with a zero gate.
    """
    return 1.0 + np.square(scale) * np.asarray(chi1, dtype=np.float64)


def batch_norm_factor(activation):
    """What E‖δ‖² gains a layer with batch norm before φ: ∫Dz φ'(z)² / Var φ(z), for large batches; a float.

    Batch norm divides by the standard deviation over the batch, from which the mean of φ drops out. ReLU: (1/2)/(1/2 -
    1/2π) = π/(π-1), so that gradients explode with depth; no σw² changes this (Yang et al. 2019).
    """
    activation = as_activation(activation)
    mean = gaussian_mean(activation.value, 1.0)
    return float(mean_slope(activation, np.float64(1.0)) / (mean_square(activation, np.float64(1.0)) - mean**2))


class SingularValues(NamedTuple):
    """Mean and variance, over the spectrum, of the input-output Jacobian's squared singular values: [...]."""

    mean: np.ndarray
    variance: np.ndarray


def jacobian_singular_values(activation, weight_variance, bias_variance, depth, s1=-1.0):
    """Squared singular values, L = depth equal layers at q*: mean χ1^L, variance χ1^{2L} L (μ2/μ1² - 1 - s1).

    μk = ∫Dz φ'^{2k}. s1 says how the weights are drawn: -1 Gaussian, 0 orthogonal (scaled by σw). Linear and
    orthogonal: variance 0, so that all singular values are σw^L (Pennington et al. 2017).
    """
    q = fixed_point(activation, weight_variance, bias_variance)
    activation = as_activation(activation)
    slope, fourth = mean_slope(activation, q), mean_slope(activation, q, power=4)
    with np.errstate(all="ignore"):
        mean = (np.asarray(weight_variance, dtype=np.float64) * slope) ** depth
        return SingularValues(mean, mean**2 * depth * (np.maximum(fourth / slope**2 - 1.0, 0.0) - s1))
