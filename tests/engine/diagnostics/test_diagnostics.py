"""Per-layer measures against closed forms and torch, findings in networks with a known illness, and their remedies."""

import numpy as np
import pytest

from engine import Experiment, train
from engine.diagnostics import activity, diagnose, layer_findings, update_ratio
from engine.diagnostics.measures import (
    dead_units,
    learning_part,
    movement,
    relative_gradient,
    saturation,
    weight_parts,
)
from engine.training import targets

DEEP = (8,) * 20
SMALL = {"samples": 40, "steps": 30}
#: An illness, the experiment that has it, and the layers (from 1) that must have that verdict.
SICK = {
    "vanishing": (Experiment(arch=DEEP, act=("sigmoid",)), range(1, 16)),
    "exploding": (Experiment(arch=DEEP, act=("relu",), init="he", scale=3.0), range(1, 22)),
    "dead": (Experiment(act=("relu",), bias=-5.0), (1, 2)),
    "saturated": (Experiment(scale=10.0), (1, 2)),
    "not learning": (Experiment(init="zeros"), (1, 2, 3)),
}


def judged(experiment):
    recording = train(experiment)
    return layer_findings(recording, activity(recording))


def words(experiment):
    return [verdict.word for verdict in judged(experiment)]


# Measures


@pytest.mark.parametrize(
    ("other", "expected"),
    [((3, 4), 1), ((-3, -4), -1), ((4, -3), 0), ((0, 0), np.nan), ((3e-200, 4e-200), 1), ((3e250, 4e250), 1)],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_cosine_of_two_gradients(other, expected, dtype):
    layout = train(Experiment(arch=(), steps=1, samples=8)).network.layout  # W1 has two numbers, b1 one
    if dtype is np.float32 and max(np.abs(other)) not in (0, 3, 4):
        other = tuple(np.sign(other) * np.array([3e-30, 4e-30]))
    one, two = np.array([3, 4, 1], dtype), np.array([*other, -2], dtype)
    assert np.allclose(layout.cosines(one, two), [expected, -1], equal_nan=True, atol=1e-7)


@pytest.mark.parametrize("changes", [{}, {"batch": 7}, {"arch": (64, 64), "steps": 150}], ids=str)
def test_successive_cosines_are_those_of_the_gradients_of_all_steps(changes):
    """The last case is long enough for several chunks of history."""
    recording = train(Experiment(**(SMALL | changes)), frames=1000)
    gradients, layout = recording.gradients, recording.network.layout
    assert np.isnan(recording.gradient_cosine[0]).all()
    for column, part in enumerate(recording.parts):
        g = layout.view(gradients, part).reshape(len(gradients), -1)
        sizes = np.sqrt((g * g).sum(axis=1))
        expected = (g[1:] * g[:-1]).sum(axis=1) / (sizes[1:] * sizes[:-1])
        assert np.allclose(recording.gradient_cosine[1:, column], expected, atol=1e-12)


def test_gradient_descent_beyond_one_over_the_curvature_turns_round_in_every_step():
    """A parabola in b alone has curvature λ = 1 (all inputs 0): g → (1 - η)g, so the cosine is the sign of 1 - η."""
    for lr, expected in ((0.5, 1.0), (1.5, -1.0)):
        experiment = Experiment(
            data="line", arch=(), loss="squared_error", init="zeros", optimizer="sgd", lr=lr, steps=4, samples=20
        )
        data = train(experiment).data
        still = type(data)(**{**vars(data), "x": np.zeros_like(data.x)})
        recording = train(experiment, data=still)
        bias = recording.parts.index("b1")
        assert np.allclose(recording.gradient_cosine[1:, bias], expected)


def test_relative_gradients_are_torchs():
    torch = pytest.importorskip("torch")
    recording = train(Experiment(arch=(5, 4, 3), act=("sigmoid",), **SMALL))
    data, layout = recording.data, recording.network.layout
    x = torch.tensor(data.x[:, data.train], dtype=torch.float64)
    y = torch.tensor(targets(recording.experiment, data)[:, data.train], dtype=torch.float64)
    theta = {
        name: torch.tensor(np.array(layout.view(recording.params[0], name)), requires_grad=True)
        for name in layout.names
    }
    signal = x
    for layer in range(1, 5):
        signal = theta[f"W{layer}"] @ signal + theta[f"b{layer}"][:, None]
        signal = torch.sigmoid(signal) if layer < 4 else signal
    torch.nn.functional.binary_cross_entropy_with_logits(signal, y).backward()
    norms = np.array([theta[f"W{layer}"].grad.norm().item() for layer in range(1, 5)])
    assert np.allclose(relative_gradient(recording)[0], norms / norms[-1], rtol=1e-10)


def test_update_ratio_and_movement_are_those_of_the_recorded_parameters():
    recording = train(Experiment(**SMALL), frames=1000)
    layout = recording.network.layout
    ratio = update_ratio(recording)
    for column, part in enumerate(recording.parts):
        before = layout.view(recording.params, part).reshape(31, -1)
        change = np.linalg.norm(before[1:] - before[:-1], axis=1)
        size = np.linalg.norm(before[:-1], axis=1)
        assert np.allclose(ratio[1:-1, column], change[1:] / size[1:], rtol=1e-9)
    assert np.isnan(ratio[0, [recording.parts.index(f"b{layer}") for layer in (1, 2, 3)]]).all()  # biases start at zero
    way = [np.linalg.norm(layout.view(recording.params[-1] - recording.params[0], f"W{i}")) for i in (1, 2, 3)]
    assert np.allclose(movement(recording), way)


def test_saturation_counts_activations_beyond_the_bounds():
    a = np.array([[[-1, -0.971, -0.97, 0], [0.97, 0.98, 0.5, 0.1]]])
    assert saturation(a, "tanh") == pytest.approx([3 / 8])
    assert saturation(np.array([[0.01, 0.015, 0.5, 0.99]]), "sigmoid") == pytest.approx(0.5)
    assert np.isnan(saturation(a, "relu")).all()


def test_dead_units_are_zero_on_every_sample():
    a = np.array([[0.0, 0, 0], [0, 0, 1], [2, 0, 0], [0, 0, 0]])
    assert dead_units(a, "relu") == 0.5
    assert np.isnan(dead_units(a, "tanh"))


def test_activity_is_the_networks_own():
    recording = train(Experiment(act=("relu",), init="he", **SMALL))
    seen = activity(recording)
    x = recording.data.x[:, recording.data.train]
    for layer, (_, a) in enumerate(recording.network.activations(recording.params[seen.frames], x)):
        assert np.allclose(seen.signals[layer], a, atol=1e-4)
    assert np.array_equal(seen.dead[:, 0], (seen.signals[0] == 0).all(axis=-1).mean(axis=-1))
    assert np.isnan(seen.dead[:, -1]).all()
    assert np.isnan(seen.saturated).all()


def test_batch_norm_is_looked_at_as_it_trains():
    """At the start its running statistics are 0 and 1, by which weights 20 times too large would saturate all units.

    Of a standard normal signal |z| > artanh 0.97 for 3.6 %; batch norm makes it one, whatever the weights are.
    """
    saturated = activity(train(Experiment(arch=(16,) * 3, norm="batch", scale=20.0, steps=1))).saturated[0, :3]
    assert (saturated < 0.05).all()
    dead = activity(train(Experiment(arch=(16,) * 3, act=("relu",), init="he", bias=-5.0, norm="batch", steps=1))).dead
    assert not dead[0, :3].any()


def test_the_learning_part_ends_where_nine_tenths_of_the_way_down_are_made():
    recording = train(Experiment())
    losses, count = recording.train_loss, learning_part(recording)
    goal = losses[0] - 0.9 * (losses[0] - losses.min())
    assert losses[count - 1] <= goal < losses[count - 2]


def test_the_parts_that_stand_for_the_layers():
    assert weight_parts(train(Experiment(norm="batch", **SMALL)).network) == ("W1", "W2", "W3")


# Verdicts


def test_no_false_alarm_over_twenty_seeds_of_the_default_experiment():
    assert {word for seed in range(20) for word in words(Experiment(seed=seed))} == {"healthy"}


@pytest.mark.parametrize("act", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("arch", [(4,), (3, 3), (5, 4), (8, 8), (6, 6, 6)], ids=str)
def test_no_false_alarm_over_twenty_seeds_of_narrow_networks_that_learn(arch, act):
    """Units of ReLU networks do die under Adam, and that is said; nothing else is."""
    learned = 0
    for seed in range(20):
        recording = train(Experiment(arch=arch, act=act, seed=seed))
        if recording.train_loss[-1] < 0.5 * recording.train_loss[0]:
            learned += 1
            seen = activity(recording)
            for index, verdict in enumerate(layer_findings(recording, seen)):
                a = seen.signals[index][-1]
                dies = act == "relu" and index < len(arch) and (a == 0).all(axis=1).any()
                assert verdict.word == ("dead" if dies else "healthy")
    assert learned >= 17


@pytest.mark.parametrize("arch", [(4,), (3, 3), (5, 4), (8, 8), (32, 32)], ids=str)
@pytest.mark.parametrize("ill", [{"scale": 20.0}, {"lr": 1.0}, {"optimizer": "sgd", "lr": 50.0}], ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_saturated_layers_are_found_however_narrow(arch, ill, seed):
    """Weights twenty times too large, and steps that throw them far out: no gradient is left, or little."""
    assert {"saturated", "vanishing"} & set(words(Experiment(arch=arch, seed=seed, **ill)))


@pytest.mark.parametrize("data", ["xor", "gaussians", "spiral", "moons", "line", "parabola", "sine", "plane"])
def test_no_false_alarm_on_the_other_data(data):
    assert set(words(Experiment(data=data))) == {"healthy"}


@pytest.mark.parametrize("word", SICK)
def test_the_illness_is_found_in_its_layers(word):
    experiment, layers = SICK[word]
    found = {verdict.layer for verdict in judged(experiment) if verdict.word == word}
    assert found >= set(layers)


def test_vanishing_is_said_of_exactly_the_layers_below_a_thousandth():
    """With one step of learning the median is all but the gradient at the start."""
    recording = train(SICK["vanishing"][0].replace(steps=1))
    relative = np.median(relative_gradient(recording), axis=0)
    found = layer_findings(recording, activity(recording))
    assert [verdict.word == "vanishing" for verdict in found] == (relative < 1e-3).tolist()
    assert [verdict.severity == "alarm" for verdict in found] == (relative < 1e-6).tolist()
    assert found[-1].word == "healthy"


@pytest.mark.parametrize("seed", range(2))
def test_a_residual_network_as_deep_does_not_vanish(seed):
    assert "vanishing" not in words(Experiment(arch=DEEP, act=("sigmoid",), residual="plain", seed=seed))


def test_a_run_that_diverges_explodes_in_the_layer_of_the_event():
    recording = train(Experiment(data="parabola", act=("relu",), optimizer="sgd", lr=50))
    assert recording.event.kind == "diverged"
    verdict = layer_findings(recording, activity(recording))[recording.event.layer - 1]
    assert (verdict.word, verdict.severity) == ("exploding", "alarm")
    assert f"step {recording.event.step}" in verdict.measure


def test_a_tiny_learning_rate_is_not_learning_and_the_number_says_so():
    found = judged(Experiment(lr=1e-7))
    assert {verdict.word for verdict in found} == {"not learning"}
    assert all(verdict.value < 1e-5 and f"{verdict.value:.2g}" in verdict.measure for verdict in found)


def test_a_network_without_hidden_layers_has_one_verdict():
    assert words(Experiment(arch=(), data="gaussians")) == ["healthy"]


# Remedies


def treated(experiment):
    return diagnose(train(experiment))


@pytest.mark.parametrize("word", SICK)
def test_the_remedy_cures(word):
    experiment = SICK[word][0]
    finding = next(finding for finding in treated(experiment) if finding.layer and finding.word == word)
    tried = experiment.replace(**finding.remedy.changes)
    assert tried != experiment
    assert word not in words(tried)


@pytest.mark.parametrize("word", SICK)
@pytest.mark.parametrize("changes", [{}, {"init": "orthogonal"}, {"residual": "plain", "norm": "layer"}, {"lr": 1000}])
def test_what_is_tried_is_never_what_is_there(word, changes):
    experiment = SICK[word][0].replace(**changes)
    for finding in treated(experiment):
        for remedy in finding.tried:
            assert experiment.replace(**remedy.changes) != experiment
            assert all(getattr(experiment, key) != value for key, value in remedy.changes.items())


def test_a_healthy_layer_needs_no_remedy():
    assert all(finding.remedy is None and not finding.tried for finding in treated(Experiment()))
