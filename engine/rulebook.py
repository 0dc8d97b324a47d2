r"""The update written out: every line that an optimizer computes in one step, with its symbols and its numbers.

`OPTIMIZERS` is made to be fast: corrections are folded into one factor, buffers are used again. To be read, an update
is a few lines of algebra, as in the paper: Adam's two running means, the same two freed of their bias, the step. Here
each optimizer is such a list. A line's `formula` is LaTeX in which quantities stand as <name>; filled with the symbols
it reads as in the paper, filled with the numbers of one parameter it shows what was computed. That the last line is
what the optimizer really does, for every one of them, is what the tests hold.

`g` is the gradient that the optimizer is handed, t the number of the step counted from 1. L-BFGS and Newton mix all
parameters in one step: for them there is one line, without numbers to fill in.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from engine.optimizers import OPTIMIZERS

PLACE = re.compile(r"<(\w+)>")


class Line(NamedTuple):
    """One equation: `name` of the quantity it defines, its right side with <names>, and its value `[P]`."""

    name: str
    formula: str
    value: np.ndarray


class Sheet:
    """Known quantities and the lines so far. `symbols` are LaTeX, `values` numbers or arrays `[P]`."""

    def __init__(self, known: Mapping[str, tuple[str, Any]]):
        self.symbols = {name: symbol for name, (symbol, _) in known.items()}
        self.values: dict[str, Any] = {name: value for name, (_, value) in known.items()}
        self.lines: list[Line] = []

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def line(self, name: str, symbol: str, formula: str, value: Any) -> None:
        """Write the next equation; later ones may refer to it as <name>."""
        array = np.broadcast_to(np.asarray(value, dtype=np.float64), np.shape(self["x"]))
        self.symbols[name], self.values[name] = symbol, array
        self.lines.append(Line(name, formula, array))

    def filled(self, line: Line, texts: Mapping[str, str] | None = None) -> str:
        """The right side of a line with its symbols, or with `texts` in their place."""
        return PLACE.sub(lambda found: (texts or self.symbols)[found[1]], line.formula)


def write_out(
    optimizer: Any, params: np.ndarray, gradient: np.ndarray, before: Any, lr: float, update: np.ndarray
) -> Sheet:
    """The lines of one update of `params[P]` by `gradient[P]`; the last one, `u`, is what is added to the parameters.

    Args:
        optimizer: with single numbers as hyper-parameters.
        params: θ before the step.
        gradient: what the optimizer is handed, after clipping.
        before: its state before the step.
        lr: the learning rate of the step.
        update: what it did, for the optimizers whose update is no line of algebra.
    """
    name = next(key for key, kind in OPTIMIZERS.items() if type(optimizer) is kind)
    known = {"x": (r"\theta", params), "g": ("g", gradient), "lr": (r"\eta", lr), "t": ("t", before.t + 1)}
    for field, symbol in _SYMBOLS.items():
        if hasattr(optimizer, field):
            known[field] = (symbol, getattr(optimizer, field))
    sheet = Sheet(known)
    with np.errstate(all="ignore"):
        if name in _COUPLED and getattr(optimizer, "decay", 0.0):
            g = gradient + optimizer.decay * params
            sheet.line("h", r"\tilde g", r"<g> + <decay>\,<x>", g)
        else:
            sheet.symbols["h"], sheet.values["h"] = "g", gradient
        _RULES.get(name, lambda sheet, _before: sheet.line("u", "u", r"\eta\,d(<g>,\ \ldots)", update))(sheet, before)
    return sheet


_SYMBOLS = {
    "momentum": r"\mu",
    "dampening": r"\tau",
    "alpha": r"\alpha",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
    "eps": r"\varepsilon",
    "rho": r"\rho",
    "decay": r"\lambda",
    "etaplus": r"\eta^+",
    "etaminus": r"\eta^-",
    "momentum_decay": r"\psi",
    "lr_decay": r"\delta",
    "centered": r"\text{centered}",
    "step_size_min": r"\Delta_{min}",
    "step_size_max": r"\Delta_{max}",
}
_COUPLED = {"sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta"}
_COUPLED |= {"adam", "amsgrad", "adamax", "nadam", "radam"}


def _known(sheet: Sheet, name: str, symbol: str, value: Any) -> Any:
    sheet.symbols[name], sheet.values[name] = symbol, value
    return value


def _sgd(s: Sheet, _before: Any) -> None:
    s.line("u", "u", r"-<lr> \cdot <h>", -s["lr"] * s["h"])


def _velocity(s: Sheet, before: Any, damped: bool) -> Any:
    b0 = _known(s, "b0", r"b_{t-1}", before.velocity)
    if damped and before.t and s["dampening"]:
        formula = r"<momentum> \cdot <b0> + (1-<dampening>) \cdot <h>"
        s.line("b", "b", formula, s["momentum"] * b0 + (1 - s["dampening"]) * s["h"])
    else:
        s.line("b", "b", r"<momentum> \cdot <b0> + <h>", s["momentum"] * b0 + s["h"])
    return s["b"]


def _momentum(s: Sheet, before: Any) -> None:
    s.line("u", "u", r"-<lr> \cdot <b>", -s["lr"] * _velocity(s, before, damped=True))


def _nesterov(s: Sheet, before: Any) -> None:
    b = _velocity(s, before, damped=False)
    s.line("u", "u", r"-<lr> \left(<h> + <momentum> \cdot <b>\right)", -s["lr"] * (s["h"] + s["momentum"] * b))


def _adagrad(s: Sheet, before: Any) -> None:
    total = _known(s, "G0", r"G_{t-1}", before.squares)
    s.line("G", "G", r"<G0> + <h>^2", total + s["h"] ** 2)
    rate, value = "<lr>", s["lr"]
    if s["lr_decay"]:
        rate, value = r"\frac{<lr>}{1+(<t>-1)\,<lr_decay>}", s["lr"] / (1 + before.t * s["lr_decay"])
    s.line("u", "u", rf"-{rate}\,\frac{{<h>}}{{\sqrt{{<G>}}+<eps>}}", -value * s["h"] / (np.sqrt(s["G"]) + s["eps"]))


def _rmsprop(s: Sheet, before: Any) -> None:
    v0 = _known(s, "v0", r"v_{t-1}", before.v)
    s.line("v", "v", r"<alpha> \cdot <v0> + (1-<alpha>) \cdot <h>^2", s["alpha"] * v0 + (1 - s["alpha"]) * s["h"] ** 2)
    formula, scaled = r"\frac{<h>}{\sqrt{<v>}+<eps>}", s["h"] / (np.sqrt(s["v"]) + s["eps"])
    if s["centered"]:
        _mean(s, before, "alpha")
        formula = r"\frac{<h>}{\sqrt{<v>-<m>^2}+<eps>}"
        scaled = s["h"] / (np.sqrt(np.maximum(s["v"] - s["m"] ** 2, 0)) + s["eps"])
    if not s["momentum"]:
        s.line("u", "u", rf"-<lr>\,{formula}", -s["lr"] * scaled)
        return
    b0 = _known(s, "b0", r"b_{t-1}", before.velocity)
    s.line("b", "b", rf"<momentum> \cdot <b0> + {formula}", s["momentum"] * b0 + scaled)
    s.line("u", "u", r"-<lr> \cdot <b>", -s["lr"] * s["b"])


def _adadelta(s: Sheet, before: Any) -> None:
    v0, u0 = _known(s, "v0", r"v_{t-1}", before.v), _known(s, "w0", r"w_{t-1}", before.u)
    s.line("v", "v", r"<rho> \cdot <v0> + (1-<rho>) \cdot <h>^2", s["rho"] * v0 + (1 - s["rho"]) * s["h"] ** 2)
    ratio = np.sqrt(u0 + s["eps"]) / np.sqrt(s["v"] + s["eps"])
    s.line("d", "d", r"\frac{\sqrt{<w0>+<eps>}}{\sqrt{<v>+<eps>}} \cdot <h>", ratio * s["h"])
    s.line("w", "w", r"<rho> \cdot <w0> + (1-<rho>) \cdot <d>^2", s["rho"] * u0 + (1 - s["rho"]) * s["d"] ** 2)
    s.line("u", "u", r"-<lr> \cdot <d>", -s["lr"] * s["d"])


def _mean(s: Sheet, before: Any, keep: str = "beta1") -> None:
    m0, kept = _known(s, "m0", r"m_{t-1}", before.m), s[keep]
    s.line("m", "m", rf"<{keep}> \cdot <m0> + (1-<{keep}>) \cdot <h>", kept * m0 + (1 - kept) * s["h"])


def _square(s: Sheet, before: Any) -> None:
    v0, kept = _known(s, "v0", r"v_{t-1}", before.v), s["beta2"]
    s.line("v", "v", r"<beta2> \cdot <v0> + (1-<beta2>) \cdot <h>^2", kept * v0 + (1 - kept) * s["h"] ** 2)


def _corrected(s: Sheet, name: str, symbol: str, source: str, keep: str) -> None:
    s.line(name, symbol, rf"\frac{{<{source}>}}{{1-<{keep}>^{{<t>}}}}", s[source] / (1 - s[keep] ** s["t"]))


def _adam_step(s: Sheet) -> Any:
    return -s["lr"] * s["mh"] / (np.sqrt(s["vh"]) + s["eps"])


_ADAM_STEP = r"-<lr>\,\frac{<mh>}{\sqrt{<vh>}+<eps>}"


def _adam_means(s: Sheet, before: Any) -> None:
    _mean(s, before)
    _square(s, before)
    _corrected(s, "mh", r"\hat m", "m", "beta1")
    _corrected(s, "vh", r"\hat v", "v", "beta2")


def _adam(s: Sheet, before: Any) -> None:
    _adam_means(s, before)
    s.line("u", "u", _ADAM_STEP, _adam_step(s))


def _adamw(s: Sheet, before: Any) -> None:
    _adam_means(s, before)
    s.line("u", "u", _ADAM_STEP + r" - <lr> \cdot <decay> \cdot <x>", _adam_step(s) - s["lr"] * s["decay"] * s["x"])


def _amsgrad(s: Sheet, before: Any) -> None:
    _mean(s, before)
    _square(s, before)
    largest = _known(s, "M0", r"M_{t-1}", before.v_max)
    s.line("M", "M", r"\max(<M0>,\ <v>)", np.maximum(largest, s["v"]))
    _corrected(s, "mh", r"\hat m", "m", "beta1")
    _corrected(s, "vh", r"\hat v", "M", "beta2")
    s.line("u", "u", _ADAM_STEP, _adam_step(s))


def _adamax(s: Sheet, before: Any) -> None:
    _mean(s, before)
    u0 = _known(s, "w0", r"w_{t-1}", before.u)
    largest = np.maximum(s["beta2"] * u0, np.abs(s["h"]) + s["eps"])
    s.line("w", "w", r"\max(<beta2> \cdot <w0>,\ |<h>|+<eps>)", largest)
    _corrected(s, "mh", r"\hat m", "m", "beta1")
    s.line("u", "u", r"-<lr>\,\frac{<mh>}{<w>}", -s["lr"] * s["mh"] / s["w"])


def _nadam(s: Sheet, before: Any) -> None:
    _mean(s, before)
    _square(s, before)
    now, following = (s["beta1"] * (1 - 0.5 * 0.96 ** (t * s["momentum_decay"])) for t in (s["t"], s["t"] + 1))
    product = before.mu_product * now
    _known(s, "mu", r"\mu_t", now)
    _known(s, "mu1", r"\mu_{t+1}", following)
    _known(s, "pi", r"\Pi_t", product)
    formula = r"\frac{<mu1> \cdot <m>}{1-<pi> \cdot <mu1>} + \frac{(1-<mu>) \cdot <h>}{1-<pi>}"
    s.line(
        "mh", r"\hat m", formula, following * s["m"] / (1 - product * following) + (1 - now) * s["h"] / (1 - product)
    )
    _corrected(s, "vh", r"\hat v", "v", "beta2")
    s.line("u", "u", _ADAM_STEP, _adam_step(s))


def _radam(s: Sheet, before: Any) -> None:
    _mean(s, before)
    _square(s, before)
    _corrected(s, "mh", r"\hat m", "m", "beta1")
    fade, limit = s["beta2"] ** s["t"], 2 / (1 - s["beta2"]) - 1
    rho = limit - 2 * s["t"] * fade / (1 - fade)
    if rho <= 5:
        s.line("u", "u", r"-<lr> \cdot <mh>", -s["lr"] * s["mh"])
        return
    r = _known(s, "r", "r", math.sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho)))
    root = math.sqrt(1 - fade) / (np.sqrt(s["v"]) + s["eps"])
    formula = r"-<lr> \cdot <mh> \cdot \frac{<r>\sqrt{1-<beta2>^{<t>}}}{\sqrt{<v>}+<eps>}"
    s.line("u", "u", formula, -s["lr"] * s["mh"] * r * root)


def _rprop(s: Sheet, before: Any) -> None:
    sizes = np.full_like(before.sizes, s["lr"]) if before.t == 0 else before.sizes
    size = _known(s, "d0", r"\Delta_{t-1}", sizes)
    earlier = _known(s, "g0", r"g_{t-1}", before.gradient)
    sign = np.sign(s["g"]) * np.sign(earlier)
    s.line("s", "s", r"\mathrm{sign}(<g>) \cdot \mathrm{sign}(<g0>)", sign)
    factor = np.where(sign > 0, s["etaplus"], np.where(sign < 0, s["etaminus"], 1.0))
    s.line("f", "f", r"<etaplus>\text{ if }s>0,\ <etaminus>\text{ if }s<0,\text{ else }1", factor)
    sizes = np.clip(size * factor, s["step_size_min"], s["step_size_max"])
    s.line("d", r"\Delta", r"<d0> \cdot <f>", sizes)
    step = np.where(sign < 0, 0.0, -s["d"] * np.sign(s["g"]))
    s.line("u", "u", r"-<d> \cdot \mathrm{sign}(<g>)\text{, or 0 where }s<0", step)


def _lion(s: Sheet, before: Any) -> None:
    m0 = _known(s, "m0", r"m_{t-1}", before.m)
    mix = s["beta1"] * m0 + (1 - s["beta1"]) * s["h"]
    s.line("c", "c", r"<beta1> \cdot <m0> + (1-<beta1>) \cdot <h>", mix)
    _mean(s, before, "beta2")
    if s["decay"]:
        step = -s["lr"] * (np.sign(mix) + s["decay"] * s["x"])
        s.line("u", "u", r"-<lr> \left(\mathrm{sign}(<c>) + <decay> \cdot <x>\right)", step)
    else:
        s.line("u", "u", r"-<lr> \cdot \mathrm{sign}(<c>)", -s["lr"] * np.sign(mix))


_RULES: dict[str, Callable[[Sheet, Any], None]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adadelta": _adadelta,
    "adam": _adam,
    "amsgrad": _amsgrad,
    "adamw": _adamw,
    "adamax": _adamax,
    "nadam": _nadam,
    "radam": _radam,
    "rprop": _rprop,
    "lion": _lion,
}
