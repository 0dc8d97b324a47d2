"""The settings of a race: its track, its racers, their learning rates, and where and how long they run.

What belongs to a single optimizer is in `hyperparameters`.
"""

import dataclasses
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engine.descent import formula_surface
from engine.experiment.options import BESIDE
from engine.experiment.settings import AUTO, Choice, Real, Several, Text, Whole, keyed, titled
from engine.expressions import ExpressionError
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES
from engine.surfaces import SURFACES, Surface, quadratic_valley
from pages.common.link.changes import change
from pages.common.link.controls import ADDRESS, control
from pages.common.link.page_settings import AT, COVER, HEIGHTS, held
from pages.common.runs.pin import PIN
from pages.common.sidebar.acting import EVERY, Acting, all_but, only
from pages.common.sidebar.groups import grid, of_page
from pages.common.text import plain

FORMULA, NETWORK, VALLEY = "formula", "network", "quadratic_valley"
TRACKS = titled(SURFACES) | {FORMULA: "Your own formula", NETWORK: "The network"}
FAIR = {"tuned": "Each its best", "same": "One for all"}
KNOWN_BEFORE = titled({name: schedule for name, schedule in SCHEDULES.items() if not schedule.adaptive})
SAMPLE = "(x**2 - 1)**2 + 2*y**2 + 0.3*x"
CASTING = ("sgd", "momentum", "nesterov", "rmsprop", "adam")
_GOOD, _OWN = "race_good_formula", "race_own_start"


def _in_valley(page: Any) -> bool:
    return page.track == VALLEY


def _by_formula(page: Any) -> bool:
    return page.track == FORMULA


def _on_surface(page: Any) -> bool:
    return page.track != NETWORK


SETTINGS = keyed(
    track=Choice("rosenbrock", "Track", "What is raced on: a test function, your own formula, or the network.", TRACKS),
    racers=Several(CASTING, "Racers", "Who takes part.", titled(OPTIMIZERS), distinct=True),
    fair=Choice(
        "tuned",
        "Learning rate",
        "Each racer at the best of 32 learning rates for it, or all at the same one.",
        FAIR,
        control="segments",
    ),
    rate=Real(
        0.001, "Rate", "Learning rate of every racer.", 1e-6, 10, step=0.001, when=lambda page: page.fair == "same"
    ),
    kap=Real(
        10.0,
        "Stretch κ",
        "Condition number κ: the ratio of the two curvatures.",
        0.01,
        10_000,
        step=1.0,
        when=_in_valley,
    ),
    ang=Real(
        0.0, "Angle °", "Angle of the valley against the x axis, in degrees.", -180, 180, step=15.0, when=_in_valley
    ),
    fxy=Text(SAMPLE, "f(x, y)", "x, y, + - * / **, sin, exp, sqrt, …; LaTeX, too.", 1000, when=_by_formula),
    half=Real(
        2.0,
        "Map up to ±",
        "The map shows x and y from minus to plus this number.",
        0.1,
        100,
        step=0.5,
        when=_by_formula,
    ),
    sx=Real(None, "Start x", "", words=AUTO, when=_on_surface),
    sy=Real(None, "y", "", words=AUTO, when=_on_surface),
    rsteps=Whole(300, "Steps of the race", "Gradient evaluations of every racer.", 1, 1000, step=50, when=_on_surface),
    tol=Real(0.001, "Tolerance", "Loss above the minimum that counts as reached.", 1e-12, 1000, step=0.001),
    gnoise=Real(
        0.0,
        "Gradient noise",
        "Variance of the noise on the gradient, the same noise for all.",
        0,
        100,
        step=0.1,
        when=_on_surface,
    ),
    rsched=Choice("constant", "Schedule", "Learning rate by step.", KNOWN_BEFORE, when=_on_surface),
    rwarm=Whole(
        0,
        "Warm-up of the race",
        "Steps over which the learning rate rises at first.",
        0,
        1000,
        step=10,
        when=_on_surface,
    ),
    arrows=Choice(
        "all",
        "Arrows",
        "White: down the gradient. Black: the step that comes next.",
        {"none": "None", "all": "All"} | titled(OPTIMIZERS),
    ),
    rlog=Choice("log", "Heights", "How heights of the surface are drawn.", HEIGHTS),
    hy=Text("", "Settings of each optimizer", "Such as adam.beta1:0.5~lion.beta2:0.9.", 4000, control=ADDRESS),
    pin=PIN,
    at=AT,
    cover=COVER,
)
START = ("sx", "sy")
LOOKS = ("arrows", "rlog", "fair", "rate", "fxy")  #: that change no number of a race, or count by what they lead to


