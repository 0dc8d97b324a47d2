"""Settings without a bound widget: kept in the session, and in the address by hand.

A widget of Streamlit's keeps its own parameter of the address (`bind`), in the words that it shows. The components of
the lab cannot, a list of options shows their names and not the words of the link, and a setting in a fold that has not
been opened has no widget at all. Such settings are kept in the session under their keys all the same, and `write` puts
into the address what a bound widget would have put there. Once a setting has had a bound widget it is that widget's for
good, for Streamlit lets nobody else write it.

The session is ahead of the address, with one exception: where the address has changed and nobody has changed the
setting, the person has gone back or forward in the browser, and `came_back` takes what the address says. But not where
it is one that the menu has led to: a link to another page has lost such settings, and nobody has chosen that.
"""

from collections.abc import Iterable, Mapping
from time import monotonic
from typing import Any, NamedTuple

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from engine.experiment import KEYS, SETTINGS, Experiment
from engine.experiment.settings import Setting
from pages.common.link.changes import begin, change_state
from pages.common.link.controls import named, shown
from pages.common.link.page_settings import forget, texts

GRACE = 1.0  #: seconds that the browser has to learn of what was written
_BOUND = "unbound_not"  #: keys that have, or had, a bound widget
_KEPT = "unbound_kept"  #: values of pages' own settings, for when their page is shown again
_LAST = "unbound_last"
_FOLLOWING = ("samples", "standardise", "loss")  #: settings that follow the data, unless they are said
_LOST = "unbound_lost"  #: addresses that pages were entered with, without what they had to have


class _Last(NamedTuple):
    """What was written last: for each key what the address got and the session had; when, and on which page."""

    texts: Mapping[str, list[str]]
    values: Mapping[str, Any]
    when: float
    page: str


def bound(key: str) -> None:
    """From now on the setting is kept in the address by its widget."""
    st.session_state.setdefault(_BOUND, set()).add(key)


def of_page(settings: Mapping[str, Setting]) -> dict[str, Setting]:
    """Those settings of a page whose controls are not bound; they have a value in the session from now on.

    Streamlit forgets the values of widgets that another page does not show: they get back those of the page's last run.
    """
    own = {key: setting for key, setting in settings.items() if named(setting)}
    kept = st.session_state.setdefault(_KEPT, {})
    begin({key: kept.get(key, shown(setting, setting.default)) for key, setting in own.items()})
    kept.update({key: st.session_state[key] for key in own})
    return own


def write(wanted: Mapping[str, list[str]], page: str, own: Mapping[str, Setting]) -> None:
    """Have the address of `page` say this, and nothing else, of the settings without a bound widget.

    `wanted` are those of the sidebar that are not as usual, `own` the settings `of_page`.
    """
    here = st.session_state
    keys = [*_unbound(), *own]
    differing = {key: texts(here[key]) for key, one in own.items() if here[key] != shown(one, one.default)}
    said, given = {key: (wanted | differing).get(key, []) for key in keys}, _given(keys)
    last = here.get(_LAST)
    if last is not None and last.page != page and given != said:
        here.setdefault(_LOST, []).append((page, given))
    changed = {key: said[key] for key in keys if said[key] and said[key] != given[key]}
    if changed:
        st.query_params.update(changed)  # at once: each message to the browser is an entry of its history
    for key in keys:
        if not said[key]:
            st.query_params.pop(key, None)
    here[_LAST] = _Last(said, {key: here[key] for key in keys}, monotonic(), page)


def unwritten(address: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Of what an address is to say, what no bound widget will write into it."""
    return {key: text for key, text in address.items() if key not in st.session_state.get(_BOUND, ())}


def has_widget(key: str) -> bool:
    """Whether a widget on the present page writes the key into the address, and nobody else may; not while away."""
    context = get_script_run_ctx()
    if context is None:
        return False
    with context.session_state.query_params() as address:
        return address.is_bound(key)


def start_anew() -> None:
    """All settings are put in place by the app: what the address said before is no place to come back to."""
    st.session_state.pop(_LAST, None)
    forget()


def came_back(page: str, own: Mapping[str, Setting]) -> None:
    """Take from the address what going back or forward has changed; before the widgets are made.

    `own` are the settings `of_page`. That the person has gone through the browser's history Streamlit says; where it
    does not, an address of this page that has changed long after the last writing says so, too.
    """
    here, last, through = st.session_state, st.session_state.get(_LAST), went_through_history()
    if last is None:
        return
    if not through and (last.page != page or monotonic() < last.when + GRACE):  # it may not have heard yet
        return
    keys = [*_unbound(), *own]
    given = _given(keys)
    if (page, given) in here.get(_LOST, []):
        return
    there = Experiment.from_params({key: "-".join(said) for key, said in _given(KEYS).items() if said})
    values = {key: one.read("-".join(given[key]))[0] if given[key] else one.default for key, one in own.items()}
    settings = SETTINGS | dict(own)
    moved = [key for key in keys if through or (given[key] != last.texts[key] and here[key] == last.values[key])]
    if "data" in moved and here.data != there.data:
        moved += [key for key in _FOLLOWING if key not in moved]  # a bound widget has it of the data before
    wanted = {key: shown(settings[key], values.get(key, getattr(there, key, None))) for key in moved}
    changed = {key: value for key, value in wanted.items() if here[key] != value}
    if changed:
        change_state(changed)


def went_through_history() -> bool:
    """Whether this run is for an entry of the browser's history, whose address says all there is to say."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _unbound() -> list[str]:
    return [key for key in KEYS if key not in st.session_state.get(_BOUND, ())]


def _given(keys: Iterable[str]) -> dict[str, list[str]]:
    return {key: st.query_params.get_all(key) for key in keys}
