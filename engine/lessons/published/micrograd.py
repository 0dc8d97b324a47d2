"""Numbers from micrograd: a network on two moons, and an expression with its gradient."""

import numpy as np

from engine.lessons.lesson import Claim, Lesson, Look, Params, Source
from engine.lessons.measures import ground, over_seeds, run

MICROGRAD = Source("micrograd", "A. Karpathy", 2020, "https://github.com/karpathy/micrograd")

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

LESSONS = (MOONS, FORMULA)
