"""One layer's numbers: its weights, their gradient, and the update just made, as three maps side by side.

A row for each unit, a column for each of its inputs and, set apart, one for its bias; blue is positive, orange
negative. Each map has its own symmetric range, which is stated: that of the whole run for the weights, that of the
step for gradient and update. Small matrices carry their numbers. Of large ones every second, third, ... row and
column is shown. A lies above B.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.text import number
from pages.figures import arrays, base, weight_maps
from pages.figures.layers import comparison

SHOWS = {"weight": "Weight", "gradient": "Gradient", "update": "Update of this step"}
MOST_NUMBERS = 90  #: cells of a map that carries its numbers
WIDE = 6  #: columns above which the numbers are small and short; the pointer shows four digits
MOST_CELLS = 40  #: of a map, each way
FILM_BYTES = 200_000  #: characters that the frames may take
GAP, BETWEEN = 0.05, 0.24  #: beside and above each other, as shares


def matrices_figure(
    recording: Any, layer: int, pinned: Any = None, versus: str = "", *, at: int = -1, height: int = theme.SIDE
) -> go.Figure:
    """Three maps of the weights and biases of one layer, of B or of A above B.

    Args:
        recording: the run, B.
        layer: its number, from 1.
        pinned: another run, A; left out if it has no such layer.
        versus: what the two differ in, for the title.
        at: the key frame of the first picture.
        height: in pixels, of one row of maps.

    Raises:
        ValueError: if the network has no such layer.
    """
    if not 1 <= layer <= comparison.depth(recording):
        raise ValueError(f"layer={layer} must be from 1 to {comparison.depth(recording)}")
    runs = [run for run in comparison.runs(recording, pinned) if comparison.depth(run) >= layer]
    cells = sum(_matrix(run, run.params[:1], layer).size for run in runs)
    each = 3 * (5.4 * cells + 200) * base.FRAME_BYTES / FILM_BYTES
    chosen, first = base.chosen_frames(recording, at, each)
    steps = recording.frames[chosen]
    traces, axes, films, reaches = [], {}, [], []
    for row, run in enumerate(runs):
        own = comparison.key_frames(run, steps)
        for column, shows in enumerate(SHOWS):
            values = arrays.single(_matrix(run, weight_maps.values_of(run, shows)[own], layer))
            reach = weight_maps.limits_of(run, values.reshape(len(values), -1), shows)
            suffix = str(len(traces) + 1) if traces else ""
            traces.append(_heat(run, layer, values[first], suffix, shows) | _range(reach[first]))
            axes |= _axes(suffix, _domains(column, row, len(runs)))
            films.append(values)
            reaches.append(reach)
    heads = [f"{letter}{head}" for letter in (("A: ", "B: ") if len(runs) > 1 else ("",)) for head in SHOWS.values()]
    frames = []
    for k, step in enumerate(steps):
        moved = [
            {"type": "heatmap", "z": film[k], **_range(reach[k])} for film, reach in zip(films, reaches, strict=True)
        ]
        said = {"annotations": _heads(heads, [reach[k] for reach in reaches], axes)}
        frames.append(base.frame(step, range(len(traces)), moved, said))
    layout = theme.layout(
        height * len(runs),
        **comparison.headed(f"Layer {layer}: every weight, its gradient and its update", versus, height * len(runs)),
        annotations=_heads(heads, [reach[first] for reach in reaches], axes),
        **axes,
    )
    return base.Animated(traces, comparison.with_heads(layout), frames)


def _rows_columns(recording: Any, layer: int) -> tuple[np.ndarray, np.ndarray]:
    """Which units and which inputs are shown."""
    shape = recording.network.layout.shapes[f"W{layer}"]
    return tuple(np.arange(0, size, -(-size // MOST_CELLS)) for size in shape)


def _matrix(recording: Any, values: np.ndarray, layer: int) -> np.ndarray:
    """What is shown of `values[G, P]`: weights and, if there are biases, an empty column and these.

    Of the shape `[G, rows, columns]` or `[G, rows, columns + 2]`.
    """
    layout = recording.network.layout
    rows, columns = _rows_columns(recording, layer)
    weights = layout.view(values, f"W{layer}")[:, rows[:, None], columns]
    if not _biased(recording, layer):
        return weights
    biases = layout.view(values, f"b{layer}")[:, rows, None]
    return np.concatenate([weights, np.full_like(biases, np.nan), biases], axis=2)


def _biased(recording: Any, layer: int) -> bool:
    return f"b{layer}" in recording.parts


def _heat(recording: Any, layer: int, z: np.ndarray, suffix: str, shows: str) -> dict[str, Any]:
    rows, columns = _rows_columns(recording, layer)
    names = [[f"W{layer}[{row + 1},{column + 1}]" for column in columns] for row in rows]
    x = [f"{column + 1}" for column in columns]
    if _biased(recording, layer):
        names = [[*named, "", f"b{layer}[{row + 1}]"] for named, row in zip(names, rows, strict=True)]
        x += [" ", "bias"]
    where = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "text": names, "hoverongaps": False}
    wide = z.shape[1] > WIDE
    decimals = ".2g" if shows == "weight" else ".0e" if wide else ".1e"
    style = {"texttemplate": f"%{{z:{decimals}}}", "textfont": {"size": 8 if wide else 10}}
    shown = style if z.size <= MOST_NUMBERS else {}
    y = [str(row + 1) for row in rows]
    return base.heatmap(z, x, y, 1, theme.SIGNED, "%{text}<br>%{z:.4g}", **where, **shown)


def _range(reach: float) -> dict[str, float]:
    reach = float(reach) or 1.0
    return {"zmin": -reach, "zmax": reach}


def _domains(column: int, row: int, rows: int) -> tuple[list[float], list[float]]:
    """Three side by side, A above B."""
    width, high = (1 - 2 * GAP) / 3, (1 - BETWEEN * (rows - 1)) / rows
    left, top = column * (width + GAP), 1 - row * (high + BETWEEN)
    return [left, min(left + width, 1.0)], [max(top - high, 0.0), top]


def _axes(suffix: str, domains: tuple[list[float], list[float]]) -> dict[str, Any]:
    across, up = domains
    side = {"showgrid": False, "type": "category", "nticks": 10, "tickangle": 0}
    return {
        f"xaxis{suffix}": theme.axis("input", domain=across, anchor=f"y{suffix}", **side),
        f"yaxis{suffix}": theme.axis("unit", domain=up, anchor=f"x{suffix}", autorange="reversed", **side),
    }


def _heads(heads: list[str], reaches: list[float], axes: dict[str, Any]) -> list[dict[str, Any]]:
    """Above each map what it is, and its range."""
    across = [axis["domain"][0] for name, axis in axes.items() if name.startswith("xaxis")]
    tops = [axis["domain"][1] for name, axis in axes.items() if name.startswith("yaxis")]
    return [
        base.note(f"{head} ±{number(reach, 3)}", x=x, y=top, yanchor="bottom")
        for head, reach, x, top in zip(heads, reaches, across, tops, strict=True)
    ]
