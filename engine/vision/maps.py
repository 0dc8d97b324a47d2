"""What a convolutional network sees: the maps of an image, layer by layer, and the filters they are made with.

A filter is a small picture of what it looks for; its feature map says where it was found (LeCun et al. 1998). The
same holds of any vector that has the parameters' layout: the gradient of a filter, or its update, is a picture too.
"""

from typing import Any, NamedTuple

import numpy as np

from engine.network import Network, Workspace
from engine.network.convolution import Convolution, Flatten, MaxPool
from engine.network.layers import Activation, Dense

KINDS = {Convolution: "convolution", Activation: "activation", MaxPool: "pool", Flatten: "flat", Dense: "dense"}
WORDS = {"convolution": "Convolution", "pool": "Pool", "flat": "Flat", "dense": "Dense"}


class FeatureMap(NamedTuple):
    """What a layer puts out for one image, with one set of parameters or with many.

    `kind` is "input", "convolution", "activation", "pool", "flat", "dense" or "other"; `number` is that of the layer
    with parameters that it belongs to, 0 for the image. `values` are `[..., C, H, W]`, those of a dense layer
    `[..., C, 1, 1]`; the image itself is `[C, H, W]`.
    """

    name: str
    kind: str
    number: int
    values: np.ndarray


def feature_maps(network: Network, params: np.ndarray, x: np.ndarray) -> list[FeatureMap]:
    """The image and what each layer makes of it, by number of the signal, with the parameters `[..., P]`."""
    work = Workspace(network, params, 1, keep=True, training=False)
    work.forward(one_image(network, x, params.dtype))
    found, number = [FeatureMap("Image", "input", 0, _as_map(work.signals[0], network.signal_shapes[0]))], 0
    for layer, signal, shape in zip(network.layers, work.signals[1:], network.signal_shapes[1:], strict=True):
        number = getattr(layer, "number", number)
        found.append(FeatureMap(_name(layer, number), kind_of(layer), number, _as_map(signal, shape)))
    return found


def filters(network: Network, vector: np.ndarray) -> dict[str, np.ndarray]:
    """The kernels `[..., out, in, size, size]` of each convolution in a vector of the parameters' layout `[..., P]`.

    The keys are the names of their parts: K1, K2, ...
    """
    layout = network.layout
    return {name: layout.view(vector, name) for name in layout.names if layout.kinds[name] == "kernel"}


def kind_of(layer: Any) -> str:
    """The kind of a layer, as in `FeatureMap`."""
    return next((word for kind, word in KINDS.items() if isinstance(layer, kind)), "other")


def one_image(network: Network, x: np.ndarray, dtype: Any) -> np.ndarray:
    """An image as the column `[d, 1]` that the network reads; ValueError where it has another number of pixels."""
    x = np.asarray(x, dtype)
    if x.size != network.sizes[0]:
        raise ValueError(f"The image has {x.size} numbers; the network reads {network.sizes[0]}.")
    return x.reshape(-1, 1)


def _name(layer: Any, number: int) -> str:
    word = layer.name if isinstance(layer, Activation) else WORDS.get(kind_of(layer), type(layer).__name__)
    return f"{word} {number}"


def _as_map(signal: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return signal.reshape(*signal.shape[:-2], *(shape if len(shape) == 3 else (-1, 1, 1))).copy()
