"""Loss surface: what the run descends, the path down it, and what the picture leaves out."""

from pages.common.app.navigation import ensure_router

ensure_router()

import numpy as np
import streamlit as st

from engine.diagnostics import run_findings
from engine.landscape import objective_of
from engine.landscape.stability import stability_of, stability_work
from engine.landscape.trajectories import Trajectory, closely, loss_line, loss_surface, same_space
from engine.optimizers import OPTIMIZERS
from engine.training import race
from engine.work import Estimate, line_work, surface_work, training_work
from pages.common import theme
from pages.common.app.head import Head
from pages.common.app.notices import warn
from pages.common.glossary import caption
from pages.common.link.page_settings import AT, held, told
from pages.common.runs.cache import kept, key_of, trained
from pages.common.runs.near import race_near, with_near
from pages.common.runs.pin import beside, difference, pin_buttons, pinned
from pages.common.settings import chosen
from pages.common.stage.charts import Chart, Place
from pages.common.stage.linked import linked_stage
from pages.common.text import number, percent, plain
from pages.figures.heights import heights_of
from pages.figures.loss_surface.contours import map_figure
from pages.figures.loss_surface.curves import gap_figure, line_figure, residual_figure, sharpness_figure
from pages.figures.loss_surface.surface3d import Series, surface_figure
from pages.sections.loss_surface.captions import (
    fidelity_said,
    limit_button,
    plane_said,
    samples_said,
    sharpness_said,
    stability_badge,
    surface_findings,
    titles_of,
)
from pages.sections.loss_surface.settings import HELD, SETTINGS, controls, racers, remember

MAP, SIDE = (225, 560), (175, 380)  #: pixels: smallest, on a screen of 1280x800 with the player, and largest
MAIN = tuple(sum(heights) for heights in zip(MAP, SIDE, strict=True))  #: of the surface, beside both
WIDE, NARROW = 7, 5  #: of twelve columns
PINNED = theme.Style(theme.NEUTRAL, "dash", "circle-open")

settings = chosen()
before = pinned(settings)
_, problems = held(HELD)
head = Head(
    "loss_surface", "What ground does descent walk on, and how faithful is the picture of it?", settings, SETTINGS
)
warn(problems)
recording = trained(settings, head)
experiment, this = recording.experiment, key_of(settings)

with st.container(horizontal=True, vertical_alignment="bottom"):
    view = controls(recording)
    pin_buttons(settings, before)
    verdict = st.container(horizontal=True, vertical_alignment="center", width="content")

shown = [(OPTIMIZERS[experiment.optimizer].title, theme.OPTIMIZERS[experiment.optimizer], recording)]
keys = [this]
if before is not None:
    other = trained(before, head)
    if same_space(recording, other):
        shown.append((difference(before.experiment, experiment).text.split(" · ")[0], PINNED, other))
        keys.append(key_of(before))
    else:
        st.info(
            "The pinned run has other layers: its parameters have no place in this plane.", icon=":material/keep_off:"
        )
if view.rivals:
    others = racers(experiment, view.rivals)
    racing = ("race", *this, *view.rivals)
    ran = kept(
        racing,
        lambda progress: tuple(race(others, progress, data=recording.data)),
        lambda: training_work(others, recording.network, len(recording.data.train), len(recording.data.test)),
        head,
        "This race",
        steps=experiment.steps,
        settings=settings,
    )
    rivals = zip(view.rivals, ran, strict=True)
    shown += [(OPTIMIZERS[name].title, theme.OPTIMIZERS[name], run) for name, run in rivals]
    keys.append(view.rivals)
runs = [run for _, _, run in shown]
objective = objective_of(recording)


def pictured(_progress):
    """The picture, from the engine."""
    if view.plane == "slice":
        return loss_line(runs)
    return loss_surface(
        view.plane, runs, resolution=view.resolution, window=view.window, seed=view.seed, pair=view.pair
    )


def work() -> Estimate:
    """What it takes."""
    counts, samples = [len(run.frames) for run in runs], objective.x.shape[1]
    if view.plane == "slice":
        return line_work(recording.network, samples, counts)
    return surface_work(recording.network, samples, counts, view.resolution, view.plane)


picture = kept(
    ("loss surface", *keys, view._replace(log=True)), pictured, work, head, "This surface", settings=settings
)
finding = run_findings(recording)[0]
found = kept(
    ("stability", *this),
    lambda _progress: stability_of(recording, objective, finding.word == "diverging"),
    lambda: stability_work(recording, objective),
    head,
    "The sharpness along the run",
    settings=settings,
)
rest = told(AT)
closer, near, asks = with_near(recording, rest, settings, head)
those = [closer]
if before is not None and shown[1:] and shown[1][1] is PINNED:
    those.append(with_near(other, rest, before, head)[0])
