"""A race seen from above: bands of equal loss, every optimizer's path, and where each of them is now.

Paths are drawn step by step and end where the map ends; a cross marks where an optimizer left it. White arrows point
down the gradient, black ones along the step that comes next: all of one length, because only their directions are
compared. One that rests has none. Where the start may be chosen, an unseen map of few cells takes the click, so that
starts are round numbers.
"""

from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from engine.descent import NEVER, RaceResult
from pages.common import theme
from pages.figures import arrays, base
from pages.figures.heights import DECADES, PERCENTILE, Heights
from pages.figures.mesh import ends

LEVELS = 20
ABOVE, BELOW, BEFORE, LEGEND = 8, 38, 44, 132  #: pixels round the map
ARROW = 0.11  #: of the width of the map
REST = 1e-4  #: of the width of the map: an optimizer whose next step is shorter has no arrows
TARGETS = 41  #: on each axis
CASING, MOST_CASED = "rgba(255, 255, 255, 0.55)", 8  #: under a path, so that it stands out; and for how many
PATH_POINTS = 6400  #: of all paths
SAME_SCALE = {"scaleanchor": "x", "constrain": "domain"}  #: for x and y


class LossGrid(NamedTuple):
    """What is raced on: a grid of losses, and what to mark on it."""

    x: np.ndarray
    """[n]"""
    y: np.ndarray
    """[m]"""
    loss: np.ndarray
    """[m, n]; what is not finite is left out."""
    titles: tuple[str, str] = ("x", "y")
    minima: np.ndarray = np.empty((0, 2))
    """[k, 2]"""
    are_curve: bool = False
    """Whether the minima are samples of a line or a curve, which are drawn as dots."""
    is_plane: bool = False
    """Whether it is a plane through more dimensions: the start cannot be chosen on it."""


def map_heights(grid: LossGrid, result: RaceResult, *, log: bool) -> Heights:
    """Heights that show the map up to its own walls, or up to the start where that is higher."""
    finite = grid.loss[np.isfinite(grid.loss)].astype(np.float64)
    if not len(finite):
        return Heights(log, 0.0, 1.0)
    begin = result.path_loss[0][np.isfinite(result.path_loss[0])]
    low, top = float(finite.min()), float(max(np.percentile(finite, PERCENTILE), begin.max(initial=finite.min())))
    return Heights(log, low, top if top > low else low + max(abs(low), 1.0) / 10**DECADES)


