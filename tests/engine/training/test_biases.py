"""Biases that are not trained, or not there, or drawn at random."""

import numpy as np
import pytest

from engine import Experiment, race, train
from engine.backprop import Replay
from engine.curvature import sharpness
from engine.diagnostics import diagnose
from engine.landscape import objective_of
from engine.network import Network
from engine.optimizers import OPTIMIZERS

SMALL = {"samples": 40, "steps": 20, "arch": (4, 3)}


def biases_of(recording):
    """Those of all layers at each key frame, `[F, ...]`."""
    return recording.params[:, recording.network.layout.mask("bias")]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_frozen_biases_stay_as_they_start_whatever_pulls_at_them(optimizer):
    more = {} if optimizer in ("lbfgs", "newton", "rprop") else {"decay": 0.1}
    experiment = Experiment(
        **SMALL, optimizer=optimizer, biases="frozen", bias_spread=1.0, gradient_noise=0.1, batch=9, **more
    )
    run = train(experiment)
    biases = biases_of(run)
    assert (biases == biases[0]).all()
    assert np.ptp(biases[0]) > 0.5
    assert (run.params[-1] != run.params[0])[run.network.layout.mask("weight")].all()
    assert np.array_equal(race([experiment, experiment.replace(lr=0.2)])[0].params, run.params)


@pytest.mark.parametrize("optimizer", ["momentum", "adam", "adamw", "rmsprop"])
def test_what_is_trained_is_what_torch_trains_where_biases_require_no_gradient(optimizer):
    torch = pytest.importorskip("torch")
    run = train(Experiment(**SMALL, optimizer=optimizer, decay=0.05, lr=0.05, clip=0.1, biases="frozen", bias=0.3))
    view, names = run.network.layout.view, ("W1", "b1", "W2", "b2", "W3", "b3")
    parts = [torch.tensor(view(run.params[0], name).copy(), requires_grad=name[0] == "W") for name in names]
    kinds = {"momentum": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    more = {"momentum": 0.9} if optimizer == "momentum" else {}
    oracle = kinds.get(optimizer, torch.optim.RMSprop)(parts[::2], lr=0.05, weight_decay=0.05, **more)
    x, y = (torch.tensor(each[..., run.data.train].copy()) for each in (run.data.x, run.data.labels[None]))
    for _ in range(20):
        a = x
        for weight, bias in zip(parts[::2], parts[1::2], strict=True):
            z = weight @ a + bias[:, None]
            a = torch.tanh(z)
        oracle.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(z, y.double()).backward()
        torch.nn.utils.clip_grad_norm_(parts[::2], 0.1)
        oracle.step()
    for name, part in zip(names, parts, strict=True):
        np.testing.assert_allclose(view(run.params[-1], name), part.detach().numpy(), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("biases", ["none", "frozen"])
def test_newton_takes_frozen_biases_for_constants(biases):
    """Through the origin the least-squares slope is Σxy/Σx², and Newton's method is there in one step."""
    run = train(
        Experiment(data="line", arch=(), loss="mse", optimizer="newton", lr=1, damping=0, steps=2, biases=biases)
    )
    x, y = run.data.x[0, run.data.train], run.data.targets[0, run.data.train]
    assert run.params[1] == pytest.approx([(x @ y) / (x @ x), 0], rel=1e-6)  # its Hessian is one of differences


def test_without_biases_they_are_zero_whatever_is_said_of_them():
    run = train(Experiment(**SMALL, biases="none", bias=2.0, bias_spread=1.0, weights="b1:5", init="torch"))
    layout = run.network.layout
    assert all(not layout.view(run.params, name).any() for name in ("b1", "b2", "b3"))
    assert run.parts == ("W1", "W2", "W3")
    assert run.network.frozen.size == layout.size - layout.mask("weight").sum()
    assert {key.partition(":")[0] for key in run.experiment.ignored} == {"bias", "bias_spread", "weights"}


def test_random_biases_have_the_spread_that_is_asked_for_and_leave_the_first_weights_alone():
    """Nielsen's start: weights N(0, 1/n), biases N(0, 1) in all layers, the output among them."""
    experiment = Experiment(arch=(400, 400), init="lecun", bias_spread=1.0, bias=2.0)
    network = Network(experiment, 400, 300)
    drawn, layout = network.initial(np.random.default_rng(0)), network.layout
    for name, mean in (("b1", 2.0), ("b2", 2.0), ("b3", 0.0)):
        biases = layout.view(drawn, name)
        assert abs(biases.mean() - mean) < 4 / np.sqrt(len(biases))
        assert biases.std() == pytest.approx(1, abs=4 / np.sqrt(2 * len(biases)))
    without = Network(experiment.replace(bias_spread=0.0), 400, 300).initial(np.random.default_rng(0))
    assert np.array_equal(layout.view(without, "W1"), layout.view(drawn, "W1"))


def test_a_replay_is_the_run_and_a_verdict_can_be_given():
    run = train(Experiment(**SMALL, biases="frozen", bias_spread=0.5), frames=21)
    again = Replay(run.experiment, run.data, run.network)
    for step in range(21):
        assert np.array_equal(again.advance(step).params, run.params[step])
    assert not again.moment.update[run.network.frozen].any()
    assert diagnose(run)


def test_sharpness_is_that_of_what_is_trained():
    """Of a line through the origin under the mean squared error the curvature is 2 Σx²/N, whatever the bias."""
    run = train(
        Experiment(data="line", arch=(), loss="mse", optimizer="sgd", lr=0.1, steps=3, biases="frozen", bias=2.0)
    )
    x = run.data.x[0, run.data.train]
    assert sharpness(objective_of(run).gradient, run.params[-1]) == pytest.approx(2 * (x @ x) / len(x), rel=1e-6)
