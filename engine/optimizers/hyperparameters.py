"""Hyper-parameters that know what they mean, where they are valid, and that they may differ from run to run.

An optimizer is a frozen dataclass whose fields are its hyper-parameters. `hyper` declares one of them, once for
everybody: its default, its range, its meaning, its label and step as a control, its symbol in a formula. `validate`
(the dataclasses' `__post_init__`) holds every value to that range, and `hyper_parameters` hands the declarations to
the settings, the controls and the formulas. The options of a loss and of a schedule are declared by `option` alike.

One value may stand for all runs or, as an array [R, 1], for each run its own: a race of R learning rates is one update.
What is derived from a hyper-parameter (1 - β, a bias correction βᵗ) is computed in float64, run by run exactly as for
a single run, and only then rounded to the type of the parameters by `cast`: hence an array of learning rates gives bit
by bit what a loop over them gives, and float32 parameters stay float32 (a NumPy float64 scalar would promote them,
NEP 50).
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
    """The numbers a value may be, from `low` to `high`; the ends belong to it or not. `str` writes it as [0, 1)."""

    low: float
    high: float
    low_included: bool = True
    high_included: bool = True

    def __contains__(self, value):
        above = self.low <= value if self.low_included else self.low < value
        below = value <= self.high if self.high_included else value < self.high
        return above and below

    def __str__(self):
        ends = ("∞" if math.isinf(end) else f"{end:g}" for end in (self.low, self.high))
        return f"{'(['[self.low_included]}{', '.join(ends)}{')]'[self.high_included]}"


POSITIVE = Interval(0, math.inf, low_included=False, high_included=False)
NOT_NEGATIVE = Interval(0, math.inf, high_included=False)


class HyperParameter(NamedTuple):
    """One declaration: what settings, controls and formulas need to know of a hyper-parameter or an option.

    Attributes:
        name: the argument of the optimizer, the loss or the schedule.
        kind: float for a number, int for a count, bool for a switch.
        default: its value where nothing is said; None is left to the schedule, which finds one that suits the run.
        interval: the range, both ends in it; None for a switch.
        meaning: one sentence, plain words first.
        label: the name beside the control.
        step: by how much the control counts up and down; None for a switch.
        symbol: LaTeX.
        key: its name in the link; `name` but where that would say too little.
        on_network: the default in the training of a network; `default` but where that would not do.
        unless: the name of the switch that puts it out of use; empty if none does.
    """

    name: str
    kind: type
    default: float | int | bool | None
    interval: Interval | None
    meaning: str
    label: str
    step: float | None = None
    symbol: str = ""
    key: str = ""
    on_network: float | int | bool | None = None
    unless: str = ""

    def checked(self, value):
        """Return `value` as a Python number or a read-only array; ValueError naming it and the range otherwise."""
        if value is None and self.default is None:
            return None
        if self.kind is bool:
            return check_switch(self.name, value)
        return (check_count if self.kind is int else check_number)(self.name, value, self.interval)


def option(name, kind, default, interval, meaning, *, label, step=None, symbol="", key="", on_network=None, unless=""):
    """Return the `HyperParameter` with the link's key and the network's default filled in."""
    network = default if on_network is None else on_network
    return HyperParameter(name, kind, default, interval, meaning, label, step, symbol, key or name, network, unless)


def hyper(default, interval, meaning, **more):
    """Declare a dataclass field, a switch where `interval` is None. `more`: as in `option`, from `label` on."""
    return field(default=default, metadata={"interval": interval, "meaning": meaning} | more)


def hyper_parameters(optimizer):
    """Return the `HyperParameter`s of an optimizer (class or instance), in the order they are declared."""
    return tuple(option(f.name, type(f.default), f.default, **f.metadata) for f in fields(optimizer))


def fixed_in_a_race(optimizer):
    """Return the names of the hyper-parameters that are one for all runs of an update: counts and switches."""
    return tuple(parameter.name for parameter in hyper_parameters(optimizer) if parameter.kind is not float)


def learning_rate(default, meaning):
    """Declare the learning rate η, which every optimizer has."""
    return hyper(default, Interval(1e-8, 1000), meaning, label="Learning rate", step=0.01, symbol=r"\eta")


def momentum_share(default, meaning="Share of the velocity that is kept, μ: gradients add up to 1/(1-μ) times."):
    """Declare the momentum μ."""
    return hyper(default, Interval(0, 0.9999), meaning, label="Momentum μ", step=0.05, symbol=r"\mu")


def mean_memory(default=0.9, meaning="Memory of the running mean of gradients, β1: about 1/(1-β1) steps."):
    """Declare the β1 of Adam's family."""
    return hyper(default, Interval(0, 0.9999), meaning, label="Memory β1", step=0.05, symbol=r"\beta_1")


def square_memory(default=0.999, meaning="Memory of the running mean of squared gradients, β2: about 1/(1-β2) steps."):
    """Declare the β2 of Adam's family."""
    return hyper(default, Interval(0, 0.99999), meaning, label="Memory β2", step=0.01, symbol=r"\beta_2")


def epsilon(default, meaning="Keeps the division finite where squared gradients are tiny: ε, added to the root."):
    """Declare the ε beside a root."""
    return hyper(default, Interval(0, 1), meaning, label="Epsilon ε", step=1e-8, symbol=r"\varepsilon")


def weight_decay(default=0.0, meaning="Pulls every parameter to zero: weight decay λ, which adds λx to the gradient."):
    """Declare the weight decay λ."""
    return hyper(default, Interval(0, 10), meaning, label="Weight decay λ", step=0.001, symbol=r"\lambda")


def validate(optimizer):
    """Hold every field of a frozen dataclass to its range; store it as a Python number or a read-only array.

    Raises:
        ValueError: naming the field, the value and the range.
    """
    for parameter in hyper_parameters(optimizer):
        object.__setattr__(optimizer, parameter.name, parameter.checked(getattr(optimizer, parameter.name)))


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


def start_at_zero(optimizer, params):
    """Return the state before the first step of params [..., P]: no step made, and all its arrays zero."""
    require_runs(optimizer, params)
    return optimizer.state(0, *(np.zeros_like(params) for _ in optimizer.state._fields[1:]))


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
