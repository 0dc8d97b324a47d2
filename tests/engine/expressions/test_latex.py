"""Formulas pasted from a textbook's source, against NumPy, against our own print, and against SymPy's."""

import contextlib
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.expressions import ExpressionError, parse

X, Y = np.random.default_rng(3).uniform(0.2, 2, (2, 40))
POINTS = np.stack([X, Y], axis=-1)


@pytest.mark.parametrize(
    ("typed", "read", "value"),
    [
        ("x₁x₂", "x*y", X * Y),
        ("x₁²x₂ + x_1x_2", "x^2*y + x*y", X**2 * Y + X * Y),
        ("x_{1}^{2} - x_2", "x^2 - y", X**2 - Y),
        ("f(x_1, x_2) = x_1", "x", X),
        ("xsin(y)", "x*sin(y)", X * np.sin(Y)),
        ("xye^{-x^2-y^2}", "x*y*e^(-x^2 - y^2)", X * Y * np.exp(-(X**2) - Y**2)),
        ("e^{-x}", "e^(-x)", np.exp(-X)),
        ("e^{-x}y", "e^(-x)*y", np.exp(-X) * Y),
        ("e^{2}x", "e^2*x", np.exp(2) * X),
        (r"3 \cdot 10^{-2}x", "3*10^(-2)*x", 0.03 * X),
        (r"\frac{x^2}{2} + \frac{1}{2}y^{2}", "((x^2)/2) + (1/2)*y^2", X**2 / 2 + Y**2 / 2),
        (r"2\dfrac{x}{3}\,y", "2*(x/3)*y", 2 * X / 3 * Y),
        (r"\frac{1}{1+e^{-x}}", "(1/(1 + e^(-x)))", 1 / (1 + np.exp(-X))),
        (r"\sqrt{x^2+y^2}", "sqrt(x^2 + y^2)", np.hypot(X, Y)),
        (r"\sin^{2}{\left(x y \right)}", "sin(x*y)^2", np.sin(X * Y) ** 2),
        (r"\sin^{2}{\left(x \right)} y", "sin(x)^2*y", np.sin(X) ** 2 * Y),
        (r"\sin{\left(x \right)}^2 y", "sin(x)^2*y", np.sin(X) ** 2 * Y),
        (r"y \sin{{\left(x \right)}} y", "y*sin(x)*y", np.sin(X) * Y**2),
        (r"\sin{x}\cos{y} + \sin{x}", "sin(x)*cos(y) + sin(x)", np.sin(X) * np.cos(Y) + np.sin(X)),
        (r"\sqrt{x}^2\sqrt{2}y", "sqrt(x)^2*sqrt(2)*y", X * math.sqrt(2) * Y),
        (r"x\frac{1}{2} + 2\frac{3x}{2} + \sin^2{3}", "x*(1/2) + 2*((3*x)/2) + sin(3)^2", 3.5 * X + math.sin(3) ** 2),
        (r"\sin^2 x \cos y", "sin(x)^2*cos(y)", np.sin(X) ** 2 * np.cos(Y)),
        (r"\left|x-1\right|y", "abs(x - 1)*y", abs(X - 1) * Y),
        (r"\lvert x\rvert\lvert y\rvert", "abs(x)*abs(y)", X * Y),
        (r"\vert x \vert y + \left\vert x-1\right\vert y", "abs(x)*y + abs(x - 1)*y", X * Y + abs(X - 1) * Y),
        (r"\bigl\vert x\bigr\vert\Biggl|x\Biggr| + \big|y\big|", "abs(x)*abs(x) + abs(y)", X**2 + Y),
        (r"\big(x\big)^2 + \Big(\bigg(x\Bigg)y\Big)", "(x)^2 + ((x)*y)", X**2 + X * Y),
        (r"\biggl(x+1\biggr)y", "(x + 1)*y", (X + 1) * Y),
        (r"f\left(x,y\right)=xy", "x*y", X * Y),
        (r"f\left(x,y\right)=x", "x", X),
        (r"$f \left( x_1, x_2 \right) = x$", "x", X),
        (r"\{x+1\}^2", "(x + 1)^2", (X + 1) ** 2),
        (r"\log_{10}\left(x\right) + \log_2(y) + \ln x", "log10(x) + log2(y) + log(x)",
         np.log10(X) + np.log2(Y) + np.log(X)),
        (r"\operatorname{atan}{\left(x \right)}\mathrm{e}^{x}", "atan(x)*e^x", np.arctan(X) * np.exp(X)),
        (r"$$f(x,y) = \exp\left(-\frac{x^2+y^2}{2}\right)$$", "exp(-((x^2 + y^2)/2))", np.exp(-(X**2 + Y**2) / 2)),
        (r"\[\pi x\]", "pi*x", math.pi * X),
        (r"\max\left(x, y\right) \, \sigma\left(y\right)", "max(x, y)*sigmoid(y)",
         np.maximum(X, Y) / (1 + np.exp(-Y))),
    ],
)  # fmt: skip
def test_a_textbooks_notation_is_read_and_said(typed, read, value):
    surface = parse(typed)
    assert surface.title == read
    np.testing.assert_allclose(surface.value(POINTS), value, rtol=1e-13)


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        (r"\frac12", 1, r'"\frac" at column 1 needs braces: write \frac{a}{b}'),
        (r"x + 2\frac{1}{2}", 6, r'"\frac" at column 6 could be added to the number before it or multiplied by it'),
        (r"\sqrt[3]{x}", 1, r'"\sqrt[" at column 1 is another root than the square root: write a power'),
        (r"x + \int x", 5, r'"\int" at column 5 is an unknown command: known are \frac'),
        (r"\log_3 x", 1, r'"\log_3" at column 1 has a base that is not known'),
        ("1/e^{x}y", 8, '"y" at column 8 could belong to the divisor before it or not'),
        ("x^{y}^{2}", 6, "the power at column 6 stands on another one"),
        ("x^{y}²", 6, "the power at column 6 stands on another one"),
        ("x²^{2}", 3, "the power at column 3 stands on another one"),
        ("x²^2", 3, "the power at column 3 stands on another one"),
        ("x²**2", 3, "the power at column 3 stands on another one"),
        ("|x²|² ³", 7, "the power at column 7 stands on another one"),
        (r"\left", 1, "the expression is empty: write one in x and y"),
        (r"$\,$", 1, "the expression is empty: write one in x and y"),
        (r"\sin^{-1}(x)", 1, '"sin" at column 1 is a function'),
        (r"\sin{x}^2", 8, '"^" at column 8 may or may not be in the value of sin: write sin(...)'),
        (r"\sin{2}x", 8, '"x" at column 8 may or may not be in the value of sin'),
        (r"\sin{x}y", 8, '"y" at column 8 may or may not be in the value of sin'),
        (r"\sin{x}²", 8, '"²" at column 8 may or may not be in the value of sin'),
        (r"\ln{x}^2", 7, '"^" at column 7 may or may not be in the value of log'),
        ("sin{x}y", 7, '"y" at column 7 may or may not be in the value of sin'),
        (r"\sin^2{x}y", 10, '"y" at column 10 may or may not be in the value of sin'),
        (r"\sin^{2}{x}y", 12, '"y" at column 12 may or may not be in the value of sin'),
        (r"\sin²{x}y", 9, '"y" at column 9 may or may not be in the value of sin'),
        (r"\sin{(x)(y)}^2", 13, '"^" at column 13 may or may not be in the value of sin'),
        (r"\sin{\frac{x}{2}}y", 18, '"y" at column 18 may or may not be in the value of sin'),
        (r"\sin{x}\frac{1}{2}", 8, r'"\frac" at column 8 may or may not be in the value of sin'),
        ("2{3}", 3, 'an operator is missing before "3" at column 3'),
        ("x{{2x}}", 4, 'an operator is missing before "2" at column 4'),
        ("x^{2}{3}", 7, 'an operator is missing before "3" at column 7'),
        ("e^{x", 3, 'nothing closes "{" at column 3'),
        ("e^x}", 4, 'nothing opens "}" at column 4'),
        ("({x)}", 4, 'nothing opens ")" at column 4'),
        (r"{\left|x}\right|", 9, 'nothing opens "}" at column 9'),
        ("{|x}|", 2, 'nothing closes "|" at column 2'),
        ("{}", 2, "a value is missing"),
        ("x$y", 2, 'unexpected character "$" at column 2'),
        ("x₁2", 1, 'unknown name "x₁2" at column 1'),
        ("xz", 1, 'unknown name "xz" at column 1'),
    ],
)
def test_what_has_no_or_two_meanings_is_named(text, position, message):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert message in caught.value.message
    assert caught.value.position == position


