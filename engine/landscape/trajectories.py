"""The ground that a run descends: its objective over a plane, its path on it, and what the picture leaves out.

`landscape` has the mathematics of planes; here it meets a recording. The height is the objective that descent makes
small, taken on the whole training part: the loss with its penalties, without dropout, batch norm with the statistics
of these samples. A large network is judged on fewer samples, evenly chosen, the same ones everywhere on the page.

A plane shows a path by its shadow, the nearest points in the plane. A `Trajectory` keeps the loss there beside the loss
that the run really had, at every key frame; where the two differ the picture misleads. A run that leaves for good,
to more than `LEFT` times its first loss, is followed only so far, or it would set the scale and nothing else be seen.

Li et al. 2018, "Visualizing the loss landscape of neural nets"; Goodfellow, Vinyals & Saxe 2015 (the line).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.landscape import evaluation as landscape
from engine.landscape.evaluation import Grid, Plane, Slice
from engine.landscape.objective import Objective, objective
from engine.training import Recording

KINDS = ("pca", "random", "weights", "hessian")
LEFT = 10  #: times the first loss: beyond, a run has left the picture
MOST_WORK = 2e10  #: multiply-adds of any surface
TOLERANCE = 0.2  #: of the larger loss: a gap beyond is said to mislead
ROUNDING = 1e-12  #: of a loss: smaller gaps are the computer's own
TRIFLE = 0.01  #: of the range of losses: a gap below misleads nobody

Window = tuple[tuple[float, float], tuple[float, float]]


class Trajectory(NamedTuple):
    """The path of a run, F key frames, as a plane or a line shows it."""

    steps: np.ndarray
    """[F] int: the steps of the key frames."""
    place: np.ndarray
    """[F, 2] in a plane, [F, 1] on a line: coordinates of the nearest point."""
    loss: np.ndarray
    """[F]: what the run had."""
    shown: np.ndarray
    """[F]: the loss at the nearest point, which the picture shows in its place."""
    residual: np.ndarray
    """[F]: distance from the plane over distance from its centre, 0 to 1."""
    explained: float
    """Share of the path's squared distances from the centre that lies in the plane."""
    followed: int
    """How many of the key frames come before the run has left for good: F if it never does."""

    @property
    def gap(self) -> np.ndarray:
        """[F]: the loss that the picture shows less the one that the run had; 0 where they agree to rounding."""
        with np.errstate(all="ignore"):
            gap = self.shown - self.loss
            return np.where(np.abs(gap) <= ROUNDING * np.abs(self.loss), 0.0, gap)

    @property
    def misleads(self) -> np.ndarray:
        """[F] bool: where the picture is off by more than TOLERANCE of the loss, and by more than a trifle."""
        with np.errstate(all="ignore"):
            seen = self.loss[: self.followed]
            return ~(
                np.abs(self.gap) <= np.maximum(TOLERANCE * np.maximum(self.shown, self.loss), TRIFLE * np.ptp(seen))
            )

    @property
    def worst(self) -> int:
        """The key frame with the largest gap, of those followed."""
        return int(np.nan_to_num(np.abs(self.gap[: self.followed]), nan=0.0).argmax())


class LossSurface(NamedTuple):
    """A plane, the objective on it, and the trails of one or several runs."""

    plane: Plane
    grid: Grid
    trails: tuple[Trajectory, ...]


class LossLine(NamedTuple):
    """The line from the first to the last key frame: a = 0 at the start, 1 at the end."""

    line: Slice
    trails: tuple[Trajectory, ...]


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
    kind: str, ground: Objective, paths: Sequence[np.ndarray], *, seed: int = 0, pair: tuple[int, int] = (0, 1)
) -> Plane:
    """The plane of a kind through the last point of the first path.

    Args:
        kind: one of KINDS: the principal components of all paths together, two random filter-normalised directions,
            two single parameters, or the two directions of largest curvature. A single point has no components;
            it gets the plane of largest curvature, in which a run that leaves at once does so.
        ground: gives curvature and the names of the parameters.
        paths: `[F, P]` each.
        seed: of the random directions.
        pair: places of the two parameters in the flat vector.

    Raises:
        ValueError: if there is no such plane, as between two equal parameters.
    """
    centre = paths[0][-1]
    if kind == "pca" and max(map(len, paths)) > 1:
        return landscape.pca_plane(list(paths))
    if kind == "random":
        try:
            return landscape.random_plane(centre, ground.network.layout, np.random.default_rng(seed))
        except ValueError:
            raise ValueError(
                "Random directions are as long as the rows of the weights, so there must be at least two weights other "
                "than 0; choose another plane."
            ) from None
    if kind == "weights":
        if pair[0] == pair[1]:
            raise ValueError("Two single weights must be two different ones to span a plane.")
        return landscape.weight_plane(centre, *pair)
    if kind in ("hessian", "pca"):
        return landscape.hessian_plane(ground.gradient, centre)
    raise ValueError(f"kind={kind!r} must be one of {', '.join(KINDS)}")


