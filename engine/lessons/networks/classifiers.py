"""Classifiers of handwritten digits: which ones they get wrong, and what a convolution is worth."""

import numpy as np

from engine.lessons.lesson import HERE, Claim, Lesson, Look, Params, Source, experiment_of
from engine.lessons.measures import over_seeds, run
from engine.metrics import confusion_matrix, recall
from engine.network import Network
from engine.network.convolution import Convolution, Flatten, MaxPool
from engine.network.layers import Activation, Dense
from engine.training import Recording, load, train

LECUN = Source(
    "Gradient-based learning applied to document recognition",
    "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner",
    1998,
    "https://doi.org/10.1109/5.726791",
)


def _confusion(params: Params) -> np.ndarray:
    """The confusion matrix of the test part at the end; rows are the true digits."""
    recording = run(params)
    chosen = recording.data.test
    predicted = recording.output(recording.data.x[:, chosen], [-1])[0].argmax(0)
    return confusion_matrix(recording.data.labels[chosen], predicted, len(recording.data.class_names))


DIGITS = Lesson(
    key="digit-classifier",
    title="A classifier of digits",
    chapter=4,
    page="train",
    params={
        "data": "digits",
        "arch": "10",
        "act": "relu",
        "init": "he",
        "optimizer": "adam",
        "lr": "0.01",
        "batch": "32",
        "steps": "420",
    },
    system="{arch} hidden ReLU units, softmax over ten digits, Adam, ten passes over the training images.",
    question="Ten hidden units for ten digits. Which digits will the network get wrong most often?",
    choices=(
        "All about equally often",
        "The nine, which shares its strokes with others",
        "The zero, because it is empty in the middle",
        "The one, because it has the fewest strokes",
    ),
    answer=1,
    watch=(
        Look("At the start the matrix is a smear: the network guesses.", "learned", 0),
        Look("After a few passes the diagonal is there.", "learned", 126),
        Look("What is left off the diagonal are digits that look alike.", "learned"),
    ),
    why=(
        "Of the test images {right:.1%} are right. But accuracy is an average: of the nines only {nine:.0%} are "
        "found, of the best digit {best:.0%}. The confusion matrix says which digits are taken for which."
    ),
    claims=(
        Claim(
            name="right",
            words="share of the test images that are right",
            of=lambda params: run(params).test_accuracy[-1],
            expected=0.92,
            tolerance=0.03,
            source=HERE,
        ),
        Claim(
            name="nine",
            words="share of the nines that are found",
            of=lambda params: recall(_confusion(params))[9],
            expected=0.84,
            tolerance=0.06,
            source=HERE,
        ),
        Claim(
            name="best",
            words="the same of the digit that is found most often",
            of=lambda params: recall(_confusion(params)).max(),
            expected=0.98,
            tolerance=0.03,
            source=HERE,
        ),
        Claim(
            name="worst",
            words="the digit that is missed most often",
            of=lambda params: recall(_confusion(params)).argmin(),
            expected=9,
            tolerance=0,
            source=HERE,
        ),
    ),
    covered=("learned",),
)

SIDE, FILTERS = 8, 16  #: pixels of an image to each side; filters of the convolution


def _convolutional(params: Params, seed: int) -> Recording:
    """The run of a state with one convolution, a pool and a dense readout in place of the dense network."""
    experiment = experiment_of(params).replace(seed=seed)
    seen = SIDE - 2  # kernels of 3 x 3 lose a pixel at each border
    layers = [
        Convolution(1, (1, SIDE, SIDE), FILTERS),
        Activation("relu"),
        MaxPool((FILTERS, seen, seen)),
        Flatten(),
        Dense(2, FILTERS * (seen // 2) ** 2, 10, "he"),
    ]
    network = Network(experiment, SIDE**2, 10, layers, (1, SIDE, SIDE))
    return train(experiment, data=load(experiment), network=network, frames=2)


def _of_both(params: Params) -> np.ndarray:
    """Test accuracy with the convolution, and of the dense network, each the mean over three seeds."""
    with_filters = [_convolutional(params, seed).test_accuracy[-1] for seed in range(3)]
    return np.array([np.mean(with_filters), over_seeds(params, lambda dense: dense.test_accuracy[-1], 3).mean()])


CONVOLUTION = DIGITS.replace(
    key="convolution",
    title="What a convolution is worth",
    params={"arch": "21", "batch": "64", "steps": "210"},
    system="A dense network with {arch} hidden units, beside a convolutional one with as many parameters.",
    question="Two networks of the same size, one with filters that slide over the image. Which one is better?",
    choices=(
        "The dense one: it may use every pixel freely",
        "The convolutional one",
        "Neither: the number of parameters decides",
    ),
    answer=1,
    watch=(
        Look("The dense network finds most digits.", "learned"),
        Look("Its loss on the test part stays above that on the training part.", "history"),
    ),
    why=(
        "A filter looks at a few neighbouring pixels and is the same everywhere, so that a stroke learned in one place "
        "is known in all. With {parameters[0]:,.0f} parameters against {parameters[1]:,.0f} it gets {accuracy[0]:.1%} "
        "of the test images right, the dense network {accuracy[1]:.1%}."
    ),
    claims=(
        Claim(
            name="accuracy",
            words="share of the test images that are right, with a convolution and dense; means over three seeds",
            of=_of_both,
            expected=(0.965, 0.95),
            tolerance=0.01,
            source=HERE,
        ),
        Claim(
            name="better",
            words="the first less the second",
            of=lambda params: np.subtract(*_of_both(params)),
            expected=0.015,
            tolerance=0.014,
            source=LECUN,
        ),
        Claim(
            name="parameters",
            words="number of parameters, with a convolution and dense",
            of=lambda params: np.array([_convolutional(params, 0).network.size, run(params).network.size]),
            expected=(1610, 1585),
            tolerance=0,
            source=Source("16·9 + 16 + 144·10 + 10, and 64·21 + 21 + 21·10 + 10"),
        ),
    ),
    covered=("learned", "history"),
)

LESSONS = (DIGITS, CONVOLUTION)
