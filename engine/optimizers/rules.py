"""The rules of the optimizers as lines of algebra, with the symbols of the papers.

A rule writes on a `Sheet` what one step computes, down to the line `u`, which is added to the parameters:

    rule(sheet, before)            # before: the optimizer's state before the step

On the sheet it finds the parameters x, the gradient g, h, which is g with coupled weight decay, the learning rate lr,
the number t of the step counted from 1, and the hyper-parameters by their names; what the optimizer remembers, the rule
takes up from its state. The papers are named beside the optimizers. L-BFGS and Newton have no rule here.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.optimizers.equations import Sheet


def _sgd(s: Sheet, _before: Any) -> None:
    s.line("u", "u", r"-<lr> \cdot <h>", -s["lr"] * s["h"])


def _velocity(s: Sheet, before: Any, damped: bool) -> Any:
    b0 = s.know("b0", r"b_{t-1}", before.velocity)
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
    total = s.know("G0", r"G_{t-1}", before.squares)
    s.line("G", "G", r"<G0> + <h>^2", total + s["h"] ** 2)
    rate, value = "<lr>", s["lr"]
    if s["lr_decay"]:
        rate, value = r"\frac{<lr>}{1+(<t>-1)\,<lr_decay>}", s["lr"] / (1 + before.t * s["lr_decay"])
    s.line("u", "u", rf"-{rate}\,\frac{{<h>}}{{\sqrt{{<G>}}+<eps>}}", -value * s["h"] / (np.sqrt(s["G"]) + s["eps"]))


def _rmsprop(s: Sheet, before: Any) -> None:
    v0 = s.know("v0", r"v_{t-1}", before.v)
    s.line("v", "v", r"<alpha> \cdot <v0> + (1-<alpha>) \cdot <h>^2", s["alpha"] * v0 + (1 - s["alpha"]) * s["h"] ** 2)
    formula, scaled = r"\frac{<h>}{\sqrt{<v>}+<eps>}", s["h"] / (np.sqrt(s["v"]) + s["eps"])
    if s["centered"]:
        _mean(s, before, "alpha")
        formula = r"\frac{<h>}{\sqrt{<v>-<m>^2}+<eps>}"
        scaled = s["h"] / (np.sqrt(np.maximum(s["v"] - s["m"] ** 2, 0)) + s["eps"])
    if not s["momentum"]:
        s.line("u", "u", rf"-<lr>\,{formula}", -s["lr"] * scaled)
        return
    b0 = s.know("b0", r"b_{t-1}", before.velocity)
    s.line("b", "b", rf"<momentum> \cdot <b0> + {formula}", s["momentum"] * b0 + scaled)
    s.line("u", "u", r"-<lr> \cdot <b>", -s["lr"] * s["b"])


def _adadelta(s: Sheet, before: Any) -> None:
    v0, u0 = s.know("v0", r"v_{t-1}", before.v), s.know("w0", r"w_{t-1}", before.u)
    s.line("v", "v", r"<rho> \cdot <v0> + (1-<rho>) \cdot <h>^2", s["rho"] * v0 + (1 - s["rho"]) * s["h"] ** 2)
    ratio = np.sqrt(u0 + s["eps"]) / np.sqrt(s["v"] + s["eps"])
    s.line("d", "d", r"\frac{\sqrt{<w0>+<eps>}}{\sqrt{<v>+<eps>}} \cdot <h>", ratio * s["h"])
    s.line("w", "w", r"<rho> \cdot <w0> + (1-<rho>) \cdot <d>^2", s["rho"] * u0 + (1 - s["rho"]) * s["d"] ** 2)
    s.line("u", "u", r"-<lr> \cdot <d>", -s["lr"] * s["d"])


def _mean(s: Sheet, before: Any, keep: str = "beta1") -> None:
    m0, kept = s.know("m0", r"m_{t-1}", before.m), s[keep]
    s.line("m", "m", rf"<{keep}> \cdot <m0> + (1-<{keep}>) \cdot <h>", kept * m0 + (1 - kept) * s["h"])


def _square(s: Sheet, before: Any) -> None:
    v0, kept = s.know("v0", r"v_{t-1}", before.v), s["beta2"]
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
    largest = s.know("M0", r"M_{t-1}", before.v_max)
    s.line("M", "M", r"\max(<M0>,\ <v>)", np.maximum(largest, s["v"]))
    _corrected(s, "mh", r"\hat m", "m", "beta1")
    _corrected(s, "vh", r"\hat v", "M", "beta2")
    s.line("u", "u", _ADAM_STEP, _adam_step(s))


def _adamax(s: Sheet, before: Any) -> None:
    _mean(s, before)
    u0 = s.know("w0", r"w_{t-1}", before.u)
    largest = np.maximum(s["beta2"] * u0, np.abs(s["h"]) + s["eps"])
    s.line("w", "w", r"\max(<beta2> \cdot <w0>,\ |<h>|+<eps>)", largest)
    _corrected(s, "mh", r"\hat m", "m", "beta1")
    s.line("u", "u", r"-<lr>\,\frac{<mh>}{<w>}", -s["lr"] * s["mh"] / s["w"])


def _nadam(s: Sheet, before: Any) -> None:
    _mean(s, before)
    _square(s, before)
    now, following = (s["beta1"] * (1 - 0.5 * 0.96 ** (t * s["momentum_decay"])) for t in (s["t"], s["t"] + 1))
    product = before.mu_product * now
    s.know("mu", r"\mu_t", now)
    s.know("mu1", r"\mu_{t+1}", following)
    s.know("pi", r"\Pi_t", product)
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
    r = s.know("r", "r", math.sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho)))
    root = math.sqrt(1 - fade) / (np.sqrt(s["v"]) + s["eps"])
    formula = r"-<lr> \cdot <mh> \cdot \frac{<r>\sqrt{1-<beta2>^{<t>}}}{\sqrt{<v>}+<eps>}"
    s.line("u", "u", formula, -s["lr"] * s["mh"] * r * root)


def _rprop(s: Sheet, before: Any) -> None:
    sizes = np.full_like(before.sizes, s["lr"]) if before.t == 0 else before.sizes
    size = s.know("d0", r"\Delta_{t-1}", sizes)
    earlier = s.know("g0", r"g_{t-1}", before.gradient)
    sign = np.sign(s["g"]) * np.sign(earlier)
    s.line("s", "s", r"\mathrm{sign}(<g>) \cdot \mathrm{sign}(<g0>)", sign)
    factor = np.where(sign > 0, s["etaplus"], np.where(sign < 0, s["etaminus"], 1.0))
    s.line("f", "f", r"<etaplus>\text{ if }s>0,\ <etaminus>\text{ if }s<0,\text{ else }1", factor)
    sizes = np.clip(size * factor, s["step_size_min"], s["step_size_max"])
    s.line("d", r"\Delta", r"<d0> \cdot <f>", sizes)
    step = np.where(sign < 0, 0.0, -s["d"] * np.sign(s["g"]))
    s.line("u", "u", r"-<d> \cdot \mathrm{sign}(<g>)\text{, or 0 where }s<0", step)


def _lion(s: Sheet, before: Any) -> None:
    m0 = s.know("m0", r"m_{t-1}", before.m)
    mix = s["beta1"] * m0 + (1 - s["beta1"]) * s["h"]
    s.line("c", "c", r"<beta1> \cdot <m0> + (1-<beta1>) \cdot <h>", mix)
    _mean(s, before, "beta2")
    if s["decay"]:
        step = -s["lr"] * (np.sign(mix) + s["decay"] * s["x"])
        s.line("u", "u", r"-<lr> \left(\mathrm{sign}(<c>) + <decay> \cdot <x>\right)", step)
    else:
        s.line("u", "u", r"-<lr> \cdot \mathrm{sign}(<c>)", -s["lr"] * np.sign(mix))


RULES: dict[str, Callable[[Sheet, Any], None]] = {
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
