"""Choosing a learning rate: too small, right, too large, and the line between."""

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.curvature import sharpness
from engine.landscape import objective_of
from engine.lessons.lesson import HERE, Claim, Lesson, Look, Params, Source
from engine.lessons.measures import run

STABLE = Source("Gradient descent on a quadratic is stable up to 2/λmax; of a straight line λmax is that of 2 X Xᵀ/N")
CHANCE = Source("Half of two equally frequent classes is right by chance")


def _last(**changes: Any) -> Callable[[Params], float]:
    """The loss of the training part at the end, with some settings changed."""
    return lambda params: run(params, **changes).train_loss[-1]


def _right(params: Params) -> float:
    """The share of the training part that is classified right at the end."""
    return run(params).train_accuracy[-1]


def _typical(params: Params) -> float:
    """The same, the median of the second half of a run that jumps: where it ends is a matter of rounding."""
    accuracy = run(params).train_accuracy
    return np.median(accuracy[len(accuracy) // 2 :])


TOO_SMALL = Lesson(
    key="rate-too-small",
    title="A learning rate that is too small",
    chapter=2,
    page="train",
    params={"optimizer": "sgd", "lr": "0.01", "steps": "300"},
    system="A small network learns a disc inside a ring by gradient descent, with the learning rate {lr}.",
    question="Small steps are safe. Where does a rate of {lr} get in {steps} steps?",
    choices=(
        "To the bottom: small steps are the most exact ones",
        "Only a little way down: it would need a hundred times as many steps",
        "Into a local minimum, where it is stuck",
    ),
    answer=1,
    watch=(
        Look("The loss falls in every single step.", "history", 60),
        Look("But it has hardly moved when the run is over.", "history"),
        Look("The boundary does not close round the disc.", "learned"),
    ),
    why=(
        "A step is the rate times the gradient, so that a rate a hundred times smaller takes about a hundred times as "
        "many steps. The loss ends at {last:.2f} and {right:.0%} of the points are right. Nothing is wrong here, only "
        "slow; the curve that still falls at the end says so."
    ),
    claims=(
        Claim(name="last", words="loss at the end", of=_last(), expected=0.63, tolerance=0.02, source=HERE),
        Claim(
            name="right",
            words="share of the points that are right",
            of=_right,
            expected=0.69,
            tolerance=0.05,
            source=HERE,
        ),
        Claim(
            name="longer",
            words="loss of a small rate and many steps over that of a large one and few, rate times steps being equal",
            of=lambda params: _last(steps=20_000, lr=0.015)(params) / _last(lr=1.0)(params),
            expected=1.0,
            tolerance=0.2,
            source=Source("Gradient descent with small steps follows one curve: rate times steps says how far"),
        ),
    ),
    covered=("learned", "norms", "history"),
)

RIGHT = TOO_SMALL.replace(
    key="rate-right",
    title="A learning rate that fits",
    params={"lr": "1"},
    question="Now the rate is a hundred times larger. Where does it get in the same {steps} steps?",
    choices=(
        "Nearly to the bottom",
        "No farther: the number of steps decides",
        "It diverges: a rate of {lr} is always too large",
    ),
    answer=0,
    watch=(
        Look("The loss falls, at first slowly, then fast.", "history", 30),
        Look("The boundary closes round the disc.", "learned", 60),
        Look("Every step still goes down: there is room for a larger rate.", "history"),
    ),
    why=(
        "The same network, the same data, the same number of steps: only the rate differs, and the loss ends at "
        "{last:.4f}. Which rate is right depends on how steep and how curved the loss is: no number is right or wrong "
        "by itself."
    ),
    claims=(
        Claim(name="last", words="loss at the end", of=_last(), expected=0.003, tolerance=0.001, source=HERE),
        Claim(
            name="right",
            words="share of the points that are right",
            of=_right,
            expected=1.0,
            tolerance=0.0,
            source=HERE,
        ),
        Claim(
            name="rising",
            words="share of the steps in which the loss rises",
            of=lambda params: (np.diff(run(params).loss) > 0).mean(),
            expected=0.0,
            tolerance=0.0,
            source=HERE,
        ),
    ),
)

TOO_LARGE = RIGHT.replace(
    key="rate-too-large",
    title="A learning rate that is too large",
    params={"lr": "30"},
    question="If large steps are fast, larger ones are faster. What does a rate of {lr} do?",
    choices=(
        "It gets down in a tenth of the steps",
        "The loss jumps up and down, and in the end nothing is learned",
        "It is the same, because the gradient shrinks at the bottom",
    ),
    answer=1,
    watch=(
        Look("The first step already throws the loss up.", "history", 1),
        Look("From then on it jumps, in every second step upwards.", "history"),
        Look("The units are saturated, so that their gradients are small or zero: no way back.", "norms"),
    ),
    why=(
        "A step that is too long lands on the other side of the valley, higher up, where the gradient is larger. The "
        "loss rises in {rising:.0%} of the steps, and in the second half of the run {right:.0%} of the points are "
        "right (median), which is chance."
    ),
    claims=(
        Claim(
            name="rising",
            words="share of the steps in which the loss rises",
            of=lambda params: (np.diff(run(params).loss) > 0).mean(),
            expected=0.5,
            tolerance=0.1,
            source=HERE,
        ),
        Claim(
            name="right",
            words="share of the points that are right, the median of the second half",
            of=_typical,
            expected=0.5,
            tolerance=0.05,
            source=CHANCE,
        ),
    ),
)


def _stable_rate(params: Params) -> float:
    """2/λmax at the start."""
    recording = run(params)
    return 2 / sharpness(objective_of(recording).gradient, recording.params[0])


def _growth(params: Params) -> float:
    """What the loss is multiplied with in the last step."""
    loss = run(params).loss
    return loss[-1] / loss[-2]


STABLE_RATE = Lesson(
    key="stable-rate",
    title="The largest stable learning rate",
    chapter=2,
    page="loss_surface",
    params={
        "data": "line",
        "test": "0",
        "arch": "none",
        "loss": "mse",
        "optimizer": "sgd",
        "lr": "0.8",
        "steps": "40",
        "plane": "weights",
    },
    system="A straight line is fitted by gradient descent with the learning rate {lr}.",
    question="The loss is a bowl, and the rate {lr} is a little too large for it. What will the path do?",
    choices=(
        "Overshoot, but still come down more slowly",
        "Circle round the bottom at the same height for ever",
        "Jump from wall to wall, higher each time, without end",
    ),
    answer=2,
    watch=(
        Look("The first steps cross the valley.", "map", 4),
        Look("Each later one lands farther out on the other side.", "map"),
        Look("The sharpness of the bowl lies above the line of this rate.", "sharpness"),
    ),
    why=(
        "Along the steepest direction a step multiplies the distance from the bottom by 1 - ηλ. Above the rate "
        "{stable:.3f}, that is 2/λmax, this is beyond -1: the step ends farther away than it began. Near the end the "
        "loss grows by a factor of {growth:.3f} in each step."
    ),
    claims=(
        Claim(
            name="growth",
            words="what a step multiplies the loss with, at the end",
            of=_growth,
            expected=1.2111,
            tolerance=0.001,
            source=STABLE,
        ),
        Claim(
            name="stable",
            words="largest stable rate, 2/λmax",
            of=_stable_rate,
            expected=0.7617,
            tolerance=1e-4,
            source=STABLE,
        ),
    ),
    covered=("map", "gap", "sharpness"),
)


LESSONS = (TOO_SMALL, RIGHT, TOO_LARGE, STABLE_RATE)
