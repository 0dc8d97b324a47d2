# ruff: noqa: ARG001, ARG005 - every derivative has the arguments (z, a, out), whether it needs them all or not
"""Activations φ: what makes a stack of layers more than one matrix.

A layer computes z = W a_prev + b and hands on a = φ(z). On the way back the arriving gradient is multiplied
by φ'(z), unit by unit. So an activation is a pair of functions, which stand side by side here:

    value(z, out=None) -> a                 derivative(z, a, out=None) -> φ'(z)

a = value(z) is handed to the derivative because the classics are cheapest in terms of their own output:
σ' = σ(1-σ), tanh' = 1 - tanh². Where φ has a kink the derivative is the one that PyTorch takes: relu'(0) = 0,
leaky'(0) = slope, elu'(0) = 1, selu'(0) = λα, hardtanh'(±1) = 0.

No finite input overflows: exponentials see -|z|, or overflow to an inf that has the right limit (σ(-1000) =
1/(1+inf) = 0). z is a float32 or float64 array of one or more axes; the result has its shape and dtype.
Complex z works too (max and min compare the real parts first), so that a derivative can be checked without
rounding error by the complex step, Im φ(z + ih)/h. `out` receives the result; it must not overlap z or a.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


def _typed(value: float) -> dict[np.dtype, np.ndarray]:
    """Return the number as a 0-d array of each dtype, which spares a ufunc 0.2 µs of converting it."""
    return {np.dtype(code): np.array(value, code) for code in "fdFD"}


ZERO, ONE = _typed(0.0), _typed(1.0)


@dataclass(frozen=True)
class Activation:
    """One activation and its derivative.

    Attributes:
        name: the key in `ACTIVATIONS`.
        title: the name for people.
        formula: φ(z) in LaTeX.
        value: `value(z, out=None) -> a`, with z's shape and dtype.
        derivative: `derivative(z, a, out=None) -> φ'(z)`, with a = value(z).
        gain: factor on an initialiser's std that keeps the size of the signal from layer to layer: PyTorch's
            `calculate_gain` where that has one, else what gives ReLU its √2, 1/√E φ(x)² for x ~ N(0, 1).
        saturation: the bounds (low, high) of a between which a unit is not saturated, if it can saturate.
        span: the lowest and the highest a.
        dies: whether it is exactly zero, with slope zero, on half of the line, so that a unit can be dead.
        initializer: the key in `INITIALIZERS` that is made for it: He's for rectifiers, which stop half of the signal.
    """

    name: str
    title: str
    formula: str
    value: Callable[..., np.ndarray]
    derivative: Callable[..., np.ndarray]
    gain: float
    saturation: tuple[float, float] | None = None
    span: tuple[float, float] = (-math.inf, math.inf)
    dies: bool = False
    initializer: str = "xavier"


def _put(values, z, out):
    """Write the values into `out`, or into a new array like z."""
    out = np.empty_like(z) if out is None else out
    out[...] = values
    return out


def _linear(z, out=None):
    return _put(z, z, out)


def _linear_derivative(z, a, out=None):
    return _put(1.0, z, out)


@np.errstate(over="ignore")
def sigmoid(z, out=None):
    """σ(z) = 1/(1 + e^{-z}), accurate in both tails. z: float array; the result has its shape and dtype."""
    if z.dtype.kind == "c":
        z = np.maximum(z, -700.0)  # complex division makes nan of 1/(inf + i inf)
    out = np.negative(z, out=out)
    np.exp(out, out=out)
    np.add(out, ONE[out.dtype], out=out)
    return np.reciprocal(out, out=out)


def _sigmoid_derivative(z, a, out=None):
    out = np.subtract(ONE[a.dtype], a, out)
    return np.multiply(out, a, out)


def _tanh_derivative(z, a, out=None):
    out = np.multiply(a, a, out)
    return np.subtract(ONE[a.dtype], out, out)


def _relu(z, out=None):
    return np.maximum(z, ZERO[z.dtype], out=out)


def _relu_derivative(z, a, out=None):
    return _put(a.astype(bool), z, out)  # a is never below 0: the fastest way to ask a > 0


_SLOPE = _typed(0.01)


def _leaky(z, out=None):
    out = np.multiply(z, _SLOPE[z.dtype], out=out)
    return np.maximum(z, out, out=out)


def _leaky_derivative(z, a, out=None):
    out = _put(np.greater(z, ZERO[z.dtype]), z, out)
    return np.maximum(out, _SLOPE[z.dtype], out=out)


def _elu(z, out=None):
    out = np.minimum(z, ZERO[z.dtype], out=out)
    np.expm1(out, out=out)
    return np.maximum(z, out, out=out)  # below 0, e^z - 1 >= z


def _elu_derivative(z, a, out=None):
    out = np.minimum(z, ZERO[z.dtype], out=out)
    return np.exp(out, out=out)


# The pair for which mean 0 and variance 1 are a fixed point (Klambauer et al. 2017).
_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
_SELU_FORMULA = r"1.0507 [\max(z, 0) + 1.6733 (e^{\min(z, 0)} - 1)]"


@np.errstate(over="ignore")  # the scale, above 1, can carry the largest floats over the edge
def _selu(z, out=None):
    out = np.minimum(z, ZERO[z.dtype], out=out)
    np.expm1(out, out=out)
    np.multiply(out, _SELU_ALPHA, out=out)
    np.add(out, _relu(z), out=out)
    return np.multiply(out, _SELU_SCALE, out=out)


def _selu_derivative(z, a, out=None):
    scale = np.multiply(z <= 0, _SELU_SCALE * (_SELU_ALPHA - 1), dtype=z.dtype)
    np.add(scale, _SELU_SCALE, out=scale)
    out = _elu_derivative(z, a, out)
    return np.multiply(out, scale, out=out)


# Hendrycks & Gimpel 2016, tanh form: z/2 (1 + tanh u) = z σ(2u), which does not cancel; 2u = z (A + B z²).
_GELU_A = 2 * math.sqrt(2 / math.pi)
_GELU_B = 0.044715 * _GELU_A
_GELU_FORMULA = r"\tfrac{z}{2} \left(1 + \tanh\left[\sqrt{2/\pi}\, (z + 0.044715\, z^3)\right]\right)"


def _gelu_gate(z):
    """σ(2u) and z². The gate is 0 or 1 to the last bit beyond ±30, and from there on z² is held."""
    near = np.maximum(np.minimum(z, 30.0), -30.0)
    square = near * near
    np.multiply(near, square * _GELU_B + _GELU_A, out=near)
    return sigmoid(near), square


def _gelu(z, out=None):
    gate, _ = _gelu_gate(z)
    return np.multiply(gate, z, out=out)


def _gelu_derivative(z, a, out=None):
    gate, slope = _gelu_gate(z)
    np.multiply(slope, 3 * _GELU_B, out=slope)
    np.add(slope, _GELU_A, out=slope)
    np.multiply(slope, ONE[z.dtype] - gate, out=slope)  # before a, which may be near the largest float
    np.multiply(slope, a, out=slope)
    return np.add(slope, gate, out=out)


def _silu(z, out=None):
    gate = sigmoid(z, out)
    return np.multiply(gate, z, out=gate)


def _silu_derivative(z, a, out=None):
    gate = sigmoid(z)
    out = np.subtract(ONE[z.dtype], gate, out=out)
    np.multiply(out, a, out=out)
    return np.add(out, gate, out=out)


def softplus(z, out=None):
    """ln(1 + e^z) = max(z, 0) + ln(1 + e^{-|z|}). z: float array; the result has its shape and dtype."""
    positive = _relu(z)
    out = np.minimum(z, ZERO[z.dtype], out=out)
    np.subtract(out, positive, out=out)
    np.exp(out, out=out)
    np.log1p(out, out=out)
    return np.add(out, positive, out=out)


def _mish_parts(z):
    """Return z, w = e^z and n = w(w+2): tanh(softplus(z)) = n/(n+2), 1 to the last bit from z = 20 on."""
    near = np.minimum(z, 20.0)
    w = np.exp(near)
    return near, w, w * (w + 2.0)


def _mish(z, out=None):
    _, _, n = _mish_parts(z)
    np.divide(n, n + 2.0, out=n)
    return np.multiply(n, z, out=out)


def _mish_derivative(z, a, out=None):
    near, w, n = _mish_parts(z)
    m = n + 2.0
    return np.divide(n + near * (4.0 * w * (1.0 + w) / m), m, out=out)


def _hardtanh(z, out=None):
    return np.minimum(np.maximum(z, -1.0, out=out), 1.0, out=out)


def _hardtanh_derivative(z, a, out=None):
    return _put(np.abs(z.real) < 1, z, out)


def _row(name, title, formula, *rest, **facts):
    return Activation(name, title, rf"\varphi(z) = {formula}", *rest, **facts)


_HE = {"initializer": "he"}
_ROWS = (
    _row("linear", "Linear", "z", _linear, _linear_derivative, 1.0),
    _row("sigmoid", "Sigmoid", r"\frac{1}{1 + e^{-z}}", sigmoid, _sigmoid_derivative, 1.0, (0.015, 0.985), span=(0, 1)),
    _row("tanh", "Tanh", r"\tanh z", np.tanh, _tanh_derivative, 5 / 3, (-0.97, 0.97), (-1, 1)),
    _row("relu", "ReLU", r"\max(z, 0)", _relu, _relu_derivative, math.sqrt(2), dies=True, **_HE),
    _row("leaky_relu", "Leaky ReLU", r"\max(z, 0.01 z)", _leaky, _leaky_derivative, math.sqrt(2 / 1.0001), **_HE),
    _row("elu", "ELU", r"\max(z, 0) + e^{\min(z, 0)} - 1", _elu, _elu_derivative, 1.2451983, **_HE),
    _row("selu", "SELU", _SELU_FORMULA, _selu, _selu_derivative, 0.75, initializer="lecun"),
    _row("gelu", "GELU", _GELU_FORMULA, _gelu, _gelu_derivative, 1.5335805, **_HE),
    _row("silu", "SiLU", r"\frac{z}{1 + e^{-z}}", _silu, _silu_derivative, 1.6765325, **_HE),
    _row("softplus", "Softplus", r"\ln(1 + e^z)", softplus, lambda z, a, out=None: sigmoid(z, out), 1.041867, **_HE),
    _row("mish", "Mish", r"z \tanh \ln(1 + e^z)", _mish, _mish_derivative, 1.4868476, **_HE),
    _row("hardtanh", "Hard tanh", r"\max(-1, \min(1, z))", _hardtanh, _hardtanh_derivative, 1.3920361, span=(-1, 1)),
    _row("sin", "Sine", r"\sin z", np.sin, lambda z, a, out=None: np.cos(z, out=out), 1.5208666, span=(-1, 1)),
)
ACTIVATIONS: dict[str, Activation] = {activation.name: activation for activation in _ROWS}
