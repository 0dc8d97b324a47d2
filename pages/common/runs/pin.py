"""A and B: a pinned experiment, A, stays while the settings, B, go on changing, and both are shown.

In the address A is what differs from the settings beside it, `pin=v:1~lr:0.1`, which stays short and keeps its
meaning because a shared link spells those settings out. It is written anew whenever a setting changes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engine.experiment import KEYS, SETTINGS, Experiment
from engine.experiment.settings import Text
from engine.experiment.settings.declaration import shortened
from pages.common.app.head import Head
from pages.common.app.notices import warn
from pages.common.link.controls import ADDRESS
from pages.common.link.page_settings import tell, told
from pages.common.link.unbound import went_through_history
from pages.common.runs.cache import trained
from pages.common.settings import Settings
from pages.common.text import inside, listed, number, plain

PIN = Text(
    "",
    "Pinned run",
    "What differs from the settings beside it in a run that is kept as A.",
    4000,
    control=ADDRESS,
    key="pin",
)
NO_TABLE = "its data are a table of your own, which no link holds"
_KEPT, _PROBLEMS = "pin_settings", "pin_problems"
_BUTTON = "pin_button"
_PAIR, _VALUE, MOST_NAMED = "~", ":", 2


class Difference(NamedTuple):
    """What A and B differ in: the settings, and a text for titles, "A: learning rate 0.1 · B: learning rate 0.03"."""

    keys: tuple[str, ...]
    text: str


def pinned(settings: Settings, *, on_table: bool = True) -> Settings | None:
    """A, if there is one and its data are here; call it before the page's head, so that the link to share holds it.

    `on_table`: whether the page runs A on its own data; one with data of its own needs no table that A was pinned on.
    """
    linked = told(PIN)
    if went_through_history():
        _let_go()
    if _KEPT not in st.session_state and linked:
        experiment = read(linked, settings.experiment)
        st.session_state[_PROBLEMS] = experiment.problems
        st.session_state[_KEPT] = _settings(experiment, settings)
    kept = st.session_state.get(_KEPT)
    tell(PIN, "" if kept is None else write(kept.experiment, settings.experiment))
    if kept is None or kept.experiment.data != "csv" or kept.data is not None:
        return kept
    problems = [problem for problem in st.session_state.get(_PROBLEMS, ()) if problem != NO_TABLE]
    if settings.data is not None:
        kept = st.session_state[_KEPT] = _settings(kept.experiment, settings)
    elif on_table:  # A waits for the table
        problems, kept = [*problems, NO_TABLE], None
    st.session_state[_PROBLEMS] = tuple(problems)
    return kept


def pin_buttons(settings: Settings, kept: Settings | None) -> None:
    """Pin the present run, or let go of the one that is pinned; and what of a link could not be taken.

    Both are one button to the browser, so that the keyboard stays on it when it is pressed.
    """
    if kept is None:
        st.button(
            "Pin as A",
            key=_BUTTON,
            icon=":material/keep:",
            on_click=_pin,
            args=(settings,),
            help="Keep this run as A. Then change a setting: every chart shows both, A in grey and the new run, B.",
        )
    else:
        let_go = "Let go of A: every chart shows the present run alone."  # without a help it would be another element
        st.button("Unpin A", key=_BUTTON, icon=":material/keep_off:", on_click=_unpin, help=let_go)
    warn([f"The pinned run: {problem}." for problem in st.session_state.get(_PROBLEMS, ())])


def difference(pinned_one: Experiment, present: Experiment) -> Difference:
    """The settings in which A and B differ, in the order of the sidebar."""
    keys = tuple(key for key in KEYS if getattr(pinned_one, key) != getattr(present, key))
    if not keys:
        return Difference((), "A and B are the same: change a setting")
    shown, more = keys[:MOST_NAMED], len(keys) - MOST_NAMED
    sides = (", ".join(said(experiment, key) for key in shown) for experiment in (pinned_one, present))
    text = " · ".join(f"{letter}: {side}" for letter, side in zip("AB", sides, strict=True))
    return Difference(keys, text + (f" and {more} more" if more > 0 else ""))


def beside(
    texts: Mapping[str, Sequence[str]], steps: Sequence[int], other: Mapping[str, Sequence[str]], frames: np.ndarray
) -> dict[str, list[str]]:
    """Numbers of B at its steps, those of A in brackets where it has them, taken at the steps `frames` of A.

    A shows what it was at the same step, or at its last one where it ended earlier.
    """
    at = np.maximum(np.searchsorted(frames, steps, side="right") - 1, 0)

    def both(title: str) -> list[str]:
        own, of_a = texts[title], other.get(title)
        return list(own) if of_a is None else [f"{text} (A {of_a[place]})" for text, place in zip(own, at, strict=True)]

    return {title: both(title) for title in texts}


def ends_line(settings: Settings, kept: Settings | None, head: Head, present: Any = None, what: str = "") -> None:
    """Where a page draws no curves of A: what both runs end with, in one sentence; nothing without A.

    `present` has the losses of B where these are not those of its settings, and `what` says why.
    """
    if kept is None:
        return
    versus = difference(kept.experiment, settings.experiment).text
    runs = {"A": trained(kept, head), f"B{what}": present or trained(settings, head)}
    told = [f"{letter} {_end(run.train_loss)} (test {_end(run.test_loss)})" for letter, run in runs.items()]
    st.caption(plain(f"{versus}. Loss at the end: {', '.join(told)}."))


def _end(losses: np.ndarray | None) -> str:
    return number(None if losses is None else losses[-1])


def named(found: Difference) -> str:
    """The settings of a difference as the sidebar calls them."""
    return listed([SETTINGS[key].label for key in found.keys])


def said(experiment: Experiment, key: str, most: int = 24) -> str:
    """A setting and its value, cut where that is long."""
    text = SETTINGS[key].named(getattr(experiment, key))
    return f"{inside(SETTINGS[key].label)} {shortened(text, most)}"


def write(pinned_one: Experiment, present: Experiment) -> str:
    """A as the text of the link: the version, and what differs from B."""
    here = present.to_params()
    pairs = [(key, text) for key, text in pinned_one.to_params().items() if key == "v" or here[key] != text]
    return _PAIR.join(f"{key}{_VALUE}{text}" for key, text in sorted(pairs, key=lambda pair: pair[0] != "v"))


def read(text: str, present: Experiment) -> Experiment:
    """A from the text of the link; never raises, what could not be taken is in `problems`."""
    pairs = dict(part.partition(_VALUE)[::2] for part in text.split(_PAIR) if part)
    return Experiment.from_params(present.to_params() | pairs)


def _settings(experiment: Experiment, settings: Settings) -> Settings:
    """An experiment from a link with the data of now: a user's own table is in no link."""
    if experiment.data != "csv":
        return Settings(experiment)
    return settings._replace(experiment=experiment)


def _pin(settings: Settings) -> None:
    st.session_state[_KEPT] = settings
    st.session_state.pop(_PROBLEMS, None)


def _unpin() -> None:
    _let_go()
    tell(PIN, "")


def _let_go() -> None:
    st.session_state.pop(_KEPT, None)
    st.session_state.pop(_PROBLEMS, None)
