"""Gradient transforms: small pure functions between the gradient and the optimizer.

Each takes an array [..., P] and returns a new one of the same shape and type (in `out`, if given, which may
be the input itself), so they chain by composition: clip, add noise, then `update`. Run axes are independent:
a norm is that of one run, and what comes out equals a loop over the runs bit by bit.

Pascanu, Mikolov, Bengio (ICML 2013), clipping; Neelakantan et al. (arXiv:1511.06807), noise; Loshchilov,
Hutter (arXiv:1711.05101), decoupled decay.
"""

import numpy as np

from engine.optimizers.arithmetic import cast, quiet, root
from engine.optimizers.hyperparameters import NOT_NEGATIVE, POSITIVE, check_number

NOISE_FADES = 0.55  # Neelakantan et al.'s exponent γ


@quiet
def global_norm(gradient):
    """Return the Euclidean norm [..., 1] of each run's gradient [..., P], even where its square overflows."""
    norm = np.sqrt(np.multiply(gradient, gradient, order="C").sum(-1, keepdims=True))
    if np.isfinite(norm).all():
        return norm
    largest = np.abs(gradient).max(-1, keepdims=True)
    scaled = np.divide(gradient, largest, order="C")
    scaled_norm = largest * np.sqrt((scaled * scaled).sum(-1, keepdims=True))
    return np.where(np.isfinite(norm) | ~np.isfinite(largest), norm, scaled_norm)


@quiet
def clip_by_norm(gradient, max_norm, out=None):
    """Return g min(1, c/(‖g‖+1e-6)): no run's gradient [..., P] is longer than c; its direction stays.

    The constant is that of torch's `clip_grad_norm_`. An entry that is not finite becomes NaN: clipping cures
    large gradients, and does not hide that there was none.

    Args:
        gradient: [..., P].
        max_norm: c > 0, a number or one for each run, [R, 1].
        out: where the result goes.
    """
    limit = cast(check_number("max_norm", max_norm, POSITIVE), gradient.dtype)
    return np.multiply(gradient, np.minimum(1, limit / (global_norm(gradient) + 1e-6)), out)


@quiet
def clip_by_value(gradient, limit, out=None):
    """Return the gradient [..., P] with each entry held to [-limit, limit]; its direction may change.

    Args:
        gradient: [..., P].
        limit: c > 0, a number or one for each run, [R, 1].
        out: where the result goes.
    """
    limit = cast(check_number("limit", limit, POSITIVE), gradient.dtype)
    return np.minimum(np.maximum(gradient, -limit), limit, out=out)


@quiet
def gradient_noise(gradient, t, eta, rng, out=None):
    """Return the gradient [..., P] plus Gaussian noise of variance η/(1+t)^0.55, which fades with the steps.

    One draw of P numbers serves all runs: racers meet the same noise, and each is what it would be alone with
    the same generator.

    Args:
        gradient: [..., P].
        t: 0-based step, at least 0.
        eta: variance η >= 0 at step 0, a number or one for each run, [R, 1].
        rng: `np.random.Generator`; P standard normal numbers are taken from it, for η = 0 as well.
        out: where the result goes.
    """
    deviation = root(check_number("eta", eta, NOT_NEGATIVE) / (1 + check_number("t", t, NOT_NEGATIVE)) ** NOISE_FADES)
    draw = rng.standard_normal(gradient.shape[-1])
    return np.add(gradient, cast(deviation * draw, gradient.dtype), out)


@quiet
def decoupled_decay(params, lr, decay, mask=None, out=None):
    """Return x(1-ηλ) [..., P]: weight decay beside the gradient step, as in AdamW, wherever `mask` is true.

    Args:
        params: x, [..., P].
        lr: learning rate η >= 0, a number or [R, 1].
        decay: λ >= 0, a number or [R, 1].
        mask: bool [P], true for the parameters that decay (weights, not biases); None for all.
        out: where the result goes.
    """
    shrink = 1 - check_number("lr", lr, NOT_NEGATIVE) * check_number("decay", decay, NOT_NEGATIVE)
    factor = cast(shrink, params.dtype)
    return np.multiply(params, factor if mask is None else np.where(mask, factor, cast(1, params.dtype)), out)
