"""Wrong backward passes: which check finds which, and what training looks like with each."""

from typing import Any

import numpy as np

from engine.lessons.lesson import HERE, Claim, Lesson, Look, Params, Source
from engine.lessons.measures import gradient_error, gradients, run

CHECK = Source("Finite differences of the loss, which is right whatever the backward pass does")
RIGHT = "none"  #: no bug


def _loss(params: Params, **changes: Any) -> float:
    """The loss after the last step."""
    return run(params, **changes).loss[-1]


def _swinging(params: Params) -> float:
    """The median loss of the second half of a run that does not settle: where it ends is a matter of rounding."""
    loss = run(params).loss
    return np.median(loss[len(loss) // 2 :])


def _right(tolerance: float = 0.002) -> Claim:
    """The loss with the right backward pass."""
    return Claim(
        name="right",
        words="loss at the end with the right backward pass",
        of=lambda params: _loss(params, bug=RIGHT),
        expected=0.0056,
        tolerance=tolerance,
        source=HERE,
    )


def _wrong(expected: float, tolerance: float) -> Claim:
    """The loss with the bug."""
    return Claim(
        name="wrong",
        words="loss at the end with this one",
        of=_loss,
        expected=expected,
        tolerance=tolerance,
        source=HERE,
    )


DERIVATIVE = Lesson(
    key="bug-derivative",
    title="Find the bug: a forgotten derivative",
    chapter=1,
    page="backprop",
    params={
        "data": "circle",
        "test": "0",
        "arch": "4-4",
        "optimizer": "sgd",
        "lr": "0.5",
        "steps": "500",
        "sample": "0",
        "bug": "derivative",
    },
    system="Two hidden layers of tanh units and a linear output; on the way back the slope of tanh is left out.",
    question="The slope of tanh is forgotten on the way back. Which gradients are wrong?",
    choices=(
        "All of them",
        "All but those of the last layer",
        "Those of the first layer only",
    ),
    answer=1,
    watch=(
        Look("Bars that do not end in their rings are wrong: the rings are finite differences.", "gradients"),
        Look("Those of the last layer fit: no slope lies between it and the loss.", "gradients"),
    ),
    why=(
        "The δ of the last layer is right, so that its weights are: off by {last:.0e}. Each layer before it misses the "
        "slope of its units; the gradient as a whole is off by {off:.0%}. Training ends at a loss of {wrong:.2f}, the "
        "right one at {right:.4f}: a loss that will not fall is often such a bug, and no matter of the rate."
    ),
    claims=(
        Claim(
            name="off",
            words="distance of the gradient from the finite differences, as a share of these",
            of=gradient_error(),
            expected=0.94,
            tolerance=0.05,
            source=CHECK,
        ),
        Claim(
            name="last",
            words="the same for the weights of the last layer",
            of=gradient_error(part="W3"),
            expected=0.0,
            tolerance=1e-8,
            source=CHECK,
        ),
        _wrong(0.689, 0.05),
        _right(),
    ),
    covered=("gradients",),
)

TRANSPOSED = DERIVATIVE.replace(
    key="bug-transposed",
    title="Find the bug: a matrix not transposed",
    params={"bug": "transposed"},
    system="The same network; on the way back the square matrix between the hidden layers is not transposed.",
    question="A square matrix fits the wrong way round, too, and the loss falls nearly to zero. Is the pass right?",
    choices=(
        "Yes: the loss would not fall with wrong gradients",
        "No: what the first layer gets is wrong, and the others make up for it",
        "Yes, as a square matrix and its transpose do the same",
    ),
    answer=1,
    watch=(
        Look("The bars of the last two layers end in their rings.", "gradients"),
        Look("Those of the first layer do not.", "gradients"),
    ),
    why=(
        "A run that learns is no proof: here the loss ends at {wrong:.4f}, hardly above that of the right pass, though "
        "the first layer is off by {first:.0%}. The layers behind it learn from right gradients, and make do with what "
        "it gives them. Only the comparison with a finite difference tells."
    ),
    claims=(
        Claim(
            name="first",
            words="distance of the first layer's gradient from the finite differences, as a share of these",
            of=gradient_error(part="W1"),
            expected=1.5,
            tolerance=1.0,
            source=CHECK,
        ),
        Claim(
            name="second",
            words="the same of the second layer",
            of=gradient_error(part="W2"),
            expected=0.0,
            tolerance=1e-8,
            source=CHECK,
        ),
        _wrong(0.0075, 0.003),
        _right(),
    ),
)


def _times(params: Params) -> float:
    """How many times too long the gradient is."""
    descended, true = gradients(params)
    return np.linalg.norm(descended) / np.linalg.norm(true)


def _same_again(params: Params) -> float:
    """Difference of the last loss from the right run, where the rate is divided by the number of samples."""
    recording = run(params)
    rate = recording.experiment.lr / len(recording.data.train)
    return abs(_loss(params, lr=rate) - _loss(params, bug=RIGHT))


SUM = DERIVATIVE.replace(
    key="bug-sum",
    title="Find the bug: a sum for a mean",
    params={"bug": "sum"},
    system="The same network; the gradients of the samples are added up, but the loss is their mean.",
    question="The gradients of all samples are added up and not divided by their number. What is that the same as?",
    choices=(
        "A learning rate that is as many times larger as there are samples",
        "Noise on the gradient",
        "Nothing: the direction is the same",
    ),
    answer=0,
    watch=(
        Look("Every bar is far longer than its ring allows, and by the same factor.", "gradients"),
        Look("With a single sample the bug does not show: choose one, and all bars fit.", "gradients"),
    ),
    why=(
        "The direction is right and the length is {times:.0f} times too large, one time for each sample, so that the "
        "loss ends at {wrong:.0f}. With a rate as many times smaller it is the right run again: the losses differ by "
        "{same:g}. Such code works until somebody changes the size of the batch."
    ),
    claims=(
        Claim(
            name="times",
            words="length of the gradient over that of the finite differences",
            of=_times,
            expected=200,
            tolerance=1e-4,
            source=Source("The sum over N samples is N times their mean"),
        ),
        Claim(
            name="same",
            words="difference of the last loss from the right run, where the rate is divided by the number of samples",
            of=_same_again,
            expected=0.0,
            tolerance=1e-8,
            source=Source("The sum over N samples is N times their mean"),
        ),
        _wrong(111, 100),
        _right(),
    ),
)

STALE = DERIVATIVE.replace(
    key="bug-stale",
    title="Find the bug: gradients that add up",
    params={"bug": "stale", "step": "1"},
    system="The same network; the gradient is not set to zero before a step, so that those of all steps add up.",
    question="The gradient is never set to zero, so that each step adds to it. Which check finds this?",
    choices=(
        "The comparison with finite differences at the first step",
        "The same comparison at a later step, of what the optimizer is given",
        "None: every single gradient is right",
    ),
    answer=1,
    watch=(
        Look("Bars and rings agree, as this backward pass is right.", "gradients"),
        Look("But the optimizer is given another number than the gradient.", "film", 14),
    ),
    why=(
        "At the first step there is nothing old to add, and the difference is {first:.0e}. One step later what the "
        "optimizer gets is off by {second:.0%}. It works like momentum without friction: the loss swings about "
        "{swings:.2f} in place of ending at {right:.4f}. A check at the first step only would have passed."
    ),
    claims=(
        Claim(
            name="first",
            words="distance of the descended gradient from the finite differences at the first step",
            of=gradient_error(),
            expected=0.0,
            tolerance=1e-8,
            source=CHECK,
        ),
        Claim(
            name="second",
            words="the same one step later, as a share of these",
            of=lambda params: gradient_error(1)({**params, "steps": "100"}),
            expected=2.2335,
            tolerance=0.001,
            source=CHECK,
        ),
        Claim(
            name="swings",
            words="loss with this one, the median of the second half",
            of=_swinging,
            expected=1.05,
            tolerance=0.3,
            source=HERE,
        ),
        _right(),
    ),
    covered=("gradients", "film"),
)

LESSONS = (DERIVATIVE, TRANSPOSED, SUM, STALE)
