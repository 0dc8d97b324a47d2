"""Worked examples: networks so small that a whole step can be done on paper, and compared number by number."""

import numpy as np

from engine.backprop import EXAMPLES, Pass, examine, slopes
from engine.lessons.lesson import Claim, Lesson, Look, Params, Source, experiment_of
from engine.network import Network
from engine.training import network_of, targets

PAPER = Source("Worked out by hand: W a + b, σ(z) = 1/(1 + e⁻ᶻ), half the sum of squares")
DIFFERENCE = Source("(L(θ + h) - L(θ - h)) / 2h")


def _example(params: Params) -> tuple[Network, np.ndarray, np.ndarray, np.ndarray]:
    """Network, first parameters, input and target of the worked example of a state."""
    example, experiment = EXAMPLES[params["example"]], experiment_of(params)
    data = example.data
    network = network_of(experiment, data)
    return network, example.start(network), data.x, targets(experiment, data)


def _seen(params: Params) -> Pass:
    """Its first pass, forward and backward."""
    return examine(*_example(params))


def _after(params: Params) -> float:
    """The loss after one step."""
    network, start, x, y = _example(params)
    return network.loss(start - experiment_of(params).lr * _seen(params).gradient, x, y)


def _off(params: Params) -> float:
    """The largest distance of a gradient from the finite difference beside it."""
    return np.abs(slopes(*_example(params)[:2], *_example(params)[2:]).central - _seen(params).gradient).max()


def _claims(z: tuple[float, ...], output: tuple[float, ...], delta: tuple[float, ...], loss: float, after: float):
    """What a worked example says: its first z, its output, the δ of the output, and the loss before and after."""

    def claim(name: str, words: str, of: object, expected: object, tolerance: float = 5e-7) -> Claim:
        return Claim(name=name, words=words, of=of, expected=expected, tolerance=tolerance, source=PAPER)

    return (
        claim("z", "z of the first layer", lambda params: _seen(params).layers[0].z[:, 0], z),
        claim("output", "output", lambda params: _seen(params).layers[-1].a[:, 0], output),
        claim("delta", "δ of the output layer", lambda params: _seen(params).layers[-1].delta[:, 0], delta),
        claim("loss_before", "loss before the step", lambda params: _seen(params).loss, loss),
        claim("loss_after", "loss after one step", _after, after),
        Claim(
            name="off",
            words="largest distance of a gradient from the finite difference beside it",
            of=_off,
            expected=0.0,
            tolerance=1e-8,
            source=DIFFERENCE,
        ),
    )


SIGMOID = Lesson(
    key="worked-example",
    title="A step by hand: 2-2-2-2",
    chapter=1,
    page="backprop",
    params={
        "example": "2-2-2-2",
        "data": "plane",
        "arch": "2-2",
        "act": "sigmoid",
        "out": "sigmoid",
        "optimizer": "sgd",
        "lr": "0.1",
        "steps": "100",
    },
    system="Two inputs, two hidden layers and two outputs, all sigmoid, one sample and one step with the rate {lr}.",
    question="A widely copied table of this example gives a loss of less than half of the right one. How can one tell?",
    choices=(
        "Only by repeating the whole computation",
        "A table that is printed so often is right",
        "No output of a sigmoid is above one and the targets are three and four: the loss cannot be that small",
    ),
    answer=2,
    watch=(
        Look("The inputs one and two give z = {z[0]:.1f} and {z[1]:.1f} in the first layer.", "film", 1),
        Look("The outputs, {output[0]:.4f} and {output[1]:.4f}, are as good as one.", "film", 6),
        Look("On the way back each δ is made from those after it, times the slope of its unit.", "film", 12),
        Look("Every gradient ends in its ring: the finite difference says the same.", "gradients"),
    ),
    why=(
        "With outputs below one the two errors are above two and three, so that half the sum of their squares is above "
        "six: it is {loss_before:.4f}, and {loss_after:.4f} after the step. The copied table goes wrong in its second "
        "line, and carries that on to the last. A finite difference beside each gradient finds such a slip: here the "
        "largest distance is {off:.0e}."
    ),
    claims=(
        *_claims((0.6, 1.3), (0.920516, 0.946594), (-0.152148, -0.154361), 6.823770, 6.811911),
        Claim(
            name="copied",
            words="loss before the step, as a widely copied table has it",
            of=lambda params: _seen(params).loss,
            expected=2.485,
            tolerance=0.0005,
            source=Source("A table of this example that many pages repeat"),
            miss="Its second line, z of the first layer, is wrong already; no output below one gives so small a loss.",
        ),
    ),
    covered=("film", "gradients"),
)

LINEAR = SIGMOID.replace(
    key="worked-example-linear",
    title="The same with a linear output",
    params={"example": "2-2-2-2-linear", "out": "linear"},
    system="The same weights and the same sample, but the outputs are linear; one step with the rate {lr}.",
    question="The outputs may now be any number. How does the first step change?",
    choices=(
        "It is the same: the weights are the same",
        "It is larger: the error reaches the weights without the slope of a sigmoid",
        "It is smaller, because the loss is",
    ),
    answer=1,
    watch=(
        Look("Forward only the last numbers differ: {output[0]:.4f} and {output[1]:.4f}.", "film", 6),
        Look("Back, the first δ is the error itself: {delta[0]:.4f} and {delta[1]:.4f}.", "film", 8),
        Look("All gradients are several times larger, though the error is smaller.", "gradients"),
    ),
    why=(
        "A sigmoid that is nearly one is nearly flat, and multiplies every gradient behind it by that small slope. "
        "Without it the loss falls from {loss_before:.4f} to {loss_after:.4f} in one step."
    ),
    claims=_claims((0.6, 1.3), (2.449379, 2.874952), (-0.550621, -1.125048), 0.784458, 0.433328),
)

OTHER_SHAPE = SIGMOID.replace(
    key="worked-2-3-2",
    title="Another shape: 2-3-2",
    params={"example": "2-3-2", "arch": "3", "act": "linear", "out": "linear", "lr": "0.01"},
    system="Two inputs through a ReLU, three linear hidden units, two linear outputs; one step with the rate {lr}.",
    question="Hidden units and outputs are linear, in two layers. What can the whole network compute?",
    choices=(
        "Bent curves: it has a hidden layer",
        "One linear map: the product of the two matrices",
        "Three straight lines, one for each hidden unit",
    ),
    answer=1,
    watch=(
        Look("Forward: z = {z[0]:.1f}, {z[1]:.1f} and {z[2]:.1f}, passed on as they are.", "film", 1),
        Look("Back: δ of the outputs is the error, {delta[0]:.2f} and {delta[1]:.2f}.", "film", 6),
        Look("Each gradient is a δ times what the weight has read.", "gradients"),
    ),
    why=(
        "A linear layer after a linear layer is one linear layer, whose matrix is the product. So this network can be "
        "checked with a single multiplication: the outputs are {output[0]:.2f} and {output[1]:.2f}, and one step takes "
        "the loss from {loss_before:.4f} to {loss_after:.4f}."
    ),
    claims=_claims((0.6, 1.3, 2.0), (3.66, 4.93), (0.66, 0.93), 0.650250, 0.232524),
)

LESSONS = (SIGMOID, LINEAR, OTHER_SHAPE)
