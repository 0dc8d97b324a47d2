"""One control for each setting of an experiment, and what it says.

What a setting may be stands in `engine.experiment.experiment`; here is only how it is shown: its label, its kind of
widget, and a handy step. Every control is keyed by the setting's name in the link and bound to it. Options
are the stable names of the link too, because Streamlit writes into the address what it shows.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import streamlit as st

from engine.experiment import KEYS, Experiment, setting
from engine.experiment.fields import AUTO
from pages.common.link.changes import touched
from pages.common.link.link import shown


class Control(NamedTuple):
    """How a setting is shown: `kind` is a key of `_KINDS`, `step` that of a number, `options` suggest."""

    label: str
    kind: str
    step: float | None = None
    options: tuple[str, ...] = ()


CONTROLS = {
    "data": Control("Data set", "choice"),
    "samples": Control("Points", "whole", 50),
    "noise": Control("Noise", "slider", 0.05),
    "test": Control("Test part", "slider", 0.05),
    "features": Control("Inputs", "several"),
    "arch": Control("Hidden layers", "text"),
    "act": Control("Activation", "choice"),
    "out": Control("Output activation", "choice"),
    "init": Control("Initialisation", "choice"),
    "scale": Control("Weight scale", "real", 0.1),
    "bias": Control("Initial bias", "real", 0.1),
    "norm": Control("Normalisation", "choice"),
    "residual": Control("Residual", "choice"),
    "dropout": Control("Dropout", "slider", 0.05),
    "loss": Control("Loss", "choice"),
    "smoothing": Control("Label smoothing", "real", 0.05),
    "delta": Control("Huber's δ", "real", 0.1),
    "focal": Control("Focus γ", "real", 0.5),
    "l1": Control("L1 penalty", "real", 0.001),
    "l2": Control("L2 penalty", "real", 0.001),
    "optimizer": Control("Optimizer", "choice"),
    "lr": Control("Learning rate", "real", 0.01),
    "momentum": Control("Momentum μ", "real", 0.05),
    "nesterov": Control("Nesterov", "truth"),
    "dampening": Control("Dampening τ", "real", 0.1),
    "alpha": Control("Memory α", "real", 0.01),
    "centered": Control("Centered", "truth"),
    "beta1": Control("Memory β1", "real", 0.05),
    "beta2": Control("Memory β2", "real", 0.01),
    "eps": Control("Epsilon ε", "real", 1e-8),
    "rho": Control("Memory ρ", "real", 0.05),
    "momentum_decay": Control("Momentum warm-up ψ", "real", 0.001),
    "lr_decay": Control("Rate decay δ", "real", 0.001),
    "initial_accumulator_value": Control("Squares start at", "real", 0.1),
    "etaminus": Control("Turn factor η⁻", "real", 0.1),
    "etaplus": Control("Growth factor η⁺", "real", 0.1),
    "step_size_min": Control("Smallest step", "real", 1e-6),
    "step_size_max": Control("Largest step", "real", 1.0),
    "history_size": Control("Steps remembered", "whole", 5),
    "damping": Control("Damping λ", "real", 0.01),
    "decay": Control("Weight decay λ", "real", 0.001),
    "schedule": Control("Schedule", "choice"),
    "gamma": Control("Drop factor γ", "real", 0.1),
    "period": Control("Period", "whole", 10),
    "power": Control("Power p", "real", 0.5),
    "stretch": Control("Stretch", "whole", 1),
    "floor": Control("Lowest share", "real", 0.05),
    "plateau": Control("Epochs to wait", "whole", 1),
    "threshold": Control("Least gain", "real", 1e-4),
    "warmup": Control("Warm-up steps", "whole", 10),
    "clip": Control("Clip gradient at", "real", 0.5),
    "clip_by": Control("Clip by", "choice"),
    "gradient_noise": Control("Gradient noise η", "real", 0.01),
    "batch": Control("Batch", "open", options=("full", "1", "8", "16", "32", "64", "128")),
    "steps": Control("Steps", "whole", 100),
    "patience": Control("Patience", "whole", 10),
    "seed": Control("Seed", "whole", 1),
}
FIELDS = {key: setting(key) for key in KEYS}
_NAME = f"({'|'.join(FIELDS['act'].options)})"
ACTIVATIONS = (rf"^({_NAME}(-{_NAME})*)?$", "Names such as tanh-relu, one for each hidden layer")
ARCHITECTURE = (r"^(none|\d{1,4}(-\d{1,4})*)$", "Widths such as 8-8, or none")


def control(key: str, *, default: Any, options: Iterable[str] = (), on_change: Callable[[str], None] = touched) -> Any:
    """Show the control of a setting and return its value, as `shown` gives it.

    `default` is the value that the link leaves out; `options` narrows a choice to some of the setting's own, and
    `on_change` is called with the key.
    """
    how = CONTROLS[key]
    common = {"key": key, "bind": "query-params", "help": FIELDS[key].help, "on_change": on_change, "args": (key,)}
    return _KINDS[how.kind](how, FIELDS[key], shown(key, default), tuple(options), common)


def taken(values: dict[str, Any]) -> Experiment:
    """The experiment that the controls describe; what is not shown has its default. Never raises."""
    return Experiment.from_params({key: said(key, value) for key, value in values.items()})


def said(key: str, value: Any) -> str:
    """The value of a control as the link writes it."""
    return (
        "-".join(value) if isinstance(value, list) else value if isinstance(value, str) else FIELDS[key].format(value)
    )


def _choice(how, field, default, options, common) -> str:
    options = options or field.options
    return st.selectbox(how.label, options, index=options.index(default), **common)


def _open(how, _field, default, _options, common) -> str:
    at = how.options.index(default)
    return st.selectbox(how.label, how.options, index=at, accept_new_options=True, filter_mode="prefix", **common)


def _several(how, field, default, _options, common) -> list[str]:
    return list(st.pills(how.label, field.options, selection_mode="multi", default=default, **common)) or default


def _text(how, _field, default, _options, common) -> str:
    return st.text_input(how.label, default, validate=ARCHITECTURE, **common)


def _slider(how, field, default, _options, common) -> float:
    return st.slider(how.label, float(field.low), float(field.high), default, how.step, format="%g", **common)


def _real(how, field, default, _options, common) -> float:
    low, high = float(field.low), float(field.high)
    return st.number_input(how.label, low, high, default, how.step, format="%g", placeholder=AUTO, **common)


def _whole(how, field, default, _options, common) -> int:
    return st.number_input(how.label, field.low, field.high, default, int(how.step), placeholder=AUTO, **common)


def _truth(how, _field, default, _options, common) -> bool:
    return st.toggle(how.label, default, **common)


_KINDS = {
    "choice": _choice,
    "open": _open,
    "several": _several,
    "text": _text,
    "slider": _slider,
    "real": _real,
    "whole": _whole,
    "truth": _truth,
}
