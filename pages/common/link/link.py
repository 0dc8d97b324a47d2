"""The link is the document: read once when a session opens, kept in the address, written out to share.

While the page is in use, each widget of the sidebar keeps its own parameter of the address (`bind`), and
leaves it out where it has its default. Streamlit drops values that it cannot read without a word. So before
the first widget is made, `open_link` reads the whole address through `Experiment.from_params`, notes what
could not be taken, and puts in its place an address that means the same and that every widget can read.
"""

import math
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from engine.backprop import EXAMPLES
from engine.experiment import KEYS, Experiment, setting, usual
from engine.experiment.options import OPTIONAL, belonging
from pages.common.link.changes import change
from pages.common.menu import PAGE_KEYS
from pages.common.text import plain

STEP = "at"  #: key of the step at which the player rests
_READ = "link_read"


def open_link() -> tuple[str, ...]:
    """Read the address on the first run of a session; return a sentence for each part that was not taken."""
    if _READ not in st.session_state:
        given = {key: st.query_params.get_all(key) for key in st.query_params}
        kept = {key: values for key, values in given.items() if key in PAGE_KEYS}
        settings = {key: "-".join(values) for key, values in given.items() if key not in kept}
        experiment = Experiment.from_params(_preset(given) | settings)
        st.session_state[_READ] = experiment.problems
        put(experiment)  # Streamlit writes later changes to the address only for keys that are set by now
        address = brief(experiment) | kept
        if address != given:
            st.query_params.from_dict(address)
            st.rerun()
    return st.session_state[_READ]


def put(experiment: Experiment) -> None:
    """Set every control of the sidebar; before the sidebar is shown, or in a callback."""
    change({key: shown(key, getattr(experiment, key)) for key in KEYS})


def brief(experiment: Experiment) -> dict[str, list[str]]:
    """The address as the widgets write it: what differs from the usual and means something in this run."""
    known, expected = belonging(experiment), usual(experiment.data, experiment.optimizer)
    values = {key: getattr(experiment, key) for key in KEYS if key in known or key not in OPTIONAL}
    return {key: _texts(shown(key, value)) for key, value in values.items() if value != expected[key]}


def full(experiment: Experiment, url: str, page: Iterable[tuple[str, str | list[str]]] = ()) -> str:
    """The link to share: every setting, defaults included, so that no later default can change what it means.

    `url` is where the page is now; `page` holds the parameters of the page itself.
    """
    parts = urlsplit(url)
    query = urlencode(experiment.to_params() | dict(page), doseq=True)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))


def step_asked() -> tuple[float | None, str]:
    """The step that the address asks the player for, if any; a sentence if it is no number."""
    given = st.query_params.get(STEP)
    try:
        wish = float(given) if given else None
    except ValueError:
        wish = math.nan
    if wish is None or math.isfinite(wish):
        return wish, ""
    return None, f"{STEP}: {plain(repr(given[:40]))} must be a step; the last one is shown."


def shown(key: str, value: Any) -> Any:
    """A value of the experiment as its widget holds it: lists for pills, text where one may type."""
    if key == "features":
        return list(value)
    if key == "batch":
        return str(value) if value else "full"
    return setting(key).format(value) if isinstance(value, tuple) else value


def _preset(given: dict[str, list[str]]) -> dict[str, str]:
    """The settings of a worked example that the address names, if it has no settings of its own."""
    example = EXAMPLES.get("".join(given.get("example", [])))
    return {} if example is None or set(given) & set(KEYS) else example.experiment.to_params()


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return value
    return [str(value).lower() if isinstance(value, bool) else str(value)]
