"""Equations written one below the other, which read with symbols or with numbers.

An optimizer writes its update as plain algebra with `Term`s: quantities that know their value, for all parameters at
once, and how they are written. Sums, products, powers and NumPy's functions of terms are terms again, so that

    m = s.line("m", s.beta1 * s.before("m", before.m) + (1 - s.beta1) * s.g)

computes the running mean and writes it down in LaTeX, where every quantity stands as <name>. Filled with the symbols a
line reads as in a paper, filled with the numbers of one parameter it shows what was computed.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

PLACE = re.compile(r"<(\w+)>")
SUM, PRODUCT, POWER, ATOM = range(4)  # how tightly a term's outermost sign binds


class Term(NDArrayOperatorsMixin):
    """A quantity: `text` is LaTeX with <names>, `value` a number or an array, `rank` from SUM to ATOM."""

    def __init__(self, text: str, value: Any, rank: int = ATOM):
        self.text, self.value, self.rank = text, value, rank

    def __array_ufunc__(self, ufunc, _method, *inputs):
        """Compute and write down a function of terms and numbers; TypeError for one that has no way to be written."""
        if ufunc not in _WRITTEN:
            return NotImplemented
        terms = [part if isinstance(part, Term) else Term(f"{part:g}", part) for part in inputs]
        text, rank = _WRITTEN[ufunc](*terms)
        return Term(text, ufunc(*(term.value for term in terms)), rank)

    def inside(self, rank: int = SUM) -> str:
        """The text as a part of another one that asks for a rank: in parentheses if it binds less tightly."""
        text = self.text.replace(" + ", "+").replace(" - ", "-")
        return text if self.rank >= rank else f"({text})"


def _product(a: Term, b: Term) -> str:
    times = r"\," if b.text.startswith(r"\frac") else r" \cdot "
    return f"{a.inside(PRODUCT)}{times}{b.inside(PRODUCT)}"


_WRITTEN = {
    np.add: lambda a, b: (f"{a.text} + {b.text}", SUM),
    np.subtract: lambda a, b: (f"{a.text} - {b.inside(PRODUCT)}", SUM),
    np.negative: lambda a: (f"-{a.inside(PRODUCT)}", PRODUCT),
    np.multiply: lambda a, b: (_product(a, b), PRODUCT),
    np.divide: lambda a, b: (rf"\frac{{{a.inside()}}}{{{b.inside()}}}", POWER),
    np.power: lambda a, b: (f"{a.inside(ATOM)}^{{{b.inside()}}}", POWER),
    np.sqrt: lambda a: (rf"\sqrt{{{a.inside()}}}", ATOM),
    np.abs: lambda a: (f"|{a.inside()}|", ATOM),
    np.sign: lambda a: (rf"\mathrm{{sign}}({a.inside()})", ATOM),
    np.maximum: lambda a, b: (rf"\max({a.inside()},\ {b.inside()})", ATOM),
    np.minimum: lambda a, b: (rf"\min({a.inside()},\ {b.inside()})", ATOM),
}


class Line(NamedTuple):
    """One equation: `name` of the quantity it defines, its right side with <names>, and its value `[P]`."""

    name: str
    formula: str
    value: np.ndarray


class Equations:
    """Known quantities and the lines so far. `symbols` are LaTeX, `values` numbers or arrays `[P]`.

    Every quantity is a `Term` as an attribute: the parameters x, the gradient g, the learning rate lr, the number t of
    the step counted from 1, and the hyper-parameters by their names.
    """

    def __init__(self, known: Mapping[str, tuple[str, Any]]):
        self.symbols = {name: symbol for name, (symbol, _) in known.items()}
        self.values: dict[str, Any] = {name: value for name, (_, value) in known.items()}
        self.lines: list[Line] = []

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def __getattr__(self, name: str) -> Term:
        if name not in self.values:
            raise AttributeError(f"nothing called {name!r} is known here")
        return Term(f"<{name}>", self.values[name])

    def know(self, name: str, symbol: str, value: Any) -> Term:
        """Take up a quantity that no line defines."""
        self.symbols[name], self.values[name] = symbol, value
        return Term(f"<{name}>", value)

    def before(self, name: str, value: Any, symbol: str = "") -> Term:
        """Take up what the optimizer remembers from the step before."""
        return self.know(f"{name}0", f"{symbol or name}_{{t-1}}", value)

    def line(self, name: str, right: Term, symbol: str = "") -> Term:
        """Write the next equation; later ones may refer to what it defines."""
        array = np.broadcast_to(np.asarray(right.value, dtype=np.float64), np.shape(self["x"]))
        self.lines.append(Line(name, right.text, array))
        return self.know(name, symbol or name, array)

    def with_decay(self) -> Term:
        """Return g + λx, written on a line of its own, where weight decay is coupled to the gradient; else g."""
        return self.line("h", self.g + self.decay * self.x, r"\tilde g") if self["decay"] else self.g

    def filled(self, line: Line, texts: Mapping[str, str] | None = None) -> str:
        """The right side of a line with its symbols, or with `texts` in their place."""
        return PLACE.sub(lambda found: (texts or self.symbols)[found[1]], line.formula)
