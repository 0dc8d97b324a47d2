"""Stuck: a saddle, a local minimum and a plateau, and why descent need not find the best minimum."""

import numpy as np

from engine.lessons.lesson import Claim, Lesson, Look, Params, Source
from engine.lessons.measures import ground, raced

LEE = Source(
    "Gradient descent only converges to minimizers",
    "J. Lee, M. Simchowitz, M. Jordan, B. Recht",
    2016,
    "https://arxiv.org/abs/1602.04915",
)
ONE_POINT = ("race-map", "race-surface", "race-loss", "race-distance")


def _end(params: Params) -> np.ndarray:
    """Where gradient descent stands in the end."""
    return raced(params).path[-1, 0]


SADDLE = Lesson(
    key="saddle",
    title="On a saddle",
    chapter=2,
    page="optimizers",
    params={
        "track": "saddle",
        "racers": "sgd",
        "fair": "same",
        "rate": "0.1",
        "sx": "-1.5",
        "sy": "0.001",
        "rsteps": "50",
        "rlog": "linear",
    },
    system="The surface x² - y², gradient descent from a point that is {sy} off the ridge.",
    question="A pass between two hills: down to it from both sides, away from it to the others. What does descent do?",
    choices=(
        "It stops in the pass, where the gradient is zero",
        "It lingers near the pass, and then leaves it for good",
        "It avoids the pass from the start",
    ),
    answer=1,
    watch=(
        Look("It comes down towards the pass.", "race-map", 10),
        Look("There the gradient is small, and it hardly moves.", "race-slope", 20),
        Look("But the way off the ridge grows with each step, and in the end it leaves.", "race-map", 42),
    ),
    why=(
        "Along the ridge each step shrinks the distance by a fifth, across it the distance grows by a fifth. However "
        "small it was, it wins: after {leaves:.0f} steps the path is off the map. Exactly on the ridge descent would "
        "stop in the pass, but any rounding error ends that."
    ),
    claims=(
        Claim(
            name="leaves",
            words="step at which the path leaves the map",
            of=lambda params: raced(params).left_at[0],
            expected=42,
            tolerance=0,
            source=Source("The first k for which .001 · 1.2ᵏ is more than 2"),
        ),
        Claim(
            name="ridge",
            words="distance from the pass at the end, from exactly on the ridge",
            of=lambda params: np.hypot(*_end({**params, "sy": "0", "rsteps": "200"})),
            expected=0.0,
            tolerance=1e-9,
            source=LEE,
        ),
    ),
    covered=ONE_POINT,
)

LOCAL_MINIMUM = Lesson(
    key="local-minimum",
    title="The nearest minimum, not the best",
    chapter=2,
    page="optimizers",
    params={
        "track": "styblinski_tang",
        "racers": "sgd",
        "fair": "same",
        "rate": "0.01",
        "sx": "1",
        "sy": "-1",
        "rsteps": "100",
        "rlog": "linear",
    },
    system="A surface with four valleys of different depth, gradient descent from the middle.",
    question="There are four valleys, and one of them is the deepest. In which one does descent end?",
    choices=(
        "In the deepest: descent means going down",
        "In the one on whose slope it starts",
        "Between them, where the slopes cancel",
    ),
    answer=1,
    watch=(
        Look("The start lies on the slope of one valley.", "race-map", 0),
        Look("The path follows that slope down, and ends.", "race-map"),
        Look("The loss stops well above its minimum.", "race-loss"),
    ),
    why=(
        "Descent sees the slope under its feet and nothing else. It ends {above:.1f} above the deepest minimum, and no "
        "number of steps changes that. Another start, or steps with noise, may find another valley."
    ),
    claims=(
        Claim(
            name="above",
            words="height of its end above the deepest minimum",
            of=lambda params: raced(params).loss[-1, 0] - ground(params)[0].minimum,
            expected=14.137,
            tolerance=0.01,
            source=Source("The four minima of ½ Σ(x⁴ - 16x² + 5x): its two roots of 4x³ - 32x + 5 that are minima"),
        ),
    ),
    covered=ONE_POINT,
)

PLATEAU = Lesson(
    key="plateau",
    title="On a plateau",
    chapter=2,
    page="optimizers",
    params={
        "track": "easom",
        "racers": "sgd-momentum-adam",
        "fair": "same",
        "rate": "0.1",
        "sx": "-3",
        "sy": "-3",
        "rsteps": "100",
        "rlog": "linear",
    },
    system="A wide plain with one narrow hole in it; three optimizers start far from the hole.",
    question="The hole is deep, but far away. Which of the three finds it?",
    choices=(
        "Momentum, because it gathers speed",
        "Adam, because it makes small gradients large",
        "None of them: they do not move at all",
    ),
    answer=2,
    watch=(
        Look("All three start on flat ground.", "race-surface", 0),
        Look("No path leaves the start.", "race-map"),
    ),
    why=(
        "The slope at the start is {slope:.0e}: there is nothing to follow, and nothing to gather. Even Adam, which "
        "divides by the size of the gradient, adds a small ε to it first, and that is far larger. Saturated units make "
        "such plains in networks; a good start avoids them."
    ),
    claims=(
        Claim(
            name="slope",
            words="size of the gradient at the start",
            of=lambda params: raced(params).gradient_norm[0, 0],
            expected=0.0,
            tolerance=1e-25,
            source=Source("The slope of a hole of width one, exp(-r²), at a distance r"),
        ),
        Claim(
            name="found",
            words="how far each of the three has come",
            of=lambda params: np.hypot(*(raced(params).path[-1] - ground(params)[1]).T),
            expected=(0.0, 0.0, 0.0),
            tolerance=0.01,
            source=Source("A step is at most the rate times the gradient over ε"),
        ),
    ),
    covered=ONE_POINT,
)

LESSONS = (SADDLE, LOCAL_MINIMUM, PLATEAU)
