"""How the loss surface is looked at: which plane, how high, how fine, how far, and which runs beside the present one.

All of it is in the address (see `link`), so that a link opens the same picture.
"""

from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engine.experiment import Experiment, recommended
from engine.experiment.settings import Choice, Real, Several, Text, Whole, keyed, quoted, titled
from engine.landscape import Window, objective_of
from engine.optimizers import OPTIMIZERS
from engine.training import Recording
from pages.common.app.notices import warn
from pages.common.link.changes import change, touched
from pages.common.link.controls import control
from pages.common.link.page_settings import AT, COVER, HEIGHTS
from pages.common.parameter_names import every_name, name_of, place_of
from pages.common.runs.pin import PIN
from pages.common.sidebar.groups import of_page, shown_if

PLANES = {
    "pca": "Along the path",
    "random": "Random",
    "weights": "Two weights",
    "hessian": "Sharpest",
    "slice": "Start to end",
}
MOST_NAMES = 2000  #: of parameters in a list to choose from
_AUTOMATIC = "surface_automatic"


def _of_two(page: Any) -> bool:
    return page.plane == "weights"


def _by_hand(page: Any) -> bool:
    return page.window == "hand"


def _end(default: float, label: str) -> Real:
    return Real(default, label, "", -1e12, 1e12, step=0.1, when=_by_hand)


SETTINGS = keyed(
    plane=Choice(
        "pca",
        "Plane",
        "Through the loss surface: along the path's principal components (PCA), two random directions, two single "
        "weights, the two directions of largest curvature (of the Hessian), or the straight line from start to end.",
        PLANES,
        control="segments",
    ),
    pseed=Whole(0, "Seed of the plane", "", 0, 10**6, step=1, when=lambda page: page.plane == "random"),
    wa=Text("", "First weight", "", 20, control="choice", when=_of_two),
    wb=Text("", "Second weight", "", 20, control="choice", when=_of_two),
    height=Choice("log", "Height", "", HEIGHTS, control="segments"),
    res=Whole(51, "Resolution", "Nodes on each axis.", 25, 101, step=2, control="slider"),
    window=Choice("auto", "Extent", "", {"auto": "By itself", "hand": "By hand"}, control="segments"),
    alo=_end(-1.0, "First direction from"),
    ahi=_end(1.0, "First direction to"),
    blo=_end(-1.0, "Second direction from"),
    bhi=_end(1.0, "Second direction to"),
    race=Several(
        (),
        "Race against",
        "The same network from the same start, each optimizer with a learning rate that suits it.",
        titled(OPTIMIZERS),
        least=0,
        distinct=True,
        control="list",
    ),
    pin=PIN,
    at=AT,
    cover=COVER,
)
HELD = [SETTINGS[key] for key in ("plane", "pseed", "height", "res", "window", "alo", "ahi", "blo", "bhi", "race")]


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
    plane, names = control(SETTINGS["plane"]), ("", "")
    if plane != "slice" and len(objective_of(recording).variables) < 2:
        st.caption(
            "A single parameter is trained and spans no plane: the line from start to end shows all of its loss."
        )
        plane = "slice"
    if plane == "random":
        control(SETTINGS["pseed"], width=120)
        st.button("Reseed", icon=":material/casino:", on_click=_reseed, help="Two other random directions.")
    elif plane == "weights":
        names = _weights(recording)
    with of_page("Surface"):
        height = control(SETTINGS["height"])
        with shown_if(plane != "slice"):
            resolution = control(SETTINGS["res"])
        window = _window() if plane != "slice" else None
        rivals = tuple(control(SETTINGS["race"], placeholder="Other optimizers"))
    layout = recording.network.layout
    places = [place_of(name, layout) for name in names if name]
    pair = tuple(int(layout.indices(part)[at]) for part, at in places) if len(places) == 2 else (0, 1)
    seed = st.session_state.pseed if plane == "random" else 0
    return View(plane, seed, pair, names, height == "log", resolution, window, rivals)


def remember(window: Window) -> None:
    """The window on the screen, from which setting one by hand starts out."""
    st.session_state[_AUTOMATIC] = window


def racers(experiment: Experiment, rivals: tuple[str, ...]) -> list[Experiment]:
    """The same run with other optimizers, each as the sidebar recommends it."""
    return [experiment.replace(optimizer=name, **recommended(name)) for name in rivals]


def _reseed() -> None:
    change({"pseed": st.session_state.pseed + 1})


def _weights(recording: Recording) -> tuple[str, str]:
    """Two parameters: at first those that the run moved most."""
    layout = recording.network.layout
    with np.errstate(all="ignore"):
        moved = np.nan_to_num(np.abs(recording.params[-1] - recording.params[0]), posinf=0.0)
    moved = np.where(layout.mask("weight", "bias"), moved, -1.0)  # those of a normalisation have no names here
    first = [_name(layout, int(index)) for index in np.argsort(-moved)[:2] if moved[index] >= 0]
    options = list(dict.fromkeys([*first, *islice(every_name(layout), MOST_NAMES)]))[:MOST_NAMES]
    names, problems = [], []
    for key, usual in zip(("wa", "wb"), (first[0], first[-1]), strict=True):
        asked = st.session_state.get(key)
        if asked and place_of(asked, layout) is None:
            problems.append(f"{key}: {quoted(asked)} is no weight of this network; {usual} is shown")
            change({key: usual})
        elif asked and asked not in options:
            options.append(asked)
        names.append(control(SETTINGS[key], usual, options=options, width=130))
    warn(problems)
    return names[0], names[1]


def _name(layout, index: int) -> str:
    part, place = layout.describe(index)
    return name_of(part, place)


def _window() -> Window | None:
    if control(SETTINGS["window"], on_change=_extent_changed) == "auto":
        return None
    ranges = []
    for keys in (("alo", "ahi"), ("blo", "bhi")):
        ends = []
        for column, key in zip(st.columns(2), keys, strict=True):
            with column:
                ends.append(control(SETTINGS[key]))
        ranges.append((ends[0], ends[1]))
    return ranges[0], ranges[1]


def _extent_changed(key: str) -> None:
    automatic = st.session_state.get(_AUTOMATIC)
    if touched(key) and st.session_state[key] == "hand" and automatic is not None:
        ends = zip(("alo", "ahi", "blo", "bhi"), np.ravel(automatic).tolist(), strict=True)
        change({key: float(f"{value:.3g}") for key, value in ends})
