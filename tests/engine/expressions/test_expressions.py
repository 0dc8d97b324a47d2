"""Expressions against plain arithmetic, complex steps and hand-written surfaces; and what a user may type."""

import ast
import math
import operator
import pickle
import time
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.expressions import ExpressionError, parse
from engine.expressions.tokens import MAX_LENGTH, MAX_TERMS
from engine.surfaces import SURFACES, Surface

STEPS = 1e-30j * np.eye(2)
POINTS = np.random.default_rng(0).uniform(-2, 2, (30, 2))
THEORY = {  # the table of test functions as a user would type it
    "rosenbrock": "(1-x)^2 + 100*(y-x^2)^2",
    "himmelblau": "(x^2+y-11)^2 + (x+y^2-7)^2",
    "beale": "(1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2",
    "booth": "(x+2*y-7)^2 + (2*x+y-5)^2",
    "matyas": ".26*(x^2+y^2) - .48*x*y",
    "rastrigin": "20 + x^2 - 10*cos(2*pi*x) + y^2 - 10*cos(2*pi*y)",
    "ackley": "-20*exp(-.2*sqrt((x^2+y^2)/2)) - exp((cos(2*pi*x) + cos(2*pi*y))/2) + e + 20",
    "styblinski_tang": "(x^4 - 16*x^2 + 5*x + y^4 - 16*y^2 + 5*y)/2",
    "three_hump_camel": "2*x^2 - 1.05*x^4 + x^6/6 + x*y + y^2",
    "six_hump_camel": "(4 - 2.1*x^2 + x^4/3)*x^2 + x*y + (4*y^2 - 4)*y^2",
    "goldstein_price": "(1+(x+y+1)^2*(19-14*x+3*x^2-14*y+6*x*y+3*y^2))"
    "*(30+(2*x-3*y)^2*(18-32*x+12*x^2+48*y-36*x*y+27*y^2))",
    "easom": "-cos(x)*cos(y)*exp(-(x-pi)^2-(y-pi)^2)",
    "griewank": "1 + (x^2+y^2)/4000 - cos(x)*cos(y/sqrt(2))",
    "levi13": "sin(3*pi*x)^2 + (x-1)^2*(1+sin(3*pi*y)^2) + (y-1)^2*(1+sin(2*pi*y)^2)",
    "saddle": "x^2 - y^2",
    "monkey_saddle": "x^3 - 3*x*y^2",
    "quadratic_valley": "(x^2 + 10*y^2)/2",
}
FUNCTIONS = {
    **{name: getattr(math, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "sqrt")},
    **{name: getattr(math, name) for name in ("log", "log2", "log10", "asin", "acos", "atan")},
    "abs": abs,
    "sigmoid": lambda u: 1 / (1 + math.exp(-u)),
}
OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


def complex_step(function, xy):
    return np.stack([function(xy + step).imag / 1e-30 for step in STEPS], -1)


# ---- what is computed ----


@pytest.mark.parametrize("name", SURFACES)
def test_the_test_functions_typed_in_are_the_hand_written_ones(name):
    typed, written = parse(THEORY[name]), SURFACES[name]
    xy = np.random.default_rng(1).uniform(*np.transpose(written.domain), (100, 2))
    for computed, expected in zip((*typed(xy), typed.hessian(xy)), (*written(xy), written.hessian(xy)), strict=True):
        np.testing.assert_allclose(computed, expected, rtol=1e-11, atol=1e-12 * abs(expected).max())


