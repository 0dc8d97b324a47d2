"""The settings of a race: its track, its racers, their learning rates, and where and how long they run.

Each is a key of the link; `settle` checks what the link or the session holds before the first control is made, so
that no value can break the page. What belongs to a single optimizer is in `racing_hyper`.
"""

import dataclasses
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engine.descent import formula_surface
from engine.experiment.fields import Field, choice, read, real, several, whole
from engine.expressions import ExpressionError
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES
from engine.surfaces import SURFACES, Surface, quadratic_valley
from pages.common.text import plain

FORMULA, NETWORK, VALLEY = "formula", "network", "quadratic_valley"
TRACKS = (*SURFACES, FORMULA, NETWORK)
FAIR = {"tuned": "each at its best of 32 learning rates", "same": "the same learning rate for all"}
ARROWS = ("none", "all", *OPTIMIZERS)
SAMPLE = "(x**2 - 1)**2 + 2*y**2 + 0.3*x"
CASTING = ("sgd", "momentum", "nesterov", "rmsprop", "adam")
_KEPT, _GOOD, _OWN = "race_kept", "race_good_formula", "race_own_start"
BOUND = "query-params"


@dataclasses.dataclass
class _Race:
    track: str = choice("rosenbrock", TRACKS, "What is raced on: a test function, your own formula, or the network.")
    racers: tuple[str, ...] = several(CASTING, tuple(OPTIMIZERS), "Who takes part.")
    fair: str = choice("tuned", tuple(FAIR), " · ".join(f"{key}: {text}" for key, text in FAIR.items()))
    rate: float = real(0.001, 1e-6, 10.0, "Learning rate of every racer.")
    kap: float = real(10.0, 0.01, 10_000.0, "Condition number κ: the ratio of the two curvatures.")
    ang: float = real(0.0, -180.0, 180.0, "Angle of the valley against the x axis, in degrees.")
    half: float = real(2.0, 0.1, 100.0, "The map shows x and y from minus to plus this number.")
    rsteps: int = whole(300, 1, 1000, "Gradient evaluations of every racer.")
    tol: float = real(0.001, 1e-12, 1000.0, "Loss above the minimum that counts as reached.")
    gnoise: float = real(0.0, 0.0, 100.0, "Variance of the noise on the gradient, the same noise for all.")
    rsched: str = choice("constant", tuple(k for k, s in SCHEDULES.items() if not s.adaptive), "Learning rate by step.")
    rwarm: int = whole(0, 0, 1000, "Steps over which the learning rate rises at first.")
    arrows: str = choice("all", ARROWS, "White: down the gradient. Black: the step that comes next.")
    rlog: str = choice("log", ("log", "linear"), "Heights of the surface.")


FIELDS: dict[str, Field] = {f.name: f.metadata["field"] for f in dataclasses.fields(_Race)}
DEFAULTS: dict[str, Any] = {f.name: f.default for f in dataclasses.fields(_Race)} | {"racers": list(CASTING)}


class Choice(NamedTuple):
    """What the controls say. `surface` is None on the network, `start` then as well."""

    values: dict[str, Any]
    surface: Surface | None
    start: tuple[float, float] | None

    @property
    def key(self) -> tuple[Any, ...]:
        """What a race is kept under, but for hyper-parameters: the settings that change its numbers."""
        still = ("arrows", "rlog", "fair", "rate")
        used = {"kap": VALLEY, "ang": VALLEY, "half": FORMULA}
        kept = [k for k in FIELDS if k not in still and used.get(k, self.values["track"]) == self.values["track"]]
        text = self.surface.title if self.surface is not None else ""
        return (*(tuple(v) if isinstance(v := self.values[k], list) else v for k in kept), text, self.start)

    @property
    def arrows(self) -> tuple[str, ...]:
        """The racers with arrows."""
        names = self.values["arrows"]
        return tuple(self.values["racers"]) if names == "all" else (names,)


def settle() -> list[str]:
    """Put a valid value of every setting into the session; return a sentence for each that was not taken."""
    problems, before = [], st.session_state.get(_KEPT, {})
    for key, field in FIELDS.items():
        given = st.session_state.get(key, _linked(key, before.get(key)))
        text = "-".join(given) if isinstance(given, list) else given
        value, problem = (DEFAULTS[key], "") if text is None else read(field, text, DEFAULTS[key])
        if problem and given != []:
            problems.append(f"{key}: {problem}")
        value = list(dict.fromkeys(value)) if isinstance(value, tuple | list) else value
        if key not in st.session_state or st.session_state[key] != value:
            st.session_state[key] = value
    if "fxy" not in st.session_state:
        st.session_state.fxy = str(_linked("fxy", before.get("fxy", SAMPLE)))
    st.session_state[_KEPT] = {key: st.session_state[key] for key in (*FIELDS, "fxy")}
    return problems


def chosen_surface() -> tuple[Surface | None, ExpressionError | None]:
    """The function to race on, None for the network; and what is wrong with the formula, if anything."""
    state = st.session_state
    if state.track == NETWORK:
        return None, None
    if state.track == VALLEY:
        return quadratic_valley(state.kap, np.radians(state.ang)), None
    if state.track != FORMULA:
        return SURFACES[state.track], None
    try:
        surface, problem = formula_surface(state.fxy, state.half), None
        state[_GOOD] = state.fxy
    except ExpressionError as error:
        surface, problem = formula_surface(state.get(_GOOD, SAMPLE), state.half), error
    return surface, problem


