"""The recording so far, while a run goes on."""

import numpy as np
import pytest

from engine import Experiment, train
from engine.cancellation import cancellable

FIELDS = ("loss", "lr", "frames", "params", "gradients", "updates", "gradient_norm", "gradient_cosine")
LONG = Experiment(samples=60, steps=3000, batch=10)


@pytest.mark.parametrize("frames", [7, 3001])
def test_what_is_handed_out_on_the_way_is_the_beginning_of_the_recording(frames):
    parts = []
    whole = train(LONG, frames=frames, partial=parts.append)
    assert len(parts) > 1
    assert [part.steps for part in parts] == sorted({part.steps for part in parts})
    for part in parts:
        assert part.steps == part.frames[-1]
        for name in FIELDS:
            expected = getattr(whole, name)[: len(getattr(part, name))]
            assert np.array_equal(getattr(part, name), expected, equal_nan=True)
    assert parts[0].test_loss == pytest.approx(whole.test_loss[: len(parts[0].frames)], rel=1e-13)


def test_a_run_can_be_ended_on_the_way_and_what_was_handed_out_stays():
    class Left(Exception):
        pass

    parts = []

    def ask():
        if parts:
            raise Left

    with pytest.raises(Left), cancellable(ask, every=0.0):
        train(LONG, frames=7, partial=parts.append)
    assert len(parts) == 1
    assert np.isfinite(parts[0].loss).all()
