"""The stage: one component that draws all charts of a page and plays them.

Gradient descent is a film: every chart of a page shows the same step, and one player moves them all. The film is made
on the server, once: each figure carries `frames`, named after their steps and holding only what moves. Charts, film
and the numbers over them travel as bytes to one component, which keeps a div for each chart name, lets Plotly draw
what has changed, and then moves only what a frame changes. Nothing is sent while it plays; the server hears of a step
only when the person comes to rest on it.

    rest = stage("train", [Chart("map", figure, "What the network says")], steps, metrics={"Loss": texts})

The curves over the steps draw the run's future pale, and not at all where it is covered. Scripts and styles are those
of the film that plays alone, see `film`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.common.stage.parts import columns, digest, packed

MAX_FRAMES = 120
MAX_RATE = 30
COLUMNS = 12

_HERE = Path(__file__).parent
#: One module, in this order.
_PARTS = ("parts.js", "film.js", "in_place.js", "menu.js", "chart.js", "turns.js", "player.js", "stage.js")
_ICONS = {
    "first": "M6 6h2v12H6zm3.5 6 8.5 6V6z",
    "back": "M15.41 7.41 14 6l-6 6 6 6 1.41-1.41L10.83 12z",
    "play": "M8 5v14l11-7z",
    "pause": "M6 19h4V5H6zm8-14v14h4V5z",
    "forward": "M10 6 8.59 7.41 13.17 12l-4.58 4.59L10 18l6-6z",
    "last": "M6 18l8.5-6L6 6zM16 6v12h2V6z",
    "cover": "M3 5h9v14H3zm11 0h2v2h-2zm0 6h2v2h-2zm0 6h2v2h-2zm5-12h2v2h-2zm0 6h2v2h-2zm0 6h2v2h-2z",
}


def _icon(name: str, when: str = "") -> str:
    return f'<svg viewBox="0 0 24 24" aria-hidden="true" class="{when}"><path d="{_ICONS[name]}"/></svg>'


def _button(part: str, label: str, keys: str) -> str:
    names = f'aria-label="{label}" title="{label} ({keys})"'
    return f'<button type="button" data-part="{part}" {names}>{_icon(part)}</button>'


HTML = f"""
<div class="stage">
  <dl class="metrics"></dl>
  <div class="grid"></div>
  <div class="player" role="group" aria-label="Animation player" hidden>
    <div class="buttons">
      {_button("first", "First step", "Home")}
      {_button("back", "Step back", "left arrow")}
      <button type="button" data-part="play" aria-label="Play">
        {_icon("play", "when-paused")}{_icon("pause", "when-playing")}
        <span class="word when-paused">Play</span><span class="word when-playing">Pause</span>
      </button>
      {_button("forward", "Step forward", "right arrow")}
      {_button("last", "Last step", "End")}
      {_button("cover", "Cover the future", "c")}
    </div>
    <input type="range" min="0" max="0" step="1" data-part="scrub" aria-label="Step">
    <span data-part="count" aria-hidden="true"></span>
    <label class="speed" title="Frames a second"><span class="word" aria-hidden="true">Speed</span>
      <select data-part="speed" aria-label="Speed in frames a second"></select></label>
    <span data-part="status" role="status"></span>
  </div>
  <template>
    <figure class="chart">
      <figcaption>
        <span class="title"></span>
        <details class="menu">
          <summary aria-label="Menu" title="Full screen, table, picture">⋮</summary>
          <div>
            <button type="button" data-does="fill">Full screen</button>
            <button type="button" data-does="table">As a table</button>
            <button type="button" data-does="png">Picture (PNG)</button>
            <button type="button" data-does="svg">Picture (SVG)</button>
            <label><input type="checkbox"> on white</label>
          </div>
        </details>
      </figcaption>
      <div class="plot"><div class="graph" role="img"></div><div class="veil"></div></div>
      <p class="refusal" hidden></p>
    </figure>
  </template>
