r"""The chain rule and the update as LaTeX, symbols and numbers side by side.

The numbers are those of the engine, to as many digits as asked for, so that whoever multiplies them out gets the
gradient beside them. Everything of a layer is written as everywhere else in the lab (`parameter_names`): W1[3,2] is the
weight of layer 1 to its unit 3 from 2, a1[3] what that unit puts out; indices count from 1.
"""

import re
from typing import Any

import numpy as np

from engine.activations import ACTIVATIONS
from pages.common.tex import aligned, tex

ROWS = 13  #: factors written out; of longer products those in the middle are taken together
TERMS = 6  #: of a sum
MIDDLE = 19  #: characters of what a factor is, about, that leave room for its number
LINE = 36  #: characters of an equation, about, that leave room for its result on a phone
_SLOPES = {"sigmoid": r"\sigma'", "linear": "1", "relu": r"\mathrm{ReLU}'", "tanh": r"\tanh'"}
_LOSSES = {
    "squared_error": lambda a, y, _k: rf"{a} - {y}",
    "mse": lambda a, y, k: rf"2\,({a} - {y})" if k == 1 else rf"\tfrac{{2}}{{{k}}}\,({a} - {y})",
    "binary_cross_entropy": lambda a, y, k: (
        rf"\sigma({a}) - {y}" if k == 1 else rf"\tfrac{{1}}{{{k}}}(\sigma({a}) - {y})"
    ),
    "softmax_cross_entropy": lambda a, y, _k: rf"\mathrm{{softmax}}({a}) - {y}",
}


def symbol(letter: str, layer: int, *place: int) -> str:
    """`W2[1{,}3]`, with indices counted from 0 here and from 1 in the result."""
    return rf"{letter}{layer}[{'{,}'.join(str(index + 1) for index in place)}]"


def parameter(part: str, place: tuple[int, ...]) -> str:
    """The symbol of a parameter from the name of its part and its place in it."""
    return symbol(part[0], int(part[1:]), *place)


def by(upper: str, lower: str) -> str:
    """A partial derivative."""
    return rf"\partial {upper} / \partial {lower}"


def chain(
    seen: Any, loss: str, part: str, place: tuple[int, ...], path: Any, digits: int = 4, *, smoothing: float = 0
) -> str:
    """One path factor by factor: derivative, what it is, its number; then the product."""
    rows = _factors(seen, loss, part, place, path, digits, smoothing)
    if len(rows) > ROWS:
        half, values = ROWS // 2, path.factors
        middle = np.prod(values[half : len(values) - half])
        gap = rf"\vdots\; & \text{{{len(values) - 2 * half} factors}} &&= {tex(middle, digits)}"
        rows = [*rows[:half], gap, *rows[-half:]]
    rows.append(rf"\textstyle\prod & \text{{of this path}} &&= \mathbf{{{tex(path.product, digits)}}}")
    return aligned(rows)


def _factors(
    seen: Any, loss: str, part: str, place: tuple[int, ...], path: Any, digits: int, smoothing: float
) -> list[str]:
    last, own = len(seen.layers), int(part[1:])
    output = symbol("a", last, path.units[-1])
    explain = _LOSSES.get(loss)
    y = rf"y_{{{path.units[-1] + 1}}}"
    if smoothing and loss == "softmax_cross_entropy":
        y = rf"((1 - {smoothing:g})\,{y} + \tfrac{{{smoothing:g}}}{{{len(seen.y)}}})"
    said = [explain(output, y, len(seen.y)) if explain else r"\text{from the loss}"]
    heads = [by("L", output)]
    units = dict(zip(range(own, last + 1), path.units, strict=True))
    for layer in range(last, own - 1, -1):
        z = symbol("z", layer, units[layer])
        name = seen.layers[layer - 1].activation
        slope = _SLOPES.get(name, rf"\varphi'_{{\text{{{ACTIVATIONS[name].title}}}}}")
        heads.append(by(symbol("a", layer, units[layer]), z))
        said.append(
            slope if name == "linear" else rf"{slope}({tex(seen.layers[layer - 1].z[units[layer], 0], digits)})"
        )
        if layer > own:
            heads.append(by(z, symbol("a", layer - 1, units[layer - 1])))
            said.append(symbol("W", layer, units[layer], units[layer - 1]))
        else:
            heads.append(by(z, parameter(part, place)))
            said.append(reads(own, place[1]) if part[0] == "W" else "1")
    return [
        rf"{head} &= {_short(what)} &&= {tex(value, digits)}"
        for head, what, value in zip(heads, said, path.factors, strict=True)
    ]


def _short(what: str) -> str:
    """What a factor is; where that is long, on a line of its own, so that the numbers of all stay in the column."""
    shown = re.sub(r"\\[a-z]+|[{}\\,_ ]", "", what)
    return what if len(shown) <= MIDDLE else rf"\mathrlap{{{what}}} \\ &"


