r"""Formulas as LaTeX writes them, in the words of the language: braces as brackets, commands as names and signs.

    \frac{a}{b}      (a/b)      e^{-x}      e^(-x)      \sqrt{x}      sqrt(x)
    \left|x\right|   abs(x)     \sin^{2} x  sin^2 x     \log_{10} x   log10 x

A brace says where an exponent or a divisor ends, so that e^{2}x can mean one thing where e^2x could mean two. What has
no such meaning is refused by its name: an unknown command, \frac without braces, \sqrt[3]{x} (of a negative number, a
power has none), and 2\frac{1}{2}, which is 1 to some and two and a half to others. So is what a brace does not show in
print: \sin{x}^2 looks like sin x², \sin{2}x like sin 2x, and 2{3} like 23.
"""

from engine.expressions.tokens import ARITY, CONSTANTS, SAME, ExpressionError, Token, check_any

OPEN, CLOSE = "{", "}"
FRACTIONS = ("frac", "dfrac", "tfrac")
POWERS = ("^", "**")
BOUNDED = ("sqrt", "abs")  #: whose sign shows in print where the value ends
SPACES = (",", ";", ":", "!", " ", "quad", "qquad", "displaystyle", "big", "Big", "bigg", "Bigg")
OPENING, CLOSING = ("left", "bigl", "Bigl", "biggl", "Biggl"), ("right", "bigr", "Bigr", "biggr", "Biggr")
SIGNS = {"cdot": "*", "times": "*", "ast": "*", "div": "/"}
FUNCTIONS = {name: name for name in ARITY} | {name: same for name, same in SAME.items() if same in ARITY}
FUNCTIONS |= {"sigma": "sigmoid", "log_e": "log"}
BRACKETS = {"{": "(", "}": ")", "lbrace": "(", "rbrace": ")", "(": "(", ")": ")"}


def from_latex(tokens: list[Token]) -> list[Token]:
    """The same formula without commands; a brace is a token of the kind of a bracket whose text is { or }.

    Raises:
        ExpressionError: what has no meaning here, or two, by its name.
    """
    if not any(token.kind in ("command", OPEN, CLOSE) for token in tokens):
        return tokens
    words = _words(tokens)
    check_any(words)
    _check_braces(words)
    _check_values(words)
    return _read(words)


def stacked(power: Token) -> ExpressionError:
    """What is said of a power that stands on another one: of that, or of all before it."""
    return ExpressionError(
        f"the power at column {power.column} stands on another one: write braces, as in x^{{2^{{3}}}}", power.column
    )


def without_braces(tokens: list[Token]) -> list[Token]:
    """Braces as parentheses, and none where there is one number or name to a power, or parentheses of its own."""
    out, drop = list(tokens), set()
    for start, token in enumerate(tokens):
        if token.text != OPEN:
            continue
        end = _end(tokens, start)
        inside = tokens[start + 1 : end]
        before = tokens[start - 1] if start else None
        alone = len(inside) == 1 and inside[0].kind in ("number", "name")
        bracketed = inside and inside[0].kind == "(" and _end(tokens, start + 1) == end - 1
        if bracketed or (alone and not (before and before.kind == "function")):
            drop |= {start, end}
        out[start], out[end] = (Token(kind, kind, tokens[at].column) for kind, at in (("(", start), (")", end)))
    return [token for at, token in enumerate(out) if at not in drop]


def _words(tokens):
    """The tokens with no command left but fractions."""
    out = []
    tokens = [Token("|", "|", each.column) if each[:2] == ("command", "vert") else each for each in tokens]
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        name, column = token.text, token.column
        if token.kind == "|" and before and before.kind == "command" and before.text in OPENING + CLOSING:
            continue  # \left| says which bar it is
        if token.kind != "command" or name in FRACTIONS:
            out.append(token)
        elif name in ("lvert", "rvert"):
            out += _bar(column, opens=name == "lvert")
        elif name in OPENING + CLOSING and after and after.kind == "|":
            out += _bar(column, opens=name in OPENING)
        elif name not in SPACES + OPENING + CLOSING:
            out.append(_word(token))
    return out


def _bar(column, *, opens):
    return [Token("function", "abs", column), Token("(", "(", column)] if opens else [Token(")", ")", column)]


def _read(tokens):
    """The tokens with exponents and fractions in brackets of their own."""
    out, at = [], 0
    while at < len(tokens):
        token, taken = tokens[at], [tokens[at]]
        if token.kind == OPEN and out and out[-1].text in POWERS:
            taken, at = _exponent(tokens, at, out)
        elif token.kind in (OPEN, CLOSE):
            _check_number(tokens, at, out)
            taken = [_brace(token)]
        elif token.kind == "command":
            taken, at = _fraction(tokens, at, out)
        out += taken
        at += 1
    return out


def _word(token):
    """What a command of one word stands for."""
    name = token.text
    if name in SIGNS:
        return Token("operator", SIGNS[name], token.column)
    if name in BRACKETS:
        return Token(BRACKETS[name], BRACKETS[name], token.column)
    if name in FUNCTIONS:
        return Token("function", FUNCTIONS[name], token.column)
    if name in CONSTANTS:
        return Token("name", name, token.column)
    if name.startswith("log_"):
        raise _refused(token, "has a base that is not known: write log2, log10 or log(x)/log(base)")
    known = ", ".join(rf"\{word}" for word in ("frac", "sqrt", "cdot", "pi", "left", "right", "sin", "exp", "ln"))
    raise _refused(token, f"is an unknown command: known are {known} and such")


