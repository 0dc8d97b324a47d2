"""Gradient descent in a tilted valley, told by four charts in step: the page the player's tests drive.

The numbers are simple on purpose, so that a test can say from the step alone what each chart must show: the
cursor stands at x = step, the first bar is as high as the step, and the path on the surface has one point per
key frame.
"""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.common.player.player import player

TOTAL = 300
STEPS = list(range(0, TOTAL + 1, 5))
GRID = np.linspace(-3, 3, 50, dtype=np.float32)
INK, BLUE, ORANGE = "#808795", "#3b7dd8", "#e07b1f"
SIGNED = [[0.0, ORANGE], [0.5, "#f3f1ec"], [1.0, BLUE]]


def style(figure: go.Figure, title: str, height: int) -> go.Figure:
    """Transparent, mid-tone, with fixed margins: readable on a light and on a dark page."""
    grid = "rgba(128,135,149,.25)"
    axis = {"color": INK, "gridcolor": grid, "zeroline": False, "automargin": False, "title": {"standoff": 6}}
    return figure.update_layout(
        title={"text": title, "font": {"size": 14, "color": INK}, "x": 0, "xanchor": "left", "y": 0.98},
        height=height,
        font={"color": INK, "size": 12},
        margin={"l": 48, "r": 12, "t": 34, "b": 46},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        xaxis=axis,
        yaxis=axis,
    )


