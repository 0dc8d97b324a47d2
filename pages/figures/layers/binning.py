"""What histograms of each layer count: the bins of a film of weights, gradients or activations, and their shares.

Gradients of different layers differ by powers of ten, so they are binned by the logarithm of their size; those that are
exactly zero have a bin of their own at the left, for a logarithm has no place for them. Activations that lie beyond the
bounds of saturation are counted in one bin at each end. With two runs the bins are common.
"""

from typing import Any, NamedTuple

import numpy as np

from engine.activations import ACTIVATIONS
from engine.diagnostics import Activity
from engine.diagnostics.measures import layer_activations, weight_parts
from pages.figures.layers import comparison

FEW_LAYERS, BINS, FEWER_BINS = 8, 31, 17
FILM_BYTES = 90_000  #: characters that the frames of one run in one chart may take
DECADES = 12  #: of gradients, below the largest


class Binned(NamedTuple):
    """Histograms of each run (B, or A and B) at the same steps.

    `frames[G]` are key frames of B, `edges[bins, 2]` lie on the axis, `shares` has an array `[G, L, bins]` and
    `tails` one `[L, bins]` for each run; `tails` says which bins are saturated.
    """

    frames: np.ndarray
    edges: np.ndarray
    shares: list[np.ndarray]
    tails: list[np.ndarray]


def weights_binned(runs: list[Any]) -> Binned:
    """Histograms of the weights; the range is that of the whole film, but for the blow-up of a diverging run."""
    frames = _frames(runs)
    values = [_parts(run, run.params[own]) for run, own in zip(runs, frames, strict=True)]
    reach = max(_reach(part) for run in values for part in run)
    start = max(_reach(part[:1]) for run in values for part in run)
    if any(run.event is not None and run.event.kind == "diverged" for run in runs):
        reach = min(reach, 10 * start)
    return _binned(frames[-1], _even(-(reach or 1.0), reach or 1.0, _bins(runs)), values)


def gradients_binned(runs: list[Any]) -> Binned:
    """Histograms of log10 |∂L/∂w|; the first bin counts what is exactly zero."""
    frames = _frames(runs)
    with np.errstate(divide="ignore"):
        logs = [
            [np.log10(np.abs(part)) for part in _parts(run, run.gradients[own])]
            for run, own in zip(runs, frames, strict=True)
        ]
    finite = np.concatenate([part[np.isfinite(part)] for run in logs for part in run])
    high = finite.max(initial=-DECADES)
    low = min(max(finite.min(initial=high), high - DECADES), high - 1)
    edges = _even(low, high, _bins(runs) - 1)
    width = edges[0, 1] - edges[0, 0]
    zero = edges[:1] - 2 * width
    values = [[np.where(np.isneginf(part), zero.mean(), np.maximum(part, low)) for part in run] for run in logs]
    return _binned(frames[-1], np.concatenate([zero, edges]), values)


def activations_binned(runs: list[Any], activities: list[Activity]) -> Binned:
    """Histograms of the activations of each hidden layer (of the output where there is none)."""
    names = [layer_activations(run.network)[: max(len(run.network.experiment.arch), 1)] for run in runs]
    frames = _frames(runs, activities[-1].frames)
    values = []
    for own, activity, acts in zip(frames, activities, names, strict=True):
        places = np.maximum(np.searchsorted(activity.frames, own, side="right") - 1, 0)
        values.append([signal[places].reshape(len(places), -1) for signal in activity.signals[: len(acts)]])
    bounds = {ACTIVATIONS[name].saturation for acts in names for name in acts}
    if len(bounds) == 1 and None not in bounds:
        low, high = bounds.pop()
        width = (high - low) / (_bins(runs) - 2)
        edges = _even(low - width, high + width, _bins(runs))
    else:
        spans = [_bulk(run) for run in values]
        (low, high), room = spans[-1], spans[-1][1] - spans[-1][0]
        low = max(min(span[0] for span in spans), low - room)
        high = min(max(span[1] for span in spans), high + room)
        edges = _even(low, high, _bins(runs))
    tails = [np.stack([_tails(edges, name) for name in acts]) for acts in names]
    return _binned(frames[-1], edges, values, tails)


