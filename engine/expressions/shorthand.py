"""Formulas as people write them: products, powers, bars and brackets that are left out, put in.

    2x  xy  2(x+1)  x sin(y)   a product          x²  x⁻¹   a power
    |x - 1|                    abs(x - 1)         sin x     sin(x), of one number or name
    sin²x  sin^2(x)            (sin x)²

That is done only where it can mean one thing. What could mean two is refused in words: 1/2x is a half of x or one over
2x, e^2x may or may not have x in its exponent, sin x² and sin²(x)³ may raise the sine or x, sin⁻¹x may be the arcsine,
and 2e is half a power of ten.
"""

from itertools import pairwise

from engine.expressions.from_latex import CLOSE, POWERS, stacked, without_braces
from engine.expressions.tokens import RAISED, TRIGONOMETRY, ExpressionError, Token, check_count

START, END = Token("start", "", 0), Token("end", "", 0)


def spelled_out(tokens: list[Token]) -> list[Token]:
    """The same formula with nothing left out: tokens of all kinds but "raised" and "|".

    Raises:
        ExpressionError: where a product could mean two things, a bar is not closed, or it comes to too much.
    """
    _check_raised(tokens)
    out, bars, depth = [], [], 0
    for token, after in pairwise((*_powers_behind(tokens), END)):
        before = out[-1] if out else START
        closes = token.kind == "|" and before.ends_value and bars and bars[-1][0] == depth
        depth += {"(": 1, ")": -1}.get(token.kind, 0)
        if bars and depth < bars[-1][0]:
            break
        starts = token.kind in ("name", "function", "(") or (token.kind == "|" and not closes)
        if starts and before.ends_value and not _half_a_number(before, token, after):
            _check_product(out, token)
            out.append(Token("operator", "*", token.column))
        if token.kind == "raised":
            out += [Token("operator", "^", token.column), Token("number", token.text.translate(RAISED), token.column)]
        elif closes:
            bars.pop()
            out.append(Token(")", ")", token.column))
        elif token.kind == "|":
            bars.append((depth, token.column))
            out += [Token("function", "abs", token.column), Token("(", "(", token.column)]
        elif before.kind == "function" and token.kind in ("number", "name") and _stands_alone(after):
            out += [Token("(", "(", token.column), token, Token(")", ")", token.column)]
        else:
            out.append(token)
    if bars:
        raise ExpressionError(f'nothing closes "|" at column {bars[-1][1]}', bars[-1][1])
    check_count(out)
    return without_braces(out)


def written(tokens: list[Token]) -> str:
    """The tokens as text, with blanks round signs between values and after commas."""
    text = ""
    for before, token in zip([START, *tokens], tokens, strict=False):
        between = token.kind == "sign" and before.ends_value
        text += f" {token.text} " if between else f"{token.text} " if token.kind == "," else token.text
    return text


def _powers_behind(tokens):
    """The tokens with the power of a function, as in sin²x, behind its value: sin(x)²."""
    found = list(tokens)
    for i in reversed([i for i, token in enumerate(found) if token.text in TRIGONOMETRY]):
        after = [*found[i + 1 : i + 3], END, END]
        length = 1 if after[0].kind == "raised" else 2 if after[0].text in POWERS and after[1].kind == "number" else 0
        power, rest = found[i + 1 : i + 1 + length], found[i + 1 + length :]
        if not length or not power[-1].text.translate(RAISED).isdigit() or not rest:
            continue
        if rest[0].kind in ("number", "name") and _stands_alone([*rest, END][1]):
            first = rest[0]
            rest[:1] = [Token("(", "(", first.column), first, Token(")", ")", first.column)]
        end = _end_of_brackets(rest)
        behind = [*rest[end:], END][0]
        if end and behind.kind != "raised" and behind.text not in POWERS:  # sin²(x)³ may be of x³
            found[i + 1 :] = [*rest[:end], *power, *rest[end:]]
    return found


def _end_of_brackets(tokens):
    """How many tokens the brackets have that they begin with; 0 if with none, or none that close."""
    depth = 0
    for i, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token.kind, 0)
        if depth == 0:
            return i + 1 if i else 0
    return 0


def _half_a_number(before, token, after):
    """Whether 2e is the beginning of 2e5; in 2e^x it is not."""
    return before.kind == "number" and token.text == "e" and after.text not in POWERS and after.kind != "raised"


def _stands_alone(after):
    """Whether the value of sin x ends before this token: not in sin x², sin x/2 or sin x y."""
    return after.kind in ("sign", ")", ",", "|", "function", "end")


def _check_raised(tokens):
    """Raise ExpressionError where a power stands on a raised one, as in x²^2: it may be of that or of x²."""
    for before, token in pairwise(tokens):
        if before.kind == "raised" and (token.kind == "raised" or token.text in POWERS):
            raise stacked(token)


def _check_product(out, token):
    """Raise ExpressionError where `token` could belong to a divisor or an exponent that `out` ends with."""
    first = _start_of_value(out)
    if first and (out[first - 1].text in POWERS or (out[first - 1].kind == "sign" and out[first - 2].text in POWERS)):
        power = first - 1 if out[first - 1].text in POWERS else first - 2
        base = _start_of_value(out[:power])
        braced = out[-1].text == CLOSE  # which says where the exponent ends
        if not braced and (out[first].kind != "number" or out[base].kind == "number" or out[base].text == "e"):
            raise _two_meanings("exponent", token)
        first = base
    if first and out[first - 1].text == "/":
        raise _two_meanings("divisor", token)


def _start_of_value(tokens):
    """Where the value begins that the tokens end with: a number, a name, or brackets with their function."""
    depth = 0
    for i in reversed(range(len(tokens))):
        depth += {")": 1, "(": -1}.get(tokens[i].kind, 0)
        if depth == 0:
            return i - 1 if i and tokens[i].kind == "(" and tokens[i - 1].kind == "function" else i
    return 0


def _two_meanings(place, token):
    said = f'"{token.text}" at column {token.column} could belong to the {place} before it or not'
    return ExpressionError(f"{said}: write * and parentheses", token.column)
