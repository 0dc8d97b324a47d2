"""How each layer is doing: what to measure of a run, layer by layer.

A network that learns badly mostly does so in one of its layers, and which one shows in a few measures. All are read
from a `Recording`; a layer is represented by its weights W, for biases have their own scale.

    relative gradient   ‖∂L/∂W_l‖ / ‖∂L/∂W_L‖     against the last layer: below 10⁻³ it vanishes, above 10³ it explodes
    update ratio        ‖ΔW‖ / ‖W‖                of the step taken: healthy is about 10⁻³, the band 10⁻⁴ to 10⁻²
    saturation          share of |tanh z| > 0.97   (sigmoid: outside of 0.015 to 0.985), where φ' lets little through
    dead units          share of ReLU units that are 0 on every sample: they get no gradient, and stay as they are
    cosine              cos(g_t, g_{t-1})          1: straight on; 0: turning; -1: to and fro, the step is too long

The *learning part* of a run is the part until the training loss has made nine tenths of its way down. Afterwards
there is little left to learn, and a healthy network does what would be alarming before: it saturates, because it is
sure, and its gradients and updates fade.

Sources: Glorot & Bengio 2010 (saturation, gradients by layer); LeCun et al. 1998, "Efficient BackProp" (η against
1/λ); the update ratio is a rule of thumb of practice.
"""

from typing import NamedTuple

import numpy as np

from engine.activations import ACTIVATIONS
from engine.linear_algebra import norm
from engine.network import Network
from engine.network.parameters import WEIGHT_KINDS
from engine.training import Recording

HEALTHY_RATIO = (1e-4, 1e-2)  #: ‖ΔW‖/‖W‖ of a layer that learns steadily
WATCH_SATURATED = (0.1, 0.3)  #: shares of a layer's activations: worth a look, and too many while it should learn
LEARNED = 0.9  #: the share of the way down at which the learning part ends
MOST_SIGNALS = 4_000_000  #: activations that are computed for one film


class Activity(NamedTuple):
    """What the units do at some of the key frames, for L layers; the output is the last.

    Attributes:
        frames: indices [G] of key frames of the recording.
        signals: activations a of each layer on the training part, float32 `[G, units, N]`.
        saturated: share of a layer's activations that are saturated `[G, L]`; NaN where φ cannot saturate.
        dead: share of a layer's units that are zero on every sample `[G, L]`; NaN where φ cannot die.
    """

    frames: np.ndarray
    signals: list[np.ndarray]
    saturated: np.ndarray
    dead: np.ndarray


def weight_parts(network: Network) -> tuple[str, ...]:
    """The part of the flat vector that holds the weights of each layer, input to output: W1, W2, ..."""
    layout = network.layout
    return tuple(name for name in layout.names if layout.kinds[name] in WEIGHT_KINDS)


def of_weights(recording: Recording, values: np.ndarray) -> np.ndarray:
    """The columns `[..., L]` of `values[..., parts]` that belong to weights."""
    return values[..., [recording.parts.index(name) for name in weight_parts(recording.network)]]


def layer_activations(network: Network) -> tuple[str, ...]:
    """The name of φ of each layer `[L]`, the output's included."""
    return (*network.experiment.activations, network.experiment.out)


def relative_gradient(recording: Recording) -> np.ndarray:
    """‖∂L/∂W_l‖/‖∂L/∂W_L‖ before clipping, `[T + 1, L]`; NaN where the last layer's gradient is exactly zero."""
    norms = of_weights(recording, recording.gradient_norm)
    return _ratio(norms, norms[:, -1:])


def update_ratio(recording: Recording) -> np.ndarray:
    """‖Δp‖/‖p‖ of every part p in every step, `[T + 1, parts]`; NaN where p is all zero, as biases at the start."""
    return _ratio(recording.update_norm, recording.weight_norm)


def movement(recording: Recording) -> np.ndarray:
    """How far the weights of each layer got, ‖W_T - W_0‖ `[L]`; zero only where nothing ever changed."""
    layout = recording.network.layout
    way = recording.params[-1] - recording.params[0]
    return np.array([norm(layout.view(way, name).reshape(-1)) for name in weight_parts(recording.network)])


def meets_itself(recording: Recording) -> bool:
    """Whether batch normalisation sees a single sample to train on, of which it leaves nothing, and no gradient."""
    own = recording.experiment
    single = own.norm == "batch" and bool(own.arch) and len(recording.data.train) == 1
    return single and not of_weights(recording, recording.gradient_norm)[:, :-1].any()


def learning_part(recording: Recording) -> int:
    """The number of key frames of the learning part, at least 1; all of them where the loss never falls."""
    losses = np.where(np.isfinite(recording.train_loss), recording.train_loss, np.inf)
    if not losses.min() < losses[0]:
        return len(losses)
    if not np.isfinite(losses[0]):
        return int(np.argmin(losses)) + 1
    return int(np.argmax(losses <= losses[0] - LEARNED * (losses[0] - losses.min()))) + 1


def activity_frames(recording: Recording) -> np.ndarray:
    """Indices of the key frames whose activations are looked at: all, or what `MOST_SIGNALS` has room for."""
    each = sum(int(np.prod(shape)) for shape in recording.network.signal_shapes[1:]) * len(recording.data.train)
    return recording.spread(MOST_SIGNALS // each)


def activity(recording: Recording) -> Activity:
    """Run the network on its training part at some of the key frames (`activity_frames`).

    It is run as it trains: batch normalisation by the statistics of these samples, not by its running averages, which
    know nothing yet at the start. Nothing is dropped out.
    """
    frames, network = activity_frames(recording), recording.network
    x = recording.data.x[:, recording.data.train].astype(np.float32)
    with np.errstate(all="ignore"):
        params = recording.params[frames].astype(np.float32)
        pairs = network.activations(params, x, training=True)
    signals = [a for _, a in pairs]
    names = layer_activations(recording.network)
    saturated = [saturation(a, name) for a, name in zip(signals, names, strict=True)]
    dead = [dead_units(a, name) for a, name in zip(signals, names, strict=True)]
    return Activity(frames, signals, np.stack(saturated, axis=-1), np.stack(dead, axis=-1))


def saturation(a: np.ndarray, activation: str) -> np.ndarray:
    """The share `[...]` of activations `a[..., units, N]` out of the bounds of `activation`; NaN if it has none."""
    bounds = ACTIVATIONS[activation].saturation
    if bounds is None:
        return np.full(a.shape[:-2], np.nan)
    flat = a.reshape(*a.shape[:-2], -1)
    return (np.count_nonzero(flat < bounds[0], axis=-1) + np.count_nonzero(flat > bounds[1], axis=-1)) / flat.shape[-1]


def dead_units(a: np.ndarray, activation: str) -> np.ndarray:
    """The share `[...]` of units of `a[..., units, N]` that are zero on every sample; NaN if `activation` can't die."""
    if not ACTIVATIONS[activation].dies:
        return np.full(a.shape[:-2], np.nan)
    return (a == 0).all(axis=-1).mean(axis=-1)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    there = np.broadcast_to(below != 0, above.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.divide(above, below, out=np.full(above.shape, np.nan), where=there)
