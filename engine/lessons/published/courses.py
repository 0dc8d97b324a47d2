"""Numbers from courses and their notebooks: Karpathy, Dive into Deep Learning, deeplearning.ai."""

from collections.abc import Callable

import numpy as np

from engine.lessons.lesson import Claim, Lesson, Look, Params, Source
from engine.lessons.measures import ground, over_seeds, raced, run

MICROGRAD = Source("micrograd", "A. Karpathy", 2020, "https://github.com/karpathy/micrograd")
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

MOONS = Lesson(
    key="two-moons",
    title="micrograd's two moons",
    chapter=5,
    page="train",
    params={
        "data": "moons",
        "samples": "100",
        "noise": "0.16",
        "test": "0",
        "arch": "16-16",
        "act": "relu",
        "init": "uniform",
        "loss": "hinge",
        "l2": "0.0002",
        "optimizer": "sgd",
        "lr": "1",
        "schedule": "polynomial",
        "power": "1",
        "floor": "0.1",
        "steps": "100",
    },
    system="A 2-16-16-1 network, ReLU, max-margin loss, L2 1e-4 on Σw², rate from 1 to .1 in 100 steps.",
    question="A few hundred parameters, a hundred points, a hundred steps of plain descent. How many points are right?",
    choices=("About half of them", "Nine out of ten", "All of them"),
    answer=2,
    watch=(
        Look("At first a ragged line, by the random weights.", "learned", 0),
        Look("In the end it runs between the two moons.", "learned"),
        Look("The loss jumps while the rate is high, and settles as it falls.", "history"),
    ),
    why=(
        "A margin loss stops pushing a point once it is on the right side by a margin of one. What is left in the end "
        "is mostly the penalty on the weights. The last loss depends on the draw of points and weights, so that the "
        "range over seeds is given."
    ),
    claims=(
        Claim(
            name="parameters",
            words="number of parameters",
            of=lambda params: run(params).network.size,
            expected=337,
            tolerance=0,
            source=MICROGRAD,
        ),
        Claim(
            name="last",
            words="loss at the last step",
            of=lambda params: over_seeds(params, lambda recording: recording.loss[-2], 8),
            expected=0.011,
            tolerance=0.0005,
            source=MICROGRAD,
            draw=True,
        ),
        Claim(
            name="right",
            words="share of the points that are right",
            of=lambda params: over_seeds(params, lambda recording: recording.train_accuracy[-1], 8),
            expected=1.0,
            tolerance=0.0,
            source=MICROGRAD,
            draw=True,
        ),
    ),
    covered=("learned", "history"),
)

_C = "(2*(2*(x+y)+1)+1-x)"
_D = "(4*(3*(x*y+y**3)+max(0,x+y))+max(0,y-x))"
EXPRESSION = f"({_C}-{_D})**2/2 + 10/({_C}-{_D})**2"  # f/2 + 10/f with f = e², e = c - d; a is x, b is y


def _value_and_slopes(params: Params) -> np.ndarray:
    """The formula and its two derivatives at the start."""
    surface, start = ground(params)
    value, slopes = surface(start)
    return np.array([value, *slopes])


FORMULA = Lesson(
    key="expression",
    title="An expression and its gradient",
    chapter=5,
    page="optimizers",
    params={
        "track": "formula",
        "fxy": EXPRESSION,
        "half": "5",
        "sx": "-4",
        "sy": "2",
        "racers": "sgd",
        "fair": "same",
        "rate": "0.0001",
        "rsteps": "100",
    },
    system="The expression of the README, in a and b, with sums, products, powers, ReLU and a quotient; a = -4, b = 2.",
    question="A dozen operations lie between the two inputs and the result. How is the slope by an input computed?",
    choices=(
        "By trying a slightly larger input",
        "By expanding the formula first",
        "By the chain rule, one operation at a time",
    ),
    answer=2,
    watch=(
        Look("The start, where the result is {results[0]:.4f}.", "race-map", 0),
        Look("The white arrow is the downhill direction, from the two slopes.", "race-map", 0),
    ),
    why=(
        "Every operation knows its own derivative, and the chain rule multiplies them. So the slopes "
        "{results[1]:.4f} and {results[2]:.4f} are exact, whatever the formula; a network is only a longer one."
    ),
    claims=(
        Claim(
            name="results",
            words="the result and its slopes by a and b",
            of=_value_and_slopes,
            expected=(24.7041, 138.8338, 645.5773),
            tolerance=0.00005,
            source=MICROGRAD,
        ),
    ),
    covered=("race-map",),
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

LESSONS = (MOONS, FORMULA, VALLEY, ZEROS)
