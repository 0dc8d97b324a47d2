"""One input followed through the network: where it is, what the network makes of it, and which way that goes.

An input in a picture is a place, `0.5, -0.3`, clicked or typed; of a data set with more inputs it is the number of
one of its samples, counted from 1.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from engine.datasets import Dataset
from engine.experiment.settings import quoted
from engine.training import Recording
from pages.common.link.changes import change
from pages.common.link.controls import control
from pages.common.link.page_settings import held
from pages.common.text import number, short
from pages.figures import base, diagram
from pages.figures.train.boundary import can_draw
from pages.sections.train.settings import SETTINGS

MOST_NAMED = 4  #: classes whose probability is told
MOST_LAYERS = 6  #: of which the strongest way is told


class Probe(NamedTuple):
    """An input: `point[d_raw]`, and the number of the sample that it is, from 1, where it is one."""

    point: np.ndarray
    sample: int = 0

    @property
    def said(self) -> str:
        """What it is called."""
        places = ", ".join(short(place) for place in self.point)
        return f"Sample {self.sample:,}" if self.sample else f"Input ({places})"


def read(text: str, data: Dataset) -> Probe | None:
    """The input that a text means; None where it means none."""
    try:
        numbers = [float(part) for part in text.replace(",", " ").split()]
    except ValueError:
        return None
    if can_draw(data):
        return Probe(np.array(numbers)) if len(numbers) == len(data.points) and np.isfinite(numbers).all() else None
    whole = len(numbers) == 1 and numbers[0].is_integer() and 1 <= numbers[0] <= data.points.shape[1]
    return Probe(data.points[:, int(numbers[0]) - 1], int(numbers[0])) if whole else None


def probe_control(data: Dataset) -> tuple[Probe | None, str]:
    """The field in which an input can be typed: the input, and a sentence on what is none."""
    values, _ = held([SETTINGS["probe"]])
    text, drawn, samples = values["probe"], can_draw(data), data.points.shape[1]
    names = ", ".join(map(base.short, data.feature_names)) if drawn else f"1 to {samples:,}"
    how = "A place in the plane: click on the map, or type it" if drawn else "The number of a sample"
    about = {
        "help": f"{how}. What the network makes of it is shown at every step; empty the field to follow none.",
        "placeholder": names,
    }
    control(SETTINGS["probe"], width=120, **about)
    found = read(text, data) if text else None
    wrong = bool(text) and found is None
    wanted = f"type {names}" if drawn else f"the samples are {names}"
    return found, f"Follow an input: {quoted(text)} is no input; {wanted}" if wrong else ""


def clicked(data: Dataset, point: Mapping[str, Any]) -> None:
    """Follow the input at a place of the map."""
    places = [point["x"], point["y"]][: len(data.points)]
    change({"probe": ", ".join(f"{place:.4g}" for place in places)})


def answers(recording: Recording, probe: Probe) -> np.ndarray:
    """What people are shown of the network's output for an input at every key frame, `[F, K]`."""
    x = recording.data.expand(probe.point[:, None])
    with np.errstate(all="ignore"):
        shown = recording.network.loss_function.display(recording.output(x))
        return base.in_units(recording.data, shown)[..., 0]


def answer_texts(recording: Recording, shown: np.ndarray) -> list[str]:
    """The prediction in words at every key frame: "class 1, 0.93", or a number."""
    if recording.data.labels is None:
        return [", ".join(map(number, row)) for row in shown]
    each, sure = by_class(recording, shown), recording.network.loss_function.probability
    best = each.argmax(axis=1)
    names = [base.class_title(recording.data, label) for label in range(each.shape[1])]
    tops = each[np.arange(len(each)), best]
    return [names[k] + (f", {top:.3f}" if sure else "") for k, top in zip(best, tops, strict=True)]


def by_class(recording: Recording, shown: np.ndarray) -> np.ndarray:
    """The probability (else the score) of every class, `[F, C]`, from what is shown of the outputs."""
    loss = recording.network.loss_function
    if shown.shape[1] > 1:
        return shown
    return np.concatenate([(0.0 if loss.signed else 1.0) - shown, shown], axis=1)


def sentences(recording: Recording, probe: Probe, shown: np.ndarray) -> list[str]:
    """What the network makes of the input at every key frame, and the strongest way through it."""
    ways = ways_of(recording, probe)
    return [f"{_answer(recording, probe, row)}{way}." for row, way in zip(shown, ways, strict=True)]


def _answer(recording: Recording, probe: Probe, row: np.ndarray) -> str:
    """The answer, `shown[K]`, for what it is taken, and what it is."""
    data, loss, sample = recording.data, recording.network.loss_function, probe.sample - 1
    if data.labels is None:
        told = f"The network answers {', '.join(map(number, row))} for {probe.said[:1].lower()}{probe.said[1:]}"
        if sample < 0:
            return told
        return f"{told}; the target is {', '.join(map(number, base.in_units(data, data.targets[:, sample])))}"
    each = by_class(recording, row[None])[0]
    order = np.argsort(-each, kind="stable")
    names = [base.class_title(data, label) for label in range(len(each))]
    word = "probability" if loss.probability else "score"
    others = [f"{names[k]} {each[k]:.3f}" for k in order[1:MOST_NAMED]] if len(order) > 2 else []
    told = f"{probe.said} is taken for {names[order[0]]} ({'; '.join([f'{word} {each[order[0]]:.3f}', *others])})"
    if sample < 0:
        return told
    label = data.labels[sample]
    return told + (", and it is" if label == order[0] else f"; it is {names[label]}")


def ways_of(recording: Recording, probe: Probe) -> list[str]:
    """The strongest way to the answer at every key frame: backwards, in each layer the unit that gives most, by |w·a|.

    Empty where a network has too many layers, or others than dense ones.
    """
    network, count = recording.network, len(recording.frames)
    dense = [f"W{layer}" for layer in range(1, len(network.sizes))]
    if len(dense) > MOST_LAYERS or not set(dense) <= set(network.layout.names):
        return [""] * count
    x = recording.data.expand(probe.point[:, None])
    with np.errstate(all="ignore"):
        pairs = network.activations(recording.params, x)
        signals = [np.broadcast_to(x[:, 0], (count, len(x))), *(a[..., 0] for _, a in pairs)]
        rows = np.arange(count)
        units = [np.where(np.isfinite(signals[-1]), np.abs(signals[-1]), -1.0).argmax(axis=1)]
        for layer in range(len(dense), 0, -1):
            weights = network.layout.view(recording.params, dense[layer - 1])
            gives = np.abs(weights[rows, units[-1]] * signals[layer - 1])
            units.append(np.nan_to_num(gives).argmax(axis=1))
    inputs = [said_input(recording.data, probe.point, row, float(x[row, 0])) for row in range(len(x))]
    ways = []
    for frame in range(count):
        first, *rest = (int(unit[frame]) for unit in units[::-1])
        steps = [f"a{k}[{unit + 1}] = {number(signals[k][frame, unit], 3)}" for k, unit in enumerate(rest, 1)]
        ways.append(f". Most of it comes by {' → '.join([inputs[first], *steps])}")
    return ways


def said_input(data: Dataset, point: np.ndarray, row: int, entering: float) -> str:
    """An input of the network as its axis has it, and what enters the network where that is another number."""
    name, enters = diagram.input_names(data)[row], number(entering, 3)
    if data.input_names[row] not in data.feature_names:
        return f"{name}, which enters as {enters}"
    value = number(float(point[data.feature_names.index(data.input_names[row])]), 3)
    return f"{name} = {value}" + (f", which enters as {enters}" if enters != value else "")
