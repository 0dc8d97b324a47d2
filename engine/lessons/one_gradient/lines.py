"""One neuron and one line: where descent ends, and how fast."""

import numpy as np

from engine.curvature import sharpness
from engine.landscape import objective_of
from engine.lessons.lesson import Claim, Lesson, Look, Params, Source
from engine.lessons.measures import gradient_error, run

NORMAL = Source("The normal equations for x = 0 to 4, y = x²: 4x - 2, with a mean square of 2.8")
MEAN = Source("With equal W and b: Σ(x + 1)x² / Σ(x + 1)² for x = 0 to 4")
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
    system=(
        "Points on y = 2x + 1 with noise, x between zero and one. One neuron without a bias: its line goes through the "
        "origin, and all it can change is the slope."
    ),
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
        "Descent makes the loss small, not the model right. It ends where the squared distances from the line to the "
        "points are smallest in all (least squares), at a slope of {least:.2f} for these points; after the last step "
        "it is {slope:.2f}. A model that cannot say 2x + 1 cannot learn it."
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
            words="the first slope less the second",
            of=lambda params: _slope(params) - _least_squares(params),
            expected=0.0,
            tolerance=0.005,
            source=LEAST_SQUARES,
        ),
    ),
    covered=("diagram", "learned", "history"),
)


def _loss(params: Params) -> float:
    """The loss at the end."""
    return run(params).loss[-1]


def _ends(params: Params) -> np.ndarray:
    """Slope and intercept at the end."""
    return run(params).params[-1]


def _stable(params: Params) -> float:
    """The largest stable rate, 2/λmax."""
    recording = run(params)
    return 2 / sharpness(objective_of(recording).gradient, recording.params[0])


def _blown_up(params: Params) -> float:
    """Powers of ten between first and last loss, with a rate that is a hundredth above the largest stable one."""
    loss = run(params, lr=1.01 * _stable(params)).loss
    return np.log10(loss[-1] / loss[0])


PARABOLA = Lesson(
    key="line-to-parabola",
    title="A straight line to a parabola",
    chapter=1,
    page="train",
    params={
        "data": "squares",
        "arch": "none",
        "weights": "W1:0,b1:0",
        "loss": "mse",
        "optimizer": "sgd",
        "lr": "0.1",
        "steps": "1000",
    },
    system="y = x² at five points; one linear neuron whose weight and bias start at zero, rate {lr}.",
    question="A straight line cannot follow a parabola. What does descent do in {steps} steps?",
    choices=(
        "It goes on for ever, because the loss cannot reach zero",
        "It ends at the line with the smallest mean square, and stays there",
        "It ends at the line through the first and the last point",
    ),
    answer=1,
    watch=(
        Look("The line starts flat, at zero.", "learned", 0),
        Look("It ends between the points, above some and below others.", "learned"),
        Look("The loss ends well above zero, and the gradient at zero.", "norms"),
    ),
    why=(
        "Where the gradient is zero descent stops, whatever the loss is: here at W = {ends[0]:.4f} and b = "
        "{ends[1]:.4f}, with a loss of {rest:.4f}. The largest stable rate is {stable:.4f}; a hundredth above it the "
        "loss grows without end."
    ),
    claims=(
        Claim(
            name="ends",
            words="slope and intercept at the end",
            of=_ends,
            expected=(4.0, -2.0),
            tolerance=1e-6,
            source=NORMAL,
        ),
        Claim(name="rest", words="loss at the end", of=_loss, expected=2.8, tolerance=1e-6, source=NORMAL),
        Claim(
            name="stable",
            words="largest stable rate, 2/λmax",
            of=_stable,
            expected=0.1492,
            tolerance=0.00005,
            source=Source("λmax = 7 + √41 of the Hessian 2 [[6, 2], [2, 1]]"),
        ),
        Claim(
            name="blown_up",
            words="powers of ten by which the loss grows where the rate is a hundredth larger than that",
            of=_blown_up,
            expected=17.2,
            tolerance=1.0,
            source=Source("Beyond 2/λmax the distance grows by |1 - ηλmax| with every step, the loss by its square"),
        ),
    ),
    covered=("diagram", "learned", "history", "norms"),
)

AVERAGED = PARABOLA.replace(
    key="line-to-parabola-bug",
    title="A straight line to a parabola, with a bug",
    params={"bug": "averaged"},
    system="y = x² at five points, one linear neuron; the gradients of W and b are averaged, as in some tutorials.",
    question="W and b start at zero and get the same, averaged gradient. Where does descent end now?",
    choices=(
        "At the same line, by another way",
        "At a line with W = b, which is worse",
        "It diverges",
    ),
    answer=1,
    watch=(
        Look("The line turns about the point where x is minus one.", "learned", 5),
        Look("It comes to rest: the averaged gradient is zero there.", "learned"),
        Look("The loss stays far above that of the right line.", "history"),
    ),
    why=(
        "What starts equal and gets equal steps stays equal. So descent looks for the best line with W = b and ends at "
        "{ends[0]:.4f}, with a loss of {wrong:.2f}. It comes to rest like a right run; only the gradient check tells, "
        "and at the first step: the gradient is off by {off:.0%}."
    ),
    claims=(
        Claim(
            name="ends",
            words="W and b at the end",
            of=lambda params: run(params).params[-1],
            expected=(26 / 11, 26 / 11),
            tolerance=1e-6,
            source=MEAN,
        ),
        Claim(
            name="apart",
            words="largest difference between W and b over the whole run",
            of=lambda params: np.ptp(run(params).params, axis=1).max(),
            expected=0.0,
            tolerance=0.0,
            source=Source("Equal numbers that get equal steps stay equal"),
        ),
        Claim(
            name="off",
            words="distance of the gradient from the finite differences at the first step, as a share of these",
            of=gradient_error(),
            expected=0.474,
            tolerance=0.001,
            source=Source("The gradient at zero is -40 by W and -12 by b; both get the mean, -26"),
        ),
        Claim(
            name="wrong",
            words="loss at the end",
            of=_loss,
            expected=9.3455,
            tolerance=0.0001,
            source=MEAN,
        ),
    ),
    covered=("diagram", "learned", "history"),
)

LESSONS = (ONE_NEURON, PARABOLA, AVERAGED)
