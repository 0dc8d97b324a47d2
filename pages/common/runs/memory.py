"""How much memory a value holds: everything that can be reached from it, each piece once.

Recordings hold arrays, races hold tuples of recordings, losses are closures, and a view of ten numbers keeps alive the
whole array that it looks into. So references are followed as the garbage collector follows them, but not into types,
modules and the names that functions find there, which belong to the program and not to the value.
"""

import gc
import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import byte_bounds

SMALL = 4096  #: bytes of a piece that is worth a note of its own
_PROGRAM = (type, ModuleType, CodeType)


class Held(NamedTuple):
    """Bytes of the large pieces of memory by address, so that values which share some can tell, and of all the rest."""

    pieces: dict[int, int]
    rest: int

    @property
    def size(self) -> int:
        """All bytes."""
        return sum(self.pieces.values()) + self.rest

    def without(self, other: "Held") -> "Held":
        """The same without the large pieces that another value holds, too."""
        return Held({at: size for at, size in self.pieces.items() if at not in other.pieces}, self.rest)


def held(value: Any) -> Held:
    """What `value` holds; of an array the memory that it keeps alive, of which it may show a part only."""
    pieces: dict[int, int] = {}
    rest, seen, waiting = 0, set(), [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, _PROGRAM):
            continue
        address, size, parts = _array(one) if isinstance(one, np.ndarray) else _object(one)
        if address in seen:
            continue
        seen.add(address)
        waiting.extend(parts)
        if size < SMALL:
            rest += size
        else:
            pieces[address] = size
    return Held(pieces, rest)


def _array(array: np.ndarray) -> tuple[int, int, list[Any]]:
    """Address and bytes of the memory that an array keeps alive, and the objects in it."""
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    low, high = byte_bounds(owner)
    return low, high - low, list(owner.flat) if owner.dtype.hasobject else []


def _object(one: Any) -> tuple[int, int, list[Any]]:
    """The same of any other object."""
    if isinstance(one, FunctionType):
        return id(one), sys.getsizeof(one), [one.__closure__, one.__defaults__, one.__kwdefaults__]
    return id(one), sys.getsizeof(one), gc.get_referents(one)
