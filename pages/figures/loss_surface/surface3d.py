"""The loss surface in three dimensions: a run's path over it, and the present step as a ball that rolls along.

The path lies on the surface, at the loss of the nearest points of the plane, lifted a hair so that it is seen. That is
the picture, not the run: the run's own loss is the dotted line above or below, and a stem joins the ball to where it
really was. Surface and paths are sent once; the player moves balls and stems only, and the camera is the reader's.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from engine.landscape import LossSurface, Trajectory
from pages.common import theme
from pages.figures import arrays, base
from pages.figures.heights import Heights
from pages.figures.mesh import LIFT, mesh, scene_layout

BALL = 0.035  #: of the range of heights: how far balls are lifted
DISTANCE, RISE, TURN = 2.2, 1.35, 0.6  #: of the camera: from the middle, above it, and aside from the path
ASPECT = {"x": 1.1, "y": 1.1, "z": 0.65}
MIDDLE = {"x": 0.0, "y": 0.0, "z": -0.17}  #: what the camera looks at


class Series(NamedTuple):
    """One run in the picture: what it is called, how it looks, and its path. The first of several is the main one."""

    name: str
    style: theme.Style
    trajectory: Trajectory


def surface_figure(
    surface: LossSurface, series: Sequence[Series], heights: Heights, titles: tuple[str, str], *,
    at: int = -1, height: int = theme.MAIN,
) -> go.Figure:  # fmt: skip
    """The surface with the runs on it.

    Args:
        surface: the plane and the objective on it.
        series: the runs, the main one first; frames are its key frames.
        heights: how losses become heights.
        titles: of the two axes.
        at: the key frame of the first picture.
        height: in pixels.
    """
    grid, steps = surface.grid, series[0].trajectory.steps
    low, high = heights.span
    lift, ball_lift = LIFT * (high - low), BALL * (high - low)
    still = [mesh(grid.alpha, grid.beta, grid.loss, heights, node_hover(titles))]
    moving = []
    for run in series:
        seen = inside(run.trajectory, grid)
        shown, true = heights.of(run.trajectory.projected_loss), heights.of(run.trajectory.loss)
        still.append(_line(seen, shown + lift, run, {"color": run.style.color, "width": 6}))
        if run is series[0]:
            still.append(_line(seen, true + lift, run, {"color": run.style.color, "width": 2, "dash": "dot"}))
        moving.append((run, _rolling(np.column_stack([seen, shown + ball_lift, true + ball_lift]))))
    frames = []
    for step in steps:
        moved = [part for run, balls in moving for part in balls[place(run.trajectory, step)]]
        frames.append(base.frame(step, range(len(still), len(still) + len(moved)), moved))
    parts = frames[at % len(steps)]["data"]
    for run, ball, stem in zip(series, parts[::2], parts[1::2], strict=True):
        still += [_ball_trace(run, ball), _stem_trace(run, stem)]
    camera = {"eye": _eye(series[0].trajectory, grid), "center": MIDDLE}
    layout = scene_layout(height, heights, titles, grid.alpha, grid.beta, aspectratio=ASPECT, camera=camera)
    return base.Animated(still, layout, frames)


def inside(trajectory: Trajectory, grid: Any) -> np.ndarray:
    """The coordinates `[F, 2]` of a trajectory; nan where they lie outside of the window of a grid."""
    low, high = (np.array([values[end] for values in (grid.alpha, grid.beta)]) for end in (0, -1))
    with np.errstate(invalid="ignore"):
        out = ~((trajectory.coordinates >= low) & (trajectory.coordinates <= high)).all(axis=1)
    return np.where(out[:, None], np.nan, trajectory.coordinates)


def place(trajectory: Trajectory, step: int) -> int:
    """The key frame of a trajectory at a step of another one: the last that is not later."""
    return max(int(np.searchsorted(trajectory.steps, step, side="right")) - 1, 0)


def hover_data(trajectory: Trajectory) -> np.ndarray:
    """What the hover of a path says, `[F, 3]`: step, loss of the run, loss in the plane."""
    return arrays.single(np.column_stack([trajectory.steps, trajectory.loss, trajectory.projected_loss]))


def hover(run: Series) -> str:
    """How it says that."""
    name = base.short(run.name)
    return f"{name}, step %{{customdata[0]}}<br>loss %{{customdata[1]:.4g}}, in the plane %{{customdata[2]:.4g}}"


def node_hover(titles: tuple[str, str]) -> str:
    """The hover of a node of the surface; its loss is the custom data."""
    return f"{titles[0]} %{{x:.3g}}<br>{titles[1]} %{{y:.3g}}<br>loss %{{customdata:.4g}}<extra></extra>"


def _eye(trajectory: Trajectory, grid: Any) -> dict[str, float]:
    """Where the camera stands at first: beyond the end of the path and a little aside, so that it comes down to us."""
    size = [values[-1] - values[0] for values in (grid.alpha, grid.beta)]
    across, up = (trajectory.coordinates[trajectory.followed - 1] - trajectory.coordinates[0]) / size
    angle = np.arctan2(up, across) + TURN if np.isfinite(across + up) else TURN
    return {"x": float(DISTANCE * np.cos(angle)), "y": float(DISTANCE * np.sin(angle)), "z": RISE}


def _rolling(path: np.ndarray) -> list[list[dict[str, Any]]]:
    """Ball and stem at each point `[F, 4]` of a path: α, β, height shown, height of the true loss."""
    x, y, shown, true = arrays.single(path).T
    across, up, stem = np.stack([x, x], axis=1), np.stack([y, y], axis=1), np.stack([shown, true], axis=1)
    return [
        [
            {"type": "scatter3d", "x": across[k, :1], "y": up[k, :1], "z": stem[k, :1]},
            {"type": "scatter3d", "x": across[k], "y": up[k], "z": stem[k]},
        ]
        for k in range(len(path))
    ]


def _line(seen: np.ndarray, z: np.ndarray, run: Series, line: dict[str, Any]) -> dict[str, Any]:
    trace = {"type": "scatter3d", "mode": "lines", "line": line, "customdata": hover_data(run.trajectory)}
    trace |= {"x": arrays.single(seen[:, 0]), "y": arrays.single(seen[:, 1]), "z": arrays.single(z)}
    return trace | {"hovertemplate": f"{hover(run)}<extra></extra>"} | base.reached_at(run.trajectory.steps)


def _ball_trace(run: Series, ball: dict[str, Any]) -> dict[str, Any]:
    marker = {"size": 8, "color": run.style.color, "line": {"width": 2, "color": "#ffffff"}}
    return {"mode": "markers", "marker": marker, "hoverinfo": "skip"} | ball


def _stem_trace(run: Series, stem: dict[str, Any]) -> dict[str, Any]:
    style = {"line": {"width": 3, "color": run.style.color}, "marker": {"size": 5, "color": run.style.color}}
    style["marker"] |= {"symbol": "circle-open", "opacity": 1}
    return {"mode": "lines+markers", "hoverinfo": "skip"} | style | stem
