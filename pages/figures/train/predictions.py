"""Predicted against true: how good a regression is whose inputs are too many to draw.

Each point is one row of the data; a perfect network puts all of them on the diagonal. Filled points were trained on,
hollow ones were not: where only the filled ones find the diagonal, the network has learned them by heart.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.figures import arrays, base, scales

MOST_POINTS = 200  #: of each part; of more, evenly spaced ones


def scatter_figure(recording: Any, *, at: int = -1, height: int = theme.MAIN) -> go.Figure:
    """Predictions against targets over the key frames, in the units of the target.

    Args:
        recording: a run on a regression.
        at: the key frame of the first picture.
        height: in pixels.

    Raises:
        ValueError: if the target is a class.
    """
    data = recording.data
    if data.labels is not None:
        raise ValueError("recording.data has classes as target; a scatter of predictions needs numbers")
    parts = {name: _sample(getattr(data, name)) for name in ("train", "test") if len(getattr(data, name))}
    drawn = np.concatenate(list(parts.values()))
    work = recording.network.size * len(drawn)
    chosen, first = base.chosen_frames(recording, at, 5.7 * len(drawn) + 150, work)
    true = base.in_units(data, data.targets[0])
    span = scales.limits(true, margin=0.08)
    predicted = arrays.inside(base.displayed(recording, chosen, data.x[:, drawn])[:, 0], span)
    guesses = np.split(predicted, [len(parts["train"])], axis=1)[: len(parts)]
    ends = np.array(span, dtype=np.float32)
    traces = [base.scatter("lines", ends, ends, name="perfect", line=theme.THEORY)]
    for (name, part), guess, style in zip(parts.items(), guesses, (theme.TRAIN, theme.TEST), strict=False):
        symbol = "circle" if name == "train" else "circle-open"
        marker = {"size": 7, "symbol": symbol, "color": style["color"]}
        hover = f"{name}: true %{{x:.4g}}, predicted %{{y:.4g}}"
        traces.append(base.scatter("markers", arrays.single(true[part]), guess[first], hover, name=name, marker=marker))
    frames = [
        base.frame(step, range(1, len(traces)), [{"y": guess[k]} for guess in guesses])
        for k, step in enumerate(recording.frames[chosen])
    ]
    target = base.short(data.target_name)
    every = len(data.train) + len(data.test)
    shown = "" if len(drawn) == every else f", {len(drawn):,} of {every:,} points"
    layout = theme.layout(
        height,
        title={"text": f"Predicted against true{shown}"},
        xaxis=theme.axis(f"true {target}", range=span),
        yaxis=scales.value_axis(f"predicted {target}", span, log=False),
    )
    return base.Animated(traces, layout, frames)


def _sample(part: np.ndarray) -> np.ndarray:
    return part[:: -(-len(part) // MOST_POINTS)]
