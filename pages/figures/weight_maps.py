"""The weights of a network too large for a diagram: a map of each matrix, or the distribution by layer.

A map has a row for each unit of a layer and a column for each of its inputs; blue is positive, orange
negative, the range symmetric and stated. Of a matrix with more rows or columns than can be told apart every
second, third, ... is shown, and the axis says which. Networks of many layers are summed up: for each layer
the share of its weights at each value.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.text import number
from pages.figures import arrays, base

MOST_MAPS = 5  #: layers side by side
MOST_CELLS = 64  #: of a map, each way
ROOM = {"heads": 20}  #: pixels over the maps, for the range that is stated there
LEAST_CELLS = 8  #: that a map is wide, in the row of maps
GAP = 0.1  #: between two maps, as a share of the width
VALUE_BINS = 31  #: of a distribution, odd so that zero has its own
KINDS = {"weight": ("weight", "kernel"), "bias": ("bias",)}
TITLES = {"weight": "Weights", "gradient": "Gradient of the weights", "update": "Last update of the weights"}
SHARES = [[0, "rgba(0, 0, 0, 0)"], [0.005, theme.MAGNITUDE[0][1]], *theme.MAGNITUDE[1:]]  #: none: no colour


def weights_figure(recording: Any, shows: str = "weight", *, at: int = -1, height: int = theme.MAIN) -> go.Figure:
    """Maps of the weights (gradients, updates) of each layer, or their distributions where layers are many.

    Args:
        recording: the run.
        shows: "weight", "gradient" or "update".
        at: the key frame of the first picture.
        height: in pixels.

    Raises:
        ValueError: if `shows` is none of these.
    """
    few = len(names(recording.network, "weight")) <= MOST_MAPS
    return (_maps if few else _distributions)(recording, shows, at, height)


def values_of(recording: Any, shows: str) -> np.ndarray:
    """Parameters, gradients or updates of the key frames, `[F, P]`."""
    arrays = {"weight": recording.params, "gradient": recording.gradients, "update": recording.updates}
    if shows not in arrays:
        raise ValueError(f"shows={shows!r} must be one of {', '.join(arrays)}")
    return arrays[shows]


def names(network: Any, kind: str) -> list[str]:
    """The parts of the flat vector that are weights ("weight") or biases ("bias"), input to output."""
    return [name for name in network.layout.names if network.layout.kinds[name] in KINDS[kind]]


def limits_of(recording: Any, values: np.ndarray, shows: str) -> np.ndarray:
    """The symmetric range of each frame of `values[F, n]`, `[F]`: weights of the run, else of the step.

    The weights of a run that diverges leave the range where they pass ten times their first size.
    """
    finite = np.where(np.isfinite(values), values, 0)
    largest = np.abs(finite).max(axis=1, initial=0).astype(np.float64)
    if shows != "weight":
        return largest
    diverged = recording.event is not None and recording.event.kind == "diverged"
    most = 10 * largest[largest > 0][:1] if diverged else []
    return np.full(len(values), min([largest.max(), *most]))


def signed_levels(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """`values[F, ...]` as uint8: 100 for zero, 0 and 200 at minus and plus the frame's limit and beyond."""
    scale = np.where(limits > 0, limits, 1.0).reshape(-1, *[1] * (values.ndim - 1))
    with np.errstate(over="ignore"):
        unit = np.clip(np.nan_to_num(values / scale), -1, 1)
    return np.rint(unit * 100 + 100).astype(np.uint8)


