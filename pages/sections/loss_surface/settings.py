"""How the loss surface is looked at: which plane, how high, how fine, how far, and which runs beside the present one.

All of it is in the address (see `link`), so that a link opens the same picture.
"""

from typing import NamedTuple

import numpy as np
import streamlit as st

from engine.experiment import Experiment
from engine.landscape import Window
from engine.optimizers import OPTIMIZERS
from engine.training import Recording
from pages.common.link.changes import change
from pages.common.parameter_names import every_name, name_of, place_of
from pages.common.settings import Settings
from pages.common.sidebar.defaults import recommended

PLANES = {
    "pca": "Principal components of the path",
    "random": "Two random directions",
    "weights": "Two single weights",
    "hessian": "The two directions of largest curvature",
    "slice": "The straight line from start to end",
}
BOUND = "query-params"
MOST_NAMES = 2000  #: of parameters in a list to choose from
_AUTOMATIC = "surface_automatic"


class View(NamedTuple):
    """What the controls say; `window` is None for the automatic one, `pair` counts in the flat vector."""

    plane: str
    seed: int
    pair: tuple[int, int]
    names: tuple[str, str]
    log: bool
    resolution: int
    window: Window | None
    rivals: tuple[str, ...]


def controls(recording: Recording) -> View:
    """Show the controls, in the row in which it is called."""
    plane = st.segmented_control(
        "Plane",
        list(PLANES),
        default="pca",
        required=True,
        key="plane",
        bind=BOUND,
        help=" · ".join(f"{key}: {text}" for key, text in PLANES.items()),
    )
    seed, names = 0, ("", "")
    if plane == "random":
        st.session_state.setdefault("pseed", 0)
        seed = st.number_input("Seed of the plane", 0, 10**6, key="pseed", bind=BOUND, width=120)
        st.button("Reseed", icon=":material/casino:", on_click=_reseed, help="Two other random directions.")
    elif plane == "weights":
        names = _weights(recording)
    with st.popover("View", icon=":material/tune:"):
        height = st.segmented_control(
            "Height", ["log", "linear"], default="log", required=True, key="height", bind=BOUND
        )
        resolution = st.slider("Resolution", 25, 101, 51, 2, key="res", bind=BOUND, help="Nodes on each axis.")
        window = _window() if plane != "slice" else None
        rivals = _rivals()
    layout = recording.network.layout
    places = [place_of(name, layout) for name in names if name]
    pair = tuple(int(layout.indices(part)[at]) for part, at in places) if len(places) == 2 else (0, 1)
    return View(plane, seed, pair, names, height == "log", resolution, window, rivals)


def remember(window: Window) -> None:
    """The window on the screen, from which setting one by hand starts out."""
    st.session_state[_AUTOMATIC] = window


def racers(experiment: Experiment, rivals: tuple[str, ...]) -> list[Experiment]:
    """The same run with other optimizers, each as the sidebar recommends it."""
    return [experiment.replace(optimizer=name, **recommended(name)) for name in rivals]


def key_of(settings: Settings) -> tuple[str, ...]:
    """What a run is kept under."""
    return (*settings.experiment.to_params().values(), settings.fingerprint)


def _reseed() -> None:
    change({"pseed": st.session_state.get("pseed", 0) + 1})


def _weights(recording: Recording) -> tuple[str, str]:
    """Two parameters: at first those that the run moved most."""
    layout = recording.network.layout
    with np.errstate(all="ignore"):
        moved = np.nan_to_num(np.abs(recording.params[-1] - recording.params[0]), posinf=0.0)
    first = [_name(layout, int(index)) for index in np.argsort(-moved)[:2]]
    options = list(dict.fromkeys([*first, *every_name(layout)]))[:MOST_NAMES]
    names = []
    for label, key, usual in zip(("First weight", "Second weight"), ("wa", "wb"), first, strict=True):
        kept = st.session_state.get(key, st.query_params.get(key))
        if kept is not None and place_of(kept, layout) is None:
            st.session_state[key] = usual
        elif kept is not None and kept not in options:
            options.append(kept)
        at = options.index(usual)
        names.append(st.selectbox(label, options, at, key=key, bind=BOUND, width=130))
    return names[0], names[1]


def _name(layout, index: int) -> str:
    part, place = layout.describe(index)
    return name_of(part, place)


def _window() -> Window | None:
    extent = st.segmented_control(
        "Extent", ["auto", "hand"], default="auto", required=True, key="window", bind=BOUND, on_change=_by_hand
    )
    if extent == "auto":
        return None
    ranges = []
    for title, keys in (("First direction", ("alo", "ahi")), ("Second direction", ("blo", "bhi"))):
        ends = []
        for column, key, label, usual in zip(st.columns(2), keys, ("from", "to"), (-1.0, 1.0), strict=True):
            with column:
                ends.append(
                    st.number_input(f"{title} {label}", value=usual, step=0.1, format="%g", key=key, bind=BOUND)
                )
        ranges.append((ends[0], ends[1]))
    return ranges[0], ranges[1]


def _by_hand() -> None:
    shown = st.session_state.get(_AUTOMATIC)
    if st.session_state.window == "hand" and shown is not None:
        ends = zip(("alo", "ahi", "blo", "bhi"), np.ravel(shown).tolist(), strict=True)
        change({key: float(f"{value:.3g}") for key, value in ends})


def _rivals() -> tuple[str, ...]:
    return tuple(
        st.multiselect(
            "Race against",
            list(OPTIMIZERS),
            key="race",
            bind=BOUND,
            placeholder="Other optimizers",
            help="The same network from the same start, each optimizer with a learning rate that suits it.",
        )
    )
