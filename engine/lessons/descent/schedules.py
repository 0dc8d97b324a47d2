"""Learning rates that change over the run: warming up, and falling."""

from collections.abc import Callable
from typing import Any

from engine.lessons.lesson import HERE, Claim, Lesson, Look, Params, Source
from engine.lessons.measures import run

GOYAL = Source(
    "Accurate, large minibatch SGD: training ImageNet in 1 hour",
    "P. Goyal and others",
    2017,
    "https://arxiv.org/abs/1706.02677",
)
LOSHCHILOV = Source(
    "SGDR: stochastic gradient descent with warm restarts",
    "I. Loshchilov, F. Hutter",
    2017,
    "https://arxiv.org/abs/1608.03983",
)


def _end(**changes: Any) -> Callable[[Params], float]:
    """The loss of the training part at the end, with some settings changed."""
    return lambda params: run(params, **changes).train_loss[-1]


WARM_UP = Lesson(
    key="warm-up",
    title="Warming up",
    chapter=2,
    page="train",
    params={
        "data": "spiral",
        "arch": "16-16-16",
        "optimizer": "momentum",
        "lr": "0.3",
        "steps": "300",
        "warmup": "50",
    },
    system="A spiral, momentum with a rate near the limit, which is reached over the first {warmup} steps.",
    question="The rate {lr} is near the limit. Does it matter that it is reached only after {warmup} steps?",
    choices=(
        "No: after those steps both runs have the same rate",
        "It costs some steps, and that is all",
        "Yes: without it the first steps throw the network where it hardly learns",
    ),
    answer=2,
    watch=(
        Look("The first steps are short, while the gradients still turn.", "history", 10),
        Look("The full rate then works well.", "history", 120),
    ),
    why=(
        "At the start the loss is most curved and the gradients change direction most; long steps there land anywhere. "
        "The loss ends at {last:.3f}; without the warm-up, everything else equal, at {without:.3f}."
    ),
    claims=(
        Claim(name="last", words="loss at the end", of=_end(), expected=0.008, tolerance=0.005, source=HERE),
        Claim(
            name="without",
            words="the same without the warm-up",
            of=_end(warmup=0),
            expected=0.36,
            tolerance=0.1,
            source=GOYAL,
        ),
    ),
    covered=("history", "learned"),
)


def _restless(**changes: Any) -> Callable[[Params], float]:
    """How much the loss still jumps over the last quarter of the key frames: its standard deviation."""
    return lambda params: run(params, **changes).train_loss[-30:].std()


SCHEDULE = Lesson(
    key="schedule",
    title="A rate that falls",
    chapter=2,
    page="train",
    params={
        "noise": "0.3",
        "optimizer": "sgd",
        "lr": "0.5",
        "batch": "4",
        "schedule": "cosine",
        "steps": "1500",
    },
    system="Noisy points, batches of {batch}, and a rate that falls from {lr} to zero along a cosine.",
    question="With small batches the loss jumps. What does a rate that falls to zero do about it?",
    choices=(
        "It calms the last steps, so that the run settles lower",
        "It makes the whole run slower, and ends higher",
        "Nothing: the noise comes from the batches, not from the rate",
    ),
    answer=0,
    watch=(
        Look("While the rate is high the loss jumps, and gets far.", "history", 500),
        Look("As the rate falls the jumps fade.", "history", 1400),
    ),
    why=(
        "The noise of a batch is multiplied by the rate. A high rate first covers the way, a falling one then averages "
        "the noise out. Over the last quarter the loss varies by {restless:.4f}, at a constant rate by {constant:.4f}."
    ),
    claims=(
        Claim(
            name="restless",
            words="variation of the loss over the last quarter of the run",
            of=_restless(),
            expected=0.0,
            tolerance=0.002,
            source=LOSHCHILOV,
        ),
        Claim(
            name="constant",
            words="the same at a constant rate",
            of=_restless(schedule="constant"),
            expected=0.022,
            tolerance=0.01,
            source=HERE,
        ),
        Claim(
            name="lower",
            words="mean loss over that quarter, over that at a constant rate",
            of=lambda params: (
                run(params).train_loss[-30:].mean() / run(params, schedule="constant").train_loss[-30:].mean()
            ),
            expected=0.5,
            tolerance=0.2,
            source=HERE,
        ),
    ),
    covered=("history",),
)

LESSONS = (WARM_UP, SCHEDULE)
