"""What single units do: their outputs over the plane of the inputs, as levels of colour.

A unit with two inputs below it, however many layers below, is a function of the plane, and the plane is small enough
to be put through the network at every key frame. Hidden units keep one range for their layer over the whole run,
symmetric about zero, so that growing shows. An output is what people are shown of it: for two classes the
probability, neutral at one half, as on the boundary map; for more classes that of each, from 0 to 1; a number within
the range of the targets.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pages.figures import base, weight_maps

PIECE = 4_000_000  #: numbers that the signals of the key frames computed together hold, about


class Outputs(NamedTuple):
    """What the units of a layer put out over places in the plane.

    Attributes:
        values: as people are shown them, `[F, units, N]`.
        signed: the same, so that zero is neutral.
        limit: of the colours, symmetric: `signed` lies within ± this, but for a run that diverges.
    """

    values: np.ndarray
    signed: np.ndarray
    limit: float


def outputs_of(recording: Any, chosen: np.ndarray, x: np.ndarray) -> list[Outputs]:
    """The outputs of every layer, inputs first, on the network's inputs `x[d, N]` in the `chosen` key frames."""
    inputs = np.broadcast_to(x.astype(np.float32), (len(chosen), *x.shape))
    layers = [Outputs(inputs, inputs, _limit(recording, inputs[:1]))]
    *hidden, last = _signals(recording, chosen, x)
    layers += [Outputs(values, values, _limit(recording, values)) for values in hidden]
    with np.errstate(all="ignore"):
        shown = recording.network.loss_function.display(last)
    return [*layers, _answers(recording, shown)]


def signed_levels(of: Outputs) -> np.ndarray:
    """Outputs as uint8 `[F, units, N]`: 100 for neutral, 0 and 200 at minus and plus the limit and beyond."""
    return weight_maps.signed_levels(of.signed, np.full(len(of.signed), of.limit))


def unit_title(layer: int, unit: int, last: int, inputs: Sequence[str]) -> str:
    """What a unit is called: plainly, and by the name of its output."""
    if layer == 0:
        return f"Input {inputs[unit]}"
    if layer == last:
        return f"Output unit {unit + 1}, a{layer}[{unit + 1}]"
    return f"Unit {unit + 1} of layer {layer}, a{layer}[{unit + 1}]"


def _signals(recording: Any, chosen: np.ndarray, x: np.ndarray) -> list[np.ndarray]:
    """The activations of every layer with parameters `[F, units, N]`, float32 where that will do."""
    network, params = recording.network, recording.params[chosen]
    pieces = max(1, len(chosen) * network.units * x.shape[1] // PIECE)
    with np.errstate(all="ignore"):
        narrow, inputs = params.astype(np.float32), x.astype(np.float32)
        exact = params.dtype == np.float32 or np.isfinite(narrow).all()
        rows = np.array_split(narrow if exact else params, pieces)
        each = [[a for _, a in network.activations(some, inputs)] for some in rows]
    return [np.concatenate(parts) for parts in zip(*each, strict=True)]


def _answers(recording: Any, shown: np.ndarray) -> Outputs:
    """What the network answers, `shown[F, K, N]`, as colours."""
    data, loss = recording.data, recording.network.loss_function
    if data.labels is None:
        return Outputs(base.in_units(data, shown), shown, float(np.abs(data.targets).max()) or 1.0)
    if shown.shape[1] == 1:  # two classes: neutral on the boundary between them
        return Outputs(shown, shown if loss.signed else 2 * shown - 1, 1.0)
    return Outputs(shown, shown, 1.0 if loss.probability else _limit(recording, shown))


def _limit(recording: Any, values: np.ndarray) -> float:
    """The largest size of `values[F, ...]` over the run, as with weights; 1 where all are zero."""
    flat = values.reshape(len(values), -1)
    return float(weight_maps.limits_of(recording, flat, "weight")[0]) or 1.0
