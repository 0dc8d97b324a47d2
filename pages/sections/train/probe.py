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


def sentence(recording: Recording, probe: Probe, shown: np.ndarray, frame: int) -> str:
    """What the network makes of the input at a key frame, and the strongest way through it."""
    data, loss = recording.data, recording.network.loss_function
    step, name = f"At step {recording.frames[frame]:,}", f"{probe.said[:1].lower()}{probe.said[1:]}"
    if data.labels is None:
        told = f"{step} the network answers {', '.join(map(number, shown[frame]))} for {name}"
        if probe.sample:
            targets = base.in_units(data, data.targets[:, probe.sample - 1])
            told += f"; the target is {', '.join(map(number, targets))}"
        return f"{told}. {way(recording, probe, frame)}"
    each = by_class(recording, shown)[frame]
    order = np.argsort(-each, kind="stable")
    names = [base.class_title(data, label) for label in range(len(each))]
    word = "probability" if loss.probability else "score"
    others = [f"{names[k]} {each[k]:.3f}" for k in order[1:MOST_NAMED]] if len(order) > 2 else []
    told = f"{step} {name} is taken for {names[order[0]]} ({'; '.join([f'{word} {each[order[0]]:.3f}', *others])})"
    if probe.sample:
        label = data.labels[probe.sample - 1]
        told += ", and it is" if label == order[0] else f"; it is {names[label]}"
    return f"{told}. {way(recording, probe, frame)}"


def way(recording: Recording, probe: Probe, frame: int) -> str:
    """The strongest way to the answer: backwards, in each layer the unit that gives most, by |w·a|."""
    network, params = recording.network, recording.params[frame]
    names = diagram.input_names(recording.data)
    dense = [f"W{layer}" for layer in range(1, len(network.sizes))]
    if len(dense) > MOST_LAYERS or not set(dense) <= set(network.layout.names):
        return ""
    x = recording.data.expand(probe.point[:, None])
    with np.errstate(all="ignore"):
        signals = [x[:, 0], *(a[:, 0] for _, a in network.activations(params, x))]
    unit = int(np.nanargmax(np.abs(signals[-1]))) if np.isfinite(signals[-1]).any() else 0
    units = [unit]
    for layer in range(len(dense), 0, -1):
        gives = np.abs(network.layout.view(params, dense[layer - 1])[units[-1]] * signals[layer - 1])
        units.append(int(np.nan_to_num(gives).argmax()))
    first, *rest = units[::-1]
    steps = [f"{names[first]} = {number(signals[0][first], 3)}"]
    steps += [f"a{k}[{unit + 1}] = {number(signals[k][unit], 3)}" for k, unit in enumerate(rest, 1)]
    return f"Most of it comes by {' → '.join(steps)}."
