"""Optimizers: a fair race from one start, on functions that can be seen whole or on the network itself."""

from pages.common.app.navigation import ensure_router

ensure_router()

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from engine.schedules import schedule_factors
from engine.training.builders import rates_of
from pages.common.app.head import Head
from pages.common.app.notices import warn
from pages.common.glossary import caption
from pages.common.link.page_settings import AT, told
from pages.common.runs.cache import trained
from pages.common.runs.pin import ends_line, pin_buttons, pinned
from pages.common.settings import chosen
from pages.common.stage.charts import Chart, Place
from pages.common.stage.linked import linked_stage
from pages.common.text import plain, short
from pages.figures.optimizers.contours import map_figure, map_heights
from pages.figures.optimizers.curves import Curves, curves_figure
from pages.figures.optimizers.surface3d import surface_figure
from pages.figures.optimizers.sweep import schedule_figure, sweep_figure
from pages.sections.optimizers import controls, hyperparameters, results
from pages.sections.optimizers.race import run_on_network, run_on_surface
from pages.sections.optimizers.result_table import as_csv, as_html
from pages.sections.optimizers.settings import SETTINGS

MAIN, SIDE = (290, 600), (170, 340)  #: pixels: smallest, on a screen of 1280x800 with the player, and largest

settings = chosen()
before = pinned(settings)
values, problems = controls.settings_held()
surface, wrong = controls.chosen_surface(values)
start, misplaced = ([], []) if surface is None else controls.start_held(values["track"], surface)
own, refused = hyperparameters.own_settings()
head = Head("optimizers", "Which optimizer gets down first, and why does it take that path?", settings, SETTINGS)
warn([*problems, *misplaced, *refused])
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    choice = controls.row(values, surface, start)
    if surface is None:
        pin_buttons(settings, before)
if wrong is not None:
    controls.show_problem(wrong)
elif surface is not None and surface.name == "expression" and surface.title != values["fxy"]:
    caption(f"Read as `{surface.title}`.")
if choice.start is not None and surface.name == "expression" and controls.without_value(surface, choice.start):
    st.warning("At this start f has no value, so nobody can set out: choose another start, or another formula.")
if choice.start is not None and surface.name == "expression" and controls.without_slope(surface, choice.start):
    caption(
        "At this start f has a value but no slope, so no step can be taken.",
        "A power whose base is negative has none along its exponent, as in PyTorch.",
    )

if surface is None:
    ends_line(settings, before, head)
elif before is not None:
    st.caption("A, the pinned run, trains a network: it is shown on the track “The network”.")
of_network = (choice, own, settings, told(AT), head)
race = run_on_network(*of_network) if surface is None else run_on_surface(choice, own, told(AT), head)
result = race.result
metrics = results.metrics(race, surface)
pinned_run = trained(before, head) if before is not None and surface is None else None
if pinned_run is not None:
    metrics = results.beside_pinned(metrics, race, pinned_run)

titles, every = results.TITLES, np.arange(len(result.loss))
bounded = np.isfinite(race.minimum)
gap = result.loss - race.minimum if bounded else result.loss
heights = map_heights(race.grid, result, log=values["rlog"] == "log" and not np.isneginf(race.minimum))
loss_span, far_high, slope_high = results.spans(race)
lowest = "loss above the minimum" if surface is not None else "loss of the batch"
known = surface is not None and len(surface.minima) > 0
far = "Distance to the minimum" if known else "Distance from the start"
rate, there = results.stable_rate(result.curvature), "Largest stable rate there (2/λmax)"
settling = results.stable_rate(results.at_minimum(race, surface)) if known else np.nan
theory = ((float(settling), "at the minimum (theory)"),)
curves = {
    "race-loss": (
        Curves(
            lowest.capitalize() if bounded else "Loss",
            every,
            gap,
            bool(bounded),
            (),
            *loss_span,
            None if pinned_run is None else pinned_run.loss,
        ),
        "Loss of every optimizer over the steps",
        Place(2, 1, 4),
    ),
    "race-distance": (Curves(far, result.steps, result.distance, log=known, high=far_high), far, Place(2, 5, 4)),
    "race-slope": (
        Curves("Gradient norm", every, result.gradient_norm, high=slope_high),
        "Norm of the gradient over the steps",
        Place(2, 9, 4),
    ),
    "race-limit": (
        Curves(there, result.steps, rate, theory=theory),
        "Largest stable rate along each path",
        Place(3, 5, 4),
    ),
}
steps = int(result.steps[-1])
if surface is None:  # with the options of the sidebar
    factors = rates_of(settings.experiment.replace(lr=1.0))[: max(steps, 1)]
