"""The gradient by the image as pictures: which pixels an answer hangs on, an image that climbs, a step that fools.

Images stand side by side with their colours: ink is blue, and a gradient blue where more ink would raise the quantity,
orange where it would lower it. Each picture's range is symmetric about zero and stated over it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.text import number
from pages.figures import arrays, base, scales, weight_maps
from pages.figures.convolution import mosaic
from pages.figures.step_charts import cursor_and_dots

MOST_NAMED = 20
MOST_POINTS = 1200  #: of a line of every step


class Film(NamedTuple):
    """A picture over the steps: its head in one line or two, `images[F, H, W]`, and whether one range holds for all."""

    head: str
    images: np.ndarray
    one_range: bool = True


def films_figure(
    films: Sequence[Film], steps: Sequence[int], title: str, *, at: int = -1, height: int = theme.MAIN
) -> go.Figure:
    """Pictures side by side over the steps.

    Args:
        films: the pictures, all with as many images as there are steps.
        steps: names of the frames.
        title: of the chart.
        at: the frame of the first picture.
        height: in pixels.
    """
    shapes = [film.images.shape[1:] for film in films]
    blocks = mosaic.arranged([(1, *shape) for shape in shapes], len(films) * (1 + mosaic.BETWEEN))
    limits = [_limits(film) for film in films]
    images = [
        mosaic.painted(block, weight_maps.signed_levels(film.images[:, None], reach))
        for block, film, reach in zip(blocks, films, limits, strict=True)
    ]
    heads = [
        np.array([f"{film.head}<br>±{number(reach[k], 2)}" for film, reach in zip(films, limits, strict=True)])
        for k in range(len(steps))
    ]
    lines, hover = max(film.head.count("<br>") for film in films) + 2, "%{z} % of the range"
    traces = [mosaic.heat(block, image[at], hover) for block, image in zip(blocks, images, strict=True)]
    traces += [mosaic.heads(blocks, heads[at]), mosaic.edges(blocks)]
    frames = [
        base.frame(
            step,
            range(len(films) + 1),
            [*({"type": "heatmap", "z": image[k]} for image in images), {"text": heads[k]}],
        )
        for k, step in enumerate(steps)
    ]
    return base.Animated(traces, mosaic.layout(blocks, height, lines, title={"text": title}), frames)


def _limits(film: Film) -> np.ndarray:
    reach = np.abs(np.nan_to_num(film.images)).reshape(len(film.images), -1).max(axis=1).astype(float)
    return np.full(len(reach), reach.max()) if film.one_range else reach


def bars_figure(
    data: Any,
    shown: np.ndarray,
    steps: Sequence[int],
    wanted: int | None,
    *,
    sure: bool = True,
    at: int = -1,
    height: int = theme.MAIN,
) -> go.Figure:
    """What the network says at each step: a bar for each class, that of the class in question blue.

    Args:
        data: has the names of the classes.
        shown: probabilities `[F, C]`.
        steps: names of the frames.
        wanted: the class in question, None where there is none.
        sure: whether these are probabilities, and not scores.
        at: the frame of the first picture.
        height: in pixels.
    """
    values, places = arrays.single(shown), arrays.whole(np.arange(shown.shape[1]))
    colors = [theme.POSITIVE if k == wanted else theme.NEGATIVE for k in range(shown.shape[1])]
    bars = {"type": "bar", "x": places, "y": values[at], "marker": {"color": colors}, "showlegend": False}
    bars |= {"text": np.array([base.class_title(data, k) for k in range(shown.shape[1])]), "textposition": "none"}
    bars["hovertemplate"] = "%{text}: %{y:.4f}<extra></extra>"
    names = [base.short(name) for name in data.class_names]
    named = {"tickvals": places, "ticktext": names} if len(names) <= MOST_NAMED else {}
    kind = "probability" if sure else "score"
    layout = theme.layout(
        height,
        title={"text": f"{kind.capitalize()} of each class"},
        xaxis=theme.axis("class", showgrid=False, **named),
        yaxis=theme.axis(kind, range=[0.0, 1.04] if sure else scales.limits(shown), nticks=5),
    )
    frames = [base.frame(step, [0], [{"type": "bar", "y": row}]) for step, row in zip(steps, values, strict=True)]
    return base.Animated([bars], layout, frames)


def curve_figure(
    values: np.ndarray, steps: Sequence[int], title: str, names: tuple[str, str], *, height: int = theme.SIDE
) -> go.Figure:
    """One quantity over the steps, with a cursor.

    Args:
        values: `[F]`.
        steps: their places on the axis, and the names of the frames.
        title: of the chart.
        names: of the two axes.
        height: in pixels.
    """
    line = arrays.single(values)
    hover = f"{names[0]} %{{x}}<br>{names[1]} %{{y:.4g}}"
    curve = base.scatter("lines", arrays.whole(steps), line, hover, line={"color": theme.POSITIVE, "width": 2})
    marker = {"size": 8, "color": theme.POSITIVE}
    moving, frames = cursor_and_dots(steps, line[:, None], marker, first=1, at=-1)
    last = max(int(steps[-1]), 1)
    layout = theme.layout(
        height,
        title={"text": title},
        xaxis=theme.axis(names[0], range=[-0.012 * last, 1.012 * last]),
        yaxis=scales.value_axis(names[1], scales.limits(values), log=False),
        yaxis2=base.overlay(),
    )
    return base.Animated([curve, *moving], layout, frames)


def so_far_figure(recording: Any, *, height: int = theme.SIDE) -> go.Figure:
    """The loss of each step of a run that is still going on, on the axis of the whole run."""
    kept = arrays.envelope(recording.loss, MOST_POINTS)
    line = base.scatter("lines", arrays.whole(kept), arrays.single(recording.loss[kept]), line=theme.TRAIN)
    last = recording.experiment.steps
    layout = theme.layout(
        height,
        title={"text": "Loss so far"},
        xaxis=theme.axis("step", range=[-0.012 * last, 1.012 * last]),
        yaxis=scales.value_axis("loss", scales.limits(recording.loss), log=False),
    )
    return base.Animated([line], layout)
