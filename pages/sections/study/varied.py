"""The view of settings: which values are best, over a grid, a random search, or both side by side."""

from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from engine.descent.races import NEVER
from engine.experiment import SETTINGS, Experiment
from engine.experiment.ignored import called
from engine.study import MEASURES, Points, Row, best, best_of, points, sensible_top, table, values
from engine.study.designs import TooManyRuns
from pages.common.app.head import Head
from pages.common.app.notices import marked
from pages.common.glossary import caption
from pages.common.settings import Settings
from pages.common.stage.charts import Chart, Place
from pages.common.stage.linked import linked_stage
from pages.common.text import count, plain
from pages.figures.study.points import budget_figure, curve_figure, map_figure, search_figure
from pages.sections.study import choice
from pages.sections.study.pinned import row_of_pinned
from pages.sections.study.plans import GRID, Plan, axis_of, planned
from pages.sections.study.runs import rows_of, too_many
from pages.sections.study.settings import NONE, TITLES

MAIN, SIDE = (300, 620), (170, 300)


def varied(values_: dict[str, Any], settings: Settings, head: Head, kept: Settings | None) -> None:
    """Show the view, A, the pinned run, beside it; what is wrong with the plan is one sentence, and ends the page."""
    try:
        plan = _plan(values_, settings)
        runs = plan.runs
    except ValueError as problem:
        said = too_many(problem, settings) if isinstance(problem, TooManyRuns) else str(problem)
        st.warning(marked(said), icon=":material/edit:")
        return
    rows = rows_of(runs, settings, values_["sttol"], head)
    measure, parts = values_["stshow"], _parts(plan, rows, values_["stshow"])
    of_a = row_of_pinned(kept, values_["sttol"], head)
    level = None if of_a is None else float(values([of_a], measure)[0])
    every = np.concatenate([found.median for found in parts.values()])
    top = sensible_top(every if level is None else np.append(every, level)) if measure.endswith("loss") else np.inf
    charts = [
        _chart(plan, name, found, measure, place, every, level, top)
        for place, (name, found) in enumerate(parts.items())
    ]
    if len(parts) == 2:
        curves = {name: best_of(found.median, measure) for name, found in parts.items()}
        says = "The best value after so many runs, for the grid and for the random search"
        charts.append(
            Chart("study-budget", budget_figure(curves, TITLES[measure], level, top=top), says, Place(2, 1, 12), *SIDE)
        )
    with st.container():  # there even if nobody has clicked yet, so that the charts below stay the same ones
        chosen = choice.chosen_of(rows)
        if chosen is not None:  # over the chart, where whoever has clicked sees it without scrolling
            choice.show("Chosen", chosen, settings.experiment)
    linked_stage(head, "study", charts, on_click=clicking(plan, parts))
    if of_a is not None:
        choice.show("A, the pinned run", of_a, settings.experiment)
    _told(plan, rows, parts, measure, settings.experiment)
    with st.expander("Every run in numbers", icon=":material/table:"):
        _table([row for row in rows if row is not None], of_a)


def _plan(values_: dict[str, Any], settings: Settings) -> Plan:
    experiment = settings.experiment
    axes = [axis_of(values_["st1"], values_["st1v"], experiment)]
    if values_["st2"] not in (NONE, values_["st1"]):
        axes.append(axis_of(values_["st2"], values_["st2v"], experiment))
    plan = planned(experiment, axes, values_["stplan"], values_["struns"], values_["stseeds"])
    for setting in (axis.setting for axis in axes):
        runs = [point for part in plan.parts.values() for point in part]
        if not any(map(setting.when, runs)):
            why = f" ({setting.otherwise.format(data=called(runs[0].data))})" if setting.otherwise else ""
            raise ValueError(f"{setting.label} changes nothing in these runs{why}: choose another setting")
    return plan


def _parts(plan: Plan, rows: list[Row | None], measure: str) -> dict[str, Points]:
    found, start = {}, 0
    for name, part in plan.parts.items():
        end = start + len(part) * plan.seeds
        found[name] = points(rows[start:end], measure, plan.seeds)
        start = end
    return found


