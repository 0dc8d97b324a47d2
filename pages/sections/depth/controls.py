"""The controls of the Depth page, its presets and tasks, and how its network meets the sidebar's.

A preset fills the page's settings, `hand_over` writes them into the sidebar.
"""

import dataclasses
from typing import Any, NamedTuple

import streamlit as st

from engine.depth import PRESETS, REPAIRS, TASKS, Deep
from engine.experiment import recommended
from pages.common.link.changes import change, touched
from pages.common.link.controls import control
from pages.common.link.link import controlled
from pages.common.link.undo import change_at_once
from pages.common.runs.pin import pin_buttons
from pages.common.settings import Settings
from pages.common.sidebar.groups import of_page, shown_if
from pages.common.text import plain
from pages.sections.depth.settings import FOLDED, NAMES, SETTINGS, idle


class Chosen(NamedTuple):
    """What the controls say: the network, the one with the remedy (None without), and the rest of the page."""

    deep: Deep
    repaired: Deep | None
    fix: str
    input: str
    view: str
    task: str


def controls(values: dict[str, Any], settings: Settings, before: Settings | None) -> Chosen:
    """Show the controls of the network and return what they say; raises ValueError where it would be too large.

    A run can be pinned where networks train, by `settings`; `before` is the pinned one.
    """
    still = idle(values["dview"], values["dtask"])

    def show(key: str, **layout: Any) -> None:
        with shown_if(key not in still):
            control(SETTINGS[key], **layout)

    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        for key, width in (("depth", 108), ("width", 88), ("phi", 116), ("draw", 116)):
            show(key, width=width)
        show("sw2", on_change=_by_hand, width=88)
        show("sb2", width=88)
        with of_page("Deep network") if not still.issuperset(FOLDED) else shown_if(False):
            for key in FOLDED:
                show(key)
        _presets()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        control(SETTINGS["dview"], help=None, label_visibility="collapsed")
        show("fix", width=150)
        show("dinput", width=90)
        place = st.container(width="content")
        if values["dview"] == "training":
            pin_buttons(settings, before)
    deep = Deep(**{field: values[key] for field, key in NAMES.items()})
    repaired = None if values["fix"] == "none" else REPAIRS[values["fix"]](deep)
    with place:
        _hand_over(deep, repaired)
    return Chosen(deep, repaired, *(values[key] for key in ("fix", "dinput", "dview", "dtask")))


def load_preset(name: str, task: str = "none") -> None:
    """Fill the page with a preset (in a callback), and let the sidebar train by plain gradient descent."""
    preset = PRESETS[name]
    network = {NAMES[field]: value for field, value in dataclasses.asdict(preset.deep).items()}
    own = network | {"fix": "none" if task != "none" else preset.repair, "dtask": task}
    of_run = {"optimizer": "sgd"} | recommended("sgd") | {"lr": 0.1}
    what = f"The task “{TASKS[task].title}”" if task != "none" else f"The preset “{preset.title}”"
    change_at_once(what, own | controlled(of_run))


def set_network(**changes: Any) -> None:
    """Change settings of the network (in a callback), by the names of `Deep`."""
    change({NAMES[field]: value for field, value in changes.items()})
    if "weight_variance" in changes:
        change({"draw": "variances"})


def set_task(name: str) -> None:
    """Begin or end a task (in a callback)."""
    change({"dtask": name})


def _by_hand(key: str) -> None:
    if touched(key):
        change({"draw": "variances"})


def _hand_over(deep: Deep, repaired: Deep | None) -> None:
    help_ = (
        "Writes depth, width, activation, weights and remedies into the sidebar. Random biases have no setting there."
    )
    with st.popover("Open in Train", icon=":material/open_in_new:", help=help_):
        for name, network in (("This network", deep), ("With the remedy", repaired)):
            clicked = network is not None and st.button(
                name, key=f"hand_over_{name[:4].lower()}", type="tertiary", on_click=hand_over, args=(network,)
            )
            if clicked:
                st.switch_page("pages/train.py", query_params={})
        st.caption("Layers and the other pages then show it too.")


def hand_over(deep: Deep) -> None:
    """Write a network into the settings of the sidebar (in a callback)."""
    change_at_once("The network of Depth", controlled(deep.settings()))


def _presets() -> None:
    with st.popover("Presets", icon=":material/school:"), st.container(gap=None):
        st.caption("Networks to look at, each with a repair beside it.")
        for name, preset in PRESETS.items():
            more = {"help": plain(preset.says), "on_click": load_preset, "args": (name,)}
            st.button(preset.title, key=f"preset_{name}", type="tertiary", **more)
        st.caption("Tasks: a broken network to repair. What is measured decides.")
        for name, task in TASKS.items():
            more = {"on_click": load_preset, "args": (task.preset, name)}
            st.button(plain(task.title), key=f"task_{name}", type="tertiary", icon=":material/build:", **more)
