"""One layer's numbers: its weights, their gradient, and the update just made, a map of each.

A row for each unit, a column for each of its inputs and, set apart, one for its bias; blue is positive, orange
negative. Each map has its own symmetric range, which is stated: that of the whole run for the weights, that of the
step for gradient and update. Small matrices carry their numbers, where these have room. Of large ones every second,
third, ... row and column is shown. A lies above B.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.text import number
from pages.figures import arrays, base, weight_maps
from pages.figures.layers import comparison

SHOWS = {"weight": "weights", "gradient": "gradient", "update": "update of this step"}
MOST_NUMBERS, MOST_COLUMNS = 90, 14  #: cells and columns of a map that carries its numbers
ROW, AROUND, HIGHEST = 14, 125, 720  #: pixels: a row with numbers, what stands around the maps, and the most for both
TWO = 360  #: pixels: two maps without numbers
WIDE = 6  #: columns above which the numbers are small and short; the pointer shows four digits
MOST_CELLS = 40  #: of a map, each way
FILM_BYTES = 67_000  #: characters that the frames may take
BETWEEN = 0.24  #: A above B, as a share


def matrix_figure(
    shows: str, recording: Any, layer: int, pinned: Any = None, versus: str = "", *, at: int = -1
) -> go.Figure:
    """A map of the weights and biases of one layer, of B or of A above B.

    Args:
        shows: what of them, a key of `SHOWS`.
        recording: the run, B.
        layer: its number, from 1.
        pinned: another run, A; left out if it has no such layer.
        versus: what the two differ in, for the title.
        at: the key frame of the first picture.

    Raises:
        ValueError: if the network has no such layer.
    """
    if not 1 <= layer <= comparison.depth(recording):
        raise ValueError(f"layer={layer} must be from 1 to {comparison.depth(recording)}")
    runs = _having(layer, comparison.runs(recording, pinned))
    cells = sum(np.prod(_shape(run, layer)) for run in runs)
    chosen, first = base.chosen_frames(recording, at, (5.4 * cells + 200) * base.FRAME_BYTES / FILM_BYTES)
    steps = recording.frames[chosen]
    traces, axes, films, reaches = [], {}, [], []
    for row, run in enumerate(runs):
        own = comparison.key_frames(run, steps)
        values = arrays.single(_matrix(run, weight_maps.values_of(run, shows)[own], layer))
        reaches.append(weight_maps.limits_of(run, values.reshape(len(values), -1), shows))
        films.append(values)
        suffix = str(row + 1) if row else ""
        heat = _heat(run, layer, values[first], suffix, shows, _numbered(values.shape[1:], len(runs)))
        traces.append(heat | _range(reaches[-1][first]) | ({"name": "AB"[row]} if len(runs) > 1 else {}))
        axes |= _axes(suffix, _domain(row, len(runs)))
    frames = []
    for k, step in enumerate(steps):
        moved = [
            {"type": "heatmap", "z": film[k], **_range(reach[k])} for film, reach in zip(films, reaches, strict=True)
        ]
        said = {"annotations": _heads([reach[k] for reach in reaches])}
        frames.append(base.frame(step, range(len(traces)), moved, said))
    height = theme.SIDE * len(runs)
    layout = theme.layout(
        height,
        **comparison.headed(f"Layer {layer}: {SHOWS[shows]}", versus, height),
        annotations=_heads([reach[first] for reach in reaches]),
        **axes,
    )
    return base.Animated(traces, comparison.with_heads(layout), frames)


def least_height(layer: int, runs: list[Any]) -> int:
    """Pixels below which the numbers of the maps of these runs would touch, or two maps what stands between them."""
    having = _having(layer, runs)
    shapes = [_shape(run, layer) for run in having]
    needed = [_height_of(shape, len(having)) for shape in shapes if _numbered(shape, len(having))]
    return max(needed, default=TWO if len(having) > 1 else 0)


def _having(layer: int, runs: list[Any]) -> list[Any]:
    return [run for run in runs if comparison.depth(run) >= layer]


def _height_of(shape: tuple[int, ...], runs: int) -> int:
    bottom, top = _domain(0, runs)
    return AROUND + round(ROW * shape[0] / (top - bottom))


def _numbered(shape: tuple[int, ...], runs: int) -> bool:
    small = shape[0] * shape[1] <= MOST_NUMBERS and shape[1] <= MOST_COLUMNS
    return small and _height_of(shape, runs) <= HIGHEST


def _shape(recording: Any, layer: int) -> tuple[int, ...]:
    return _matrix(recording, recording.params[:1], layer).shape[1:]


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


def _heat(recording: Any, layer: int, z: np.ndarray, suffix: str, shows: str, numbered: bool) -> dict[str, Any]:
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
    shown = style if numbered else {}
    y = [str(row + 1) for row in rows]
    return base.heatmap(z, x, y, 1, theme.SIGNED, "%{text}<br>%{z:.4g}", **where, **shown)


def _range(reach: float) -> dict[str, float]:
    reach = float(reach) or 1.0
    return {"zmin": -reach, "zmax": reach}


def _domain(row: int, rows: int) -> list[float]:
    """A above B."""
    high = (1 - BETWEEN * (rows - 1)) / rows
    top = 1 - row * (high + BETWEEN)
    return [max(top - high, 0.0), top]


def _axes(suffix: str, domain: list[float]) -> dict[str, Any]:
    side = {"showgrid": False, "type": "category", "nticks": 10, "tickangle": 0}
    return {
        f"xaxis{suffix}": theme.axis("input", anchor=f"y{suffix}", **side),
        f"yaxis{suffix}": theme.axis("unit", domain=domain, anchor=f"x{suffix}", autorange="reversed", **side),
    }


def _heads(reaches: list[float]) -> list[dict[str, Any]]:
    """Above each map its range, and whose it is."""
    letters = ["A: ", "B: "] if len(reaches) > 1 else [""]
    return [
        base.note(f"{letter}±{number(reach, 3)}", x=0, y=_domain(row, len(reaches))[1], yanchor="bottom")
        for row, (letter, reach) in enumerate(zip(letters, reaches, strict=True))
    ]
