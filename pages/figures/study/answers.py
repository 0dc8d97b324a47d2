"""How good the answers of a classifier are: what is taken for what, and what another threshold would change."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.figures import base
from pages.figures.study.pinned import LINE

MOST_COUNTED = 12  #: classes with numbers in the cells
COLORS = [
    [0.0, theme.faded(theme.NEGATIVE, 0.65)],
    [0.5, theme.faded(theme.NEGATIVE, 0)],
    [0.5, theme.faded(theme.POSITIVE, 0)],
    [1.0, theme.faded(theme.POSITIVE, 0.65)],
]  #: pale, so that the numbers read in the theme's own text colour
CHANCE = theme.THEORY


def confusion_figure(counts: np.ndarray, names: list[str], *, height: int = theme.MAIN) -> go.Figure:
    """The confusion matrix `[C, C]`: true class down, predicted class across; blue is right, orange is wrong."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    right = np.where(np.eye(len(counts), dtype=bool), 1, -1)
    levels = np.rint(100 + 100 * np.sqrt(shares) * right).astype(np.uint8)
    places = np.arange(len(counts))
    traces = [base.heatmap(levels, places, places, 200, COLORS, xgap=1, ygap=1)]
    columns, rows = (plane.ravel() for plane in np.meshgrid(places, places))
    told = np.array([base.short(name) for name in names])
    about = {"customdata": np.stack([told[rows], told[columns], counts.ravel().astype(str)], axis=1)}
    hover = "true %{customdata[0]}, predicted %{customdata[1]}: %{customdata[2]}"
    counted = len(counts) <= MOST_COUNTED
    texts = {"text": counts.ravel().astype(str), "textfont": {"size": 14}} if counted else {"opacity": 0}
    traces.append(base.scatter("text" if counted else "markers", columns, rows, hover, **about, **texts))
    side = {"showgrid": False, "automargin": True, "tickvals": places, "ticktext": told.tolist()}
    layout = theme.layout(
        height,
        title={"text": "What is taken for what"},
        xaxis=theme.axis("predicted class", range=[-0.5, len(counts) - 0.5], **side),
        yaxis=theme.axis("true class", range=[len(counts) - 0.5, -0.5], **side),
        showlegend=False,
    )
    return base.Animated(traces, layout)


def threshold_figure(
    x: np.ndarray,
    y: np.ndarray,
    thresholds: np.ndarray,
    here: int,
    *,
    kind: str,
    area: str,
    chance: Any,
    pinned: tuple[np.ndarray, np.ndarray] | None = None,
    height: int = theme.MAIN,
) -> go.Figure:
    """A curve that the threshold runs along: ROC, or precision over recall.

    Args:
        x: false positive rate, or recall, `[n]`.
        y: true positive rate, or precision, `[n]`.
        thresholds: where each point is reached, `[n]`, falling from +inf.
        here: the point of the present threshold.
        kind: "roc" or "precision".
        area: what the title says of the area.
        chance: the ends `((x, x), (y, y))` of the line of a classifier that guesses.
        pinned: x and y of A, the pinned run, whose curve is grey.
        height: in pixels.
    """
    title, across, up = {
        "roc": ("ROC", "false positive rate", "true positive rate (recall)"),
        "precision": ("Precision over recall", "recall", "precision"),
    }[kind]
    line = {"color": theme.POSITIVE, "width": 2, "shape": "linear" if kind == "roc" else "vh"}
    told = np.where(np.isfinite(thresholds), np.char.mod("%.4g", thresholds), "above all")
    hover = f"{up} %{{y:.4g}}, {across} %{{x:.4g}}<br>threshold %{{customdata}}"
    dot = {"size": 12, "color": theme.NEGATIVE}
    traces = [
        base.scatter("lines", *chance, line=CHANCE),
        *_of_a(pinned, {"shape": line["shape"]}, f"A: {up} %{{y:.4g}}, {across} %{{x:.4g}}"),
        base.scatter("lines", x, y, hover, line=line, customdata=told),
        base.scatter("markers", x[here : here + 1], y[here : here + 1], marker=dot, cliponaxis=False),
    ]
    guess = base.note("chance", xref="x", yref="y", x=chance[0][1], y=chance[1][1], xanchor="right", yshift=2)
    layout = theme.layout(
        height,
        title={"text": f"{title}: {area}"},
        xaxis=theme.axis(across, range=[-0.02, 1.02]),
        yaxis=theme.axis(up, range=[-0.02, 1.05]),
        annotations=[guess],
        showlegend=False,
    )
    return base.Animated(traces, layout)


def calibration_figure(
    mean: np.ndarray,
    share: np.ndarray,
    counts: np.ndarray,
    *,
    pinned: tuple[np.ndarray, np.ndarray] | None = None,
    height: int = theme.MAIN,
) -> go.Figure:
    """Reliability: what share of the samples is positive where the network says so much; the diagonal is honest.

    `pinned` are mean and share of A, the pinned run, whose curve is grey.
    """
    sizes = 7 + 13 * np.sqrt(counts / counts.max())
    hover = "said %{x:.3f}, true of %{y:.3f}<br>%{customdata} samples"
    marker = {"size": sizes, "color": theme.POSITIVE}
    drawn = base.scatter("lines+markers", mean, share, hover, marker=marker, customdata=counts, cliponaxis=False)
    traces = [
        base.scatter("lines", [0, 1], [0, 1], line=CHANCE),
        *_of_a(pinned, {}, "A: said %{x:.3f}, true of %{y:.3f}"),
        drawn | {"line": {"color": theme.POSITIVE, "width": 1}},
    ]
    layout = theme.layout(
        height,
        title={"text": "Calibration: how often it is right to say so"},
        xaxis=theme.axis("predicted probability", range=[-0.02, 1.02]),
        yaxis=theme.axis("share of positives", range=[-0.03, 1.05]),
        showlegend=False,
    )
    return base.Animated(traces, layout)


def _of_a(pinned: tuple[np.ndarray, np.ndarray] | None, more: dict[str, Any], hover: str) -> list[dict[str, Any]]:
    return [] if pinned is None else [base.scatter("lines", *pinned, hover, line=LINE | more)]
