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
from html import escape
from itertools import pairwise
from typing import Any, NamedTuple

import streamlit as st

from pages.common.stage.charts import COLUMNS, Chart, rows_of, sent
from pages.common.stage.markup import CSS, HTML, JS
from pages.common.stage.parts import packed

MAX_FRAMES = 120
MAX_RATE = 30

_component = st.components.v2.component("descent_lab_stage", html=HTML, css=CSS, js=JS, isolate_styles=False)


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
    on_click: Callable[[], None] | None = None,
    **more: Any,
) -> Played:
    """Show the charts and, where there are steps, the player under them; `bring_plotly` was called before.

    Args:
        scope: Name of the stage, other than that of any other one on the page; state is kept under `f"{scope}-stage"`.
        charts: As in `travelling`.
        steps: As in `travelling`.
        on_click: Called before the page runs again for a click on a chart that takes clicks.
        **more: As in `travelling`.

    Raises:
        ValueError: As in `travelling`.
    """
    every = sorted({*map(int, steps), *map(int, more.get("near", ()))})
    return mounted(scope, travelling(scope, charts, steps, **more), every, on_click)


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
    asks: bool = False,
    metrics: Mapping[str, Sequence[str]] | None = None,
    sentences: Mapping[str, Sequence[str]] | None = None,
    findings: Sequence[str] = (),
    start: int | None = None,
    total: int | None = None,
    covered: bool = False,
    turn: int = 0,
    plays: bool = False,
    rate: int = 10,
    first: int = 2,
    file: str = "",
) -> bytes:
    """What the component is given.

    Args:
        scope: As in `stage`.
        charts: What is drawn.
        steps: Steps that playing goes through, strictly increasing, at most 120; without any there is no player.
        near: More steps that the figures have frames for and single steps reach, about the last rest.
        asks: Whether the page makes the steps near a rest when it hears of it: a single step to one of them then waits.
        metrics: Numbers over the charts: for each title a text for every one of `steps` and `near`, merged in order.
        sentences: The same for sentences, each on a line of its own under the numbers.
        findings: For each of these steps what is to be said of it aloud, if anything.
        start: The step at which the player begins; the last one by default.
        total: The number behind the stroke of "120 / 300"; the last step by default.
        covered: Whether the future is covered at first.
        turn: Where it is another one than before, the player goes to `start` wherever the person was.
        plays: Whether it then plays, from there or from the beginning; not where motion is to be reduced.
        rate: Key frames a second at first, 1 to 30. A person's own choice is kept.
        first: So many rows share the height of the first screen.
        file: How the names of saved pictures begin.

    Raises:
        ValueError: If names repeat, steps, start, metrics or rate are out of these ranges, or frames do not fit.
    """
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
    sentences = sentences or {}
    for title, texts in [*(metrics or {}).items(), *sentences.items()]:
        if len(texts) != max(len(every), 1):
            raise ValueError(f"metrics must be a text for each of the {len(every)} steps: {title} has {len(texts)}")
    if not 1 <= rate <= MAX_RATE:
        raise ValueError(f"rate must be 1 to {MAX_RATE} frames a second, not {rate}")
    return packed(
        {
            "scope": scope,
            "steps": steps,
            "near": near,
            "asks": asks,
            "texts": every,
            "start": start,
            "total": (every[-1] if every else 0) if total is None else int(total),
            "covered": bool(covered),
            "turn": turn,
            "plays": plays,
            "metrics": [
                *([title, list(map(str, texts))] for title, texts in (metrics or {}).items()),
                *([title, list(texts), _room(texts)] for title, texts in sentences.items()),
            ],
            "findings": list(findings),
            "rate": int(rate),
            "columns": COLUMNS,
            "rows": rows_of(charts),
            "first": first,
            "file": file,
            "charts": [sent(chart) for chart in charts],
        }
    )


def _room(texts: Sequence[str]) -> str:
    """The markup that keeps room for the longest of some sentences."""
    return f'<i aria-hidden="true">{escape(max(texts, key=len))}</i>'
