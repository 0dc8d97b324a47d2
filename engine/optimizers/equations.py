"""A sheet of algebra: equations written one below the other, which read with symbols or with numbers.

A line's `formula` is LaTeX in which quantities stand as <name>: known ones, and those that earlier lines define. Filled
with the symbols it reads as in a paper, filled with the numbers of one parameter it shows what was computed. Whoever
writes a line hands over its value, too, for all parameters at once.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

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

    def know(self, name: str, symbol: str, value: Any) -> Any:
        """Take up a quantity that no line defines, and give its value back."""
        self.symbols[name], self.values[name] = symbol, value
        return value

    def line(self, name: str, symbol: str, formula: str, value: Any) -> None:
        """Write the next equation; later ones may refer to it as <name>."""
        array = np.broadcast_to(np.asarray(value, dtype=np.float64), np.shape(self["x"]))
        self.symbols[name], self.values[name] = symbol, array
        self.lines.append(Line(name, formula, array))

    def filled(self, line: Line, texts: Mapping[str, str] | None = None) -> str:
        """The right side of a line with its symbols, or with `texts` in their place."""
        return PLACE.sub(lambda found: (texts or self.symbols)[found[1]], line.formula)