@pytest.mark.parametrize(
    ("text", "value"),  # at x = 3, y = 2
    [
        ("x - y - 1", 0),
        ("x / y / 2", 0.75),
        ("-x^2", -9),
        ("(-x)**2", 9),
        ("y^x^y", 512),
        ("2**-y", 0.25),
        ("-x**-y", -1 / 9),
        ("+x - -y", 5),
        ("x*y^2", 12),
        ("1.5e1*x + .5 + 2.", 47.5),
        ("007 + 1E-1", 7.1),
        ("pi + e", math.pi + math.e),
        ("min(x, y) + 10*max(x, y)", 32),
        ("abs(y - x)", 1),
        ("sigmoid(x - 3)", 0.5),
        ("log2(8) + log10(1000) + log(e)", 7),
        ("x**0 + 0**0", 2),
        (" x\t+\n y ", 5),
    ],
)
def test_value_follows_the_rules_of_arithmetic(text, value):
    assert parse(text).value((3.0, 2.0)) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_and_its_derivatives(name):
    surface = parse(f"{name}(x*y/4 + 0.1)")
    value, gradient = surface(POINTS)
    defined = np.isfinite(value)
    assert defined.sum() >= 8
    xy = POINTS[defined]
    expected = [FUNCTIONS[name](x * y / 4 + 0.1) for x, y in xy]
    np.testing.assert_allclose(value[defined], expected, rtol=1e-14)
    np.testing.assert_allclose(gradient[defined], complex_step(surface.value, xy), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(surface.hessian(xy), complex_step(surface.gradient, xy), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("exponent", [-100, -3, -1, 0, 1, 2, 7, 100, -1.5, 0.3, 1.5, 2.5])
def test_constant_powers_and_their_derivatives(exponent):
    surface, xy = parse(f"(x + 3)^{exponent}"), POINTS[abs(POINTS[:, 0]) > 0.1]
    u = xy[:, 0] + 3
    np.testing.assert_allclose(surface.value(xy), np.power(u, exponent), rtol=1e-13)
    np.testing.assert_allclose(surface.gradient(xy)[:, 0], exponent * np.power(u, exponent - 1), rtol=1e-13)
    second = exponent * (exponent - 1) * np.power(u, exponent - 2)
    np.testing.assert_allclose(surface.hessian(xy)[:, 0, 0], second, rtol=1e-13)


def test_a_power_of_two_variables():
    value, gradient = parse("x^y")([[2.0, 3.0], [-2.0, 3.0], [-2.0, 0.5]])
    np.testing.assert_allclose(value, [8, -8, np.nan])
    np.testing.assert_allclose(gradient, [[12, 8 * math.log(2)], [12, np.nan], [np.nan, np.nan]])


@pytest.mark.parametrize(
    ("text", "xy", "gradient"),
    [
        ("x**y", (0, 2), (0, 0)),
        ("x**y", (0, 1), (1, 0)),
        ("x**y", (0, 0.5), (math.inf, 0)),
        ("x**y", (0, 0), (0, -math.inf)),
        ("0**x + y", (1, 0), (0, 1)),
        ("y*(x**2)**y", (0, 3), (0, 0)),
        ("x**(y+1)*y", (0, 1), (0, 0)),
    ],
)
def test_a_power_of_nothing_has_the_slopes_of_its_limit(text, xy, gradient):
    """0ʷ = 0 for w > 0, so it does not change along w; x⁰ = 1, so that it does not change along x."""
    np.testing.assert_allclose(parse(text).gradient(np.array(xy, float)), gradient)


@pytest.mark.parametrize("w", [2.0, 3.0, 2.5, 4.0, 7.0])
def test_powers_near_nothing_go_to_their_value_there(w):
    surface, near = parse("x**y"), np.array([[10.0**-k, w] for k in (30, 60, 90)])
    at = np.array([0.0, w])
    np.testing.assert_allclose(surface.gradient(near), [surface.gradient(at)] * 3, atol=1e-25)
    np.testing.assert_allclose(surface.hessian(at), [[2.0 if w == 2 else 0.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(surface.hessian((0.0, 1.0))[0, 0], 0)


# ---- what people leave out ----


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2x", "2*x"),
        ("2x^2+3y^2-xy", "2*x^2 + 3*y^2 - x*y"),
        ("xy", "x*y"),
        ("x y", "x*y"),
        ("x(y+1)", "x*(y + 1)"),
        ("(x)(y)", "(x)*(y)"),
        ("2(x-y)(x+y)", "2*(x - y)*(x + y)"),
        ("x sin(y)", "x*sin(y)"),
        ("2pi x", "2*pi*x"),
        ("2e^x", "2*e^x"),
        ("x²+y²", "x^2 + y^2"),
        ("x₁² + X_2²", "x^2 + y^2"),
        ("f(x, y) = ½x²", "0.5*x^2"),
        ("sin²(x)", "sin(x)^2"),
        ("2sin^2 x cos³y", "2*sin(x)^2*cos(y)^3"),
        ("sin²(cos²(x + 1))", "sin(cos(x + 1)^2)^2"),
        ("x⁻¹y", "x^-1*y"),
        ("(x+y)³", "(x + y)^3"),
        ("3x^2y", "3*x^2*y"),
        ("|x|", "abs(x)"),
        ("2|x-1|", "2*abs(x - 1)"),
        ("|x - |y||", "abs(x - abs(y))"),
        ("|x||y|", "abs(x)*abs(y)"),
        ("|(x|y|)|", "abs((x*abs(y)))"),
        ("sin x", "sin(x)"),
        ("x sin y + 1", "x*sin(y) + 1"),
        ("sin x cos y", "sin(x)*cos(y)"),
        ("sqrt 2", "sqrt(2)"),
        ("max(2x, y)", "max(2*x, y)"),
    ],
)
def test_what_can_mean_one_thing_is_read_and_said(typed, read):
    surface, spelled = parse(typed), parse(read)
    assert surface.title == read
    assert surface.formula == spelled.formula
    assert np.array_equal(surface(POINTS)[1], spelled(POINTS)[1], equal_nan=True)
    assert np.array_equal(surface.hessian(POINTS), spelled.hessian(POINTS), equal_nan=True)


@pytest.mark.parametrize(
    ("typed", "same"),
    [("ln(x)", "log(x)"), ("−x·y", "-x*y"), ("x×y÷2", "x*y/2"), ("√(x)+π", "sqrt(x)+pi"), ("arctan(x)", "atan(x)")],
)
def test_signs_of_print_are_taken_for_what_they_are(typed, same):
    assert parse(typed).title == typed
    assert parse(typed).formula == parse(same).formula


PLAIN = st.recursive(
    st.sampled_from(["x", "y", "2", "0.5", "pi"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} + {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]})*({two[1]})"),
        inner.map(lambda u: f"abs({u})"),
        inner.map(lambda u: f"sin({u})"),
        inner.map(lambda u: f"({u})^2"),
    ),
    max_leaves=8,
)


@settings(deadline=None, database=None, derandomize=True, max_examples=100)
@given(PLAIN)
def test_leaving_out_stars_and_writing_bars_and_squares_changes_nothing(text):
    """Bars are within parentheses here, where they are as plain as abs( )."""
    spelled = parse(text)
    bars = text
    while "abs(" in bars:
        start = bars.rindex("abs(")
        depth, end = 0, start + 3
        for end in range(start + 3, len(bars)):
            depth += {"(": 1, ")": -1}.get(bars[end], 0)
            if depth == 0:
                break
        bars = f"{bars[:start]}(|({bars[start + 4 : end]})|){bars[end + 1 :]}"
    for typed in (text.replace(")*(", ")("), text.replace("^2", "²"), bars):
        for ours, theirs in zip(parse(typed)(POINTS), spelled(POINTS), strict=True):
            assert np.array_equal(ours, theirs, equal_nan=True)


# ---- where a formula is not defined, infinite, or has a kink ----


@pytest.mark.parametrize(
    ("text", "xy"),
    [
        ("log(x)", (-1, 0)),
        ("x*0 + log2(y)", (1, -1)),
        ("x + sqrt(y)", (1, -1)),
        ("asin(x) + y", (1.1, 0)),
        ("x**1.5", (-1, 0)),
        ("log(-1)", (0, 0)),
        ("0/0 + x", (1, 1)),
        ("x/y - x/y", (1, 0)),
        ("max(x, log(y))", (1, -1)),
    ],
)
def test_undefined_is_nan_in_value_gradient_and_hessian_without_a_warning(text, xy):
    surface = parse(text)
    assert np.isnan(surface.value(xy))
    assert np.isnan(surface.gradient(xy)).all()
    assert np.isnan(surface.hessian(xy)).all()


@pytest.mark.parametrize(
    ("text", "xy", "value"),
    [
        ("1/x", (0, 0), math.inf),
        ("log(x)", (0, 0), -math.inf),
        ("exp(x*y)", (100, 100), math.inf),
        ("1/0", (0, 0), math.inf),
    ],
)
def test_infinite_is_infinite_without_a_warning(text, xy, value):
    assert parse(text).value(xy) == value


@pytest.mark.parametrize(
    ("text", "xy", "gradient"),
    [
        ("abs(x) + y", (0, 0), (0, 1)),
        ("max(x, 3*y)", (0, 0), (0.5, 1.5)),
        ("min(x, 3*y)", (1, 0), (0, 3)),
        ("sqrt(x^2 + y^2)", (0, 0), (0, 0)),
        ("(x^2 + y^2)^0.5", (0, 0), (0, 0)),
        ("(x^2 + y^2)^1.5", (0, 0), (0, 0)),
        ("sqrt(x)", (0, 0), (math.inf, 0)),
        ("x**2.5", (0, 0), (0, 0)),
        ("acos(cos(x))", (0, 0), (0, 0)),
        ("asin(x)", (1, 0), (math.inf, 0)),
        (THEORY["ackley"], (0, 0), (0, 0)),
    ],
)
def test_slopes_at_kinks(text, xy, gradient):
    np.testing.assert_allclose(parse(text).gradient(xy), gradient, atol=1e-15)


def test_the_tip_of_ackley_is_the_hand_written_one():
    np.testing.assert_allclose(
        parse(THEORY["ackley"]).hessian((0.0, 0.0)), SURFACES["ackley"].hessian((0.0, 0.0)), rtol=1e-14
    )


@pytest.mark.parametrize("text", ["sigmoid(x)", "tanh(x)", "exp(-x^2)", "atan(x)"])
def test_plateaus_are_flat_and_silent_far_out(text):
    surface, xy = parse(text), np.array([[-1000.0, 0.0], [1000.0, 0.0], [-1e150, 0.0], [1e150, 0.0]])
    np.testing.assert_allclose(surface.gradient(xy), 0, atol=1e-5)
    np.testing.assert_allclose(surface.hessian(xy), 0, atol=1e-5)


# ---- the surface that comes back ----


def test_the_result_is_a_surface_like_the_others():
    surface = parse(" x**2 + sin(3*y) ")
    assert isinstance(surface, Surface)
    assert (surface.name, surface.title) == ("expression", "x**2 + sin(3*y)")
    assert surface.formula == r"x^{2} + \sin\left(3 \, y\right)"
    assert surface.minima.shape == (0, 2)
    assert math.isnan(surface.minimum)
    assert replace(surface, domain=((0, 1), (0, 1))).value((1.0, 0.0)) == 1


@pytest.mark.parametrize("text", ["x*y", "sqrt(1-x)*log(y)", "log(x) + log(-y)", "asin(x)*acos(y)", "log(1-x^2-y^2)"])
def test_the_start_is_where_the_formula_is_defined(text):
    surface = parse(text)
    value, gradient = surface(surface.start)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize(
    "text", ["3", "x", "x^2 + sin(3*y)", "x^y", "max(x, 1)*abs(y)", "sqrt(x^2+y^2)/2", THEORY["ackley"]]
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_run_axis_gives_the_numbers_of_a_loop_bit_for_bit(text, dtype):
    surface, xy = parse(text), POINTS.reshape(5, 6, 2).astype(dtype)
    value, gradient = surface(xy)
    hessian = surface.hessian(xy)
    assert (value.shape, gradient.shape, hessian.shape) == ((5, 6), (5, 6, 2), (5, 6, 2, 2))
    assert value.dtype == gradient.dtype == hessian.dtype == dtype
    for run in np.ndindex(5, 6):
        for one, many in zip((*surface(xy[run]), surface.hessian(xy[run])), (value, gradient, hessian), strict=True):
            assert np.asarray(one).dtype == dtype
            assert np.array_equal(one, many[run], equal_nan=True)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("-x^2", "-x^{2}"),
        ("(-x)^2", r"\left(-x\right)^{2}"),
        ("-2*x*y", r"-2 \, x \, y"),
        ("x*2", r"x \cdot 2"),
        ("x-(y-1)", r"x - \left(y - 1\right)"),
        ("x-y-1", "x - y - 1"),
        ("x*(y+1)/2", r"\frac{x \, \left(y + 1\right)}{2}"),
        ("(x/y)^2", r"\left(\frac{x}{y}\right)^{2}"),
        ("x^y^2", "x^{y^{2}}"),
        ("(x^y)^2", r"\left(x^{y}\right)^{2}"),
        ("sin(x)^2", r"\left(\sin\left(x\right)\right)^{2}"),
        ("exp(-x)", "e^{-x}"),
        ("sqrt(abs(x))", r"\sqrt{\left|x\right|}"),
        ("log(x)+log10(y)", r"\ln\left(x\right) + \log_{10}\left(y\right)"),
        ("max(x,pi)*sigmoid(y)", r"\max\left(x, \pi\right) \, \sigma\left(y\right)"),
        ("1e-5+x", r"1 \cdot 10^{-5} + x"),
    ],
)
def test_formula_in_latex(text, latex):
    assert parse(text).formula == latex


