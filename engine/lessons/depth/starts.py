"""Starts that cannot be left: equal weights, zero weights, and units that are dead."""

import numpy as np

from engine.diagnostics import activity
from engine.lessons.lesson import HERE, Claim, Lesson, Look, Params, Source
from engine.lessons.measures import run

SYMMETRY = Source("Units that start alike get the same gradient in every step, so that they stay alike")


def _apart(params: Params) -> float:
    """The largest difference between two units of the first hidden layer, over the whole run."""
    recording = run(params)
    weights = np.array([recording.network.layout.view(one, "W1") for one in recording.params])
    return np.ptp(weights, axis=-2).max()


CONSTANT = Lesson(
    key="constant-start",
    title="All weights equal",
    chapter=3,
    page="train",
    params={"init": "constant", "scale": "0.5", "optimizer": "sgd", "lr": "0.5", "steps": "200", "arch": "4"},
    system="One hidden layer of {arch} units, all weights {scale} at the start.",
    question="The units of the hidden layer start with the same weights. What will training make of them?",
    choices=(
        "They drift apart, because rounding errors grow",
        "They stay identical: the layer is one unit, copied",
        "They drift apart, because the samples differ",
    ),
    answer=1,
    watch=(
        Look("At the start all edges from one input have one colour.", "diagram", 0),
        Look("At the end, too: they have changed, but all alike.", "diagram"),
        Look("So the boundary is what one unit can draw: a single stroke.", "learned"),
    ),
    why=(
        "Equal units compute the same activation, so that they get the same gradient and take the same step. The "
        "largest difference between two of them is {apart:g}, to the last bit, after every step. Random weights are "
        "there to break this symmetry."
    ),
    claims=(
        Claim(
            name="apart",
            words="largest difference between the weights of two units, over the whole run",
            of=_apart,
            expected=0.0,
            tolerance=0.0,
            source=SYMMETRY,
        ),
    ),
    covered=("diagram", "learned"),
)


ZERO = CONSTANT.replace(
    key="zero-start",
    title="All weights zero, and tanh",
    params={"init": "zeros", "scale": "1", "optimizer": "sgd", "lr": "0.5"},
    system="One hidden layer of {arch} tanh units, all weights and biases zero at the start.",
    question="Nothing is more neutral than zero. What does the network learn in {steps} steps?",
    choices=(
        "Slowly, but it learns, because the biases move",
        "Nothing about the inputs: no weight ever moves",
        "It learns as from any other start",
    ),
    answer=1,
    watch=(
        Look("All edges are missing: every weight is zero.", "diagram"),
        Look("The answer is the same everywhere.", "learned"),
    ),
    why=(
        "The gradient of a weight is the activation before it times the δ after it. Zero weights make both zero in a "
        "tanh network, so that no weight ever gets a gradient: after all steps the largest is {largest:g}. Only the "
        "bias of the output could move."
    ),
    claims=(
        Claim(
            name="largest",
            words="largest weight after the last step",
            of=lambda params: np.abs(run(params).params[-1][:-1]).max(),
            expected=0.0,
            tolerance=0.0,
            source=SYMMETRY,
        ),
    ),
)


def _dead(params: Params) -> np.ndarray:
    """The share of dead units in the two hidden layers, at the end."""
    return activity(run(params)).dead[-1, :2]


DEAD = Lesson(
    key="dead-relu",
    title="Dead units",
    chapter=3,
    page="layers",
    params={
        "arch": "16-16",
        "act": "relu",
        "init": "he",
        "bias": "-5",
        "optimizer": "sgd",
        "lr": "0.1",
        "steps": "300",
    },
    system="Two layers of ReLU units whose biases start at {bias}.",
    question="A large negative bias keeps most units below zero. Will training bring them back?",
    choices=(
        "Yes: the biases are trained like all parameters",
        "No: a unit that is zero on every sample gets no gradient",
        "Those of the first layer only",
    ),
    answer=1,
    watch=(
        Look("Dashed lines: the share of dead units, from the first step to the last.", "idle"),
        Look("The gradient of every weight is exactly zero.", "bars", 0),
        Look("The map of the gradient has a single row: the bias of the output.", "map"),
    ),
    why=(
        "The slope of a ReLU below zero is zero, so that nothing behind such a unit hears of the error. Of the first "
        "layer {dead[0]:.0%} are dead, of the second {dead[1]:.0%}: nothing before it can learn, and only the bias of "
        "the output is left to move."
    ),
    claims=(
        Claim(
            name="dead",
            words="share of dead units in the first and the second layer",
            of=_dead,
            expected=(0.69, 1.0),
            tolerance=0.01,
            source=HERE,
        ),
        Claim(
            name="gradient",
            words="largest gradient of a hidden weight over the whole run",
            of=lambda params: run(params).gradient_norm[:, :4].max(),
            expected=0.0,
            tolerance=0.0,
            source=Source("ReLU'(z) = 0 for z < 0"),
        ),
    ),
    covered=("idle", "bars", "map"),
)

KILLED = DEAD.replace(
    key="killed-relu",
    title="Units killed by a step",
    params={"bias": "0", "lr": "10"},
    system="Two layers of ReLU units, a healthy start, and the rate {lr}.",
    question="Nearly all units are alive at the start. What can one step that is far too long do to them?",
    choices=(
        "Nothing that the next steps do not undo",
        "Throw their weights and biases where they are zero on every sample, for good",
        "Make them fire on every sample",
    ),
    answer=1,
    watch=(
        Look("In the first steps the dashed lines jump up.", "idle", 5),
        Look("They never come down again.", "idle"),
    ),
    why=(
        "A step is the rate times the gradient, the same for every sample: one that is too long can push a unit below "
        "zero everywhere. In the end {dead[0]:.0%} of the first layer and {dead[1]:.0%} of the second are dead, and no "
        "gradient is left to wake them. A smaller rate, or a leaky ReLU, prevents it."
    ),
    claims=(
        Claim(
            name="dead",
            words="share of dead units in the first and the second layer",
            of=_dead,
            expected=(0.75, 1.0),
            tolerance=0.01,
            source=HERE,
        ),
        Claim(
            name="alive",
            words="share of dead units at the start",
            of=lambda params: activity(run(params)).dead[0, :2],
            expected=(0.0, 0.0),
            tolerance=0.1,
            source=HERE,
        ),
    ),
    covered=("idle",),
)

LESSONS = (CONSTANT, ZERO, DEAD, KILLED)
