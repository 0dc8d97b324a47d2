"""The words of a formula: numbers, names, signs and brackets, each with its place in the text.

The language: x, y, the constants pi and e, the functions of `ARITY` with one or two values, and + - * / ** ^ ( ) | , .
Signs of print are taken for what they are: − · × ÷ √ π ½, raised digits for an exponent, ln for log, xy for x y, x₁
and x₂ for x and y, capitals for small letters, and f(x, y) = for nothing. Bounds on length and count keep every input
cheap.
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
SAME |= {"x₁": "x", "x_1": "x", "x₂": "y", "x_2": "y"}
SAME |= {f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan")}
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")

BLANKS = " \t\r\n\f\v"
_TOKEN = re.compile(
    rf"[{BLANKS}]*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[½¼¾])"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9₁₂]*|[√π])|(?P<operator>\*\*|[*/^·⋅×÷])|(?P<sign>[+\-−–])"
    r"|(?P<raised>[⁺⁻]?[⁰¹²³⁴-⁹]+)|(?P<bracket>[(),|]))"
)
_NAMED = re.compile(
    rf"[{BLANKS}]*[fghzF][{BLANKS}]*(?:\([{BLANKS}]*x[{BLANKS}]*,[{BLANKS}]*y[{BLANKS}]*\))?[{BLANKS}]*:?="
)


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
    """number, name, function, operator, sign, raised, the brackets ( ) , | themselves, start or end."""
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
    named = _NAMED.match(text)
    tokens, end, length = [], named.end() if named else 0, len(text.rstrip(BLANKS))
    while end < length:
        match = _TOKEN.match(text, end)
        if match is None:
            raise _unexpected_character(text, end)
        tokens += _words(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) + 1)
        end = match.end()
    if not tokens:
        raise ExpressionError("the expression is empty: write one in x and y, such as x**2 + y**2", 1)
    check_count(tokens)
    return tokens


def check_count(tokens: list[Token]) -> None:
    """Raise ExpressionError where a formula has too many numbers, names and operators."""
    terms = [token for token in tokens if token.kind not in "(,)|"]
    if len(terms) > MAX_TERMS:
        raise ExpressionError(
            f"the expression has {len(terms)} numbers, names and operators, at most {MAX_TERMS} are allowed",
            terms[MAX_TERMS].column,
        )


def _words(kind, text, column):
    """The tokens that one match stands for: one, or the letters of xy."""
    text = SAME.get(text, text)
    if kind == "number" and math.isinf(float(text)):
        raise ExpressionError(f"the number at column {column} is too large: at most 1.8e308 is allowed", column)
    word = SAME.get(text.lower(), text.lower()) if kind == "name" else text
    if kind == "name" and set(word) <= {"x", "y"}:
        return [Token("name", letter, column + i) for i, letter in enumerate(word)]
    if kind == "name" and word not in NAMES:
        if word not in ARITY:
            known = ", ".join((*NAMES, *ARITY))
            raise ExpressionError(f'unknown name "{text}" at column {column}: known are {known}', column)
        kind = "function"
    return [Token(word if kind == "bracket" else kind, word, column)]


def _unexpected_character(text, end):
    column = len(text) - len(text[end:].lstrip(BLANKS)) + 1
    character = text[column - 1]
    shown = f'"{character}"' if character.isprintable() else f"U+{ord(character):04X}"
    why = ": an equation has no height, write one expression" if character == "=" else ""
    return ExpressionError(f"unexpected character {shown} at column {column}{why}", column)
