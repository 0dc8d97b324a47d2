"""The network as a function of one vector: against the complex step, against PyTorch, run axis against loop."""

import numpy as np
import pytest

from engine import Experiment
from engine.activations import ACTIVATIONS
from engine.losses import LOSSES
from engine.network import Network

RNG = np.random.default_rng(7)
STRUCTURES = {
    "plain": {},
    "residual": {"residual": "plain"},
    "scaled residual": {"residual": "scaled"},
    "gated residual": {"residual": "gated"},
    "batch norm": {"norm": "batch"},
    "layer norm": {"norm": "layer"},
    "penalties": {"l1": 0.01, "l2": 0.1},
    "all": {"norm": "layer", "residual": "gated", "l1": 0.01, "l2": 0.1},
}


def case(n_outputs=1, n=11, arch=(4, 4, 4), **more):
    """A network, random parameters away from every kink, inputs, and targets of 0 and 1."""
    network = Network(Experiment(arch=arch, data="csv", **{"loss": "squared_error", **more}), 3, n_outputs)
    params = network.initial(np.random.default_rng(3)) + 0.3 * np.random.default_rng(4).standard_normal(network.size)
    x = np.random.default_rng(5).standard_normal((3, n))
    y = np.eye(n_outputs)[np.random.default_rng(6).integers(0, n_outputs, n)].T if n_outputs > 1 else (x[:1] > 0) * 1.0
    return network, params, x, y


def complex_step(network, params, x, y):
    """∂L/∂θ to the last digit: Im L(θ + ih e_j) / h (Squire & Trapp 1998), one run axis for all j."""
    h = 1e-30
    return network.loss(params + 1j * h * np.eye(network.size), x, y).imag / h


