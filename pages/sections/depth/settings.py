"""The settings of the Depth page: a deep network of its own, beside the sidebar's, and how the two meet.

The sidebar's network is one to train; the Depth page looks at stacks of equal layers before training, and so
has its own depth, width, activation and variances. Data, seed and everything about training stay the
sidebar's. Each setting is a key of the link; `settle` checks what the link or the session holds before the
first control is made. A preset fills the page's settings, `hand_over` writes them into the sidebar.
"""

import dataclasses
from typing import Any, NamedTuple

import streamlit as st

from engine.activations import ACTIVATIONS
from engine.depth import DRAWS, LIMITS, NORMS, PRESETS, REPAIRS, RESIDUALS, TASKS, Deep
from engine.experiment.fields import Field, choice, read, real, whole
from pages.common.link.link import shown
from pages.common.text import plain

VIEWS = ("signals", "training", "phase", "jacobian", "recurrence")
_KEPT = "deep_kept"
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


@dataclasses.dataclass
class _Own:
    depth: int = whole(20, *LIMITS["depth"], "Hidden layers.")
    width: int = whole(64, 2, 256, "Units in every hidden layer.")
    phi: str = choice("sigmoid", tuple(ACTIVATIONS), "Activation φ of every hidden layer.")
    draw: str = choice("variances", DRAWS, "How the weights are drawn: by σw², or by a name, which is a choice of σw².")
    sw2: float = real(1.0, *LIMITS["weight_variance"], "σw² = n_in Var W: the size of the weights.")
    sb2: float = real(0.0, *LIMITS["bias_variance"], "σb² = Var b: the size of the biases.")
    b0: float = real(0.0, *LIMITS["bias"], "Mean of every hidden bias.")
    dnorm: str = choice("none", NORMS, "Normalise each layer before its activation.")
    dres: str = choice(
        "none", RESIDUALS, "A path past each layer: plain, scaled by 1/√L, or with a gate that is 0 at first."
    )
    dclip: float = real(0.0, *LIMITS["clip"], "Largest norm of the whole gradient; 0 for no clipping.")
    dinput: str = choice(
        "noise", ("noise", "data"), "What enters: standard normal noise, or the training part of the sidebar's data."
    )
    fix: str = choice("relu", ("none", *REPAIRS), "The same network with one remedy, in the same charts.")
    dview: str = choice("signals", VIEWS, "What the page shows.")
    dtask: str = choice("none", ("none", *TASKS), "A broken network to repair; what is measured decides.")
    radius: float = real(0.9, 0, 3, "Largest modulus of the eigenvalues of the recurrent matrix.")


FIELDS: dict[str, Field] = {f.name: f.metadata["field"] for f in dataclasses.fields(_Own)}
DEFAULTS: dict[str, Any] = {f.name: f.default for f in dataclasses.fields(_Own)}


class Chosen(NamedTuple):
    """What the controls say: the network, the one with the remedy (None without), and the rest of the page."""

    deep: Deep
    repaired: Deep | None
    input: str
    view: str


def settle() -> list[str]:
    """Put a valid value of every setting into the session; return a sentence for each that was not taken."""
    problems = []
    before = st.session_state.get(_KEPT, {})
    for key, field in FIELDS.items():
        given = st.session_state.get(key, st.query_params.get(key, before.get(key)))
        value, problem = (DEFAULTS[key], "") if given is None else read(field, given, DEFAULTS[key])
        if problem:
            problems.append(f"{key}: {problem}")
        if key not in st.session_state or st.session_state[key] != value:
            st.session_state[key] = value
    if st.session_state.draw != "variances":
        st.session_state.sw2 = _deep().inner_weight_variance
    st.session_state[_KEPT] = {key: st.session_state[key] for key in FIELDS}
    return problems


def controls() -> Chosen:
    """Show the controls of the network and return what they say; raises ValueError where it would be too large."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        _whole("depth", "Hidden layers", 1, 108)
        _whole("width", "Width", 16, 88)
        _choice("phi", "Activation", 116)
        _choice("draw", "Weights", 116)
        _real("sw2", "σw²", 0.1, 88, on_change=_by_hand)
        _real("sb2", "σb²", 0.05, 88)
        with st.popover("More", icon=":material/tune:"):
            _choice("dnorm", "Normalisation")
            _choice("dres", "Residual")
            _real("dclip", "Clip gradient at", 0.5)
            _real("b0", "Mean bias", 0.5)
        _presets()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        options = list(VIEWS)
        more = {"key": "dview", "bind": "query-params", "required": True, "label_visibility": "collapsed"}
        view = st.segmented_control("Show", options, default=DEFAULTS["dview"], **more)
        _choice("fix", "Compare with remedy", 150)
        _choice("dinput", "Input", 90)
        place = st.container(width="content")
    deep = _deep()
    fix = st.session_state.fix
    repaired = None if fix == "none" else REPAIRS[fix](deep)
    with place:
        _hand_over(deep, repaired)
    return Chosen(deep, repaired, st.session_state.dinput, view)


def load_preset(name: str, task: str = "none") -> None:
    """Fill the page with a preset (in a callback), and let the sidebar train by plain gradient descent."""
    preset = PRESETS[name]
    st.session_state.update({NAMES[field]: value for field, value in dataclasses.asdict(preset.deep).items()})
    st.session_state.update(fix="none" if task != "none" else preset.repair, dtask=task)
    st.session_state.update(optimizer="sgd", lr=0.1)


def set_network(**changes: Any) -> None:
    """Change settings of the network (in a callback), by the names of `Deep`."""
    st.session_state.update({NAMES[field]: value for field, value in changes.items()})
    if "weight_variance" in changes:
        st.session_state.draw = "variances"


def set_task(name: str) -> None:
    """Begin or end a task (in a callback)."""
    st.session_state.dtask = name


def _deep() -> Deep:
    return Deep(**{field: st.session_state[key] for field, key in NAMES.items()})


def _by_hand() -> None:
    st.session_state.draw = "variances"


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
    st.session_state.update({key: shown(key, value) for key, value in deep.settings().items()})


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


def _whole(key: str, label: str, step: int, width: int | str = "stretch") -> int:
    field = FIELDS[key]
    more = {"key": key, "bind": "query-params", "help": field.help, "width": width}
    return st.number_input(label, field.low, field.high, DEFAULTS[key], step, **more)


def _real(key: str, label: str, step: float, width: int | str = "stretch", on_change: Any = None) -> float:
    field = FIELDS[key]
    more = {"key": key, "bind": "query-params", "help": field.help, "width": width, "on_change": on_change or "rerun"}
    return st.number_input(label, float(field.low), float(field.high), DEFAULTS[key], step, format="%g", **more)


def _choice(key: str, label: str, width: int | str = "stretch") -> str:
    options = FIELDS[key].options
    more = {"key": key, "bind": "query-params", "help": FIELDS[key].help, "width": width}
    return st.selectbox(label, options, index=options.index(DEFAULTS[key]), **more)
