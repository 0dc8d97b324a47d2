"""What a race says in numbers and words: the row above the charts, the table of results, and who left the map."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.descent import NEVER, nearest_minimum
from engine.descent.races import diverged_at, first
from engine.landscape.stability import rate_at_limit
from engine.optimizers import OPTIMIZERS
from engine.surfaces import Surface, largest_curvature
from engine.training import Recording, optimizer_of
from pages.common.text import listed, number, short
from pages.sections.optimizers.race import Race

TITLES = {name: kind.title for name, kind in OPTIMIZERS.items()} | {"nesterov": "Nesterov"}
NONE = "–"
MEANS = (
    "Stable rate: the largest one of gradient descent at that place, 2/λmax, with the largest curvature λmax. "
    "Limit: the largest one of the method itself, where it has one."
)


def leaders(race: Race) -> tuple[np.ndarray, np.ndarray]:
    """At every key frame, who has the lowest loss, `[F]`, and that loss, `[F]`; NEVER and nan where none is finite."""
    losses = race.result.loss[race.result.steps]
    finite = np.isfinite(losses)
    who = np.where(finite, losses, np.inf).argmin(1)
    lowest = losses[np.arange(len(who)), who]
    return np.where(finite.any(1), who, NEVER), np.where(finite.any(1), lowest, np.nan)


def metrics(race: Race, surface: Surface | None) -> dict[str, list[str]]:
    """The numbers that the player keeps up to date: `{title: text of every key frame}`."""
    result = race.result
    who, lowest = leaders(race)
    there = np.where(who == NEVER, np.nan, result.curvature[np.arange(len(who)), who])
    shown = {
        f"Step of {result.steps[-1]:,}": [f"{step:,}" for step in result.steps],
        "Lowest loss": [said(value) for value in lowest],
        "Leading optimizer": [NONE if i == NEVER else TITLES[result.names[i]] for i in who],
        "Largest stable rate there (2/λmax)": [said(stable_rate(value)) for value in there],
    }
    if surface is not None and len(surface.minima):
        shown["Stable at the minimum (2/λmax)"] = [said(stable_rate(at_minimum(race, surface)))] * len(who)
    return shown


def race_findings(race: Race) -> list[str]:
    """Who leads at each key frame, who has left the map by then and who has diverged, for those who do not see it."""
    result, (who, lowest) = race.result, leaders(race)
    found = []
    for step, leader, loss in zip(result.steps, who, lowest, strict=True):
        words = [
            "No loss is finite" if leader == NEVER else f"{TITLES[result.names[leader]]} leads with {number(loss)}"
        ]
        diverged, left = ((at != NEVER) & (at <= step) for at in (result.diverged_at, result.left_at))
        for these, what in ((diverged, "diverged"), (left & ~diverged, "left the map")):
            names = [TITLES[name] for name, one in zip(result.names, these, strict=True) if one]
            words += [f"{listed(names)} {'has' if len(names) == 1 else 'have'} {what}"] if names else []
        found.append("; ".join(words))
    return found


def beside_pinned(shown: Mapping[str, Sequence[str]], race: Race, pinned: Recording) -> dict[str, Sequence[str]]:
    """The numbers of the player with the loss of the pinned run at the same steps, or at its last one."""
    losses = pinned.loss[np.minimum(race.result.steps, len(pinned.loss) - 1)]
    return {**shown, "Loss of A": [said(value) for value in losses]}


def row_of_pinned(pinned: Recording, tolerance: float) -> dict[str, Any]:
    """The pinned run in the columns of the table; it is in no race, so that it has no place on the map."""
    experiment, (reached, ended) = pinned.experiment, (first(pinned.loss <= tolerance), diverged_at(pinned))
    return {
        "Optimizer": f"A: {TITLES[experiment.optimizer]}",
        "Learning rate": experiment.lr,
        "To tolerance": _step(reached),
        "Final loss": float(pinned.loss[-1]) if ended == NEVER else math.nan,
        "Diverged at": _step(ended),
    }


def stable_rate(curvature: Any) -> Any:
    """2/λmax, nan where the surface does not curve upwards."""
    curved = np.asarray(curvature, dtype=np.float64)
    with np.errstate(all="ignore"):
        return np.where(curved > 0, 2 / np.where(curved > 0, curved, 1), np.nan)[()]


def at_minimum(race: Race, surface: Surface) -> float:
    """λmax at the minimum nearest to where the leader ends; nan where none is known."""
    if not len(surface.minima):
        return float("nan")
    who, _ = leaders(race)
    return float(_curvature_near(surface, race.result.place[-1, who[-1]]))


def limits(race: Race, surface: Surface | None) -> dict[str, float]:
    """The largest stable learning rate in the minimum for each optimizer whose method has one in closed form."""
    if surface is None:
        return {}
    value = at_minimum(race, surface)
    found = {name: rate_at_limit(optimizer, value) for name, optimizer in race.optimizers.items()}
    return {name: rate for name, rate in found.items() if np.isfinite(rate)}


def table(race: Race, surface: Surface | None, tolerance: float) -> dict[str, list[Any]]:
    """A column for each quantity, a row for each optimizer, the best first.

    None is a step that never came or a rate that there is not, nan a loss that is not finite.
    """
    result, rows = race.result, []
    with np.errstate(all="ignore"):
        gap = result.loss - race.minimum
    reached = first(gap <= tolerance) if np.isfinite(race.minimum) else np.full(len(result.names), NEVER)
    final = _last_finite(result.loss)
    for i, name in enumerate(result.names):
        optimizer = race.optimizers[name] if surface is not None else optimizer_of([race.optimizers[name]])
        end = _last_finite(result.curvature[:, i : i + 1])[0]
        row = {
            "Optimizer": TITLES[name],
            "Learning rate": float(race.rates[name]),
            "To tolerance": _step(reached[i]),
            "Final loss": float(final[i]) if result.diverged_at[i] == NEVER else math.nan,
            "Left map at": _step(result.left_at[i]),
            "Diverged at": _step(result.diverged_at[i]),
            "Stable rate, end": _rate(stable_rate(end)),
            "Limit, end": _rate(rate_at_limit(optimizer, end)),
        }
        if surface is not None and len(surface.minima):
            near = float(_curvature_near(surface, result.place[-1, i]))
            row |= {
                "Stable rate, minimum": _rate(stable_rate(near)),
                "Limit, minimum": _rate(rate_at_limit(optimizer, near)),
            }
        rows.append(row)
    ended = result.diverged_at != NEVER
    steps = np.where(reached == NEVER, np.iinfo(int).max, reached)
    order = np.lexsort((final, steps, ended))
    return {name: [rows[i][name] for i in order] for name in rows[0]}


def in_words(columns: Mapping[str, Sequence[Any]]) -> dict[str, list[str]]:
    """The table as people read it; the file has all digits."""

    def words(title: str, value: Any) -> str:
        if value is None:
            return NONE
        if isinstance(value, str):
            return value
        if isinstance(value, int):
            return f"{value:,}"
        if title == "Learning rate":
            return short(value)
        return "not finite" if math.isnan(value) else number(value)

    return {title: [words(title, value) for value in values] for title, values in columns.items()}


def events(race: Race) -> list[str]:
    """A sentence for what ended badly: who left the map, and who diverged, with the steps."""
    result, sentences = race.result, []
    for steps, word in ((result.left_at, "left the map"), (result.diverged_at, "diverged")):
        names = [
            f"{TITLES[name]} at step {step:,}" for name, step in zip(result.names, steps, strict=True) if step != NEVER
        ]
        if names:
            sentences.append(f"{word.capitalize()}: {listed(names)}.")
    return sentences


def spans(race: Race) -> tuple[tuple[float, float], float, float]:
    """What the axes are made for: losses from and to, distances up to, gradient norms up to.

    A thousand times what a run begins with, and three times the map; without a known minimum, the losses of the map.
    """
    result, grid = race.result, race.grid
    finite = grid.loss[np.isfinite(grid.loss)]
    begin = result.loss[0, 0] - race.minimum
    if np.isfinite(begin) and begin > 0:
        losses = (-np.inf, 1e3 * float(begin))
    else:
        losses = (float(finite.min()), float(finite.max())) if len(finite) else (-np.inf, np.inf)
    slope = result.gradient_norm[0, 0]
    return losses, 3 * float(np.hypot(np.ptp(grid.x), np.ptp(grid.y))), 1e3 * float(slope) if slope > 0 else np.inf


def said(value: float) -> str:
    """A number for a table, a dash where there is none."""
    return number(value) if np.isfinite(value) else NONE


def _curvature_near(surface: Surface, point: np.ndarray) -> float:
    if not np.isfinite(point).all():
        point = surface.start
    return largest_curvature(surface, nearest_minimum(surface, point))


def _last_finite(values: np.ndarray) -> np.ndarray:
    """The last finite value of each column of `[n, R]`; nan where there is none."""
    finite = np.isfinite(values)
    last = len(values) - 1 - finite[::-1].argmax(0)
    return np.where(finite.any(0), values[last, np.arange(values.shape[1])], np.nan)


def _step(step: int) -> int | None:
    return None if step == NEVER else int(step)


def _rate(rate: float) -> float | None:
    return float(rate) if np.isfinite(rate) else None
