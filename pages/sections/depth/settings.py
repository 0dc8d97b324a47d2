"""The settings of the Depth page: a deep network of its own, beside the sidebar's, and how the two meet.

The sidebar's network is one to train; the Depth page looks at stacks of equal layers before training, and so
has its own depth, width, activation and variances. Data, seed and everything about training stay the
sidebar's. A preset fills the page's settings, `hand_over` writes them into the sidebar.
"""

import dataclasses
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engine.activations import ACTIVATIONS
from engine.depth import DRAWS, LIMITS, PRESETS, REPAIRS, TASKS, Deep
from engine.depth.deep_network import most_layers
from engine.experiment import NORMS, OF_DATA, RESIDUALS, recommended
from engine.experiment.settings import Choice, Real, Whole, keyed, titled
from pages.common.link.changes import change, touched
from pages.common.link.controls import ADDRESS, control
from pages.common.link.link import controlled
from pages.common.link.page_settings import AT, COVER, held
from pages.common.link.undo import change_at_once
from pages.common.runs.pin import PIN, pin_buttons
from pages.common.settings import Settings
from pages.common.sidebar.acting import Acting, all_but, only
from pages.common.sidebar.groups import of_page, shown_if
from pages.common.text import plain

_LINKED = "depth_sw2_linked"  #: whether σw² comes from a link that has just been opened
VIEWS = {
    "signals": "Signals",
    "training": "Training",
    "phase": "Phase diagram",
    "jacobian": "Jacobian",
    "recurrence": "Recurrence",
}
#: Page keys of the fields of `Deep`: short, and none of them a key of the sidebar.
NAMES = {
    "depth": "depth",
    "width": "width",
    "activation": "phi",
    "draw": "draw",
    "weight_variance": "sw2",
    "bias_variance": "sb2",
    "bias": "b0",
    "norm": "dnorm",
    "residual": "dres",
    "clip": "dclip",
}
SETTINGS = keyed(
    depth=Whole(20, "Hidden layers", "Hidden layers.", *LIMITS["depth"], step=1),
    width=Whole(64, "Width", "Units in every hidden layer.", 2, 256, step=16),
    phi=Choice("sigmoid", "Activation", "Activation φ of every hidden layer.", titled(ACTIVATIONS)),
    draw=Choice(
        "variances", "Weights", "How the weights are drawn: by σw², or by a name, which is a choice of σw².", DRAWS
    ),
    sw2=Real(
        1.0,
        "Size σw²",
        "The size of the weights: σw², the variance of a weight times the number of inputs.",
        *LIMITS["weight_variance"],
        step=0.1,
    ),
    sb2=Real(0.0, "Biases σb²", "The size of the biases: σb², their variance.", *LIMITS["bias_variance"], step=0.05),
    b0=Real(0.0, "Mean bias", "Mean of every hidden bias.", *LIMITS["bias"], step=0.5),
    dnorm=Choice("none", "Normalisation", "Normalise each layer before its activation.", NORMS),
    dres=Choice(
        "none",
        "Residual",
        "A path past each layer: plain, scaled by 1/√L, or with a gate that is 0 at first.",
        RESIDUALS,
    ),
    dclip=Real(
        0.0, "Clip gradient at", "Largest norm of the whole gradient; 0 for no clipping.", *LIMITS["clip"], step=0.5
    ),
    dinput=Choice(
        "noise",
        "Input",
        "What enters: standard normal noise, or the training part of the sidebar's data.",
        {"noise": "Noise", "data": "The data"},
    ),
    fix=Choice(
        "relu",
        "Compare with remedy",
        "The same network with one remedy, in the same charts.",
        {"none": "None"} | titled(REPAIRS),
    ),
    dview=Choice("signals", "Show", "What the page shows.", VIEWS, control="segments"),
    dtask=Choice(
        "none", "Task", "A broken network to repair; what is measured decides.", {"none": "None"} | titled(TASKS)
    ),
    radius=Real(
        0.9,
        "Spectral radius ρ",
        "Largest modulus of the eigenvalues of the recurrent matrix.",
        0,
        3,
        step=0.01,
        control="slider",
        when=lambda page: page.dview == "recurrence",
    ),
    pin=PIN,
    at=AT,
    cover=COVER,
)


FOLDED = ("dnorm", "dres", "dclip", "b0")  #: in the sidebar, in the group of the page


def acting(page: Any) -> Acting:
    """The settings of a run that act on the page: how it trains, where it trains; its data, where they enter."""
    network = "The network is the page's own."
    if page.dview == "training":
        return all_but((*Deep().settings(), "patience"), f"{network} It trains by the settings above.")
    if page.dinput == "data" and (page.dview == "signals" or page.dtask != "none"):
        return only(OF_DATA, f"{network} Of a run it takes the data that enter.")
    return only(("seed",), f"{network} Of a run it takes the seed alone, unless it trains or data enter.")


def idle(view: str, task: str) -> set[str]:
    """The settings of the page that change nothing on a view; a task measures the network on every one."""
    if view == "signals":
        return set()
    remedy = set() if view == "training" else {"fix"}
    if task != "none":
        return remedy
    if view == "training":
        return {"dinput"}
    more = {"phase": {"width"}, "recurrence": {"draw", "sw2", "sb2"}}
    return {"dinput", *FOLDED, *remedy, *more.get(view, ())}


class Chosen(NamedTuple):
    """What the controls say: the network, the one with the remedy (None without), and the rest of the page."""

    deep: Deep
    repaired: Deep | None
    fix: str
    input: str
    view: str
    task: str


def settings_held() -> tuple[dict[str, Any], list[str]]:
    """The settings of the page, and a sentence for each that was mended; a named draw says itself what σw² is."""
    values, problems = held(setting for setting in SETTINGS.values() if setting.control != ADDRESS)
    most, width = most_layers(values["width"]), values["width"]
    if values["depth"] > most:
        said = f"must be at most {most} at width {width}, to stay interactive; {most} is used"
        problems.append(f"depth: `{values['depth']}` {said}")
        values["depth"] = most
        change({"depth": most})
    linked = st.session_state.setdefault(_LINKED, SETTINGS["sw2"].key in st.query_params)
    st.session_state[_LINKED] = False
    if values["draw"] != "variances":
        named = Deep(depth=1, width=width, draw=values["draw"]).inner_weight_variance
        if linked and not np.isclose(values["sw2"], named):
            problems.append(f"sw2: `{values['sw2']:g}` is ignored: beside draw={values['draw']} it is {named:g}")
        values["sw2"] = named
        if st.session_state.sw2 != named:
            change({"sw2": named})
    return values, problems


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
