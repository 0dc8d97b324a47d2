"""Figures as bytes: how the charts of a stage travel to the browser.

A part is four bytes with the length of a JSON text, the text, and from the next multiple of eight on the arrays, to
which the text points as `{"$": [type, offset, *shape]}`. The browser looks at them where they lie: nothing is written
in base 64 and read back, which would take a third more bytes and, on both sides, more time than the network.

A figure becomes two parts: what stands still, and its film, what moves. The film is turned from frames into columns,
one for each property that moves, so that a column of many small arrays is one array with the places where they end;
where a frame does not mention a property, or says the same again, the last earlier value holds and is not repeated.
"""

import base64
import hashlib
import json
import math
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

ALIGN = 8
_TYPES = {"b": "i1", "B": "u1", "h": "i2", "H": "u2", "i": "i4", "I": "u4", "f": "f4", "d": "f8", "?": "u1"}


def packed(value: Any) -> bytes:
    """One part: dictionaries, lists, texts and numbers as JSON, arrays of numbers as bytes."""
    arrays: list[Any] = []
    place = 0
    there: dict[int, dict[str, Any]] = {}  # arrays by their identity: one that stands twice in the value travels once

    def plain(item: Any) -> Any:
        nonlocal place
        if id(item) in there:
            return there[id(item)]
        array = array_of(item)
        if isinstance(array, np.ndarray):
            if array.dtype.char not in _TYPES or not array.size:
                return array.tolist()
            found = {"$": [_TYPES[array.dtype.char], place, *array.shape]}
            if array is item:
                there[id(item)] = found
            padding = -array.nbytes % ALIGN
            arrays.extend([np.ascontiguousarray(array).tobytes(), bytes(padding)])
            place += array.nbytes + padding
            return found
        if isinstance(item, dict):
            return {name: plain(part) for name, part in item.items()}
        if isinstance(item, list | tuple):
            return [plain(part) for part in item]
        item = item.item() if isinstance(item, np.generic) else item
        return None if isinstance(item, float) and not math.isfinite(item) else item  # JSON has no nan

    text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return b"".join([struct.pack("<I", len(text)), text, bytes(-(4 + len(text)) % ALIGN), *arrays])


def unpacked(part: bytes) -> Any:
    """What was packed, arrays read-only."""
    (length,) = struct.unpack_from("<I", part)
    start = length + 4 + -(4 + length) % ALIGN

    def whole(item: Any) -> Any:
        if isinstance(item, dict):
            if "$" in item:
                kind, place, *shape = item["$"]
                return np.frombuffer(part, kind, int(np.prod(shape)), start + place).reshape(shape)
            return {name: whole(one) for name, one in item.items()}
        return [whole(one) for one in item] if isinstance(item, list) else item

    return whole(json.loads(part[4 : 4 + length]))


def digest(part: bytes) -> str:
    """A short text that is another one for other bytes."""
    return hashlib.blake2b(part, digest_size=8).hexdigest()


def array_of(value: Any) -> Any:
    """The array that Plotly writes as its type and base 64; anything else as it is."""
    if not isinstance(value, dict) or "bdata" not in value:
        return value
    flat = np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
    return flat.reshape([int(size) for size in str(value["shape"]).split(",")]) if "shape" in value else flat


def columns(name: str, frames: Sequence[Any], traces: int) -> dict[str, Any]:
    """The frames of the chart `name`, which has so many traces, as `{"steps": [F], "moves": one for each property}`.

    A move says of which trace (-1: the layout) and which property it is; `at[F]` is the number of its value in every
    frame, and its values are a list, or the array `flat` of all, each of `shape`, or up to its place in `ends`.

    Raises:
        ValueError: If a frame is not named by a step, or moves a trace that is not there.
    """
    frames = sorted(frames, key=lambda frame: _step(name, frame))
    steps = [_step(name, frame) for frame in frames]
    found: dict[tuple[Any, ...], dict[int, Any]] = {}
    for index, frame in enumerate(frames):
        data = frame.get("data") or ()
        for trace, part in zip(frame.get("traces") or range(len(data)), data, strict=True):
            if not 0 <= trace < traces:
                raise ValueError(f"{name}: the frame of step {steps[index]} moves trace {trace} of {traces}")
            for path, value in _leaves(part):
                if path != ("type",):
                    found.setdefault((trace, *path), {})[index] = value
        for path, value in _leaves(frame.get("layout") or {}):
            found.setdefault((-1, *path), {})[index] = value
    moves = [{"trace": key[0], "path": key[1:], **_column(values, len(steps))} for key, values in found.items()]
    return {"steps": steps, "moves": moves}


def _step(name: str, frame: Any) -> int:
    try:
        return int(frame["name"])
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{name}: a frame must be named by its step, not {frame.get('name')!r}") from None


def _leaves(node: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in node.items():
        if isinstance(value, dict) and "bdata" not in value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), array_of(value)


def _column(given: dict[int, Any], count: int) -> dict[str, Any]:
    """The values of one property, given at some of `count` frames; before the first of these, the first holds."""
    values, at = [], []
    for index in range(count):
        if index in given and not (values and _same(values[-1], given[index])):
            values.append(given[index])
        at.append(max(len(values) - 1, 0))
    where = {"at": np.array(at, np.uint8 if len(values) < 256 else np.uint16)}
    if not all(isinstance(value, np.ndarray) and value.dtype.char in _TYPES for value in values):
        return where | {"values": values}
    shapes = {value.shape for value in values}
    flat = np.concatenate([value.ravel() for value in values])
    if len(shapes) == 1 and flat.size:
        return where | {"flat": flat, "shape": list(shapes.pop())}
    if any(len(shape) != 1 for shape in shapes):
        return where | {"values": values}
    return where | {"flat": flat, "ends": np.cumsum([value.size for value in values]).astype(np.int32)}


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return type(one) is type(other) and not isinstance(one, np.ndarray) and one == other