def _bins(runs: list[Any]) -> int:
    return BINS if max(comparison.depth(run) for run in runs) <= FEW_LAYERS else FEWER_BINS


def _frames(runs: list[Any], among: np.ndarray | None = None) -> list[np.ndarray]:
    """The key frames of each run that are drawn: as many of B's as the size allows, and A's at their steps."""
    present = runs[-1]
    most = FILM_BYTES / (len(weight_parts(present.network)) * (2 * _bins(runs) + 3) * 2.8 + 200)
    own = present.spread(int(most))
    if among is not None:
        own = among[np.unique(np.searchsorted(among, own, side="right") - 1)]
    return [comparison.key_frames(run, present.frames[own]) for run in runs[:-1]] + [own]


def _parts(recording: Any, values: np.ndarray) -> list[np.ndarray]:
    """The weights of each layer `[G, n]` of `values[G, P]`."""
    layout = recording.network.layout
    return [layout.view(values, name).reshape(len(values), -1) for name in weight_parts(recording.network)]


def _reach(values: np.ndarray) -> float:
    return float(np.abs(values[np.isfinite(values)]).max(initial=0.0))


def _bulk(values: list[np.ndarray]) -> tuple[float, float]:
    """Where all but the most extreme hundredth of the numbers lie; never empty."""
    sample = np.concatenate([part[:: max(len(part) // 8, 1)].ravel() for part in values])
    sample = sample[np.isfinite(sample)]
    low, high = np.percentile(sample, [0.5, 99.5]) if len(sample) else (0.0, 0.0)
    return (float(low), float(high)) if high > low else (float(low) - 1, float(low) + 1)


def _even(low: float, high: float, bins: int) -> np.ndarray:
    """Bins of equal width from low to high, `[bins, 2]`."""
    ends = np.linspace(low, high, bins + 1)
    return np.stack([ends[:-1], ends[1:]], axis=1)


def _tails(edges: np.ndarray, activation: str) -> np.ndarray:
    """Which bins lie beyond the bounds of an activation."""
    bounds = ACTIVATIONS[activation].saturation
    if bounds is None:
        return np.zeros(len(edges), dtype=bool)
    rounding = 1e-6 * (edges[0, 1] - edges[0, 0])
    return (edges[:, 1] <= bounds[0] + rounding) | (edges[:, 0] >= bounds[1] - rounding)


def _binned(
    frames: np.ndarray, edges: np.ndarray, values: list[list[np.ndarray]], tails: list[np.ndarray] | None = None
) -> Binned:
    shares = [np.stack([counted(part, edges) for part in run], axis=1) for run in values]
    return Binned(frames, edges, shares, tails or [np.zeros(part.shape[1:], dtype=bool) for part in shares])


def counted(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The share of `values[G, n]` in each bin `[G, bins]`: bins of equal width but for a first one that may lie apart.

    What lies beyond the ends, or is not finite, counts in the nearest bin (not a number: in the last one).
    """
    bins, width = len(edges), edges[-1, 1] - edges[-1, 0]
    low = edges[1, 0]
    with np.errstate(invalid="ignore", over="ignore"):
        places = np.floor((values - low) / width)
    places = np.nan_to_num(np.clip(places, -1, bins - 2), nan=bins - 2).astype(np.int32) + 1
    if edges[0, 1] < low:  # the first bin lies apart: only what lies in it counts there
        places = np.where(values <= edges[0, 1], 0, np.maximum(places, 1))
    places += bins * np.arange(len(values), dtype=np.int32)[:, None]
    return np.bincount(places.ravel(), minlength=bins * len(values)).reshape(len(values), bins) / values.shape[1]
