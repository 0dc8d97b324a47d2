"""The run that was chosen of a study: its settings, its numbers, and the way to open it on any page."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin

import numpy as np
import streamlit as st

from engine.descent.races import NEVER
from engine.experiment import KEYS, SETTINGS, Experiment
from engine.study import Row
from pages.common.link.link import controlled, full
from pages.common.link.undo import change_at_once
from pages.common.menu import PAGES
from pages.common.text import number, plain, setting_said, share

_CHOSEN = "study_chosen"
OPENED = 4  #: pages that show a single run


def nearest(axes: Sequence[Any], points: Sequence[Experiment], x: float, y: float, heights: np.ndarray) -> Experiment:
    """The point of a chart next to a click: in units of the chart's ranges, logarithms where an axis has them."""
    where = (x,) if len(axes) == 1 else (y, x)
    places = [_spaced(axis, axis.at(points)) for axis in axes]
    clicked = [float(_spaced(axis, np.array([at]))[0]) for axis, at in zip(axes, where, strict=True)]
    if len(axes) == 1:
        places, clicked = [*places, heights], [*clicked, y]
    gap = np.zeros(len(points))
    for values, at in zip(places, clicked, strict=True):
        width = np.ptp(values[np.isfinite(values)]) if np.isfinite(values).any() else 0
        gap += np.where(np.isfinite(values), (values - at) / (width or 1), 0) ** 2
    return points[int(gap.argmin())]


def choose(experiment: Experiment | None) -> None:
    """Remember the run whose numbers are shown."""
    st.session_state[_CHOSEN] = experiment


def chosen_of(rows: Sequence[Row | None]) -> Row | None:
    """The row of the run that was chosen, if it is one of these."""
    wanted = st.session_state.get(_CHOSEN)
    return next((row for row in rows if row is not None and row.experiment == wanted), None)


def show(title: str, row: Row, now: Experiment) -> None:
    """A run in a line: what is different from the sidebar, what came out, and the ways to open it."""
    differing = [key for key in KEYS if getattr(row.experiment, key) != getattr(now, key)]
    changes = {key: getattr(row.experiment, key) for key in differing}
    told = (setting_said(SETTINGS[key], value) for key, value in changes.items())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = plain(", ".join(told)) or "the settings of the sidebar"
        st.markdown(f"**{title}**: {words}. {plain(_outcome(row))}", width="content")
        if changes:
            st.button(
                "Take over",
                key=f"take_{title}",
                type="tertiary",
                icon=":material/tune:",
                on_click=change_at_once,
                args=(f"“Take over” ({title.lower()})", controlled(changes)),
                help="Sets the sidebar, and so every page, to this run.",
            )
        if now.data != "csv":  # whose rows are in no link
            for entry in PAGES[1 : OPENED + 1]:
                address = full(row.experiment, urljoin(st.context.url or "", entry.name))
                st.link_button(entry.title, address, type="tertiary", icon=entry.icon)


def _outcome(row: Row) -> str:
    if row.problem:
        return row.problem
    if row.diverged_at != NEVER:
        return f"Diverged at step {row.diverged_at:,}."
    numbers = {"loss": number(row.train_loss), "test loss": number(row.test_loss)}
    numbers["test accuracy"] = share(row.test_accuracy)
    told = [f"{name} {text}" for name, text in numbers.items() if text != "–"]
    return f"{', '.join(told).capitalize()}."


def _spaced(axis: Any, values: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.log(values) if axis.log else np.asarray(values, dtype=float)
