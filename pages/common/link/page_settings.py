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
    if value == setting.default:
        st.query_params.pop(setting.key, None)
    elif st.query_params.get(setting.key) != setting.format(value):
        st.query_params[setting.key] = setting.format(value)


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
