"""Batch normalisation and the size of the batch: none, noisy, enough."""

from collections.abc import Callable

import numpy as np

from engine.lessons.lesson import HERE, Claim, Lesson, Look, Params, Source
from engine.lessons.measures import run
from engine.training import targets


def _below(samples: int) -> Callable[[Params], float]:
    """The gradient of the first layer's weights on batches of so many samples, over that on all of them."""

    def of(params: Params) -> float:
        recording = run(params)
        network, data, start = recording.network, recording.data, recording.params[0]
        y, rng = targets(recording.experiment, data), np.random.default_rng(0)

        def norm(chosen: np.ndarray) -> float:
            gradient = network.loss_and_gradient(start, data.x[:, chosen], y[:, chosen])[1]
            return float(np.linalg.norm(network.layout.view(gradient, "W1")))

        batches = [rng.choice(data.train, samples, replace=False) for _ in range(30)]
        return np.mean([norm(batch) for batch in batches]) / norm(data.train)

    return of


BATCH_OF_TWO = Lesson(
    key="batch-norm-two",
    title="Batch norm and a batch of two",
    chapter=3,
    page="layers",
    params={"norm": "batch", "batch": "2", "optimizer": "sgd", "lr": "0.1", "steps": "300"},
    system="A small batch-normalised network, {batch} samples a step.",
    question=(
        "Over the batch, batch norm brings each unit to mean zero and deviation one. What is left of {batch} samples?"
    ),
    choices=(
        "As much as of more samples, only noisier",
        "The sign alone: one becomes plus one, the other minus one",
        "Nothing: both become zero",
    ),
    answer=1,
    watch=(
        Look("The gradient of the first layer is far smaller than that of the last.", "bars", 0),
        Look("It stays so over the whole run: darker at the bottom.", "map"),
    ),
    why=(
        "Two numbers minus their mean, divided by their deviation, are plus and minus one, whatever they were. So "
        "moving a weight changes nothing: its gradient is {two:.1%} of that on all samples, and on a single sample it "
        "would be exactly {one:g}. The loss ends at {last:.2f}."
    ),
    claims=(
        Claim(
            name="one",
            words="gradient below the normalisation on single samples, over that on all",
            of=_below(1),
            expected=0.0,
            tolerance=0.0,
            source=Source("One number minus its mean is zero"),
        ),
        Claim(
            name="two",
            words="the same on batches of two",
            of=_below(2),
            expected=0.0,
            tolerance=0.05,
            source=Source("Two numbers, normalised, are plus and minus one, up to ε"),
        ),
        Claim(
            name="last",
            words="loss at the end",
            of=lambda params: run(params).train_loss[-1],
            expected=0.68,
            tolerance=0.05,
            source=HERE,
        ),
    ),
    covered=("bars", "map"),
)

BATCH_OF_MANY = BATCH_OF_TWO.replace(
    key="batch-norm-many",
    title="Batch norm and a batch of many",
    params={"batch": "32"},
    question="Now {batch} samples a step. Does the network learn?",
    choices=("Yes", "No: batch norm spoils any small network", "Only with a smaller rate"),
    answer=0,
    watch=(
        Look("All layers get a gradient of about the same size.", "bars", 0),
        Look("And keep it, until there is little left to learn.", "map"),
    ),
    why=(
        "Over many samples mean and deviation say something about the data, and a unit keeps what sets the samples "
        "apart. The loss ends at {last:.3f}. The statistics still differ from batch to batch, which acts as noise on "
        "the gradient: less of it, the larger the batch."
    ),
    claims=(
        Claim(
            name="last",
            words="loss at the end",
            of=lambda params: run(params).train_loss[-1],
            expected=0.032,
            tolerance=0.02,
            source=HERE,
        ),
        Claim(
            name="below",
            words="gradient of the first layer on such batches, over that on all samples",
            of=_below(32),
            expected=1.0,
            tolerance=0.3,
            source=HERE,
        ),
    ),
)

LESSONS = (BATCH_OF_TWO, BATCH_OF_MANY)
