"""The controls of a race: what they say of its track, its racers, and where they start, and how they are drawn."""

import dataclasses
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engine.descent import formula_surface
from engine.experiment.settings import Real
from engine.expressions import ExpressionError, parse
from engine.surfaces import SURFACES, Surface, quadratic_valley
from pages.common.link.changes import change, touched
from pages.common.link.controls import ADDRESS, control
from pages.common.link.page_settings import held, tell, told
from pages.common.sidebar.groups import grid, of_page
from pages.common.text import plain
from pages.sections.optimizers.settings import FORMULA, LOOKS, NETWORK, SAMPLE, SETTINGS, START, VALLEY

_SHOWN, _OWN = "race_formula_shown", "race_own_start"


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
    values, problems = held(one for key, one in SETTINGS.items() if one.control != ADDRESS and key not in START)
    return values | {"fxy": told(SETTINGS["fxy"])}, problems


class Refused(NamedTuple):
    """A formula that cannot be read, why not, and the one that is raced on in its place."""

    text: str
    problem: ExpressionError
    instead: str


def chosen_surface(values: dict[str, Any]) -> tuple[Surface | None, Refused | None]:
    """The function to race on, None for the network; and the formula that is refused, if one is.

    The address has the formula that is raced on; what is typed and cannot be read stays in its field alone.
    """
    track, half = values["track"], values["half"]
    if track == NETWORK:
        return None, None
    if track == VALLEY:
        return quadratic_valley(values["kap"], np.radians(values["ang"])), None
    if track != FORMULA:
        return SURFACES[track], None
    if _refused(values["fxy"], SAMPLE):  # by a link
        change({"fxy": values["fxy"]})
        st.session_state[_SHOWN] = values["fxy"] = SAMPLE
        tell(SETTINGS["fxy"], SAMPLE)
    formula = values["fxy"]
    return formula_surface(formula, half), _refused(_typed_for(formula), formula)


def _refused(text: str, instead: str) -> Refused | None:
    try:
        parse(text)
    except ExpressionError as problem:
        return Refused(text, problem, instead)
    return None


def _typed_for(formula: str) -> str:
    """What stands in the field while this formula is raced on."""
    state = st.session_state
    return state.get("fxy", formula) if state.get(_SHOWN) == formula else formula


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


def row(values: dict[str, Any], surface: Surface | None, start: list[Real]) -> RaceSettings:
    """Show the controls, in the row in which it is called."""
    page = SimpleNamespace(**values)

    def show(key: str, **layout: Any) -> None:
        if SETTINGS[key].when(page):
            control(SETTINGS[key], **layout)

    for key, width in {"track": 160, "kap": 82, "ang": 82}.items():
        show(key, width=width)
    if SETTINGS["fxy"].when(page):
        _formula_field(values["fxy"])
    show("half", width=100)
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


def without_value(surface: Surface, start: tuple[float, float]) -> bool:
    """Whether f has no value at the start, as 1/x at 0."""
    return not np.isfinite(surface(np.array(start))[0])


def without_slope(surface: Surface, start: tuple[float, float]) -> bool:
    """Whether f has a value at the start but no gradient, as x^y at (-1, 2)."""
    value, gradient = surface(np.array(start))
    return bool(np.isfinite(value) and np.isnan(gradient).any())


def show_problem(refused: Refused) -> None:
    """Where a formula is wrong and why; another one is raced on."""
    marked = f"```text\n{refused.text.replace('`', ' ')}\n{' ' * (refused.problem.position - 1)}^\n```"
    said = f"{plain(str(refused.problem))}. Still racing on {plain(refused.instead)}."
    st.error(f"{said}\n{marked}", icon=":material/function:")


def _formula_field(formula: str) -> None:
    """The field with the formula, or with what was typed in its place and cannot be read."""
    change_to = {"fxy": _typed_for(formula)}
    if st.session_state.get("fxy") != change_to["fxy"]:
        change(change_to)
    st.session_state[_SHOWN] = formula
    control(dataclasses.replace(SETTINGS["fxy"], control=""), bound=False, on_change=_formula_typed, width=220)


def _formula_typed(key: str) -> None:
    """Take what was typed if it can be read, in its callback."""
    if touched(key) and _refused(st.session_state[key], "") is None:
        st.session_state[_SHOWN] = st.session_state[key]
        tell(SETTINGS["fxy"], st.session_state[key])