</div>
"""
CSS = (_HERE / "stage.css").read_text(encoding="utf-8")
JS = "\n".join((_HERE / part).read_text(encoding="utf-8") for part in _PARTS)

_component = st.components.v2.component("descent_lab_stage", html=HTML, css=CSS, js=JS, isolate_styles=False)

_POINT = go.Figure({"data": [{"x": [0], "y": [0]}], "layout": {"height": 10, "paper_bgcolor": "rgba(0, 0, 0, 0)"}})


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


class Played(NamedTuple):
    """What a person did on a stage."""

    step: int | None = None
    """The step of rest: one of `steps` or `near`; None until the player has been moved."""
    covered: bool | None = None
    """Whether the future is covered; None until the person has said."""
    clicked: Mapping[str, Any] | None = None
    """`{"chart": name, "points": [{"x", "y", "trace", "point", "data"}], "count": n}`; another count, another click."""
    selected: Mapping[str, Any] | None = None


def stage(
    scope: str,
    charts: Sequence[Chart],
    steps: Sequence[int] = (),
    *,
    near: Sequence[int] = (),
    metrics: Mapping[str, Sequence[str]] | None = None,
    findings: Sequence[str] = (),
    start: int | None = None,
    total: int | None = None,
    covered: bool = False,
    rate: int = 10,
    first: int = 2,
    file: str = "",
    on_click: Callable[[], None] | None = None,
) -> Played:
    """Show the charts and, where there are steps, the player under them; the page has called `bring_plotly` before.

    Args:
        scope: Name of the stage, other than that of any other one on the page; state is kept under `f"{scope}-stage"`.
        charts: What is drawn.
        steps: Steps that playing goes through, strictly increasing, at most 120; without any there is no player.
        near: More steps that the figures have frames for and single steps reach, about the last rest.
        metrics: Numbers over the charts: for each title a text for every one of `steps` and `near`, merged in order.
        findings: For each of these steps what is to be said of it aloud, if anything.
        start: The step at which the player begins; the last one by default.
        total: The number behind the stroke of "120 / 300"; the last step by default.
        covered: Whether the future is covered at first.
        rate: Key frames a second at first, 1 to 30. A person's own choice is kept.
        first: So many rows share the height of the first screen.
        file: How the names of saved pictures begin.
        on_click: Called before the page runs again for a click on a chart that takes clicks.

    Raises:
        ValueError: If names repeat, steps, start, metrics or rate are out of these ranges, or frames do not fit.
    """
    payload = travelling(
        scope, charts, steps, near=near, metrics=metrics, findings=findings, start=start, total=total,
        covered=covered, rate=rate, first=first, file=file,
    )  # fmt: skip
    return mounted(scope, payload, sorted({*map(int, steps), *map(int, near)}), on_click)


def mounted(scope: str, payload: bytes, every: Sequence[int], on_click: Callable[[], None] | None = None) -> Played:
    """The component with what `travelling` gives it; `every` are all steps of the charts."""
    result = _component(
        key=f"{scope}-stage",
        data=payload,
        on_settled_change=lambda: None,
        on_covered_change=lambda: None,
        on_clicked_change=on_click or (lambda: None),
        on_selected_change=lambda: None,
    )
    return Played(settled_of(result.settled, every), result.covered, result.clicked, result.selected)


def bring_plotly() -> None:
    """Have the browser load Streamlit's Plotly, which the stages of the page draw with; early, while the server works.

    It comes with a first chart: one point, and nobody sees it.
    """
    with st.container(height=1, border=False):
        st.plotly_chart(_POINT, key="plotly", theme=None, config={"staticPlot": True})


def settled_of(settled: Mapping[str, Any] | None, every: Sequence[int]) -> int | None:
    """The step of rest among all steps: the nearest, or the new last one if it was the last."""
    if not settled or not every:
        return None
    return every[-1] if settled["last"] else min(every, key=lambda step: (abs(step - settled["step"]), step))


def travelling(
    scope: str,
    charts: Sequence[Chart],
    steps: Sequence[int] = (),
    *,
    near: Sequence[int] = (),
    metrics: Mapping[str, Sequence[str]] | None = None,
    findings: Sequence[str] = (),
    start: int | None = None,
    total: int | None = None,
    covered: bool = False,
    rate: int = 10,
    first: int = 2,
    file: str = "",
) -> bytes:
    """What the component is given; arguments as in `stage`."""
    steps, near = [int(step) for step in steps], [int(step) for step in near]
    every = sorted({*steps, *near})
    names = [chart.name for chart in charts]
    if len(set(names)) < len(names):
        raise ValueError(f"charts must be named differently, not {names}")
    if len(steps) > MAX_FRAMES or any(b <= a for a, b in pairwise(steps)):
        raise ValueError(f"steps must be at most {MAX_FRAMES} increasing integers, not these {len(steps)}: {steps}")
    start = int(start) if start is not None else every[-1] if every else 0
    if every and start not in every:
        raise ValueError(f"start must be one of the steps, from {every[0]} to {every[-1]}, not {start}")
    for title, texts in (metrics or {}).items():
        if len(texts) != max(len(every), 1):
            raise ValueError(f"metrics must be a text for each of the {len(every)} steps: {title} has {len(texts)}")
    if not 1 <= rate <= MAX_RATE:
        raise ValueError(f"rate must be 1 to {MAX_RATE} frames a second, not {rate}")
    return packed(
        {
            "scope": scope,
            "steps": steps,
            "near": near,
            "texts": every,
            "start": start,
            "total": (every[-1] if every else 0) if total is None else int(total),
            "covered": bool(covered),
            "metrics": [[title, list(map(str, texts))] for title, texts in (metrics or {}).items()],
            "findings": list(findings),
            "rate": int(rate),
            "columns": COLUMNS,
            "rows": _rows(charts),
            "first": first,
            "file": file,
            "charts": [_sent(chart) for chart in charts],
        }
    )


def _sent(chart: Chart) -> dict[str, Any]:
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


def _rows(charts: Sequence[Chart]) -> list[list[int]]:
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
