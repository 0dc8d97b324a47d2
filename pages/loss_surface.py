"""Loss surface: the ground that the run descends, the path down it, and what the picture leaves out."""

import numpy as np
import streamlit as st

from engine.landscape import objective
from engine.landscape.stability import examine
from engine.landscape.trajectories import same_space, section, survey
from engine.training import race
from pages.common import theme
from pages.common.app.head import Head
from pages.common.app.navigation import ensure_router
from pages.common.player.film import film
from pages.common.runs.cache import kept, trained
from pages.common.runs.pin import difference, pin_buttons, pinned
from pages.common.settings import chosen
from pages.common.text import number, plain
from pages.figures.heights import heights_of
from pages.figures.loss_surface.contours import map_figure
from pages.figures.loss_surface.curves import gap_figure, residual_figure, section_figure, sharpness_figure
from pages.figures.loss_surface.surface3d import Track, surface_figure
from pages.sections.loss_surface.captions import faith_said, ground_said, plane_said, stability_row, titles_of
from pages.sections.loss_surface.settings import controls, key_of, racers, remember

MAIN, MAP, SIDE = 450, 250, 186  #: pixels: the surface, and beside it map and loss, on a screen of 1280x800
PINNED = theme.Style(theme.NEUTRAL, "dash", "circle-open")

ensure_router()
settings = chosen()
before = pinned(settings)
head = Head("loss_surface", "What ground does descent walk on, and how faithful is the picture of it?", settings)
recording = trained(settings, head)
experiment, this = recording.experiment, key_of(settings)

with st.container(horizontal=True, vertical_alignment="bottom"):
    view = controls(recording)
    pin_buttons(settings, before)
    verdict = st.container(horizontal=True, vertical_alignment="center", width="content")

cast = [(experiment.optimizer, theme.OPTIMIZERS[experiment.optimizer], recording)]
keys = [this]
if before is not None:
    other = trained(before, head)
    if same_space(recording, other):
        cast.append((difference(before.experiment, experiment).text.split(" · ")[0], PINNED, other))
        keys.append(key_of(before))
    else:
        st.info(
            "The pinned run has other layers: its parameters have no place in this plane.", icon=":material/keep_off:"
        )
if view.rivals:
    entrants = racers(experiment, view.rivals)
    ran = kept(
        ("race", *this, *view.rivals),
        lambda progress: tuple(race(entrants, progress, data=settings.data)),
        head,
        experiment.steps,
    )
    cast += [(name, theme.OPTIMIZERS[name], run) for name, run in zip(view.rivals, ran, strict=True)]
    keys.append(view.rivals)
runs = [run for _, _, run in cast]


def ground(_progress):
    """The picture, from the engine."""
    if view.plane == "slice":
        return section(runs)
    return survey(view.plane, runs, resolution=view.resolution, window=view.window, seed=view.seed, pair=view.pair)


picture = kept(("ground", *keys, view._replace(log=True)), ground, head, 1)
found = kept(("stability", *this), lambda _progress: examine(recording, objective(recording)), head, 1)
tracks = [Track(name, style, trail) for (name, style, _), trail in zip(cast, picture.trails, strict=True)]
trail, what = tracks[0].trail, "line" if view.plane == "slice" else "plane"
sharp = found.held(len(trail.steps))

metrics = {
    f"Step of {recording.steps:,}": [f"{step:,}" for step in trail.steps],
    "Loss": [number(value) for value in trail.loss],
    f"In the {what}": [number(value) for value in trail.shown],
    "Gap": [number(value, 3) for value in trail.gap],
    f"Off the {what}": [f"{value:.1%}" for value in trail.residual],
    "Explained": [f"{trail.explained:.1%}"] * len(trail.steps),
    "Sharpness": [number(value) for value in sharp],
}
if np.isfinite(found.limit).any():
    metrics["Of its limit"] = [f"{value:.1%}" for value in sharp / found.limit[trail.steps]]
with st.container(key="surface-metrics", horizontal=True):
    for name, texts in metrics.items():
        st.metric(name, texts[-1], width=88)
with verdict:
    stability_row(recording, found)
if recording.event:
    st.warning(plain(recording.event.sentence), icon=":material/report:")


def chart(figure, key: str, says: str) -> None:
    """One chart of the film."""
    st.plotly_chart(figure, key=key, config=theme.CONFIG_3D, alt=says)


with st.container(key="surface"):
    left, right = st.columns([5, 4])
    if view.plane == "slice":
        with left:
            figure = section_figure(picture, tracks, log=view.log, height=MAIN)
            chart(figure, "section", "Loss along the line from start to end, with the run")
        with right:
            figure = residual_figure(recording, tracks, height=MAP)
            chart(figure, "strays", "Distance of the run from the line, over the steps")
        cut = ""
    else:
        titles, surface = titles_of(view, picture), picture.grid
        heights = heights_of(surface.loss, picture.trails, log=view.log)
        remember(((surface.alpha[0], surface.alpha[-1]), (surface.beta[0], surface.beta[-1])))
        with left:
            figure = surface_figure(picture, tracks, heights, titles, height=MAIN)
            chart(figure, "ground", "Loss surface with the path of the run and a ball at the step")
        with right:
            figure = map_figure(picture, tracks, heights, titles, height=MAP)
            chart(figure, "map", "Contour map of the loss surface with the path of the run")
        cut = plain(heights.said(surface.loss))
    with right:
        figure = gap_figure(recording, tracks, what, height=SIDE)
        chart(figure, "gap", f"Loss of the run, and in the {what}, over the steps")

    left, right = st.columns([5, 4])
    with left:
        figure = sharpness_figure(recording, found, height=SIDE + 20)
        chart(figure, "sharpness", "Sharpness against its limit, over the steps")
    with right:
        plane = None if view.plane == "slice" else picture
        st.caption(f"{plane_said(view, plane)} {faith_said(trail, what)} {cut}{ground_said(objective(recording))}")
        st.caption(
            "Sharpness is the largest eigenvalue of the Hessian. Above the limit of the learning rate (2/η for "
            "gradient descent) a step along that direction ends farther from the bottom than it began. Training often "
            "raises the sharpness to this line and stays there: the edge of stability."
        )

with st.bottom:
    film(head, "surface", trail.steps, metrics, total=recording.steps)