def acting(page: Any) -> Acting:
    """The settings of a run that act on the page: on a function none; beside a pinned run its own end is told, too."""
    if page.track != NETWORK:
        return only((), "A race on a function has settings of its own. Those of a run act on the track “The network”.")
    if page.pin:
        return EVERY
    of_racers = ("optimizer", "lr", *BESIDE["optimizer"], "patience")
    return all_but(of_racers, "The racers bring optimizer and learning rate along, and nobody stops early.")


class RaceSettings(NamedTuple):
    """What the controls say. `surface` is None on the network, `start` then as well."""

    values: dict[str, Any]
    surface: Surface | None
    start: tuple[float, float] | None

    @property
    def key(self) -> tuple[Any, ...]:
        """What a race is kept under, but for hyper-parameters: the settings that change its numbers."""
        page = SimpleNamespace(**self.values)
        kept = [value for key, value in self.values.items() if key not in LOOKS and SETTINGS[key].when(page)]
        text = self.surface.title if self.surface is not None else ""
        return (*kept, text, self.start)

    @property
    def arrows(self) -> tuple[str, ...]:
        """The racers with arrows."""
        names = self.values["arrows"]
        return self.values["racers"] if names == "all" else (names,)


def settings_held() -> tuple[dict[str, Any], list[str]]:
    """The settings of the page but the start, and a sentence for each that was mended."""
    return held(one for key, one in SETTINGS.items() if one.control != ADDRESS and key not in START)


def chosen_surface(values: dict[str, Any]) -> tuple[Surface | None, ExpressionError | None]:
    """The function to race on, None for the network; and what is wrong with the formula, if anything."""
    track, half, state = values["track"], values["half"], st.session_state
    if track == NETWORK:
        return None, None
    if track == VALLEY:
        return quadratic_valley(values["kap"], np.radians(values["ang"])), None
    if track != FORMULA:
        return SURFACES[track], None
    try:
        surface, problem = formula_surface(values["fxy"], half), None
        state[_GOOD] = values["fxy"]
    except ExpressionError as error:
        surface, problem = formula_surface(state.get(_GOOD, SAMPLE), half), error
    return surface, problem


def start_held(track: str, surface: Surface) -> tuple[list[Real], list[str]]:
    """The two settings of the start on this surface, and a sentence for each that was mended.

    The start is the surface's own until the reader has chosen another one.
    """
    state, settings = st.session_state, []
    own = [float(f"{value:.6g}") for value in surface.start]
    before, last = state.get(_OWN, (track, (None, None)))
    for key, usual, (low, high), kept in zip(START, own, surface.domain, last, strict=True):
        if before != track or state.get(key) == kept != usual:
            change({key: usual})
        step = float(f"{(high - low) / 40:.1g}")
        settings.append(dataclasses.replace(SETTINGS[key], default=usual, low=low, high=high, step=step))
    state[_OWN] = (track, own)
    return settings, held(settings)[1]


def controls(values: dict[str, Any], surface: Surface | None, start: list[Real]) -> RaceSettings:
    """Show the controls, in the row in which it is called."""
    page = SimpleNamespace(**values)

    def show(key: str, **layout: Any) -> None:
        if SETTINGS[key].when(page):
            control(SETTINGS[key], **layout)

    for key, width in {"track": 160, "kap": 82, "ang": 82, "fxy": 220, "half": 100}.items():
        show(key, width=width)
    show("fair")
    show("rate", width=92)
    place = tuple(control(setting, width=88) for setting in start)
    with st.popover("Racers", icon=":material/groups:"):
        show("racers")
    with of_page("Race"), grid():
        for key in ("arrows", "rlog", "tol"):
            show(key)
        if surface is None:
            st.caption("Steps, batch, noise and schedule of this race are those of the sidebar.")
        for key in ("rsteps", "gnoise", "rsched", "rwarm"):
            show(key)
    return RaceSettings(values, surface, place or None)


def start_clicked(x: float, y: float) -> None:
    """Start where the reader has clicked on the map (in a callback)."""
    change({setting: float(f"{value:.6g}") for setting, value in zip(START, (x, y), strict=True)})


def without_slope(surface: Surface, start: tuple[float, float]) -> bool:
    """Whether f has a value at the start but no gradient, as x^y at (-1, 2)."""
    value, gradient = surface(np.array(start))
    return bool(np.isfinite(value) and np.isnan(gradient).any())


def show_problem(problem: ExpressionError, text: str) -> None:
    """Where a formula is wrong and why; the last good one is still raced on."""
    good = plain(st.session_state.get(_GOOD, SAMPLE))
    marked = f"```text\n{text.replace('`', ' ')}\n{' ' * (problem.position - 1)}^\n```"
    st.error(f"{plain(str(problem))}. Still racing on {good}.\n{marked}", icon=":material/function:")
