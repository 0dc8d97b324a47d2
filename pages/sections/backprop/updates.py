"""One update as the page shows it: of the present run, and of the pinned one at the same step on the same path."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from engine.backprop import Course, Edit, Moment, Pass, course_of, examine, write_out
from engine.datasets import Dataset
from engine.experiment import Experiment
from engine.network import Network
from engine.training import Recording, load, network_of, optimizer_of
from engine.work import evaluation_work, frame_count, in_turn, replay_work, trace_work
from pages.common.app.head import Head
from pages.common.runs.cache import kept, key_of, trained
from pages.common.runs.computation import computing
from pages.common.settings import Settings
from pages.figures import base
from pages.figures.backprop.animation import stage_metrics
from pages.figures.backprop.highlights import View
from pages.figures.train.history import history_figure
from pages.sections.backprop.replayed import replayed
from pages.sections.backprop.selection import why_handed


class Way(NamedTuple):
    """What is looked at: a unit of each layer, the input's first; the chosen parameter's part, and its place there."""

    units: tuple[int, ...]
    part: str
    place: tuple[int, ...]


def view_of(experiment: Experiment, network: Network, moment: Moment, seen: Pass, way: Way) -> tuple[View, Any]:
    """What there is to see of an update, and the update written out."""
    rule = optimizer_of([experiment])
    sheet = write_out(rule, moment.params, moment.applied, moment.before, moment.lr, moment.update)
    edges = {"weight": moment.params, "gradient": seen.gradient, "handed": moment.applied, "new": moment.following}
    edges |= {f"line {row}": line.value for row, line in enumerate(sheet.lines)}
    handed = why_handed(experiment, moment, seen)
    return View(seen, network.sizes, edges, network.layout, sheet.lines, handed, *way), sheet


def pinned_view(before: Settings, data: Dataset | None, here: View, step: int, sample: int, head: Head) -> View | None:
    """The update of the pinned run at the same step, or its last; None where its network or its data are others.

    Args:
        before: the pinned settings.
        data: of a worked example, which takes the place of their own.
        here: the update beside it.
        step: of it.
        sample: of it, counted from 1, 0 for the batch of the step.
        head: of the page.
    """
    experiment = before.experiment
    data = data or before.data or load(experiment)
    network = network_of(experiment, data)
    if network.layout.shapes != here.layout.shapes or sample > len(data.train):
        return None
    run = replayed(before, head, min(step, experiment.steps), data, network, None, (), whose="A")
    moment, one = run.moment, slice(sample - 1, sample)
    x, y = (run.x[:, one], run.y[:, one]) if sample else (moment.x, moment.y)
    with computing(
        ("trace", *key_of(before), x.shape[1]), lambda: trace_work(network, x.shape[1], 1), head, "The pass of A"
    ):
        seen = examine(network, moment.params, x, y)
    return view_of(experiment, network, moment, seen, Way(here.path, here.part, here.place))[0]._replace(near=here.near)


def beside_stages(metrics: Mapping[str, Sequence[str]], other: View) -> dict[str, list[str]]:
    """The numbers of the stages, those of the pinned update in brackets where it has a stage of that name.

    `metrics` are the stage, its unit on the path, and the chosen parameter, at every stage.
    """
    of_a = {name: numbers for name, *numbers in stage_metrics(other)[1]}
    (stage, names), *others = metrics.items()
    both: dict[str, list[str]] = {stage: list(names)}
    for column, (title, texts) in enumerate(others):
        theirs = [of_a.get(name, ["–", "–"])[column] for name in names]
        both[title] = [f"{own} (A {text})" if own != "–" else own for own, text in zip(texts, theirs, strict=True)]
    return both


def course_typed(settings: Settings, data: Dataset, network: Network, edits: Sequence[Edit], head: Head) -> Course:
    """The whole run with numbers typed over."""
    experiment, samples = settings.experiment, len(data.train) + len(data.test)
    frames = frame_count(network, 1, experiment.steps)
    return kept(
        ("typed over", *key_of(settings), *edits),
        lambda progress: course_of(experiment, data, network, edits, progress),
        lambda: in_turn(
            replay_work(experiment, network, len(data.train), experiment.steps),
            evaluation_work(network, samples, frames),
        ),
        head,
        "This run",
        steps=experiment.steps,
        settings=settings,
    )


def losses_figure(run: Recording | Course, before: Settings, step: int, head: Head) -> go.Figure:
    """The losses of a run and of the pinned one over their steps, with a line at the step shown; it does not move."""
    at = int(np.abs(run.frames - step).argmin())
    plain = history_figure(run, trained(before, head), at=at).plain
    return base.Animated(plain["data"], plain["layout"])
