"""The charts of a stage: what a page says of each, and how it travels to the browser."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.stage.parts import columns, digest, packed

COLUMNS = 12


class Place(NamedTuple):
    """Where a chart stands in the grid, counted from 1: the upper row and the left one of twelve columns, and how far.

    Below 700 px all charts stand under each other, in the order in which they are given.
    """

    row: int = 1
    column: int = 1
    columns: int = COLUMNS
    rows: int = 1


_WHOLE = Place()


@dataclass(frozen=True)
class Chart:
    """A chart of a stage.

    The smallest height holds on a small screen, the largest on a large one; a row is as high as the highest of its
    charts asks for.
    """

    name: str
    """The div is kept for as long as the stage has this name."""
    figure: go.Figure
    """With `frames` named by steps; a chart that has them for some steps only keeps the last earlier one."""
    alt: str
    """What it shows, for those who do not see it."""
    place: Place = _WHOLE
    smallest: int = 220
    largest: int = 520
    title: str = ""
    """Over the chart, where the figure has no title of its own."""
    square: bool = False
    """Whether it is a map that on a phone is as high as wide."""
    over_steps: bool = False
    """Whether its x axis counts the steps: what lies beyond the present one is then pale, or covered."""
    clicks: bool = False
    """Whether a click comes back as `Played.clicked`."""
    selects: bool = False
    """Whether a selection comes back as `Played.selected`."""


def veiled(chart: Chart) -> Chart:
    """The chart as it is while a question stands: its place and its name, and nothing of what it shows."""
    words = "Covered until the question is answered"
    place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False, "text": words}
    bare = {"visible": False, "range": [0, 1]}
    layout = theme.layout(xaxis=bare, yaxis=bare, annotations=[place | {"font": {"size": 14, "color": theme.NEUTRAL}}])
    point = {"type": "scatter", "x": [0], "y": [0], "opacity": 0, "hoverinfo": "skip"}
    figure = go.Figure({"data": [point], "layout": layout})
    return replace(chart, figure=figure, alt=words, title=chart.title or " ", clicks=False, selects=False)


def sent(chart: Chart) -> dict[str, Any]:
    """A chart as the component takes it: what stands still and what moves, each as bytes with a digest."""
    figure = getattr(chart.figure, "plain", None) or chart.figure.to_dict()
    still = packed({"data": list(figure.get("data") or ()), "layout": figure.get("layout") or {}})
    film = packed(columns(chart.name, figure.get("frames") or (), len(figure.get("data") or ())))
    row, column, wide, high = chart.place
    return {
        "name": chart.name,
        "alt": chart.alt,
        "title": chart.title,
        "place": [row, column, f"span {high}", f"span {wide}"],
        "smallest": chart.smallest,
        "largest": chart.largest,
        "square": chart.square,
        "over_steps": chart.over_steps,
        "clicks": chart.clicks,
        "selects": chart.selects,
        "digests": [digest(still), digest(film)],
        "still": np.frombuffer(still, np.uint8),
        "film": np.frombuffer(film, np.uint8),
    }


def rows_of(charts: Sequence[Chart]) -> list[list[int]]:
    """The smallest and the largest height of each row: the greatest of its charts; one over several rows shares them.

    A chart over several rows counts only where no other one says how high the row is.
    """
    count = max((chart.place.row + chart.place.rows - 1 for chart in charts), default=0)
    rows = [[0, 0] for _ in range(count)]
    for chart in sorted(charts, key=lambda chart: chart.place.rows):
        row, high = chart.place.row - 1, chart.place.rows
        for heights in rows[row : row + high]:
            if high == 1 or not any(heights):
                heights[:] = np.maximum(heights, [chart.smallest // high, chart.largest // high]).tolist()
    return rows
