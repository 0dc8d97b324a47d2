"""How the numbers of each layer are distributed: a histogram for each, one above the other, input at the bottom.

Weights are drawn over their value, activations too, with the saturated tails in the colour of an alarm; gradients over
the logarithm of their size, with a bin for zeros at the left. Each histogram is as high as its highest bin: what
compares is the shape. With two runs A is the outline.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.figures import arrays, base
from pages.figures.layers import comparison
from pages.figures.layers.binning import FEW_LAYERS, Binned

ROW, FULL = 100, 88  #: heights of a row and of its histogram; whole numbers travel light


def values_figure(
    title: str, unit: str, recording: Any, binned: Binned, versus: str = "", *,
    log: bool = False, at: int = -1, height: int = theme.SIDE,
) -> go.Figure:  # fmt: skip
    """Histograms of each layer, a picture for each of the frames that were binned.

    Args:
        title: of the chart.
        unit: title of the axis of the values.
        recording: the run, B, whose steps the player counts.
        binned: histograms of B, or of A and B.
        versus: what the two differ in, for the title.
        log: the values are logarithms, and the first bin counts zeros.
        at: the key frame of the first picture.
        height: in pixels.
    """
    present, edges = binned.shares[-1], binned.edges
    base.chosen_frames(recording, at, 1)
    first = int(np.searchsorted(binned.frames, at % len(recording.frames), side="right")) - 1
    layers, rows = present.shape[1], max(shares.shape[1] for shares in binned.shares)
    groups = [[layer] for layer in range(layers)] if layers <= FEW_LAYERS else [list(range(layers))]
    colors = theme.layer_colors(comparison.depth(recording)) if layers <= FEW_LAYERS else [theme.NEUTRAL]
    moving, films = [], []
    tops = _tops(present)
    for color, group in zip(colors, groups, strict=False):
        line = {"width": 1 if layers <= FEW_LAYERS else 0.5, "color": color}
        filled = {"fill": "toself", "fillcolor": theme.faded(color, 0.45), "line": line}
        moving.append(base.scatter("lines", _outline_x(edges, len(group)), None, **filled))
        films.append(_outline_y(tops[:, group], group))
    tails = np.argwhere(binned.tails[-1])
    if len(tails):
        alarm = theme.VERDICTS["alarm"].color
        filled = {"fill": "toself", "fillcolor": theme.faded(alarm, 0.8), "line": {"width": 1, "color": alarm}}
        moving.append(base.scatter("lines", _boxes_x(edges[tails[:, 1]]), None, name="saturated", **filled))
        films.append(_boxes_y(tops[:, tails[:, 0], tails[:, 1]], tails[:, 0]))
    if len(binned.shares) > 1:
        others = binned.shares[0]
        moving.append(base.scatter("lines", _outline_x(edges, others.shape[1]), None, name="A", line=comparison.PINNED))
        films.append(_outline_y(_tops(others), list(range(others.shape[1]))))
    moving = [trace | {"y": film[first]} for trace, film in zip(moving, films, strict=True)]
    for name, shares in zip(("A, ", "")[-len(binned.shares) :], binned.shares, strict=True):
        films.append(arrays.single(shares.reshape(len(shares), -1)))
        moving.append(_told(edges, shares.shape[1], name, unit, log=log) | {"customdata": films[-1][first]})
    keys = ["customdata" if "customdata" in trace else "y" for trace in moving]
    frames = [
        base.frame(step, range(len(moving)), [{key: film[k]} for key, film in zip(keys, films, strict=True)])
        for k, step in enumerate(recording.frames[binned.frames])
    ]
    every = -(-rows // comparison.MOST_TICKS)
    ticks = {"tickvals": [ROW * row for row in range(0, rows, every)], "showgrid": False}
    ticks["ticktext"] = [str(row + 1) for row in range(0, rows, every)]
    span = [float(edges.min()), float(edges.max())]
    across = theme.axis(unit, showgrid=False, range=span, **(_powers(edges) if log else {}))
    up = theme.axis("layer", range=[-4, ROW * rows], **ticks)
    layout = theme.layout(height, **comparison.headed(title, versus, height), xaxis=across, yaxis=up)
    return base.Animated(moving, layout, frames)


def _told(edges: np.ndarray, rows: int, name: str, unit: str, *, log: bool) -> dict[str, Any]:
    """What the pointer and the table say of each bin of each row: where it lies, and its share."""
    layers = np.repeat(np.arange(1, rows + 1), len(edges))
    texts = layers.astype(str).astype(object)
    if log:
        texts[:: len(edges)] += ", exactly zero"
    middle = (ROW * (layers - 1) + FULL // 2).astype(np.uint16)
    hover = f"{name}layer %{{text}}<br>{unit} %{{x:.3g}}<br>share %{{customdata:.1%}}"
    places = arrays.single(np.tile(edges.mean(axis=1), rows))
    return base.scatter("none", places, middle, hover, text=texts.astype(str))


def _tops(shares: np.ndarray) -> np.ndarray:
    """Heights `[G, L, bins]` from 0 to `FULL`."""
    return np.rint(FULL * shares / shares.max(axis=-1, keepdims=True)).astype(np.uint16)


def _outline_x(edges: np.ndarray, rows: int) -> np.ndarray:
    """The corners of the histograms of some rows, each closed at the base, with gaps between them."""
    one = np.concatenate([edges[:1, 0], edges.ravel(), edges[-1:, 1], [np.nan]])
    return arrays.single(np.tile(one, rows))


def _outline_y(tops: np.ndarray, rows: list[int]) -> np.ndarray:
    frames, count, bins = tops.shape
    y = np.zeros((frames, count, 2 * bins + 3), dtype=np.uint16)
    y[:, :, 1:-2] = np.repeat(tops, 2, axis=-1)
    y += (ROW * np.array(rows, dtype=np.uint16))[:, None]
    return y.reshape(frames, -1)


def _boxes_x(edges: np.ndarray) -> np.ndarray:
    left, right = edges.T
    return arrays.single(np.stack([left, left, right, right, np.full(len(left), np.nan)], axis=1).ravel())


def _boxes_y(tops: np.ndarray, rows: np.ndarray) -> np.ndarray:
    y = np.zeros((*tops.shape, 5), dtype=np.uint16)
    y[..., 1:3] = tops[..., None]
    y += (ROW * rows.astype(np.uint16))[:, None]
    return y.reshape(len(tops), -1)


def _powers(edges: np.ndarray) -> dict[str, Any]:
    """Ticks at whole powers of ten, and one at the bin of zeros."""
    low, high = int(np.ceil(edges[1, 0])), int(np.floor(edges[-1, 1]))
    powers = list(range(low, high + 1, max(1, -(-(high - low) // 5))))
    return {
        "tickvals": [float(edges[0].mean()), *powers],
        "ticktext": ["0", *(f"10<sup>{power}</sup>".replace("-", "−") for power in powers)],
    }
