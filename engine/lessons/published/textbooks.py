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

SATURATED = Source(
    f"{NIELSEN}, chapter 3: improving the way neural networks learn",
    "M. Nielsen",
    2015,
    "http://neuralnetworksanddeeplearning.com/chap3.html",
)


def _output(params: Params) -> float:
    """The output of the one neuron at the end."""
    recording = run(params)
    return recording.output(recording.data.x, [-1]).item()


SLOW = Lesson(
    key="saturated-neuron",
    title="Badly wrong, and slow to learn",
    chapter=5,
    page="train",
    params={
        "data": "rows",
        "rows": "1:0",
        "arch": "none",
        "out": "sigmoid",
        "loss": "squared_error",
        "weights": "W1:2,b1:2",
        "optimizer": "sgd",
        "lr": "0.15",
        "steps": "300",
    },
    system="One sigmoid neuron, input 1, target 0, half the squared error, η = .15, 300 epochs from w = 2, b = 2.",
    question="The neuron should say zero and says nearly one: a large error. How fast does it learn at the start?",
    choices=(
        "Fast: the larger the error, the larger the step",
        "Slowly: the sigmoid is flat there",
        "At a constant speed, given by the rate",
    ),
    answer=1,
    watch=(
        Look("For a long time the loss hardly falls.", "history", 100),
        Look("Then it falls fast, and again more slowly towards the end.", "history"),
        Look("The gradient is small at first, though the error is at its largest.", "norms", 0),
    ),
    why=(
        "The gradient is the error times the slope of the sigmoid, and near one that slope is almost zero. After "
        "{steps} steps the output is still {far:.2f}; from a start that was less wrong it would be {near:.2f}. "
        "Cross-entropy leaves the slope out, and learns fastest where the error is largest."
    ),
    claims=(
        Claim(
            name="far",
            words="output at the end",
            of=_output,
            expected=0.20,
            tolerance=0.005,
            source=SATURATED,
        ),
        Claim(
            name="near",
            words="the same from a start that is less wrong",
            of=lambda params: _output({**params, "weights": "W1:0.6,b1:0.9"}),
            expected=0.09,
            tolerance=0.005,
            source=SATURATED,
        ),
    ),
    covered=("history", "norms"),
)

STEP_BY_STEP = Source(
    "A step by step backpropagation example",
    "M. Mazur",
    2015,
    "https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/",
)


def _first_weights(params: Params) -> np.ndarray:
    """The weights w1 and w5 after one step."""
    recording = run(params, steps=1)
    after, layout = recording.params[1], recording.network.layout
    return np.array([layout.view(after, "W1")[0, 0], layout.view(after, "W2")[0, 0]])


MAZUR = Lesson(
    key="step-by-step",
    title="Backpropagation, step by step",
    chapter=5,
    page="backprop",
    params={
        "data": "rows",
        "rows": "0.05,0.1:0.01,0.99",
        "arch": "2",
        "act": "sigmoid",
        "out": "sigmoid",
        "loss": "squared_error",
        "weights": "W1:0.15,0.2,0.25,0.3,b1:0.35,W2:0.4,0.45,0.5,0.55,b2:0.6",
        "biases": "frozen",
        "optimizer": "sgd",
        "lr": "0.5",
        "steps": "10000",
    },
    system="2-2-2, sigmoid, inputs .05 and .10, targets .01 and .99, rate .5, the biases .35 and .60 are not trained.",
    question="The first output should fall to nearly zero. Which way does the first step move the weights into it?",
    choices=("All of them up", "All of them down", "Some up and some down, as their inputs differ"),
    answer=1,
    watch=(
        Look("Forward, the first output is far above its target.", "film", 4),
        Look("Back, its δ is positive, and its inputs are positive too.", "film", 6),
        Look("So are the gradients of its weights, and each goes down.", "gradients"),
    ),
    why=(
        "The gradient of a weight is the δ of its unit times what the weight reads, and a sigmoid hands on positive "
        "numbers only. So the sign of δ decides for all of them: w5 falls to {w[1]:.8f}, and the loss from "
        "{losses[0]:.9f} to {losses[1]:.9f}. The example leaves the biases out of training; most networks train them."
    ),
    claims=(
        Claim(
            name="losses",
            words="loss at the start and after one step",
            of=lambda params: run(params).loss[:2],
            expected=(0.298371109, 0.291027924),
            tolerance=2e-7,
            source=STEP_BY_STEP,
        ),
        Claim(
            name="last",
            words="loss after the last step",
            of=lambda params: run(params).loss[-1],
            expected=3.51085e-5,
            tolerance=0.001,
            relative=True,
            source=STEP_BY_STEP,
        ),
        Claim(
            name="w",
            words="w1 and w5 after one step",
            of=_first_weights,
            expected=(0.149780716, 0.35891648),
            tolerance=5e-9,
            source=STEP_BY_STEP,
        ),
    ),
    covered=("film", "gradients"),
)

LESSONS = (MAZUR, SPEEDS, SLOW)
