"""Hyper-parameters that know what they mean and where they are valid.

An optimizer is a frozen dataclass whose fields are its hyper-parameters. `number`, `count` and `switch` declare one,
once for everybody: default, range, label and step of its control, symbol in formulas, meaning. `validate` (the
dataclasses' `__post_init__`) holds every value to its range, and `hyper_parameters` hands the declarations on to the
settings, the controls and the formulas. The options of a loss and of a schedule are declared by `option` alike.

One value may stand for all runs or, as an array [R, 1], for each run its own: a race of R learning rates is one update.
"""

import math
from dataclasses import field, fields
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    """The numbers from `low` to `high`, both ends in it but for ∞ and an `open` low one. `str` writes it as [0, ∞)."""

    low: float
    high: float
    open: bool = False

    def __contains__(self, value):
        above = self.low < value if self.open else self.low <= value
        return above and value <= self.high and value < math.inf

    def __str__(self):
        high = "∞)" if math.isinf(self.high) else f"{self.high:g}]"
        return f"{'[('[self.open]}{self.low:g}, {high}"


POSITIVE = Interval(0, math.inf, open=True)
NOT_NEGATIVE = Interval(0, math.inf)


class HyperParameter(NamedTuple):
    """One declaration: what settings, controls and formulas need to know of a hyper-parameter or an option.

    Attributes:
        name: the argument of the optimizer, the loss or the schedule.
        kind: float for a number, int for a count, bool for a switch.
        default: its value where nothing is said; None is left to the schedule, which finds one that suits the run.
        interval: the range, both ends in it; None for a switch.
        label: the name beside the control.
        step: by how much the control counts up and down; None for a switch.
        symbol: LaTeX.
        meaning: one sentence, plain words first.
        key: its name in the link; `name` but where that would say too little.
        on_network: the default in the training of a network; `default` but where that would not do.
        unless: the name of the switch that puts it out of use; empty if none does.
    """

    name: str
    kind: type
    default: float | int | bool | None
    interval: Interval | None
    label: str
    step: float | None
    symbol: str
    meaning: str
    key: str
    on_network: float | int | bool | None
    unless: str

    def checked(self, value):
        """Return `value` as a Python number or a read-only array; ValueError naming it and the range otherwise."""
        if self.kind is bool:
            return check_switch(self.name, value)
        return (check_count if self.kind is int else check_number)(self.name, value, self.interval)


def option(name, kind, default, ends, label, step, symbol, meaning, *, key="", on_network=None, unless=""):
    """Return a `HyperParameter`, its range given as (low, high); `key` and `on_network` follow where left out."""
    network = default if on_network is None else on_network
    interval = ends and Interval(*ends)
    return HyperParameter(name, kind, default, interval, label, step, symbol, meaning, key or name, network, unless)


def number(default, ends, label, step, symbol, meaning, **more):
    """Declare a dataclass field that holds a number, one or one for each run; arguments as in `option`."""
    return _declared(option("", float, default, ends, label, step, symbol, meaning, **more))


def count(default, ends, label, step, symbol, meaning, **more):
    """Declare a dataclass field that holds a whole number; arguments as in `option`."""
    return _declared(option("", int, default, ends, label, step, symbol, meaning, **more))


def switch(default, label, symbol, meaning, **more):
    """Declare a dataclass field that is True or False; arguments as in `option`."""
    return _declared(option("", bool, default, None, label, None, symbol, meaning, **more))


def _declared(parameter):
    return field(default=parameter.default, metadata={"declared": parameter})


def learning_rate(default, meaning):
    """Declare the learning rate η, which every optimizer has."""
    return number(default, (1e-8, 1000), "Learning rate", 0.01, r"\eta", meaning)


def momentum(default=0.9, meaning="Share of the velocity that is kept, μ: gradients add up to 1/(1-μ) times."):
    """Declare the momentum μ."""
    return number(default, (0, 0.9999), "Momentum μ", 0.05, r"\mu", meaning)


def beta1(default=0.9, meaning="Memory of the running mean of gradients, β1: about 1/(1-β1) steps."):
    """Declare the β1 of Adam's family."""
    return number(default, (0, 0.9999), "Memory β1", 0.05, r"\beta_1", meaning)


def beta2(default=0.999, meaning="Memory of the running mean of squared gradients, β2: about 1/(1-β2) steps."):
    """Declare the β2 of Adam's family."""
    return number(default, (0, 0.99999), "Memory β2", 0.01, r"\beta_2", meaning)


def epsilon(default, meaning="Keeps the division finite where squared gradients are tiny: ε, added to the root."):
    """Declare the ε beside a root."""
    return number(default, (0, 1), "Epsilon ε", 1e-8, r"\varepsilon", meaning)


def weight_decay(default=0.0, meaning="Pulls every parameter to zero: weight decay λ, which adds λx to the gradient."):
    """Declare the weight decay λ."""
    return number(default, (0, 10), "Weight decay λ", 0.001, r"\lambda", meaning)


def hyper_parameters(optimizer):
    """Return the `HyperParameter`s of an optimizer (class or instance), in the order they are declared."""
    return tuple(f.metadata["declared"]._replace(name=f.name, key=f.name) for f in fields(optimizer))


def fixed_in_a_race(optimizer):
    """Return the names of the hyper-parameters that are one for all runs of an update: counts and switches."""
    return tuple(parameter.name for parameter in hyper_parameters(optimizer) if parameter.kind is not float)


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
    value = value.item() if isinstance(value, np.ndarray) else value
    if not isinstance(value, Real) or isinstance(value, bool | np.bool) or value not in interval:
        raise ValueError(f"{name} must be a number in {interval}, got {value!r}")
    return float(value)


def _check_runs(name, value, interval):
    array = np.array(value)
    if array.shape[-1] != 1:
        raise ValueError(f"{name} has shape {array.shape}: one value a run needs shape [..., 1]")
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name} must hold numbers in {interval}, got an array of {array.dtype}")
    for each in array.ravel().tolist():
        if each not in interval:
            raise ValueError(f"{name} must hold numbers in {interval}, got {each!r} among them")
    array = array.astype(np.float64)
    array.flags.writeable = False
    return array
