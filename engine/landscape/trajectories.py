"""The loss surface round a run: its objective over a plane, its path on it, and what the picture leaves out.

`planes` and `evaluation` have the mathematics; here it meets a recording. The height is the objective that descent
makes small, taken on the whole training part: the loss with its penalties, without dropout, batch norm with the
statistics of these samples. A large network is judged on fewer samples, evenly chosen, the same ones everywhere.
What is not descended, running averages and biases that are frozen or absent, changes nothing of it: planes, paths and
distances leave it out.

A plane shows a path by its shadow, the nearest points in the plane. A `Trajectory` keeps the loss there beside the loss
that the run really had, at every key frame; where the two differ the picture misleads. A run that leaves for good,
to more than `LEFT` times its first loss, is followed only so far, or it would set the scale and nothing else be seen.

Li et al. 2018, "Visualizing the loss landscape of neural nets"; Goodfellow, Vinyals & Saxe 2015 (the line).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.landscape.evaluation import Grid, Slice, evaluate, explained_variance, extent, fidelity, line_slice
from engine.landscape.objective import Objective, objective_of
from engine.landscape.planes import Plane, embedded, hessian_plane, pca_plane, random_plane, weight_plane
from engine.landscape.random_walk import explained_by_chance
from engine.training import Recording
from engine.work import require, surface_work

KINDS = ("pca", "random", "weights", "hessian")
LEFT = 10  #: times the first loss: beyond, a run has left the picture
TOLERANCE = 0.2  #: of the larger loss: a gap beyond is said to mislead
ROUNDING = 1e-12  #: of a loss: smaller gaps are the computer's own
TRIFLE = 0.01  #: of the range of losses: a gap below misleads nobody

Window = tuple[tuple[float, float], tuple[float, float]]


class Trajectory(NamedTuple):
    """The path of a run, F key frames, as a plane or a line shows it."""

    steps: np.ndarray
    """[F] int: the steps of the key frames."""
    coordinates: np.ndarray
    """[F, 2] in a plane, [F, 1] on a line: of the nearest point."""
    loss: np.ndarray
    """[F]: what the run had."""
    projected_loss: np.ndarray
    """[F]: the loss at the nearest point, which the picture shows in its place."""
    residual: np.ndarray
    """[F]: distance from the plane over distance from its centre, 0 to 1."""
    explained: float
    """Share of the path's squared distances from the centre that lies in the plane."""
    followed: int
    """How many of the key frames come before the run has left for good: F if it never does."""
    by_chance: float = float("nan")
    """The share that a plane chosen like this explains of a random walk with as many steps and dimensions."""

    @property
    def gap(self) -> np.ndarray:
        """[F]: the loss that the picture shows less the one that the run had; 0 where they agree to rounding."""
        with np.errstate(all="ignore"):
            gap = self.projected_loss - self.loss
            return np.where(np.abs(gap) <= ROUNDING * np.abs(self.loss), 0.0, gap)

    @property
    def misleads(self) -> np.ndarray:
        """[F] bool: where the picture is off by more than TOLERANCE of the loss, and by more than a trifle."""
        with np.errstate(all="ignore"):
            trifle = TRIFLE * np.ptp(self.loss[: self.followed])
            return ~(np.abs(self.gap) <= np.maximum(TOLERANCE * np.maximum(self.projected_loss, self.loss), trifle))

    @property
    def worst(self) -> int:
        """The key frame with the largest gap, of those followed."""
        return int(np.nan_to_num(np.abs(self.gap[: self.followed]), nan=0.0).argmax())


class LossSurface(NamedTuple):
    """A plane, the objective on it, and the trajectories of one or several runs."""

    plane: Plane
    grid: Grid
    trajectories: tuple[Trajectory, ...]


class LossLine(NamedTuple):
    """The line from the first to the last key frame: a = 0 at the start, 1 at the end."""

    line: Slice
    trajectories: tuple[Trajectory, ...]
    plane: Plane
    """Of one direction, with the end in its middle: its coordinates are a - 1."""


def same_space(one: Recording, other: Recording) -> bool:
    """Whether the parameters of two runs mean the same, so that both have a place in one plane."""
    mine, theirs = one.network.layout, other.network.layout
    return mine.shapes == theirs.shapes and mine.kinds == theirs.kinds


def followed(loss: np.ndarray) -> int:
    """How many of the losses `[F]` are followed: all, or those before the run stays beyond LEFT times the first one."""
    with np.errstate(over="ignore"):
        inside = loss <= LEFT * loss[0]
    return len(loss) if inside[-1] or not inside.any() else len(loss) - int(inside[::-1].argmax())


def plane_of(
    kind: str, objective: Objective, paths: Sequence[np.ndarray], *, seed: int = 0, pair: tuple[int, int] = (0, 1)
) -> Plane:
    """The plane of a kind through the last point of the first path.

    Args:
        kind: one of KINDS: the principal components of all paths together, two random filter-normalised directions,
            two single parameters, or the two directions of largest curvature. A single point has no components;
            it gets the plane of largest curvature, in which a run that leaves at once does so.
        objective: gives curvature and the names of the parameters.
        paths: `[F, P]` each.
        seed: of the random directions.
        pair: places of the two parameters in the flat vector.

    Raises:
        ValueError: if there is no such plane, as between two equal parameters.
    """
    centre, variables = paths[0][-1], objective.variables
    if kind == "random":
        return random_plane(centre, objective.network.layout, np.random.default_rng(seed))
    if kind == "weights":
        return weight_plane(centre, *pair)
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r} must be one of {', '.join(KINDS)}")
    if len(variables) < 2:
        raise ValueError("A single parameter is trained, and spans no plane: look at the line from start to end.")
    if kind == "pca" and max(map(len, paths)) > 1:
        return pca_plane([path[:, variables] for path in paths]).within(centre, variables)

    def gradient(values: np.ndarray) -> np.ndarray:
        return objective.gradient(embedded(values, centre, variables))[..., variables]

    return hessian_plane(gradient, centre[variables]).within(centre, variables)


