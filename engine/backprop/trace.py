"""One step traced: every number of a forward and a backward pass, and where each comes from.

Training needs of a pass nothing but the gradient. To understand one, all that lies between is wanted, layer by layer:

    forward     z = W a + b          a⁺ = φ(z)            L(a, y)
    backward    ∂L/∂a                δ = ∂L/∂a · φ'(z)    ∂L/∂W = δ aᵀ    ∂L/∂b = Σ δ    ∂L/∂a = Wᵀ δ

`examine` reads them off the buffers in which the network itself computes, so they cannot differ from what training
sees. Multiplied out, the backward pass is the chain rule: a weight moves the loss along every path from it to an
output, each path gives one product of weights and slopes, and the gradient is the sum over the paths. `paths` finds
the products, the largest first (a search for the k best paths, layer by layer from the output: Viterbi 1967), without
walking all of the paths, which multiply with every layer. `slopes` asks the loss itself: it moves one parameter a
little both ways. Where a ReLU's z is exactly 0, or a number exactly right under an absolute error, the loss has a kink
and no derivative: two slopes, one to each side, of which backpropagation takes one (or, of several units and samples,
some of each). Such places are told apart by a smaller step: on a smooth curve the two slopes come closer by its factor.
"""

from typing import Any, NamedTuple

import numpy as np

from engine.activations import ACTIVATIONS
from engine.network import Network, Workspace
from engine.network.layers import Activation, Dense, Dropout

STEP = 1e-5  #: of a central difference: truncation and rounding of a loss of about 1 are both near 1e-11
MOVED_BYTES = 16_000_000  #: of parameters that are moved together
FINER = 4  #: times smaller: the step by which kinks are told from curvature


class Layer(NamedTuple):
    """One dense layer and what follows it up to the next; signals are `[units, N]`, gradients those of the loss.

    Attributes:
        number: from 1, input to output.
        activation: key in `ACTIVATIONS` of what follows.
        weight: W `[out, in]`.
        reads: what the layer reads, `[in, N]`.
        z: W a + b.
        a: what the next layer reads, or the output.
        by_a: ∂L/∂a.
        slope: φ'(z); None where more than an activation lies between z and a (normalisation, residual paths).
        delta: δ = ∂L/∂z.
    """

    number: int
    activation: str
    weight: np.ndarray
    reads: np.ndarray
    z: np.ndarray
    a: np.ndarray
    by_a: np.ndarray
    slope: np.ndarray | None
    delta: np.ndarray


class Pass(NamedTuple):
    """A forward and a backward pass on `x[d, N]`, `y[K, N]`.

    `loss` is the objective, `gradient[P]` its gradient; `penalty[P]` is the share of the gradient that comes from L1
    and L2, which no path explains. `layers` run from input to output.
    """

    x: np.ndarray
    y: np.ndarray
    loss: float
    gradient: np.ndarray
    penalty: np.ndarray
    layers: tuple[Layer, ...]


class Path(NamedTuple):
    """One way from a parameter to the loss.

    `units` are the units (0-based) it passes, from the parameter's own layer to the output, `factors` its product
    written from the loss back to the parameter: ∂L/∂a of the output, then for each layer the slope of its unit and
    the weight into it, the last of them what the parameter is multiplied by (1 for a bias).
    """

    units: tuple[int, ...]
    factors: tuple[float, ...]

    @property
    def product(self) -> float:
        """What the path adds to the gradient."""
        return float(np.prod(self.factors))


def is_plain(network: Network) -> bool:
    """Whether signals pass nothing but dense layers, activations and dropout, so that paths are products."""
    return all(isinstance(layer, Dense | Activation | Dropout) for layer in network.layers)


@np.errstate(all="ignore")
def examine(network: Network, params: np.ndarray, x: np.ndarray, y: np.ndarray) -> Pass:
    """All signals and gradients of a pass on `x[d, N]`, `y[K, N]`, without dropout; `params` is `[P]`.

    Raises:
        ValueError: if the network is not made of one dense layer for each of its sizes.
    """
    places = [i for i, layer in enumerate(network.layers) if isinstance(layer, Dense)]
    if len(places) != len(network.sizes) - 1:
        raise ValueError(f"network has {len(places)} dense layers; examine needs {len(network.sizes) - 1}, one a layer")
    gradient = np.empty_like(params)
    work = Workspace(network, params, x.shape[-1], gradient, keep=True)
    value = work.loss_and_gradient(x, y)
    before = gradient.copy()
    loss = network.add_penalty(value, params, gradient)
    plain = is_plain(network)
    layers = []
    for number, (place, after) in enumerate(zip(places, [*places[1:], len(network.layers)], strict=True), start=1):
        names = [layer.name for layer in network.layers[place:after] if isinstance(layer, Activation)]
        name = names[0] if names else "linear"
        z, a = work.signals[place + 1].copy(), work.signals[after].copy()
        slope = ACTIVATIONS[name].derivative(z, ACTIVATIONS[name].value(z)) if plain else None
        reads = work.signals[place].copy()
        weight = network.layout.view(params, f"W{number}").copy()
        by_a, delta = work.deltas[after].copy(), work.deltas[place + 1].copy()
        layers.append(Layer(number, name, weight, reads, z, a, by_a, slope, delta))
    return Pass(x, y, float(loss), gradient, gradient - before, tuple(layers))