def survey(
    kind: str,
    runs: Sequence[Recording],
    *,
    resolution: int = 51,
    window: Window | None = None,
    seed: int = 0,
    pair: tuple[int, int] = (0, 1),
) -> LossSurface:
    """The terrain round one or several runs of the same network; heights are the objective of the first.

    Args:
        kind: as in `plane_of`, like seed and pair.
        runs: one or more recordings with parameters of the same meaning.
        resolution: nodes on each axis; the plane's centre is one of them.
        window: ranges of the two coordinates; without one, all trails and a margin (random directions: ±1 as well,
            for that is the size of the weights).
        seed: of random directions.
        pair: places of two single parameters.

    Raises:
        ValueError: if the directions span no plane, the window is empty, or the surface would take too long.
    """
    ground = objective(runs[0])
    if window is not None and not all(low < high for low, high in window):
        raise ValueError(f"window={window} must be two ranges, each from a lower to a higher number.")
    work = resolution**2 * ground.network.size * ground.x.shape[1]
    if work > MOST_WORK:
        raise ValueError(
            f"This surface would take about {work / MOST_WORK:.1f} times the work that fits an interactive page: "
            f"reduce the resolution ({resolution}) or the hidden layers ({ground.network.size:,} parameters)."
        )
    losses = [ground.loss(run.params) for run in runs]
    ends = [followed(loss) for loss in losses]
    paths = [run.params[:end] for run, end in zip(runs, ends, strict=True)]
    plane = plane_of(kind, ground, paths, seed=seed, pair=pair)
    if window is None:
        window = landscape.extent(plane, np.concatenate(paths))
        if kind == "random":
            window = tuple((min(low, -1.0), max(high, 1.0)) for low, high in window)
    grid = landscape.evaluate(plane, ground.loss, window, resolution, np.float32)
    trails = []
    for run, loss, end in zip(runs, losses, ends, strict=True):
        lost = landscape.fidelity(plane, run.params, ground.loss)
        explained = landscape.explained_variance(plane, run.params[:end])
        place = plane.project(run.params)
        trails.append(Trajectory(run.frames, place, loss, lost.projected_loss, lost.residuals, explained, end))
    return LossSurface(plane, grid, tuple(trails))


def section(runs: Sequence[Recording], resolution: int = 81) -> LossLine:
    """The objective along the straight line through the first run's start and end, and all runs as it shows them.

    Raises:
        ValueError: if the first run ends where it began, so that there is no line.
    """
    ground = objective(runs[0])
    losses = [ground.loss(run.params) for run in runs]
    ends = [followed(loss) for loss in losses]
    start, end = runs[0].params[0], runs[0].params[ends[0] - 1]
    along = end - start
    size = along @ along
    if not 0 < size < np.inf:
        raise ValueError("There is no line from start to end: the run ends where it began, or leaves at once.")
    trails = []
    for run, loss, last in zip(runs, losses, ends, strict=True):
        with np.errstate(all="ignore"):
            a = ((run.params - start) * along).sum(-1, keepdims=True) / size
            nearest = start + a * along
            off = np.square(run.params - nearest).sum(-1)
            away = np.square(run.params - end).sum(-1)
            residual = np.where(away > 0, np.minimum(np.sqrt(off / np.where(away > 0, away, 1.0)), 1.0), 0.0)
            explained = 1.0 - off[:last].sum() / max(away[:last].sum(), np.finfo(float).tiny)
        trails.append(Trajectory(run.frames, a, loss, ground.loss(nearest), residual, float(explained), last))
    span = (min(-0.5, *(float(t.place[: t.followed].min()) for t in trails)), 1.5)
    span = span if span[0] > -5 else (-0.5, 1.5)
    return LossLine(landscape.line_slice(start, end, ground.loss, span, resolution), tuple(trails))
