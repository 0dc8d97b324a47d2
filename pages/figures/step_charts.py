"""What moves in a chart over the steps: a cursor at the step that the player shows, and a dot on each curve there."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pages.figures import arrays, base


def cursor_and_dots(
    steps: Sequence[int], dots: np.ndarray, marker: dict[str, Any], *, first: int, at: int, titles: Sequence[str] = ()
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Two traces, the cursor on the axis "y2" and the dots, and the frames that move them.

    Args:
        steps: `[F]`, the key frames.
        dots: `[F, n]`, the heights of the dots in each of them, as curves travel.
        marker: of the dots.
        first: the number of the traces that stay, which come before these two.
        at: the key frame of the first picture.
        titles: of the chart, `[F]`, where its title says what is true of the step.
    """
    frames = []
    for k, step in enumerate(steps):
        moved = [{"x": arrays.repeated(step, 2)}, {"x": arrays.repeated(step, dots.shape[1]), "y": dots[k]}]
        title = {"title": {"text": titles[k]}} if len(titles) else None
        frames.append(base.frame(step, [first, first + 1], moved, title))
    dots_at_first = frames[at % len(frames)]["data"][1]
    cursor = base.cursor(int(steps[at % len(steps)]), "y2")
    return [cursor, base.scatter("markers", marker=marker, **dots_at_first)], frames
