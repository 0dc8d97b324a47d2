"""Every number of a step in tables, and the ones that may be typed over.

A typed number is not written into the network here: it goes into the link as an edit of the step, and the run is
replayed with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from engine.activations import ACTIVATIONS
from engine.backprop import LARGEST, Edit, Pass, Slopes, kinked_units
from pages.common.parameter_names import name_of
from pages.common.text import inside, number
from pages.sections.backprop.replayed import type_over

_NUMBER = "%.4g"
_BOUNDS = {"min_value": -LARGEST, "max_value": LARGEST}  #: of a number that the link can hold
_TEXT = st.column_config.TextColumn(alignment="right")
Place = tuple[str, tuple[int, ...]]


def type_weight(step: int, part: str, place: tuple[int, ...], value: float, token: str) -> None:
    """A field with the value of a parameter, which may be typed over."""
    key = f"value {name_of(part, place)} {token}"

    def changed() -> None:
        typed = st.session_state[key]
        if typed is not None:
            type_over([Edit(step, part, place, float(typed))])

    about = {"step": 0.1, "format": "%.6g", "key": key, "on_change": changed, "width": 130}
    bounds = _BOUNDS if abs(value) <= LARGEST else {}  # which a run that diverges has left
    st.number_input("Its value", value=float(value), **bounds, **about)


def parameters(step: int, places: Sequence[Place], columns: dict[str, np.ndarray], token: str) -> None:
    """A row for each parameter: its value, which may be typed over, and what the step computes of it."""
    names = [name_of(*place) for place in places]
    first = next(iter(columns))
    _editor({"parameter": names} | columns, first, [(step, *place) for place in places], f"parameters {token}")


def samples(step: int, sample: int, x: np.ndarray, y: np.ndarray, titles: Sequence[str], token: str) -> None:
    """Inputs and targets of one sample (counted from 0), which may be typed over."""
    names = [*titles, *(f"y{row + 1}" if len(y) > 1 else "y" for row in range(len(y)))]
    places = [(step, "x", (row, sample)) for row in range(len(x))]
    places += [(step, "y", (row, sample)) for row in range(len(y))]
    _editor({"name": names, "value": np.concatenate([x[:, 0], y[:, 0]])}, "value", places, f"samples {token}")


def units(seen: Pass) -> None:
    """A row for each unit: forward and backward signals, of one sample or of a batch (means, δ in sum)."""
    rows = []
    for layer in seen.layers:
        for unit in range(len(layer.z)):
            row = {"z": layer.z[unit].mean(), "a": layer.a[unit].mean()}
            if layer.slope is not None:
                row["φ'(z)"] = layer.slope[unit].mean()
            row |= {"∂L/∂a": layer.by_a[unit].sum(), "δ = ∂L/∂z": layer.delta[unit].sum()}
            texts = {name: number(value) for name, value in row.items()}
            rows.append({"unit": f"layer {layer.number}, unit {unit + 1}"} | texts)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = {name: [row.get(name, number(np.nan)) for row in rows] for name in columns}
    st.dataframe(table, hide_index=True, column_config=dict.fromkeys(columns[1:], _TEXT), width="stretch")


def checked(gradient: float, found: Slopes, seen: Pass, place: int = -1) -> str:
    """The finite difference of one of the parameters beside its gradient; at a kink, which slope is taken."""
    left, right, difference = (float(values[place]) for values in (found.left, found.right, found.central))
    if found.kinks[place]:
        bent = [
            (layer, unit, ACTIVATIONS[seen.layers[layer - 1].activation].title) for layer, unit in kinked_units(seen)
        ]
        units = [f"z{layer}[{unit + 1}] lies at the kink of {inside(name)}" for layer, unit, name in bent[:1]]
        why = units[0] if units else "the loss or its penalty has a kink at this very value"
        taken = "between the two"
        for name, slope in (("left", left), ("right", right)):
            if np.isclose(gradient, slope, rtol=1e-4, atol=1e-8):
                taken = f"that to the {name}"
        return (
            f"No derivative here: {why}. To the left the slope is {number(left)}, to the right {number(right)}; "
            f"backpropagation takes {number(gradient)}, {taken}, as PyTorch does."
        )
    off, size = abs(gradient - difference), max(abs(gradient), abs(difference))
    relative = f", relative {number(off / size, 2)}" if size else ""
    return f"Finite difference: {number(difference)}, off by {number(off, 2)}{relative}."


def _editor(
    table: Mapping[str, Sequence[Any] | np.ndarray], editable: str, places: Sequence[tuple[Any, ...]], key: str
) -> None:
    def changed() -> None:
        rows = st.session_state[key]["edited_rows"]
        edits = [
            Edit(*places[int(row)], float(new[editable])) for row, new in rows.items() if new.get(editable) is not None
        ]
        type_over(edits)

    first, *rest = table
    config = dict.fromkeys(rest, _TEXT)
    as_they_are = (first, editable)
    shown = {name: list(map(number, table[name])) if name not in as_they_are else list(table[name]) for name in table}
    config[editable] = st.column_config.NumberColumn(
        f"{editable} ✎", format=_NUMBER, help="Type another number over it.", **_BOUNDS
    )
    st.data_editor(
        shown,
        hide_index=True,
        column_config=config,
        disabled=[name for name in table if name != editable],
        num_rows="fixed",
        key=key,
        on_change=changed,
        width="stretch",
    )
