"""What passes through deep networks before training: CS231n, makemore, Glorot & Bengio."""

import numpy as np

from engine.depth.signals import noise
from engine.diagnostics.measures import saturation
from engine.lessons.lesson import Claim, Lesson, Look, Params, Source
from engine.lessons.measures import deep, hidden, statistics

LECTURE = Source(
    "CS231n, lecture 6: training neural networks",
    "F.-F. Li, J. Johnson, S. Yeung",
    2017,
    "http://cs231n.stanford.edu/slides/2017/cs231n_2017_lecture6.pdf",
)
MAKEMORE = Source(
    "Building makemore 3: activations and gradients, batch norm",
    "A. Karpathy",
    2022,
    "https://github.com/karpathy/nn-zero-to-hero",
)
GLOROT = Source(
    "Understanding the difficulty of training deep feedforward neural networks",
    "X. Glorot, Y. Bengio",
    2010,
    "https://proceedings.mlr.press/v9/glorot10a.html",
)


def _spread(params: Params, seed: int) -> np.ndarray:
    """Standard deviation in the first five of layers as wide as the published ones."""
    return statistics(hidden(deep(params).replace(width=500), 500, 1000, seed)[:5], np.std)


SHRINKING = Lesson(
    key="small-weights",
    title="Small weights silence a deep network",
    chapter=5,
    page="depth",
    params={"depth": "10", "width": "256", "phi": "tanh", "sw2": "0.05", "fix": "xavier"},
    system="10 tanh layers of 500 units, weights of standard deviation .01, standard normal inputs.",
    question="All weights are drawn very small, to be on the safe side. What do the activations do with depth?",
    choices=(
        "They keep their size, because tanh does",
        "They shrink by the same factor in every layer",
        "They grow until tanh saturates",
    ),
    answer=1,
    watch=(
        Look("A straight line down on a log axis: the same factor in every layer.", "forward", 10),
        Look("The histogram of the last layer is a needle at zero.", "units", 10),
        Look("With Xavier's weights it shrinks far more slowly.", "forward", 10),
    ),
    why=(
        "Every layer multiplies the spread by the root of σw², here a good fifth. After five layers "
        "{spread[0][4]:.4f} is left, and the gradient of a weight is proportional to the activation that it reads."
    ),
    claims=(
        Claim(
            name="spread",
            words="standard deviation of the activations in layers one to five",
            of=lambda params: np.array([_spread(params, seed) for seed in range(4)]),
            expected=(0.2131, 0.0476, 0.0106, 0.0024, 0.0005),
            tolerance=0.00005,
            source=LECTURE,
            draw=True,
        ),
    ),
    covered=("forward", "units"),
)

KEEPING = Lesson(
    key="he-keeps",
    title="He's weights keep a ReLU network alive",
    chapter=5,
    page="depth",
    params={"depth": "10", "width": "256", "phi": "relu", "draw": "he", "fix": "xavier"},
    system="10 ReLU layers of 500 units with He's initialisation, standard normal inputs.",
    question="A ReLU throws half of its input away. What do He's weights make of the signal after ten such layers?",
    choices=(
        "About the size it had after the first",
        "It halves in each layer all the same",
        "It doubles in each layer, because they are twice as large",
    ),
    answer=0,
    watch=(
        Look("The line stays level: the size of the signal wanders, but it neither dies nor explodes.", "forward", 10),
        Look("The other network has Xavier's weights: it loses a constant factor in each layer.", "forward", 10),
    ),
    why=(
        "Half of the units are zero, so that the mean square halves; a variance of two over the number of inputs makes "
        "up for it exactly. How far it wanders after ten layers depends on the draw, so that the range over seeds is "
        "given."
    ),
    claims=(
        Claim(
            name="moments",
            words="mean and standard deviation in the first layer, then in the tenth",
            of=lambda params: np.array([_moments(params, seed) for seed in range(6)]),
            expected=(0.562, 0.825, 0.553, 0.845),
            tolerance=0.01,
            source=LECTURE,
            draw=True,
        ),
    ),
    covered=("forward",),
)


