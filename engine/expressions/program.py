"""Computing a formula: the walk over its terms as a list of NumPy calls, made on arrays of any shape.

No text is executed: each step of a `Program` is one of the functions of `symbolic.OPERATIONS`, the registers that it
reads and the one that it writes. Terms that several outputs share are computed once. Real and complex arrays work.
"""

from typing import NamedTuple

from engine.expressions.symbolic import OPERATIONS, Term, by_age, variable


class Program(NamedTuple):
    """How to compute terms from x, y and `constants`: each step is a function, its operands, its target."""

    constants: tuple[float, ...]
    steps: tuple[tuple, ...]
    outputs: tuple[int, ...]  # where the terms asked for are at the end
    registers: int


def program(*terms: Term) -> Program:
    """The calls that compute `terms` from x and y, each shared term once, in as few registers as it takes."""
    ordered = by_age(terms)
    numbers = [term for term in ordered if term.operation == "number"]
    place = {variable(terms[0].table, "x"): 0, variable(terms[0].table, "y"): 1}
    place |= {term: 2 + i for i, term in enumerate(numbers)}
    kept = {*place, *terms}
    last = {operand: term for term in ordered for operand in term.operands}
    steps, free, size = [], [], len(place)
    for term in ordered:
        if term not in place:
            operands = tuple(place[operand] for operand in term.operands)
            # A value nobody asks for again makes room: a large grid would not fit in memory many times over.
            free += [place[o] for o in set(term.operands) if last[o] is term and o not in kept]
            if not free:
                free, size = [size], size + 1
            place[term] = free.pop()
            steps.append((OPERATIONS[term.operation], operands, place[term]))
    return Program(tuple(t.constant for t in numbers), tuple(steps), tuple(place[term] for term in terms), size)


def run(program: Program, x, y) -> list:
    """The program's outputs at x, y (floating arrays of one shape): arrays, or floats where constant.

    Undefined values are NaN, infinite ones inf; the caller silences NumPy's warnings about them.
    """
    registers = [x, y, *program.constants]
    registers += [None] * (program.registers - len(registers))
    for function, operands, target in program.steps:
        registers[target] = function(*[registers[i] for i in operands])
    return [registers[i] for i in program.outputs]