def _exponent(tokens, at, out):
    r"""The tokens of the exponent that opens at `at`, without braces in \sin^{2}; and where it closes."""
    end = _end(tokens, at)
    after = tokens[end + 1] if end + 1 < len(tokens) else None
    if after and (after.kind == "raised" or after.text in POWERS):
        raise stacked(after)
    inside = _read(tokens[at + 1 : end])
    if len(out) > 1 and out[-2].kind == "function":
        return inside, end
    return [_brace(tokens[at]), *inside, _brace(tokens[end])], end


def _fraction(tokens, at, out):
    r"""The tokens of \frac{a}{b} that begins at `at`, and where its last brace stands."""
    token, parts, end = tokens[at], [], at
    for _ in range(2):
        start = end + 1
        if _kind(tokens, start) != OPEN:
            raise _refused(token, r"needs braces: write \frac{a}{b}")
        end = _end(tokens, start)
        parts.append(_read(tokens[start + 1 : end]))
    numbers = all(len(part) == 1 and part[0].kind == "number" for part in parts)
    if numbers and out and out[-1].kind == "number":
        raise _refused(token, "could be added to the number before it or multiplied by it: write + or *")
    above, below = ([_brace(tokens[at + 1]), *part, _brace(tokens[end])] for part in parts)
    sign = Token("operator", "/", token.column)
    return [_brace(tokens[at + 1]), *above, sign, *below, _brace(tokens[end])], end


def _brace(token):
    return Token("(" if token.kind == OPEN else ")", token.kind, token.column)


def _refused(token, why):
    return ExpressionError(rf'"\{token.text}" at column {token.column} {why}', token.column)


def _kind(tokens, at):
    return tokens[at].kind if at < len(tokens) else ""


def _end(tokens, start):
    """Where the bracket that opens at `start` closes."""
    depth = 0
    for at in range(start, len(tokens)):
        depth += {"(": 1, OPEN: 1, ")": -1, CLOSE: -1}.get(tokens[at].kind, 0)
        if depth == 0:
            return at
    return len(tokens) - 1


def _check_braces(tokens):
    """Every brace is closed by a brace, and every bracket in it by one of its own."""
    opened, pair = [], {")": "(", CLOSE: OPEN}
    for token in tokens:
        if token.kind in pair.values():
            opened.append(token)
        elif token.kind in pair:
            if opened and opened[-1].kind == pair[token.kind]:
                opened.pop()
            elif token.kind == CLOSE or OPEN in [one.kind for one in opened]:
                raise ExpressionError(f'nothing opens "{token.kind}" at column {token.column}', token.column)
    for token in opened:
        if token.kind == OPEN:
            raise ExpressionError(f'nothing closes "{OPEN}" at column {token.column}', token.column)


def _check_values(tokens):
    r"""No power, name, number or bracket follows \sin{x}: in print, it would stand beside x."""
    for at, token in enumerate(tokens):
        if token.kind != "function" or token.text in BOUNDED:
            continue
        start = at + 1
        if _kind(tokens, start) == "raised":  # sin²
            start += 1
        elif _kind(tokens, start) == "operator" and tokens[start].text in POWERS:
            start = (_end(tokens, start + 1) if _kind(tokens, start + 1) == OPEN else start + 1) + 1
        if _kind(tokens, start) != OPEN or _parenthesised(tokens, start):
            continue
        after = tokens[_end(tokens, start) + 1 :][:1]
        if after and (after[0].kind in ("raised", "name", "number", "(", OPEN, "command") or after[0].text in POWERS):
            said = "\\" * (after[0].kind == "command") + after[0].text
            raise ExpressionError(
                f'"{said}" at column {after[0].column} may or may not be in the value of {token.text}: write '
                f"{token.text}(...)",
                after[0].column,
            )


def _parenthesised(tokens, start):
    """Whether the brace that opens at `start` holds nothing but parentheses and what is in them."""
    end = _end(tokens, start)
    while tokens[start].kind == OPEN and _kind(tokens, start + 1) in ("(", OPEN) and _end(tokens, start + 1) == end - 1:
        start, end = start + 1, end - 1
    return tokens[start].kind == "("


def _check_number(tokens, at, out):
    """No brace that begins with a number follows a value, as in 2{3}; it may be that of a function, as in sin²{3}."""
    inside = at
    while _kind(tokens, inside) == OPEN:
        inside += 1
    if tokens[at].kind != OPEN or _kind(tokens, inside) != "number" or not out or not out[-1].ends_value:
        return
    power = 1 if out[-1].kind == "raised" else 2 if out[-2:-1] and out[-2].text in POWERS else 0
    if not power or _kind(out, len(out) - power - 1) != "function":
        number = tokens[inside]
        raise ExpressionError(
            f'an operator is missing before "{number.text}" at column {number.column}: products are written with *',
            number.column,
        )
