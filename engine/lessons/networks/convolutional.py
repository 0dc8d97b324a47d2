"""The textbook's convolutional network on digits of 28 x 28 pixels: what its filters cost, and what they are worth."""

import math
from functools import lru_cache

import numpy as np

from engine.datasets import Dataset
from engine.experiment import Experiment
from engine.lessons.lesson import HERE, Claim, Lesson, Look, Params, Source, experiment_of
from engine.network import Network
from engine.training import Recording, load, network_of, train
from engine.vision import blocks_of, convolutional, enlarged, mistakes

DENSE = 117  #: hidden units of the dense network with about as many parameters


def _composed(params: Params) -> tuple[Experiment, Dataset, Network]:
    """What a state of the Convolution page, which says all of this itself, trains: as the page does."""
    digits = {"data": "digits", "samples": params["cvmost"], "standardise": "1"}
    data = enlarged(load(experiment_of(params | digits)))
    steps = int(params["cvepochs"]) * -(-len(data.train) // int(params["cvbatch"]))
    own = {"arch": "cvdense", "act": "cvact", "lr": "cvlr", "batch": "cvbatch"}
    named = {key: params[setting] for key, setting in own.items()}
    experiment = experiment_of(params | digits | named | {"steps": str(steps)}).on(data)
    return experiment, data, convolutional(experiment, (1, *data.image), blocks_of(params["cvblocks"]), 10)


@lru_cache(maxsize=1)
def _runs(params: tuple[tuple[str, str], ...]) -> tuple[Recording, Recording]:
    """The run of the state, and that of the dense network on the same images."""
    experiment, data, network = _composed(dict(params))
    dense = experiment.replace(arch=(DENSE,))
    how = {"data": data, "frames": 2, "dtype": np.float32}
    return train(experiment, network=network, **how), train(dense, network=network_of(dense, data), **how)


def _right(params: Params) -> np.ndarray:
    """Share of the test images that are right at the end, of both."""
    both = _runs(tuple(sorted(params.items())))
    missed = [len(mistakes(run.network, run.params[-1], run.data).indices) for run in both]
    return 1 - np.array(missed) / len(both[0].data.test)


def _networks(params: Params) -> tuple[Network, Network]:
    experiment, data, network = _composed(params)
    return network, network_of(experiment.replace(arch=(DENSE,)), data)


def _products(network: Network) -> np.ndarray:
    """Multiplications that each layer with weights does for one image: its weights, times the places they meet."""
    layers = zip(network.layers, network.signal_shapes[1:], strict=True)
    return np.array([math.prod(layer.weight_shape[1:]) * math.prod(shape) for layer, shape in layers if layer.block()])


def _sizes(network: Network) -> np.ndarray:
    """Parameters of each of these layers."""
    return np.array([math.prod(layer.block().shape) for layer in network.layers if layer.block()])


def _share(counts: np.ndarray) -> float:
    """What the second of them has of all."""
    return counts[1] / counts.sum()


CONVOLUTIONAL = Lesson(
    key="convolutional-classifier",
    title="What filters cost, and what they are worth",
    chapter=4,
    page="convolution",
    params={
        "cvdata": "28x28",
        "cvmost": "1797",
        "cvblocks": "32k3p-64k3p-64k3",
        "cvdense": "64",
        "cvact": "relu",
        "cvepochs": "5",
        "cvbatch": "64",
        "cvlr": "0.002",
        "init": "he",
        "optimizer": "adam",
    },
    system=(
        "The textbook's network for digits: three convolutions with pools between them, {cvdense} dense units and a "
        "softmax over ten digits; Adam, {cvepochs} passes over the images in batches of {cvbatch}."
    ),
    question="A dense network with as many parameters trains many times faster. What do the filters spend time on?",
    choices=(
        "On the pools, which compare every pixel with its neighbours",
        "Each filter is used again at every place of the image",
        "On more steps: their gradients are smaller",
    ),
    answer=1,
    watch=(
        Look("Each filter makes a map of its own: where in the image it finds what it looks for.", "maps", 0),
        Look("The deeper the layer, the smaller its maps, and the more of the image each of their cells sees.", "maps"),
        Look("The gradients of all layers fall along with the loss: none is left without one.", "norms"),
        Look("What is still wrong, the most confident mistakes first.", "wrong"),
    ),
    why=(
        "A dense weight is used once for each image, a kernel at every place it fits. With as many parameters, "
        "{parameters[0]:,.0f} and {parameters[1]:,.0f}, the filters do {work:.0f} times as many multiplications, and "
        "{second:.0%} of them in the second convolution, which has {share:.0%} of the parameters. What that buys: a "
        "stroke learned in one place is known in all, and {accuracy[0]:.1%} of the test images are right, with the "
        "dense network {accuracy[1]:.1%}."
    ),
    claims=(
        Claim(
            name="parameters",
            words="number of parameters, with filters and dense",
            of=lambda params: np.array([network.size for network in _networks(params)]),
            expected=(93_322, 93_025),
            tolerance=0,
            source=Source("320 + 18,496 + 36,928 + 36,928 + 650, and 784·117 + 117 + 117·10 + 10"),
        ),
        Claim(
            name="work",
            words="multiplications for one image, as a multiple of those of the dense network",
            of=lambda params: np.divide(*(_products(network).sum() for network in _networks(params))),
            expected=(9 * 32 * 676 + 288 * 64 * 121 + 576 * 64 * 9 + 576 * 64 + 640) / (784 * 117 + 1170),
            tolerance=1e-12,
            source=Source("(9·32·26² + 288·64·11² + 576·64·3² + 576·64 + 640) / (784·117 + 1170)"),
        ),
        Claim(
            name="second",
            words="share of them in the second convolution",
            of=lambda params: _share(_products(_networks(params)[0])),
            expected=0.798,
            tolerance=0.001,
            source=Source("288·64·11² of them"),
        ),
        Claim(
            name="share",
            words="share of the parameters in the second convolution",
            of=lambda params: _share(_sizes(_networks(params)[0])),
            expected=18_496 / 93_322,
            tolerance=1e-12,
            source=Source("18,496 of 93,322"),
        ),
        Claim(
            name="accuracy",
            words="share of the test images that are right, with filters and dense",
            of=_right,
            expected=(0.955, 0.935),
            tolerance=0.015,
            source=HERE,
            quick=False,
        ),
    ),
    covered=("history",),
)

LESSONS = (CONVOLUTIONAL,)