else:
    factors = schedule_factors(values["rsched"], steps, min(values["rwarm"], steps))
factors = np.ones(max(steps, 1)) if factors is None else factors
charts = [
    Chart(
        "race-map",
        map_figure(race.grid, result, heights, titles, arrows=choice.arrows),
        "Contour map with the path of every optimizer",
        Place(1, 1, 6),
        *MAIN,
        title="From above",
        square=True,
        clicks=surface is not None,
    ),
    Chart(
        "race-surface",
        surface_figure(race.grid, result, heights, titles),
        "The surface in three dimensions with the path of every optimizer",
        Place(1, 7, 6),
        *MAIN,
        title="The surface",
    ),
]
lines = [
    Chart(key, curves_figure(drawn, result, titles), says, place, *SIDE, over_steps=True)
    for key, (drawn, says, place) in curves.items()
]
if race.sweep is not None:
    limits, minimum = results.limits(race, surface), race.minimum
    figure = sweep_figure(race.sweep, race.rates, limits, titles, minimum=minimum)
    says = "Final loss of every optimizer for 32 learning rates, with the limits of theory"
    lines.insert(3, Chart("race-sweep", figure, says, Place(3, 1, 4), *SIDE))
says = "Learning-rate schedule over the steps"
lines.append(
    Chart("race-schedule", schedule_figure(factors, result.steps), says, Place(3, 9, 4), *SIDE, over_steps=True)
)


def start_there(_chart: str, point: Mapping[str, Any]) -> None:
    """Start where the map was clicked."""
    controls.start_clicked(point["x"], point["y"])


if surface is not None:
    formula = f"$f(x, y) = {surface.formula}$. "
    seen = (
        "White arrows point down the gradient, black ones along the next step; click on the map to start there.",
        (
            "Where the arrows part, momentum or the scaling of coordinates is at work; a racer that has come to rest "
            f"has none. All racers spend the same {values['rsteps']:,} gradient evaluations."
        ),
    )
else:
    formula = ""
    seen = (
        (
            "The network of the sidebar, seen in the plane that holds most of all paths. The surface is the loss on "
            "all training samples in that plane: a path may run above or below it."
        ),
        (
            "Data, batch, steps, noise and schedule are those of the sidebar, too; with a small batch the same race is "
            "stochastic. Newton's method is not swept here: it takes its usual rate."
        ),
    )
settles = (
    (
        "Beyond its limit, a line in the chart of learning rates, a method cannot settle. Each its best means: of 32 "
        f"rates the one that comes first within {short(values['tol'])} of the minimum, or else ends lowest on the map."
    ),
    (
        "The limits are 2/λmax for gradient descent, 2(1+β)/λmax for momentum (heavy ball) and 2(1+β)/(λmax(1+2β)) for "
        "Nesterov's, with the largest curvature λmax and the momentum β. Methods that rescale the gradient have no "
        "such line."
    ),
)
played = np.setdiff1d(result.steps, race.near)
more = {"metrics": metrics, "total": steps, "captions": [" ".join(seen), " ".join(settles)]}
more |= {"near": race.near, "asks": race.asks}
more["findings"] = results.race_findings(race)
linked_stage(head, "optimizers", [*charts, *lines], played, on_click=start_there, **more)
if ended := results.events(race):  # under the charts, which would all change their height as it comes and goes
    st.markdown(f":orange[:material/report: {plain(' '.join(ended))}]")
if race.sweep is None:
    caption("Choose “Each its best” to sweep 32 rates for each optimizer on this network.")
table = results.table(race, surface, values["tol"])
if pinned_run is not None:
    row = results.row_of_pinned(pinned_run, values["tol"])
    table = {name: [*column, row.get(name)] for name, column in table.items()}
with st.container(key="results", gap="xsmall"):
    st.html(as_html("Results of every optimizer", results.in_words(table)))
    with st.container(horizontal=True, vertical_alignment="center"):
        caption(results.MEANS)
        st.download_button(
            "Download the results as a table",
            partial(as_csv, table),
            "descent-lab-race.csv",
            "text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )
hyperparameters.expander(values["racers"], own, on_network=surface is None)
caption(formula + seen[0], seen[1])
caption(*settles)
