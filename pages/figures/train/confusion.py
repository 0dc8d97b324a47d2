"""Which classes the network takes for which: the confusion matrix of each key frame.

A row for each true class, a column for each predicted one. The number is how many points there are. The colour is blue
on the diagonal, where the answer is right, and orange beside it, where it is wrong, the stronger the larger the share
of the row: a rare class shows its errors as clearly as a frequent one. The strength grows with the square root of the
share, so that a few errors in a hundred are seen. A perfect network is a blue diagonal.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.metrics import confusion_matrix
from pages.common import theme
from pages.common.text import count
from pages.figures import arrays, base

MOST_COUNTED = 12  #: classes with numbers in the cells; of more, colours only
MOST_NAMED = 20  #: classes with names on the axes; of more, numbers from 0
COLORS = [
    [0.0, theme.faded(theme.NEGATIVE, 0.65)],
    [0.5, theme.faded(theme.NEGATIVE, 0)],
    [0.5, theme.faded(theme.POSITIVE, 0)],
    [1.0, theme.faded(theme.POSITIVE, 0.65)],
]  #: pale, so that the numbers read in the theme's own text colour


def confusion_figure(
    recording: Any, part: str = "test", *, of: str = "", at: int = -1, height: int = theme.MAIN
) -> go.Figure:
    """The confusion matrix over the key frames.

    Args:
        recording: a run on classes.
        part: of the data, "test" or "train".
        of: what the title says that is counted, all points of the part unless it is given.
        at: the key frame of the first picture.
        height: in pixels.

    Raises:
        ValueError: if the target is a number, or `part` is neither.
    """
    data = recording.data
    if data.labels is None:
        raise ValueError("recording.data has a number as target; a confusion matrix needs classes")
    if part not in ("train", "test"):
        raise ValueError(f"part={part!r} must be train or test")
    names, indices = np.array([base.short(name) for name in data.class_names]), getattr(data, part)
    classes, counted = len(names), len(names) <= MOST_COUNTED
    work = recording.network.size * len(indices)
    chosen, first = base.chosen_frames(recording, at, classes**2 * (7 if counted else 1.4) + 150, work)
    counts = confusion(recording, chosen, indices)
    # A space, not nothing: Plotly throws away a text that is empty, and later fills the wrong one.
    texts = np.where(counts > 0, counts.astype(str), " ").reshape(len(chosen), -1)
    levels = colored(counts)
    places = arrays.whole(np.arange(classes))
    traces = [base.heatmap(levels[first], places, places, 200, COLORS, xgap=1, ygap=1)]
    if counted:
        columns, rows = (plane.ravel() for plane in np.meshgrid(places, places))
        about = {"text": texts[first], "customdata": np.stack([names[rows], names[columns]], axis=1)}
        hover = "true %{customdata[0]}, predicted %{customdata[1]}: %{text}"
        traces.append(base.scatter("text", columns, rows, hover, **about))
    moved = [[{"type": "heatmap", "z": level}, {"text": text}] for level, text in zip(levels, texts, strict=True)]
    drawn = range(len(traces))
    frames = [
        base.frame(step, drawn, both[: len(drawn)]) for step, both in zip(recording.frames[chosen], moved, strict=True)
    ]
    side = {"showgrid": False, "automargin": True}
    if classes <= MOST_NAMED:
        side |= {"tickvals": places, "ticktext": names.tolist()}
    layout = theme.layout(
        height,
        title={"text": f"Confusion matrix, {of or count(len(indices), f'{part} point')}"},
        xaxis=theme.axis("predicted class", range=[-0.5, classes - 0.5], **side),
        yaxis=theme.axis("true class", range=[classes - 0.5, -0.5], **side),
    )
    return base.Animated(traces, layout, frames)


def confusion(recording: Any, chosen: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Points of each true class (rows) by predicted class (columns) in the `chosen` frames, `[F, C, C]`."""
    predicted = recording.network.loss_function.labels(base.outputs(recording, chosen, recording.data.x[:, indices]))
    return confusion_matrix(recording.data.labels[indices], predicted, len(recording.data.class_names))


def colored(counts: np.ndarray) -> np.ndarray:
    """The level of each cell, uint8: 100 ± 100 √(share of the row), + on the diagonal and - beside it."""
    shares = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    sign = np.where(np.eye(counts.shape[-1], dtype=bool), 1, -1)
    return np.rint(100 + 100 * np.sqrt(shares) * sign).astype(np.uint8)
