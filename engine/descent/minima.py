"""Where the minima of a function of two variables lie, for formulas of which nobody has said it.

Points are put down where a minimum may be: at every node of a grid that is the lowest of its row or of its column, for
a curve of minima, too, passes between such nodes. Each is followed down (`settle`), and those that end lowest are the
minima: one, several (Himmelblau's four), or samples of a line or a curve, about as far apart as the nodes. No search
of finitely many points can be sure of the lowest one; a finer grid round the best ones makes it likely.

`nearest_minimum` is the nearest of them or, where they are samples, the point at which one settles, if that is as low:
near a curve of minima this is the foot of the perpendicular, so that a run that has reached the curve is at 0.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from engine.cancellation import cancellation_point
from engine.expressions import parse
from engine.linear_algebra import norm
from engine.optimizers import OPTIMIZERS
from engine.surfaces import Surface, inside, mesh

RESOLUTION = 241  #: nodes on each axis of the grid
FINER, CELLS, BEST = 41, 3, 4  #: nodes of the finer grids, how many cells to either side they span, and how many
MOST_STARTS = 1000
NEWTON_STEPS, HALVINGS = 40, 45
LEVEL = 1e-9  #: of the spread of values: minima that differ by less are equally low
STILL = 1e-13  #: of a cell: a shorter step is none
FLAT = 1e-6  #: of the slope that would leave the spread within the domain: a gradient below is none
SAME = 1e-4  #: of the width of the domain: nearer points are one minimum


@lru_cache(maxsize=64)
def formula_surface(text: str, half: float) -> Surface:
    """f(x, y) from a text, with its minima, where x and y go from -half to half: `parse` and `with_minimum`, kept."""
    surface = parse(text)
    return with_minimum(replace(surface, domain=((-half, half),) * 2, start=surface.start * half / 5))


def with_minimum(surface: Surface) -> Surface:
    """The surface with its lowest minima in the domain, looked for where none is known.

    It comes back as it is where it has none: where it falls beyond all bounds, or towards the edge of the domain.
    """
    if len(surface.minima) or np.isneginf(surface.minimum):
        return surface
    values = surface.value(mesh(surface.domain, RESOLUTION))
    finite = values[np.isfinite(values)]
    if not len(finite) or np.isneginf(values).any():
        return surface
    size = np.ptp(np.asarray(surface.domain), axis=1)
    points, ends = _minima(surface, surface.domain, RESOLUTION, size)
    for centre in points[np.argsort(ends)[:BEST]]:
        cancellation_point()
        reach = CELLS * size / (RESOLUTION - 1)
        more, lower = _minima(surface, tuple(zip(centre - reach, centre + reach, strict=True)), FINER, size)
        points, ends = np.concatenate([points, more]), np.concatenate([ends, lower])
    lowest = ends.min(initial=np.inf)
    level = LEVEL * (np.median(finite) - lowest)
    if not lowest <= finite.min() + level:
        return surface
    points = _distinct(points[ends <= lowest + level], SAME * size)
    neighbours = (np.abs(points[:, None] - points) < 2 * size / (RESOLUTION - 1)).all(-1).sum() > len(points)
    return replace(surface, minima=points, minimum=float(lowest), sampled=bool(neighbours))


def nearest_minimum(surface: Surface, xy: np.ndarray) -> np.ndarray:
    """The minimum `[..., 2]` nearest to each of the points `[..., 2]`: one of those known, or on their curve."""
    xy = np.asarray(xy, dtype=np.float64)
    with np.errstate(all="ignore"):
        nearest = surface.minima[norm(xy[..., None, :] - surface.minima).argmin(-1)]
        if not surface.sampled:
            return nearest
        ends, values, _ = settle(surface, xy.reshape(-1, 2), np.ptp(np.asarray(surface.domain), axis=1) / RESOLUTION)
        spread = np.nanmedian(surface.value(mesh(surface.domain, 21))) - surface.minimum
        ends, low = ends.reshape(xy.shape), (values <= surface.minimum + LEVEL * spread).reshape(xy.shape[:-1])
        nearer = low & (norm(xy - ends) < norm(xy - nearest))
    return np.where(nearer[..., None], ends, nearest)


def distance_to_minimum(surface: Surface, xy: np.ndarray) -> np.ndarray:
    """From each of the points `[..., 2]` to the nearest minimum: `[...]`."""
    with np.errstate(all="ignore"):
        return norm(xy - nearest_minimum(surface, xy))


def settle(surface: Surface, points: np.ndarray, cell: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Follow points `[n, 2]` down until they rest: where they end, the values there, and whether they rest at all.

    First by Newton's method with every curvature taken as positive, its steps cut down where they do not descend; then,
    where there is still a slope, as at a kink, by trying eight directions, from a step of a `cell` `[2]` on.
    """
    newton, points, scale = OPTIMIZERS["newton"](), points.copy(), np.ones((len(points), 1))
    with np.errstate(all="ignore"):
        values, slopes = surface(points)
        moving = np.arange(len(points))
        for _ in range(NEWTON_STEPS):
            cancellation_point()
            here = points[moving]
            step = newton.update(here, slopes[moving], newton.init(here), hessian=surface.hessian(here))[0] - here
            step *= scale[moving]
            value, slope = surface(here + step)
            better = value <= values[moving]
            scale[moving] = np.where(better[:, None], np.minimum(2 * scale[moving], 1), scale[moving] / 4)
            lower = moving[better]
            points[lower], values[lower], slopes[lower] = (here + step)[better], value[better], slope[better]
            moving = moving[(np.abs(step) > STILL * cell).any(-1)]
        steep = np.flatnonzero(~(np.abs(slopes * cell).max(-1) <= FLAT * np.abs(values).max(initial=0)))
        rests = np.ones(len(points), dtype=bool)
        points[steep], values[steep], rests[steep] = _try_directions(surface, points[steep], values[steep], cell)
    return points, values, rests