def _moments(params: Params, seed: int) -> list[float]:
    """Mean and standard deviation in the first layer and in the tenth."""
    layers = hidden(deep(params).replace(width=500), 500, 250, seed)
    return [of(layers[i]) for i in (0, 9) for of in (np.mean, np.std)]


def _tanh_statistics(params: Params, seed: int) -> np.ndarray:
    """Standard deviation in five layers, then the share of saturated activations in per cent."""
    layers = hidden(deep(params), 30, 32, seed)
    return statistics(layers, np.std, lambda a: 100 * saturation(a, "tanh").mean())


TANH = Lesson(
    key="tanh-statistics",
    title="What a gain of five thirds does to tanh",
    chapter=5,
    page="depth",
    params={"depth": "5", "width": "100", "phi": "tanh", "sw2": "2.7778", "fix": "xavier"},
    system="Five tanh layers of 100 units with gain 5/3 on 30 inputs, a batch of 32.",
    question="The weights of tanh layers are drawn five thirds larger than Xavier's. Where does the signal settle?",
    choices=(
        "It grows until nearly all units saturate",
        "It settles: tanh squashes as much as the gain adds",
        "It shrinks towards zero",
    ),
    answer=1,
    watch=(
        Look("From the second layer on, the size stays the same.", "forward", 5),
        Look("A few per cent of the activations lie in the saturated tails.", "units", 5),
        Look("With Xavier's own weights the signal still shrinks, slowly.", "forward", 5),
    ),
    why=(
        "Tanh contracts, and a gain of one would let the signal fade layer by layer. Five thirds balance that near a "
        "standard deviation of two thirds, with some units saturated, but few."
    ),
    claims=(
        Claim(
            name="settled",
            words="standard deviation in five layers, then the saturated share in per cent",
            of=lambda params: np.array([_tanh_statistics(params, seed) for seed in range(40)]),
            expected=(0.75, 0.69, 0.67, 0.66, 0.66, 20.3, 8.4, 6.6, 5.5, 6.1),
            tolerance=0.005,
            source=MAKEMORE,
            draw=True,
        ),
    ),
    covered=("forward", "units"),
)


def _kept(params: Params) -> float:
    """What a layer multiplies the standard deviation with, of inputs so small that tanh is a straight line."""
    network = deep(params)
    built = network.network(network.width, 1)
    layers = built.activations(built.initial(np.random.default_rng(0)), 0.001 * noise(network.width, 64))[:-1]
    return (layers[-1][1].std() / layers[0][1].std()) ** (1 / (network.depth - 1))


STANDARD = Lesson(
    key="standard-initialisation",
    title="What the old standard initialisation loses",
    chapter=5,
    page="depth",
    params={"depth": "10", "width": "256", "phi": "tanh", "draw": "torch", "fix": "xavier"},
    system="Weights uniform on ±1/√n, so that n Var W = 1/3; tanh near 0.",
    question="Weights used to be drawn evenly between plus and minus 1/√n. What does a layer keep of its signal?",
    choices=(
        "All of the signal: that is what the root of n is for",
        "Its size divided by the root of three",
        "A third of its size",
    ),
    answer=1,
    watch=(
        Look("The line falls, though every weight has the size that seems right.", "forward", 10),
        Look("The gradient falls on its way back, by the same factor.", "back", 20),
        Look("With Xavier's weights both lines are nearly level.", "back", 20),
    ),
    why=(
        "The variance of an even draw is a third of its bound squared. So n Var W is a third, and each layer keeps "
        "{factor:.3f} of the size, forward and back. Xavier's initialisation was made to put one in the place of that "
        "third."
    ),
    claims=(
        Claim(
            name="factor",
            words="what a layer multiplies the size of a small signal with",
            of=_kept,
            expected=0.577,
            tolerance=0.01,
            source=GLOROT,
        ),
    ),
    covered=("forward", "back"),
)

LESSONS = (SHRINKING, KEEPING, TANH, STANDARD)