# ---- what is refused, and how ----


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 1, "the expression is empty"),
        (" \n ", 1, "the expression is empty"),
        ("x + z", 5, 'unknown name "z" at column 5: known are x, y, pi, e, sin'),
        ("x + True", 5, 'unknown name "True"'),
        ("foo(x)", 1, 'unknown name "foo" at column 1'),
        ("floor(x)", 1, 'unknown name "floor"'),
        ("(x + 1", 1, 'unbalanced parenthesis: nothing closes "(" at column 1'),
        ("sin((x)", 4, 'nothing closes "(" at column 4'),
        ("x + 1)", 6, 'unbalanced parenthesis: nothing opens ")" at column 6'),
        ("x 2", 3, 'an operator is missing before "2" at column 3: products are written with *'),
        ("2 3", 3, 'an operator is missing before "3"'),
        ("2e + x", 2, 'an operator is missing before "e"'),
        ("1/2x", 4, '"x" at column 4 could belong to the divisor before it or not: write * and parentheses'),
        ("1/x(y)", 4, '"(" at column 4 could belong to the divisor'),
        ("y/x^2y", 6, '"y" at column 6 could belong to the divisor'),
        ("x/(y)(x)", 6, '"(" at column 6 could belong to the divisor'),
        ("x/|y|x", 6, '"x" at column 6 could belong to the divisor'),
        ("e^2x", 4, '"x" at column 4 could belong to the exponent before it or not: write * and parentheses'),
        ("2^3x", 4, '"x" at column 4 could belong to the exponent'),
        ("e^xy", 4, '"y" at column 4 could belong to the exponent'),
        ("x^-(2)y", 7, '"y" at column 7 could belong to the exponent'),
        ("sin 2x", 1, '"sin" at column 1 is a function: write sin(...)'),
        ("sin x^2", 1, '"sin" at column 1 is a function'),
        ("sin⁻¹(x)", 1, '"sin" at column 1 is a function'),
        ("sin²x²", 1, '"sin" at column 1 is a function'),
        ("sin²(x", 1, '"sin" at column 1 is a function'),
        ("sin²(x)³", 1, '"sin" at column 1 is a function'),
        ("sin^2(x)^3", 1, '"sin" at column 1 is a function'),
        ("2½", 2, 'an operator is missing before "0.5"'),
        ("x^2 + y^2 = 1", 11, 'unexpected character "=" at column 11: an equation'),
        ("y = x^2", 3, 'unexpected character "=" at column 3: an equation'),
        ("sin x²", 1, '"sin" at column 1 is a function'),
        ("sin x/2", 1, '"sin" at column 1 is a function'),
        ("x2", 1, 'unknown name "x2" at column 1'),
        ("|x", 1, 'nothing closes "|" at column 1'),
        ("1 + |x - |y|", 5, 'nothing closes "|" at column 5'),
        ("(|x)|", 2, 'nothing closes "|" at column 2'),
        ("x|", 2, 'nothing closes "|" at column 2'),
        ("x +", 3, 'a value is missing after "+" at column 3'),
        ("* x", 1, 'a value is missing before "*" at column 1'),
        ("x */ y", 4, 'a value is missing before "/" at column 4'),
        ("x * * y", 5, 'a value is missing before "*" at column 5'),
        ("()", 2, 'a value is missing before ")" at column 2'),
        ("max(x,)", 7, 'a value is missing before ")" at column 7'),
        ("sin", 1, '"sin" at column 1 is a function'),
        ("sin(x, y)", 4, "sin takes one value, got 2 at column 4"),
        ("max(x)", 4, "max takes 2 values, got 1 at column 4"),
        ("0,5*x", 2, 'unexpected "," at column 2: decimals are written with a point'),
        ("(x, y)", 3, 'unexpected "," at column 3'),
        ("x**1000", 4, "the exponent at column 4 is 1000: it must lie between -100 and 100"),
        ("x^-(50*3)", 3, "the exponent at column 3 is -150"),
        ("9**9**9**9", 7, "the exponent at column 7 is 3.8742e+08"),
        ("2^(0/0)", 4, "the exponent at column 4 is nan"),
        ("1e999*x", 1, "the number at column 1 is too large"),
        ("x + 'a'", 5, 'unexpected character "\'" at column 5'),
        ("x = 2", 3, 'unexpected character "=" at column 3'),
        ("x.real", 2, 'unexpected character "." at column 2'),
        ("x\x00", 2, "unexpected character U+0000 at column 2"),
        ("x # y", 3, 'unexpected character "#" at column 3'),
        ("𝑥 + 1", 1, 'unexpected character "𝑥" at column 1'),
        ("x" + "+x" * 500, 1000, "the expression has 1001 characters, at most 1000 are allowed"),
        ("x" + "+x" * 200, 401, "the expression has 401 numbers, names and operators, at most 400 are allowed"),
        ("x" * 201, 201, "the expression has 401 numbers, names and operators, at most 400 are allowed"),
        ("(" * 21 + "x" + ")" * 21, 21, "more than 20 parentheses within each other at column 21"),
        (None, 1, "an expression must be text, got NoneType"),
        (b"x", 1, "an expression must be text, got bytes"),
        ("__import__('os').system('true')", 1, 'unknown name "__import__"'),
        ("(lambda: x)()", 2, 'unknown name "lambda"'),
        ("x if y else 1", 3, 'unknown name "if"'),
        ("[x for x in y]", 1, 'unexpected character "["'),
    ],
)
def test_an_error_says_what_is_wrong_and_where(text, position, message):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    error = caught.value
    assert isinstance(error, ValueError)
    assert message in str(error)
    assert (error.message, error.position) == (str(error), position)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    "text",
    [
        "^".join("xy" * 100),
        "*".join("x" * 200),
        "/".join("xy" * 100),
        "x" * 200,
        "-" * 399 + "x",
        "x^-" * 133 + "x",
        "-x*" * 130 + "(" * 19 + "sin(x)" + ")" * 19,
        "|x" + "+|y" * 18 + "|" * 19,
        "acos(" * 19 + "x^y" + ")" * 19,
        "max(x, y*" * 12 + "x" + ")" * 12,
        "(" * 19 + "x*y" + "+x)**.7" * 19,
        "x**99*y**-99",
        "(" * 20 + "x" + ")" * 20,
        " " * 999 + "x",
    ],
)
def test_the_largest_expressions_allowed_stay_cheap(text):
    started = time.process_time()
    surface = parse(text)
    surface(POINTS)
    surface.hessian(POINTS)
    assert time.process_time() - started < 10  # about 20 ms: a bound on the work, not on the machine


