"""What of the network is looked at: a unit or a weight, chosen by a click on the diagram or by its name.

A weight has its usual name, `W1[3,2]`: layer 1, to unit 3, from 2. A unit is called after its output, `a1[3]`; layer 0
is the input.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import streamlit as st

from engine.experiment.settings import quoted
from engine.network import Network
from engine.training import Recording
from pages.common.link.changes import change
from pages.common.link.controls import control
from pages.common.link.page_settings import held
from pages.common.parameter_names import every_name, name_of, place_of
from pages.figures import edges
from pages.figures.train.net import can_tile, drawn_net
from pages.sections.train.settings import SETTINGS, WHOLE

MOST_LISTED = 400  #: parameters of a network whose names are listed; in a larger one they are typed
_UNIT = re.compile(r"a(\d{1,3})\[(\d{1,4})\]")


class Looked(NamedTuple):
    """A unit, or a weight where `source` is not None, its places from 0; layer 0 is the input."""

    name: str
    layer: int
    unit: int
    source: int | None = None

    @property
    def place(self) -> tuple[int, ...]:
        """As the diagram takes it."""
        return (self.layer, self.unit) if self.source is None else (self.layer, self.unit, self.source)

    @property
    def parameter(self) -> str:
        """The number that can be typed over: the weight, or the bias of the unit; an input has none."""
        if self.source is not None:
            return self.name
        return name_of(f"b{self.layer}", (self.unit,)) if self.layer else ""


def read(text: str, recording: Recording) -> Looked | None:
    """What a name means in a network; None for nothing in it. Inputs are units where these are maps."""
    network = recording.network
    found = place_of(text, network.layout)
    if found and found[0].startswith("W") and len(found[1]) == 2:
        return Looked(name_of(*found), int(found[0][1:]), *found[1])
    unit = _UNIT.fullmatch(text.replace(" ", ""))
    if unit is None:
        return None
    layer, number = int(unit[1]), int(unit[2])
    inside = _first(recording) <= layer < len(network.sizes) and 1 <= number <= network.sizes[layer]
    return Looked(name_of(f"a{layer}", (number - 1,)), layer, number - 1) if inside else None


def look_control(recording: Recording) -> tuple[Looked | None, str]:
    """The list of what can be looked at: what is, and a sentence where that is nothing in this network."""
    values, _ = held([SETTINGS["focus"]])
    text = values["focus"]
    looked = None if text == WHOLE else read(text, recording)
    name = looked.name if looked else WHOLE
    if name != text:
        change({"focus": name})
    if recording.network.size <= MOST_LISTED:
        control(replace(SETTINGS["focus"], control="choice"), options=names_listed(recording), width=120)
    else:  # or typed
        control(replace(SETTINGS["focus"], control="open"), options=dict.fromkeys((WHOLE, name)), width=150)
    wrong = looked is None and text != WHOLE
    return looked, f"focus: {quoted(text)} is nothing in this network; the whole of it is shown" if wrong else ""


def names_listed(recording: Recording) -> list[str]:
    """The whole network, its units and its weights by their names."""
    first = _first(recording)
    sizes = enumerate(recording.network.sizes[first:], first)
    units = [name_of(f"a{layer}", (unit,)) for layer, size in sizes for unit in range(size)]
    return [WHOLE, *units, *_weights(recording.network)]


def clicked(recording: Recording, point: Mapping[str, Any]) -> None:
    """Look at the unit or the weight whose place in the diagram was clicked; a second click takes it back."""
    if can_tile(recording):
        net = drawn_net(recording)
        units = [name_of(f"a{layer}", (unit,)) for layer, unit in net.places]
        weights = net.names
    else:
        network = recording.network
        units = [name_of(f"a{n}", (unit,)) for n, size in enumerate(network.sizes) if n for unit in range(size)]
        weights = _weights(network)
    names = {edges.LINES: weights, edges.LINES + 1: units}.get(point["trace"], [])
    if point["point"] < len(names):
        name = names[point["point"]]
        change({"focus": WHOLE if st.session_state.focus == name else name})


def _first(recording: Recording) -> int:
    return 0 if can_tile(recording) else 1


def _weights(network: Network) -> list[str]:
    return [name for name in every_name(network.layout) if name.startswith("W")]


def look_away() -> None:
    """Look at the whole network again."""
    change({"focus": WHOLE})


def fewer_said(recording: Recording) -> str:
    """One sentence where not all units are drawn; else nothing."""
    if not can_tile(recording) or drawn_net(recording).sizes == recording.network.sizes:
        return ""
    return (
        "Of a layer too large to draw, those units stand for the rest that weigh most in the next layer at the end of "
        "the run. Any other can be looked at by its name: type `a1[40]` for number 40 of layer 1."
    )
