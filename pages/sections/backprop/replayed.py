"""A run that stands at one of its steps, kept for the session, and the numbers typed over in it.

Going on to a later step continues where the run stands; going back starts it again. What was typed over is part of
the link, as text: `3.W1.0.1:0.5` sets the weight from the first unit's second input to 0.5 at step 3.
"""

from collections.abc import Sequence

import numpy as np

from engine.backprop import Edit, Replay, read_edits
from engine.datasets import Dataset
from engine.network import Network
from engine.work import Estimate, replay_work
from pages.common.app.head import Head
from pages.common.link.page_settings import tell, told
from pages.common.runs.cache import RESULTS, key_of, session
from pages.common.runs.computation import computing
from pages.common.settings import Settings
from pages.sections.backprop.settings import SETTINGS

TYPED = SETTINGS["typed"]
MOST_EDITS = 60  #: an address has room for


def replayed(
    settings: Settings,
    head: Head,
    step: int,
    data: Dataset,
    network: Network,
    start: np.ndarray | None,
    edits: Sequence[Edit],
    example: str = "",
    whose: str = "B",
) -> Replay:
    """The run of the settings on `data`, standing at `step` or where it diverged before; with progress if it is long.

    `example` names the worked example that the data and the start are of; `whose` run it is, the present one (B) or the
    pinned one (A), of which a session keeps one each. The page ends here with one sentence where the run would be too
    large.
    """
    experiment = settings.experiment
    key = (*key_of(settings), example, tuple(edits))
    place = ("replay", whose, session())
    before, run = RESULTS.pop(place) or (None, None)  # nobody else has it while it goes on
    if before != key or run.moment.step > step:
        run = None
    ahead = step - (run.moment.step if run else 0)

    def work() -> Estimate:
        return replay_work(experiment, network, len(data.train), ahead)

    with computing(("replay", *key, step), work, head, "This run", step) as progress:
        run = run or Replay(experiment, data, network, start, edits)
        run.advance(step, progress)
    RESULTS.put(place, (key, run), session())
    return run


def typed() -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    """What was typed over, and pieces of the link that could not be read."""
    edits, rest = read_edits(told(TYPED))
    return edits[-MOST_EDITS:], rest


def type_over(new: Sequence[Edit]) -> None:
    """Add edits to the link; one for the same number at the same step takes the place of an earlier one."""
    again = {edit[:3] for edit in new}
    kept = [edit for edit in typed()[0] if edit[:3] not in again]
    tell(TYPED, "~".join(map(str, [*kept, *new][-MOST_EDITS:])))


def undo() -> None:
    """Take back everything that was typed over."""
    tell(TYPED, TYPED.default)
