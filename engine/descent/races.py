"""A race: several optimizers from one start on one loss surface, and everything a picture of it needs.

The surface is a function of two variables, or a network's loss seen in a plane. All optimizers spend the same number of
gradient evaluations. Of each the result keeps the path on the map, loss and gradient norm of every step, and at the key
frames the negative gradient, the next update, the distance, and the largest curvature λmax, which sets how large a rate
gradient descent may have there: 2/λmax.

Nothing is clamped. A run may leave the map and come back, leave it for good, or stop being finite; the steps are
kept. For a path that has left, the map ends, not the run.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.descent.descent import descend_all
from engine.descent.minima import distance_to_minimum
from engine.landscape import LossSurface, objective_of
from engine.landscape.stability import held, sharpness_along
from engine.linear_algebra import norm
from engine.schedules import schedule_factors
from engine.surfaces import Surface, distance, inside, largest_curvature
from engine.training import Recording

FRAMES, PLACES = 120, 960  #: key frames at the most, and places of all runs in them
CURVATURES = 10  #: key frames of a network's run at which its sharpness is taken
NEVER = -1


class RaceResult(NamedTuple):
    """R optimizers over T steps: N points of each path, F of them key frames. nan where a run has ended."""

    names: tuple[str, ...]
    """[R]: keys of OPTIMIZERS."""
    steps: np.ndarray
    """[F] int: the key frames."""
    points: np.ndarray
    """[N] int: the steps of the points of the paths."""
    path: np.ndarray
    """[N, R, 2]: the paths on the map."""
    path_loss: np.ndarray
    """[N, R]: the loss that the map has there."""
    negative_gradient: np.ndarray
    """[F, R, 2]: on the map."""
    update: np.ndarray
    """[F, R, 2]: the step that comes next, on the map."""
    loss: np.ndarray
    """[T + 1, R]."""
    gradient_norm: np.ndarray
    """[T + 1, R]."""
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
        """[F, R, 2]: where each run is at the key frames."""
        return self.path[np.searchsorted(self.points, self.steps)]


def key_frames(steps: int, runs: int = 1) -> np.ndarray:
    """At most FRAMES steps from 0 to `steps`, fewer for many runs, evenly spaced, with both ends."""
    return np.unique(np.linspace(0, steps, min(steps + 1, FRAMES, PLACES // runs)).round().astype(int))


def race_on_surface(
    surface: Surface,
    start: Any,
    optimizers: Mapping[str, Any],
    steps: int,
    *,
    schedule: str = "constant",
    warmup: int = 0,
    noise: float = 0.0,
    near: Sequence[int] = (),
) -> RaceResult:
    """The race of `{name: optimizer}` on a function of two variables; every path equals that of `descend`.

    `schedule` and `warmup` turn each optimizer's own learning rate into one for every step; `noise` is the variance of
    the noise on the gradient, the same for all. The steps `near` a place that is looked at are key frames as well.
    Raises ValueError as `descend_all` does.
    """
    rates, factors = None, schedule_factors(schedule, steps, warmup)
    if factors is not None:
        rates = {name: np.append(factors, factors[-1]) * optimizer.lr for name, optimizer in optimizers.items()}
    more = steps + 1  # one for the last update
    run = descend_all(surface, start, optimizers, more, noise=noise, learning_rates=rates)
    params, loss, gradient = run.params[:-1], run.loss[:-1], run.gradient[:-1]
    frames = np.union1d(key_frames(steps, len(optimizers)), np.asarray(near, dtype=int))
    with np.errstate(all="ignore"):
        seen = params[frames]
        known = len(surface.minima) > 0
        return RaceResult(
            names=tuple(optimizers),
            steps=frames,
            points=np.arange(steps + 1),
            path=params,
            path_loss=loss,
            negative_gradient=-gradient[frames],
            update=np.diff(run.params, axis=0)[frames],
            loss=loss,
            gradient_norm=norm(gradient),
            distance=distance_to_minimum(surface, seen) if known else distance(seen, np.asarray(start)[None]),
            curvature=largest_curvature(surface, seen),
            left_at=first(~inside(params, surface.domain)),
            diverged_at=np.where(run.diverged_at > steps, NEVER, run.diverged_at),
        )


def race_of_recordings(
    names: Sequence[str], runs: Sequence[Recording], surface: LossSurface, before: RaceResult | None = None
) -> RaceResult:
    """The race of recordings of one network, as a loss surface shows them; distances are from the start.

    `before` is the same race at fewer key frames: what takes long, the sharpness, and what these decide, the step at
    which a path is first seen outside, are held from it.
    """
    frames = max((run.frames for run in runs), key=lambda steps: steps[-1])
    grid, basis = surface.grid, surface.plane.directions.T

    def at_frames(values: Any, own: Sequence[np.ndarray] = tuple(run.frames for run in runs)) -> np.ndarray:
        """`[F, R, ...]` from arrays of each run's `own` key frames: the last that is not later, nan after its end."""
        found = [np.asarray(v)[np.searchsorted(at, frames, "right") - 1] for v, at in zip(values, own, strict=True)]
        for value, run in zip(found, runs, strict=True):
            value[frames > run.frames[-1]] = np.nan
        return np.stack(found, axis=1)

    def every_step(values: Any) -> np.ndarray:
        """`[T + 1, R]` from arrays of each run's own steps, nan after its end."""
        table = np.full((frames[-1] + 1, len(runs)), np.nan)
        for column, value in zip(table.T, values, strict=True):
            column[: len(value)] = value
        return table

    window = ((grid.alpha[0], grid.alpha[-1]), (grid.beta[0], grid.beta[-1]))
    if before is None:
        curvature = at_frames([_sharpness(run) for run in runs])
    else:
        curvature = at_frames(before.curvature.T, [before.steps] * len(runs))
    with np.errstate(all="ignore"):
        path = at_frames([trajectory.coordinates for trajectory in surface.trajectories])
        left = first(~inside(path, window) & ~np.isnan(path).any(-1))
        return RaceResult(
            names=tuple(names),
            steps=frames,
            points=frames,
            path=path,
            path_loss=at_frames([trajectory.projected_loss for trajectory in surface.trajectories]),
            negative_gradient=at_frames([-run.gradients @ basis for run in runs]),
            update=at_frames([run.updates @ basis for run in runs]),
            loss=every_step([run.loss for run in runs]),
            gradient_norm=every_step([norm(run.gradient_norm) for run in runs]),
            distance=at_frames([norm(run.path - run.path[0]) for run in runs]),
            curvature=curvature,
            left_at=np.where(left == NEVER, NEVER, frames[left]) if before is None else before.left_at,
            diverged_at=np.array([diverged_at(run) for run in runs]),
        )


def first(condition: np.ndarray) -> np.ndarray:
    """The first row of `[n, ...]` that is true, NEVER where none is."""
    return np.where(condition.any(0), condition.argmax(0), NEVER)


def diverged_at(run: Recording) -> int:
    """The step at which a recorded run diverged, NEVER if it did not."""
    return run.event.step if run.event is not None and run.event.kind == "diverged" else NEVER


def _sharpness(run: Recording) -> np.ndarray:
    """λmax of the objective of a run at its key frames, taken at CURVATURES of them."""
    chosen, values = sharpness_along(run, objective_of(run), CURVATURES)
    return held(chosen, values, len(run.frames))
