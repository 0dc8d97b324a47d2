"""The settings of the Depth page: a deep network of its own, beside the sidebar's, and which of both act on a view.

The sidebar's network is one to train; the Depth page looks at stacks of equal layers before training, and so
has its own depth, width, activation and variances. Data, seed and everything about training stay the
sidebar's.
"""

from typing import Any

import numpy as np
import streamlit as st

from engine.activations import ACTIVATIONS
from engine.depth import DRAWS, LIMITS, REPAIRS, TASKS, Deep
from engine.depth.deep_network import most_layers
from engine.experiment import NORMS, OF_DATA, RESIDUALS
from engine.experiment.settings import Choice, Real, Whole, keyed, titled
from pages.common.link.changes import change
from pages.common.link.controls import ADDRESS
from pages.common.link.page_settings import AT, COVER, held
from pages.common.runs.pin import PIN
from pages.common.sidebar.acting import Acting, all_but, only

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
