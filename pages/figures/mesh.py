"""A surface in three dimensions: a loss over a grid, as a mesh of triangles, and the scene that it stands in.

It is a mesh because Plotly refines its own "surface" to some 200 x 200 nodes, whatever it is given, and then takes
three times as long to draw it without a graphics card, where a triangle takes 2.5 µs. So triangles are small where the
ground bends and large where it does not: they are right-angled, and halved for as long as the ground is further than
`TOLERANCE` from the middle of the longest side; two that share that side are halved together, or there would be cracks
(Evans, Kirkpatrick and Townsend, "Right-triangulated irregular networks", Algorithmica 30, 2001).
"""

from typing import Any

import numpy as np

from pages.common import theme
from pages.common.ticks import round_numbers
from pages.figures import arrays
from pages.figures.heights import Heights

LIGHT = {"ambient": 0.75, "diffuse": 0.55, "specular": 0.04, "roughness": 0.9}
LIFT = 0.012  #: of the range of heights: how far paths are lifted, so that they are seen
TOLERANCE = 0.004  #: of that range: half a pixel; twice that is less than paths are lifted
MOST_TICKS = 5  #: of an axis
COARSEST = 8  #: cells along a side of the picture, at the least


def mesh(x: np.ndarray, y: np.ndarray, loss: np.ndarray, heights: Heights, hover: str) -> dict[str, Any]:
    """The trace of a loss `[m, n]` over the nodes `x[n]` and `y[m]`: triangles, none at a hole.

    `hover` is its template; the loss itself is the custom data.
    """
    low, high = heights.span
    corners = triangles(heights.of(loss), TOLERANCE * (high - low))
    kept, corners = np.unique(corners, return_inverse=True)
    rows, columns = np.divmod(kept, len(x))
    i, j, k = arrays.whole(corners.reshape(-1, 3)).T
    z = arrays.single(heights.of(loss[rows, columns]))
    return {
        "type": "mesh3d",
        "x": arrays.single(x[columns]),
        "y": arrays.single(y[rows]),
        "z": z,
        "i": i,
        "j": j,
        "k": k,
        "intensity": z,
        "cmin": low,
        "cmax": high,
        "colorscale": theme.MAGNITUDE,
        "showscale": False,
        "customdata": arrays.single(loss[rows, columns]),
        "hovertemplate": hover,
        "lighting": LIGHT,
    }


def triangles(z: np.ndarray, tolerance: float) -> np.ndarray:
    """Triangles `[T, 3]` of nodes of the grid `z[m, n]`, which are numbered row by row.

    Where one is left whole, no halving of it or of its parts would move the middle of a longest side by more than the
    tolerance. Each may add as much, so that nodes inside can be further off; on the functions that the tests look at
    it is twice the tolerance at the most. There are none at a node that is not finite.
    """
    side = 1 << (max(z.shape) - 2).bit_length()  # what reaches over the edge of the grid is folded back onto it
    nodes = [np.minimum(np.arange(side + 1), count - 1) for count in z.shape]
    places, depth = np.stack(np.meshgrid(*nodes, indexing="ij"), axis=-1), 2 * side.bit_length() - 2
    levels = [side * np.array([[[0, 0], [1, 1], [1, 0]], [[1, 1], [0, 0], [0, 1]]])]  # ends of the longest side, corner
    for _ in range(depth):
        levels.append(_halves(levels[-1]))
    error = np.zeros((side + 1, side + 1))
    for level in reversed(levels[:-1]):
        own = _bend(z, places, level)
        within = error[tuple(np.moveaxis(_middle(_halves(level)), -1, 0))].reshape(2, -1).max(axis=0)
        np.maximum.at(error, tuple(_middle(level).T), np.maximum(own, within))
    found, level = [], levels[0]
    for number in range(depth):
        split = (error[tuple(_middle(level).T)] > tolerance) | (2**number < COARSEST**2)
        found.append(level[~split])
        level = _halves(level[split])
    corners = places[tuple(np.moveaxis(np.concatenate([*found, level]), -1, 0))]
    (a, b), (c, d) = (corners[:, 1:] - corners[:, :1]).transpose(1, 2, 0)
    solid = (a * d != b * c) & np.isfinite(z[tuple(np.moveaxis(corners, -1, 0))]).all(axis=1)
    return corners[solid] @ [z.shape[1], 1]


def _middle(level: np.ndarray) -> np.ndarray:
    """The middle `[T, 2]` of the longest side of triangles `[T, 3, 2]`."""
    return (level[:, 0] + level[:, 1]) // 2


def _halves(level: np.ndarray) -> np.ndarray:
    """Triangles `[2T, 3, 2]`: each one cut from its corner to the middle of its longest side."""
    start, end, corner = level.transpose(1, 0, 2)
    middle = _middle(level)
    return np.concatenate([np.stack([corner, start, middle], axis=1), np.stack([end, corner, middle], axis=1)])


def _bend(z: np.ndarray, places: np.ndarray, level: np.ndarray) -> np.ndarray:
    """How far the ground is from the middle of the longest side `[T]`; endless where one of the three is no number."""
    start, end, middle = (places[tuple(ends.T)] for ends in (level[:, 0], level[:, 1], _middle(level)))
    length = np.abs(end - start).sum(axis=1)
    share = np.abs(middle - start).sum(axis=1) / np.maximum(length, 1)
    heights = [z[tuple(ends.T)] for ends in (start, end, middle)]
    off = np.abs(heights[0] * (1 - share) + heights[1] * share - heights[2])
    return np.where(np.isfinite(off), off, np.inf)


def scene_layout(
    height: int, heights: Heights, titles: tuple[str, str], x: np.ndarray, y: np.ndarray, **scene: Any
) -> dict[str, Any]:
    """The layout of a surface over `x[n]` and `y[m]`; titles without their brackets. `scene` has aspect and camera."""
    small = {"tickfont": {"size": 12}}  # a scene draws its words smaller than they are
    sides = {
        name: small | {"title": {"text": title.partition(" (")[0]}, "range": ends(values), "tickvals": between(values)}
        for name, title, values in (("xaxis", titles[0], x), ("yaxis", titles[1], y))
    } | {"zaxis": small | heights.axis()}
    for side in sides.values():
        side["title"] = side["title"] | {"font": {"size": 13}}
    margin = {"l": 0, "r": 0, "t": 4, "b": 0}
    layout = theme.layout(height, margin=margin, showlegend=False, annotations=[heights.note()])
    return layout | {"scene": theme.scene(**sides, aspectmode="manual", **scene)}


def between(values: np.ndarray) -> list[float]:
    """Round numbers between the ends of an axis, two to five; at its ends those of two axes would meet.

    The ends are apart, as those of a map are. Few, as each word of a scene is a mesh of its own; a map beside it has
    them all.
    """
    low, high = ends(values)
    pad = 0.05 * (high - low)
    return round_numbers(low + pad, high - pad, MOST_TICKS)


def ends(values: np.ndarray) -> list[float]:
    """The first and the last of some coordinates: the range of an axis."""
    return [float(values[0]), float(values[-1])]
