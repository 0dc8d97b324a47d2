"""What a race computes, kept for everybody: the sweep, the rates that follow from it, the race, and its map."""

import dataclasses
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engine.descent import (
    RaceResult,
    Sweep,
    race_of_recordings,
    race_on_surface,
    spread_rates,
    sweep_of_recordings,
    sweep_on_surface,
)
from engine.descent.races import CURVATURES, key_frames
from engine.landscape.objective import objective_of, sample_count
from engine.landscape.stability import PRODUCTS
from engine.landscape.trajectories import closely, loss_surface
from engine.optimizers import OPTIMIZERS
from engine.surfaces import mesh
from engine.training import load, network_of, race
from engine.training.batches import joined
from engine.work import (
    Estimate,
    frame_count,
    in_turn,
    map_work,
    race_work,
    sharpness_work,
    surface_work,
    together,
    training_work,
)
from pages.common.app.head import Head
from pages.common.runs.cache import kept, require_data
from pages.common.runs.near import race_near, steps_near
from pages.common.settings import Settings
from pages.common.text import plain
from pages.figures.optimizers.contours import LossGrid
from pages.sections.optimizers.controls import RaceSettings
from pages.sections.optimizers.hyperparameters import Own, experiments, optimizers

RESOLUTION, PLANE_RESOLUTION = 161, 61  #: nodes of the map on each axis: of a function, of a network's plane
NETWORK_RATES = (1e-4, 10.0)
SHARPEST = ("the sharpest direction", "the next one")  #: of the plane where all leave at once, and no path has any
#: A Hessian of the network in each step of 32 runs would take minutes.
NOT_SWEPT = tuple(name for name, kind in OPTIMIZERS.items() if getattr(kind, "needs_hessian", False))


class Race(NamedTuple):
    """A race: what it ran on, how it went, and with what."""

    grid: LossGrid
    result: RaceResult
    sweep: Sweep | None
    rates: dict[str, float]
    optimizers: dict[str, Any]
    """As they raced; on the network, experiments."""
    minimum: float
    """The lowest loss there is; 0 on the network, nan where it is not known."""
    near: Sequence[int] = ()
    """The key frames that playing leaves out."""
    asks: bool = False
    """Whether there are more of them near another rest."""


def run_on_surface(choice: RaceSettings, own: Own, rest: float | None, head: Head) -> Race:
    """The race on a function of two variables, with every step near that of `rest`."""
    values, surface = choice.values, choice.surface
    names, steps = values["racers"], values["rsteps"]
    key = ("race", *choice.key, _frozen(own))
    more = {"schedule": values["rsched"], "warmup": min(values["rwarm"], steps), "noise": values["gnoise"]}
    entered = optimizers(names, own, values["rate"])

    def swept(_progress: Any) -> Sweep:
        return sweep_on_surface(surface, choice.start, entered, steps, tolerance=values["tol"], **more)

    sweep_work = partial(race_work, surface, entered, steps, rates=len(spread_rates()))
    sweep = kept(("sweep", *key), swept, sweep_work, head, "This sweep of learning rates")
    rates = _rates(choice, own, sweep)
    raced = {name: dataclasses.replace(optimizer, lr=rates[name]) for name, optimizer in entered.items()}

    def ran(_progress: Any) -> RaceResult:
        return race_on_surface(surface, choice.start, raced, steps, near=near, **more)

    played = key_frames(steps, len(raced))
    near = tuple(steps_near(rest, played).tolist())
    work = partial(race_work, surface, raced, steps)
    result = kept(("race result", *key, *rates.values(), near), ran, work, head, "This race")
    x, y = (np.linspace(low, high, RESOLUTION) for low, high in surface.domain)
    place = ("map", surface.title, values["kap"], values["ang"], surface.domain)
    loss = kept(
        place,
        lambda _progress: surface.value(mesh(surface.domain, RESOLUTION)),
        lambda: map_work(surface, RESOLUTION),
        head,
        "This map",
    )
    grid = LossGrid(x, y, loss, minima=surface.minima, are_curve=surface.sampled)
    return Race(grid, result, sweep, rates, raced, surface.minimum, near, len(played) <= steps)


