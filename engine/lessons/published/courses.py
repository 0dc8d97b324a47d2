"""Numbers from courses and their notebooks: CS231n, Karpathy, Dive into Deep Learning, deeplearning.ai."""

from collections.abc import Callable

import numpy as np

from engine.activations import saturation
from engine.descent import descend
from engine.expressions import parse
from engine.lessons.lesson import Claim, Lesson, Look, Params, Source
from engine.lessons.measures import deep, hidden, over_seeds, racer, run, statistics

CHECKS = Source(
    "CS231n, Neural networks 3: learning and evaluation",
    "A. Karpathy, F.-F. Li, J. Johnson",
    2016,
    "https://cs231n.github.io/neural-networks-3/",
)
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
MICROGRAD = Source("micrograd", "A. Karpathy", 2020, "https://github.com/karpathy/micrograd")
D2L = Source(
    "Dive into Deep Learning, chapter 12: optimization algorithms",
    "A. Zhang, Z. Lipton, M. Li, A. Smola",
    2023,
    "https://d2l.ai/chapter_optimization/index.html",
)
DLAI = Source(
    "Improving deep neural networks: Initialization",
    "deeplearning.ai, A. Ng and others",
    2017,
    "https://www.coursera.org/learn/deep-neural-network",
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
        Look("With Xavier's weights the signal stays.", "forward", 10),
    ),
    why=(
        "Every layer multiplies the spread by the root of σw², here a good fifth. After five layers {spread[0][4]:.4f} is "
        "left of it, and the gradient of a weight is proportional to the activation it reads: nothing learns."
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

MOONS = Lesson(
    key="two-moons",
    title="micrograd's two moons",
    chapter=5,
    page="train",
    params={
        "data": "moons",
        "samples": "100",
        "noise": "0.16",
        "test": "0",
        "arch": "16-16",
        "act": "relu",
        "init": "uniform",
        "loss": "hinge",
        "l2": "0.0002",
        "optimizer": "sgd",
        "lr": "1",
        "schedule": "polynomial",
        "power": "1",
        "floor": "0.1",
        "steps": "100",
    },
    system="A 2-16-16-1 network, ReLU, max-margin loss, L2 1e-4 on Σw², rate from 1 to .1 in 100 steps.",
    question="A few hundred parameters, a hundred points, a hundred steps of plain descent. How many points are right?",
    choices=("About half of them", "Nine out of ten", "All of them"),
    answer=2,
    watch=(
        Look("At first a ragged line, by the random weights.", "learned", 0),
        Look("In the end it runs between the two moons.", "learned"),
        Look("The loss jumps while the rate is high, and settles as it falls.", "history"),
    ),
    why=(
        "A margin loss stops pushing a point once it is on the right side by a margin of one. What is left in the end "
        "is mostly the penalty on the weights. The last loss depends on the draw of points and weights, so that the "
        "range over seeds is given."
    ),
    claims=(
        Claim(
            name="parameters",
            words="number of parameters",
            of=lambda params: run(params).network.size,
            expected=337,
            tolerance=0,
            source=MICROGRAD,
        ),
        Claim(
            name="last",
            words="loss at the last step",
            of=lambda params: over_seeds(params, lambda recording: recording.loss[-2], 8),
            expected=0.011,
            tolerance=0.0005,
            source=MICROGRAD,
            draw=True,
        ),
        Claim(
            name="right",
            words="share of the points that are right",
            of=lambda params: over_seeds(params, lambda recording: recording.train_accuracy[-1], 8),
            expected=1.0,
            tolerance=0.0,
            source=MICROGRAD,
            draw=True,
        ),
    ),
    covered=("learned", "history"),
)

_C = "(2*(2*(x+y)+1)+1-x)"
_D = "(4*(3*(x*y+y**3)+max(0,x+y))+max(0,y-x))"
EXPRESSION = f"({_C}-{_D})**2/2 + 10/({_C}-{_D})**2"  # f/2 + 10/f with f = e², e = c - d; a is x, b is y


def _value_and_slopes(params: Params) -> np.ndarray:
    """The formula and its two derivatives at the start."""
    at = np.array([float(params["sx"]), float(params["sy"])])
    value, slopes = parse(params["fxy"])(at)
    return np.array([value, *slopes])


FORMULA = Lesson(
    key="expression",
    title="An expression and its gradient",
    chapter=5,
    page="optimizers",
    params={
        "track": "formula",
        "fxy": EXPRESSION,
        "half": "5",
        "sx": "-4",
        "sy": "2",
        "racers": "sgd",
        "fair": "same",
        "rate": "0.0001",
        "rsteps": "100",
    },
    system="The expression of the README, in a and b, with sums, products, powers, ReLU and a quotient; a = -4, b = 2.",
    question="A dozen operations lie between the two inputs and the result. How is the slope by an input computed?",
    choices=(
        "By trying a slightly larger input",
        "By expanding the formula first",
        "By the chain rule, one operation at a time",
    ),
    answer=2,
    watch=(
        Look("The start, where the result is {results[0]:.4f}.", "race-map", 0),
        Look("The white arrow is the downhill direction, from the two slopes.", "race-map", 0),
    ),
    why=(
        "Every operation knows its own derivative, and the chain rule multiplies them. So the slopes "
        "{results[1]:.4f} and {results[2]:.4f} are exact, whatever the formula; a network is only a longer one."
    ),
    claims=(
        Claim(
            name="results",
            words="the result and its slopes by a and b",
            of=_value_and_slopes,
            expected=(24.7041, 138.8338, 645.5773),
            tolerance=0.00005,
            source=MICROGRAD,
        ),
    ),
    covered=("race-map",),
)


def _end(name: str) -> Callable[[Params], np.ndarray]:
    """Where an optimizer stands after the steps of the race."""

    def of(params: Params) -> np.ndarray:
        start = np.array([float(params["sx"]), float(params["sy"])])
        return descend(parse(params["fxy"]), start, racer(name, params), int(params["rsteps"])).params[-1]

    return of


VALLEY = Lesson(
    key="three-optimizers",
    title="Three optimizers in one valley",
    chapter=5,
    page="optimizers",
    params={
        "track": "formula",
        "fxy": "0.1*x**2 + 2*y**2",
        "half": "6",
        "sx": "-5",
        "sy": "-2",
        "racers": "sgd-momentum-adagrad",
        "fair": "same",
        "rate": "0.4",
        "rsteps": "20",
        "hy": "momentum.lr:0.6~momentum.momentum:0.5",
    },
    system=".1x² + 2y² from (-5, -2), 20 steps: gradient descent .4, momentum .6 with β = .5, Adagrad .4.",
    question="A valley that is steep across and flat along. Which one is nearest to its bottom after {rsteps} steps?",
    choices=("Gradient descent", "Momentum", "Adagrad, because it scales each coordinate"),
    answer=1,
    watch=(
        Look("Gradient descent is down the steep side at once, and creeps along the floor.", "race-map", 5),
        Look("Momentum gathers speed along the floor.", "race-map", 10),
        Look("Adagrad takes ever shorter steps, and is still far away.", "race-distance"),
    ),
    why=(
        "The rate is limited by the steep direction, so that plain descent is slow along the flat one: x is still "
        "{descent[0]:.3f}. Momentum adds up the steps that agree and ends at {momentum[0]:.4f}. Adagrad divides by all "
        "gradients so far, so that its steps shrink for good: {adagrad[0]:.3f}."
    ),
    claims=tuple(
        Claim(
            name={"sgd": "descent"}.get(name, name),
            words=f"x and y after the last step of {title}",
            of=_end(name),
            expected=expected,
            tolerance=1e-6,
            source=D2L,
        )
        for name, title, expected in (
            ("sgd", "gradient descent", (-0.943467, -0.000073)),
            ("momentum", "momentum", (0.007188, 0.002553)),
            ("adagrad", "Adagrad", (-2.382563, -0.158591)),
        )
    ),
    covered=("race-map", "race-surface", "race-loss", "race-distance"),
)

ZEROS = Lesson(
    key="zeros",
    title="All weights zero",
    chapter=5,
    page="train",
    params={
        "data": "circle",
        "samples": "300",
        "test": "0",
        "arch": "10-5",
        "act": "relu",
        "init": "zeros",
        "optimizer": "sgd",
        "lr": "0.01",
        "steps": "15000",
    },
    system="A 2-10-5-1 ReLU network on two rings of 300 points, all weights zero, rate .01, 15,000 steps.",
    question="Every weight and bias is zero at the start. What does the loss do in {steps} steps?",
    choices=("It falls slowly at first, then fast", "Nothing: it stays the logarithm of two", "It explodes"),
    answer=1,
    watch=(
        Look("A flat line at {losses[0]:.4f}, from the first step to the last.", "history"),
        Look("No gradient reaches any weight.", "norms"),
        Look("So the answer is one half everywhere.", "learned"),
    ),
    why=(
        "With weights of zero every activation is zero, and the gradient of a weight is an activation times a δ that "
        "itself passed a weight of zero. All weights stay where they are, and {accuracy:.0%} of the points are guessed "
        "right. Random weights of the right size, such as He's, are the cure."
    ),
    claims=(
        Claim(
            name="losses",
            words="first and last loss",
            of=lambda params: run(params).loss[[0, -1]],
            expected=(0.6931, 0.6931),
            tolerance=0.0001,
            source=DLAI,
        ),
        Claim(
            name="accuracy",
            words="share of the points that are right",
            of=lambda params: run(params).train_accuracy[-1],
            expected=0.5,
            tolerance=0.0,
            source=DLAI,
        ),
        Claim(
            name="accuracy_he",
            words="the same with He's weights",
            of=lambda params: run(params, init="he").train_accuracy[-1],
            expected=0.9933,
            tolerance=0.01,
            source=DLAI,
            quick=False,
        ),
    ),
    covered=("history", "norms", "learned"),
)

LESSONS = (SANITY, SHRINKING, KEEPING, TANH, MOONS, FORMULA, VALLEY, ZEROS)
