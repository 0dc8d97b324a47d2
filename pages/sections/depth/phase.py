"""Depth, as a map: which depths and which variances let a gradient through; a click moves the network."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from engine.activations import ACTIVATIONS
from engine.depth import Deep, phase_diagram
from engine.work import phase_diagram_work, variance_plane_work
from pages.common.app.head import Head
from pages.common.glossary import caption
from pages.common.runs.cache import kept
from pages.common.stage.charts import Chart, Place
from pages.common.stage.linked import linked_stage
from pages.common.text import inside
from pages.figures.depth.phase import phase_figure, plane_figure

GRID = 30
HEIGHTS = (400, 700)  #: pixels: smallest and largest


def phase(deep: Deep, seed: int, head: Head, choose: Callable[..., None]) -> None:
    """Depth against σw, measured; and the plane of the two variances."""
    w, b = deep.inner_weight_variance, deep.bias_variance
    stds, depths = phase_diagram.axes(deep.activation, b, GRID)
    made = kept(
        ("phase", deep.activation, b, seed),
        lambda progress: phase_diagram.diagram(deep.activation, b, stds, depths, seed=seed, progress=progress),
        lambda: phase_diagram_work(
            len(stds),
            len(depths),
            deepest=int(depths[-1]),
            width=phase_diagram.WIDTH,
            samples=phase_diagram.SAMPLES,
            networks=phase_diagram.NETWORKS,
        ),
        head,
        "This diagram",
    )
    top = max(1.0, 2 * b)
    variances = np.linspace(0.0, stds[-1] ** 2, 41), np.linspace(0.0, top, 31)
    plane = kept(
        ("plane", deep.activation, stds[-1], top),
        lambda _: phase_diagram.variance_plane(deep.activation, *variances),
        lambda: variance_plane_work(*map(len, variances)),
        head,
        "This diagram",
    )

    def set_there(chart: str, point: Mapping[str, Any]) -> None:
        x, y = float(point["x"]), float(point["y"])
        if chart == "phase-map":
            choose(weight_variance=round(x**2, 4), depth=int(y))
        else:
            choose(weight_variance=round(x, 4), bias_variance=round(y, 4))

    charts = [
        Chart(
            "phase-map",
            phase_figure(made, np.sqrt(w), deep.depth),
            "Measured gradient ratio for every depth and weight size, with the critical line and 6 xi",
            Place(1, 1, 6),
            *HEIGHTS,
            clicks=True,
        ),
        Chart(
            "phase-plane",
            plane_figure(plane, w, b),
            "Growth of the gradient by theory for every pair of variances, with the edge of chaos",
            Place(1, 7, 6),
            *HEIGHTS,
            clicks=True,
        ),
    ]
    linked_stage(head, "phase", charts, on_click=set_there)
    name = inside(ACTIVATIONS[deep.activation].title)
    caption(
        "Orange is where the gradient vanishes, blue where it explodes; each colour is a power of ten. Click a cell to "
        "set the network there (the ring).",
        f"Left: measured on plain {name} networks {phase_diagram.WIDTH} units wide at σb² = {b:g}. Near the critical "
        "line the depth scale ξ grows without bound, and networks of any depth train. Right: what theory says of one "
        "layer, for all pairs of variances.",
    )
