"""Convolution, pooling and the convolutional classifier against the complex step and against PyTorch."""

import numpy as np
import pytest

from engine import Experiment, train
from engine.datasets import Dataset, load
from engine.network import Network
from engine.network.convolution import Convolution, Flatten, MaxPool
from engine.network.layers import Activation, Dense
from engine.vision import LESSON_BLOCKS, convolutional
from tests.torch_models import torch_like

SOFTMAX = Experiment(data="csv", loss="softmax_cross_entropy", lr=0.001, batch=8, steps=5)


def small(act="tanh"):
    """Two channels of 6 x 7 pixels through two convolutions and a pool."""
    layers = [Convolution(1, (2, 6, 7), 3), Activation(act), MaxPool((3, 4, 5)), Convolution(2, (3, 2, 2), 2, size=2)]
    layers += [Flatten(), Dense(3, 2, 3)]
    return Network(SOFTMAX, 84, 3, layers=layers, input_shape=(2, 6, 7))


def case(network, n=5):
    rng = np.random.default_rng(1)
    params = network.initial(rng) + 0.1 * rng.standard_normal(network.size)
    return params, rng.standard_normal((network.sizes[0], n)), np.eye(network.sizes[-1])[rng.integers(0, 3, n)].T


def flat(network, model, gradient=False):
    """The parameters (or gradients) of the torch model as the network's flat vector."""
    vector = np.empty(network.size)
    values = [p.grad if gradient else p.detach() for p in model.parameters()]
    for name, value in zip(network.layout.names, values, strict=True):
        network.layout.view(vector, name)[...] = value.numpy()
    return vector


def test_gradient_equals_the_complex_step():
    network = small()
    params, x, y = case(network)
    exact = network.loss(params + 1e-30j * np.eye(network.size), x, y).imag / 1e-30
    assert network.loss_and_gradient(params, x, y)[1] == pytest.approx(exact, rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("act", ["tanh", "relu"])
def test_output_and_gradient_equal_torch(act):
    torch = pytest.importorskip("torch")
    network = small(act)
    params, x, y = case(network)
    model = torch_like(network, params, torch.nn.Tanh() if act == "tanh" else torch.nn.ReLU())
    output = model(torch.tensor(x.T.reshape(-1, 2, 6, 7)))
    loss = torch.nn.functional.cross_entropy(output, torch.tensor(y.argmax(axis=0)))
    loss.backward()
    value, gradient = network.loss_and_gradient(params, x, y)
    assert network.forward(params, x) == pytest.approx(output.detach().numpy().T, rel=1e-12, abs=1e-14)
    assert float(value) == pytest.approx(loss.item(), rel=1e-13)
    assert gradient == pytest.approx(flat(network, model, gradient=True), rel=1e-11, abs=1e-14)


def test_runs_equal_a_loop_bitwise():
    network = small()
    params, x, y = case(network)
    many = params + 0.1 * np.random.default_rng(2).standard_normal((3, network.size))
    loss, gradient = network.loss_and_gradient(many, x, y)
    for i in range(3):
        one = network.loss_and_gradient(many[i], x, y)
        assert np.array_equal(loss[i], one[0])
        assert np.array_equal(gradient[i], one[1])


def test_ties_in_a_pool_go_to_the_first_pixel():
    layers = [Convolution(1, (1, 2, 2), 1, size=1), MaxPool((1, 2, 2)), Flatten(), Dense(2, 1, 1)]
    network = Network(SOFTMAX.replace(loss="squared_error"), 4, 1, layers=layers, input_shape=(1, 2, 2))
    params = np.array([1.0, 0.0, 1.0, 0.0])
    x = np.array([[1.0], [2.0], [2.0], [0.0]])
    work = network.loss_and_gradient(params, x, np.zeros((1, 1)))[1]
    assert work[0] == 2 * 2  # δ of the output, 2, times the one pixel that was chosen, 2: not both of the equal ones


def test_the_convolutional_classifier_trains_as_in_torch():
    """Five steps of Adam on digits enlarged to 28 x 28 (each pixel 3 x 3, and a margin of 2): the same parameters."""
    torch = pytest.importorskip("torch")
    digits = load("digits", samples=12)
    images = np.pad(digits.x.reshape(8, 8, -1).repeat(3, axis=0).repeat(3, axis=1), ((2, 2), (2, 2), (0, 0)))
    data = Dataset.from_arrays(images.reshape(784, -1), digits.labels, 10)
    experiment = SOFTMAX.replace(arch=(64,), act="relu", init="he", batch=0, steps=5)
    network = convolutional(experiment, (1, 28, 28), LESSON_BLOCKS, 10)
    recording = train(experiment, data=data, network=network, frames=6)
    model = torch_like(network, recording.params[0], torch.nn.ReLU())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    for step in range(6):
        assert recording.params[step] == pytest.approx(flat(network, model), rel=1e-7, abs=1e-9)
        optimizer.zero_grad()
        output = model(torch.tensor(data.x.T.reshape(-1, 1, 28, 28)))
        loss = torch.nn.functional.cross_entropy(output, torch.tensor(data.labels))
        loss.backward()
        optimizer.step()
        assert recording.loss[step] == pytest.approx(loss.item(), rel=1e-9)
    assert recording.loss[-1] < recording.loss[0]


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: MaxPool((1, 4, 4)).out_shape((1, 5, 5)), "must be that of the signal"),
        (lambda: convolutional(SOFTMAX, (1, 10, 10), LESSON_BLOCKS, 10), r"3 \(64k3\) finds images of 1 x 1"),
        (lambda: Network(SOFTMAX, 84, 7, layers=small().layers, input_shape=(2, 6, 7)), "must be \\(7,\\)"),
    ],
)
def test_shapes_that_do_not_fit_are_named(build, words):
    with pytest.raises(ValueError, match=words):
        build()
