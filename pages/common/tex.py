"""Numbers and equations as LaTeX."""

import math

from pages.common.text import number


def tex(value: float, digits: int = 4, *, factor: bool = False) -> str:
    """A number as LaTeX; as a factor in parentheses where it has a sign or a power of ten."""
    mantissa, power, exponent = number(value, digits).partition("e")
    if not math.isfinite(value):
        return rf"\text{{{mantissa}}}"
    text = rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if power else mantissa
    return rf"({text})" if factor and (power or text.startswith("-")) else text


def aligned(rows: list[str]) -> str:
    """Equations below each other; where a row has two equals signs, no more room before the second than before one."""
    lines = r" \\[3pt] ".join(rows)
    return rf"\begin{{alignedat}}{{2}} {lines} \end{{alignedat}}"
