"""Chapter 2, descent: how long a step may be, what it costs, and what better steps buy."""

from engine.curvature import sharpness
from engine.landscape import objective_of
from engine.lessons.lesson import Chapter, Claim, Lesson, Look, Params, Source
from engine.lessons.measures import run

CHAPTER = Chapter(2, "Descent", "How long a step may be, how many samples it needs, and what better steps buy.")
STABLE = Source("Gradient descent on a quadratic is stable up to 2/λmax; of a straight line λmax is that of 2 X Xᵀ/N")


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

LESSONS = (STABLE_RATE,)
