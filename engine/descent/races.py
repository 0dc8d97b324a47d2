"""A heat: several optimizers from one start on one track, and everything a picture of the race needs.

The track is a function of two variables, or a network's loss seen in a plane. All racers spend the same number of
gradient evaluations. Per racer a heat keeps the path on the map, loss and gradient norm of every step, and at the key
frames the direction down the gradient, the next step, the distance, and the largest curvature λmax, which
sets how large a rate gradient descent may have there: 2/λmax.

Nothing is clamped. A run may leave the map and come back, leave it for good, or stop being finite; the steps are
kept. For a path that has left, the map ends, not the run.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.descent.descent import descend, race
from engine.landscape import LossSurface, objective
from engine.landscape.stability import examine
from engine.optimizers import OPTIMIZERS
from engine.schedules import schedule_factors
from engine.surfaces import Surface, distance, inside, largest_curvature, mesh
from engine.training import Recording

FRAMES, PLACES = 120, 960  #: key frames at the most, and places of all racers in them
CURVATURES = 10  #: key frames of a network's run at which its sharpness is taken
NEVER = -1
_FLAT, _POLISH = 1e-6, 60


class RaceResult(NamedTuple):
    """R racers over T steps: N points of each path, F of them key frames. nan where a run has ended."""

    names: tuple[str, ...]
    """[R]: keys of OPTIMIZERS."""
    steps: np.ndarray
    """[F] int: the key frames."""
    points: np.ndarray
    """[N] int: the steps of the points of the paths."""
    path: np.ndarray
    """[N, R, 2]: the paths on the map."""
    height: np.ndarray
    """[N, R]: the loss that the map has there."""
    down: np.ndarray
    """[F, R, 2]: minus the gradient, on the map."""
    move: np.ndarray
    """[F, R, 2]: the step that comes next, on the map."""
    loss: np.ndarray
    """[T + 1, R]."""
    slope: np.ndarray
    """[T + 1, R]: norm of the gradient."""
    distance: np.ndarray
    """[F, R]: to the nearest minimum, or from the start where no minimum is known."""
    curvature: np.ndarray
    """[F, R]: λmax at the present point, the algebraically largest."""
    left_at: np.ndarray
    """[R] int: the first step outside of the map, NEVER if there is none."""
    diverged_at: np.ndarray
    """[R] int: the first step that is not finite, NEVER if there is none."""

    @property
    def place(self) -> np.ndarray:
        """[F, R, 2]: where each racer is at the key frames."""
        return self.path[np.searchsorted(self.points, self.steps)]


def key_frames(steps: int, racers: int = 1) -> np.ndarray:
    """At most FRAMES steps from 0 to `steps`, fewer for many racers, evenly spaced, with both ends."""
    return np.unique(np.linspace(0, steps, min(steps + 1, FRAMES, PLACES // racers)).round().astype(int))


def on_surface(
    surface: Surface,
    start: Any,
    optimizers: Mapping[str, Any],
    steps: int,
    *,
    schedule: str = "constant",
    warmup: int = 0,
    noise: float = 0.0,
) -> RaceResult:
    """The heat of `{name: optimizer}` on a function of two variables; every path equals that of `descent.descend`.

    `schedule` and `warmup` turn each optimizer's own learning rate into one for every step; `noise` is the variance of
    the noise on the gradient, the same for all. Raises ValueError as `engine.descent.descent.race` does.
    """
    factors = schedule_factors(schedule, steps, warmup)
    rates = (
        None if factors is None else {name: np.append(factors, factors[-1]) * o.lr for name, o in optimizers.items()}
    )
    run = race(surface, start, optimizers, steps + 1, noise=noise, learning_rates=rates)  # one more, for the last arrow
    params, frames = run.params[:-1], key_frames(steps, len(optimizers))
    with np.errstate(all="ignore"):
        moves = np.diff(run.params, axis=0)[frames]
        minima = surface.minima if len(surface.minima) else np.asarray(start, dtype=np.float64)[None]
        return RaceResult(
            names=tuple(optimizers),
            steps=frames,
            points=np.arange(steps + 1),
            path=params,
            height=run.loss[:-1],
            down=-run.gradient[frames],
            move=moves,
            loss=run.loss[:-1],
            slope=np.hypot(run.gradient[:-1, :, 0], run.gradient[:-1, :, 1]),
            distance=distance(params[frames], minima),
            curvature=largest_curvature(surface, params[frames]),
            left_at=first(~inside(params, surface.domain)),
            diverged_at=np.where(run.diverged_at > steps, NEVER, run.diverged_at),
        )


def of_recordings(names: Sequence[str], runs: Sequence[Recording], terrain: LossSurface) -> RaceResult:
    """The heat of recordings of one network, as the plane of a `terrain` shows them; distances are from the start."""
    frames = max((run.frames for run in runs), key=lambda steps: steps[-1])
    last, grid, across = int(frames[-1]), terrain.grid, terrain.plane.directions.T

    def spread(values: Any, steps: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        where = np.searchsorted(steps, wanted, side="right") - 1
        ended = (wanted > steps[-1]).reshape(-1, *[1] * (values.ndim - 1))
        return np.where(ended, np.nan, values[where])

    def together(values: Any) -> np.ndarray:
        parts = (spread(np.asarray(v), run.frames, frames) for v, run in zip(values, runs, strict=True))
        return np.stack(list(parts), axis=1)

    def every_step(values: Any) -> np.ndarray:
        padded = (np.append(v, np.full(last + 1 - len(v), np.nan)) for v in values)
        return np.stack(list(padded), axis=1)

    window = ((grid.alpha[0], grid.alpha[-1]), (grid.beta[0], grid.beta[-1]))
    found = [examine(run, objective(run), CURVATURES).held(len(run.frames)) for run in runs]
    with np.errstate(all="ignore"):
        path = together([trail.place for trail in terrain.trails])
        outside = ~inside(path, window) & ~np.isnan(path).any(-1)
        left = first(outside)
        return RaceResult(
            names=tuple(names),
            steps=frames,
            points=frames,
            path=path,
            height=together([trail.shown for trail in terrain.trails]),
            down=together([-run.gradients @ across for run in runs]),
            move=together([run.updates @ across for run in runs]),
            loss=every_step([run.loss for run in runs]),
            slope=every_step([np.sqrt(np.square(run.gradient_norm).sum(-1)) for run in runs]),
            distance=together([np.sqrt(np.square(run.params - run.params[0]).sum(-1)) for run in runs]),
            curvature=together(found),
            left_at=np.where(left == NEVER, NEVER, frames[left]),
            diverged_at=np.array([_diverged(run) for run in runs]),
        )


def first(condition: np.ndarray) -> np.ndarray:
    """The first row of `[n, ...]` that is true, NEVER where none is."""
    return np.where(condition.any(0), condition.argmax(0), NEVER)


def with_minimum(surface: Surface, resolution: int = 101) -> Surface:
    """The surface with its lowest minimum in the domain, looked for where none is known.

    Newton's method starts at the lowest node of a grid; what it finds counts if it lies in the domain, is no higher,
    and is flat and curved upwards. Otherwise the surface comes back as it is.
    """
    if len(surface.minima) or np.isneginf(surface.minimum):
        return surface
    xy = mesh(surface.domain, resolution)
    heights = surface.value(xy)
    if not np.isfinite(heights).any():
        return surface
    lowest = np.nanargmin(np.where(np.isfinite(heights), heights, np.nan))
    start = xy.reshape(-1, 2)[lowest]
    run = descend(surface, start, OPTIMIZERS["newton"](lr=1.0, damping=1e-9), _POLISH)
    end, value, slope = run.params[-1], run.loss[-1], run.gradient[-1]
    if run.diverged_at != NEVER or not inside(end, surface.domain) or not value <= heights.ravel()[lowest]:
        return surface
    curved = np.linalg.eigvalsh(surface.hessian(end))[0] >= -_FLAT
    if not curved or np.hypot(*slope) > _FLAT * max(1.0, abs(float(value))):
        return surface
    return Surface(**vars(surface) | {"minima": [end], "minimum": float(value)})


def _diverged(run: Recording) -> int:
    return run.event.step if run.event is not None and run.event.kind == "diverged" else NEVER
