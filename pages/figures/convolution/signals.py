"""Which signals of a convolutional network are pictures worth showing, and what they are called.

The sum of a convolution is shown after its activation, a pool as it is, dense layers as units, and the last signal as
the answer: one number for each class. Maps have short names, because cells are typed by them: `c2[5,1,3]` is map 5 of
convolution 2 at row 1, column 3; `p2[5,1,3]` the same of the pool behind it. Where a layer has more maps than can be
told apart, those are drawn whose kernels are largest at the end of the run, in their own order.
"""

from typing import Any, NamedTuple

import numpy as np

from engine.vision import feature_maps, filters
from engine.vision.maps import kind_of

MOST_MAPS, MOST_UNITS = 16, 64  #: of a layer that are drawn
NAMES = {"activation": "layer", "pool": "pool"}
CODES = {"activation": "c", "pool": "p"}


class Signal(NamedTuple):
    """A signal that is shown: its number in the network, what it is called, and which of its maps are drawn."""

    index: int
    name: str
    code: str
    """The letter and number in the names of its cells; empty for what has no maps."""
    shape: tuple[int, int, int]
    kept: np.ndarray

    def head(self, *, brief: bool) -> str:
        """What stands over it: its name, or its letter and number, how many maps are drawn, and how large they are."""
        count, height, width = self.shape
        name = (self.code or self.name.removeprefix("layer ")) if brief else self.name
        many = f"{len(self.kept)} of {count}" if len(self.kept) < count else f"{count}"
        if height * width == 1:
            return f"{name}<br>{many}"
        return f"{name}<br>{many}<br>{height}×{width}" if self.index else f"{name}<br>{height}×{width}"


def signals_of(recording: Any) -> list[Signal]:
    """The signals of a network that are shown, from the image to the answer."""
    network = recording.network
    kinds = ["input", *map(kind_of, network.layers)]
    last, found, number, maps = len(kinds) - 1, [], 0, {}
    large = {name: largest(kernels, MOST_MAPS) for name, kernels in filters(network, recording.params[-1]).items()}
    for index, kind in enumerate(kinds):
        number = getattr(network.layers[index - 1], "number", number) if index else 0
        shape = network.signal_shapes[index]
        flat = len(shape) < 3
        of_maps = kind == "pool" or (not flat and kind == "activation")
        if not (index in (0, last) or of_maps or (flat and kind == "activation")):
            continue
        name = "answer" if index == last else "image" if index == 0 else f"{NAMES[kind]} {number}"
        code = f"{CODES[kind]}{number}" if of_maps else ""
        if of_maps:
            maps[number] = large[f"K{number}"]
        if flat:
            shape = (max(shape[0], 2) if index == last else shape[0], 1, 1)
        kept = maps[number] if of_maps else np.arange(min(shape[0], MOST_UNITS))
        found.append(Signal(index, name, code, shape, kept))
    return found


def largest(kernels: np.ndarray, most: int) -> np.ndarray:
    """The `most` filters of `[out, in, size, size]` with the largest kernels, in order."""
    norms = (np.nan_to_num(kernels) ** 2).sum(axis=(1, 2, 3))
    return np.sort(np.argsort(-norms, kind="stable")[:most])


def signals_at(recording: Any, chosen: np.ndarray, x: np.ndarray, shown: list[Signal]) -> list[np.ndarray]:
    """What each signal is for the image `x[d]` in the `chosen` key frames: `[F, kept, H, W]`.

    The answer is as people are shown it: a probability for each class.
    """
    with np.errstate(all="ignore"):
        found = feature_maps(recording.network, recording.params[chosen], x)
    maps = [found[signal.index].values[..., signal.kept, :, :] for signal in shown[:-1]]
    maps[0] = np.broadcast_to(maps[0], (len(chosen), *maps[0].shape))
    answers = answers_at(recording, x, chosen)[:, shown[-1].kept]
    return [*maps, answers[..., None, None]]


def answers_at(recording: Any, x: np.ndarray, chosen: Any = slice(None)) -> np.ndarray:
    """The probability of each class for the image `x[d]` in the `chosen` key frames, `[F, C]`."""
    with np.errstate(all="ignore"):
        shown = recording.network.loss_function.display(recording.output(x[:, None], chosen))[..., 0]
    return shown if shown.shape[1] > 1 else np.concatenate([1 - shown, shown], axis=1)
