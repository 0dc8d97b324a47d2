"""What a stack of layers does to small changes, and what one matrix does when it is used again and again.

The input-output Jacobian J = D_L W_L ... D_1 W_1, with D = diag φ'(z), carries every small change forward and (its
transpose) every gradient back. χ1 only says what happens on average: the mean of the squared singular values of J is
χ1^L. Their spread says how unequally directions are treated. Of Gaussian matrices it grows with every layer, even at
χ1 = 1; of orthogonal ones in a linear network it stays zero: all singular values are σw^L. Saxe et al. 2014,
Pennington, Schoenholz & Ganguli 2017.

A recurrent network multiplies by the *same* matrix at every step of time, so that its eigenvalues decide: with ρ the
largest modulus, gradients behave as ρ^T in the long run (Pascanu, Mikolov & Bengio 2013). Wherever φ saturates, φ' < 1
makes them vanish faster.
"""

from typing import NamedTuple

import numpy as np

from engine.activations import ACTIVATIONS
from engine.cancellation import cancellation_point
from engine.initializers import INITIALIZERS
from engine.mean_field import fixed_point

WEIGHTS = ("gaussian", "orthogonal")


@np.errstate(over="ignore", under="ignore", invalid="ignore")
def singular_values(
    activation: str,
    weight_variance: float,
    bias_variance: float,
    depth: int,
    *,
    width: int = 64,
    weights: str = "gaussian",
    seed: int = 0,
) -> np.ndarray:
    """Singular values of J after 1, 2, ... `depth` layers, each falling: [depth, width].

    The signal starts at q*, where there is a positive finite one, else at 1. Values under the rounding error of the
    largest one are NaN.
    """
    if weights not in WEIGHTS:
        raise ValueError(f"weights={weights!r} must be one of {', '.join(WEIGHTS)}")
    phi, rng = ACTIVATIONS[activation], np.random.default_rng(seed)
    draw = INITIALIZERS["lecun" if weights == "gaussian" else "orthogonal"]
    rest = float(fixed_point(activation, weight_variance, bias_variance))
    z = rng.standard_normal((width, 1)) * np.sqrt(rest if 1e-6 < rest < 1e6 else 1.0)
    jacobian, jacobians = np.eye(width), np.empty((depth, width, width))
    for layer in range(depth):
        cancellation_point()
        a = phi.value(z)
        w = draw(rng, (width, width), width, width, np.sqrt(weight_variance))
        jacobian = w @ (phi.derivative(z, a) * jacobian)
        z = w @ a + rng.standard_normal((width, 1)) * np.sqrt(bias_variance)
        jacobians[layer] = jacobian
    found = np.full((depth, width), np.nan)
    usable = np.isfinite(jacobians).all(axis=(1, 2))
    found[usable] = np.linalg.svd(jacobians[usable], compute_uv=False)
    noise = width * np.finfo(float).eps * found[:, :1]
    return np.where((found > noise) & (found > 0), found, np.nan)


class Recurrence(NamedTuple):
    """One matrix W of spectral radius ρ, used T times."""

    eigenvalues: np.ndarray
    """[n], complex."""
    norms: np.ndarray
    """[S, T + 1]: ‖∂L/∂a_{T-t}‖ over ‖∂L/∂a_T‖, for S random gradients and t = 0..T steps back in time."""
    predicted: np.ndarray
    """[T + 1]: ρ^t."""


@np.errstate(over="ignore", under="ignore", invalid="ignore")
def recurrence(
    activation: str, radius: float, steps: int, *, width: int = 64, runs: int = 8, seed: int = 0
) -> Recurrence:
    """Send random gradients back through `steps` steps of a_t = φ(W a_{t-1} + u_t), with small inputs u_t.

    Args:
        activation: a key of ACTIVATIONS.
        radius: ρ >= 0; a Gaussian matrix is scaled to it.
        steps: T >= 1.
        width: n, units.
        runs: S, sequences.
        seed: of the matrix, inputs and gradients.
    """
    if radius < 0 or steps < 1:
        raise ValueError(f"radius={radius} must be at least 0 and steps={steps} at least 1")
    phi, rng = ACTIVATIONS[activation], np.random.default_rng(seed)
    w = rng.standard_normal((width, width))
    w *= radius / np.abs(np.linalg.eigvals(w)).max()
    slopes, a = [], np.zeros((width, runs))
    for _ in range(steps):
        z = w @ a + 0.1 * rng.standard_normal(a.shape)
        a = phi.value(z)
        slopes.append(phi.derivative(z, a))
    delta = rng.standard_normal(a.shape)
    norms = [np.linalg.norm(delta, axis=0)]
    for slope in reversed(slopes):
        delta = w.T @ (slope * delta)
        norms.append(np.linalg.norm(delta, axis=0))
    relative = np.array(norms).T / norms[0][:, None]
    return Recurrence(np.linalg.eigvals(w), relative, float(radius) ** np.arange(steps + 1))
