"""One step in all its numbers: against PyTorch's autograd, the network's own gradient, and a walk along every path."""

import itertools

import numpy as np
import pytest

from engine import Experiment
from engine.activations import ACTIVATIONS
from engine.backprop import EXAMPLES, count_paths, examine, is_plain, kinked_units, paths, slopes
from engine.network import Network

SHAPES = [((), "tanh"), ((3,), "relu"), ((3, 2, 4), "sigmoid")]


def network_on(samples=1, **settings):
    """A network on random inputs and targets: `network, params, x, y`."""
    experiment = Experiment(data="plane", **{"loss": "squared_error", **settings})
    rng = np.random.default_rng(3)
    network = Network(experiment, 2, 2)
    return network, network.initial(rng), rng.normal(size=(2, samples)), rng.normal(size=(2, samples))


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_of_a_worked_example_is_pytorchs(name):
    torch = pytest.importorskip("torch")
    example = EXAMPLES[name]
    network, data = Network(example.experiment, 2, 2), example.data
    seen = examine(network, example.start(network), data.x, data.targets)
    phi = {"sigmoid": torch.sigmoid, "linear": lambda z: z}
    acts = [*example.experiment.activations, example.experiment.out]
    parts = {
        key: torch.tensor(value, dtype=torch.float64, requires_grad=True) for key, value in example.weights.items()
    }
    a, signals = torch.tensor(example.x, dtype=torch.float64), []
    for number, act in enumerate(acts, start=1):
        z = parts[f"W{number}"] @ a + parts[f"b{number}"]
        a = phi[act](z)
        signals.append((z, a))
        z.retain_grad()
        a.retain_grad()
    loss = ((a - torch.tensor(example.y, dtype=torch.float64)) ** 2).sum() / 2
    loss.backward()
    assert seen.loss == pytest.approx(loss.item(), rel=1e-14)
    for layer, (z, a) in zip(seen.layers, signals, strict=True):
        assert layer.z[:, 0] == pytest.approx(z.detach().numpy(), rel=1e-14)
        assert layer.a[:, 0] == pytest.approx(a.detach().numpy(), rel=1e-14)
        assert layer.by_a[:, 0] == pytest.approx(a.grad.numpy(), rel=1e-13)
        assert layer.delta[:, 0] == pytest.approx(z.grad.numpy(), rel=1e-13)
    for key, value in parts.items():
        assert network.layout.view(seen.gradient, key) == pytest.approx(value.grad.numpy(), rel=1e-13)


def test_the_first_numbers_of_the_example_by_hand():
    """z1 = W1 x + b1 = (.1 + .4 + .1, .3 + .8 + .2); the widely copied table goes wrong after this."""
    example = EXAMPLES["2-2-2-2"]
    network, data = Network(example.experiment, 2, 2), example.data
    first = examine(network, example.start(network), data.x, data.targets).layers[0]
    assert first.z[:, 0] == pytest.approx([0.6, 1.3], rel=1e-15)
    assert first.a[:, 0] == pytest.approx([1 / (1 + np.exp(-0.6)), 1 / (1 + np.exp(-1.3))], rel=1e-15)


def test_the_linear_example_by_hand():
    """2-3-2: a = (.6, 1.3, 2), ŷ = (3.66, 4.93), L = (.66² + .93²)/2, and δ₁ = W2ᵀ (.66, .93)."""
    example = EXAMPLES["2-3-2"]
    network, data = Network(example.experiment, 2, 2), example.data
    seen = examine(network, example.start(network), data.x, data.targets)
    assert seen.layers[1].a[:, 0] == pytest.approx([3.66, 4.93], rel=1e-14)
    assert seen.loss == pytest.approx((0.66**2 + 0.93**2) / 2, rel=1e-13)
    by_hand = [0.7 * 0.66 + 0.93, 0.8 * 0.66 + 1.1 * 0.93, 0.9 * 0.66 + 1.2 * 0.93]
    assert seen.layers[0].delta[:, 0] == pytest.approx(by_hand, rel=1e-13)


@pytest.mark.parametrize(("arch", "act"), SHAPES, ids=str)
def test_the_paths_of_every_parameter_add_up_to_its_gradient(arch, act):
    network, params, x, y = network_on(arch=arch, act=(act,), out="sigmoid")
    seen = examine(network, params, x, y)
    for part in network.layout.names:
        for place in np.ndindex(network.layout.shapes[part]):
            found = paths(seen, part, place, most=1000)
            assert len({path.units for path in found}) == len(found) == count_paths(seen, int(part[1:]))
            gradient = network.layout.view(seen.gradient, part)[place]
            assert sum(path.product for path in found) == pytest.approx(gradient, rel=1e-12, abs=1e-16)


def test_the_largest_paths_come_first_however_many_there_are():
    network, params, x, y = network_on(arch=(5, 4, 6), act=("tanh",))
    seen = examine(network, params, x, y)
    found = paths(seen, "W1", (2, 1), most=10)
    every = []
    for units in itertools.product(range(4), range(6), range(2)):
        product = seen.layers[3].by_a[units[2], 0] * seen.layers[0].slope[2, 0] * x[1, 0]
        for layer, after, before in zip(seen.layers[1:], units, (2, *units), strict=False):
            product *= layer.slope[after, 0] * layer.weight[after, before]
        every.append((abs(product), (2, *units)))
    assert [path.units for path in found] == [units for _, units in sorted(every, reverse=True)[:10]]


