"""What a reader looks at within a network, and how it is named: a parameter, and a path from it to the output.

Names are those of the diagrams, counted from 1 and made of ASCII, because Streamlit writes into the address what it
shows: `W1[1,2]` is the weight of layer 1 to its unit 1 from input 2, `b1[1]` the bias of that unit.
"""

import numpy as np

from engine.backprop import Moment, Pass
from engine.experiment import Experiment
from engine.experiment.settings import quoted
from engine.network import Layout
from pages.common.link.changes import change
from pages.common.link.page_settings import held
from pages.common.parameter_names import FIRST, _is_dense, name_of, place_of
from pages.sections.backprop.settings import SETTINGS


def whole_path(seen: Pass, part: str, place: tuple[int, ...], units: tuple[int, ...]) -> tuple[int, ...]:
    """A unit of every layer, the input's first: those of a path, and before it the strongest way to its start."""
    number = int(part[1:])
    back = [units[0]]
    if part[0] == "W":
        back.append(place[1])
    while len(back) <= number:
        layer = seen.layers[number - len(back)]
        back.append(int(np.abs(layer.weight[back[-1]] * layer.reads.mean(axis=1)).argmax()))
    return (*back[::-1], *units[1:])


def largest_units(seen: Pass, part: str, place: tuple[int, ...]) -> tuple[int, ...]:
    """From a parameter's unit on, the unit of each layer with the largest δ: a path where products say none."""
    later = seen.layers[int(part[1:]) :]
    return (place[0], *(int(np.abs(layer.delta.sum(axis=1)).argmax()) for layer in later))


def chosen_weight(layout: Layout) -> tuple[str, str, tuple[int, ...]]:
    """What could not be taken of the weight that is looked at, its part, and its place."""
    values, _ = held([SETTINGS["weight"]])
    found = place_of(values["weight"], layout)
    name = FIRST if found is None else name_of(*found)
    if name != values["weight"]:
        change({"weight": name})
    if found is None:
        return f"weight: {quoted(values['weight'])} is no weight of this network; {FIRST} is shown", "W1", (0, 0)
    return "", *found


def listed(layout: Layout, way: tuple[int, ...], most: int) -> list[tuple[str, tuple[int, ...]]]:
    """Every weight and bias of a network with at most so many, else those on a path through it."""
    if layout.size <= most:
        return [(part, place) for part in layout.names if _is_dense(part) for place in np.ndindex(layout.shapes[part])]
    found = []
    for layer in range(1, len(way)):
        found += [(f"W{layer}", (way[layer], way[layer - 1])), (f"b{layer}", (way[layer],))]
    return [(part, place) for part, place in found if part in layout.names]


def why_handed(experiment: Experiment, moment: Moment, seen: Pass) -> str:
    """Why the optimizer gets another gradient than that of the pass; empty if it gets the same."""
    if np.allclose(moment.applied, seen.gradient, rtol=1e-12, atol=0):
        return ""
    samples = moment.x.shape[1]
    reasons = [f"mean over the {samples} samples of the batch"] if samples != seen.x.shape[1] else []
    reasons += ["with dropout"] * bool(experiment.dropout) + ["clipped"] * bool(experiment.clip)
    reasons += ["of augmented samples"] * bool(experiment.input_noise or experiment.shift)
    reasons += ["with noise"] * bool(experiment.gradient_noise)
    reasons += ["with those of all steps before"] * (experiment.bug == "stale")
    reasons += ["biases are not trained"] * (experiment.biases == "frozen")
    return ", ".join(reasons) or "another sample"
