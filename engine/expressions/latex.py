r"""How a parsed formula looks in print: Python's syntax tree in, LaTeX out.

Every part is set as a pair (latex, rank): the rank says how tightly its outermost sign binds, and an operand
that binds less tightly than its place asks for gets parentheses. Fractions, roots and |u| carry their own.
"""

import ast

SUM, NEGATIVE, PRODUCT, POWER, ATOM = range(5)
SIGNS = {ast.Add: "+", ast.Sub: "-"}
NAMES = {
    "pi": r"\pi",
    "log": r"\ln",
    "log2": r"\log_2",
    "log10": r"\log_{10}",
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "sigmoid": r"\sigma",
}


def latex(node: ast.expr) -> str:
    """The LaTeX of an expression in the node types that engine.expressions.parser allows."""
    return _set(node)[0]


def _set(node):
    match node:
        case ast.Constant(value=value):
            return _number(value)
        case ast.Name(id=name):
            return NAMES.get(name, name), ATOM
        case ast.UnaryOp(operand=operand):
            return f"-{_within(operand, PRODUCT)[0]}", NEGATIVE
        case ast.BinOp():
            return _binary(node)
        case ast.Call():
            return _call(node)


def _within(node, rank):
    """The LaTeX of a part in a place that asks for `rank`, and its rank there."""
    text, own = _set(node)
    return (text, own) if own >= rank else (rf"\left({text}\right)", ATOM)


def _number(value):
    digits, _, exponent = f"{value:.12g}".partition("e")
    return (rf"{digits} \cdot 10^{{{int(exponent)}}}", PRODUCT) if exponent else (digits, ATOM)


def _binary(node):
    left, right = node.left, node.right
    match node.op:
        case ast.Div():
            return rf"\frac{{{latex(left)}}}{{{latex(right)}}}", POWER
        case ast.Pow():
            return f"{_within(left, ATOM)[0]}^{{{latex(right)}}}", POWER
        case ast.Mult():
            first, rank = _within(left, NEGATIVE)
            second, _ = _within(right, POWER)
            times = r"\cdot" if second[0].isdigit() else r"\,"
            return f"{first} {times} {second}", min(rank, PRODUCT)
    return f"{latex(left)} {SIGNS[type(node.op)]} {_within(right, PRODUCT)[0]}", SUM


def _call(node):
    name, arguments = node.func.id, ", ".join(latex(argument) for argument in node.args)
    match name:
        case "sqrt":
            return rf"\sqrt{{{arguments}}}", ATOM
        case "abs":
            return rf"\left|{arguments}\right|", ATOM
        case "exp":
            return f"e^{{{arguments}}}", POWER
    command = NAMES.get(name, rf"\{name}")
    return rf"{command}\left({arguments}\right)", POWER