# ---- random formulas, and random text ----


def _leaf(text, function):
    return st.just((text, function))


def _unary(name, inner):
    text, u = inner
    return f"{name}({text})", lambda x, y: _bounded(FUNCTIONS[name](u(x, y)))


def _binary(left, sign, right):
    (a, u), (b, w) = left, right
    return f"({a} {sign} {b})", lambda x, y: _bounded(OPERATORS[sign](u(x, y), w(x, y)))


def _power(inner, exponent):
    text, u = inner
    return f"({text})**{exponent}", lambda x, y: _bounded(math.pow(u(x, y), exponent))


def _extreme(name, left, right):
    (a, u), (b, w) = left, right
    return f"{name}({a}, {b})", lambda x, y: {"min": min, "max": max}[name](u(x, y), w(x, y))


def _bounded(value):
    # beyond this a rounding error grows until two right answers differ
    if not abs(value) < 1e3:
        raise OverflowError
    return value


NUMBERS = st.sampled_from([0.5, 1, 2, 3, 0.25, 10]).map(lambda c: (str(c), lambda _x, _y: c))
LEAVES = st.one_of(_leaf("x", lambda x, _y: x), _leaf("y", lambda _x, y: y), NUMBERS)
FORMULAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(_unary, st.sampled_from(sorted(FUNCTIONS)), inner),
        st.builds(_binary, inner, st.sampled_from(sorted(OPERATORS)), inner),
        st.builds(_power, inner, st.sampled_from([-2, -1, 0, 1, 2, 3, 0.5, 1.5])),
        st.builds(_extreme, st.sampled_from(["min", "max"]), inner, inner),
    ),
    max_leaves=8,
)
# a hair beside round numbers: on a kink (|x| at 0, max at x = y) a complex step is no derivative
PLACES = st.tuples(*(st.floats(-2, 2, width=16).map(lambda c, k=k: c + math.sqrt(k) / 100) for k in (2, 3)))
ALPHABET = [
    "x",
    "y",
    "2",
    ".5",
    "1e3",
    "pi",
    "sin(",
    "max(",
    "sqrt(",
    "(",
    ")",
    ",",
    "|",
    "²",
    "⁻",
    "+",
    "-",
    "*",
    "/",
    "**",
    "^",
    " ",
    "z",
    "$",
]
PROPERTY = settings(deadline=None, database=None, derandomize=True, max_examples=150)


