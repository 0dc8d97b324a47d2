"""The charts of the Layers page: two that are always there, and the closer looks, of which one is open at a time.

A closer look gives its charts and the caption under them.

`runs` is the present run, B, or the pinned one and B; `seen` is what the units of each do, `versus` what the two
differ in, for the titles.
"""

from engine.diagnostics import Activity, update_ratio
from engine.diagnostics.measures import HEALTHY_RATIO, WATCH_SATURATED, weight_parts
from engine.training import Recording
from pages.common.stage.charts import Chart, Place
from pages.figures.layers import binning, heatmap, histograms, lines
from pages.figures.layers.bars import bars_figure
from pages.figures.layers.matrices import SHOWS, least_height, matrix_figure

MAIN, SIDE, MAPS = (215, 460), (200, 400), (230, 460)  #: pixels: smallest and largest height
DEEP, TALL = 8, (340, 560)  #: above so many layers, histograms need more room
RATIO = lines.Scale("‖Δ‖ / ‖θ‖", log=True, band=HEALTHY_RATIO)
COSINE = lines.Scale("cosine", span=(-1.08, 1.08), marks=((0.0, ""),))
SHARE = lines.Scale(
    "share", span=(-0.03, 1.03), marks=tuple((share, f"{share:.0%}") for share in WATCH_SATURATED), percent=True
)


def gradients(runs: list[Recording], versus: str) -> list[Chart]:
    """The gradient of every layer at the step, and over the whole run."""
    pinned, recording = runs[0] if len(runs) > 1 else None, runs[-1]
    bars, steps = bars_figure(recording, pinned, versus), heatmap.map_figure(recording, pinned, versus)
    height = [max(own, heatmap.least_height(runs)) for own in MAIN]
    return [
        Chart("bars", bars, "Norm of each layer's gradient at the step", Place(1, 1, 6), *MAIN),
        Chart("map", steps, "Gradient norm: layers by steps", Place(1, 7, 6), *height, over_steps=True),
    ]


def over_time(runs: list[Recording], seen: list[Activity], versus: str) -> tuple[list[Chart], tuple[str, str]]:
    """Update ratio, turn of the gradient, saturated and dead units over the steps."""
    shares = [
        lines.of_layers(run, run.frames[own.frames], ("saturated", own.saturated, "solid"), ("dead", own.dead, "dash"))
        for run, own in zip(runs, seen, strict=True)
    ]
    curves = {
        "ratio": (
            "Steps against weights (update ratio)",
            RATIO,
            [lines.of_parts(run, update_ratio(run)) for run in runs],
            "Size of each layer's update relative to its weights, over the steps",
        ),
        "turn": (
            "Turn of the gradient (cosine)",
            COSINE,
            [lines.of_parts(run, run.gradient_cosine) for run in runs],
            "Cosine of successive gradients of each layer, over the steps",
        ),
        "idle": (
            "Saturated (dead: dashed)",
            SHARE,
            shares,
            "Share of saturated activations and of dead units in each layer, over the steps",
        ),
    }
    charts = []
    for column, (key, (title, scale, own, says)) in enumerate(curves.items()):
        figure = lines.lines_figure(title, scale, own[-1], *own[:-1], versus=versus)
        charts.append(Chart(key, figure, says, Place(2, 1 + 4 * column, 4), *SIDE, over_steps=True))
    return charts, (
        (
            "Look for curves that leave the green band, in which a step changes weights by 0.01 to 1 % of their size. "
            "Saturated units pass on little gradient, dead ones none."
        ),
        (
            "A cosine near −1 means that each step undoes the last: the learning rate is too large. A network that has "
            "learned may saturate, because it is sure."
        ),
    )


def distributions(runs: list[Recording], seen: list[Activity], versus: str) -> tuple[list[Chart], tuple[str, str]]:
    """Histograms of gradients, weights and activations, layer by layer."""
    height = SIDE if len(weight_parts(runs[-1].network)) <= DEEP else TALL
    values = {
        "gradients": ("|∂L/∂w| (log)", binning.gradients_binned(runs), "the size of each layer's gradients"),
        "weights": ("w", binning.weights_binned(runs), "each layer's weights"),
        "activations": ("a", binning.activations_binned(runs, seen), "each layer's activations"),
    }
    charts = []
    for column, (key, (unit, binned, says)) in enumerate(values.items()):
        figure = histograms.values_figure(key.capitalize(), unit, runs[-1], binned, versus, log=key == "gradients")
        charts.append(Chart(key, figure, f"Histograms of {says}", Place(2, 1 + 4 * column, 4), *height))
    return charts, (
        (
            "One histogram a layer, input at the bottom, each as high as its highest bin. A gradient that slides left "
            "from layer to layer is vanishing; activations piled up in the red tails are saturated."
        ),
        "",
    )


def matrices(runs: list[Recording], layer: int, versus: str) -> tuple[list[Chart], tuple[str, str]]:
    """Weights, gradient and update of one layer, number by number."""
    height = [max(own, least_height(layer, runs)) for own in MAPS]
    charts = []
    for column, (shows, name) in enumerate(SHOWS.items()):
        figure = matrix_figure(shows, runs[-1], layer, *runs[:-1], versus=versus)
        place = Place(2, 1 + 4 * column, 4)
        charts.append(Chart(f"matrix-{shows}", figure, f"Layer {layer}, {name}: a row a unit", place, *height))
    biases = "; the bias stands apart" if any(f"b{layer}" in run.parts for run in runs) else ""
    return charts, (f"A row is a unit, a column one of its inputs{biases}. Blue is positive, orange negative.", "")
