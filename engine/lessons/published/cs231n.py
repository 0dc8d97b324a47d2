"""Numbers from CS231n: checks before a run, and the spiral of three arms."""

import numpy as np

from engine.lessons.lesson import Claim, Lesson, Look, Source
from engine.lessons.measures import over_seeds, run
from engine.training import Recording

CHECKS = Source(
    "CS231n, Neural networks 3: learning and evaluation",
    "A. Karpathy, F.-F. Li, J. Johnson",
    2016,
    "https://cs231n.github.io/neural-networks-3/",
)
SPIRAL = Source(
    "CS231n, case study: a minimal neural network",
    "A. Karpathy, F.-F. Li, J. Johnson",
    2016,
    "https://cs231n.github.io/neural-networks-case-study/",
)


SANITY = Lesson(
    key="sanity-check",
    title="The first loss is known before the run",
    chapter=5,
    page="train",
    params={
        "data": "digits",
        "arch": "none",
        "init": "normal",
        "scale": "0.0001",
        "optimizer": "sgd",
        "lr": "0.1",
        "steps": "100",
    },
    system="Softmax over 10 classes with small random weights; and a network that is to overfit 20 examples.",
    question="Ten classes, and weights near zero. What is the cross-entropy before the first step?",
    choices=("Zero, as nothing is known yet", "The logarithm of ten", "It depends on the images", "One half"),
    answer=1,
    watch=(
        Look("The curve begins at {first:.3f}: that is the logarithm of ten.", "history", 0),
        Look("Any other first number would mean a wrong loss or weights that are too large.", "history"),
    ),
    why=(
        "Small weights give every class the same probability, one in ten, and the loss of that is the logarithm of "
        "ten. It is a check that costs nothing. The second one: a network that cannot learn twenty examples by heart "
        "has a fault; ours reaches {learned:.0%} on them."
    ),
    claims=(
        Claim(
            name="first",
            words="loss before the first step",
            of=lambda params: run(params).loss[0],
            expected=2.302,
            tolerance=0.001,
            source=CHECKS,
        ),
        Claim(
            name="learned",
            words="accuracy on twenty examples, once overfitted",
            of=lambda params: run(
                params, samples=20, test=0.0, arch=(32,), act=("relu",), init="he", scale=1.0, lr=0.3
            ).train_accuracy[-1],
            expected=1.0,
            tolerance=0.0,
            source=CHECKS,
        ),
    ),
    covered=("history",),
)


def _loss_and_accuracy(recording: Recording) -> np.ndarray:
    """The loss ten steps before the end, where the course prints it last, and the accuracy at the end."""
    return np.array([recording.loss[-11], recording.train_accuracy[-1]])


LINEAR_SPIRAL = Lesson(
    key="spiral-linear",
    title="Three arms, and straight lines",
    chapter=5,
    page="train",
    params={
        "data": "spiral3",
        "samples": "300",
        "noise": "0.1",
        "test": "0",
        "arch": "none",
        "init": "normal",
        "scale": "0.01",
        "l2": "0.001",
        "optimizer": "sgd",
        "lr": "1",
        "steps": "200",
    },
    system="300 points on three arms, softmax without hidden units, L2 1e-3, rate 1, 200 steps.",
    question="Three arms wound round each other, and no hidden units. How many points can be right?",
    choices=("All, after enough steps", "About half of them", "A third of them, as by chance"),
    answer=1,
    watch=(
        Look("Each class gets a wedge of the plane: three straight borders.", "learned"),
        Look("The loss stops falling soon, far from zero.", "history"),
    ),
    why=(
        "A linear classifier cuts the plane into wedges, and an arm that winds round passes through all of them. "
        "More steps do not help: the loss has one minimum, and this is it. How good it is depends a little on the "
        "noise of the points, so that the range over many draws is given."
    ),
    claims=(
        Claim(
            name="linear",
            words="loss and share of right points at the end",
            of=lambda params: over_seeds(params, _loss_and_accuracy, 150),
            expected=(0.786, 0.49),
            tolerance=0.005,
            source=SPIRAL,
            draw=True,
            quick=False,
        ),
    ),
    covered=("learned", "history"),
)

HIDDEN_SPIRAL = LINEAR_SPIRAL.replace(
    key="spiral-hidden",
    title="Three arms, and a hundred hidden units",
    params={"arch": "100", "act": "relu", "steps": "10000"},
    system="The same points, 100 hidden ReLU units, 10,000 steps.",
    question="One hidden layer of {arch} ReLU units is put in between. How many points are right now?",
    choices=("About half: the data are the same", "Nearly all", "Three quarters"),
    answer=1,
    watch=(
        Look("At first it draws wedges, too.", "learned", 100),
        Look("Then the borders bend, one crease for each hidden unit at the most.", "learned"),
        Look("About half of the loss that is left is the penalty on the weights.", "history"),
    ),
    why=(
        "Every hidden unit folds the plane along a line, and behind enough folds the arms can be parted by straight "
        "lines. The loss includes the penalty on the weights, which such borders need to be large. As it is a draw, "
        "the range over three seeds is given."
    ),
    claims=(
        Claim(
            name="hidden",
            words="loss and share of right points at the end",
            of=lambda params: over_seeds(params, _loss_and_accuracy, 3),
            expected=(0.245, 0.98),
            tolerance=0.001,
            source=SPIRAL,
            draw=True,
            quick=False,
        ),
    ),
)

LESSONS = (SANITY, LINEAR_SPIRAL, HIDDEN_SPIRAL)
