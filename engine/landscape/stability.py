"""Stable, oscillating or diverging: how sharp the loss is along a run, against what its learning rate can take.

Along an eigenvector of the Hessian with eigenvalue λ, a step of gradient descent multiplies the distance from the
bottom by 1 - ηλ. Below λ = 2/η it shrinks; above, it turns over and grows with every step. The largest eigenvalue, the
*sharpness*, therefore decides, and each optimizer with a fixed rule for the whole vector has a line of its own
(`Optimizer.stability_limit`), less the weight decay, which is curvature too. On a quadratic bowl crossing the line
means divergence. A network is no bowl: its sharpness rises in training until it meets the line and then hovers there,
while the loss jitters and still falls, at the *edge of stability* (Cohen et al. 2021).

With mini-batches that line is none: what settles is the *batch sharpness*, the mean of gᵀHg/‖g‖² over batches with
their own gradients and Hessians, and with momentum at a line of its own (Andreyev et al. 2026), which rises to that of
the full batch as the batches grow. And optimizers that scale every parameter by itself, such as Adam, have no such line
for the Hessian as it is. Both are judged by their loss alone, by how often it has risen of late.

Whether a run diverges is not decided here but by the verdict on the whole run (`diagnostics.runs`), which knows how it
ends: beyond its limit a network may be thrown far up and settle on flatter ground.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.curvature import batch_sharpness, sharpness
from engine.landscape.objective import Objective, batch_count, batch_gradients
from engine.optimizers.base import Optimizer
from engine.training import Recording, optimizer_of
from engine.work import Estimate, batch_sharpness_work, in_turn, points_at_once, sharpness_work

PRODUCTS = 12  #: of the Hessian with a vector, for each eigenvalue
POINTS, FEWEST_POINTS = 32, 8  #: key frames whose sharpness is taken
SHARPNESS_WORK = 3e9  #: multiply-adds for all of them
RECENT = 10  #: key frames that count as "of late"
RISING = 0.3  #: share of them with a risen loss that is called oscillating
NEAR = 0.995  #: of the limit: at the edge already, rounding aside
WORDS = ("stable", "oscillating", "diverging")


class Stability(NamedTuple):
    """Sharpness at S of a run's F key frames, and what follows; T + 1 steps."""

    chosen: np.ndarray
    """[S] int: which key frames, with the first and the last."""
    sharpness: np.ndarray
    """[S]: largest eigenvalue of the Hessian of the objective; nan where it is not finite."""
    limit: np.ndarray
    """[T + 1]: the optimizer's own line at every step, for the full batch; nan if it has none."""
    batch_sharpness: np.ndarray | None
    """[S]: mean of gᵀHg/‖g‖² over the mini-batches of an epoch; None where the batch is the whole training part."""
    batch_limit: np.ndarray
    """[T + 1]: where it settles with small batches; nan if the optimizer has no line."""
    words: tuple[str, ...]
    """One of WORDS for each of the F key frames."""
    word: str
    """The same for the whole run."""

    def held(self, values: np.ndarray, frames: int) -> np.ndarray:
        """[F]: one of the series [S] at every key frame, each value kept until the next one is taken."""
        return held(self.chosen, values, frames)

    @property
    def settling(self) -> tuple[np.ndarray, np.ndarray]:
        """What settles at which line: sharpness `[S]` and limit `[T + 1]`, of the full batch or of mini-batches."""
        return (
            (self.sharpness, self.limit) if self.batch_sharpness is None else (self.batch_sharpness, self.batch_limit)
        )


