"""A user's own f(x, y): text in, a differentiable `Surface` out, and nothing else can get through.

    parse("x**2 + sin(3*y)")   ->  Surface: value, gradient and Hessian, all exact
    parse("x + 2*z")           ->  ExpressionError: unknown name "z" at column 7: ...

The text passes five gates. `tokens` knows the words of the language and nothing else. `from_latex` reads what was
copied from a textbook's source. `shorthand` puts in what people leave out where it can mean one thing only: 2x, x²,
|x|, sin x. `_check_order` and `_check_parentheses` hold the
grammar: which token may follow which, and what closes what; they can say in words what is wrong, and where. Only then
does Python's parser (`ast`, which builds a tree and runs nothing) sort out precedence, and a walk over the few node
types allowed makes terms of `symbolic`.

Bounds on length, count, nesting and exponents keep every input cheap. Where a formula is not defined (the logarithm of
a negative number) its value, gradient and Hessian are NaN, without a warning.
"""

import ast
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np

from engine.expressions import symbolic
from engine.expressions.from_latex import from_latex
from engine.expressions.latex import latex
from engine.expressions.program import program, run
from engine.expressions.shorthand import END, START, spelled_out, written
from engine.expressions.tokens import ARITY, BLANKS, CONSTANTS, ExpressionError, tokens_of
from engine.surfaces import Surface

MAX_DEPTH = 20  # parentheses within parentheses
MAX_EXPONENT = 100  # of a constant exponent

OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}

DOMAIN = ((-5.0, 5.0), (-5.0, 5.0))
STARTS = [(a * u, b * v) for a, b in ((3.0, 2.0), (0.5, 0.25)) for u in (-1, 1) for v in (1, -1)]


def parse(text: str) -> Surface:
    """The surface f(x, y) that `text` describes, on [-5, 5]² (`dataclasses.replace` gives it another domain).

    Its `title` is the text, or where something was put in, the formula as it was read. Its `minima` are empty and its
    `minimum` NaN, as nobody knows them; `start` is a point where f and its gradient are finite, if one of a few
    candidates is.

    Raises:
        ExpressionError: the text is not an expression in x and y, or exceeds one of the bounds above.
    """
    given = tokens_of(text)
    tokens = spelled_out(from_latex(given))
    _check_order(tokens)
    _check_parentheses(tokens)
    tree, columns = _tree(tokens)
    f = _term(tree, columns, {})
    fx, fy = symbolic.derivative(f, "x"), symbolic.derivative(f, "y")
    fxx, fxy, fyy = symbolic.derivative(fx, "x"), symbolic.derivative(fx, "y"), symbolic.derivative(fy, "y")
    first, second = program(f, fx, fy), program(f, fxx, fxy, fyy)

    def slopes(x, y):
        return _where_defined(*run(first, x, y))

    def curvatures(x, y):
        return _where_defined(*run(second, x, y))[1:]

    as_typed = tokens == given and not set("₁₂_\\") & set(text)  # x₁ is read as x, and said
    title = text.strip(BLANKS) if as_typed else written(tokens)
    surface = Surface("expression", title, latex(tree), slopes, curvatures, DOMAIN, STARTS[0])
    value, gradient = surface(STARTS)
    finite = np.isfinite(value) & np.isfinite(gradient).all(-1)
    return replace(surface, start=STARTS[finite.argmax()])


def _where_defined(f, *derivatives):
    # A derivative's formula may reach further than f's own: 1/x is defined at x < 0, where log x is not.
    undefined = np.isnan(f)
    if undefined.any():
        derivatives = [np.where(undefined, math.nan, derivative) for derivative in derivatives]
    return f, *derivatives


def _check_order(tokens):
    """Values and operators take turns, and a function is followed by its parenthesis."""
    for before, after in pairwise((START, *tokens, END)):
        here = f'"{before.text}" at column {before.column}'
        if before.kind == "function":
            if after.kind != "(":
                raise ExpressionError(f"{here} is a function: write {before.text}(...)", before.column)
        elif before.kind in ("number", "name", ")"):
            if after.kind in ("number", "name", "function", "("):
                there = f'"{after.text}" at column {after.column}'
                raise ExpressionError(
                    f"an operator is missing before {there}: products are written with *", after.column
                )
        elif after.kind == "end":
            raise ExpressionError(f"a value is missing after {here}", before.column)
        elif after.kind in ("operator", ")", ","):
            raise ExpressionError(f'a value is missing before "{after.text}" at column {after.column}', after.column)


def _check_parentheses(tokens):
    """Every parenthesis is closed, not too deep, and holds as many values as its function takes."""
    opened = []  # [function or None, column, number of values]
    for before, token in pairwise((START, *tokens)):
        column = token.column
        if token.kind == "(":
            opened.append([before.text if before.kind == "function" else None, column, 1])
            if len(opened) > MAX_DEPTH:
                raise ExpressionError(f"more than {MAX_DEPTH} parentheses within each other at column {column}", column)
        elif token.kind == ",":
            if not opened or opened[-1][0] is None:
                raise ExpressionError(f'unexpected "," at column {column}: decimals are written with a point', column)
            opened[-1][2] += 1
        elif token.kind == ")":
            if not opened:
                raise ExpressionError(f'unbalanced parenthesis: nothing opens ")" at column {column}', column)
            _check_arity(*opened.pop())
    if opened:
        column = opened[-1][1]
        raise ExpressionError(f'unbalanced parenthesis: nothing closes "(" at column {column}', column)


def _check_arity(function, column, values):
    if function and values != ARITY[function]:
        needed = "one value" if ARITY[function] == 1 else f"{ARITY[function]} values"
        raise ExpressionError(f"{function} takes {needed}, got {values} at column {column}", column)


def _tree(tokens):
    """Python's syntax tree of the tokens, and the column in the user's text of each offset in it.

    Signs before a value are worked out here, as the walk over the tree would go as deep as there are signs.
    """
    source, columns, negative, signs = "", {}, False, []
    for before, token in pairwise((START, *tokens)):
        if token.kind == "sign" and not before.ends_value:
            negative ^= token.text == "-"
            signs.append(token.column)
            continue
        columns[len(source)] = (signs or [token.column])[0]
        source += "- " * negative
        columns.setdefault(len(source), token.column)
        text = repr(float(token.text)) if token.kind == "number" else token.text
        source += text.replace("^", "**") + " "
        negative, signs = False, []
    return ast.parse(source, mode="eval").body, columns


def _term(node, columns, table):
    """The term of a node of the tree; white-listed node types only."""
    match node:
        case ast.Constant(value=float(value)):
            return symbolic.number(table, value)
        case ast.Name(id=name) if name in CONSTANTS:
            return symbolic.number(table, CONSTANTS[name])
        case ast.Name(id=("x" | "y") as name):
            return symbolic.variable(table, name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return symbolic.apply("negative", _term(operand, columns, table))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            left, right = _term(left, columns, table), _term(right, columns, table)
            if isinstance(op, ast.Pow):
                _check_exponent(right.constant, columns[node.right.col_offset])
            return symbolic.apply(OPERATORS[type(op)], left, right)
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in ARITY:
            return symbolic.apply(name, *(_term(argument, columns, table) for argument in arguments))
    raise ExpressionError("the expression holds something else than sums, products, powers and functions", 1)


def _check_exponent(exponent, column):
    if exponent is not None and not abs(exponent) <= MAX_EXPONENT:
        raise ExpressionError(
            f"the exponent at column {column} is {exponent:g}: it must lie between -{MAX_EXPONENT} and {MAX_EXPONENT}",
            column,
        )
