"""The words of a formula: numbers, names, signs and brackets, each with its place in the text.

The language: x, y, the constants pi and e, the functions of `ARITY` with one or two values, and + - * / ** ^ ( ) | , .
Signs of print are taken for what they are: − · × ÷ √ π ½, raised digits for an exponent, ln for log, xy for x y, x₁
and x₂ for x and y, capitals for small letters, and f(x, y) = for nothing. Commands and braces of LaTeX are tokens of
their own, which `from_latex` takes away. Bounds on length and count keep every input cheap.
"""

import math
import re
from typing import NamedTuple

MAX_LENGTH = 1000  # characters
MAX_TERMS = 400  # numbers, names and operators

CONSTANTS = {"pi": math.pi, "e": math.e}
TRIGONOMETRY = ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")
ARITY = dict.fromkeys((*TRIGONOMETRY, "exp", "log", "log2", "log10", "sqrt", "abs", "sigmoid"), 1)
ARITY |= {"min": 2, "max": 2}
NAMES = ("x", "y", *CONSTANTS)
SAME = {"·": "*", "⋅": "*", "×": "*", "÷": "/", "−": "-", "–": "-", "√": "sqrt", "π": "pi", "ln": "log"}
SAME |= {"½": "0.5", "¼": "0.25", "¾": "0.75"}
SAME |= {"x₁": "x", "x_1": "x", "x₂": "y", "x_2": "y", "log_2": "log2", "log_10": "log10"}
SAME |= {f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan")}
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")

BLANKS = " \t\r\n\f\v"
_TOKEN = re.compile(
    rf"[{BLANKS}~]*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[½¼¾])"
    rf"|\\(?:operatorname|mathrm|text)[{BLANKS}]*\{{(?P<upright>[A-Za-z0-9]+)\}}"
    r"|(?P<command>\\(?:log_(?:\{[0-9a-z]+\}|[0-9a-z])|sqrt\[|[A-Za-z]+|[,;:! {}()]))"
    r"|(?P<name>[A-Za-z_](?:[A-Za-z_0-9₁₂]|(?<=_)\{[0-9]+\})*|[√π])|(?P<operator>\*\*|[*/^·⋅×÷])|(?P<sign>[+\-−–])"
    r"|(?P<raised>[⁺⁻]?[⁰¹²³⁴-⁹]+)|(?P<bracket>[(),|{}]))"
)
_FACTORS = re.compile(r"x₁|x₂|x_1|x_2|[xy]")
_NAMED = re.compile(
    rf"[{BLANKS}]*[fghzF][{BLANKS}]*(?:(?:\\left[{BLANKS}]*)?\([{BLANKS}]*x(?:₁|_1|_\{{1\}})?[{BLANKS}]*,"
    rf"[{BLANKS}]*(?:y|x₂|x_2|x_\{{2\}})[{BLANKS}]*(?:\\right[{BLANKS}]*)?\))?[{BLANKS}]*:?="
)
_MATHEMATICS = re.compile(rf"([{BLANKS}]*(?:\$\$?|\\\(|\\\[))(.*?)(?:\$\$?|\\\)|\\\])[{BLANKS}]*", re.DOTALL)


class ExpressionError(ValueError):
    """What is wrong with an expression, and where.

    Attributes:
        message: one sentence for the user.
        position: the column it speaks of, counted from 1.
    """

    def __init__(self, message: str, position: int):
        super().__init__(message, position)
        self.message = message
        self.position = position

    def __str__(self):
        return self.message


class Token(NamedTuple):
    """A word of a formula."""

    kind: str
    """number, name, function, operator, sign, raised, command, the brackets ( ) , | { } themselves, start or end."""
    text: str
    """In the words of the language."""
    column: int
    """Where it stands in the user's text, from 1."""

    @property
    def ends_value(self) -> bool:
        """Whether a value may end here."""
        return self.kind in ("number", "name", ")", "raised")


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text, as they stand there.

    Raises:
        ExpressionError: for what is not a word of the language, nothing at all, or too much.
    """
    if not isinstance(text, str):
        raise ExpressionError(f"an expression must be text, got {type(text).__name__}", 1)
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"the expression has {len(text)} characters, at most {MAX_LENGTH} are allowed", MAX_LENGTH
        )
    marked = _MATHEMATICS.fullmatch(text)
    start, length = (marked.end(1), marked.end(2)) if marked else (0, len(text))
    named = _NAMED.match(text, start, length)
    tokens, end, length = [], named.end() if named else start, len(text[:length].rstrip(BLANKS + "~"))
    while end < length:
        match = _TOKEN.match(text, end, length)
        if match is None:
            raise _unexpected_character(text, end)
        tokens += _words(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) + 1)
        end = match.end()
    check_any(tokens)
    check_count(tokens)
    return tokens


def check_any(tokens: list[Token]) -> None:
    """Raise ExpressionError where nothing is left of a formula."""
    if not tokens:
        raise ExpressionError("the expression is empty: write one in x and y, such as x**2 + y**2", 1)


def check_count(tokens: list[Token]) -> None:
    """Raise ExpressionError where a formula has too many numbers, names and operators."""
    terms = [token for token in tokens if token.kind not in "(,)|{}"]
    if len(terms) > MAX_TERMS:
        raise ExpressionError(
            f"the expression has {len(terms)} numbers, names and operators, at most {MAX_TERMS} are allowed",
            terms[MAX_TERMS].column,
        )


def _words(kind, text, column):
    """The tokens that one match stands for: one, or the factors of xy and x₁sin."""
    if text == r"\sqrt[":
        raise ExpressionError(
            rf'"{text}" at column {column} is another root than the square root: write a power, such as x^(1/3)', column
        )
    if kind == "command":
        return [Token(kind, text[1:].replace("{", "").replace("}", "") or text[1:], column)]
    text = SAME.get(text, text)
    if kind == "number" and math.isinf(float(text)):
        raise ExpressionError(f"the number at column {column} is too large: at most 1.8e308 is allowed", column)
    if kind not in ("name", "upright"):
        return [Token(text if kind == "bracket" else kind, text, column)]
    plain = text.lower().replace("{", "").replace("}", "")
    tokens, end, word = [], 0, SAME.get(plain, plain)
    while word not in (*NAMES, *ARITY) and (factor := _FACTORS.match(plain, end)):
        tokens.append(Token("name", SAME.get(factor[0], factor[0]), column + factor.start()))
        end = factor.end()
        word = SAME.get(plain[end:], plain[end:])
    if word in (*NAMES, *ARITY):
        tokens.append(Token("name" if word in NAMES else "function", word, column + end))
    elif word:
        known = ", ".join((*NAMES, *ARITY))
        raise ExpressionError(f'unknown name "{text}" at column {column}: known are {known}', column)
    return tokens


def _unexpected_character(text, end):
    column = len(text) - len(text[end:].lstrip(BLANKS)) + 1
    character = text[column - 1]
    shown = f'"{character}"' if character.isprintable() else f"U+{ord(character):04X}"
    why = ": an equation has no height, write one expression" if character == "=" else ""
    return ExpressionError(f"unexpected character {shown} at column {column}{why}", column)
