"""The charts of a stage: what a page says of each, and how it travels to the browser."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.stage.parts import columns, digest, packed
from pages.common.stage.tables import tables_of

COLUMNS = 12
UNDER_TITLE, LEGEND = 8, 24  #: pixels over a figure whose title stands over it, and with a legend there
SCENE = 0.9  #: of the width: a taller picture in three dimensions would be cut at its sides


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


def skips(chart: Chart, steps: int) -> bool:
    """Whether it moves, but has frames for some of so many steps only."""
    return 0 < len(plain_of(chart.figure).get("frames") or ()) < steps


def veiled(chart: Chart) -> Chart:
    """The chart as it is while a question stands: its place and its name, and nothing of what it shows."""
    words = "Covered until the question is answered"
    place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False, "text": words}
    bare = {"visible": False, "range": [0, 1]}
    layout = theme.layout(xaxis=bare, yaxis=bare, annotations=[place | {"font": {"size": 14}}])
    point = {"type": "scatter", "x": [0], "y": [0], "opacity": 0, "hoverinfo": "skip"}
    figure = go.Figure({"data": [point], "layout": layout})
    return replace(chart, figure=figure, alt=words, title=chart.title or " ", clicks=False, selects=False)


def sent(chart: Chart) -> dict[str, Any]:
    """A chart as the component takes it: what stands still and what moves, each as bytes with a digest."""
    figure = plain_of(chart.figure)
    data, layout = list(figure.get("data") or ()), figure.get("layout") or {}
    still = packed(dressed(data, layout, over_steps=chart.over_steps))
    film = columns(chart.name, figure.get("frames") or (), len(data))
    for move in film["moves"]:
        if move["path"] == ("title", "text"):
            move["values"] = [harmless(text) for text in move["values"]]
    film = packed(film)
    row, column, wide, high = chart.place
    return {
        "name": chart.name,
        "alt": chart.alt,
        "title": harmless(chart.title),
        "style": (
            f"--place: {row} / {column} / span {high} / span {wide}; --smallest: {chart.smallest}px; "
            f"--largest: {chart.largest}px; --ratio: {100 if chart.square else 62}cqw"
        ),
        "over_steps": chart.over_steps,
        "clicks": chart.clicks,
        "selects": chart.selects,
        "tables": tables_of(data, layout),
        "digests": [digest(still), digest(film)],
        "still": np.frombuffer(still, np.uint8),
        "film": np.frombuffer(film, np.uint8),
    }


def dressed(data: Sequence[Mapping[str, Any]], layout: Mapping[str, Any], *, over_steps: bool) -> dict[str, Any]:
    """What stands still of a figure: its title goes over the chart, and its traces get their pale twins.

    A trace whose `meta.steps` say when the run came to its points is drawn as far as the present step, its twin whole.
    Words that stand over a picture have the pixels that `meta.heads` of its layout says.
    """
    layout = {**layout, "margin": {**layout.get("margin", {})}}
    title = (layout.pop("title", None) or {}).get("text", "")
    if over_steps:  # the legend does not lie under the veil
        layout["legend"] = layout.get("legend", {}) | theme.OVER_PLOT
    if title:
        named = any(trace.get("name") and trace.get("showlegend") is not False for trace in data)
        above = named and layout.get("showlegend") is not False and layout.get("legend", {}).get("yref") == "container"
        layout["margin"]["t"] = (LEGEND if above else UNDER_TITLE) + (layout.get("meta") or {}).get("heads", 0)
    twins = [_twin(trace) for trace in data if (trace.get("meta") or {}).get("steps") is not None]
    return {"data": [*data, *twins], "layout": layout, "title": harmless(title)}


def _twin(trace: Mapping[str, Any]) -> dict[str, Any]:
    """The future of a trace.

    Lines in three dimensions cannot be pale, as WebGL adds them to the page and on white they are gone: thin ones.
    """
    deep = trace.get("type") == "scatter3d"
    pale = {"line": {**trace.get("line", {}), "width": 1}} if deep else {"opacity": 0.3}
    silent = {name: value for name, value in trace.items() if name not in ("hovertemplate", "customdata", "text")}
    return {**silent, "showlegend": False, "hoverinfo": "skip", "meta": {"twin": True}, **pale}


def rows_of(charts: Sequence[Chart]) -> list[list[float]]:
    """The smallest and the largest height of each row in pixels, and what it may be high as a part of the grid's width.

    A row asks for the greatest of its charts; one over several rows counts only where no other one says how high these
    are. Square maps and scenes gain nothing where they are higher than wide: they bound the row that they have for
    themselves, and together the rows that they stand beside.
    """
    count = max((chart.place.row + chart.place.rows - 1 for chart in charts), default=0)
    rows = [np.zeros(3) for _ in range(count)]
    for chart in sorted(charts, key=lambda chart: chart.place.rows):
        high, wide = chart.place.rows, _highest(chart) * chart.place.columns / COLUMNS
        own = rows[chart.place.row - 1 :][:high]
        for heights in own:
            if high == 1 or not any(heights):
                heights[:] = np.maximum(heights, np.array([chart.smallest, chart.largest, wide]) / high)
        for heights, part in zip(own, [heights[0] for heights in own] if high > 1 else (), strict=False):
            heights[2] = min(heights[2], wide * part / sum(heights[0] for heights in own))
    return [[int(smallest), int(largest), wide] for smallest, largest, wide in (row.tolist() for row in rows)]


def _highest(chart: Chart) -> float:
    """How high a chart has use for, as a part of its width."""
    if any(name.startswith("scene") for name in plain_of(chart.figure).get("layout") or {}):
        return SCENE
    return 1.0 if chart.square else math.inf


def harmless(text: str) -> str:
    """Bold, raised, lowered, coloured and smaller words of a title, and nothing else of HTML."""
    style = r"span style=[\"'](?:color:#\w+|font-size:\d+px)[\"']>"
    return re.sub(rf"<(?!/?(?:b|i|sub|sup|span)>|br ?/?>|{style})", "&lt;", text)


def plain_of(figure: go.Figure) -> dict[str, Any]:
    """A figure as dictionaries."""
    return getattr(figure, "plain", None) or figure.to_dict()