@st.cache_resource
def descend(rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the path [TOTAL + 1, 2] on f(a, b) = (a² + 4 b²) / 2 and its loss [TOTAL + 1]."""
    factors = 1 - rate * np.array([1.0, 4.0])
    path = np.array([-2.6, 2.2]) * factors ** np.arange(TOTAL + 1)[:, None]
    return path, 0.5 * (path[:, 0] ** 2 + 4 * path[:, 1] ** 2)


def boundary(path: np.ndarray) -> go.Figure:
    """RaceResult map of a unit's output with the weights (a, b) of each key frame, and fixed points over it."""
    rng = np.random.default_rng(0)
    points = rng.normal(0, 1.2, (2, 60)).astype(np.float32)
    grids = [
        (128 + 127 * np.tanh(a * GRID[None, :] + b * GRID[:, None] + 0.6 * np.sin(2 * GRID[None, :])))
        .clip(0, 255)
        .astype(np.uint8)
        for a, b in path[STEPS]
    ]
    figure = go.Figure(
        [
            go.Heatmap(z=grids[-1], x=GRID, y=GRID, zmin=0, zmax=255, colorscale=SIGNED, showscale=False),
            go.Scatter(
                x=points[0],
                y=points[1],
                mode="markers",
                marker={"color": np.where(points.sum(0) > 0, BLUE, ORANGE), "size": 7},
            ),
        ],
        frames=[
            go.Frame(name=str(step), traces=[0], data=[{"type": "heatmap", "z": grid}])
            for step, grid in zip(STEPS, grids, strict=True)
        ],
    )
    figure.update_traces(marker_line={"color": "white", "width": 1}, selector={"type": "scatter"})
    return style(figure, "Decision boundary", 300).update_layout(
        xaxis_range=[-3, 3], yaxis_range=[-3, 3], xaxis_title="x1", yaxis_title="x2"
    )


def curve(loss: np.ndarray) -> go.Figure:
    """Loss against step. Cursor and dot are shapes of the layout: drawn three times as fast as traces."""
    logs = np.log10(loss + 1e-6).astype(np.float32)

    def cursor(step: int) -> dict:
        line = {"type": "line", "x0": step, "x1": step, "y0": 0, "y1": 1, "yref": "paper"}
        size = {"xsizemode": "pixel", "ysizemode": "pixel", "x0": -5, "x1": 5, "y0": -5, "y1": 5}
        dot = {"type": "circle", "xanchor": step, "yanchor": float(logs[step]), **size}
        return {
            "shapes": [{**line, "line": {"color": INK, "width": 1.5}}, {**dot, "fillcolor": BLUE, "line": {"width": 0}}]
        }

    figure = go.Figure(
        go.Scatter(x=np.arange(TOTAL + 1, dtype=np.float32), y=logs, mode="lines", line={"color": BLUE}),
        layout=cursor(TOTAL),
        frames=[go.Frame(name=str(step), layout=cursor(step)) for step in STEPS],
    )
    return style(figure, "Loss (log10)", 300).update_layout(
        xaxis_range=[0, TOTAL], yaxis_range=[-6.5, 2.5], xaxis_title="step"
    )


def bars(path: np.ndarray) -> go.Figure:
    """The step itself (for tests), and the gradient's parts; a note in the layout moves with them."""

    def heights(step: int) -> np.ndarray:
        a, b = path[step]
        return np.array([step, 100 * abs(a), 400 * abs(b)], dtype=np.float32)

    def note(step: int) -> dict:
        corner = {"x": 1, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "right", "showarrow": False}
        return {"annotations": [{**corner, "text": f"step {step}"}]}

    def frame(step: int) -> go.Frame:
        bar = {"type": "bar", "y": heights(step)}
        return go.Frame(name=str(step), traces=[0], data=[bar], layout=note(step))

    names = ["step", "|g1| x 100", "|g2| x 100"]
    figure = go.Figure(
        go.Bar(x=names, y=heights(TOTAL), marker={"color": [INK, BLUE, ORANGE]}),
        layout=note(TOTAL),
        frames=[frame(step) for step in STEPS],
    )
    return style(figure, "Gradient", 300).update_layout(yaxis_range=[0, 320])


def surface(path: np.ndarray, loss: np.ndarray) -> go.Figure:
    """A static surface, sent once, and the path so far on it."""
    a, b = GRID[None, :], GRID[:, None]
    lifted = path.astype(np.float32)
    heights = (loss + 0.25).astype(np.float32)

    def trail(step: int) -> dict:
        keep = slice(0, step + 1, 5)
        return {"type": "scatter3d", "x": lifted[keep, 0], "y": lifted[keep, 1], "z": heights[keep]}

    figure = go.Figure(
        [
            go.Surface(
                z=(0.5 * (a**2 + 4 * b**2)).astype(np.float32),
                x=GRID,
                y=GRID,
                colorscale="Viridis",
                showscale=False,
                opacity=0.9,
            ),
            go.Scatter3d(
                **trail(TOTAL),
                mode="lines+markers",
                line={"color": "#d1348b", "width": 6},
                marker={"size": 3},
            ),
        ],
        frames=[go.Frame(name=str(step), traces=[1], data=[trail(step)]) for step in STEPS],
    )
    axis = {"color": INK, "gridcolor": "rgba(128,135,149,.4)", "backgroundcolor": "rgba(0,0,0,0)"}
    return style(figure, "Loss surface", 300).update_layout(
        margin={"l": 0, "r": 0, "t": 30, "b": 0},
        scene={
            "xaxis": {**axis, "title": "a"},
            "yaxis": {**axis, "title": "b"},
            "zaxis": {**axis, "title": "loss"},
            "aspectmode": "manual",
            "aspectratio": {"x": 1.1, "y": 1.1, "z": 0.7},
            "camera": {"eye": {"x": -1.2, "y": 0.95, "z": 0.9}},
        },
    )


st.set_page_config(page_title="Player test page", layout="wide")
with st.sidebar:
    rate = st.slider("Learning rate", 0.005, 0.2, 0.02, 0.005, format="%.3f", key="rate")
    st.text_input("Remark", key="remark")
    shown = st.toggle("Player", value=True)

path, loss = descend(rate)

with st.container(key="lab-metrics"):
    first, second, third = st.columns(3)
    first.metric("Step", f"{TOTAL} of {TOTAL}")
    second.metric("Loss", f"{loss[-1]:.4g}")
    third.metric("Learning rate", f"{rate:.3f}")

OPTIONS = {"displayModeBar": False}
with st.container(key="lab"):
    left, right = st.columns(2)
    left.plotly_chart(boundary(path), key="boundary", config=OPTIONS, alt="RaceResult map of the unit's output")
    right.plotly_chart(surface(path, loss), key="surface", config=OPTIONS, alt="Path on the loss surface")
    left.plotly_chart(curve(loss), key="curve", config=OPTIONS, alt="Loss against step")
    right.plotly_chart(bars(path), key="bars", config=OPTIONS, alt="Parts of the gradient")


if st.query_params.get("second"):
    with st.container(key="other"):
        st.plotly_chart(bars(path), key="other-bars", config=OPTIONS, alt="The same bars, of another player")
        player("other", STEPS, total=TOTAL, rate=30)


@st.fragment
def controls() -> None:
    """The player alone in a fragment: the page above it does not run again when a step is settled on."""
    settled = player(
        "lab",
        STEPS,
        total=TOTAL,
        metrics=[[f"{s} of {TOTAL}", f"{loss[s]:.4g}", f"{rate:.3f}"] for s in STEPS],
    )
    told = st.session_state.setdefault("told", [None])
    if settled != told[-1]:
        told.append(settled)
    st.caption(f"Settled on {', '.join(map(str, told[1:])) or 'nothing'}.")


if shown:
    with st.bottom:
        controls()
