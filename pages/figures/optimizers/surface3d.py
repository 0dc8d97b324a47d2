"""A race in three dimensions: the surface, every path on it, and the optimizers as balls.

Paths lie on the facets of the drawn surface, or a narrow valley would swallow them; the hover has the true loss. The
surface and the paths are sent once; only the balls move, and the camera is the reader's. A path ends where it
leaves the map, for it would lead through walls that the picture cuts off.
"""

import numpy as np
import plotly.graph_objects as go

from engine.descent import RaceResult
from engine.surfaces import inside
from pages.common import theme
from pages.figures import arrays, base
from pages.figures.heights import Heights
from pages.figures.mesh import LIFT, mesh, scene_layout
from pages.figures.optimizers.contours import LossGrid
from pages.figures.optimizers.curves import curve_points

NODES = 41  #: on each axis, at the most
#: The picture lies a little to the right and above the middle, to make room for the numbers and titles of its axes.
CAMERA = {"eye": {"x": 0.85, "y": -1.58, "z": 1.49}, "center": {"x": -0.04, "y": -0.02, "z": -0.3}}
ASPECT = {"x": 1.15, "y": 1.15, "z": 0.65}
LEAST = 0.005  #: from one point of a path to the next, in that measure: a fifth of the width of a line


def surface_figure(
    grid: LossGrid,
    result: RaceResult,
    heights: Heights,
    titles: dict[str, str],
    *,
    at: int = -1,
    height: int = theme.MAIN,
) -> go.Figure:
    """The surface of a race; arguments as in `contours.map_figure`."""
    low, high = heights.span
    lift, (rows, columns) = LIFT * (high - low), (_thin(len(axis), NODES) for axis in (grid.y, grid.x))
    x, y, loss = grid.x[columns], grid.y[rows], grid.loss[np.ix_(rows, columns)]
    hover = "(%{x:.3g}, %{y:.3g})<br>loss %{customdata:.4g}<extra></extra>"
    still = [mesh(x, y, loss, heights, hover)]
    seen = np.where(inside(result.path, (grid.x[[0, -1]], grid.y[[0, -1]]))[..., None], result.path, np.nan)
    z = _between(x, y, heights.of(loss), seen) + lift
    spots = np.concatenate([seen, z[..., None]], axis=-1)
    thin = _thin(len(result.points), curve_points(len(result.names)))
    box = np.array([np.ptp(grid.x), np.ptp(grid.y), high - low]) / list(ASPECT.values())
    for i, name in enumerate(result.names):
        kept = thin[arrays.apart(spots[thin, i] / box, LEAST)]
        line = {"color": theme.OPTIMIZERS[name].color, "width": 5}
        hover = f"{titles[name]}, step %{{customdata[0]}}<br>loss %{{customdata[1]:.4g}}<extra></extra>"
        trace = {"type": "scatter3d", "mode": "lines", "line": line, "hovertemplate": hover}
        trace["customdata"] = arrays.single(np.column_stack([result.points, result.path_loss[:, i]])[kept])
        still.append(trace | _places(spots[kept, i]) | base.reached_at(result.points[kept]))
    balls = spots[np.searchsorted(result.points, result.steps)]
    frames = [base.frame(step, [len(still)], [_places(balls[k])]) for k, step in enumerate(result.steps)]
    colors = [theme.OPTIMIZERS[name].color for name in result.names]
    marker = {"size": 7, "color": colors, "line": {"width": 2, "color": "#ffffff"}}
    ball = {"type": "scatter3d", "mode": "markers", "marker": marker, "hoverinfo": "skip"}
    still.append(ball | frames[at % len(frames)]["data"][0])
    layout = scene_layout(height, heights, grid.titles, grid.x, grid.y, aspectratio=ASPECT, camera=CAMERA)
    return base.Animated(still, layout, frames)


def _thin(count: int, most: int) -> np.ndarray:
    return np.linspace(0, count - 1, min(count, most)).round().astype(int)


def _between(x: np.ndarray, y: np.ndarray, z: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Heights `[...]` of the grid `z[m, n]` at points `[..., 2]`, linear between nodes; nan outside."""
    with np.errstate(invalid="ignore"):
        across = np.interp(points[..., 0], x, np.arange(len(x)), left=np.nan, right=np.nan)
        up = np.interp(points[..., 1], y, np.arange(len(y)), left=np.nan, right=np.nan)
        j = np.clip(np.nan_to_num(across), 0, len(x) - 2).astype(int)
        i = np.clip(np.nan_to_num(up), 0, len(y) - 2).astype(int)
        a, b = across - j, up - i
        low, high = z[i, j] * (1 - a) + z[i, j + 1] * a, z[i + 1, j] * (1 - a) + z[i + 1, j + 1] * a
        return low * (1 - b) + high * b


def _places(points: np.ndarray) -> dict[str, np.ndarray]:
    return {axis: arrays.single(points[:, i]) for i, axis in enumerate("xyz")}
