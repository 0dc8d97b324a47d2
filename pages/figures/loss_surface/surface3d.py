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
from pages.figures.mesh import mesh

LIFT, BALL = 0.012, 0.035  #: of the range of heights: how far paths and balls are lifted
DISTANCE, RISE, TURN = 2.2, 1.35, 0.6  #: of the camera: from the middle, above it, and aside from the path
ASPECT = {"x": 1.1, "y": 1.1, "z": 0.65}
MIDDLE = {"x": 0.0, "y": 0.0, "z": -0.17}  #: what the camera looks at


class Track(NamedTuple):
    """One run in the picture: what it is called, how it looks, and its trail. The first of several is the main one."""

    name: str
    style: theme.Style
    trail: Trajectory


def surface_figure(
    terrain: LossSurface,
    tracks: Sequence[Track],
    heights: Heights,
    titles: tuple[str, str],
    *,
    at: int = -1,
    height: int = theme.MAIN,
) -> go.Figure:
    """The surface with the tracks on it.

    Args:
        terrain: the plane and the objective on it.
        tracks: the runs, the main one first; frames are its key frames.
        heights: how losses become heights.
        titles: of the two axes.
        at: the key frame of the first picture.
        height: in pixels.
    """
    grid = terrain.grid
    low, high = heights.span
    lift, ball_lift = LIFT * (high - low), BALL * (high - low)
    still = [mesh(grid.alpha, grid.beta, grid.loss, heights, ground_hover(titles))]
    moving = []
    for track in tracks:
        seen = inside(track.trail, grid)
        shown, true = heights.of(track.trail.shown), heights.of(track.trail.loss)
        line = {"color": track.style.color, "width": 6}
        still.append(_line(seen, shown + lift, track, line))
        if track is tracks[0]:
            still.append(_line(seen, true + lift, track, {"color": track.style.color, "width": 2, "dash": "dot"}))
        moving.append((track, _rolling(np.column_stack([seen, shown + ball_lift, true + ball_lift]))))
    key_frames, first = tracks[0].trail.steps, at % len(tracks[0].trail.steps)
    frames = []
    for step in key_frames:
        moved = [part for track, balls in moving for part in balls[place(track.trail, step)]]
        frames.append(base.frame(step, range(len(still), len(still) + len(moved)), moved))
    for (track, _), (ball, stem) in zip(moving, _pairs(frames[first]["data"]), strict=True):
        still += [_ball_trace(track, ball), _stem_trace(track, stem)]
    layout = theme.layout(
        height, margin={"l": 0, "r": 0, "t": 4, "b": 0}, showlegend=False, annotations=[heights.note()]
    )
    sides = {axis: {"title": {"text": title.partition(" (")[0]}, "range": _ends(values)} for axis, title, values in (
        ("xaxis", titles[0], grid.alpha), ("yaxis", titles[1], grid.beta))}  # fmt: skip
    small = {axis: side | {"nticks": 5, "tickfont": {"size": 10}} for axis, side in sides.items()}
    small["zaxis"] = heights.axis() | {"tickfont": {"size": 10}}
    layout["scene"] = theme.scene(
        **small, aspectmode="manual", aspectratio=ASPECT, camera={"eye": _eye(tracks[0].trail, grid), "center": MIDDLE}
    )
    for axis in ("xaxis", "yaxis", "zaxis"):
        layout["scene"][axis]["title"]["font"] = {"size": 11}
    return base.Animated(still, layout, frames)


def inside(trail: Trajectory, grid: Any) -> np.ndarray:
    """The places `[F, 2]` of a trail; nan where they lie outside of the window of a grid."""
    low, high = (np.array([values[end] for values in (grid.alpha, grid.beta)]) for end in (0, -1))
    with np.errstate(invalid="ignore"):
        out = ~((trail.place >= low) & (trail.place <= high)).all(axis=1)
    return np.where(out[:, None], np.nan, trail.place)


def place(trail: Trajectory, step: int) -> int:
    """The key frame of a trail at a step of another one: the last that is not later."""
    return max(int(np.searchsorted(trail.steps, step, side="right")) - 1, 0)


def told(trail: Trajectory) -> np.ndarray:
    """What the hover of a path says, `[F, 3]`: step, loss of the run, loss in the plane."""
    return arrays.single(np.column_stack([trail.steps, trail.loss, trail.shown]))


def hover(track: Track) -> str:
    """How it says that."""
    name = base.short(track.name)
    return f"{name}, step %{{customdata[0]}}<br>loss %{{customdata[1]:.4g}}, in the plane %{{customdata[2]:.4g}}"


def ground_hover(titles: tuple[str, str]) -> str:
    """The hover of a node of the surface; its loss is the custom data."""
    return f"{titles[0]} %{{x:.3g}}<br>{titles[1]} %{{y:.3g}}<br>loss %{{customdata:.4g}}<extra></extra>"


def _eye(trail: Trajectory, grid: Any) -> dict[str, float]:
    """Where the camera stands at first: beyond the end of the path and a little aside, so that it comes down to us."""
    size = [values[-1] - values[0] for values in (grid.alpha, grid.beta)]
    across, up = (trail.place[trail.followed - 1] - trail.place[0]) / size
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


def _pairs(parts: list[Any]) -> list[tuple[Any, Any]]:
    return list(zip(parts[::2], parts[1::2], strict=True))


def _line(seen: np.ndarray, z: np.ndarray, track: Track, line: dict[str, Any]) -> dict[str, Any]:
    trace = {"type": "scatter3d", "mode": "lines", "line": line, "customdata": told(track.trail)}
    trace |= {"x": arrays.single(seen[:, 0]), "y": arrays.single(seen[:, 1]), "z": arrays.single(z)}
    return trace | {"hovertemplate": f"{hover(track)}<extra></extra>"}


def _ball_trace(track: Track, ball: dict[str, Any]) -> dict[str, Any]:
    marker = {"size": 8, "color": track.style.color, "line": {"width": 2, "color": "#ffffff"}}
    return {"mode": "markers", "marker": marker, "hoverinfo": "skip"} | ball


def _stem_trace(track: Track, stem: dict[str, Any]) -> dict[str, Any]:
    style = {"line": {"width": 3, "color": track.style.color}, "marker": {"size": 5, "color": track.style.color}}
    style["marker"] |= {"symbol": "circle-open", "opacity": 1}
    return {"mode": "lines+markers", "hoverinfo": "skip"} | style | stem


def _ends(values: np.ndarray) -> list[float]:
    return [float(values[0]), float(values[-1])]
