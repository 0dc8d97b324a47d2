"""Searching for settings: many learning rates at once, and a grid beside a random search."""

import numpy as np

from engine import study
from engine.descent import spread_rates
from engine.experiment import SETTINGS
from engine.lessons.lesson import HERE, Claim, Lesson, Look, Params, Source, experiment_of
from engine.training import race

BERGSTRA = Source(
    "Random search for hyper-parameter optimization",
    "J. Bergstra, Y. Bengio",
    2012,
    "https://www.jmlr.org/papers/v13/bergstra12a.html",
)
SEARCHES = 5  #: random searches whose best runs are compared with that of the grid


def _sweep(params: Params) -> tuple[np.ndarray, np.ndarray]:
    """The rates of the sweep on the Optimizers page, and the loss that gradient descent ends with for each."""
    rates, experiment = spread_rates(1e-4, 10.0), experiment_of(params)
    runs = race([experiment.replace(lr=float(rate)) for rate in rates], frames=2)
    return rates, np.array([recording.loss[-1] for recording in runs])


SWEEP = Lesson(
    key="rate-sweep",
    title="Thirty-two learning rates at once",
    chapter=2,
    page="optimizers",
    params={"track": "network", "racers": "sgd", "optimizer": "sgd", "steps": "200"},
    system="The same network from the same start with many learning rates, {steps} steps each.",
    question="One network is trained with many learning rates. What does its last loss look like over the rate?",
    choices=(
        "A symmetric valley: too small is as bad as too large",
        "A slow way down, a low floor that is wide, and then a cliff",
        "A straight line: twice the rate, half the loss",
    ),
    answer=1,
    watch=(
        Look("From left to right the loss falls: larger rates get farther.", "race-sweep"),
        Look("The floor spans several factors of two: the exact value does not matter.", "race-sweep"),
        Look("At the right end it goes up at once.", "race-sweep"),
    ),
    why=(
        "Below the best rate a run is merely slower; above it, it is lost within a factor of two or so. That is why "
        "rates are searched on a log scale and chosen somewhat below the best one. Here {wide:.0f} of the rates end "
        "within ten times the lowest loss; the best of them is {best:.1f}."
    ),
    claims=(
        Claim(
            name="best",
            words="the rate that ends lowest",
            of=lambda params: _sweep(params)[0][_sweep(params)[1].argmin()],
            expected=6.0,
            tolerance=2.5,
            source=HERE,
        ),
        Claim(
            name="wide",
            words="how many of the rates end within ten times the lowest loss",
            of=lambda params: (_sweep(params)[1] < 10 * _sweep(params)[1].min()).sum(),
            expected=8,
            tolerance=3,
            source=HERE,
        ),
    ),
    covered=("race-sweep",),
)


def _axes(params: Params) -> dict[str, tuple[tuple[float, ...], study.Range]]:
    """The values and the range of the two settings that a state of the Study page varies."""
    return {params[name]: study.values_of(SETTINGS[params[name]], params[f"{name}v"]) for name in ("st1", "st2")}


def _best_of_grid(params: Params) -> float:
    """The lowest test loss of the grid."""
    rows = study.run(study.grid(experiment_of(params), {key: values for key, (values, _) in _axes(params).items()}))
    return min(row.test_loss for row in rows)


def _best_at_random(params: Params) -> np.ndarray:
    """The lowest test loss of each of several random searches with as many runs."""
    axes, experiment = _axes(params), experiment_of(params)
    runs = int(np.prod([len(values) for values, _ in axes.values()]))
    ranges = {key: span for key, (_, span) in axes.items()}
    searches = [study.run(study.random(experiment, ranges, runs, seed)) for seed in range(SEARCHES)]
    return np.array([min(row.test_loss for row in rows) for rows in searches])


GRID_OR_RANDOM = Lesson(
    key="grid-or-random",
    title="A grid, or random draws",
    chapter=2,
    page="study",
    params={
        "st1": "lr",
        "st1v": "0.001..30 log 3",
        "st2": "l2",
        "st2v": "1e-6..1e-4 log 3",
        "stplan": "both",
        "stseeds": "1",
        "optimizer": "sgd",
        "steps": "100",
    },
    system="Two settings are searched, the learning rate and a penalty that hardly matters, with nine runs each way.",
    question="Three rates times three penalties, or nine random draws of both. Which search finds the better run?",
    choices=(
        "The grid: it covers the ground evenly",
        "The random draws: they try nine different rates",
        "Neither: nine runs are nine runs",
    ),
    answer=1,
    watch=(
        Look("The grid has nine points, but only three different rates.", "study-grid"),
        Look("Each random draw has a rate of its own.", "study-random"),
        Look("The best run so far, over the number of runs: the random search ends lower.", "study-budget"),
    ),
    why=(
        "Mostly a few settings matter, and nobody knows which. A grid spends most of its runs on repeating the same "
        "values of those, random draws never repeat one. The best run of the grid has a test loss of {grid:.3f}; those "
        "of several random searches lie around {random:.3f}."
    ),
    claims=(
        Claim(
            name="grid",
            words="lowest test loss of the grid",
            of=_best_of_grid,
            expected=0.329,
            tolerance=0.005,
            source=HERE,
        ),
        Claim(
            name="random",
            words="the same of a random search, the mean over several",
            of=lambda params: _best_at_random(params).mean(),
            expected=0.037,
            tolerance=0.01,
            source=HERE,
        ),
        Claim(
            name="wins",
            words="share of the random searches that end lower than the grid",
            of=lambda params: (_best_at_random(params) < _best_of_grid(params)).mean(),
            expected=1.0,
            tolerance=0.0,
            source=BERGSTRA,
        ),
    ),
    covered=("study-grid", "study-random", "study-budget"),
)

LESSONS = (SWEEP, GRID_OR_RANDOM)