def run_on_network(choice: RaceSettings, own: Own, settings: Settings, rest: float | None, head: Head) -> Race:
    """The race on the loss of the sidebar's network, in the plane of the principal components of all paths.

    Every step near that of `rest` is among its key frames where the race is a quick one. A weight that is trained alone
    has no plane: it has the bias beside it, which stays where it is.
    """
    require_data(settings)
    values, base = choice.values, settings.experiment
    names, data = values["racers"], settings.data or load(base)
    network, train, held = network_of(base, data), len(data.train), len(data.test)
    key = (*base.to_params().values(), settings.fingerprint, tuple(names), _frozen(own))
    entered = experiments(names, own, values["rate"], base)
    sweep = None
    swept_names = tuple(name for name in names if name not in NOT_SWEPT)
    if values["fair"] == "tuned" and swept_names:
        rates = spread_rates(*NETWORK_RATES)

        runs = [entered[name].replace(lr=float(rate)) for name in swept_names for rate in rates]

        def swept(progress: Any) -> Sweep:
            found = race(runs, progress, data=data, frames=2, dtype=np.float32)
            return sweep_of_recordings(swept_names, rates, found, values["tol"])

        sweep = kept(
            ("network sweep", *key, values["tol"]),
            swept,
            lambda: training_work(runs, network, train, held, frames=2, itemsize=4)._replace(result=0.0),
            head,
            "This sweep of learning rates",
            steps=base.steps,
            settings=settings,
        )
    chosen = _rates(choice, own, sweep)
    raced = {name: experiment.replace(lr=chosen[name]) for name, experiment in entered.items()}

    def ran(progress: Any) -> tuple[Any, ...]:
        runs = race(list(raced.values()), progress, data=data)
        alone = len(objective_of(runs[0]).variables) < 2
        surface = loss_surface("weights" if alone else "pca", runs, resolution=PLANE_RESOLUTION, pair=(0, 1))
        return race_of_recordings(names, runs, surface), surface

    def work() -> Estimate:
        samples, count = sample_count(network, train), frame_count(network, len(raced), base.steps)
        return together(
            training_work(list(raced.values()), network, train, held)._replace(result=0.0),
            in_turn(
                surface_work(network, samples, [count] * len(raced), PLANE_RESOLUTION, "pca"),
                *(sharpness_work(network, samples, min(CURVATURES, count), PRODUCTS) for _ in raced),
            ),
        )

    this = ("network race", *key, *chosen.values())
    result, surface = kept(
        this,
        ran,
        work,
        head,
        "This race",
        steps=base.steps,
        settings=settings,
    )
    if said := joined(base, train):
        st.caption(plain(said))
    if base.patience:
        st.caption(f"Patience ({base.patience:,}) is left out: in a race nobody stops early.")
    titles = {"weights": ("the weight", "a bias, which is not trained")}.get(surface.plane.kind, SHARPEST)
    if surface.plane.explained is not None:
        titles = (f"component 1 (both: {np.sum(surface.plane.explained):.0%} of the paths)", "component 2")
    runs, near, asks = race_near(list(raced.values()), network, data, result.steps, rest, this, settings, head)
    if runs:
        result = race_of_recordings(names, runs, surface._replace(trajectories=closely(surface, runs)), result)
    grid = LossGrid(surface.grid.alpha, surface.grid.beta, surface.grid.loss, titles, is_plane=True)
    return Race(grid, result, sweep, chosen, raced, 0.0, near, asks)


def _rates(choice: RaceSettings, own: Own, sweep: Sweep | None) -> dict[str, float]:
    names, values = choice.values["racers"], choice.values
    rates = dict.fromkeys(names, values["rate"])
    if values["fair"] == "tuned":
        rates |= {name: OPTIMIZERS[name].rate for name in names if name in NOT_SWEPT}
    if values["fair"] == "tuned" and sweep is not None:
        rates |= dict(zip(sweep.names, sweep.rates[sweep.best].tolist(), strict=True))
    return rates | {name: own[name]["lr"] for name in names if "lr" in own.get(name, {})}


def _frozen(own: Own) -> tuple[Any, ...]:
    return tuple((name, *sorted(values.items())) for name, values in sorted(own.items()))