def map_figure(
    grid: LossGrid,
    result: RaceResult,
    heights: Heights,
    titles: dict[str, str],
    *,
    arrows: tuple[str, ...] = (),
    at: int = -1,
    height: int = theme.MAIN,
) -> go.Figure:
    """The map of a race.

    Args:
        grid: the losses under the paths.
        result: the race.
        heights: how losses become colours.
        titles: what each optimizer is called.
        arrows: the optimizers that have them.
        at: the key frame of the first picture.
        height: in pixels.
    """
    still = [_bands(grid, heights)]
    if not grid.is_plane:
        still.append(_targets(grid))
    count = len(result.points)
    kept = np.linspace(0, count - 1, min(count, PATH_POINTS // len(result.names))).round().astype(int)
    if len(result.names) <= MOST_CASED:
        still.append(_casing(grid, result.path[kept], result.points[kept]))
    for i, name in enumerate(result.names):
        style, (x, y) = theme.OPTIMIZERS[name], _shown(grid, result.path[kept, i])
        line = {"width": 1.75, "color": style.color, "dash": style.dash}
        told = arrays.single(np.column_stack([result.points, result.path_loss[:, i]])[kept])
        hover = f"{titles[name]}, step %{{customdata[0]}}<br>(%{{x:.4g}}, %{{y:.4g}})<br>loss %{{customdata[1]:.4g}}"
        more = {"line": line, "customdata": told, "legendgroup": name}
        still.append(base.scatter("lines", x, y, hover, **more, **base.reached_at(result.points[kept])))
        marker = {"size": 9, "color": style.color, "symbol": style.symbol}
        still.append(base.key(titles[name], "lines+markers", line=line, marker=marker, legendgroup=name))
    still += _marks(grid, result)
    place, chosen = result.place, [i for i, name in enumerate(result.names) if name in arrows]
    frames = []
    for k, step in enumerate(result.steps):
        here = {"x": arrays.single(place[k, :, 0]), "y": arrays.single(place[k, :, 1])}
        moved = [here]
        if chosen:
            moved += _arrows(grid, place[k, chosen], result.negative_gradient[k, chosen], result.update[k, chosen])
        frames.append(base.frame(step, range(len(still), len(still) + len(moved)), moved))
    styles = [theme.OPTIMIZERS[name] for name in result.names]
    marker = {"size": 13, "color": [s.color for s in styles], "symbol": [s.symbol for s in styles]}
    marker |= {"line": {"width": 1.5, "color": "#ffffff"}}
    balls, *lines = frames[at % len(frames)]["data"]
    still.append(base.scatter("markers", marker=marker, **balls))
    for color, line in zip(("#ffffff", "#111111"), lines, strict=False):
        head = {"symbol": "arrow", "angleref": "previous", "size": [0, 11, 0] * len(chosen), "color": color}
        still.append(base.scatter("lines+markers", line={"width": 2.5, "color": color}, marker=head, **line))
    same_scale = {} if grid.is_plane or not 0.7 <= np.ptp(grid.x) / np.ptp(grid.y) <= 1.4 else SAME_SCALE
    layout = theme.layout(
        height,
        margin={"t": ABOVE, "r": LEGEND, "l": BEFORE, "b": BELOW},
        xaxis=theme.axis(
            grid.titles[0], range=ends(grid.x), nticks=6, showgrid=False, constrain="domain", constraintoward="right"
        ),
        yaxis=theme.axis(grid.titles[1], range=ends(grid.y), nticks=6, showgrid=False, **same_scale),
        legend={"orientation": "v", "x": 1.01, "xanchor": "left", "yref": "paper", "tracegroupgap": 0},
        dragmode=False,
    )
    return base.Animated(still, layout, frames)


def _bands(grid: LossGrid, heights: Heights) -> dict[str, Any]:
    """Bands between contour lines, as a picture: the browser draws it many times faster than lines."""
    low, high = heights.span
    z = heights.of(grid.loss)
    missing = np.isnan(z)
    levels = np.clip(np.floor((np.where(missing, low, z) - low) / (high - low) * LEVELS), 0, LEVELS - 1)
    shown = np.where(missing, np.nan, levels).astype(np.float32) if missing.any() else levels.astype(np.uint8)
    more = {"opacity": 0.9, "zsmooth": False}
    return base.heatmap(shown, arrays.single(grid.x), arrays.single(grid.y), LEVELS - 1, theme.MAGNITUDE, **more)


def _targets(grid: LossGrid) -> dict[str, Any]:
    columns, rows = (np.linspace(0, len(axis) - 1, TARGETS).round().astype(int) for axis in (grid.x, grid.y))
    told = arrays.single(grid.loss[np.ix_(rows, columns)])
    hover = "(%{x:.4g}, %{y:.4g})<br>loss %{customdata:.4g}<br>click to start here"
    x, y = arrays.single(grid.x[columns]), arrays.single(grid.y[rows])
    unseen = np.zeros(told.shape, np.uint8)
    return base.heatmap(unseen, x, y, 1, theme.MAGNITUDE, hover, customdata=told, opacity=0)


def _marks(grid: LossGrid, result: RaceResult) -> list[dict[str, Any]]:
    """The start, the minima, and the last place of each optimizer before it left the map."""
    start = {"size": 13, "symbol": "circle-open", "color": "#ffffff", "line": {"width": 2.5}}
    traces = [base.scatter("markers", *_columns(result.path[:1, 0]), "start", marker=start)]
    if len(grid.minima):
        marker = {"size": 13, "symbol": "x-thin", "line": {"width": 2.5, "color": "#ffffff"}}
        marker = {"size": 3, "color": "#ffffff"} if grid.are_curve else marker
        hover = "minimum (%{x:.4g}, %{y:.4g})"
        traces.append(base.scatter("markers", *_columns(grid.minima), hover, marker=marker))
    for i, name in enumerate(result.names):
        if result.left_at[i] != NEVER:
            last = result.path[max(int(np.searchsorted(result.points, result.left_at[i])) - 1, 0), i]
            color = theme.OPTIMIZERS[name].color
            marker = {"size": 12, "symbol": "x", "color": color, "line": {"width": 1.5, "color": "#ffffff"}}
            hover = f"leaves the map at step {result.left_at[i]}"
            traces.append(base.scatter("markers", *_columns(last[None]), hover, marker=marker))
    return traces


def _columns(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return arrays.single(points[:, 0]), arrays.single(points[:, 1])


def _shown(grid: LossGrid, path: np.ndarray) -> list[np.ndarray]:
    """A path as a browser draws it: up to far outside of the map, but not to infinity."""
    return [arrays.near(path[:, i], ends(axis)) for i, axis in enumerate((grid.x, grid.y))]


def _casing(grid: LossGrid, path: np.ndarray, steps: np.ndarray) -> dict[str, Any]:
    """All paths `[n, R, 2]`, and their steps `[n]`, in one light line, parted by gaps, that lies under them."""
    parted = np.concatenate([path, np.full_like(path[:1], np.nan)]).transpose(1, 0, 2).reshape(-1, 2)
    reached = base.reached_at(np.tile([*steps, np.nan], path.shape[1]))
    return base.scatter("lines", *_shown(grid, parted), line={"width": 3.5, "color": CASING}, **reached)


def _arrows(grid: LossGrid, place: np.ndarray, *ways: np.ndarray) -> list[dict[str, Any]]:
    """Arrows of one length from `place` along each of the ways, the last one the next step; `[R, 2]` each."""
    scale = np.array([np.ptp(grid.x), np.ptp(grid.y)]) if grid.is_plane else np.full(2, np.ptp(grid.x))
    arrows = []
    with np.errstate(all="ignore"):
        moves = np.hypot(*(ways[-1] / scale).T) >= REST
        for way in ways:
            along = way / scale
            tip = place + ARROW * scale * along / np.hypot(along[:, 0], along[:, 1])[:, None]
            parts = np.stack([place, np.where(moves[:, None], tip, np.nan), np.full_like(place, np.nan)], axis=1)
            x, y = parts.reshape(-1, 2).T
            arrows.append({"x": arrays.single(x), "y": arrays.single(y)})
    return arrows
