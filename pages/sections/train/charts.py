"""What the Train page shows: the network, what it has learned or what is looked at, and the numbers over them.

Each chart comes with what it says to those who do not see it.
"""

import numpy as np
import plotly.graph_objects as go

from engine.training import Recording
from pages.common.runs.pin import beside
from pages.common.text import number, share, short
from pages.figures.diagram import diagram_figure
from pages.figures.train.boundary import boundary_figure, can_draw
from pages.figures.train.confusion import confusion_figure
from pages.figures.train.net import can_tile
from pages.figures.train.predictions import scatter_figure
from pages.figures.train.sample import sample_figure
from pages.figures.train.tiles import tiles_figure
from pages.figures.train.unit_map import unit_figure
from pages.sections.train.looked import Looked
from pages.sections.train.probe import Probe, by_class


def network(recording: Recording, edges: str, focus: Looked | None, followed: Probe | None) -> tuple[go.Figure, str]:
    """The network: units as maps where they are functions of a plane; edges by what the input followed sends along."""
    if not can_tile(recording):
        return diagram_figure(recording, edges), f"Network diagram: each edge's {edges}"
    shows = "signal" if followed is not None and edges == "weight" else edges
    point = () if followed is None else followed.point
    place = () if focus is None else focus.place
    says = f"Network diagram: each unit's output over the inputs, and each edge's {edges}"
    return tiles_figure(recording, shows, looked=place, point=point), says


def learned(
    recording: Recording, focus: Looked | None, followed: Probe | None, answers: np.ndarray | None
) -> tuple[go.Figure, str]:
    """What the unit that is looked at does; the sample that is followed; else what the network has learned."""
    data, point = recording.data, () if followed is None else followed.point
    if focus is not None and focus.source is None and (focus.layer or can_tile(recording)):
        figure = unit_figure(recording, focus.layer, focus.unit, point=point if len(data.points) == 2 else ())
        return figure, f"What {focus.name} does"
    if can_draw(data):
        return boundary_figure(recording, point=point), "What the network says about every input, with the data"
    if data.labels is None:
        return scatter_figure(recording), "Predicted against true values"
    if followed is not None:
        figure = sample_figure(recording, followed.sample - 1, by_class(recording, answers))
        return figure, f"{followed.said} and the probability of each class"
    part = "test" if len(data.test) else "train"
    return confusion_figure(recording, part), f"Confusion matrix of the {part} part"


def numbers(recording: Recording, pinned: Recording | None) -> dict[str, list[str]]:
    """The numbers over the charts at every key frame; those of a pinned run in brackets."""
    texts = _losses(recording)
    if pinned is not None:
        texts = beside(texts, recording.frames, _losses(pinned), pinned.frames)
    return {f"Step of {recording.steps:,}": [f"{step:,}" for step in recording.frames]} | texts


def _losses(recording: Recording) -> dict[str, list[str]]:
    losses = {"Loss, train": recording.train_loss, "Loss, test": recording.test_loss}
    shares = {"Accuracy, train": recording.train_accuracy, "Accuracy, test": recording.test_accuracy}
    texts = {name: [number(value) for value in values] for name, values in losses.items() if values is not None}
    texts |= {name: [share(value) for value in values] for name, values in shares.items() if values is not None}
    return texts | {"Learning rate": [short(value) for value in recording.lr[recording.frames]]}
