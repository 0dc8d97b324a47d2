"""Every step near the one at which the player rests.

Playing goes from key frame to key frame; a single step shall reach the very next step of the run. So around the rest
every step becomes a key frame too: of what knows all its steps anyway, or taken from the same run once more, recorded
whole. Where that would take long or much memory, single steps go from key frame to key frame as well.
"""

from collections.abc import Hashable, Sequence
from copy import copy
from dataclasses import replace

import numpy as np

from engine import train
from engine.datasets import Dataset
from engine.experiment import Experiment
from engine.network import Network
from engine.training import Recording, race
from engine.training.history import QUANTITIES
from engine.work import Estimate, training_work
from pages.common.app.head import Head
from pages.common.runs.cache import kept, key_of
from pages.common.settings import Settings

NEAR = 8  #: steps on either side
MOST_SECONDS, MOST_BYTES = 1.0, 30e6  #: of the runs that are recorded whole


def steps_near(rest: float | None, steps: Sequence[int] | np.ndarray) -> np.ndarray:
    """The steps near a rest that are not among the increasing key steps; none at the last, where nobody has moved."""
    if rest is None:
        return np.arange(0)
    place = int(min(max(rest, steps[0]), steps[-1]))  # a link may say any number
    return np.setdiff1d(np.arange(max(place - NEAR, steps[0]), min(place + NEAR, steps[-1]) + 1), steps)


def are_quick(work: Estimate) -> bool:
    """Whether runs that take so much may be recorded whole for a single step."""
    return work.seconds <= MOST_SECONDS and work.result <= MOST_BYTES


def at_frames(whole: Recording, frames: np.ndarray) -> Recording:
    """A run that was recorded whole, at the given key frames and its own end."""
    frames = np.union1d(frames[frames < whole.steps], whole.steps)
    at = np.searchsorted(whole.frames, frames)
    return replace(whole, frames=frames, **{name: getattr(whole, name)[at] for name in QUANTITIES})


def closely_at(recording: Recording, rest: float | None) -> Recording:
    """A recording whose key frames near a rest are looked at closely; as it is where there is none."""
    if rest is None:
        return recording
    frames, seen = recording.frames, copy(recording)  # with what has been computed of it
    place = min(max(rest, frames[0]), frames[-1])
    away = np.abs(frames - place)
    nearest = np.argsort(away, kind="stable")[: np.count_nonzero(away <= NEAR)]
    object.__setattr__(seen, "close", tuple(frames[nearest].tolist()))
    return seen


def with_near(
    recording: Recording, rest: float | None, settings: Settings, head: Head
) -> tuple[Recording, list[int], bool]:
    """A recording with the steps near a rest among its key frames, these steps, and whether there are any at all.

    Args:
        recording: of the settings.
        rest: the step at which the player rests; None for the last one, from which nobody has moved yet.
        settings: what was run.
        head: of the page.
    """
    experiment, data = recording.experiment, recording.data
    work = training_work([experiment], recording.network, len(data.train), len(data.test), frames=experiment.steps + 1)
    if not _thinned(recording) or not are_quick(work):
        return closely_at(recording, rest), [], False
    near = steps_near(rest, recording.frames)
    if not near.size:
        return closely_at(recording, rest), [], True
    whole = kept(
        ("every step", *key_of(settings)),
        lambda progress: train(experiment, progress, data=data, frames=experiment.steps + 1),
        lambda: work,
        head,
        "This run",
        steps=experiment.steps,
        settings=settings,
    )
    return closely_at(at_frames(whole, np.union1d(recording.frames, near)), rest), near.tolist(), True


def race_near(
    experiments: Sequence[Experiment],
    network: Network,
    data: Dataset,
    frames: Sequence[int] | np.ndarray,
    rest: float | None,
    key: Hashable,
    settings: Settings,
    head: Head,
) -> tuple[list[Recording], list[int], bool]:
    """The same for runs side by side: at the increasing key steps `frames` and those near a rest; no runs without any.

    Args:
        experiments: of the race.
        network: theirs.
        data: theirs.
        frames: the key steps of the race.
        rest: as in `with_near`.
        key: what the race is kept under.
        settings: that the race depends on.
        head: of the page.
    """
    count = experiments[0].steps + 1
    work = training_work(experiments, network, len(data.train), len(data.test), frames=count)
    if len(frames) > frames[-1] or not are_quick(work):
        return [], [], False
    near = steps_near(rest, frames)
    if not near.size:
        return [], [], True
    whole = kept(
        ("every step of a race", key),
        lambda progress: tuple(race(experiments, progress, data=data, frames=count)),
        lambda: work,
        head,
        "This race",
        steps=count - 1,
        settings=settings,
    )
    steps = np.union1d(frames, near)
    return [at_frames(run, steps) for run in whole], near.tolist(), True


def _thinned(recording: Recording) -> bool:
    return len(recording.frames) <= recording.steps
