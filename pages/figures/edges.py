"""Edges between units: where they lie, how thick each is drawn, and all of them in ten lines.

All edges of one sign and one of five widths are one line, its segments separated by gaps: ten lines for any network,
because one trace an edge is twenty times slower.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from pages.common import theme
from pages.figures import arrays, base

WIDTHS = (0.7, 1.7, 3.0, 4.5, 6.2)  #: pixels
STRENGTHS = (0.4, 0.55, 0.7, 0.85, 1.0)  #: opacity of the same lines
LINES = 2 * len(WIDTHS)


class Graph(NamedTuple):
    """Where units and edges lie: units `[U]`; edges `[E, 3]` as gap, start and end.

    The gap comes first: at the end, NaN would put a "/", six characters of JSON, into every edge.
    """

    unit_x: np.ndarray
    unit_y: np.ndarray
    edge_x: np.ndarray
    edge_y: np.ndarray


def graph(sizes: Sequence[int], between: int = 1, reach: int = 0) -> Graph:
    """Places: layers at x = 0, 1, ..., each spread over y from ½ to -½; edges in the order of the weights.

    Layers are `between` apart in x; edges leave a unit, and end, `reach` from its middle.
    """
    rows = [0.5 - (np.arange(units) + 0.5) / units for units in sizes]
    edge_x, edge_y = [], []
    for layer, (before, after) in enumerate(pairwise(rows)):
        start, end = np.tile(before, len(after)), np.repeat(after, len(before))
        left, right = between * layer + reach, between * (layer + 1) - reach
        edge_x.append(np.tile([left, left, right], (len(start), 1)))
        edge_y.append(np.stack([np.full(len(start), np.nan), start, end], axis=1))
    places = np.repeat(between * np.arange(len(sizes)), sizes)
    units = arrays.whole(places), np.concatenate(rows).astype(np.float32)
    return Graph(*units, arrays.whole(np.concatenate(edge_x)), np.concatenate(edge_y).astype(np.float32))


def bins(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Which of the ten lines each of `values[F, E]` belongs to, int8; -1 for none.

    `limits[F]` are the values of full width. Line 2w is negative and 2w + 1 positive, both of the width
    number w, for the w-th fifth of the range; larger values have the greatest width. Zero has no line.
    """
    with np.errstate(over="ignore"):
        size = np.abs(values) / np.where(limits > 0, limits, 1.0)[:, None]
    width = np.clip(np.ceil(np.minimum(np.nan_to_num(size), 1) * len(WIDTHS)) - 1, 0, len(WIDTHS) - 1)
    absent = (values == 0) | np.isnan(values)
    return np.where(absent, -1, 2 * width + (values > 0)).astype(np.int8)


def segments(drawn: Graph, lines: np.ndarray) -> list[dict[str, np.ndarray]]:
    """The ten lines of one frame, from the line of each edge.

    A line without edges is a gap: Plotly draws what comes and goes more slowly than what moves.
    """
    gap = {"x": drawn.edge_x[0, :1], "y": drawn.edge_y[0, :1]}
    order = np.argsort(lines, kind="stable")
    x, y = drawn.edge_x[order].reshape(-1), drawn.edge_y[order].reshape(-1)
    ends = 3 * np.searchsorted(lines[order], np.arange(LINES + 1))
    return [{"x": x[a:b], "y": y[a:b]} if b > a else gap for a, b in pairwise(ends)]


def edge_lines(moved: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ten lines, thin to thick."""
    signs = (theme.NEGATIVE, theme.POSITIVE)
    styles = [
        (width, theme.faded(sign, opacity)) for width, opacity in zip(WIDTHS, STRENGTHS, strict=True) for sign in signs
    ]
    return [
        base.scatter("lines", **segment, line={"width": width, "color": color})
        for (width, color), segment in zip(styles, moved, strict=False)
    ]