@PROPERTY
@given(FORMULAS, PLACES)
def test_random_formulas_have_the_value_of_plain_arithmetic_and_exact_derivatives(formula, place):
    text, function = formula
    assume(len(text) <= MAX_LENGTH)
    try:
        expected = function(*place)
    except (ValueError, ArithmeticError):
        assume(False)
    surface, xy = parse(text), np.array(place)
    value, gradient = surface(xy)
    assert value == pytest.approx(expected, rel=1e-8, abs=1e-8)
    step = complex_step(surface.value, xy)
    assume(np.isfinite(step).all() and abs(step).max() < 1e6)
    np.testing.assert_allclose(gradient, step, rtol=1e-8, atol=1e-8)
    step = complex_step(surface.gradient, xy)
    assume(np.isfinite(step).all() and abs(step).max() < 1e6)
    np.testing.assert_allclose(surface.hessian(xy), step, rtol=1e-7, atol=1e-7)


@PROPERTY
@given(FORMULAS)
def test_random_formulas_survive_being_written_differently(formula):
    text, _ = formula
    assume(len(text) <= MAX_LENGTH)
    surface = parse(text)
    shortest = ast.unparse(ast.parse(text, mode="eval"))  # without the parentheses that are not needed
    for other in (shortest, text.replace(" ", ""), text.replace("**", " ^ ").strip()):
        if len(other) <= MAX_LENGTH:
            same = parse(other)
            assert same.formula == surface.formula
            for ours, theirs in zip(same(POINTS), surface(POINTS), strict=True):
                assert np.array_equal(ours, theirs, equal_nan=True)
            assert np.array_equal(same.hessian(POINTS), surface.hessian(POINTS), equal_nan=True)


