"""Gradient transforms: small pure functions between the gradient and the optimizer.

Each takes an array [..., P] and returns a new one of the same shape and type, so they chain by composition: clip, add
noise, then `update`. Run axes are independent: a norm is that of one run, and what comes out equals a loop over the
runs bit by bit. A limit or a variance is a number, or one for each run, [R, 1].

Pascanu, Mikolov, Bengio (ICML 2013), clipping; Neelakantan et al. (arXiv:1511.06807), noise.
"""

import numpy as np

from engine.linear_algebra import norm
from engine.optimizers.base import cast, quiet, root
from engine.optimizers.hyperparameters import NOT_NEGATIVE, POSITIVE, check_number

NOISE_FADES = 0.55  # Neelakantan et al.'s exponent γ


@quiet
def clip_by_norm(gradient, max_norm):
    """Return g min(1, c/(‖g‖+1e-6)): no run's gradient [..., P] is longer than `max_norm`, c > 0; its direction stays.

    The constant is that of torch's `clip_grad_norm_`. An entry that is not finite becomes NaN: clipping cures large
    gradients, and does not hide that there was none.
    """
    limit, length = check_number("max_norm", max_norm, POSITIVE), norm(np.ascontiguousarray(gradient))[..., None]
    return gradient * cast(np.minimum(1, limit / (length + 1e-6)), gradient.dtype)


@quiet
def clip_by_value(gradient, limit):
    """Return the gradient [..., P] with each entry held to [-limit, limit], limit > 0; its direction may change."""
    limit = cast(check_number("limit", limit, POSITIVE), gradient.dtype)
    return np.minimum(np.maximum(gradient, -limit), limit)


@quiet
def gradient_noise(gradient, t, eta, rng):
    """Return the gradient [..., P] plus Gaussian noise of variance η/(1+t)^0.55, fading with the steps t = 0, 1, ...

    One draw of P numbers from `rng` (a `np.random.Generator`; for η = 0 as well) serves all runs: all of a race meet
    the same noise, and each is what it would be alone with the same generator.
    """
    deviation = root(check_number("eta", eta, NOT_NEGATIVE) / (1 + check_number("t", t, NOT_NEGATIVE)) ** NOISE_FADES)
    draw = rng.standard_normal(gradient.shape[-1])
    return gradient + cast(deviation * draw, gradient.dtype)
