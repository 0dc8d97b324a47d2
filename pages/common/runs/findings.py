"""What is true of a run at each of its key frames, in a sentence for those who do not see the charts.

The stage says it aloud where its player rests, and it describes every chart. What only one page can say is written in
the room of that page, as `update_findings`, `race_findings` and the like.
"""

import numpy as np

from engine.diagnostics.measures import relative_gradient
from engine.training import Recording
from pages.common.text import number


def gradient_findings(recording: Recording) -> list[str]:
    """How far the gradient gets, at every key frame: "Gradient of layer 1 is 3e-06 of the last layer's"."""
    if len(recording.network.sizes) < 3:
        return ["There is a single layer, whose gradient comes from the loss at once"] * len(recording.frames)
    with np.errstate(all="ignore"):
        ratios = relative_gradient(recording)[recording.frames, 0]
    return [gradient_said(ratio) for ratio in ratios]


def gradient_said(ratio: float, last: str = "the last layer") -> str:
    """The gradient of the first layer as a share of that of the `last` one."""
    if np.isnan(ratio):
        return f"{last[0].upper()}{last[1:]} has no gradient"
    return f"Gradient of layer 1 is {number(ratio, 2)} of {last}'s"