def outcome(text):
    """The column of the error, or None where the text is a formula and can be computed without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            surface = parse(text)
        except ExpressionError as error:
            return error.position
        surface(POINTS)
        surface.hessian(POINTS)
        return None


def survives(text):
    started = time.process_time()
    position = outcome(text)
    assert time.process_time() - started < 10
    assert len(text) <= MAX_LENGTH if position is None else 1 <= position <= max(len(text), 1)


@PROPERTY
@given(st.text(max_size=2 * MAX_LENGTH))
def test_random_text_raises_nothing_but_expression_errors(text):
    survives(text)


@PROPERTY
@given(st.lists(st.sampled_from(ALPHABET), max_size=MAX_TERMS).map("".join))
def test_random_fragments_raise_nothing_but_expression_errors(text):
    survives(text)


@PROPERTY
@given(FORMULAS, st.integers(0, 100), st.sampled_from([*ALPHABET, ""]))
def test_damaged_formulas_raise_nothing_but_expression_errors(formula, place, fragment):
    text, _ = formula
    place %= len(text)
    survives(text[:place] + fragment + text[place + 1 :])


@pytest.mark.parametrize("place", [(-2.0, 3.0), (-2.0, 0.0), (0.0, 2.0), (0.0, 1.0), (2.0, -1.5)])
def test_the_slopes_of_a_power_are_pytorchs(place):
    """Along the exponent of a negative number, whole as it may be, there is none: close by (-2)ʷ is not real."""
    torch = pytest.importorskip("torch")
    x, y = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in place)
    (x**y).backward()
    expected = [x.grad.item(), y.grad.item()]
    assert parse("x**y").gradient(np.array(place)) == pytest.approx(expected, rel=1e-14, nan_ok=True)
    assert np.isnan(expected[1]) == (place[0] < 0)
