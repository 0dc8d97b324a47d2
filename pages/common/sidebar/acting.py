"""Which settings of a run change something on a page, as it is viewed now.

A race on a function asks for no data, a deep network before training for no optimizer. A control that changes nothing
where the reader is misleads, so each page says in its settings which of them act (`acting`), the sidebar shows these,
and the rest keep their values for the pages where they act.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from engine.experiment import KEYS
from pages.common.link.page_settings import present


class Acting(NamedTuple):
    """The settings that act, by their keys, and a sentence on those that do not."""

    keys: frozenset[str]
    elsewhere: str = ""


EVERY = Acting(frozenset(KEYS))


def only(keys: Iterable[str], elsewhere: str) -> Acting:
    """These act."""
    return Acting(frozenset(keys), elsewhere)


def all_but(keys: Iterable[str], elsewhere: str) -> Acting:
    """All act but these."""
    return Acting(frozenset(KEYS) - frozenset(keys), elsewhere)


def acting_on(section: Any) -> Acting:
    """What acts on a page, by the module of its settings: `section.acting(values)` says so, or all of them do."""
    acting = getattr(section, "acting", None)
    return EVERY if acting is None else acting(present(section.SETTINGS))
