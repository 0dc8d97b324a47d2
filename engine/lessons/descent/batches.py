"""Batch, mini-batch, stochastic: how many samples a step needs, at equal passes over the data."""

import numpy as np

from engine.lessons.lesson import HERE, Claim, Lesson, Look, Params, Source
from engine.lessons.measures import run

BOTTOU = Source(
    "Optimization methods for large-scale machine learning",
    "L. Bottou, F. Curtis, J. Nocedal",
    2018,
    "https://arxiv.org/abs/1606.04838",
)


def _turning(params: Params) -> float:
    """The mean cosine of one gradient of the first layer with the one before."""
    return np.nanmean(run(params).gradient_cosine[5:, 0])


def _passes(params: Params) -> float:
    """How often the run goes through its training samples."""
    recording = run(params)
    samples = len(recording.data.train)
    return recording.steps * (recording.experiment.batch or samples) / samples


def _last(params: Params) -> float:
    """The loss of all training samples at the end."""
    return run(params).train_loss[-1]


def _claims(last: float, tolerance: float, cosine: float) -> tuple[Claim, ...]:
    return (
        Claim(
            name="passes",
            words="passes over the data",
            of=_passes,
            expected=20,
            tolerance=2,
            source=Source("Steps times batch over samples"),
        ),
        Claim(name="last", words="loss at the end", of=_last, expected=last, tolerance=tolerance, source=HERE),
        Claim(
            name="turning",
            words="cosine of each gradient with the one before, on average",
            of=_turning,
            expected=cosine,
            tolerance=0.05,
            source=BOTTOU,
        ),
    )


MINI = Lesson(
    key="mini-batch",
    title="Thirty-two samples a step",
    chapter=2,
    page="train",
    params={"optimizer": "sgd", "lr": "0.1", "batch": "32", "steps": "100"},
    system="Gradient descent with the rate {lr}, {batch} samples a step, {passes:.0f} passes over the data.",
    question="Each step sees {batch} of the samples only. Do successive gradients point the same way?",
    choices=(
        "Yes: a part of the data says the same as all of them",
        "A little: they are mostly noise, and agree on a part of the way down",
        "No: one points against the other",
    ),
    answer=1,
    watch=(
        Look("The loss of the batch jumps, that of all samples falls.", "history", 50),
        Look("Norms of the gradient differ from batch to batch.", "norms"),
    ),
    why=(
        "The gradient of a batch is that of all samples plus noise, which is another one each time. Their cosine is "
        "{turning:.2f} on average, so that most of a step is noise; but the noise cancels over the steps, and the way "
        "down adds up."
    ),
    claims=_claims(0.466, 0.03, 0.22),
    covered=("history", "norms"),
)

FULL = MINI.replace(
    key="full-batch",
    title="All samples in every step",
    params={"batch": "full", "steps": "20"},
    system="Gradient descent with the rate {lr}, all samples in every step, {passes:.0f} passes over the data.",
    question="The exact gradient of all samples, {steps} steps: as many passes as before. Does it get as far?",
    choices=(
        "Farther: its gradient has no noise",
        "As far: it has seen each sample as often",
        "Not nearly: it has made far fewer steps",
    ),
    answer=2,
    watch=(
        Look("Each step goes down, and in nearly the same direction.", "history", 10),
        Look("After all passes it has hardly begun.", "learned"),
    ),
    why=(
        "A pass over the data buys one step here. Successive gradients agree, with a cosine of {turning:.3f}: "
        "computing each from all samples says the same thing again and again. The loss ends at {last:.2f}."
    ),
    claims=_claims(0.653, 0.02, 1.0),
)

SINGLE = MINI.replace(
    key="one-sample",
    title="One sample a step",
    params={"batch": "1", "steps": "3000"},
    system="Gradient descent with the rate {lr}, one sample a step, {passes:.0f} passes over the data.",
    question="One single sample a step, {steps} steps: again as many passes. How far does that get?",
    choices=(
        "Nowhere: one sample says nothing about the others",
        "The farthest of the three",
        "As far as with all samples, by another way",
    ),
    answer=1,
    watch=(
        Look("Single losses jump between nearly zero and more than one.", "history", 500),
        Look("The boundary is found after a few passes.", "learned", 600),
        Look("It never comes quite to rest.", "norms"),
    ),
    why=(
        "Two successive gradients have nothing to do with each other, their cosine is {turning:.2f}: the path is a "
        "stagger. But the same work buys as many more steps as there are samples, and the loss "
        "ends at {last:.4f}. On real machines many samples cost hardly more than one, which is why batches lie between."
    ),
    claims=_claims(0.004, 0.004, 0.0),
)

LESSONS = (MINI, FULL, SINGLE)
