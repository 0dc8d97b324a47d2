"""Vanishing and exploding gradients, what repairs them, and how a run ends in NaN."""

import numpy as np

from engine.depth import REPAIRS
from engine.lessons.lesson import HERE, Claim, Lesson, Look, Params, Source
from engine.lessons.measures import deep, run, signals

MEAN_FIELD = Source(
    "Deep Information Propagation", "S. Schoenholz, J. Gilmer, S. Ganguli, J. Sohl-Dickstein", 2017,
    "https://arxiv.org/abs/1611.01232",
)  # fmt: skip


def _shrinking(params: Params) -> float:
    """What a layer multiplies the gradient with: the ratio of first to last hidden layer, shared by the steps."""
    network = deep(params)
    return signals(network).ratio ** (1 / (network.depth - 1))


def _repaired(name: str) -> Claim:
    """First over last gradient with one of the remedies: of order one, give or take three quarters."""
    return Claim(
        name=name.replace("-", "_"),
        words=f"the same ratio with the remedy “{REPAIRS[name].title}”",
        of=lambda params: signals(REPAIRS[name](deep(params))).ratio,
        expected=1.0,
        tolerance=0.75,
        source=MEAN_FIELD,
    )


VANISHING = Lesson(
    key="vanishing",
    title="The vanishing gradient",
    chapter=3,
    page="depth",
    params={"depth": "20", "width": "64", "phi": "sigmoid", "sw2": "1", "fix": "relu"},
    system="{depth} hidden layers of {width} sigmoid units, before the first step of training.",
    question="A gradient enters at the output and is passed back from layer to layer. How much of it reaches layer 1?",
    choices=(
        "About as much as entered: backpropagation only copies it",
        "A few per cent: every layer takes a little",
        "Less than a billionth: every layer takes more than three quarters of what is left",
        "None at all: it is exactly zero",
    ),
    answer=2,
    watch=(
        Look("Forward nothing looks wrong: the signal has the same size in every layer.", "forward", 20),
        Look("On the way back the line falls straight on a log axis: the same factor in every layer.", "back", 40),
        Look("The dashed line is theory, and the green network has ReLU and He's weights: it stays level.", "back", 40),
    ),
    why=(
        "Each layer multiplies the gradient by its weights and by σ', which is never more than a quarter. Here that "
        "makes a factor of {factor:.3f} a layer, and {ratio:.1e} in all. What repairs it keeps that factor near one: "
        "another activation with weights that suit it, or a path past the layers."
    ),
    claims=(
        Claim(
            name="factor",
            words="what one layer multiplies the gradient with",
            of=_shrinking,
            expected=0.236,
            tolerance=0.01,
            source=MEAN_FIELD,
        ),
        Claim(
            name="ratio",
            words="gradient of the first layer over that of the last",
            of=lambda params: signals(deep(params)).ratio,
            expected=1.085e-12,
            tolerance=0.5,
            relative=True,
            source=MEAN_FIELD,
        ),
        _repaired("relu"),
        _repaired("residual"),
        _repaired("batch-norm"),
    ),
    covered=("back", "deltas"),
)


EXPLODING = Lesson(
    key="exploding",
    title="The exploding gradient",
    chapter=3,
    page="depth",
    params={"depth": "30", "width": "64", "phi": "tanh", "sw2": "9", "fix": "xavier"},
    system="{depth} tanh layers whose weights are three times as large as Xavier's.",
    question="Tanh keeps every activation below one. What does the gradient do on its way back?",
    choices=(
        "It cannot grow, because tanh saturates",
        "It grows by a constant factor in each layer",
        "It keeps its size: large weights and small slopes cancel",
    ),
    answer=1,
    watch=(
        Look("Forward the signal is large, but level: tanh holds it.", "forward", 30),
        Look("On the way back the line rises.", "back", 60),
        Look("With Xavier's weights it stays nearly level.", "back", 60),
    ),
    why=(
        "Saturation makes the slopes small, but not as small as the weights are large: each layer multiplies the "
        "gradient by {factor:.2f}, and the first gets {ratio:,.0f} times what the last one gets. No learning rate "
        "suits both. Clipping shortens the whole gradient and leaves that ratio as it is."
    ),
    claims=(
        Claim(
            name="factor",
            words="what one layer multiplies the gradient with",
            of=_shrinking,
            expected=1.364,
            tolerance=0.03,
            source=MEAN_FIELD,
        ),
        Claim(
            name="ratio",
            words="gradient of the first layer over that of the last",
            of=lambda params: signals(deep(params)).ratio,
            expected=7230,
            tolerance=0.5,
            relative=True,
            source=MEAN_FIELD,
        ),
        Claim(
            name="xavier",
            words="the same with Xavier's weights",
            of=lambda params: signals(REPAIRS["xavier"](deep(params))).ratio,
            expected=0.2,
            tolerance=0.15,
            source=HERE,
        ),
        Claim(
            name="clipped",
            words="the ratio after clipping, over that before",
            of=lambda params: signals(REPAIRS["clipping"](deep(params))).ratio / signals(deep(params)).ratio,
            expected=1.0,
            tolerance=1e-9,
            source=Source("Clipping multiplies the whole gradient by one number"),
        ),
    ),
    covered=("back", "deltas"),
)


def _ended(params: Params) -> np.ndarray:
    """The step at which a run diverged, and the layer that is named for it."""
    event = run(params).event
    return np.array([event.step, event.layer])


NOT_A_NUMBER = Lesson(
    key="not-a-number",
    title="When the loss is NaN",
    chapter=3,
    page="train",
    params={
        "arch": "-".join(["16"] * 20),
        "act": "relu",
        "init": "he",
        "loss": "mse",
        "optimizer": "sgd",
        "lr": "0.1",
        "steps": "200",
    },
    system="A deep ReLU network with He's weights, squared error and the rate {lr}.",
    question="The start is healthy: He's weights, a moderate rate. How can such a run end in NaN?",
    choices=(
        "Only by a division by zero in the code",
        "One step makes the outputs large, the next gradient is larger still, and so on",
        "By rounding errors that add up over the steps",
    ),
    answer=1,
    watch=(
        Look("For a while all is well.", "history", 20),
        Look("Then the gradients of all layers grow together, faster and faster.", "norms"),
        Look("The message names the step, the layer and the number that broke first.", "history"),
    ),
    why=(
        "In a deep linear-like network a step changes all layers at once, and the output changes with their product. "
        "Here the run ends at step {ended[0]:.0f} in layer {ended[1]:.0f}. With the gradient clipped at a norm of one "
        "the same run ends with a loss of {clipped:.5f}."
    ),
    claims=(
        Claim(
            name="ended",
            words="step and layer in which the numbers end",
            of=_ended,
            expected=(36, 21),
            tolerance=3,
            source=HERE,
        ),
        Claim(
            name="clipped",
            words="loss at the end with the gradient clipped at one",
            of=lambda params: run(params, clip=1.0).loss[-1],
            expected=0.0,
            tolerance=0.001,
            source=Source(
                "On the difficulty of training recurrent neural networks",
                "R. Pascanu, T. Mikolov, Y. Bengio",
                2013,
                "https://arxiv.org/abs/1211.5063",
            ),
        ),
    ),
    covered=("history", "norms"),
)

LESSONS = (VANISHING, EXPLODING, NOT_A_NUMBER)
