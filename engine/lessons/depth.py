"""Chapter 3, depth: how far a gradient gets, what loses it on the way, and what carries it through."""

import numpy as np

from engine.depth import REPAIRS
from engine.lessons.lesson import Chapter, Claim, Lesson, Look, Params, Source
from engine.lessons.measures import deep, run, signals

CHAPTER = Chapter(3, "Depth", "Why gradients vanish and explode in deep networks, and what carries them through.")
MEAN_FIELD = Source(
    "Deep Information Propagation", "S. Schoenholz, J. Gilmer, S. Ganguli, J. Sohl-Dickstein", 2017,
    "https://arxiv.org/abs/1611.01232",
)  # fmt: skip
SYMMETRY = Source("Units that start alike get the same gradient in every step, so that they stay alike")


def _shrinking(params: Params) -> float:
    """What a layer multiplies the gradient with: the ratio of first to last hidden layer, shared by the steps."""
    network = deep(params)
    return signals(network).ratio ** (1 / (network.depth - 1))


def _repaired(name: str) -> Claim:
    """First over last gradient with one of the remedies: of order one."""
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

LESSONS = (VANISHING, CONSTANT)
