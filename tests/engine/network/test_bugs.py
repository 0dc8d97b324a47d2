"""Wrong backward passes: each is wrong as it says, the loss stays right, and finite differences find it."""

import numpy as np
import pytest

from engine import Experiment, race, train
from engine.backprop import Replay, examine, slopes
from engine.backprop.worked_examples import EXAMPLES
from engine.experiment import BUGS
from engine.landscape import objective_of
from engine.network import Network

SMALL = {"samples": 40, "steps": 12, "arch": (3, 3), "loss": "mse", "optimizer": "sgd", "lr": 0.05}
EXAMPLE = EXAMPLES["2-2-2-2"]


def passed(bug):
    """The pass of the worked example with a bug: the network, its parameters, the sample, and what the pass gives."""
    network = Network(EXAMPLE.experiment.replace(bug=bug), 2, 2)
    params, data = EXAMPLE.start(network), EXAMPLE.data
    return network, params, data, examine(network, params, data.x, data.targets)


@pytest.mark.parametrize("bug", [*BUGS, "none"])
def test_the_loss_is_right_and_finite_differences_tell_a_wrong_gradient(bug):
    network, params, data, seen = passed(bug)
    measured = slopes(network, params, data.x, data.targets, np.arange(network.size))
    assert seen.loss == passed("none")[3].loss
    wrong = np.abs(measured.central - seen.gradient) > 1e-8
    assert wrong.any() == (
        bug not in ("none", "sum", "stale")
    )  # of one sample the mean is the sum; a first step is right


def test_each_bug_is_the_formula_it_names():
    """By hand, on the worked example: δ3 from the output back, with φ' = a(1 - a)."""
    network, params, data, right = passed("none")
    W2, W3 = (network.layout.view(params, name) for name in ("W2", "W3"))
    a1, a2, out = (layer.a for layer in right.layers)
    by_out = out - data.targets
    deltas = {
        "derivative": [by_out, W3.T @ by_out, W2.T @ W3.T @ by_out],
        "transposed": [d3 := by_out * out * (1 - out), d2 := W3 @ d3 * a2 * (1 - a2), W2 @ d2 * a1 * (1 - a1)],
    }
    for bug, expected in deltas.items():
        seen = passed(bug)[3]
        for layer, delta, reads in zip(seen.layers[::-1], expected, (a2, a1, data.x), strict=True):
            gradient = network.layout.view(seen.gradient, f"W{layer.number}")
            assert layer.delta == pytest.approx(delta, rel=1e-13)
            assert gradient == pytest.approx(delta @ reads.T, rel=1e-13)
    mixed = passed("averaged")[3].gradient
    for name, bias in (("W1", "b1"), ("W2", "b2"), ("W3", "b3")):
        view = network.layout.view
        mean = np.column_stack([view(right.gradient, name), view(right.gradient, bias)]).mean(axis=1)
        assert view(mixed, bias) == pytest.approx(mean, rel=1e-13)
        assert view(mixed, name) == pytest.approx(np.column_stack([mean, mean]), rel=1e-13)


def test_a_sum_for_a_mean_is_as_many_times_the_gradient_as_there_are_samples():
    right, wrong = (train(Experiment(**SMALL, bug=bug)) for bug in ("none", "sum"))
    np.testing.assert_allclose(wrong.gradients[0], 30 * right.gradients[0], rtol=1e-12)
    np.testing.assert_allclose(wrong.loss[0], right.loss[0], rtol=0)


def test_a_stale_gradient_is_what_torch_accumulates_without_zero_grad():
    torch = pytest.importorskip("torch")
    run = train(Experiment(**SMALL, bug="stale"))
    view, names = run.network.layout.view, ("W1", "b1", "W2", "b2", "W3", "b3")
    parts = [torch.tensor(view(run.params[0], name).copy(), requires_grad=True) for name in names]
    x, y = (
        torch.tensor(each[..., run.data.train].copy()) for each in (run.data.x, run.data.labels[None].astype(float))
    )
    for _ in range(12):
        a = x
        for weight, bias in zip(parts[::2], parts[1::2], strict=True):
            z = weight @ a + bias[:, None]
            a = torch.tanh(z)
        torch.nn.functional.mse_loss(z, y).backward()
        with torch.no_grad():
            for part in parts:
                part.sub_(0.05 * part.grad)
    for name, part in zip(names, parts, strict=True):
        np.testing.assert_allclose(view(run.params[-1], name), part.detach().numpy(), rtol=1e-10, atol=1e-13)


def test_weight_and_bias_averaged_into_one_end_at_a_line_that_fits_nothing():
    """From W = b = 0 they stay equal, at last Σ(x+1)x²/Σ(x+1)² = 130/55 = 2.3636, where the right line is 4x - 2."""
    run = train(
        Experiment(
            data="squares", arch=(), init="zeros", loss="mse", optimizer="sgd", lr=0.05, steps=500, bug="averaged"
        )
    )
    assert (run.params[:, 0] == run.params[:, 1]).all()
    assert run.params[-1] == pytest.approx([130 / 55] * 2, rel=1e-9)


@pytest.mark.parametrize("bug", BUGS)
def test_a_replay_and_a_race_have_the_same_bug(bug):
    experiment = Experiment(**SMALL | {"optimizer": "momentum"}, bug=bug, batch=9, l2=0.01)
    run = train(experiment, frames=13)
    again = Replay(experiment, run.data, run.network)
    for step in range(13):
        assert np.array_equal(again.advance(step).gradient, run.gradients[step])
    assert np.array_equal(race([experiment, experiment.replace(lr=0.1)])[0].params, train(experiment).params)
    assert not np.array_equal(run.params[-1], train(experiment.replace(bug="none")).params[-1])


@pytest.mark.parametrize("bug", BUGS)
def test_the_landscape_of_a_wrong_run_has_the_right_slopes(bug):
    run = train(Experiment(**SMALL, bug=bug))
    objective, step = objective_of(run), 1e-6 * np.eye(run.network.size)
    numeric = (objective.loss(run.params[0] + step) - objective.loss(run.params[0] - step)) / 2e-6
    np.testing.assert_allclose(objective.gradient(run.params[0]), numeric, atol=1e-8)
