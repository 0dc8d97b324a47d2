"""Momentum, Adagrad, RMSprop, Adam, and methods that know the curvature: what they buy, and a fair comparison."""

from collections.abc import Callable

import numpy as np

from engine.descent.races import first
from engine.lessons.lesson import HERE, Claim, Lesson, Look, Params, Source
from engine.lessons.measures import ground, raced

NOCEDAL = Source("Numerical optimization", "J. Nocedal, S. Wright", 2006, "https://doi.org/10.1007/978-0-387-40065-5")
SCHMIDT = Source(
    "Descending through a crowded valley: benchmarking deep learning optimizers",
    "R. Schmidt, F. Schneider, P. Hennig",
    2021,
    "https://arxiv.org/abs/2007.01547",
)


def _last(name: str) -> Callable[[Params], float]:
    """Where an optimizer ends, above the minimum."""

    def of(params: Params) -> float:
        race = raced(params)
        return race.loss[-1, race.names.index(name)] - ground(params)[0].minimum

    return of


def _within(name: str, distance: float) -> Callable[[Params], int]:
    """The first step at which an optimizer is so near to the minimum."""

    def of(params: Params) -> int:
        race, (surface, _) = raced(params), ground(params)
        away = np.hypot(*(race.path[:, race.names.index(name)] - surface.minima[0]).T)
        return first(away < distance)

    return of


def _left(name: str) -> Callable[[Params], bool]:
    """Whether an optimizer leaves all bounds."""

    def of(params: Params) -> bool:
        race = raced(params)
        return race.diverged_at[race.names.index(name)] >= 0

    return of


RACE = Lesson(
    key="race",
    title="A fair race in a bent valley",
    chapter=2,
    page="optimizers",
    params={
        "track": "rosenbrock",
        "racers": "sgd-momentum-adagrad-rmsprop-adam",
        "fair": "tuned",
        "rsteps": "300",
    },
    system="Rosenbrock's bent valley, five optimizers from one start, each with its best learning rate.",
    question="Each has the best of many learning rates. Who is at the bottom of the valley after {rsteps} steps?",
    choices=("Gradient descent", "Momentum", "Adagrad", "RMSprop"),
    answer=1,
    watch=(
        Look("All fall to the floor of the valley within a few steps.", "race-map", 20),
        Look("Along the bent floor the slope is small: there momentum pays.", "race-map", 120),
        Look("The curves of the loss part by powers of ten.", "race-loss"),
    ),
    why=(
        "Across the valley the curvature is large and limits the rate; along its floor the slope is small. Momentum "
        "adds up the small steps that agree: it ends {momentum:.1e} above the minimum, plain descent {sgd:.1e}, and "
        "Adam {adam:.1e}. On another track the order is another one."
    ),
    claims=tuple(
        Claim(
            name=name,
            words=f"height above the minimum at the end, {title}",
            of=_last(name),
            expected=expected,
            tolerance=0.1,
            relative=True,
            source=HERE,
        )
        for name, title, expected in (
            ("sgd", "gradient descent", 0.0807),
            ("momentum", "momentum", 0.000258),
            ("adam", "Adam", 0.00239),
        )
    ),
    covered=("race-map", "race-surface", "race-loss", "race-distance"),
)

ONE_RATE = RACE.replace(
    key="race-one-rate",
    title="The same race with one rate for all",
    params={"fair": "same", "rate": "0.01"},
    system="The same valley and the same optimizers, all with the learning rate {rate}.",
    question="Now all have the learning rate {rate}. What becomes of the winner, momentum?",
    choices=(
        "It wins again",
        "It comes second, behind Adam",
        "It leaves the map within ten steps",
    ),
    answer=2,
    watch=(
        Look("Two racers are gone after a few steps.", "race-map", 6),
        Look("Those that divide by the size of the gradient go on, whatever the rate.", "race-loss"),
    ),
    why=(
        "A learning rate means something else to each method: plain descent and momentum multiply the gradient by it, "
        "Adagrad, RMSprop and Adam first divide the gradient by its own size. One rate for all compares the rate, not "
        "the methods; so each should have its own."
    ),
    claims=tuple(
        Claim(
            name=name,
            words=f"whether {title} leaves all bounds, one for yes",
            of=_left(name),
            expected=expected,
            tolerance=0.0,
            source=SCHMIDT,
        )
        for name, title, expected in (
            ("sgd", "gradient descent", 1),
            ("momentum", "momentum", 1),
            ("adam", "Adam", 0),
        )
    ),
)

NEWTON = Lesson(
    key="newton",
    title="Beyond the first order",
    chapter=2,
    page="optimizers",
    params={
        "track": "booth",
        "racers": "sgd-lbfgs-newton",
        "fair": "same",
        "rate": "1",
        "rsteps": "60",
        "hy": "sgd.lr:0.1",
    },
    system="A quadratic bowl; gradient descent, L-BFGS and Newton's method.",
    question="The bowl is a quadratic, and Newton's method knows its curvature. How many steps does it need?",
    choices=("One", "As many as there are variables", "About as many as gradient descent"),
    answer=0,
    watch=(
        Look("Newton's first step ends at the bottom.", "race-map", 1),
        Look("L-BFGS guesses the curvature from its own steps, and is there after a few.", "race-map", 6),
        Look("Gradient descent follows the slope, which does not point to the bottom.", "race-map", 30),
    ),
    why=(
        "The gradient divided by the curvature is exactly the way to the bottom of a quadratic: Newton takes "
        "{newton:.0f} step, L-BFGS {lbfgs:.0f}, gradient descent {sgd:.0f}. The price is the Hessian, whose entries "
        "are the square of the number of parameters; of a network with a million of them nobody computes it."
    ),
    claims=tuple(
        Claim(
            name=name,
            words=f"steps until it is practically at the minimum, {title}",
            of=_within(name, 0.001),
            expected=expected,
            tolerance=tolerance,
            source=NOCEDAL,
        )
        for name, title, expected, tolerance in (
            ("newton", "Newton's method", 1, 0),
            ("lbfgs", "L-BFGS", 5, 3),
            ("sgd", "gradient descent", 42, 2),
        )
    ),
    covered=("race-map", "race-surface", "race-loss", "race-distance"),
)

LESSONS = (RACE, ONE_RATE, NEWTON)