def reads(layer: int, index: int) -> str:
    """What a layer reads: an input, or the activation before it."""
    return rf"x_{{{index + 1}}}" if layer == 1 else symbol("a", layer - 1, index)


def total(
    part: str, place: tuple[int, ...], found: list[Any], count: int, gradient: float, penalty: float, digits: int = 4
) -> str:
    """The gradient of one sample as the sum over its paths, the `found` ones first, and the penalty's share."""
    products = [path.product for path in found[:TERMS]]
    terms = [tex(product, digits, factor=True) for product in products]
    if count > len(products):
        rest = gradient - penalty - sum(products)
        terms.append(rf"\underbrace{{{tex(rest, digits, factor=True)}}}_{{\text{{{count - len(products):,} more}}}}")
    if penalty:
        terms.append(rf"\underbrace{{{tex(penalty, digits, factor=True)}}}_{{\text{{penalty}}}}")
    sign = rf"\textstyle\sum_{{\text{{{count:,} paths}}}} \prod" if count > 1 else r"\textstyle\prod"
    rows = [rf"{by('L', parameter(part, place))} &= {sign} = \mathbf{{{tex(gradient, digits)}}}"]
    if len(terms) > 1:
        pairs = [" + ".join(terms[first : first + 2]) for first in range(0, len(terms), 2)]
        rows += [f"&= {pairs[0]}", *(rf"&\quad + {pair}" for pair in pairs[1:])]
    return aligned(rows)


def two_factors(seen: Any, part: str, place: tuple[int, ...], gradient: float, penalty: float, digits: int = 4) -> str:
    """The gradient as δ times what the weight is multiplied by, summed over the samples of the pass."""
    layer = seen.layers[int(part[1:]) - 1]
    delta = layer.delta[place[0]]
    read = layer.reads[place[1]] if part[0] == "W" else np.ones_like(delta)
    name = symbol(r"\delta", layer.number, place[0])
    product = rf"{name} \cdot {reads(layer.number, place[1])}" if part[0] == "W" else name
    count = len(delta)
    terms = [
        rf"{tex(a, digits, factor=True)} \cdot {tex(b, digits, factor=True)}" for a, b in zip(delta, read, strict=True)
    ]
    if count > TERMS:
        rest = float((delta[TERMS:] * read[TERMS:]).sum())
        terms = [*terms[:TERMS], rf"\underbrace{{{tex(rest, digits, factor=True)}}}_{{\text{{{count - TERMS} more}}}}"]
    if penalty:
        terms.append(rf"\underbrace{{{tex(penalty, digits, factor=True)}}}_{{\text{{penalty}}}}")
    rows = [f"&= {terms[0]}", *(rf"&\quad + {term}" for term in terms[1:])]
    sign = rf"\textstyle\sum_{{n=1}}^{{{count}}} " if count > 1 else ""
    head = rf"{by('L', parameter(part, place))} &= {sign}{product}"
    return aligned([head, *rows, rf"&= \mathbf{{{tex(gradient, digits)}}}"])


def update(sheet: Any, index: int, before: str, new: float, digits: int = 4) -> str:
    """The optimizer's lines for one parameter: symbols, numbers, result; then its way from `before` to `new`."""
    texts = {
        name: exact(value) if np.ndim(value) == 0 else tex(float(value[index]), digits, factor=True)
        for name, value in sheet.values.items()
    }
    rows = []
    for line in sheet.lines:
        rows.append(rf"{sheet.symbols[line.name]} &= {sheet.filled(line)}")
        numbers, result = sheet.filled(line, texts), rf"= \mathbf{{{tex(line.value[index], digits)}}}"
        if len(numbers) < LINE:
            rows.append(f"&= {numbers} {result}")
        else:
            first, *more = _terms(numbers)
            rows += [f"&= {first}", *(rf"&\quad + {term}" for term in more), f"&{result}"]
    old, step = sheet["x"][index], sheet.lines[-1].value[index]
    rows.append(rf"{before} &\leftarrow {tex(old, digits)} + {tex(step, digits, factor=True)}")
    rows[-1] += rf" = \mathbf{{{tex(new, digits)}}}"
    return aligned(rows)


def _terms(numbers: str) -> list[str]:
    """The terms of a sum: its parts between the plus signs that stand in no parentheses and no fraction."""
    terms = [""]
    for part in numbers.split(" + "):
        inside = terms[-1].count("(") > terms[-1].count(")") or terms[-1].count("{") > terms[-1].count("}")
        terms[-1:] = [f"{terms[-1]} + {part}"] if inside else [terms[-1], part]
    return terms[1:]


def exact(value: float) -> str:
    """A hyper-parameter with every digit it was given: 0.999, 10^{-8}."""
    mantissa, power, exponent = f"{float(value):.7g}".partition("e")
    if not power:
        return mantissa
    ten = rf"10^{{{int(exponent)}}}"
    return ten if mantissa == "1" else rf"{mantissa} \cdot {ten}"
