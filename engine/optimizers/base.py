"""What all optimizers share: the update round the step that each of them computes, and its arithmetic.

What a race of runs computes is bit by bit what a loop over them computes. A hyper-parameter is a number or, for each
run its own, an array [R, 1]. What is derived from it (1 - β, a bias correction βᵗ) is computed in float64, run by run
exactly as for a single run, and only then rounded to the type of the parameters by `cast`: hence an array of learning
rates gives what a loop over them gives, and float32 parameters stay float32 (a NumPy float64 scalar would promote
them, NEP 50).
"""

import math
from dataclasses import fields

import numpy as np

from engine.optimizers.hyperparameters import validate

quiet = np.errstate(all="ignore")  # a run that diverges overflows to inf; inf is the message, not a warning
# cast(value, dtype): a number becomes a 0-d array, which keeps float32 and is twice as fast as a Python float
cast = np.asarray


class Optimizer:
    """What a frozen dataclass of hyper-parameters needs to be an optimizer, beside `state` and `step` of its own."""

    needs_hessian = False  #: whether `update` and `step` also take `hessian` [..., P, P]

    def __post_init__(self):
        validate(self)

    def init(self, params):
        """Return the state before the first step of params [..., P]: no step made, and all its arrays zero.

        Raises:
            ValueError: unless they are floats with the run axes of all hyper-parameters.
        """
        if not isinstance(params, np.ndarray) or params.dtype.kind != "f" or params.ndim == 0:
            raise ValueError(f"params must be an array of floats, [..., P], got {params!r}")
        shape = run_shape(self, params.shape)
        if shape != params.shape:
            raise ValueError(f"params of shape {params.shape} must carry the run axes of the optimizer: {shape}")
        return self.state(0, *(np.zeros_like(params) for _ in self.state._fields[1:]))

    @quiet
    def update(self, params, gradient, state, *, lr=None, **curvature):
        """Return params - step [..., P] and the next state; `lr` replaces the learning rate."""
        step, state = self.step(params, gradient, state, self.lr if lr is None else lr, **curvature)
        return params - step, state

    def stability_limit(self, lr):
        """Return the sharpness above which the steps along the sharpest direction grow, for rates lr > 0 [...].

        nan where there is no such line: an optimizer that scales every parameter by itself has one on its own,
        preconditioned Hessian.
        """
        return np.full(np.shape(lr), np.nan)

    small_batch_limit = stability_limit  #: where the batch sharpness settles with small batches


def run_shape(optimizer, shape):
    """Return the shape of parameters broadcast against the optimizer's arrays: [P] and lr [R, 1] give [R, P].

    Raises:
        ValueError: naming the first hyper-parameter whose run axes do not fit.
    """
    for f in fields(optimizer):
        value = getattr(optimizer, f.name)
        if isinstance(value, np.ndarray):
            try:
                shape = np.broadcast_shapes(shape, value.shape)
            except ValueError:
                raise ValueError(f"{f.name} of shape {value.shape} does not fit parameters of shape {shape}") from None
    return shape


def each_run(function, a, b):
    """Return function(a, b) of Python numbers; where one is an array, element by element, as float64.

    `np.power` of an array may differ from `pow` of a number in the last bit; a race must not.
    """
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.frompyfunc(function, 2, 1)(a, b).astype(np.float64)
    return function(a, b)


def root(value):
    """Return √value of a number or an array (correctly rounded, hence the same for both)."""
    return np.sqrt(value) if isinstance(value, np.ndarray) else math.sqrt(value)


def with_decay(gradient, params, decay):
    """Return g + λx [..., P], weight decay coupled to the gradient; where λ is the number 0, g itself."""
    if is_off(decay):
        return gradient
    return gradient + cast(decay, params.dtype) * params


def is_off(value):
    """Return whether a hyper-parameter is the number 0, so that its term can be left out."""
    return isinstance(value, float) and value == 0.0


def running_mean(mean, value, keep):
    """Return keep·mean + (1-keep)·value [..., P], the next value of an exponential moving average."""
    updated = mean * cast(keep, mean.dtype)
    updated += value * cast(1 - keep, mean.dtype)
    return updated
