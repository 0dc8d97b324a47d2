"""Layers: what every layer's gradient, weights and activations do, what ails which one, and what to try."""

import streamlit as st

from engine.diagnostics import activity, update_ratio, verdicts
from engine.diagnostics.measures import HEALTHY_RATIO, WATCH_SATURATED
from pages.common import theme
from pages.common.app.head import Head
from pages.common.app.navigation import ensure_router
from pages.common.player.film import film
from pages.common.runs.cache import trained
from pages.common.runs.pin import difference, pin_buttons, pinned
from pages.common.settings import chosen
from pages.common.text import number, plain, short
from pages.figures.layers import histograms as values
from pages.figures.layers import lines
from pages.figures.layers.bars import bars_figure, changes_gradient
from pages.figures.layers.heatmap import map_figure
from pages.figures.layers.matrices import matrices_figure
from pages.sections.layers.verdicts import measures_table, verdict_rows

MAIN, SIDE, MAPS = 235, 210, 250  #: pixels
DEEP, TALL = 8, 340  #: above so many layers, histograms need more room
IDLE = "Saturated (dead: dashed)"
RATIO = lines.Scale("‖Δ‖ / ‖θ‖", log=True, band=HEALTHY_RATIO)
COSINE = lines.Scale("cosine", span=(-1.08, 1.08), marks=((0.0, ""),))
SHARE = lines.Scale(
    "share", span=(-0.03, 1.03), marks=tuple((share, f"{share:.0%}") for share in WATCH_SATURATED), percent=True
)

ensure_router()
settings = chosen()
before = pinned(settings)
head = Head("layers", "Which layers learn, which do not, and why?", settings)
recording = trained(settings, head)
other = None if before is None else trained(before, head)
runs = [recording] if other is None else [other, recording]
versus = "" if before is None else difference(before.experiment, settings.experiment).text
seen = [activity(run) for run in runs]
found = verdicts(recording, seen[-1])

metrics = {
    f"Step of {recording.steps:,}": [f"{step:,}" for step in recording.frames],
    "Loss, train": [number(value) for value in recording.train_loss],
    "Loss, test": [number(value) for value in recording.test_loss],
    "Learning rate": [short(value) for value in recording.lr[recording.frames]],
}
if changes_gradient(recording):
    sizes = (recording.gradient_norm[recording.frames], recording.applied_norm[recording.frames])
    totals = [(norms**2).sum(axis=1) ** 0.5 for norms in sizes]
    metrics["Gradient"] = [number(value) for value in totals[0]]
    metrics["After clipping"] = [number(value) for value in totals[1]]


def chart(figure, key: str, says: str) -> None:
    """One chart of the film."""
    st.plotly_chart(figure, key=key, config=theme.CONFIG, alt=says)


with st.container(horizontal=True, vertical_alignment="bottom"):
    with st.container(key="layers-metrics", horizontal=True):
        for name, texts in metrics.items():
            st.metric(name, texts[-1], width=96)
    pin_buttons(settings, before)
if recording.event:
    st.warning(plain(recording.event.sentence), icon=":material/report:")
verdict_rows(settings.experiment, found)


def over_time() -> None:
    """Update ratio, turn of the gradient, saturated and dead units over the steps."""
    left, middle, right = st.columns(3)
    with left:
        curves = [lines.of_parts(run, update_ratio(run)) for run in runs]
        figure = lines.lines_figure("Update ratio", RATIO, curves[-1], *curves[:-1], versus=versus, height=SIDE)
        chart(figure, "ratio", "Size of each layer's update relative to its weights, over the steps")
    with middle:
        curves = [lines.of_parts(run, run.gradient_cosine) for run in runs]
        figure = lines.lines_figure(
            "Turn of the gradient", COSINE, curves[-1], *curves[:-1], versus=versus, height=SIDE
        )
        chart(figure, "turn", "Cosine of successive gradients of each layer, over the steps")
    with right:
        curves = [
            lines.of_layers(
                run, run.frames[look.frames], ("saturated", look.saturated, "solid"), ("dead", look.dead, "dash")
            )
            for run, look in zip(runs, seen, strict=True)
        ]
        figure = lines.lines_figure(IDLE, SHARE, curves[-1], *curves[:-1], versus=versus, height=SIDE)
        chart(figure, "idle", "Share of saturated activations and of dead units in each layer, over the steps")
    st.caption(
        "Inside the green band a step changes weights by 0.01 to 1 % of their size. A cosine near −1 means that each "
        "step undoes the last: the learning rate is too large. Saturated units pass on little gradient, dead ones "
        "none; a network that has learned may saturate, because it is sure."
    )


def distributions() -> None:
    """Histograms of gradients, weights and activations, layer by layer."""
    height = SIDE if len(found) <= DEEP else TALL
    pictures = {
        "gradients": (
            "Gradients",
            "|∂L/∂w| (log)",
            values.gradients_binned(runs),
            "the size of each layer's gradients",
        ),
        "weights": ("Weights", "w", values.weights_binned(runs), "each layer's weights"),
        "activations": ("Activations", "a", values.activations_binned(runs, seen), "each layer's activations"),
    }
    for (key, (title, unit, binned, says)), column in zip(pictures.items(), st.columns(3), strict=True):
        with column:
            log = key == "gradients"
            figure = values.values_figure(title, unit, recording, binned, versus, log=log, height=height)
            chart(figure, key, f"Histograms of {says}")
    st.caption(
        "One histogram a layer, input at the bottom, each as high as its highest bin. A gradient that slides left from "
        "layer to layer is vanishing; activations piled up in the red tails are saturated."
    )


def matrices(layer: int) -> None:
    """Weights, gradient and update of one layer, number by number."""
    figure = matrices_figure(recording, layer, other, versus, height=MAPS)
    chart(figure, "matrices", f"Weights, gradient and update of layer {layer}")
    st.caption("A row is a unit, a column one of its inputs; the bias stands apart. Blue is positive, orange negative.")


def _layer() -> int:
    if st.session_state.get("layer", 1) > len(found):
        st.session_state["layer"] = len(found)
    return st.number_input("Layer", 1, len(found), 1, key="layer", bind="query-params", width=120)


@st.fragment
def details() -> None:
    """One of three closer looks: each by itself, so that a change of setting redraws five charts and not nine."""
    looks = {"time": over_time, "distributions": distributions, "matrices": matrices}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        look = st.segmented_control(
            "Look closer at", list(looks), default="time", required=True, key="look", bind="query-params"
        )
        chosen_layer = [_layer()] if look == "matrices" else []
    looks[look](*chosen_layer)


with st.container(key="layers"):
    left, right = st.columns(2)
    with left:
        chart(bars_figure(recording, other, versus, height=MAIN), "bars", "Norm of each layer's gradient at the step")
    with right:
        chart(map_figure(recording, other, versus, height=MAIN), "map", "Gradient norm: layers by steps")
    details()

with st.expander("Every layer in numbers", icon=":material/table:"):
    measures_table(recording, seen[-1], found)

with st.bottom:
    film(head, "layers", recording.frames, metrics, total=recording.steps)