def loss_surface(
    kind: str,
    runs: Sequence[Recording],
    *,
    resolution: int = 51,
    window: Window | None = None,
    seed: int = 0,
    pair: tuple[int, int] = (0, 1),
) -> LossSurface:
    """The loss surface round one or several runs of the same network; heights are the objective of the first.

    Args:
        kind: as in `plane_of`, like seed and pair.
        runs: one or more recordings with parameters of the same meaning.
        resolution: nodes on each axis; the plane's centre is one of them.
        window: ranges of the two coordinates; without one, all trajectories and a margin (random directions: ±1 as
            well, for that is the size of the weights).
        seed: of random directions.
        pair: places of two single parameters.

    Raises:
        ValueError: if the directions span no plane, or the window is empty.
        TooMuchWork: if the surface would take more time or memory than the host allows.
    """
    objective = objective_of(runs[0])
    if window is not None and not all(low < high for low, high in window):
        raise ValueError(f"window={window} must be two ranges, each from a lower to a higher number.")
    counts = [len(run.frames) for run in runs]
    require("This surface", surface_work(objective.network, objective.x.shape[1], counts, resolution, kind))
    losses = [objective.loss(run.params) for run in runs]
    paths = [run.path[: followed(loss)] for run, loss in zip(runs, losses, strict=True)]
    plane = plane_of(kind, objective, paths, seed=seed, pair=pair)
    if window is None:
        window = extent(plane, np.concatenate(paths))
        if kind == "random":
            window = tuple((min(low, -1.0), max(high, 1.0)) for low, high in window)
    grid = evaluate(plane, objective.loss, window, resolution, np.float32)
    return LossSurface(plane, grid, _trajectories(plane, objective, runs, losses))


def closely(picture: LossSurface | LossLine, runs: Sequence[Recording]) -> tuple[Trajectory, ...]:
    """The trajectories of a picture at the key frames of `runs` as well, which are the same runs, some with more."""
    objective = objective_of(runs[0])
    middle = 1 if isinstance(picture, LossLine) else 0

    def closer(before: Trajectory, run: Recording) -> Trajectory:
        new = ~np.isin(run.frames, before.steps)
        if not new.any():
            return before
        path, loss = run.path[new], objective.loss(run.params[new])
        lost = fidelity(picture.plane, path, objective.loss)
        steps = np.concatenate([before.steps, run.frames[new]])
        order = np.argsort(steps)

        def merged(old: np.ndarray, more: np.ndarray) -> np.ndarray:
            return np.concatenate([old, more])[order]

        return before._replace(
            steps=steps[order],
            coordinates=merged(before.coordinates, middle + picture.plane.project(path)),
            loss=merged(before.loss, loss),
            projected_loss=merged(before.projected_loss, lost.projected_loss),
            residual=merged(before.residual, lost.residuals),
            followed=int(np.searchsorted(steps[order], before.steps[before.followed - 1], side="right")),
        )

    return tuple(closer(before, run) for before, run in zip(picture.trajectories, runs, strict=True))


def loss_line(runs: Sequence[Recording]) -> LossLine:
    """The objective along the straight line through the first run's start and end, and all runs as it shows them.

    Raises:
        ValueError: if the first run ends where it began, so that there is no line.
    """
    objective = objective_of(runs[0])
    losses = [objective.loss(run.params) for run in runs]
    start, end = runs[0].path[0], runs[0].path[followed(losses[0]) - 1]
    try:
        plane = Plane(end, [end - start], "line")
    except ValueError:
        raise ValueError(
            "There is no line from start to end: the run ends where it began, or leaves at once."
        ) from None
    found = [t._replace(coordinates=1 + t.coordinates) for t in _trajectories(plane, objective, runs, losses)]
    low = min(-0.5, *(float(t.coordinates[: t.followed].min()) for t in found))
    span = (low if low > -5 else -0.5, 1.5)
    return LossLine(line_slice(start, end, objective.loss, span), tuple(found), plane)


def _trajectories(
    plane: Plane, objective: Objective, runs: Sequence[Recording], losses: Sequence[np.ndarray]
) -> tuple[Trajectory, ...]:
    """Every run, with its objective at the key frames, as a plane or a line shows it."""
    ends = [followed(loss) for loss in losses]
    steps = [run.frames[:end] for run, end in zip(runs, ends, strict=True)]
    chances = explained_by_chance(plane.kind, steps, len(objective.variables))
    found = []
    for run, loss, end, chance in zip(runs, losses, ends, chances, strict=True):
        path = run.path
        lost, explained = fidelity(plane, path, objective.loss), explained_variance(plane, path[:end])
        seen = (run.frames, plane.project(path), loss, lost.projected_loss, lost.residuals)
        found.append(Trajectory(*seen, explained, end, chance))
    return tuple(found)