def settle_start(surface: Surface) -> list[str]:
    """Put a valid start into the session: the surface's own, until the reader has chosen another one."""
    state, problems = st.session_state, []
    own, before = [float(f"{value:.6g}") for value in surface.start], state.get(_OWN)
    here = (state.track, own)
    for key, usual, (low, high), last in zip(("sx", "sy"), own, surface.domain, (before or (0, own))[1], strict=True):
        given = state.get(key, _linked(key, None) if before is None else None)
        moved = before is not None and (before[0] != state.track or given == last)
        value, problem = (usual, "") if given is None or moved else _number(key, given, low, high, usual)
        problems += [problem] * bool(problem)
        if state.get(key) != value or key not in state:
            state[key] = value
    state[_OWN] = here
    return problems


def controls(surface: Surface | None) -> Choice:
    """Show the controls, in the row in which it is called."""
    state = st.session_state
    _choice("track", "Track", 160)
    if state.track == VALLEY:
        _real("kap", "κ", 1.0, 82)
        _real("ang", "Angle °", 15.0, 82)
    elif state.track == FORMULA:
        st.text_input("f(x, y)", key="fxy", bind=BOUND, width=220, help="x, y, + - * / **, sin, exp, sqrt, …")
        _real("half", "±", 0.5, 76)
    more = {"key": "fair", "bind": BOUND, "required": True, "help": FIELDS["fair"].help}
    st.segmented_control("Learning rate", list(FAIR), default=DEFAULTS["fair"], **more)
    if state.fair == "same":
        _real("rate", "Rate", 0.001, 92)
    if surface is not None:
        own = state[_OWN][1]
        for key, label, usual, (low, high) in zip(("sx", "sy"), ("Start x", "y"), own, surface.domain, strict=True):
            step = float(f"{(high - low) / 40:.1g}")
            more = {"format": "%g", "key": key, "bind": BOUND, "width": 88}
            st.number_input(label, float(low), float(high), usual, step, **more)
    with st.popover("Racers", icon=":material/groups:"):
        more = {"key": "racers", "bind": BOUND, "selection_mode": "multi", "help": FIELDS["racers"].help}
        st.pills("Racers", list(OPTIMIZERS), default=DEFAULTS["racers"], **more)
    with st.popover("More", icon=":material/tune:"):
        _choice("arrows", "Arrows")
        _choice("rlog", "Heights")
        _real("tol", "Tolerance", 0.001)
        if surface is None:
            st.caption("Steps, batch, noise and schedule of this race are those of the sidebar.")
        else:
            field = FIELDS["rsteps"]
            more = {"key": "rsteps", "bind": BOUND, "help": field.help}
            st.number_input("Steps of the race", field.low, field.high, DEFAULTS["rsteps"], 50, **more)
            _real("gnoise", "Gradient noise", 0.1)
            _choice("rsched", "Schedule")
            field = FIELDS["rwarm"]
            more = {"key": "rwarm", "bind": BOUND, "help": field.help}
            st.number_input("Warm-up of the race", field.low, field.high, DEFAULTS["rwarm"], 10, **more)
    start = None if surface is None else (float(state.sx), float(state.sy))
    values = {key: state[key] for key in FIELDS}
    values["racers"] = values["racers"] or DEFAULTS["racers"]  # an empty `racers=` in the address
    return Choice(values, surface, start)


def start_clicked(key: str) -> None:
    """Start where the reader has clicked on the chart `key` (in a callback)."""
    for point in st.session_state[key].selection.points[:1]:
        st.session_state.sx, st.session_state.sy = (float(f"{point[axis]:.6g}") for axis in "xy")


def show_problem(problem: ExpressionError, text: str) -> None:
    """Where a formula is wrong and why; the last good one is still raced on."""
    good = plain(st.session_state.get(_GOOD, SAMPLE))
    marked = f"```text\n{text.replace('`', ' ')}\n{' ' * (problem.position - 1)}^\n```"
    st.error(f"{plain(str(problem))}. Still racing on {good}.\n{marked}", icon=":material/function:")


def _linked(key: str, otherwise: Any) -> Any:
    texts = st.query_params.get_all(key)
    return "-".join(texts) if texts else otherwise


def _number(key: str, given: Any, low: float, high: float, usual: float) -> tuple[float, str]:
    try:
        value = float(given)
    except (TypeError, ValueError):
        value = np.nan
    if low <= value <= high:
        return value, ""
    taken = usual if np.isnan(value) else min(max(value, low), high)
    return taken, f"{key}: {str(given)[:20]!r} must be a number from {low:g} to {high:g}; {taken:g} is used"


def _choice(key: str, label: str, width: int | str = "stretch") -> None:
    options = FIELDS[key].options
    more = {"key": key, "bind": BOUND, "help": FIELDS[key].help, "width": width}
    st.selectbox(label, options, index=options.index(DEFAULTS[key]), **more)


def _real(key: str, label: str, step: float, width: int | str = "stretch") -> None:
    field = FIELDS[key]
    more = {"key": key, "bind": BOUND, "help": field.help, "width": width, "format": "%g"}
    st.number_input(label, float(field.low), float(field.high), DEFAULTS[key], step, **more)
