"""Differentiating a formula: terms that know their own derivative.

A formula is a graph of `Term`s: numbers, the variables x and y, and operations on earlier terms. Equal terms
are one object (two mentions of x² are computed once), and a term is younger than its operands, so walking a
graph in order of age meets every operand before it is needed. Differentiation is that walk, with the chain
rule at each stop (forward accumulation; Wengert, "A simple automatic derivative evaluation program", 1964):

    d f(u, w) = ∂f/∂u du + ∂f/∂w dw

Derivatives are terms again, so the Hessian is the same walk done twice. Computing is a walk as well (`program`).

Where a slope is not defined, a convention keeps it finite: |u| has slope 0 at 0, max and min have the mean of
both slopes where their arguments are equal, and √u has slope 0 where u and its own slope are both 0 (the tip
of the cone √(x²+y²)), although √x rises infinitely steeply from 0, and says so. Likewise asin and acos at ±1. The
slope of 0ʷ with w > 0 along w is 0, as 0 log 0 is 0 in the limit. There is none of uʷ along w where u < 0: beside a
whole w the power is not real, so that the slope is not a number, as in PyTorch.
"""

import math
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False, slots=True)
class Term:
    """One node of a formula. Build terms with `number`, `variable` and `apply`, or with + - * / ** on terms.

    Arithmetic on terms drops what does nothing (0 + u, 1 u, 0 u, u¹); it is meant for derivatives. A user's
    own formula is built with `apply`, which leaves it as written: 0 log(x) stays undefined at x < 0.
    """

    table: dict = field(repr=False)  # all terms of the formula, each once
    operation: str
    operands: tuple
    age: int

    @property
    def constant(self) -> float | None:
        """The value of a number, None for other terms."""
        return self.operands[0] if self.operation == "number" else None

    def __add__(self, other):
        other = _term(self.table, other)
        if self.constant == 0:
            return other
        return self if other.constant == 0 else apply("+", self, other)

    def __sub__(self, other):
        if self.constant == 0:
            return -other
        return self if other.constant == 0 else apply("-", self, other)

    def __mul__(self, other):
        other = _term(self.table, other)
        if self.constant == 0 or other.constant == 1:
            return self
        return other if self.constant == 1 or other.constant == 0 else apply("*", self, other)

    def __truediv__(self, other):
        return self if self.constant == 0 or other.constant == 1 else apply("/", self, other)

    def __pow__(self, exponent):
        exponent = _term(self.table, exponent)
        return self if exponent.constant == 1 else apply("**", self, exponent)

    def __neg__(self):
        return self.operands[0] if self.operation == "negative" else apply("negative", self)


def _intern(table, operation, operands):
    key = (operation, *operands)
    if key not in table:
        table[key] = Term(table, operation, operands, len(table))
    return table[key]


def number(table: dict, value: float) -> Term:
    """The constant `value` in the formula that owns `table`."""
    return _intern(table, "number", (value,))


def variable(table: dict, name: str) -> Term:
    """The variable "x" or "y" in the formula that owns `table`."""
    return _intern(table, name, ())


def apply(operation: str, *operands: Term) -> Term:
    """`operation` (a key of `OPERATIONS`) on `operands`; on numbers alone it is worked out at once."""
    table, values = operands[0].table, [operand.constant for operand in operands]
    if None in values:
        return _intern(table, operation, operands)
    with np.errstate(all="ignore"):
        return number(table, float(OPERATIONS[operation](*values)))


def _term(table, value):
    return value if isinstance(value, Term) else number(table, float(value))


# Functions that NumPy lacks. A complex argument takes the branch of its real part.


def _absolute(u):
    return np.where(np.real(u) < 0, -u, u) if np.iscomplexobj(u) else np.abs(u)


def _sigmoid(u):
    negative = np.real(u) < 0
    e = np.exp(np.where(negative, u, -u))
    return np.where(negative, e, 1) / (1 + e)


def _power(u, exponent):
    # Whole constant exponents by repeated squaring: faster than pow, and the same for one point and for many.
    if type(exponent) is not float or not exponent.is_integer():
        return np.power(u, exponent)
    remaining, square, power = int(abs(exponent)), u, np.ones_like(u) if exponent == 0 else None
    while remaining:
        if remaining & 1:
            power = square if power is None else power * square
        remaining >>= 1
        square = square * square if remaining else square
    return np.divide(1, power) if exponent < 0 else power


def _choose(u, w, above, below):
    """`above` where u > w, `below` where u < w, their mean elsewhere."""
    u, w = np.real(u), np.real(w)
    return np.where(u > w, above, np.where(u < w, below, 0.5 * above + 0.5 * below))


def _ratio(change, u, w):
    """The quotient change / w, but 0 where u and w are both 0."""
    return np.where((u == 0) & (w == 0), 0.0, np.divide(change, w))