def test_what_is_seen_is_what_training_computes():
    network, params, x, y = network_on(7, arch=(4, 3), l1=0.01, l2=0.1, norm="layer", residual="plain")
    seen = examine(network, params, x, y)
    value, gradient = network.loss_and_gradient(params, x, y)
    assert seen.loss == value
    assert np.array_equal(seen.gradient, gradient)
    weights = network.layout.mask("weight")
    assert seen.penalty[weights] == pytest.approx((0.01 * np.sign(params) + 0.1 * params)[weights], rel=1e-9)
    assert not seen.penalty[~weights].any()
    for layer in seen.layers:
        block = np.hstack([layer.delta @ layer.reads.T, layer.delta.sum(1, keepdims=True)])
        without = seen.gradient - seen.penalty
        assert network.layout.view(without, f"W{layer.number}") == pytest.approx(block[:, :-1], abs=1e-14)
        assert network.layout.view(without, f"b{layer.number}") == pytest.approx(block[:, -1], abs=1e-14)


@pytest.mark.parametrize("act", set(ACTIVATIONS) - {"hardtanh"})
def test_finite_differences_agree(act):
    network, params, x, y = network_on(3, arch=(3,), act=(act,), loss="mse")
    seen = examine(network, params, x, y)
    assert slopes(network, params, x, y).central == pytest.approx(seen.gradient, rel=1e-7, abs=1e-9)
    assert slopes(network, params, x, y, [4, 2]).central == pytest.approx(seen.gradient[[4, 2]], rel=1e-7, abs=1e-9)


def test_normalised_and_residual_networks_have_no_plain_paths():
    network, params, x, y = network_on(4, arch=(3, 3), residual="plain")
    assert not is_plain(network)
    with pytest.raises(ValueError, match="no plain paths"):
        paths(examine(network, params, x, y), "W1", (0, 0))


def test_an_unknown_part_is_named():
    network, params, x, y = network_on(arch=(3,))
    with pytest.raises(ValueError, match="part='W3' must be W1 to W2"):
        paths(examine(network, params, x, y), "W3", (0, 0))


# Kinks


def at_a_kink(act="relu", **settings):
    """Input 0 and biases 0: every z of the first layer is exactly 0."""
    network = Network(Experiment(arch=(3,), act=(act,), **settings), 2, 1)
    params = network.initial(np.random.default_rng(1))
    return network, params, np.zeros((2, 1)), np.ones((1, 1))


@pytest.mark.parametrize("act", ["relu", "leaky_relu", "selu"])
def test_at_a_kink_the_two_sides_are_told_apart_and_the_gradient_is_one_of_them(act):
    """b1 moves z off 0: to the right φ' is the slope for z > 0, to the left that for z < 0; L'(0) = σ(0) - 1."""
    network, params, x, y = at_a_kink(act)
    found, seen = slopes(network, params, x, y), examine(network, params, x, y)
    b1, w2 = network.layout.indices("b1"), network.layout.view(params, "W2")[0]
    below, above = {"relu": (0.0, 1.0), "leaky_relu": (0.01, 1.0), "selu": (1.7580993408, 1.0507009874)}[act]
    assert np.flatnonzero(found.kinks).tolist() == b1.tolist()
    assert found.left[b1] == pytest.approx(-0.5 * w2 * below, abs=1e-5)
    assert found.right[b1] == pytest.approx(-0.5 * w2 * above, abs=1e-5)
    assert found.nearest(seen.gradient) == pytest.approx(seen.gradient, abs=1e-5)
    assert kinked_units(seen) == [(1, 0), (1, 1), (1, 2)]


@pytest.mark.parametrize("act", ["tanh", "sigmoid", "elu", "gelu", "softplus", "linear"])
def test_a_smooth_activation_has_no_kink_however_curved(act):
    network, params, x, y = at_a_kink(act)
    for size in (1.0, 300.0):
        found = slopes(network, size * params, x, y)
        assert not found.kinks.any()
    assert kinked_units(examine(network, params, x, y)) == []


def test_an_absolute_error_that_is_exactly_right_has_a_kink_too():
    network = Network(Experiment(data="line", arch=(), loss="mae"), 1, 1)
    params = np.array([0.5, 0.25])
    found = slopes(network, params, np.ones((1, 1)), np.full((1, 1), 0.75))
    assert found.kinks.all()
    assert (found.left, found.right) == (pytest.approx([-1, -1]), pytest.approx([1, 1]))


def test_a_kink_nearby_does_not_spoil_the_difference():
    network, params, x, y = at_a_kink()
    network.layout.view(params, "b1")[...] = 6e-6  # within the step of 1e-5
    found, seen = slopes(network, params, x, y), examine(network, params, x, y)
    assert not found.kinks.any()
    assert found.central == pytest.approx(seen.gradient, abs=1e-5)