def _try_directions(surface, points, values, cell):
    """A search without slopes: the best of eight neighbours, or half the step where none is lower."""
    around = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]) * cell
    step = np.ones(len(points))
    for _ in range(2 * HALVINGS):
        cancellation_point()
        tried = points[:, None] + step[:, None, None] * around
        value = surface.value(tried)
        value = np.where(np.isnan(value), np.inf, value)
        best = value.argmin(-1)
        value, tried = (part[np.arange(len(points)), best] for part in (value, tried))
        better = value < values
        points, values = np.where(better[:, None], tried, points), np.where(better, value, values)
        step = np.where(better, step, step / 2)
    return points, values, step < 0.5 ** (HALVINGS / 2)


def _minima(surface, window, resolution, size):
    """Local minima `[n, 2]` within the domain and their values, from a grid over a window of it."""
    xy = mesh(window, resolution)
    cancellation_point()
    values = surface.value(xy)
    cancellation_point()
    low = _lowest_of_three(values) | _lowest_of_three(values.T).T
    starts, heights = xy[low], values[low]
    starts = starts[np.argsort(heights, kind="stable")[:MOST_STARTS]]
    points, ends, rests = settle(surface, starts, size / (RESOLUTION - 1))
    kept = rests & inside(points, surface.domain) & np.isfinite(ends)
    points, ends = points[kept], ends[kept]
    beside = surface.value(points[:, None] + SAME * size * np.array([(1, 0), (-1, 0), (0, 1), (0, -1)]))
    with np.errstate(invalid="ignore"):  # a pole is no minimum: right beside it all is different
        kept = np.abs(beside - ends[:, None]).max(-1, initial=0) <= np.ptp(values[np.isfinite(values)])
    return points[kept], ends[kept]


def _lowest_of_three(values):
    """Which of the values `[m, n]` are below one neighbour in their row, and not above the other."""
    found = np.zeros(values.shape, dtype=bool)
    with np.errstate(invalid="ignore"):
        left, right = values[:, :-2] - values[:, 1:-1], values[:, 2:] - values[:, 1:-1]
        found[:, 1:-1] = (left >= 0) & (right >= 0) & (left + right > 0)
    return found


def _distinct(points, near):
    """Of the points `[n, 2]` those that are not within `near` `[2]` of an earlier one."""
    _, first = np.unique((points / near).round(), axis=0, return_index=True)
    points, kept = points[np.sort(first)], []
    for i, point in enumerate(points):
        cancellation_point()
        if not (np.abs(points[kept] - point) < near).all(-1).any():
            kept.append(i)
    return points[kept]
