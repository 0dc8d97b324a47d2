"""The loss surface from above: contour lines, the path of every key frame, and the present step as a dot.

Lines close together are steep. The path starts at the ring and ends at the diamond, which is the centre of the plane.
Crosses mark nodes at which the loss is not finite.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.landscape import LossSurface
from pages.common import theme
from pages.figures import arrays, base
from pages.figures.heights import Heights
from pages.figures.loss_surface.surface3d import Series, hover, hover_data, inside, node_hover, place
from pages.figures.mesh import ends

LEVELS = 16
MOST_CROSSES = 400
CASING = "rgba(255, 255, 255, 0.75)"  #: under a path, so that it stands out from any colour


def map_figure(
    surface: LossSurface, series: Sequence[Series], heights: Heights, titles: tuple[str, str], *,
    at: int = -1, height: int = theme.MAIN,
) -> go.Figure:  # fmt: skip
    """The contour map with the runs on it; arguments as in `surface_figure`."""
    grid, steps = surface.grid, series[0].trajectory.steps
    still = [_contours(grid, heights, titles), *_crosses(grid)]
    across, up = [], []
    for run in series:
        trajectory, color = run.trajectory, run.style.color
        seen = inside(trajectory, grid)
        x, y = arrays.single(seen[:, 0]), arrays.single(seen[:, 1])
        reached = base.reached_at(trajectory.steps)
        still.append(base.scatter("lines", x, y, line={"width": 5, "color": CASING}, **reached))
        line, marker = {"width": 2, "color": color, "dash": run.style.dash}, {"size": 4, "color": color}
        more = {"line": line, "marker": marker, "customdata": hover_data(trajectory)}
        more |= {"name": base.short(run.name, 24)} if len(series) > 1 else {}
        still.append(base.scatter("lines+markers", x, y, hover(run), **more, **reached))
        both = {"symbol": ["circle-open", "diamond"], "size": [11, 9], "color": color}
        both["line"] = {"width": 2, "color": [color, "#ffffff"]}
        first_last = [0, trajectory.followed - 1]
        reached = base.reached_at(trajectory.steps[first_last])
        still.append(base.scatter("markers", x[first_last], y[first_last], marker=both, **reached))
        here = [place(trajectory, step) for step in steps]
        across.append(x[here])
        up.append(y[here])
    across, up = np.stack(across, axis=1), np.stack(up, axis=1)
    frames = [base.frame(step, [len(still)], [{"x": across[k], "y": up[k]}]) for k, step in enumerate(steps)]
    colors = [run.style.color for run in series]
    marker = {"size": 13, "color": colors, "line": {"width": 2, "color": "#ffffff"}}
    balls = base.scatter("markers", marker=marker, **frames[at % len(steps)]["data"][0])
    layout = theme.layout(
        height,
        margin={"t": 8, "r": 8, "l": 50, "b": 46},
        xaxis=theme.axis(titles[0], range=ends(grid.alpha), nticks=6),
        yaxis=theme.axis(titles[1], range=ends(grid.beta), nticks=6),
    )
    return base.Animated([*still, balls], layout, frames)


def _contours(grid: Any, heights: Heights, titles: tuple[str, str]) -> dict[str, Any]:
    low, high = heights.span
    return {
        "type": "contour",
        "x": arrays.single(grid.alpha),
        "y": arrays.single(grid.beta),
        "z": arrays.single(heights.of(grid.loss)),
        "customdata": arrays.single(grid.loss),
        "hovertemplate": node_hover(titles),
        "colorscale": theme.MAGNITUDE,
        "zmin": low,
        "zmax": high,
        "showscale": False,
        "autocontour": False,
        "contours": {"start": low, "end": high, "size": (high - low) / LEVELS},
        "line": {"width": 0.5, "color": "rgba(255, 255, 255, 0.35)"},
        "opacity": 0.9,
    }


def _crosses(grid: Any) -> list[dict[str, Any]]:
    rows, columns = np.nonzero(~np.isfinite(grid.loss))
    if not len(rows):
        return []
    kept = np.linspace(0, len(rows) - 1, min(len(rows), MOST_CROSSES)).astype(int)
    marker = {"symbol": "x-thin", "size": 6, "line": {"width": 1.5, "color": theme.VERDICTS["alarm"].color}}
    x, y = arrays.single(grid.alpha[columns[kept]]), arrays.single(grid.beta[rows[kept]])
    return [base.scatter("markers", x, y, "loss not finite", marker=marker, name="not finite")]