def sharpness_along(recording: Recording, objective: Objective, points: int = POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Up to `points` key frames of a run with both ends, `[S]` int, and the sharpness at them, `[S]`."""
    points, frames = point_count(recording, objective, points), len(recording.frames)
    chosen = np.unique(np.linspace(0, frames - 1, points).round().astype(int))
    some = points_at_once(objective.network, PRODUCTS)
    parts = [recording.params[chosen[first : first + some]] for first in range(0, len(chosen), some)]
    return chosen, np.concatenate([sharpness(objective.gradient, part, PRODUCTS) for part in parts])


def point_count(recording: Recording, objective: Objective, points: int = POINTS) -> int:
    """How many key frames `sharpness_along` looks at, of at most `points`."""
    each = 6.0 * 2 * PRODUCTS * objective.network.size * objective.x.shape[1]
    return min(len(recording.frames), max(FEWEST_POINTS, min(points, int(SHARPNESS_WORK / each))))


def stability_work(recording: Recording, objective: Objective) -> Estimate:
    """What `stability_of` takes."""
    network, points, batches = recording.network, point_count(recording, objective), batch_count(recording)
    whole = sharpness_work(network, objective.x.shape[1], points, PRODUCTS)
    if not batches:
        return whole
    return in_turn(whole, batch_sharpness_work(network, recording.experiment.batch, points, batches))


def held(chosen: np.ndarray, values: np.ndarray, frames: int) -> np.ndarray:
    """[F]: values `[S]` of the chosen key frames at all of them, each kept until the next one."""
    return values[np.searchsorted(chosen, np.arange(frames), side="right") - 1]


def stability_of(recording: Recording, objective: Objective, diverges: bool, points: int = POINTS) -> Stability:
    """The sharpness along a run, at up to `points` key frames, and words that follow from it and from its verdict."""
    chosen, values = sharpness_along(recording, objective, points)
    gradients = batch_gradients(recording)
    batch = batch_sharpness(gradients, recording.params[chosen]) if gradients else None
    optimizer = optimizer_of([recording.experiment])

    with np.errstate(all="ignore"):
        limits = optimizer.stability_limit(recording.lr), optimizer.small_batch_limit(recording.lr)
        found = Stability(chosen, values, limits[0], batch, limits[1], (), "")
        ratio = found.held(values, len(recording.frames)) / found.limit[recording.frames]
        ratio = ratio if batch is None else np.full(len(ratio), np.nan)
        words = classify(objective.loss(recording.params), ratio, diverges)
    return found._replace(words=words, word=classify_run(words, diverges))


def classify(loss: np.ndarray, ratio: np.ndarray, diverges: bool) -> tuple[str, ...]:
    """A word for each key frame, from the loss `[F]` and the sharpness over its limit `[F]` (nan: no limit).

    Over the limit a run oscillates. Without a limit it does where more than RISING of the last RECENT losses are larger
    than the one before; the first ones tell nothing yet. In a run that `diverges`, this is what it does as soon as its
    loss stays beyond the first one, or ever since its lowest loss where it ends below the first.
    """
    with np.errstate(invalid="ignore"):
        rose = np.concatenate([[False], ~(np.diff(loss) <= 0)])
        level = np.nanmin(loss) if loss[-1] <= loss[0] else loss[0]
        within = np.flatnonzero(np.isfinite(loss) & (loss <= level))
        leaves = max(within, default=-1) if diverges else len(loss)
    found = []
    for k, share in enumerate(ratio):
        over = k + 1 >= RECENT and rose[k + 1 - RECENT : k + 1].mean() > RISING if np.isnan(share) else share >= NEAR
        found.append(WORDS[2] if k > leaves else WORDS[1] if over else WORDS[0])
    return tuple(found)


def classify_run(words: tuple[str, ...], diverges: bool) -> str:
    """A word for the whole run: that it diverges, or what most of the last quarter of its key frames says."""
    if diverges:
        return WORDS[2]
    quarter = words[-max(len(words) // 4, 1) :]
    return WORDS[1] if sum(word != WORDS[0] for word in quarter) * 3 > len(quarter) else WORDS[0]


def rate_at_limit(optimizer: Optimizer, value: float, limit: Callable | None = None) -> float:
    """The learning rate at which a sharpness `value` is just at the optimizer's limit; nan if there is none.

    The limits (`limit`, by default its stability limit) are c/η - λ with a c that does not depend on η, so that
    η = c/(value + λ).
    """
    decay = float(np.asarray(optimizer.decay)) if hasattr(optimizer, "decay") else 0.0
    c = float((limit or optimizer.stability_limit)(1.0)) + decay
    with np.errstate(over="ignore"):  # a curvature of 1e-320 lets any rate through
        return float(np.float64(c) / (value + decay)) if value + decay > 0 and np.isfinite(value) else float("nan")