class Slopes(NamedTuple):
    """Slopes of the loss along n parameters, as the loss itself says.

    Attributes:
        central: (L(θ + h e) - L(θ - h e)) / 2h `[n]`; with a finer step where a kink lies near.
        left: (L(θ) - L(θ - h e)) / h `[n]`, with the finer step.
        right: (L(θ + h e) - L(θ)) / h `[n]`, with the finer step.
        kinks: where there is no derivative, because left and right stay apart `[n]`.
    """

    central: np.ndarray
    left: np.ndarray
    right: np.ndarray
    kinks: np.ndarray

    def nearest(self, gradient: np.ndarray) -> np.ndarray:
        """What `gradient[n]` is held against: the central slopes, at kinks whichever side comes nearest."""
        left_is = np.abs(self.left - gradient) < np.abs(self.right - gradient)
        return np.where(self.kinks, np.where(left_is, self.left, self.right), self.central)


def slopes(network: Network, params: np.ndarray, x: np.ndarray, y: np.ndarray, indices: Any = None) -> Slopes:
    """The slopes of the loss at `params[P]` along the parameters at `indices` (all by default)."""
    chosen = np.arange(network.size) if indices is None else np.atleast_1d(indices)
    at_once, h, fine = max(1, MOVED_BYTES // params.nbytes), STEP, STEP / FINER

    def moved(step: float) -> np.ndarray:
        """The losses with each of the parameters moved by `step` `[n]`, so many points together as fit the memory."""
        losses = []
        for first in range(0, len(chosen), at_once):
            some = chosen[first : first + at_once]
            points = np.tile(params, (len(some), 1))
            points[np.arange(len(some)), some] += step
            losses.append(network.loss(points, x, y))
        return np.concatenate(losses)

    with np.errstate(all="ignore"):
        far, near = (moved(h), moved(-h)), (moved(fine), moved(-fine))
        here = network.loss(params, x, y)
        left, right = (here - near[1]) / fine, (near[0] - here) / fine
        coarse, apart = np.abs(far[0] - 2 * here + far[1]) / h, np.abs(right - left)
        noise = 1e-5 * np.maximum(np.abs(left), np.abs(right)) + 100 * np.finfo(float).eps * np.abs(here) / fine
        kinks = (apart > noise) & (apart > coarse / np.sqrt(FINER))
        crossed = ~kinks & (coarse > noise) & (apart * FINER**2 < coarse)
        central = np.where(crossed, (near[0] - near[1]) / (2 * fine), (far[0] - far[1]) / (2 * h))
    return Slopes(central, left, right, kinks)


def kinked_units(seen: Pass) -> list[tuple[int, int]]:
    """Layer (from 1) and unit (from 0) of each z, in any sample, that lies where its activation has a kink."""
    found = []
    for layer in seen.layers:
        if layer.slope is not None:
            phi, near = ACTIVATIONS[layer.activation], 1e-9 * np.maximum(np.abs(layer.z), 1.0)
            sides = [phi.derivative(z, phi.value(z)) for z in (layer.z - near, layer.z + near)]
            units = (np.abs(sides[1] - sides[0]) > 1e-3).any(axis=-1)
            found += [(layer.number, int(unit)) for unit in np.flatnonzero(units)]
    return found


def count_paths(seen: Pass, layer: int) -> int:
    """How many paths lead from a unit of a layer (from 1) to the outputs."""
    return int(np.prod([len(each.z) for each in seen.layers[layer:]], dtype=object))


@np.errstate(all="ignore")
def paths(seen: Pass, part: str, place: tuple[int, ...], most: int = 12) -> list[Path]:
    """The paths of one parameter to the loss for the first sample, those of the largest products first.

    Args:
        seen: a pass through a plain network (`is_plain`).
        part: "W1", "b1", ...
        place: 0-based place in the part: (to, from) of a weight, (unit,) of a bias.
        most: paths at the most; there are `count_paths`.

    Raises:
        ValueError: if the network is not plain, or there is no such part.
    """
    number = int(part[1:]) if part[1:].isdigit() else 0
    if part[:1] not in ("W", "b") or not 1 <= number <= len(seen.layers):
        raise ValueError(f"part={part!r} must be W1 to W{len(seen.layers)} or b1 to b{len(seen.layers)}")
    if any(layer.slope is None for layer in seen.layers):
        raise ValueError("seen is of a network with normalisation or residual paths, which has no plain paths")
    own = seen.layers[number - 1]
    reads = own.reads[place[1], 0] if part[0] == "W" else 1.0
    found = []
    for units in _best(seen, number, place[0], most):
        factors = [seen.layers[-1].by_a[units[-1], 0]]
        for layer, after, before in zip(seen.layers[: number - 1 : -1], units[::-1], units[-2::-1], strict=False):
            factors += [layer.slope[after, 0], layer.weight[after, before]]
        factors += [own.slope[place[0], 0], reads]
        found.append(Path(units, tuple(float(factor) for factor in factors)))
    return found


def _best(seen: Pass, number: int, unit: int, most: int) -> list[tuple[int, ...]]:
    """Units of the `most` paths with the largest absolute products, from `unit` of layer `number` to the output."""
    last = seen.layers[-1]
    sizes = np.abs(last.by_a[:, 0] * last.slope[:, 0])[:, None]  #: of the best products from each unit on
    ways = [[(k,)] for k in range(len(sizes))]
    for layer, below in zip(seen.layers[: number - 1 : -1], seen.layers[-2::-1], strict=False):
        wanted = [unit] if below.number == number else range(len(below.z))
        steps = np.abs(layer.weight[:, wanted]).T[:, :, None] * sizes[None]
        flat = np.nan_to_num(steps.reshape(len(wanted), -1), nan=-1.0)
        order = np.argsort(-flat, axis=1, kind="stable")[:, :most]
        width = sizes.shape[1]
        ways = [
            [(source, *ways[pick // width][pick % width]) for pick in row]
            for source, row in zip(wanted, order.tolist(), strict=True)
        ]
        sizes = np.take_along_axis(flat, order, axis=1) * np.abs(below.slope[wanted, 0])[:, None]
    return ways[0] if number < len(seen.layers) else [(unit,)]
