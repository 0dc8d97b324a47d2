"""How numbers, names and settings read on the screen.

Numbers have four significant digits, and a power of ten only where a decimal would hide them.
"""

import math
import re
from typing import Any

from engine.experiment.settings import Setting

#: Names that keep their capital within a sentence.
PROPER = frozenset({"He", "Xavier", "Huber", "Adam", "Nesterov", "Newton", "Lion", "Rosenbrock"})


def number(value: float | None, digits: int = 4) -> str:
    """`value` with `digits` significant digits; scientific below 1e-4 and from 1e5 on: 0.0003125, 3.125e-05.

    None gives a dash, and a value that is not finite its name, so that a diverged run still reads.
    """
    if value is None:
        return "–"
    value = float(value)
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinite" if value > 0 else "minus infinite"
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)) + 1e-12)
    if size < -4 or size >= 5:
        return f"{value:.{digits - 1}e}"
    return f"{value:.{max(digits - 1 - size, 0)}f}"


def short(value: float | None) -> str:
    """`number` without the zeros that a chosen value, such as a learning rate, does not need: 0.03, 3e-05."""
    mantissa, power, exponent = number(value).partition("e")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + power + exponent


def share(value: float | None) -> str:
    """A share from 0 to 1 with three decimals, as accuracies are read; None gives a dash."""
    return "–" if value is None or math.isnan(value) else f"{value:.3f}"


def percent(value: float) -> str:
    """A share in percent: with one decimal, and from ten times the whole on as `number` has it, of whatever size."""
    if not math.isfinite(value):
        return number(value)
    return f"{value:.1%}" if abs(value) < 10 else f"{number(100 * value)}%"


def count(amount: int, thing: str, things: str = "") -> str:
    """`1 setting`, `2 settings`, `12,000 steps`."""
    return f"{amount:,} {thing if amount == 1 else things or thing + 's'}"


def listed(names: list[str] | tuple[str, ...]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def inside(name: str) -> str:
    """A name within a sentence: `sigmoid` for Sigmoid, but ReLU, AND gate and He, which are written so everywhere."""
    first = name.partition(" ")[0]
    return name[:1].lower() + name[1:] if first[1:].islower() and name not in PROPER else name


def setting_said(setting: Setting, value: Any) -> str:
    """A setting and its value within a sentence: `learning rate 0.1`, `optimizer Adam`."""
    return f"{inside(setting.label)} {setting.named(value)}"


def plain(text: str) -> str:
    """`text` with every sign escaped that Markdown would take for more than itself."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|$:~-])", r"\\\1", text)
