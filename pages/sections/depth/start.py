"""What a deep network does before training, measured and predicted once for all sessions.

The measurement itself keeps every unit's activation and gradient; a page needs them for histograms only, so
that a sample of each layer is kept.
"""

from typing import NamedTuple

import numpy as np

from engine.activations import ACTIVATIONS
from engine.depth import Deep, Prediction, Signals, assess, departure, growth, measure, predict
from engine.depth.signals import OUTPUTS, noise, seeds_for
from engine.diagnostics import Finding
from engine.diagnostics.measures import dead_units, saturation
from engine.experiment import OF_DATA
from engine.mean_field import depth_scale
from engine.work import signals_work
from pages.common.app.head import Head
from pages.common.runs.cache import kept
from pages.common.settings import Settings
from pages.common.text import share

SAMPLES = {"none": 32, "layer": 32, "batch": 64}  #: inputs; batch norm's theory is that of large batches
KEPT = 2048  #: units of a layer that a histogram counts


class Start(NamedTuple):
    """One network before its first step; the unit values in `signals` are samples."""

    deep: Deep
    signals: Signals
    theory: Prediction
    finding: Finding
    chi: float
    remarks: list[str]
    departure: str

    @property
    def depth_scale(self) -> float:
        """ξ, layers."""
        return float(depth_scale(self.chi))

    @property
    def limits(self) -> tuple[float, float]:
        """The range of the activation."""
        return ACTIVATIONS[self.deep.activation].span


def inputs(deep: Deep, source: str, settings: Settings, data: object) -> tuple[np.ndarray, str]:
    """What enters a network `[d, N]`, and a key for it."""
    count, seed = SAMPLES[deep.norm], settings.experiment.seed
    if source == "noise":
        return noise(deep.width, count, seed), f"noise {seed}"
    experiment = settings.experiment
    key = " ".join(str(getattr(experiment, part)) for part in OF_DATA) + settings.fingerprint
    return data.x[:, data.train][:, :count], f"data {key}"


def start(deep: Deep, x: np.ndarray, key: str, settings: Settings, head: Head) -> Start:
    """A network measured and predicted on inputs `x[d, N]`, which `key` stands for; once for everybody."""
    seed = settings.experiment.seed
    return kept(
        ("start", deep, key, seed),
        lambda _progress: _started(deep, x, seed),
        lambda: signals_work(deep.network(x.shape[0], OUTPUTS), x.shape[1], seeds_for(deep)),
        head,
        "This measurement",
        settings=settings,
    )


def _started(deep: Deep, x: np.ndarray, seed: int) -> Start:
    signals = measure(deep, x, seed=seed)
    remarks = _remarks(deep, signals)
    light = signals._replace(
        activations=[_sample(a) for a in signals.activations], deltas=[_sample(d) for d in signals.deltas]
    )
    theory = predict(deep, x)
    off = departure(deep, *x.shape, signals, theory)
    return Start(deep, light, theory, assess(signals, deep.activation), growth(deep), remarks, off)


def _remarks(deep: Deep, signals: Signals) -> list[str]:
    """What to say of the activations of each layer: saturation, or dead units, as far as they can have either."""
    for word, of in (("saturated", saturation), ("dead", dead_units)):
        shares = [of(a, deep.activation).mean() for a in signals.activations]
        if np.isfinite(shares).all():
            return [f"{share(value)} {word}" for value in shares]
    return []


def _sample(values: np.ndarray) -> np.ndarray:
    flat = values.reshape(-1)
    kept = flat[:: max(1, flat.size // KEPT)].copy()
    kept.flags.writeable = False
    return kept
