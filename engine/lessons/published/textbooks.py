"""Numbers from textbooks: Nielsen's Neural Networks and Deep Learning, Mazur's step by step example."""

import numpy as np

from engine.lessons.lesson import Claim, Lesson, Look, Params, Source
from engine.lessons.measures import run

NIELSEN = "Neural networks and deep learning"
VANISHING = Source(
    f"{NIELSEN}, chapter 5: why are deep neural networks hard to train?",
    "M. Nielsen",
    2015,
    "http://neuralnetworksanddeeplearning.com/chap5.html",
)


def _speeds(params: Params, seed: int) -> np.ndarray:
    """The norm of the gradient of the biases in the hidden layers at the start, of the loss summed over the outputs."""
    recording = run(params, seed=seed, steps=1)
    norms = dict(zip(recording.parts, recording.gradient_norm[0], strict=True))
    outputs = recording.network.sizes[-1]  # over which this engine takes the mean
    return outputs * np.array([norms[f"b{layer}"] for layer in (1, 2, 3)])


def _ratios(params: Params, seed: int) -> np.ndarray:
    """The first two of these speeds over the third."""
    first, second, third = _speeds(params, seed)
    return np.array([first / third, second / third])


SPEEDS = Lesson(
    key="speeds-of-learning",
    title="How fast each layer learns",
    chapter=5,
    page="layers",
    params={
        "data": "digits",
        "samples": "1000",
        "test": "0",
        "arch": "30-30-30",
        "act": "sigmoid",
        "init": "lecun",
        "bias_spread": "1",
        "loss": "binary_cross_entropy",
        "optimizer": "sgd",
        "lr": "0.1",
        "steps": "500",
        "batch": "32",
    },
    system="784-30-30-30-10 on 1,000 MNIST images, sigmoid, cross-entropy, weights N(0, 1/n), biases N(0, 1).",
    question="Three hidden layers of the same size. How fast does the first one learn, beside the third?",
    choices=(
        "They learn at the same speed",
        "About half as fast",
        "About twenty times as slowly",
        "It learns the fastest, as it sees the images",
    ),
    answer=2,
    watch=(
        Look("The bars fall towards the input, by a factor of about five from layer to layer.", "bars", 0),
        Look("It stays like that for much of the run.", "map"),
    ),
    why=(
        "The speed of a layer is the size of the gradient of its biases. Passing back through a sigmoid layer costs a "
        "factor of about five, twice here. The book used larger images than these, but the same hidden layers; the "
        "range is that over several draws of the weights."
    ),
    claims=(
        Claim(
            name="ratios",
            words="speed of the first and of the second hidden layer, over that of the third",
            of=lambda params: np.array([_ratios(params, seed) for seed in range(8)]),
            expected=(0.0417, 0.2119),
            tolerance=0.0,
            source=VANISHING,
            draw=True,
        ),
        Claim(
            name="speeds",
            words="speed of the three hidden layers",
            of=lambda params: np.array([_speeds(params, seed) for seed in range(8)]),
            expected=(0.0118, 0.0600, 0.2831),
            tolerance=0.0,
            source=VANISHING,
            draw=True,
        ),
    ),
    covered=("bars", "map"),
)

LESSONS = (SPEEDS,)
