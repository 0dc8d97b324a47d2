"""One sample of a data set with many inputs: its picture where it is an image, and what the network makes of it.

A bar for each class is as high as its probability at the step; that of the true class is blue, all others orange. A
network that is sure has one bar, one that guesses has them all alike.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.figures import arrays, base, scales
from pages.figures.train.unit_map import image_shape

PICTURE, BARS = [0.0, 0.42], [0.55, 1.0]  #: of the width
INK = [[0.0, theme.faded(theme.NEUTRAL, 0.08)], [1.0, theme.NEUTRAL]]
MOST_NAMED = 20  #: classes with names on the axis


def sample_figure(
    recording: Any, sample: int, probabilities: np.ndarray, *, at: int = -1, height: int = theme.MAIN
) -> go.Figure:
    """A sample and the probability of each class over the key frames.

    Args:
        recording: a run on classes.
        sample: column of the data, from 0.
        probabilities: what is shown of the network's answer at the key frames, `[F, C]`.
        at: the key frame of the first picture.
        height: in pixels.
    """
    data = recording.data
    chosen, first = base.chosen_frames(recording, at, 8 * probabilities.shape[1] + 60)
    values, label = arrays.single(probabilities[chosen]), int(data.labels[sample])
    names = [base.short(name) for name in data.class_names]
    image = image_shape(data)
    places = arrays.whole(np.arange(len(names)))
    colors = [theme.POSITIVE if k == label else theme.NEGATIVE for k in range(len(names))]
    bars = {"type": "bar", "x": places, "y": values[first], "marker": {"color": colors}, "showlegend": False}
    bars |= {"text": np.array([base.class_title(data, k) for k in range(len(names))]), "textposition": "none"}
    bars["hovertemplate"] = "%{text}: %{y:.4f}<extra></extra>"
    frames = [
        base.frame(step, [0], [{"type": "bar", "y": row}])
        for step, row in zip(recording.frames[chosen], values, strict=True)
    ]
    named = {"tickvals": places, "ticktext": names} if len(names) <= MOST_NAMED else {}
    sure = recording.network.loss_function.probability
    span = [0.0, 1.04] if sure else scales.limits(probabilities)
    axes = {
        "xaxis": theme.axis("class", domain=BARS if image else [0, 1], showgrid=False, **named),
        "yaxis": theme.axis("probability" if sure else "score", range=span, nticks=5, side="right"),
    }
    axes["yaxis"] |= {"anchor": "x"}
    traces = [bars]
    if image:
        rows, columns = image
        levels = np.rint(200 * data.x[:, sample] / max(float(data.x[:, sample].max()), 1e-300)).astype(np.uint8)
        about = {"xaxis": "x2", "yaxis": "y2"}
        across, down = (arrays.whole(np.arange(size)) for size in (columns, rows))
        traces.append(base.heatmap(levels.reshape(rows, columns), across, down, 200, INK, **about))
        bare = {"visible": False, "constrain": "domain"}
        axes["xaxis2"] = bare | {"domain": PICTURE, "anchor": "y2"}
        axes["yaxis2"] = bare | {"autorange": "reversed", "scaleanchor": "x2", "anchor": "x2"}
    title = f"Sample {sample + 1:,}, {base.class_title(data, label)}: probability of each class"
    layout = theme.layout(height, title={"text": title}, margin={"r": 48}, **axes)
    return base.Animated(traces, layout, frames)
