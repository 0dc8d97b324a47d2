"""One neuron and one line: where descent ends, and how fast."""

from engine.lessons.lesson import Claim, Lesson, Look, Params, Source
from engine.lessons.measures import run

LEAST_SQUARES = Source("Least squares through the origin: Σxy/Σx², which is E xy/E x² = 3.5 for many points")


def _slope(params: Params) -> float:
    """The weight of the one neuron at the end."""
    return run(params).params[-1][0]


def _least_squares(params: Params) -> float:
    """Σxy/Σx² of the points."""
    data = run(params).data
    x, y = data.x[0, data.train], data.targets[0, data.train]
    return (x @ y) / (x @ x)


ONE_NEURON = Lesson(
    key="one-neuron",
    title="One neuron, one line",
    chapter=1,
    page="train",
    params={
        "data": "line",
        "test": "0",
        "arch": "none",
        "out": "relu",
        "biases": "none",
        "loss": "mse",
        "optimizer": "sgd",
        "lr": "0.01",
        "steps": "1000",
    },
    system="y = 2x + 1 with noise, x between zero and one; a neuron without a bias: its line goes through the origin.",
    question="The points lie on y = 2x + 1. The neuron can only learn y = wx. Which slope w does descent end at?",
    choices=(
        "At two, which is the slope of the points",
        "At a larger one, which makes up for the missing bias",
        "Nowhere: it goes on to change for ever",
    ),
    answer=1,
    watch=(
        Look("At the start the line is nearly flat.", "learned", 0),
        Look("It turns about the origin until the points lie on both sides of it.", "learned"),
        Look("The gradient shrinks as the line comes to rest.", "norms"),
    ),
    why=(
        "Descent makes the loss small, not the model right: it ends where this model has the least squares, at a "
        "slope of {least:.2f} for these points; after the last step it is {slope:.2f}. A model that cannot say "
        "2x + 1 cannot learn it."
    ),
    claims=(
        Claim(
            name="slope",
            words="slope after the last step",
            of=_slope,
            expected=3.5,
            tolerance=0.2,
            source=LEAST_SQUARES,
        ),
        Claim(
            name="least",
            words="slope with the least squares through the origin",
            of=_least_squares,
            expected=3.5,
            tolerance=0.2,
            source=LEAST_SQUARES,
        ),
        Claim(
            name="away",
            words="the first less the second",
            of=lambda params: _slope(params) - _least_squares(params),
            expected=0.0,
            tolerance=0.005,
            source=LEAST_SQUARES,
        ),
    ),
    covered=("learned", "history"),
)

LESSONS = (ONE_NEURON,)
