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
from pages.figures.loss_surface.surface3d import Track, ground_hover, hover, inside, place, told

LEVELS = 16
MOST_CROSSES = 400
CASING = "rgba(255, 255, 255, 0.75)"  #: under a path, so that it stands out from any colour


def map_figure(
    terrain: LossSurface,
    tracks: Sequence[Track],
    heights: Heights,
    titles: tuple[str, str],
    *,
    at: int = -1,
    height: int = theme.MAIN,
) -> go.Figure:
    """The contour map with the tracks; arguments as in `surface_figure`."""
    grid = terrain.grid
    still = [_contours(grid, heights, titles), *_crosses(grid)]
    paths = []
    for track in tracks:
        seen = inside(track.trail, grid)
        x, y = arrays.single(seen[:, 0]), arrays.single(seen[:, 1])
        trail = track.trail
        still.append(base.scatter("lines", x, y, line={"width": 5, "color": CASING}))
        line = {"width": 2, "color": track.style.color, "dash": track.style.dash}
        marker = {"size": 4, "color": track.style.color}
        named = {"name": base.short(track.name, 20)} if len(tracks) > 1 else {}
        still.append(
            base.scatter("lines+markers", x, y, hover(track), line=line, marker=marker, customdata=told(trail), **named)
        )
        ends = {"symbol": ["circle-open", "diamond"], "size": [11, 9], "color": track.style.color}
        ends["line"] = {"width": 2, "color": [track.style.color, "#ffffff"]}
        still.append(base.scatter("markers", x[[0, trail.followed - 1]], y[[0, trail.followed - 1]], marker=ends))
        paths.append((track, x, y))
    key_frames, first = tracks[0].trail.steps, at % len(tracks[0].trail.steps)
    here = [[place(track.trail, step) for step in key_frames] for track, _, _ in paths]
    across = np.stack([x[k] for (_, x, _), k in zip(paths, here, strict=True)], axis=1)
    up = np.stack([y[k] for (_, _, y), k in zip(paths, here, strict=True)], axis=1)
    frames = [base.frame(step, [len(still)], [{"x": across[k], "y": up[k]}]) for k, step in enumerate(key_frames)]
    colors = [track.style.color for track in tracks]
    marker = {"size": 13, "color": colors, "line": {"width": 2, "color": "#ffffff"}}
    balls = base.scatter("markers", marker=marker, **frames[first]["data"][0])
    layout = theme.layout(
        height,
        margin={"t": 8, "r": 8, "l": 50, "b": 46},
        xaxis=theme.axis(titles[0], range=[float(grid.alpha[0]), float(grid.alpha[-1])], nticks=6),
        yaxis=theme.axis(titles[1], range=[float(grid.beta[0]), float(grid.beta[-1])], nticks=6),
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
        "hovertemplate": ground_hover(titles),
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