@pytest.mark.parametrize("n_outputs", [1, 3])
@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("act", sorted(ACTIVATIONS))
def test_gradient_equals_the_complex_step(act, loss, n_outputs):
    network, params, x, y = case(n_outputs, act=(act,), loss=loss, arch=(4, 3))
    if loss in ("softmax_cross_entropy", "kl") and n_outputs == 1:
        y = np.ones_like(y)  # the only probability distribution over one class
    value, gradient = network.loss_and_gradient(params, x, y)
    exact = complex_step(network, params, x, y)
    assert np.abs(gradient - exact).max() <= 1e-12 * max(1, np.abs(exact).max())
    assert value == network.loss(params, x, y)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_gradient_of_every_structure_equals_the_complex_step(structure):
    network, params, x, y = case(act=("tanh",), **STRUCTURES[structure])
    gradient = network.loss_and_gradient(params, x, y)[1]
    assert gradient == pytest.approx(complex_step(network, params, x, y), rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_runs_equal_a_loop_bitwise(structure):
    network, params, x, y = case(
        3, n=37, act=("tanh", "relu", "gelu"), loss="softmax_cross_entropy", **STRUCTURES[structure]
    )
    many = params + 0.1 * np.random.default_rng(8).standard_normal((2, 3, network.size))
    loss, gradient = network.loss_and_gradient(many, x, y)
    output, plain = network.forward(many, x), network.loss(many, x, y)
    for i in np.ndindex(2, 3):
        one_loss, one_gradient = network.loss_and_gradient(many[i], x, y)
        assert np.array_equal(loss[i], one_loss)
        assert np.array_equal(gradient[i], one_gradient)
        assert np.array_equal(output[i], network.forward(many[i], x))
        assert np.array_equal(plain[i], network.loss(many[i], x, y))


@pytest.mark.parametrize("runs", [(), (2,)])
def test_many_samples_go_forward_in_pieces_and_come_out_in_order(runs):
    network, params, _, _ = case(n_outputs=2, loss="softmax_cross_entropy", arch=(500,))
    params = params + np.zeros((*runs, 1))
    n = 2 * network.samples_at_once(8) + 7
    x, y = np.random.default_rng(1).standard_normal((3, n)), np.eye(2)[np.arange(n) % 2].T
    output = network.forward(params, x)
    for part in (slice(0, 9), slice(n // 2, n // 2 + 9), slice(n - 9, n)):
        assert output[..., part] == pytest.approx(network.forward(params, x[:, part]), rel=1e-12)
    lost = np.logaddexp.reduce(output, axis=-2) - (output * y).sum(axis=-2)
    assert network.data_loss(params, x, y) == pytest.approx(lost.mean(axis=-1), rel=1e-12)


def test_many_runs_are_computed_in_chunks_and_come_out_in_order():
    network, params, x, y = case(n=500, arch=(8, 8))
    many = params + 0.1 * np.random.default_rng(8).standard_normal((301, network.size))
    assert np.array_equal(network.loss(many, x, y)[[0, 150, 300]], [network.loss(many[i], x, y) for i in (0, 150, 300)])


@pytest.mark.parametrize("act", ["tanh", "sigmoid", "relu", "gelu"])
def test_output_loss_and_gradient_equal_torch(act):
    torch = pytest.importorskip("torch")
    network, params, x, y = case(3, act=(act,), loss="softmax_cross_entropy")
    view = network.layout.view
    named = {
        "tanh": torch.nn.Tanh(),
        "sigmoid": torch.nn.Sigmoid(),
        "relu": torch.nn.ReLU(),
        "gelu": torch.nn.GELU(approximate="tanh"),
    }
    linear = [
        torch.nn.Linear(a, b, dtype=torch.float64) for a, b in zip(network.sizes, network.sizes[1:], strict=False)
    ]
    for number, layer in enumerate(linear, start=1):
        layer.weight.data = torch.tensor(view(params, f"W{number}").copy())
        layer.bias.data = torch.tensor(view(params, f"b{number}").copy())
    a = torch.tensor(x.T)
    for layer in linear[:-1]:
        a = named[act](layer(a))
    logits = linear[-1](a)
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(y.argmax(axis=0)))
    loss.backward()
    value, gradient = network.loss_and_gradient(params, x, y)
    assert network.forward(params, x) == pytest.approx(logits.detach().numpy().T, rel=1e-13, abs=1e-14)
    assert float(value) == pytest.approx(loss.item(), rel=1e-14)
    for number, layer in enumerate(linear, start=1):
        assert view(gradient, f"W{number}") == pytest.approx(layer.weight.grad.numpy(), rel=1e-12, abs=1e-15)
        assert view(gradient, f"b{number}") == pytest.approx(layer.bias.grad.numpy(), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("kind", ["batch", "layer"])
def test_normalisation_equals_torch(kind):
    torch = pytest.importorskip("torch")
    network, params, x, y = case(1, act=("tanh",), norm=kind, arch=(5,), n=9)
    view = network.layout.view
    first, last = torch.nn.Linear(3, 5, dtype=torch.float64), torch.nn.Linear(5, 1, dtype=torch.float64)
    norm = (
        torch.nn.BatchNorm1d(5, dtype=torch.float64) if kind == "batch" else torch.nn.LayerNorm(5, dtype=torch.float64)
    )
    for layer, names in ((first, ("W1", "b1")), (norm, ("scale1", "shift1")), (last, ("W2", "b2"))):
        layer.weight.data, layer.bias.data = (torch.tensor(view(params, name).copy()) for name in names)
    output = last(torch.tanh(norm(first(torch.tensor(x.T)))))
    loss = ((output - torch.tensor(y.T)) ** 2).sum() / (2 * 9)
    loss.backward()
    value, gradient = network.loss_and_gradient(params, x, y)
    assert float(value) == pytest.approx(loss.item(), rel=1e-13)
    for layer, names in ((first, ("W1", "b1")), (norm, ("scale1", "shift1")), (last, ("W2", "b2"))):
        for name, expected in zip(names, (layer.weight.grad, layer.bias.grad), strict=True):
            assert view(gradient, name) == pytest.approx(expected.numpy(), rel=1e-11, abs=1e-14)


def test_a_closed_gate_is_the_identity():
    """With every gate at 0 the second and third layer do nothing: the output is that of the first layer alone."""
    network, _, x, _ = case(act=("tanh",), residual="gated")
    params = network.initial(np.random.default_rng(0))
    single = Network(network.experiment.replace(arch=(4,), residual="none"), 3, 1)
    short = np.concatenate([params[network.layout.slices[0]], params[network.layout.slices[-1]]])
    assert network.forward(params, x) == pytest.approx(single.forward(short, x), rel=1e-14)


def test_layers_are_reported_with_pre_activation_and_activation():
    network, params, x, _ = case(act=("tanh",), arch=(4, 5))
    pairs = network.activations(params, x)
    assert [z.shape for z, _ in pairs] == [(4, 11), (5, 11), (1, 11)]
    assert np.array_equal(pairs[1][1], np.tanh(pairs[1][0]))
    assert np.array_equal(pairs[2][1], network.forward(params, x))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_precision_is_that_of_the_parameters(dtype):
    network, params, x, y = case(3, loss="softmax_cross_entropy", norm="batch", l2=0.1)
    value, gradient = network.loss_and_gradient(params.astype(dtype), x, y)
    assert value.dtype == gradient.dtype == network.forward(params.astype(dtype), x).dtype == dtype


def test_inputs_are_left_as_they_are():
    network, params, x, y = case(norm="batch", residual="plain")
    before = params.copy(), x.copy(), y.copy()
    network.loss_and_gradient(params, x, y)
    assert all(np.array_equal(a, b) for a, b in zip(before, (params, x, y), strict=True))


def test_impossible_sizes_are_refused():
    with pytest.raises(ValueError, match="n_inputs=0"):
        Network(Experiment(), 0, 1)


@pytest.mark.parametrize("kind", ["batch", "layer"])
@pytest.mark.parametrize(("dtype", "unit"), [(np.float64, 1e170), (np.float64, 2e307), (np.float32, 1e25)])
def test_normalisation_does_not_depend_on_the_unit_however_large(kind, dtype, unit):
    """Scaled to a size whose square fits, and far above ε, the same signals give the same output and gradients."""
    network, params, x, _ = case(1, act=("linear",), norm=kind, arch=(5,), n=9)
    block = network.layout.view(params, "W1")
    block *= 2.0**40 / np.abs(block).max()
    far = params.copy()
    exponent = np.ldexp(1.0, int(np.log2(unit)) - 43)
    for name in ("W1", "b1"):
        network.layout.view(far, name)[...] *= exponent
    y = np.zeros((1, 9))
    near_loss, near = network.loss_and_gradient(params.astype(np.float64), x, y)
    with np.errstate(all="ignore"):
        far_loss, gradient = network.loss_and_gradient(far.astype(dtype), x.astype(dtype), y.astype(dtype))
    tolerance = {"rel": 1e-9} if dtype is np.float64 else {"rel": 1e-3}
    assert near_loss > 0.01
    assert far_loss == pytest.approx(near_loss, **tolerance)
    for name in ("scale1", "shift1", "W2", "b2"):
        ours = network.layout.view(gradient, name)
        assert ours == pytest.approx(network.layout.view(near, name), abs=1e-5, **tolerance)


def test_pytorchs_default_initialisation_is_that_of_its_layers():
    """torch.nn.Linear: weights and biases of every layer, the output among them, from U(±1/√n_in)."""
    network = Network(Experiment(arch=(400, 400), init="torch"), 2, 300)
    params = network.initial(np.random.default_rng(0))
    for number, n_in in enumerate(network.sizes[:-1], start=1):
        for name in (f"W{number}", f"b{number}"):
            values = network.layout.view(params, name)
            assert np.abs(values).max() <= n_in**-0.5
            assert values.std() == pytest.approx((3 * n_in) ** -0.5, rel=0.1)
    shifted = Network(Experiment(arch=(400, 400), init="torch", bias=5.0), 2, 300)
    moved = shifted.initial(np.random.default_rng(0)) - params
    assert network.layout.view(moved, "b2") == pytest.approx(5.0)
    assert (network.layout.view(moved, "b3") == 0).all()
