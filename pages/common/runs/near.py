"""Every step near the one at which the player rests.

Playing goes from key frame to key frame; a single step shall reach the very next step of the run. So around the rest
every step becomes a key frame too: of what knows all its steps anyway, or taken from the same run once more, recorded
whole. Where that would take long or much memory, single steps go from key frame to key frame as well.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine import train
from engine.training import Recording
from engine.work import training_work
from pages.common.app.head import Head
from pages.common.runs.cache import kept, key_of
from pages.common.settings import Settings

NEAR = 8  #: steps on either side
MOST_SECONDS, MOST_BYTES = 1.0, 30e6  #: of the run that is recorded whole


def steps_near(rest: float | None, steps: Sequence[int] | np.ndarray) -> np.ndarray:
    """The steps near a rest that are not among the increasing key steps; none at the last, where nobody has moved."""
    if rest is None:
        return np.arange(0)
    place = int(min(max(rest, 0), steps[-1]))  # a link may say any number
    return np.setdiff1d(np.arange(max(place - NEAR, 0), min(place + NEAR, steps[-1]) + 1), steps)


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
    thinned = len(recording.frames) <= recording.steps
    if not thinned or work.seconds > MOST_SECONDS or work.result > MOST_BYTES:
        return recording, [], False
    near = steps_near(rest, recording.frames)
    if not near.size:
        return recording, [], True
    whole = kept(
        ("every step", *key_of(settings)),
        lambda progress: train(experiment, progress, data=data, frames=experiment.steps + 1),
        lambda: work,
        head,
        "This run",
        steps=experiment.steps,
        settings=settings,
    )
    near = np.intersect1d(near, whole.frames)
    frames = np.union1d(recording.frames, near)
    at = np.searchsorted(whole.frames, frames)
    parts = {name: getattr(whole, name)[at] for name in ("params", "gradients", "updates")}
    return replace(whole, frames=frames, **parts), near.tolist(), True