def shares(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """The share of `values[F, n]` in `VALUE_BINS` bins round values from -limit to limit: `[F, bins]`."""
    frames, size = values.shape
    scale = np.where(limits > 0, limits, 1.0)[:, None]
    with np.errstate(over="ignore"):
        unit = (np.clip(np.nan_to_num(values / scale), -1, 1) + 1) / 2
    places = np.rint(unit * (VALUE_BINS - 1)).astype(int) + VALUE_BINS * np.arange(frames)[:, None]
    return np.bincount(places.ravel(), minlength=VALUE_BINS * frames).reshape(frames, VALUE_BINS) / size


def _matrices(network: Any, values: np.ndarray) -> dict[str, np.ndarray]:
    """The weights of each layer as `[F, out, in]`."""
    parts = {name: network.layout.view(values, name) for name in names(network, "weight")}
    return {name: part.reshape(*part.shape[:2], -1) for name, part in parts.items()}


def _limits(recording: Any, matrices: dict[str, np.ndarray], shows: str) -> np.ndarray:
    flat = [matrix.reshape(len(matrix), -1) for matrix in matrices.values()]
    return limits_of(recording, np.concatenate(flat, axis=1), shows)


def _maps(recording: Any, shows: str, at: int, height: int) -> go.Figure:
    shapes = [matrix.shape[1:] for matrix in _matrices(recording.network, recording.params[:1]).values()]
    kept = [[np.arange(0, size, _stride(size)) for size in shape] for shape in shapes]
    cells = sum(len(rows) * len(columns) for rows, columns in kept)
    chosen, first = base.chosen_frames(recording, at, 1.4 * cells + 100 * len(shapes) + 100)
    matrices = _matrices(recording.network, values_of(recording, shows)[chosen])
    limits = _limits(recording, matrices, shows)
    painted = [
        signed_levels(matrix[:, rows[:, None], columns], limits)
        for matrix, (rows, columns) in zip(matrices.values(), kept, strict=True)
    ]
    traces, axes = [], {}
    side = {"showgrid": False, "showline": True, "mirror": True, "linecolor": theme.GRID, "nticks": 4}
    domains = _domains([len(columns) for _, columns in kept])
    for place, (name, shape) in enumerate(zip(matrices, shapes, strict=True)):
        suffix = str(place + 1) if place else ""
        rows, columns = (arrays.whole(part + 1) for part in kept[place])
        where = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        traces.append(base.heatmap(painted[place][first], columns, rows, 200, theme.SIGNED, **where))
        head = f"{name}: {shape[0]} × {shape[1]}{_sample(shape)}"
        axes[f"xaxis{suffix}"] = theme.axis(head, domain=domains[place], anchor=f"y{suffix}", **side)
        axes[f"yaxis{suffix}"] = theme.axis(anchor=f"x{suffix}", autorange="reversed", **side)
    frames = [
        base.frame(
            step,
            range(len(traces)),
            [{"type": "heatmap", "z": levels[k]} for levels in painted],
            None if shows == "weight" else _stated(shows, limits[k]),
        )
        for k, step in enumerate(recording.frames[chosen])
    ]
    layout = theme.layout(height, title={"text": TITLES[shows]}, meta=ROOM, **_stated(shows, limits[first]), **axes)
    return base.Animated(traces, layout, frames)


def _distributions(recording: Any, shows: str, at: int, height: int) -> go.Figure:
    layers = len(names(recording.network, "weight"))
    chosen, first = base.chosen_frames(recording, at, 1.4 * VALUE_BINS * layers + 200)
    matrices = _matrices(recording.network, values_of(recording, shows)[chosen])
    limits = _limits(recording, matrices, shows)
    each = [shares(matrix.reshape(len(chosen), -1), limits) for matrix in matrices.values()]
    levels = np.rint(np.sqrt(np.stack(each, axis=2)) * 100).astype(np.uint8)
    still = shows == "weight"
    reach = limits[0] if still and limits[0] > 0 else 1.0
    values = np.linspace(-reach, reach, VALUE_BINS, dtype=np.float32)
    bar = {"thickness": 10, "len": 0.9, "outlinewidth": 0, "title": {"text": "share", "side": "top"}}
    bar |= {"tickvals": [0, 50, 100], "ticktext": ["0", "25 %", "100 %"]}
    style = {"showscale": True, "colorbar": bar}
    heat = base.heatmap(levels[first], arrays.whole(np.arange(1, layers + 1)), values, 100, SHARES, **style)
    frames = [
        base.frame(step, [0], [{"type": "heatmap", "z": levels[k]}], None if still else _stated(shows, limits[k]))
        for k, step in enumerate(recording.frames[chosen])
    ]
    layout = theme.layout(
        height,
        title={"text": f"{TITLES[shows]} in each layer"},
        xaxis=theme.axis("layer, input to output", showgrid=False),
        yaxis=theme.axis("weight" if still else "part of the range", showgrid=False),
        meta=ROOM,
        **_stated(shows, limits[first]),
    )
    return base.Animated([heat], layout, frames)


def _domains(columns: list[int]) -> list[list[float]]:
    """Side by side, each as wide as it has columns."""
    widths = np.maximum(columns, LEAST_CELLS).astype(float)
    widths *= (1 - GAP * (len(widths) - 1)) / widths.sum()
    left = np.cumsum([0, *(widths[:-1] + GAP)])
    return [[float(a), float(min(a + width, 1))] for a, width in zip(left, widths, strict=True)]


def _stride(size: int) -> int:
    return -(-size // MOST_CELLS)


def _sample(shape: tuple[int, int]) -> str:
    """Which rows and columns of a large matrix are shown, in words."""
    strides = zip(("row", "column"), map(_stride, shape), strict=True)
    said = [f"1 {thing} in {stride}" for thing, stride in strides if stride > 1]
    return f" ({', '.join(said)})" if said else ""


def _stated(shows: str, limit: float) -> dict[str, Any]:
    """Layout that states the range."""
    text = f"range ±{number(limit, 3)} {'over the run' if shows == 'weight' else 'at this step'}"
    return {"annotations": [base.note(text, x=1, xanchor="right", y=1, yanchor="bottom", yshift=4)]}