if view.rivals:
    more, near, asks = race_near(
        others, recording.network, recording.data, recording.frames, rest, racing, settings, head
    )
    those += more or ran
paths = closely(picture, those) if near else picture.trajectories
series = [Series(name, style, path) for (name, style, _), path in zip(shown, paths, strict=True)]
main, what = series[0].trajectory, "line" if view.plane == "slice" else "plane"
reached = np.searchsorted(recording.frames, main.steps, side="right") - 1
both = (found.sharpness, found.settling[0])
sharp, of_limit = (found.held(values, len(recording.frames))[reached] for values in both)
limit = found.settling[1][main.steps]


def numbers(of: Trajectory) -> dict[str, list[str]]:
    """A run and its shadow in the plane, in numbers."""
    return {
        "Loss": [number(value) for value in of.loss],
        f"In the {what}": [number(value) for value in of.projected_loss],
        "Gap": [number(value, 3) for value in of.gap],
        f"Off the {what}": [percent(value) for value in of.residual],
    }


metrics = numbers(main)
if before is not None and shown[1:] and shown[1][1] is PINNED:
    metrics = beside(metrics, main.steps, numbers(series[1].trajectory), series[1].trajectory.steps)
metrics |= {
    f"Path in the {what} (explained)": [f"{main.explained:.1%}"] * len(main.steps),
    "Sharpness": [number(value) for value in sharp],
}
if found.batch_sharpness is not None:
    metrics["Batch sharpness"] = [number(value) for value in of_limit]
    del metrics["Gap"]  # which the chart of both losses shows
if np.isfinite(limit).any():
    metrics["Of its limit"] = [percent(value) for value in of_limit / limit]
with verdict:
    stability_badge(finding, found)
if recording.event:
    st.warning(plain(recording.event.sentence), icon=":material/report:")

over_steps = {"over_steps": True}
left, above, below = Place(1, 1, WIDE, 2), Place(1, 1 + WIDE, NARROW), Place(2, 1 + WIDE, NARROW)
if view.plane == "slice":
    line, strays = line_figure(picture, series, log=view.log), residual_figure(recording, series)
    charts = [
        Chart("section", line, "Loss along the line from start to end, with the run", left, *MAIN),
        Chart("strays", strays, "Distance of the run from the line, over the steps", above, *MAP, **over_steps),
    ]
    cut = ""
else:
    titles, surface = titles_of(view, picture), picture.grid
    heights = heights_of(surface.loss, picture.trajectories, log=view.log)
    remember(((surface.alpha[0], surface.alpha[-1]), (surface.beta[0], surface.beta[-1])))
    ground = surface_figure(picture, series, heights, titles)
    contours = map_figure(picture, series, heights, titles)
    says = "Contour map of the loss surface with the path of the run"
    charts = [
        Chart(
            "ground",
            ground,
            "Loss surface with the path of the run and a ball at the step",
            left,
            *MAIN,
            title="Loss surface",
        ),
        Chart("map", contours, says, above, *MAP, square=True, title="Contours of the loss"),
    ]
    cut = heights.said(surface.loss)
charts += [
    Chart(
        "gap",
        gap_figure(recording, series, what),
        f"Loss of the run, and in the {what}, over the steps",
        below,
        *SIDE,
        **over_steps,
    ),
    Chart(
        "sharpness",
        sharpness_figure(recording, found, main.steps),
        "Sharpness against its limit, over the steps",
        Place(3),
        *SIDE,
        **over_steps,
    ),
]
plane, whole = None if view.plane == "slice" else picture, picture.trajectories[0]
captions = [
    (plane_said(view, plane, whole), f"{fidelity_said(whole, what)} {plain(cut)}{samples_said(objective)}".strip()),
    sharpness_said(recording, found),
]
words = [found.words[k] for k in reached]
more = {"metrics": metrics, "findings": surface_findings(main, of_limit, limit, words, what)}
more |= {"total": recording.steps, "captions": [" ".join(says) for says in captions]}
linked_stage(head, "surface", charts, recording.frames, near=near, asks=asks, **more)
for says in captions:
    caption(*says)
with verdict:  # last: to try it takes a moment
    limit_button(recording, found, settings, head)
