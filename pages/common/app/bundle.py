"""The parts of Streamlit's bundle, of which the browser loads each when something first needs it.

Their names carry a digest and are not public, but Streamlit is pinned.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import streamlit as st

_STATIC = Path(st.__file__).parent / "static"
_PARTS = _STATIC / "static" / "js"
_IMPORT = re.compile(r'(?:from|import)"\./([\w.-]+)"')
_HEAD = 8192  #: characters: a part begins with what it imports


def part(stem: str) -> str:
    """The name of a part's file, such as "Html.abc.js" for "Html"."""
    return next(_PARTS.glob(f"{stem}.*.js")).name


@cache
def with_imports(stems: Sequence[str]) -> tuple[str, ...]:
    """The names of parts and of all that these import, as far as the document itself does not name them."""
    document = (_STATIC / "index.html").read_text(encoding="utf-8")
    found, waiting = [], [part(stem) for stem in stems]
    for name in waiting:
        if name in found or name in document:
            continue
        found.append(name)
        with (_PARTS / name).open(encoding="utf-8") as file:
            waiting += _IMPORT.findall(file.read(_HEAD))
    return tuple(found)