def _chart(
    plan: Plan, name: str, found: Points, measure: str, place: int, every: np.ndarray, level: float | None, top: float
) -> Chart:
    both = len(plan.parts) == 2
    title = f"{TITLES[measure]}{f', {name}' if both else ''}"
    if name == GRID and not both:
        one = len(plan.axes) == 1
        draw, over = (curve_figure, plan.axes[0]) if one else (map_figure, plan.axes)
        figure = draw(over, found, title, level, top=top)
    else:
        places = [axis.at(plan.parts[name]) for axis in plan.axes]
        figure = search_figure(plan.axes, places, found, title, every, level, top=top)
    names = " and ".join(axis.setting.label.lower() for axis in plan.axes)
    where = Place(1, 1 + 6 * place, 6 if both else 12)
    return Chart(f"study-{name}", figure, f"{title} over {names}", where, *MAIN, clicks=True)


def clicking(plan: Plan, parts: dict[str, Points]) -> Callable[[str, Mapping[str, Any]], None]:
    """What a click on a chart does: the run that lies there, or nearest to it, is the chosen one."""

    def click(chart: str, where: Mapping[str, Any]) -> None:
        name = chart.removeprefix("study-")
        if name not in plan.parts:
            return
        point, x, y = plan.parts[name], float(where["x"]), float(where["y"])
        if name == GRID and len(plan.parts) == 1 and len(plan.axes) == 2:
            up, right = (len(axis.values) for axis in plan.axes)
            choice.choose(point[min(round(y), up - 1) * right + min(round(x), right - 1)])
        else:
            choice.choose(choice.nearest(plan.axes, point, x, y, parts[name].median))

    return click


def _told(plan: Plan, rows: list[Row | None], parts: dict[str, Points], measure: str, now: Experiment) -> None:
    place = best(np.concatenate([found.median for found in parts.values()]), measure)
    if place is not None:
        of_best = rows[place * plan.seeds : (place + 1) * plan.seeds]
        gaps = np.abs(values(of_best, measure) - np.concatenate([found.median for found in parts.values()])[place])
        choice.show("Best" if plan.seeds == 1 else "Best, its median run", of_best[int(np.nanargmin(gaps))], now)
    lost = sum(int(found.diverged.sum()) for found in parts.values())
    refused = sorted({row.problem for row in rows if row is not None and row.problem})
    several = f"{count(plan.seeds, 'seed')} for each point, of which the median is shown; " if plan.seeds > 1 else ""
    made = count(sum(row is not None for row in rows), "run")
    said = f"{made}: {several}" + (f"{lost:,} diverged (a cross). " if lost else "none diverged. ")
    caption(plain(f"Click a point to see that run. {said}"), f"{TITLES[measure]}: {MEASURES[measure].lower()}.")
    for problem in refused[:3]:
        caption(plain(f"Not run: {problem}"))
    if len(parts) == 2 and all(np.isnan(found.median).all() for found in parts.values()):
        caption("No run has a value of this measure.")


def _table(rows: list[Row], of_a: Row | None) -> None:
    columns = table(rows)
    if of_a is not None:
        columns = {"run": ["A", *["B"] * len(rows)]} | table([of_a, *rows])
    st.dataframe(_in_words(columns), hide_index=True, width="stretch")
    with st.container(horizontal=True):
        for name, write in (("CSV", _csv), ("Parquet", _parquet)):
            st.download_button(
                name,
                partial(write, columns),  # made at the click
                f"descent-lab-study.{name.lower()}",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
            )


def _in_words(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The table as people read it; the files keep the words of the link."""
    found = {}
    for key, cells in columns.items():
        setting = SETTINGS.get(key)
        name = TITLES.get(key) or (setting.label if setting else key.replace("_", " ").capitalize())
        found[name] = [setting.names.get(cell, cell) for cell in cells] if setting else cells
        if key in ("reached", "diverged_at"):
            found[name] = [None if step == NEVER else step for step in cells]
    return found


def _csv(columns: dict[str, list[Any]]) -> bytes:
    return pd.DataFrame(columns).to_csv(index=False).encode()


def _parquet(columns: dict[str, list[Any]]) -> bytes:
    buffer = BytesIO()
    pd.DataFrame(columns).to_parquet(buffer, index=False)
    return buffer.getvalue()
