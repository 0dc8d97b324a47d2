"""Hyper-parameters that know what they mean, where they are valid, and that they may differ from run to run.

An optimizer is a frozen dataclass whose fields are its hyper-parameters. `hyper` declares one of them with
its range and one line of meaning; `validate` (the dataclasses' `__post_init__`) holds every value to that
range; and `hyper_parameters` hands the same facts to whoever draws the controls, so that no range is written
down twice.

One value may stand for all runs or, as an array [R, 1], for each run its own: a race of R learning rates is
one update. What is derived from a hyper-parameter (1 - β, a bias correction βᵗ) is computed in float64, run
by run exactly as for a single run, and only then rounded to the type of the parameters by `cast`: hence an
array of learning rates gives bit by bit what a loop over them gives, and float32 parameters stay float32
(a NumPy float64 scalar would promote them, NEP 50).
"""

import math
from dataclasses import field, fields
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np

quiet = np.errstate(all="ignore")  # a run that diverges overflows to inf; inf is the message, not a warning
# cast(value, dtype): a number becomes a 0-d array, which keeps float32 and is twice as fast as a Python float
cast = np.asarray


class Interval(NamedTuple):
    """The numbers a hyper-parameter may be; the ends belong to it or not. `str` writes it as [0, 1)."""

    low: float
    high: float
    low_included: bool = True
    high_included: bool = False

    def __contains__(self, value):
        above = self.low <= value if self.low_included else self.low < value
        below = value <= self.high if self.high_included else value < self.high
        return above and below

    def __str__(self):
        ends = ("∞" if math.isinf(end) else f"{end:g}" for end in (self.low, self.high))
        return f"{'(['[self.low_included]}{', '.join(ends)}{')]'[self.high_included]}"


POSITIVE = Interval(0, math.inf, low_included=False)
NOT_NEGATIVE = Interval(0, math.inf)
FRACTION = Interval(0, 1)
UNIT = Interval(0, 1, high_included=True)


class HyperParameter(NamedTuple):
    """What a control needs to know; `interval` is None for a switch, and `default` is an int for a count."""

    name: str
    default: float | int | bool
    interval: Interval | None
    meaning: str


def hyper(default, interval, meaning):
    """Declare a dataclass field: default, `Interval` (None: a switch) and meaning in one line."""
    return field(default=default, metadata={"interval": interval, "meaning": meaning})


def hyper_parameters(optimizer):
    """Return the `HyperParameter`s of an optimizer (class or instance), in the order they are declared."""
    return tuple(
        HyperParameter(f.name, f.default, f.metadata["interval"], f.metadata["meaning"]) for f in fields(optimizer)
    )


def validate(optimizer):
    """Hold every field of a frozen dataclass to its range; store it as a Python number or a read-only array.

    Raises:
        ValueError: naming the field, the value and the range.
    """
    for name, default, interval, _ in hyper_parameters(optimizer):
        value = getattr(optimizer, name)
        if interval is None:
            checked = check_switch(name, value)
        elif isinstance(default, int):
            checked = check_count(name, value, interval)
        else:
            checked = check_number(name, value, interval)
        object.__setattr__(optimizer, name, checked)


def check_switch(name, value):
    """Return `value` as a bool; ValueError if it is anything else."""
    if not isinstance(value, bool | np.bool):
        raise ValueError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def check_count(name, value, interval):
    """Return `value` as an int in the interval; ValueError otherwise."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value not in interval:
        raise ValueError(f"{name} must be a whole number in {interval}, got {value!r}")
    return int(value)


def check_number(name, value, interval):
    """Return `value` as a float or, given an array of shape [..., 1], as a read-only float64 copy.

    Raises:
        ValueError: if a number is NaN or outside the interval, or if an array's last axis is not of length 1.
    """
    if isinstance(value, np.ndarray | list | tuple) and np.ndim(value) > 0:
        return _check_runs(name, value, interval)
    number = value.item() if isinstance(value, np.ndarray) else value
    if not isinstance(number, Real) or isinstance(number, bool | np.bool) or number not in interval:
        raise ValueError(f"{name} must be a number in {interval}, got {number!r}")
    return float(number)


def _check_runs(name, value, interval):
    array = np.array(value)
    if array.shape[-1] != 1:
        raise ValueError(f"{name} has shape {array.shape}: one value a run needs shape [..., 1]")
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name} must hold numbers in {interval}, got an array of {array.dtype}")
    for number in array.ravel().tolist():
        if number not in interval:
            raise ValueError(f"{name} must hold numbers in {interval}, got {number!r} among them")
    array = array.astype(np.float64)
    array.flags.writeable = False
    return array


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


def require_runs(optimizer, params):
    """Raise ValueError unless `params` are floats with the run axes of all hyper-parameters, as the state."""
    if not isinstance(params, np.ndarray) or params.dtype.kind != "f" or params.ndim == 0:
        raise ValueError(f"params must be an array of floats, [..., P], got {params!r}")
    shape = run_shape(optimizer, params.shape)
    if shape != params.shape:
        raise ValueError(f"params of shape {params.shape} must carry the run axes of the optimizer: {shape}")


def zeros(optimizer, params):
    """Return zeros of the shape and type of `params` [..., P], for a state; ValueError as `require_runs`."""
    require_runs(optimizer, params)
    return np.zeros_like(params)


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
