"""How the sidebar shows a group of settings: a heading with the way back, controls two a row, and a fold for the rest.

A control that means nothing beside the others is not made. One that acts on other pages only is made all the same, but
out of sight: so it keeps its value, in the session and in the address, and acts again where it matters.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NamedTuple

import streamlit as st

from engine.experiment import RATES, SETTINGS, belonging, recommended
from pages.common.lesson.classroom import own_lesson
from pages.common.lesson.teacher import GROUPS
from pages.common.link.changes import change
from pages.common.link.controls import control, in_words, named, shown
from pages.common.link.unbound import bound

ROW = 34  #: pixels: a heading is as high with its button as without
ELSEWHERE, OF_PAGE = "elsewhere", "group_page"  #: keys of containers; the first one is out of sight (see app.css)
_OPENED, _OWN, _AWAY = "folds_opened", "sidebar_own", "sidebar_elsewhere"


class Fresh(NamedTuple):
    """Something to be drawn anew: what its button says, does and means, and the setting with which it acts."""

    label: str
    draw: Callable[[], None]
    meaning: str
    key: str


class Groups:
    """The groups of the sidebar, and what their controls say.

    `acting` are the keys of the settings that act on the page, `expected` the values that the link leaves out,
    `studied` the settings that the Study page varies; `values` are what the controls have come to say, as far as they
    are made.
    """

    def __init__(self, acting: frozenset[str], expected: dict[str, Any], studied: Collection[str] = ()):
        self.acting, self.expected, self.studied, self.values = acting, expected, studied, {}
        self._goals: dict[str, Any] = {}
        self._name = ""
        st.session_state[_OWN] = st.container(key=OF_PAGE, gap="xsmall")
        self._elsewhere = st.session_state[_AWAY] = st.container(key=ELSEWHERE)

    def place(self, *keys: str) -> AbstractContextManager[Any]:
        """Where to show what belongs to these settings: here, or out of sight if none of them acts."""
        return nullcontext() if self.acting & set(keys) else self._elsewhere

    @contextmanager
    def group(self, title: str, fresh: Fresh | None = None) -> Iterator[None]:
        """A heading, what is shown inside, and beside the heading what is fresh and the way back to what is usual."""
        name = self._name = title.lower()
        self._goals = {}
        with self.place(*GROUPS[name]), st.container(key=f"group_{name}", gap="xsmall"):
            heading = _heading(title)
            if fresh is not None and fresh.key in self.acting:
                lesson = own_lesson()
                locked = lesson is not None and "seed" in lesson.locked_keys
                meaning = "The seed is locked by the teacher, with the data." if locked else fresh.meaning
                more = {"type": "tertiary", "icon": ":material/casino:", "help": meaning, "on_click": fresh.draw}
                heading.button(fresh.label, key=f"fresh_{title}", disabled=locked, **more)
            yield
        values, goals = self.values, self._goals
        changed = {key: value for key, value in goals.items() if values[key] != value}
        if changed:
            labels = [f"{SETTINGS[key].label} {in_words(SETTINGS[key], value)}" for key, value in changed.items()]
            heading.button(
                f"Reset {len(changed)}",
                key=f"reset_{title}",
                type="tertiary",
                icon=":material/undo:",
                help=f"Back to {', '.join(labels)}",
                on_click=_reset,
                args=(changed,),
            )

    @contextmanager
    def fold(self, label: str, key: str, *keys: str) -> Iterator[bool]:
        """A fold for these settings, and whether their controls are to be made: from its first opening on."""
        with self.place(*keys):
            fold = st.expander(label, key=key, type="compact", on_change="rerun")
        opened = st.session_state.setdefault(_OPENED, set())
        if fold.open:
            opened.add(key)
        with fold:
            yield key in opened
            if key in opened:
                self._study()

    def show(self, key: str, *, made: bool = True, **how: Any) -> None:
        """Show the control of a setting, if it means something beside the others.

        One that is not `made`, in a fold or because a component stands for it, has the value of the session.
        """
        here, expected = st.session_state, self.expected[key]
        if not SETTINGS[key].when(here):
            return
        own = belonging(here) | {"lr": RATES[here.optimizer]}
        if made:
            if not named(SETTINGS[key]):
                bound(key)
            with self.place(key):
                self.values[key] = control(own.get(key, SETTINGS[key]), expected, **how)
        else:
            self.values[key] = here[key]
        if key in self.acting:
            self._goals[key] = shown(SETTINGS[key], own["lr"].default if key == "lr" else expected)

    def _study(self) -> None:
        """A menu with the settings of the group that mean something here: choosing one opens the Study page on it."""
        options = [key for key in GROUPS[self._name] if key in self._goals and key in self.studied]
        if not options:
            return
        about = "Opens the Study page on that setting: a run for each of its usual values."
        more = {"type": "tertiary", "icon": ":material/query_stats:", "help": about}
        more |= {"key": f"study_{self._name}", "format_func": lambda one: SETTINGS[one].label}
        key = st.menu_button("Study one of these", options, **more)
        if key is not None:
            change({"stview": "settings", "st1": key, "st1v": "", "st2": "none", "st2v": ""})
            st.switch_page("pages/study.py", query_params={})

    def pairs(self, *keys: str, made: bool = True) -> None:
        """Show several, two a row."""
        with self.place(*keys), grid(made):
            for key in keys:
                self.show(key, made=made)


@contextmanager
def of_page(title: str) -> Iterator[None]:
    """The group of the page that is shown, on top of the sidebar."""
    with st.session_state[_OWN]:
        _heading(title)
        yield


def shown_if(acts: bool) -> AbstractContextManager[Any]:
    """For the controls of a page: here, or out of sight where they change nothing on the present view."""
    return nullcontext() if acts else st.session_state[_AWAY]


def grid(made: bool = True) -> Any:
    """Two controls a row, on a phone too: one block for the browser to draw, where columns would be three a row.

    Where no control is made there is none to draw.
    """
    if not made:
        return nullcontext()
    return st.grid(2, min_column_width=100, gap=("xsmall", "small"), vertical_alignment="bottom")


def _heading(title: str) -> Any:
    heading = st.container(horizontal=True, vertical_alignment="center", height=ROW, border=False)
    heading.markdown(f"**{title}**", width="stretch")
    return heading


def _reset(back: dict[str, Any]) -> None:
    change(back | (recommended(back["optimizer"]) if "optimizer" in back else {}))
