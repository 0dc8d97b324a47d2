"""Numbers from courses: Dive into Deep Learning, deeplearning.ai."""

from collections.abc import Callable

import numpy as np

from engine.lessons.lesson import Claim, Lesson, Look, Params, Source
from engine.lessons.measures import raced, run

D2L = Source(
    "Dive into Deep Learning, chapter 12: optimization algorithms",
    "A. Zhang, Z. Lipton, M. Li, A. Smola",
    2023,
    "https://d2l.ai/chapter_optimization/index.html",
)
DLAI = Source(
    "Improving deep neural networks: Initialization",
    "deeplearning.ai, A. Ng and others",
    2017,
    "https://www.coursera.org/learn/deep-neural-network",
)


def _end(name: str) -> Callable[[Params], np.ndarray]:
    """Where an optimizer stands after the steps of the race."""

    def of(params: Params) -> np.ndarray:
        race = raced(params)
        return race.path[-1, race.names.index(name)]

    return of


VALLEY = Lesson(
    key="three-optimizers",
    title="Three optimizers in one valley",
    chapter=5,
    page="optimizers",
    params={
        "track": "formula",
        "fxy": "0.1*x**2 + 2*y**2",
        "half": "6",
        "sx": "-5",
        "sy": "-2",
        "racers": "sgd-momentum-adagrad",
        "fair": "same",
        "rate": "0.4",
        "rsteps": "20",
        "hy": "momentum.lr:0.6~momentum.momentum:0.5",
    },
    system=".1x² + 2y² from (-5, -2), 20 steps: gradient descent .4, momentum .6 with β = .5, Adagrad .4.",
    question="A valley that is steep across and flat along. Which one is nearest to its bottom after {rsteps} steps?",
    choices=("Gradient descent", "Momentum", "Adagrad, because it scales each coordinate"),
    answer=1,
    watch=(
        Look("Gradient descent is down the steep side at once, and creeps along the floor.", "race-map", 5),
        Look("Momentum gathers speed along the floor.", "race-map", 10),
        Look("Adagrad takes ever shorter steps, and is still far away.", "race-distance"),
    ),
    why=(
        "The rate is limited by the steep direction, so that plain descent is slow along the flat one: x is still "
        "{descent[0]:.3f}. Momentum adds up the steps that agree and ends at {momentum[0]:.4f}. Adagrad divides by all "
        "gradients so far, so that its steps shrink for good: {adagrad[0]:.3f}."
    ),
    claims=tuple(
        Claim(
            name={"sgd": "descent"}.get(name, name),
            words=f"x and y after the last step of {title}",
            of=_end(name),
            expected=expected,
            tolerance=1e-6,
            source=D2L,
        )
        for name, title, expected in (
            ("sgd", "gradient descent", (-0.943467, -0.000073)),
            ("momentum", "momentum", (0.007188, 0.002553)),
            ("adagrad", "Adagrad", (-2.382563, -0.158591)),
        )
    ),
    covered=("race-map", "race-surface", "race-loss", "race-distance"),
)

ZEROS = Lesson(
    key="zeros",
    title="All weights zero",
    chapter=5,
    page="train",
    params={
        "data": "circle",
        "samples": "300",
        "test": "0",
        "arch": "10-5",
        "act": "relu",
        "init": "zeros",
        "optimizer": "sgd",
        "lr": "0.01",
        "steps": "15000",
    },
    system="A 2-10-5-1 ReLU network on two rings of 300 points, all weights zero, rate .01, 15,000 steps.",
    question="Every weight and bias is zero at the start. What does the loss do in {steps} steps?",
    choices=("It falls slowly at first, then fast", "Nothing: it stays the logarithm of two", "It explodes"),
    answer=1,
    watch=(
        Look("A flat line at {losses[0]:.4f}, from the first step to the last.", "history"),
        Look("No gradient reaches any weight.", "norms"),
        Look("So the answer is one half everywhere.", "learned"),
    ),
    why=(
        "With weights of zero every activation is zero, and the gradient of a weight is an activation times a δ that "
        "itself passed a weight of zero. All weights stay where they are, and {accuracy:.0%} of the points are guessed "
        "right. Random weights of the right size, such as He's, are the cure."
    ),
    claims=(
        Claim(
            name="losses",
            words="first and last loss",
            of=lambda params: run(params).loss[[0, -1]],
            expected=(0.6931, 0.6931),
            tolerance=0.0001,
            source=DLAI,
        ),
        Claim(
            name="accuracy",
            words="share of the points that are right",
            of=lambda params: run(params).train_accuracy[-1],
            expected=0.5,
            tolerance=0.0,
            source=DLAI,
        ),
        Claim(
            name="accuracy_he",
            words="the same with He's weights",
            of=lambda params: run(params, init="he").train_accuracy[-1],
            expected=0.9933,
            tolerance=0.01,
            source=DLAI,
            quick=False,
        ),
    ),
    covered=("history", "norms", "learned"),
)

LESSONS = (VALLEY, ZEROS)
