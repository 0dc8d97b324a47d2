"""What a race says in numbers and words: the row above the charts, the table of results, and who left the map."""

from typing import Any

import numpy as np
import pandas as pd

from engine.descent import NEVER
from engine.descent.races import first
from engine.landscape.stability import rate_at_limit
from engine.optimizers import OPTIMIZERS
from engine.surfaces import Surface, distance, largest_curvature
from engine.training import optimizer_of
from pages.common.text import listed, number, short
from pages.sections.optimizers.race import Race

TITLES = {name: kind.title for name, kind in OPTIMIZERS.items()} | {"nesterov": "Nesterov"}
NONE = "–"


def leaders(race: Race) -> tuple[np.ndarray, np.ndarray]:
    """At every key frame, who has the lowest loss, `[F]`, and that loss, `[F]`."""
    losses = race.heat.loss[race.heat.steps]
    held = np.where(np.isnan(losses), np.inf, losses)
    who = held.argmin(1)
    return who, losses[np.arange(len(who)), who]


def metrics(race: Race, surface: Surface | None) -> dict[str, list[str]]:
    """The numbers that the player keeps up to date: `{title: text of every key frame}`."""
    heat = race.heat
    who, lowest = leaders(race)
    there = heat.curvature[np.arange(len(who)), who]
    shown = {
        f"Step of {heat.steps[-1]:,}": [f"{step:,}" for step in heat.steps],
        "Lowest loss": [number(value) for value in lowest],
        "held by": [TITLES[heat.names[i]] for i in who],
        "2/λmax there": [said(stable_rate(value)) for value in there],
    }
    if surface is not None and len(surface.minima):
        shown["2/λmax at minimum"] = [said(stable_rate(at_minimum(race, surface)))] * len(who)
    return shown


def stable_rate(curvature: Any) -> Any:
    """2/λmax, nan where the ground does not curve upwards."""
    curved = np.asarray(curvature, dtype=np.float64)
    with np.errstate(all="ignore"):
        return np.where(curved > 0, 2 / np.where(curved > 0, curved, 1), np.nan)[()]


def at_minimum(race: Race, surface: Surface) -> float:
    """λmax at the minimum nearest to where the leader ends; nan where none is known."""
    if not len(surface.minima):
        return float("nan")
    who, _ = leaders(race)
    return float(_curvature_near(surface, race.heat.place[-1, who[-1]]))


def limits(race: Race, surface: Surface | None) -> dict[str, float]:
    """The largest stable learning rate in the minimum for each racer whose method has one in closed form."""
    if surface is None:
        return {}
    value = at_minimum(race, surface)
    found = {name: rate_at_limit(optimizer, value) for name, optimizer in race.racers.items()}
    return {name: rate for name, rate in found.items() if np.isfinite(rate)}


def table(race: Race, surface: Surface | None, tolerance: float) -> pd.DataFrame:
    """A row for each racer, the best first."""
    heat, rows = race.heat, []
    with np.errstate(all="ignore"):
        gap = heat.loss - race.minimum
    reached = first(gap <= tolerance) if np.isfinite(race.minimum) else np.full(len(heat.names), NEVER)
    final = _last_finite(heat.loss)
    for i, name in enumerate(heat.names):
        racer = race.racers[name] if surface is not None else optimizer_of([race.racers[name]])
        end = _last_finite(heat.curvature[:, i : i + 1])[0]
        row = {
            "Optimizer": TITLES[name],
            "Learning rate": short(race.rates[name]),
            "To tolerance": _step(reached[i]),
            "Final loss": number(final[i]) if heat.diverged_at[i] == NEVER else "not finite",
            "Left map at": _step(heat.left_at[i]),
            "Diverged at": _step(heat.diverged_at[i]),
            "2/λmax, end": said(stable_rate(end)),
            "Limit, end": said(rate_at_limit(racer, end)),
        }
        if surface is not None and len(surface.minima):
            near = float(_curvature_near(surface, heat.place[-1, i]))
            row |= {"2/λmax, minimum": said(stable_rate(near)), "Limit, minimum": said(rate_at_limit(racer, near))}
        rows.append(row)
    ended = heat.diverged_at != NEVER
    steps = np.where(reached == NEVER, np.iinfo(int).max, reached)
    order = np.lexsort((final, steps, ended))
    return pd.DataFrame([rows[i] for i in order])


def events(race: Race) -> list[str]:
    """A sentence for what ended badly: who left the map, and who diverged, with the steps."""
    heat, said_ = race.heat, []
    for steps, word in ((heat.left_at, "left the map"), (heat.diverged_at, "diverged")):
        names = [
            f"{TITLES[name]} at step {step:,}" for name, step in zip(heat.names, steps, strict=True) if step != NEVER
        ]
        if names:
            said_.append(f"{word.capitalize()}: {listed(names)}.")
    return said_


def spans(race: Race) -> tuple[tuple[float, float], float, float]:
    """What the axes are made for: losses from and to, distances up to, gradient norms up to.

    A thousand times what a racer begins with, and three times the map; without a known minimum, the losses of the map.
    """
    heat, (x, y) = race.heat, (race.ground.x, race.ground.y)
    finite = race.ground.loss[np.isfinite(race.ground.loss)]
    begin = heat.loss[0, 0] - race.minimum
    if np.isfinite(begin) and begin > 0:
        losses = (-np.inf, 1e3 * float(begin))
    else:
        losses = (float(finite.min()), float(finite.max())) if len(finite) else (-np.inf, np.inf)
    slope = heat.slope[0, 0]
    return losses, 3 * float(np.hypot(np.ptp(x), np.ptp(y))), 1e3 * float(slope) if slope > 0 else np.inf


def said(value: float) -> str:
    """A number for a table, a dash where there is none."""
    return number(value) if np.isfinite(value) else NONE


def _curvature_near(surface: Surface, point: np.ndarray) -> float:
    if not np.isfinite(point).all():
        point = surface.start
    nearest = [distance(point, minimum[None]) for minimum in surface.minima]
    return largest_curvature(surface, surface.minima[int(np.argmin(nearest))])


def _last_finite(values: np.ndarray) -> np.ndarray:
    """The last finite value of each column of `[n, R]`; nan where there is none."""
    finite = np.isfinite(values)
    last = len(values) - 1 - finite[::-1].argmax(0)
    return np.where(finite.any(0), values[last, np.arange(values.shape[1])], np.nan)


def _step(step: int) -> str:
    return NONE if step == NEVER else f"{step:,}"