def _power_slope(u, w):
    """The slope w u^(w-1) of a power along u, 0 for u⁰ at 0 too."""
    return np.where(w == 0, 0.0, w * np.power(u, w - 1))


def _times_log(f, u):
    """F log u, but 0 where f and u are both 0."""
    return np.where((f == 0) & (u == 0), 0.0, f * np.log(u))


def _chosen(u, w, above, below):
    return above if above is below else apply("choose", u, w, above, below)


def _power_rule(f, u, w, du, dw):
    c = w.constant
    if c is None:
        return du * apply("power_slope", u, w) + dw * apply("times_log", f, u)
    return apply("ratio", du * c, du, u ** (1 - c)) if 0 < c < 1 else du * c * u ** (c - 1)


def _power_slope_rule(f, u, w, du, dw):
    less = w - number(w.table, 1.0)
    return du * w * apply("power_slope", u, less) + dw * (u**less + apply("times_log", f, u))


def _times_log_rule(_f, a, u, da, du):
    return (da if da.constant == 0 else apply("times_log", da, u)) + apply("ratio", du * a, a, u)


FUNCTIONS = {  # name: f(u) and f'(u) of one argument; terms that f and f' share are one again in the table
    "sin": (np.sin, lambda u: apply("cos", u)),
    "cos": (np.cos, lambda u: -apply("sin", u)),
    "tan": (np.tan, lambda u: apply("tan", u) ** 2 + 1),
    "atan": (np.arctan, lambda u: (u * u + 1) ** -1),
    "sinh": (np.sinh, lambda u: apply("cosh", u)),
    "cosh": (np.cosh, lambda u: apply("sinh", u)),
    "tanh": (np.tanh, lambda u: -(apply("tanh", u) ** 2) + 1),
    "exp": (np.exp, lambda u: apply("exp", u)),
    "log": (np.log, lambda u: u**-1),
    "log2": (np.log2, lambda u: (u * math.log(2)) ** -1),
    "log10": (np.log10, lambda u: (u * math.log(10)) ** -1),
    "sigmoid": (_sigmoid, lambda u: apply("sigmoid", u) * apply("sigmoid", -u)),
    "abs": (_absolute, lambda u: apply("sign", u)),
    "sign": (lambda u: np.sign(np.real(u)), lambda u: number(u.table, 0.0)),
    "negative": (np.negative, lambda u: number(u.table, -1.0)),
}
RULES = {  # name: f and its whole derivative, from f, its operands and their derivatives
    "+": (np.add, lambda _f, _u, _w, du, dw: du + dw),
    "-": (np.subtract, lambda _f, _u, _w, du, dw: du - dw),
    "*": (np.multiply, lambda _f, u, w, du, dw: du * w + dw * u),
    "/": (np.divide, lambda f, _u, w, du, dw: (du - dw * f) / w),
    "**": (_power, _power_rule),
    "sqrt": (np.sqrt, lambda f, _u, du: apply("ratio", du, du, f * 2)),
    "asin": (np.arcsin, lambda _f, u, du: apply("ratio", du, du, apply("sqrt", -(u * u) + 1))),
    "acos": (np.arccos, lambda _f, u, du: -apply("ratio", du, du, apply("sqrt", -(u * u) + 1))),
    "ratio": (_ratio, lambda f, _c, u, w, dc, _du, dw: apply("ratio", dc - dw * f, u, w)),
    "power_slope": (_power_slope, _power_slope_rule),
    "times_log": (_times_log, _times_log_rule),
    "max": (np.maximum, lambda _f, u, w, du, dw: _chosen(u, w, du, dw)),
    "min": (np.minimum, lambda _f, u, w, du, dw: _chosen(u, w, dw, du)),
    "choose": (_choose, lambda _f, u, w, _a, _b, _du, _dw, da, db: _chosen(u, w, da, db)),
}
OPERATIONS = {name: value for name, (value, _) in (FUNCTIONS | RULES).items()}


def by_age(terms) -> list[Term]:
    """All terms that `terms` are made of, and they themselves, the oldest first."""
    found, waiting = set(), list(terms)
    while waiting:
        term = waiting.pop()
        if term not in found:
            found.add(term)
            waiting += [operand for operand in term.operands if isinstance(operand, Term)]
    return sorted(found, key=lambda term: term.age)


def derivative(term: Term, name: str) -> Term:
    """∂ term / ∂ name, for name "x" or "y"."""
    zero, one = number(term.table, 0.0), number(term.table, 1.0)
    slopes = {}
    for f in by_age([term]):
        operands = () if f.operation == "number" else f.operands
        changes = [slopes[operand] for operand in operands]
        if all(change is zero for change in changes):
            slopes[f] = one if f.operation == name else zero
        elif f.operation in RULES:
            slopes[f] = RULES[f.operation][1](f, *operands, *changes)
        else:
            slopes[f] = changes[0] * FUNCTIONS[f.operation][1](*operands)
    return slopes[term]
