"""Gradient descent in a tilted valley, told by four charts on a stage: the page that the tests of the stage drive.

The numbers are simple on purpose, so that a test can say from the step alone what each chart must show: the cursor
stands at x = step, the first bar is as high as the step, and the path on the surface ends at the step. With
`?show=train` the charts are those of the Train page; other parameters of the address ask for what a test needs.
"""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from engine import train
from engine.experiment import Experiment
from pages.common.app.plotly import bring_plotly
from pages.common.stage.charts import Chart, Place
from pages.common.stage.film import film
from pages.common.stage.stage import stage, travelling
from pages.common.text import number
from pages.figures.diagram import diagram_figure
from pages.figures.norms import norms_figure
from pages.figures.train.boundary import boundary_figure
from pages.figures.train.history import history_figure

TOTAL = 300
STEPS = list(range(0, TOTAL + 1, 5))
NEAR = list(range(100, 111))  #: steps that only single steps reach
GRID = np.linspace(-3, 3, 50, dtype=np.float32)
INK, BLUE, ORANGE = "#808795", "#3b7dd8", "#e07b1f"
SIGNED = [[0.0, ORANGE], [0.5, "#f3f1ec"], [1.0, BLUE]]


def style(figure: go.Figure, title: str) -> go.Figure:
    """Transparent, mid-tone, with fixed margins: readable on a light and on a dark page."""
    axis = {"gridcolor": "rgba(128,135,149,.25)", "zeroline": False, "title": {"standoff": 6}}
    return figure.update_layout(
        title={"text": title},
        margin={"l": 48, "r": 12, "t": 34, "b": 46},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        uirevision="keep",
        xaxis=axis,
        yaxis=axis,
    )


