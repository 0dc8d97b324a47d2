"""Optimizers: a fair race from one start, on functions that can be seen whole or on the network itself."""

import numpy as np
import streamlit as st

from engine.descent import races as heats
from pages.common import theme
from pages.common.app.head import Head
from pages.common.app.navigation import ensure_router
from pages.common.player.film import film
from pages.common.settings import chosen
from pages.common.text import number, plain
from pages.figures.optimizers.contours import ground_heights, map_figure
from pages.figures.optimizers.curves import Curves, lines_figure
from pages.figures.optimizers.surface3d import surface_figure
from pages.figures.optimizers.sweep import schedule_figure, sweep_figure
from pages.sections.optimizers import hyperparameters as racing_hyper
from pages.sections.optimizers import race as racing_run
from pages.sections.optimizers import results as words
from pages.sections.optimizers import settings as racing

MAIN, SIDE = 265, 175  #: pixels: both rows of charts and the player on a screen of 1280x800

ensure_router()
settings = chosen()
problems = racing.settle()
surface, wrong = racing.chosen_surface()
problems += racing.settle_start(surface) if surface is not None else []
own, refused = racing_hyper.own_settings()
problems += refused
head = Head("optimizers", "Which optimizer gets down first, and why does it take that path?", settings)
if problems:
    st.warning(" ".join(f"{plain(problem)}." for problem in problems), icon=":material/link_off:")
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    choice = racing.controls(surface)
if wrong is not None:
    racing.show_problem(wrong, st.session_state.fxy)

if surface is None:
    race = racing_run.on_network(choice, own, settings, head)
else:
    race = racing_run.on_surface(choice, own, head)
heat, values = race.heat, choice.values
metrics = words.metrics(race, surface)
with st.container(key="optimizers-metrics", horizontal=True):
    for name, texts in metrics.items():
        st.metric(name, texts[-1], width=140)
if ended := words.events(race):
    st.markdown(f":orange[:material/report: {plain(' '.join(ended))}]")


def chart(figure, key: str, says: str, **more) -> None:
    """One chart of the page."""
    st.plotly_chart(figure, key=key, config=theme.CONFIG_3D, alt=says, **more)


def clicked() -> None:
    """Start where the map was clicked."""
    racing.start_clicked("race-map")


titles, every = words.TITLES, np.arange(len(heat.loss))
bounded = np.isfinite(race.minimum)
gap = heat.loss - race.minimum if bounded else heat.loss
heights = ground_heights(race.ground, heat, log=values["rlog"] == "log" and not np.isneginf(race.minimum))
loss_span, far_high, slope_high = words.spans(race)
lowest = "loss above the minimum" if surface is not None else "loss of the batch"
known = surface is not None and len(surface.minima) > 0
far = "Distance to the minimum" if known else "Distance from the start"
with st.container(key="optimizers"):
    left, right = st.columns(2)
    with left:
        figure = map_figure(race.ground, heat, heights, titles, arrows=choice.arrows, height=MAIN)
        select = {} if surface is None else {"on_select": clicked, "selection_mode": "points"}
        chart(figure, "race-map", "Contour map with the path of every optimizer", width=figure.layout.width, **select)
    with right:
        figure = surface_figure(race.ground, heat, heights, titles, height=MAIN)
        chart(figure, "race-surface", "The surface in three dimensions with the path of every optimizer")
    one, two, three = st.columns(3)
    with one:
        curves = Curves(lowest.capitalize() if bounded else "Loss", every, gap, bool(bounded), (), *loss_span)
        chart(lines_figure(curves, heat, titles, height=SIDE), "race-loss", "Loss of every optimizer over the steps")
    with two:
        curves = Curves(far, heat.steps, heat.distance, log=known, high=far_high)
        chart(lines_figure(curves, heat, titles, height=SIDE), "race-distance", far)
    with three:
        curves = Curves("Gradient norm", every, heat.slope, high=slope_high)
        chart(lines_figure(curves, heat, titles, height=SIDE), "race-slope", "Norm of the gradient over the steps")
    one, two, three = st.columns(3)
    with one:
        if race.sweep is None:
            st.caption("Choose the learning rate “tuned” to sweep 32 rates for each optimizer on this network.")
        else:
            limits, minimum = words.limits(race, surface), race.minimum
            figure = sweep_figure(race.sweep, race.rates, limits, titles, minimum=minimum, height=SIDE)
            chart(
                figure, "race-sweep", "Final loss of every optimizer for 32 learning rates, with the limits of theory"
            )
    with two:
        rate = words.stable_rate(words.at_minimum(race, surface)) if known else np.nan
        theory = ((float(rate), "theory: 2/λmax at the minimum"),)
        curves = Curves("2/λmax at the present point", heat.steps, words.stable_rate(heat.curvature), theory=theory)
        chart(lines_figure(curves, heat, titles, height=SIDE), "race-limit", "Largest stable rate along each path")
    with three:
        if surface is None:
            name, warmup = settings.experiment.schedule, settings.experiment.warmup
        else:
            name, warmup = values["rsched"], values["rwarm"]
        steps = int(heat.steps[-1])
        factors = None if name == "plateau" else heats.schedule_factors(name, steps, min(warmup, steps))
        factors = np.ones(max(steps, 1)) if factors is None else factors
        chart(
            schedule_figure(factors, heat.steps, height=SIDE), "race-schedule", "Learning-rate schedule over the steps"
        )

result = words.table(race, surface, values["tol"])
right = dict.fromkeys(result.columns[1:], st.column_config.TextColumn(alignment="right"))
st.dataframe(result, hide_index=True, column_config=right, width="stretch")
racing_hyper.expander(values["racers"], own, on_network=surface is None)
if surface is not None:
    st.caption(
        f"$f(x, y) = {surface.formula}$. Click on the map to start there. All racers spend the same "
        f"{values['rsteps']:,} gradient evaluations. White arrows point down the gradient, black ones along the next "
        "step, until a racer has come to rest. Where they part, momentum or the scaling of coordinates is at work."
    )
else:
    st.caption(
        "The network, data, batch, steps, noise and schedule of the sidebar, seen in the plane that holds most of all "
        "paths. The surface is the loss on all training samples in that plane: a path may run above or below it. With "
        "a small batch the same race is stochastic. Newton's method is not swept here: it takes its usual rate."
    )
st.caption(
    "Beyond its limit a method cannot settle: gradient descent 2/λmax, heavy ball 2(1+β)/λmax, Nesterov "
    "2(1+β)/(λmax(1+2β)). Methods that rescale the gradient have no such line. "
    f"Tuned means: of 32 rates the one that comes first within {number(values['tol'], 2)} of the minimum, or else ends "
    "lowest without leaving the map."
)

with st.bottom:
    film(head, "optimizers", heat.steps, metrics, total=int(heat.steps[-1]))
