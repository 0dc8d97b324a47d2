"""What claims measure with: the run of a state, its data, its start; each computed once per process.

A state is a mapping of texts, as in a link (`Params`); `run(params)` is what its page shows.
"""

import dataclasses
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from engine.backprop import slopes
from engine.depth import Deep, Signals, measure
from engine.depth.signals import OUTPUTS, noise
from engine.descent import RaceResult, formula_surface, race_on_surface, sweep_on_surface
from engine.lessons.lesson import Params, experiment_of
from engine.optimizers import OPTIMIZERS
from engine.surfaces import SURFACES, Surface, quadratic_valley
from engine.training import Recording, targets, train

#: What the Depth page calls the fields of `Deep`.
_DEEP = {
    "depth": ("depth", int),
    "width": ("width", int),
    "activation": ("phi", str),
    "draw": ("draw", str),
    "weight_variance": ("sw2", float),
    "bias_variance": ("sb2", float),
    "bias": ("b0", float),
    "norm": ("dnorm", str),
    "residual": ("dres", str),
    "clip": ("dclip", float),
}
SAMPLES = {"none": 32, "layer": 32, "batch": 64}  #: inputs of a deep network, as on the Depth page
KEPT = 24  #: runs


def run(params: Params, **changes: Any) -> Recording:
    """The run of a state, with some settings of the experiment changed."""
    return _run(tuple(sorted(params.items())), tuple(sorted(changes.items())))


@lru_cache(maxsize=KEPT)
def _run(params: tuple[tuple[str, str], ...], changes: tuple[tuple[str, Any], ...]) -> Recording:
    return train(experiment_of(dict(params)).replace(**dict(changes)))


def gradients(params: Params, frame: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The gradient that a run descends at a key frame, and the finite differences there."""
    recording = run(params)
    data, x = recording.data, recording.data.x[:, recording.data.train]
    y = targets(recording.experiment, data)[:, data.train]
    return recording.gradients[frame], slopes(recording.network, recording.params[frame], x, y).central


def gradient_error(frame: int = 0, part: str = "") -> Callable[[Params], float]:
    """How far that gradient is from the finite differences, as a share of these; of one part, or as a whole."""

    def of(params: Params) -> float:
        layout = run(params).network.layout
        descended, true = (layout.view(each, part) if part else each for each in gradients(params, frame))
        return np.linalg.norm(descended - true) / np.linalg.norm(true)

    return of


def over_seeds(params: Params, of: Callable[[Recording], Any], seeds: int) -> np.ndarray:
    """A measure of the runs with seeds 0 to `seeds` - 1, `[seeds, ...]`."""
    return np.array([of(run(params, seed=seed)) for seed in range(seeds)])


def deep(params: Params) -> Deep:
    """The deep network of a state of the Depth page."""
    return Deep(**{field: read(params[key]) for field, (key, read) in _DEEP.items() if key in params})


def signals(network: Deep, seed: int = 0) -> Signals:
    """What passes through a deep network on standard normal noise, as the Depth page measures it."""
    return measure(network, noise(network.width, SAMPLES[network.norm], seed), seed=seed)


def hidden(network: Deep, inputs: int, samples: int, seed: int = 0) -> list[np.ndarray]:
    """The activations `[width, samples]` of every hidden layer at the start, on standard normal noise."""
    built = network.network(inputs, OUTPUTS)
    params = built.initial(np.random.default_rng([seed, 0]))
    return [a for _, a in built.activations(params, noise(inputs, samples, seed))[:-1]]


def statistics(layers: list[np.ndarray], *measures: Callable[[np.ndarray], Any]) -> np.ndarray:
    """Each measure of each layer, one measure after the other: `[measures x layers]`."""
    return np.array([of(a) for of in measures for a in layers])


def racer(name: str, params: Params) -> Any:
    """An optimizer as it enters a race of the Optimizers page: with the rate of all, and its own settings (`hy`)."""
    own = {"lr": float(params["rate"])} if params["fair"] == "same" else {}
    for part in filter(None, params.get("hy", "").split("~")):
        place, _, value = part.partition(":")
        optimizer, _, key = place.partition(".")
        own |= {key: float(value)} if optimizer == name else {}
    return OPTIMIZERS[name](**own)


def ground(params: Params) -> tuple[Surface, np.ndarray]:
    """The function of two variables that a state of the Optimizers page races on, and the start `[2]`."""
    track = params["track"]
    if track == "formula":
        surface = formula_surface(params["fxy"], float(params["half"]))
    elif track == "quadratic_valley":
        surface = quadratic_valley(float(params["kap"]), math.radians(float(params.get("ang", "0"))))
    else:
        surface = SURFACES[track]
    own = [params.get("sx", ""), params.get("sy", "")]
    return surface, np.array([float(text) if text else usual for text, usual in zip(own, surface.start, strict=True)])


def raced(params: Params) -> RaceResult:
    """The race of a state of the Optimizers page on such a function."""
    return _raced(tuple(sorted(params.items())))


@lru_cache(maxsize=KEPT)
def _raced(params: tuple[tuple[str, str], ...]) -> RaceResult:
    state = dict(params)
    (surface, start), steps = ground(state), int(state["rsteps"])
    racers = {name: racer(name, state) for name in state["racers"].split("-")}
    if state["fair"] == "tuned":
        sweep = sweep_on_surface(surface, start, racers, steps, tolerance=float(state.get("tol", "0.001")))
        rates = zip(sweep.names, sweep.rates[sweep.best], strict=True)
        racers = {name: dataclasses.replace(racers[name], lr=float(rate)) for name, rate in rates}
    return race_on_surface(surface, start, racers, steps)