@st.cache_resource
def descend(rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the path [TOTAL + 1, 2] on f(a, b) = (a² + 4 b²) / 2 and its loss [TOTAL + 1]."""
    factors = 1 - rate * np.array([1.0, 4.0])
    path = np.array([-2.6, 2.2]) * factors ** np.arange(TOTAL + 1)[:, None]
    return path, 0.5 * (path[:, 0] ** 2 + 4 * path[:, 1] ** 2)


def boundary(path: np.ndarray, steps: list[int]) -> go.Figure:
    """Map of a unit's output with the weights (a, b) of each key frame, and fixed points over it."""
    points = np.random.default_rng(0).normal(0, 1.2, (2, 60)).astype(np.float32)
    grids = [
        (128 + 127 * np.tanh(a * GRID[None, :] + b * GRID[:, None] + 0.6 * np.sin(2 * GRID[None, :])))
        .clip(0, 255)
        .astype(np.uint8)
        for a, b in path[steps]
    ]
    marker = {"color": BLUE, "size": 7, "line": {"color": "white", "width": 1}}
    figure = go.Figure(
        [
            go.Heatmap(z=grids[-1], x=GRID, y=GRID, zmin=0, zmax=255, colorscale=SIGNED, showscale=False),
            go.Scatter(x=points[0], y=points[1], mode="markers", marker=marker, showlegend=False),
        ],
        frames=[
            go.Frame(name=str(step), traces=[0], data=[{"type": "heatmap", "z": grid}])
            for step, grid in zip(steps, grids, strict=True)
        ],
    )
    return style(figure, "Decision boundary").update_layout(
        xaxis_range=[-3, 3], yaxis_range=[-3, 3], xaxis_title="x1", yaxis_title="x2"
    )


def curve(loss: np.ndarray, steps: list[int]) -> go.Figure:
    """Loss and its half against the step, with a cursor."""
    logs = np.log10(loss + 1e-6).astype(np.float32)
    every = np.arange(TOTAL + 1, dtype=np.float32)

    def cursor(step: int) -> list[dict]:
        dot = {"type": "scatter", "x": np.array([step]), "y": logs[step : step + 1]}
        return [{"type": "scatter", "x": np.array([step, step]), "y": np.array([-6.5, 2.5])}, dot]

    line, dot = cursor(TOTAL)
    figure = go.Figure(
        [
            go.Scatter(x=every, y=logs, mode="lines", line={"color": BLUE}, name="loss"),
            go.Scatter(x=every, y=logs - 0.3, mode="lines", line={"color": ORANGE}, name="half"),
            go.Scatter(line, mode="lines", line={"color": INK, "width": 1.5}, showlegend=False),
            go.Scatter(dot, mode="markers", marker={"color": BLUE, "size": 9}, showlegend=False),
        ],
        frames=[go.Frame(name=str(step), traces=[2, 3], data=cursor(step)) for step in steps],
    )
    return style(figure, "Loss (log10)").update_layout(
        xaxis_range=[0, TOTAL],
        yaxis_range=[-6.5, 2.5],
        xaxis_title="step",
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
    )


def bars(path: np.ndarray, steps: list[int]) -> go.Figure:
    """The step itself (for tests), and the gradient's parts; a note in the layout and the title move with them."""

    def heights(step: int) -> np.ndarray:
        a, b = path[step]
        return np.array([step, 100 * abs(a), 400 * abs(b)], dtype=np.float32)

    def note(step: int) -> dict:
        corner = {"x": 1, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "right", "showarrow": False}
        return {"annotations": [{**corner, "text": f"step {step}"}], "title": {"text": f"Gradient at <b>{step}</b>"}}

    def frame(step: int) -> go.Frame:
        return go.Frame(name=str(step), traces=[0], data=[{"type": "bar", "y": heights(step)}], layout=note(step))

    names = ["step", "|g1| x 100", "|g2| x 100"]
    figure = go.Figure(
        go.Bar(x=names, y=heights(TOTAL), marker={"color": [INK, BLUE, ORANGE]}, showlegend=False),
        layout=note(TOTAL),
        frames=[frame(step) for step in steps],
    )
    return style(figure, "").update_layout(yaxis_range=[0, 320], title=note(TOTAL)["title"])


def surface(path: np.ndarray, loss: np.ndarray, steps: list[int]) -> go.Figure:
    """A surface, sent once, the path on it, which says when it came where, and a ball."""
    a, b = GRID[None, :], GRID[:, None]
    lifted, heights = path.astype(np.float32), (loss + 0.25).astype(np.float32)

    def ball(step: int) -> dict:
        return {
            "type": "scatter3d",
            "x": lifted[step : step + 1, 0],
            "y": lifted[step : step + 1, 1],
            "z": heights[step : step + 1],
        }

    ground = go.Surface(
        z=(0.5 * (a**2 + 4 * b**2)).astype(np.float32), x=GRID, y=GRID, colorscale="Viridis", showscale=False
    )
    way = go.Scatter3d(
        x=lifted[:, 0],
        y=lifted[:, 1],
        z=heights,
        mode="lines",
        line={"color": "#d1348b", "width": 6},
        meta={"steps": list(range(TOTAL + 1))},
    )
    figure = go.Figure(
        [ground, way, go.Scatter3d(ball(TOTAL), mode="markers", marker={"size": 4, "color": INK})],
        frames=[go.Frame(name=str(step), traces=[2], data=[ball(step)]) for step in steps],
    )
    return style(figure, "Loss surface").update_layout(
        showlegend=False,
        margin={"l": 0, "r": 0, "t": 30, "b": 0},
        scene={
            "xaxis": {"title": "a"},
            "yaxis": {"title": "b"},
            "zaxis": {"title": "loss"},
            "aspectmode": "manual",
            "aspectratio": {"x": 1.1, "y": 1.1, "z": 0.7},
            "camera": {"eye": {"x": -1.2, "y": 0.95, "z": 0.9}},
        },
    )


def valley(rate: float) -> None:
    """The four charts of the valley."""
    asked = st.query_params
    path, loss = descend(rate)
    rest = (st.session_state.get("lab-stage") or {}).get("settled")
    near = NEAR if asked.get("near") else []
    if asked.get("asks") and rest:
        near = sorted({*range(max(rest["step"] - 3, 0), min(rest["step"] + 3, TOTAL) + 1)} - {*STEPS})
    every = sorted({*STEPS, *near})
    steps = [] if asked.get("still") else every
    charts = [
        Chart("boundary", boundary(path, every), "Map of the unit's output", Place(1, 1, 6), 260, 480, square=True,
              clicks=True, selects=True),
        Chart("surface", surface(path, loss, every), "Path on the loss surface", Place(1, 7, 6), 260, 480),
        Chart("curve", curve(loss, every), "Loss against step", Place(2, 1, 6), 220, 400, over_steps=True),
        Chart("bars", bars(path, every), "Parts of the gradient", Place(2, 7, 6), 220, 400),
    ]  # fmt: skip
    if asked.get("empty"):
        charts.append(Chart("empty", go.Figure(), "Nothing", Place(3, 1, 12), 200, 200, title="Empty"))
    sent = {
        "metrics": {
            "Step": [f"{step} of {TOTAL}" for step in steps or [TOTAL]],
            "Loss": [f"{loss[step]:.4g}" for step in steps or [TOTAL]],
            "Learning rate": [f"{rate:.3f}" for _ in steps or [TOTAL]],
        },
        "findings": [f"The loss is {loss[step]:.4g}" for step in steps],
        "file": f"valley rate {rate:.3f}",
        "asks": bool(asked.get("asks")),
    }
    keys = [] if asked.get("still") else STEPS
    played = stage("lab", charts, keys, near=near if keys else [], **sent)
    told = st.session_state.setdefault("told", [None])
    if played.step != told[-1]:
        told.append(played.step)
    st.caption(f"Settled on {', '.join(map(str, told[1:])) or 'nothing'}.")
    st.caption("Covered." if played.covered else "Not covered.")
    for what, where in (("Clicked", played.clicked), ("Selected", played.selected)):
        if where:
            said = "; ".join(f"{point['x']:.2f}, {point['y']:.2f}" for point in where["points"])
            st.caption(f"{what} {where['chart']} {where['count']}: {said}")
    if asked.get("film"):
        payload = travelling("lab", charts, keys, start=150, **sent)
        file = film(payload, "Valley", f"rate {rate:.3f}", ["A valley <wide> and deep."], "http://localhost/?rate=1")
        st.download_button("Save as film", file, "valley.html", "text/html")
    if asked.get("second"):
        stage("other", [Chart("bars", bars(path, STEPS), "The same bars")], STEPS, rate=30)


@st.cache_resource
def run(rate: float):
    """A run of Train."""
    return train(Experiment(lr=rate, steps=TOTAL))


def training(rate: float) -> None:
    """The charts of the Train page."""
    made = run(rate)
    charts = [
        Chart("diagram", diagram_figure(made), "Network diagram", Place(1, 1, 6), 270, 560),
        Chart("learned", boundary_figure(made), "Decision boundary", Place(1, 7, 6), 270, 560, square=True),
        Chart("norms", norms_figure(made), "Gradient norms", Place(2, 1, 6), 200, 420, over_steps=True),
        Chart("history", history_figure(made), "Loss", Place(2, 7, 6), 200, 420, over_steps=True),
    ]
    metrics = {
        "Step": [f"{step}" for step in made.frames],
        "Loss, train": [number(value) for value in made.train_loss],
    }
    stage("lab", charts, made.frames, metrics=metrics, total=made.steps)
    if st.query_params.get("film"):
        payload = travelling("lab", charts, made.frames, metrics=metrics)
        st.download_button("Save as film", film(payload, "Train", "circles", [], ""), "train.html", "text/html")


st.set_page_config(page_title="Stage test page", layout="wide")
with st.sidebar:
    rate = st.slider("Learning rate", 0.005, 0.2, 0.02, 0.005, format="%.3f", key="rate")
    st.text_input("Remark", key="remark")
    shown = st.toggle("Stage", value=True)
bring_plotly()
if shown:
    (training if st.query_params.get("show") == "train" else valley)(rate)
