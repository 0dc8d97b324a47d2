"""A surface in three dimensions: a loss over a grid, as a mesh of triangles, and the scene that it stands in.

It is a mesh because Plotly refines its own "surface" to some 200 x 200 nodes, whatever it is given, and then takes
three times as long to draw it without a graphics card.
"""

from typing import Any

import numpy as np

from pages.common import theme
from pages.figures import arrays
from pages.figures.heights import Heights

LIGHT = {"ambient": 0.75, "diffuse": 0.55, "specular": 0.04, "roughness": 0.9}
LIFT = 0.012  #: of the range of heights: how far paths are lifted, so that they are seen


def mesh(x: np.ndarray, y: np.ndarray, loss: np.ndarray, heights: Heights, hover: str) -> dict[str, Any]:
    """The trace of a loss `[m, n]` over the nodes `x[n]` and `y[m]`: two triangles a cell, none at a hole.

    `hover` is its template; the loss itself is the custom data.
    """
    rows, columns = loss.shape
    across, up = np.meshgrid(x, y)
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    low, high = heights.span
    z = arrays.single(heights.of(loss).ravel())
    return {
        "type": "mesh3d",
        "x": arrays.single(across.ravel()),
        "y": arrays.single(up.ravel()),
        "z": z,
        "i": arrays.whole(np.concatenate([corner, corner + 1])),
        "j": arrays.whole(np.concatenate([corner + 1, corner + columns + 1])),
        "k": arrays.whole(np.tile(corner + columns, 2)),
        "intensity": z,
        "cmin": low,
        "cmax": high,
        "colorscale": theme.MAGNITUDE,
        "showscale": False,
        "customdata": arrays.single(loss.ravel()),
        "hovertemplate": hover,
        "lighting": LIGHT,
    }


def scene_layout(
    height: int, heights: Heights, titles: tuple[str, str], x: np.ndarray, y: np.ndarray, **scene: Any
) -> dict[str, Any]:
    """The layout of a surface over `x[n]` and `y[m]`; titles without their brackets. `scene` has aspect and camera."""
    small = {"tickfont": {"size": 12}}  # a scene draws its words smaller than they are
    sides = {
        name: small | {"nticks": 5, "title": {"text": title.partition(" (")[0]}, "range": ends(values)}
        for name, title, values in (("xaxis", titles[0], x), ("yaxis", titles[1], y))
    } | {"zaxis": small | heights.axis()}
    for side in sides.values():
        side["title"] = side["title"] | {"font": {"size": 13}}
    margin = {"l": 0, "r": 0, "t": 4, "b": 0}
    layout = theme.layout(height, margin=margin, showlegend=False, annotations=[heights.note()])
    return layout | {"scene": theme.scene(**sides, aspectmode="manual", **scene)}


def ends(values: np.ndarray) -> list[float]:
    """The first and the last of some coordinates: the range of an axis."""
    return [float(values[0]), float(values[-1])]