FORMULAS = st.recursive(
    st.sampled_from(["x", "y", "2", "0.5", "(-3)", "pi"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda parts: "({})".format(" ".join(parts))),
        st.tuples(st.sampled_from(["sin", "exp", "sqrt", "abs", "log", "log10", "atan", "sigmoid", "tanh"]), inner).map(
            lambda parts: f"{parts[0]}({parts[1]})"
        ),
        st.tuples(inner, st.sampled_from(["2", "-1", "x", "1.5", "(x + y)"])).map(lambda two: f"({two[0]})**{two[1]}"),
        st.tuples(inner, inner).map(lambda two: f"max({two[0]}, {two[1]})"),
    ),
    max_leaves=8,
)
PROPERTY = settings(deadline=None, database=None, derandomize=True, max_examples=200)


def same(one, other):
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


@PROPERTY
@given(FORMULAS)
def test_what_the_app_prints_can_be_pasted_back(text):
    spelled = parse(text)
    try:
        pasted = parse(spelled.formula)
    except ExpressionError as error:
        assume("could belong to the divisor" not in error.message and "parentheses within" not in error.message)
        raise
    same(pasted.value(POINTS), spelled.value(POINTS))


@settings(PROPERTY, max_examples=80)
@given(FORMULAS)
def test_what_sympy_prints_can_be_pasted(text):
    """An independent writer of LaTeX; of its roots and its rounded numbers there is no word here."""
    sympy = pytest.importorskip("sympy")
    assume("max" not in text and "log10" not in text and "sigmoid" not in text)
    assume(" - " not in text)  # SymPy turns sums round, and of a difference nothing but rounding may be left
    expression = sympy.sympify(text.replace("abs", "Abs"), evaluate=False)
    assume(not expression.has(sympy.zoo, sympy.nan, sympy.I))
    pasted = sympy.latex(expression)
    assume(r"\sqrt[" not in pasted)
    try:
        ours = parse(pasted).value(POINTS)
    except ExpressionError as error:
        refused = ("could belong", "could be added", "must lie between", "is a function", "within each other")
        refused += ("an operator is missing",)  # SymPy leaves products such as x 2 to the eye
        assume(not any(why in error.message for why in refused))
        raise
    same(ours, parse(text).value(POINTS))


PIECES = ["x", "y", "2", "{", "}", "(", ")", "|", "^", "_", "+", "-", "/", "\\", "$", " ", "²", "e", "["]
PIECES += [r"\frac", r"\left", r"\right", r"\sqrt{", r"\sin", r"\{", r"\}", r"\log_", r"\,", r"\text{sin}", r"\lvert "]


@settings(PROPERTY, max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_random_pieces_raise_nothing_but_expression_errors(text):
    with contextlib.suppress(ExpressionError):
        parse(text).hessian(POINTS)
