"""The settings of the pages: what each adds to the link beside the experiment, read and held to its declaration here.

A page declares them in its section as `SETTINGS`. When a session opens, `open_link` reads those of all pages from the
address; from then on the session holds them, and each page holds them to what they may be there (`held`): a step of the
run, a weight of the network. A few stand in the address alone, because no control shows them (`told` and `tell`).
"""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import streamlit as st

from engine.experiment.settings import Setting, Text, Truth, Whole
from pages.common.link.changes import begin, change
from pages.common.link.controls import ADDRESS, shown

OF_RUN, ONE_STEP = ("train", "layers", "loss_surface"), "backprop"  #: pages that play the run; the one on a step of it
_TOLD, _PAGE, _SEEN, _RUN = "told_texts", "told_page", "told_step", "run"

#: The step at which the player of a page rests.
AT = Whole(
    None,
    "Step of the player",
    "The step at which the player rests.",
    0,
    10**9,
    words={"last": None},
    control=ADDRESS,
    key="at",
)

#: Whether what the run does after that step is not shown.
COVER = Truth(False, "Cover the future", "Nothing beyond the present step is drawn.", control=ADDRESS, key="cover")

#: Whether all is drawn for a room, on every page.
PROJECTOR = Truth(
    False, "Projector size", "Words of 16 pixels and more, thicker lines: for the last row of a room.", key="projector"
)

#: How heights of a surface are drawn.
HEIGHTS = {"log": "Logarithms", "linear": "As they are"}

#: How the columns of the user's own table are read, on every page.
COLUMNS = Text("", "Columns", "A word for each column of the table, in order.", 4000, control=ADDRESS, key="columns")


def held(settings: Iterable[Setting]) -> tuple[dict[str, Any], list[str]]:
    """What the session says of settings that have controls, and a sentence for each that had to be mended.

    Call it before the controls are drawn. What has no value yet, or was emptied, gets its default.
    """
    values, problems = {}, []
    for setting in settings:
        key, given = setting.key, st.session_state.get(setting.key)
        values[key], problem = (setting.default, "") if given in (None, []) else setting.read(given)
        problems += [f"{key}: {problem}"] if problem else []
        wanted = shown(setting, values[key])
        begin({key: wanted})
        if st.session_state[key] != wanted:
            change({key: wanted})
    return values, problems


def present(settings: Mapping[str, Setting]) -> SimpleNamespace:
    """The settings of a page as attributes, before the page has held them to what they may be there."""
    values = {}
    for key, setting in settings.items():
        given = st.session_state.get(key)
        if setting.control == ADDRESS:
            values[key] = told(setting)
        else:
            values[key] = setting.default if given in (None, []) else setting.read(given)[0]
    return SimpleNamespace(**values)


def told(setting: Setting) -> Any:
    """What the address says of a setting that has no control."""
    text = st.query_params.get(setting.key)
    return setting.default if text is None else setting.read(text)[0]


def tell(setting: Setting, value: Any) -> None:
    """Write a setting that has no control into the address; its default is left out."""
    _remember(setting.key, "" if value == setting.default else setting.format(value))
    if value == setting.default:
        st.query_params.pop(setting.key, None)
    elif st.query_params.get(setting.key) != setting.format(value):
        st.query_params[setting.key] = setting.format(value)


def enter(page: str, settings: Mapping[str, Setting], *, by_menu: bool) -> None:
    """Before a page is shown: where the menu has led to it, its address gets what it has lost of `settings`.

    A link of the menu carries none of those that stand in the address alone. The step of the player goes along among
    the pages that play the run, and Backprop opens at it; elsewhere a player has steps of its own.
    """
    here = st.session_state
    before, here[_PAGE] = here.get(_PAGE), page
    alone = [key for key, one in settings.items() if one.control == ADDRESS]
    if by_menu and before not in (None, page):
        lost = {key: _remembered(key) for key in alone if key not in st.query_params and _remembered(key)}
        if lost:
            st.query_params.update(lost)
        step = here.get(_TOLD, {}).get((AT.key, _RUN))
        if page == ONE_STEP and step and "step" not in st.query_params:
            here[_SEEN] = int(step)
            change({"step": int(step)})
    for key in alone:
        _remember(key, st.query_params.get(key, ""))


def follow_step(step: int) -> None:
    """Backprop has come to another step of the run: the pages that play it go there, too."""
    if st.session_state.setdefault(_SEEN, step) != step:
        st.session_state[_SEEN] = step
        st.session_state.setdefault(_TOLD, {})[AT.key, _RUN] = AT.format(step)


def forget() -> None:
    """Everything is put in place by the app: nothing of before follows to another page."""
    st.session_state.pop(_TOLD, None)


def _remember(key: str, text: str) -> None:
    st.session_state.setdefault(_TOLD, {})[_slot(key)] = text


def _remembered(key: str) -> str:
    return st.session_state.get(_TOLD, {}).get(_slot(key), "")


def _slot(key: str) -> Any:
    """Under what a setting is remembered: the step with the clock that the page's player goes by."""
    page = st.session_state.get(_PAGE)
    return key if key != AT.key else (key, _RUN if page in OF_RUN else page)


def texts(value: Any) -> list[str]:
    """The value of a control as Streamlit writes it into the address; nothing for None."""
    if value is None or isinstance(value, list):
        return value or []
    return [str(value).lower() if isinstance(value, bool) else str(value)]


def to_share(settings: Iterable[Setting]) -> dict[str, list[str]]:
    """The parameters of a page for the link to share, as the page is now."""
    source = {True: st.query_params, False: st.session_state}
    here = {one.key: source[one.control == ADDRESS].get(one.key) for one in settings}
    return {key: texts(value) for key, value in here.items() if texts(value)}
