"""The trained network and what belongs to the run as a whole, made once and kept.

To put all images through the network at every key frame would take longer than training it. So the curves are taken on
some images of each part, the same at every frame, and what is said of the end of the run on all of them. A run that is
small enough is recorded whole, so that single steps reach every step near a rest without training it again.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from engine import train
from engine.datasets import Dataset
from engine.training import Recording
from engine.training.history import QUANTITIES
from engine.vision import Mistakes, mistakes
from engine.work import Estimate, evaluation_work, host_limits, in_turn, training_work
from engine.work.operations import many
from pages.common.app.head import Head
from pages.common.runs.cache import kept
from pages.common.runs.computation import Progress
from pages.common.runs.near import MOST_BYTES, at_frames, closely_at, steps_near
from pages.common.settings import Settings
from pages.figures.norms import norms_figure
from pages.figures.train.confusion import confusion_figure
from pages.figures.train.history import history_figure
from pages.sections.convolution.composed import Composed
from pages.sections.convolution.watching import wait_if_stopped, watching

FRAMES, FEWEST = 40, 12  #: key frames of a small network, and of one that takes long to test
TESTING = 1.5  #: seconds that tests at the key frames may take before these become fewer
WATCHED = 200  #: images of each part that the curves are taken on


#: Said beside gradients by an image while a wrong backward pass is chosen.
RIGHT_WAY = "These gradients go the right way back: the wrong backward pass that is chosen acts on the training alone."


class Seen(NamedTuple):
    """A run and what was made of it, kept under `key`.

    `recording` has the losses and accuracies of `watched` images of each part; `data` are all images; `wrong` are those
    that the network gets wrong at the end, of the part called `part`, which has `tested` images.
    """

    key: tuple[Any, ...]
    recording: Recording
    data: Dataset
    wrong: Mistakes
    part: str
    tested: int
    history: go.Figure
    norms: go.Figure
    confusion: go.Figure
    whole: Recording | None
    """With every step, where the key frames leave some out and there is room for all."""
    near: tuple[int, ...] = ()
    """The key frames that playing leaves out."""

    @property
    def played(self) -> list[int]:
        """The key frames that playing goes through."""
        return np.setdiff1d(self.recording.frames, self.near).tolist()

    @property
    def wrong_way(self) -> bool:
        """Whether it was trained with a wrong backward pass."""
        return self.recording.experiment.bug != "none"

    @property
    def right(self) -> float:
        """Share of the tested images that is right at the end."""
        return 1 - len(self.wrong.indices) / self.tested


def seen(run: Composed, settings: Settings, head: Head) -> Seen:
    """The run, trained the first time; the page ends here with one sentence where it may not start."""
    of_file = settings if run.data is settings.data else None
    places = st.empty(), st.empty()  # there without a training, too: else all below would be mounted anew after one
    return kept(
        run.key, lambda progress: _made(run, progress, places), lambda: _needed(run), head, "This run",
        steps=run.experiment.steps, settings=of_file,
    )  # fmt: skip


def near(run: Seen, rest: float | None, settings: Settings | None, head: Head) -> Seen:
    """The same with the steps near a rest among its key frames, if it was recorded whole.

    Args:
        run: the run as it is played.
        rest: the step at which the player rests; None for the last one.
        settings: where the images are a file of one's own.
        head: of the page.
    """
    steps = [] if run.whole is None else steps_near(rest, run.recording.frames).tolist()
    if not steps:
        return run._replace(recording=closely_at(run.recording, rest))
    key = (*run.key, "near", rest)

    def made(_progress: Progress) -> Seen:
        recording = closely_at(at_frames(run.whole, np.union1d(run.recording.frames, steps)), rest)
        figures = _figures(recording, run.data)
        return run._replace(key=key, recording=recording, near=tuple(steps), **figures)

    def work() -> Estimate:
        watched = len(run.recording.data.train) + len(run.recording.data.test)
        return evaluation_work(run.recording.network, watched, len(run.recording.frames) + len(steps))

    return kept(key, made, work, head, "This look", settings=settings)


def _made(run: Composed, progress: Progress, places: tuple[Any, Any]) -> Seen:
    how = {"data": run.data, "network": run.network, "frames": _recorded(run), "dtype": np.float32}
    with watching(run.key, progress, *places) as watched:
        recording = train(run.experiment, watched, partial=watched.draw, **how)
    data, held = run.data, len(run.data.test) > 0
    tested = data if held else replace(data, test=data.train)
    wrong = mistakes(recording.network, recording.params[-1], tested)
    recording = replace(recording, data=replace(data, train=_some(data.train), test=_some(data.test)))
    whole, last = None, run.experiment.steps
    if _frames(run) < len(recording.frames):
        whole = recording
        recording = at_frames(whole, np.linspace(0, last, _frames(run)).round().astype(int))
    part = "test" if held else "training"
    return Seen(run.key, recording, data, wrong, part, len(tested.test), **_figures(recording, data), whole=whole)


def _figures(recording: Recording, data: Dataset) -> dict[str, go.Figure]:
    """The figures of a run that no setting of the page changes."""
    return {
        "history": history_figure(recording),
        "norms": norms_figure(recording),
        "confusion": _confusion(recording, data, "test" if len(data.test) else "train"),
    }


def _confusion(recording: Recording, data: Dataset, part: str) -> go.Figure:
    """The matrix of the watched images, whose title says of how many where these are not all."""
    watched, every = len(getattr(recording.data, part)), len(getattr(data, part))
    return confusion_figure(recording, part, of=f"{watched:,} of {every:,}" if watched < every else "")


def _needed(run: Composed) -> Estimate:
    """What a run takes that is not there yet; the page ends here where it was stopped."""
    wait_if_stopped(run.key)
    return _work(run)


def _work(run: Composed) -> Estimate:
    samples, held = len(run.data.train), len(run.data.test)
    training = training_work([run.experiment], run.network, samples, held, frames=_recorded(run), itemsize=4)
    testing = _testing(run, _frames(run))
    epochs = run.experiment.steps // -(-samples // run.experiment.batch)
    fitting = int(min(max(host_limits().seconds - testing.seconds, 0) / training.seconds, 1) * epochs)
    words = f"the epochs to {fitting}" if 1 <= fitting < epochs else "the epochs"
    filters = f"the filters ({run.network.size:,} parameters)"
    return in_turn(training, testing)._replace(reduce=f"{words}, the images ({samples:,} to train on) or {filters}")


def _frames(run: Composed) -> int:
    """Key frames: fewer where it takes long to test the network at each."""
    seconds = _testing(run, FRAMES).seconds
    return int(np.clip(FRAMES * TESTING / max(seconds, 1e-9), FEWEST, FRAMES))


def _recorded(run: Composed) -> int:
    """The frames that are recorded: all where there is room, so that single steps reach them."""
    every = run.experiment.steps + 1
    return every if len(QUANTITIES) * every * run.network.size * 4 <= MOST_BYTES else _frames(run)


def _testing(run: Composed, frames: int) -> Estimate:
    """Losses, accuracies and confusion matrix at the key frames, and all tested images at the end."""
    network, tested = run.network, len(run.data.test) or len(run.data.train)
    at_frames, room = many(network, 5 * frames, WATCHED, 4)
    at_end, most = many(network, 1, tested, 4)
    words = f"the filters ({network.size:,} parameters) or the images ({tested:,} to test on)"
    return Estimate((at_frames + at_end).seconds(4), max(room, most), words)


def _some(columns: np.ndarray) -> np.ndarray:
    """At most so many of these columns, evenly taken."""
    if len(columns) <= WATCHED:
        return columns
    return columns[np.linspace(0, len(columns) - 1, WATCHED).round().astype(int)]
