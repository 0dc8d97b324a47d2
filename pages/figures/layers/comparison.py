"""Two runs in one chart: A, pinned, beside B, the present one, at the same step and on the same axes.

The player counts the steps of B. A shows what it was at the same step, or at its last one where it ended earlier.
"""

from typing import Any

import numpy as np

from pages.common import theme
from pages.figures import base

MOST_TICKS = 12
ONE_LINE, TWO_LINES = 34, 62  #: pixels above the chart
TOP = 20  #: pixels between the title and the maps, for what stands above each map
PINNED = {"color": theme.NEUTRAL, "width": 1.5}  #: lines of A


def runs(recording: Any, pinned: Any) -> list[Any]:
    """B alone, or A and B."""
    return [recording] if pinned is None else [pinned, recording]


def key_frames(recording: Any, steps: np.ndarray) -> np.ndarray:
    """The key frame of a run that is shown at each of `steps`: the last one that is not later."""
    return np.maximum(np.searchsorted(recording.frames, steps, side="right") - 1, 0)


def headed(text: str, versus: str, height: int) -> dict[str, Any]:
    """Layout of a chart so many pixels high with the title and, below it, what A and B differ in."""
    if not versus:
        return {"title": {"text": text}, "margin": {"t": ONE_LINE}}
    two = f"{text}<br><span style='font-size:12px'>{versus}</span>"
    return {"title": {"text": two, "y": 1 - 20 / height}, "margin": {"t": TWO_LINES}}


def with_heads(layout: dict[str, Any]) -> dict[str, Any]:
    """The layout with room for the words above its maps, on a stage, too, where the title stands over the chart."""
    layout["margin"]["t"] += TOP
    layout["meta"] = {"heads": TOP}
    return layout


def layers_axis(layers: int, **more: Any) -> dict[str, Any]:
    """The axis of the layers, input to output, with a tick for each as long as there is room."""
    every = -(-layers // MOST_TICKS)
    ticks = {"tickvals": list(range(1, layers + 1, every)), "range": [0.4, layers + 0.6], "showgrid": False}
    return theme.axis("layer, input to output", **ticks | more)


def parts_of(recording: Any, *kinds: str) -> list[tuple[int, str, int]]:
    """Column, name and layer of each part, of these kinds or of all."""
    layout = recording.network.layout
    chosen = [name for name in recording.parts if not kinds or layout.kinds[name] in kinds]
    return [(recording.parts.index(name), name, layout.layers[name]) for name in chosen]


def depth(recording: Any) -> int:
    """Layers with parameters."""
    return max(recording.network.layout.layers.values())


def letter(text: str, x: float) -> dict[str, Any]:
    """A or B above its half of a chart."""
    return base.note(f"<b>{text}</b>", x=x, y=1, xanchor="left", yanchor="bottom")
