"""The link is the document: read once when a session opens, kept in the address, written out to share.

While the page is in use, each control keeps its own parameter of the address (`bind`), and leaves it out where it has
its default. Streamlit drops values that it cannot read without a word, and breaks at some. So before the first control
is made, `open_link` reads the whole address by the declarations of its settings, notes what could not be taken, and
puts in its place an address that means the same and that every control can read.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from engine.backprop import EXAMPLES
from engine.backprop.worked_examples import DATA
from engine.experiment import KEYS, SETTINGS, Experiment, usual
from engine.experiment.settings import Setting, quoted
from engine.lessons import LESSONS
from pages.common.link.changes import change, change_state
from pages.common.link.controls import ADDRESS, shown
from pages.common.link.page_settings import texts

_READ, _EMPTY = "link_read", "link_empty"


class Opened(NamedTuple):
    """What an address says.

    `of_pages` are the settings of pages that it has, `problems` a sentence for each part that was not taken, and
    `address` one that means the same and that every control can read.
    """

    experiment: Experiment
    of_pages: dict[str, Any]
    problems: tuple[str, ...]
    address: dict[str, list[str]]


def open_link(declared: Mapping[str, Setting]) -> tuple[str, ...]:
    """Read the address on the first run of a session; return a sentence for each part that was not taken.

    `declared` are the settings that pages add to those of the experiment.
    """
    if _READ not in st.session_state:
        given = {key: st.query_params.get_all(key) for key in st.query_params}
        opened = read(given, declared)
        st.session_state[_READ], st.session_state[_EMPTY] = opened.problems, not given
        put(opened.experiment)  # Streamlit writes later changes to the address only for keys that are set by now
        held = {key: value for key, value in opened.of_pages.items() if declared[key].control != ADDRESS}
        change({key: shown(declared[key], value) for key, value in held.items()})
        if opened.address != given:
            st.query_params.from_dict(opened.address)
            st.rerun()
    return st.session_state[_READ]


def opened_empty() -> bool:
    """Whether the session was opened by an address without any setting."""
    return st.session_state.get(_EMPTY, False)


def read(given: Mapping[str, list[str]], declared: Mapping[str, Setting]) -> Opened:
    """What an address says, its texts by their keys; never raises."""
    given = _preset(given, declared) | given
    settings = {key: "-".join(values) for key, values in given.items() if key not in declared}
    experiment = Experiment.from_params(settings)
    values, problems, address = {}, list(experiment.problems), brief(experiment)
    for key in (key for key in given if key in declared):
        setting = declared[key]
        values[key], problem = setting.read("-".join(given[key]))
        if key == "example" and values[key] in EXAMPLES and experiment.data != DATA:
            problem = f"{quoted(values[key])} has data of its own; those of the link are used"
            values[key] = setting.default
        problems += [f"{key}: {problem}"] if problem else []
        control = shown(setting, values[key])
        address[key] = texts(control) if problem or isinstance(control, list) else given[key]
    return Opened(experiment, values, tuple(problems), address)


def put(experiment: Experiment) -> None:
    """Set every control of the sidebar; before the sidebar is shown, or in a callback."""
    change_state(controlled({key: getattr(experiment, key) for key in KEYS}))


def put_some(values: Mapping[str, Any]) -> None:
    """Set some controls of the sidebar to values of the experiment's settings; when and where as `put`."""
    change(controlled(values))


def controlled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the experiment's settings as the controls of the sidebar hold them."""
    return {key: shown(SETTINGS[key], value) for key, value in values.items()}


def brief(experiment: Experiment) -> dict[str, list[str]]:
    """The address as the controls write it: what differs from the usual and means something in this run."""
    expected = usual(experiment.data, experiment.optimizer)
    differing = [key for key in KEYS if getattr(experiment, key) != expected[key] and SETTINGS[key].when(experiment)]
    return {key: texts(shown(SETTINGS[key], getattr(experiment, key))) for key in differing}


def full(experiment: Experiment, url: str, page: Mapping[str, str | list[str]] | None = None) -> str:
    """The link to share: every setting, defaults included, so that no later default can change what it means.

    `url` is where the page is now; `page` holds the parameters of the page itself.
    """
    parts = urlsplit(url)
    query = urlencode(experiment.to_params() | dict(page or {}), doseq=True)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))


def _preset(given: Mapping[str, list[str]], declared: Mapping[str, Setting]) -> dict[str, list[str]]:
    """The state of a worked example or a lesson that the address names, if it has no settings of its own."""
    example, lesson = (EXAMPLES.get("".join(given.get("example", []))), LESSONS.get("".join(given.get("lesson", []))))
    if lesson is not None and not any(
        key in KEYS or declared[key].control != ADDRESS for key in given if key in {*KEYS, *declared}
    ):
        return {key: [text] for key, text in lesson.params.items()}
    if example is None or set(given) & set(KEYS):
        return {}
    return {key: [text] for key, text in example.experiment.to_params().items()}
