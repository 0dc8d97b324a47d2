"""Diagnosis of whole runs: known illnesses against theory, no alarm where a run learns, and remedies that do what they
say."""

import random

import numpy as np
import pytest

from engine import Experiment, train
from engine.curvature import hessian
from engine.diagnostics import diagnose, findings, run_findings
from engine.diagnostics.course import constant_loss
from engine.diagnostics.trials import treated
from engine.diagnostics.verdicts import WORDS
from engine.landscape import objective_of

LINEAR = Experiment(data="plane", arch=(), optimizer="sgd")
DEEP = Experiment(arch=(8,) * 20, act=("sigmoid",))


def of_run(experiment):
    return [finding.word for finding in run_findings(train(experiment))]


# Diverging


def largest_curvature(experiment):
    recording = train(experiment.replace(steps=1))
    return np.linalg.eigvalsh(hessian(objective_of(recording).gradient, recording.params[0]))[-1]


@pytest.mark.parametrize("l2", [0.0, 1.0])
def test_gradient_descent_on_a_quadratic_diverges_beyond_two_over_the_curvature(l2):
    """And nowhere below: η λ = 2 is the limit, and the penalty's own curvature counts."""
    experiment = LINEAR.replace(l2=l2)
    limit = 2 / largest_curvature(experiment)
    above, below = (train(experiment.replace(lr=factor * limit)) for factor in (1.02, 0.98))
    assert [finding.word for finding in run_findings(below)] != ["diverging"]
    finding = run_findings(above)[0]
    assert (finding.layer, finding.word, finding.severity) == (0, "diverging", "alarm")
    assert "η λ is 2.04 at the start, and stable up to 2" in finding.measure
    assert "cosine -1.00" in finding.measure


@pytest.mark.parametrize(
    "experiment",
    [
        LINEAR.replace(lr=0.62),
        LINEAR.replace(lr=1.0),
        LINEAR.replace(lr=1.0, arch=(8,)),
        Experiment(data="spiral", optimizer="sgd", lr=0.3, l2=10.0),
        Experiment(data="parabola", act=("relu",), optimizer="sgd", lr=50.0),
    ],
    ids=str,
)
def test_a_diverging_run_says_so_in_the_run_and_in_its_layers_and_asks_for_a_smaller_rate(experiment):
    found = diagnose(train(experiment))
    assert found[0].word == "diverging"
    assert "healthy" not in {finding.word for finding in found}
    assert set(found[0].remedy.changes) == {"lr"}
    assert found[0].remedy.changes["lr"] < experiment.lr
    assert not any(finding.remedy for finding in found[1:])  # the steps are to blame, not a layer


# What a constant answer has


def test_chance_is_the_logarithm_of_the_number_of_classes():
    for data, loss, classes in (("circle", "binary_cross_entropy", 2), ("circle", "softmax_cross_entropy", 2)):
        recording = train(Experiment(data=data, loss=loss, steps=1, test=0.0))
        assert constant_loss(recording) == pytest.approx(np.log(classes), rel=1e-3)
    digits = train(Experiment(data="digits", arch=(), steps=1))
    shares = np.bincount(digits.data.labels[digits.data.train]) / len(digits.data.train)
    assert constant_loss(digits) == pytest.approx(-(shares * np.log(shares)).sum())


@pytest.mark.parametrize(
    ("loss", "closed_form"),
    [
        ("squared_error", lambda y: y.var() / 2),
        ("mse", np.var),
        ("mae", lambda y: np.abs(y - np.median(y)).mean()),
    ],
)
def test_the_best_constant_number_is_mean_or_median(loss, closed_form):
    recording = train(LINEAR.replace(loss=loss, steps=1))
    assert constant_loss(recording) == pytest.approx(closed_form(recording.data.targets[0, recording.data.train]))


# Not learning, oscillating, overfitting, too slow


def test_a_run_that_stays_at_chance_says_what_chance_is():
    finding = run_findings(train(Experiment(data="spiral", optimizer="sgd", lr=0.01)))[0]
    assert (finding.word, finding.severity) == ("not learning", "alarm")
    assert "chance among 2 classes is ln 2 = 0.6931" in finding.measure


def test_a_linear_network_on_a_circle_learns_nothing_and_hidden_layers_help():
    finding = diagnose(train(Experiment(arch=())))[0]
    assert finding.word == "not learning"
    assert "arch" in finding.remedy.changes


def test_a_rate_that_is_far_too_large_is_no_matter_of_layers():
    found = diagnose(train(Experiment(data="xor", lr=10.0)))
    assert found[0].layer == 0
    assert found[0].word in ("oscillating", "not learning")
    assert found[0].remedy.changes["lr"] < 10.0
    assert "healthy" not in {finding.word for finding in found}


def test_where_saturated_units_stand_still_a_rate_that_is_large_is_tried_smaller():
    recording = train(Experiment(lr=3.0, arch=(8, 8, 8, 8), act="sigmoid"))
    run = run_findings(recording)[0]
    assert run.word == "not learning"
    assert f"{np.median(recording.train_loss[-len(recording.train_loss) // 10 :]):.4g}" in run.measure
    remedy = treated(recording, [run])[0].remedy
    assert remedy.changes["lr"] < 1
    assert train(recording.experiment.replace(**remedy.changes)).train_loss[-1] == pytest.approx(remedy.loss)


@pytest.mark.parametrize("seed", range(4))
def test_a_loss_that_swings_to_the_end_oscillates(seed):
    recording = train(Experiment(data="spiral", optimizer="sgd", lr=10.0, seed=seed))
    late = recording.loss[-75:]
    assert np.maximum.accumulate(late)[-1] - late.min() > 1
    assert "oscillating" in [finding.word for finding in run_findings(recording)]


def test_what_is_learned_by_heart_overfits_and_the_remedy_lowers_the_test_loss():
    experiment = Experiment(data="moons", noise=0.8, samples=80, arch=(32, 32), steps=600)
    recording = train(experiment)
    assert recording.test_loss[-1] > 3 * recording.train_loss[-1]
    finding = next(finding for finding in diagnose(recording) if finding.word == "overfitting")
    assert (finding.layer, finding.remedy.part) == (0, "test")
    assert finding.remedy.loss < 0.8 * recording.test_loss[-1]


def test_a_loss_that_is_high_and_falls_is_too_slow():
    recording = train(Experiment(data="moons", arch=(16,), optimizer="sgd", lr=0.01))
    finding = diagnose(recording)[0]
    assert (finding.word, finding.severity) == ("too slow", "warning")
    assert recording.loss[-1] < recording.loss[-50]
    assert finding.remedy.loss < recording.train_loss[-1]


# Blame in the right layer


def test_no_layer_of_a_network_that_learns_nothing_is_healthy():
    found = findings(train(DEEP))
    assert len(found) == 22
    assert "healthy" not in {finding.word for finding in found}


@pytest.mark.parametrize("init", ["constant", "zeros"])
def test_units_that_start_alike_stay_alike_to_the_last_bit(init):
    recording = train(Experiment(init=init, act=("sigmoid",)))
    found = {finding.layer: finding for finding in diagnose(recording)}
    for layer in (1, 2):
        weights = recording.network.layout.view(recording.params[-1], f"W{layer}")
        assert (weights == weights[0]).all()
        assert (found[layer].word, found[layer].remedy.changes["init"]) == ("identical", "xavier")
    assert found[3].word != "identical"  # a single output


@pytest.mark.parametrize("layers", [(8, 8, 8), (6, 6, 6, 6)], ids=str)
def test_behind_a_dead_layer_no_rate_is_offered(layers):
    """The bias holds every unit of ReLU layers below zero: W of all other layers has exactly no gradient."""
    acts = ("tanh",) * (len(layers) - 2) + ("relu", "tanh")
    recording = train(Experiment(arch=layers, act=acts, bias=-8.0))
    dead = len(layers) - 1
    found = {finding.layer: finding for finding in diagnose(recording)}
    assert found[dead].word == "dead"
    for layer, finding in found.items():
        if layer and layer != dead:
            assert finding.word == "not learning"
            assert f"layer {dead} is dead" in finding.measure
            assert finding.remedy is None
        assert not any("lr" in remedy.changes for remedy in finding.tried)
    assert found[0].remedy is not None


def test_batch_normalisation_of_a_single_sample_is_blamed_on_there_being_no_other():
    """Torch refuses it: the only sample is its own mean, so that nothing is left of it and no gradient passes."""
    recording = train(Experiment(norm="batch", samples=4, test=0.75))
    columns = [recording.parts.index(name) for name in ("W1", "W2")]
    assert not recording.gradient_norm[:, columns].any()
    found = diagnose(recording)
    assert (found[0].word, "a single sample" in found[0].measure) == ("not learning", True)
    assert [finding.word for finding in found if finding.layer in (1, 2)] == ["not learning"] * 2
    assert not any("lr" in remedy.changes for finding in found for remedy in finding.tried)


# No alarm without cause, and none left out


def drawn(seed, **rates):
    """A random experiment."""
    draw = random.Random(seed)
    settings = {
        "data": draw.choice(["circle", "xor", "gaussians", "spiral", "moons", "line", "parabola", "sine", "plane"]),
        "arch": draw.choice([(4,), (8, 8), (16,), (6, 6, 6), (32, 32), (8,) * 6]),
        "act": (draw.choice(["tanh", "relu", "sigmoid", "gelu", "selu", "softplus"]),),
        "optimizer": draw.choice(["adam", "adam", "sgd", "momentum", "rmsprop", "adamw", "adagrad", "nadam", "lion"]),
        "batch": draw.choice([0, 0, 0, 16, 32]),
        "noise": draw.choice([0.1, 0.1, 0.3]),
        "norm": draw.choice(["none", "none", "none", "layer", "batch"]),
        "seed": seed,
    }
    return Experiment(**settings, **{key: 10 ** draw.uniform(*span) for key, span in rates.items()})


@pytest.mark.parametrize("seed", range(60))
def test_where_a_run_learns_there_is_no_alarm(seed):
    recording = train(drawn(seed, lr=(-3, -0.5)))
    first, last = recording.train_loss[0], recording.train_loss[-1]
    if last < 0.4 * min(first, constant_loss(recording)):
        assert not [finding for finding in findings(recording) if finding.severity == "alarm"]


@pytest.mark.parametrize("seed", range(60))
def test_where_a_run_leaves_for_good_it_diverges(seed):
    """Gradient descent on a quadratic, with random rates: theory says which of them diverge."""
    draw = random.Random(seed)
    experiment = LINEAR.replace(data=draw.choice(["plane", "line"]), noise=draw.choice([0.1, 0.5]), seed=seed)
    factor = draw.choice([0.1, 0.5, 0.9, 1.1, 1.5, 3.0, 20.0])
    experiment = experiment.replace(lr=factor * 2 / largest_curvature(experiment))
    assert ("diverging" in of_run(experiment)) == (factor > 1)


@pytest.mark.parametrize("rows", [".05,.1:.01,.99", "1:1;2:1;3:1"])
def test_what_a_constant_answers_to_the_last_digit_is_measured_by_its_start(rows):
    """The swings of a loss of 1e-12 are no oscillation; one that stays, or grows, is still found."""
    experiment = Experiment.from_params({"data": "rows", "rows": rows})
    assert constant_loss(train(experiment)) < 1e-30
    assert of_run(experiment) == ["healthy"]
    assert of_run(experiment.replace(optimizer="sgd", lr=1e-6)) == ["not learning"]
    assert of_run(experiment.replace(optimizer="sgd", lr=3.0)) == ["diverging"]


def test_what_overflows_diverges():
    for seed in range(30):
        recording = train(drawn(seed, lr=(0.5, 3)).replace(optimizer="sgd", act=("relu",)))
        if recording.event is not None:
            assert run_findings(recording)[0].word == "diverging"


@pytest.mark.parametrize("steps", [5, 100], ids=["short", "flat"])
def test_what_is_thrown_far_off_and_stays_there_diverges(steps):
    recording = train(Experiment(data="line", arch=(16, 16), act=("elu",), norm="batch", lr=40.0, steps=steps))
    assert recording.train_loss[-1] > 10 * recording.train_loss[0]
    assert recording.event is None
    finding = diagnose(recording)[0]
    assert finding.word == "diverging"
    assert finding.remedy.changes["lr"] < recording.experiment.lr


@pytest.mark.parametrize("settings", [{"l1": 10.0, "steps": 5}, {"l2": 10.0, "scale": 3.0, "lr": 1e-4}], ids=str)
def test_a_penalty_that_was_large_from_the_start_is_not_divergence(settings):
    recording = train(Experiment(**settings))
    assert recording.loss[0] > 20 * recording.train_loss[0]
    assert run_findings(recording)[0].word != "diverging"


def test_a_run_of_a_few_steps_is_not_judged_by_what_it_learned():
    assert of_run(Experiment(steps=5)) == ["too short"]


# Remedies


@pytest.mark.parametrize("seed", range(24))
def test_the_loss_that_a_remedy_names_is_what_training_gives(seed):
    experiment = drawn(seed, lr=(-4, 1.5))
    recording = train(experiment)
    for finding in diagnose(recording):
        assert finding.word in WORDS
        for remedy in finding.tried:
            changed = train(experiment.replace(**remedy.changes))
            losses = changed.test_loss if remedy.part == "test" else changed.train_loss
            assert np.array_equal(remedy.loss, losses[-1], equal_nan=True)
            assert not np.array_equal(changed.params, recording.params)  # it acts
        if finding.remedy:
            assert finding.remedy in finding.tried
            assert finding.remedy.loss < finding.remedy.instead


def test_where_nothing_helps_what_was_tried_is_told():
    """Coordinates tell nothing of random labels, and 30 steps are too few to learn them by heart."""
    recording = train(Experiment(samples=400, steps=30))
    data = recording.data
    labels = np.random.default_rng(0).integers(0, 2, len(data.labels))
    finding = diagnose(train(recording.experiment, data=type(data)(**{**vars(data), "labels": labels})))[0]
    assert (finding.word, finding.remedy) == ("not learning", None)
    assert len(finding.tried) > 3


def test_diagnosing_is_deterministic_and_leaves_the_run_alone():
    recording = train(Experiment(data="xor", lr=10.0))
    before = recording.params.copy()
    assert diagnose(recording) == diagnose(recording)
    assert np.array_equal(recording.params, before)


@pytest.mark.parametrize("bug", ["sum", "stale"])
def test_what_a_wrong_backward_pass_spoils_the_right_one_mends(bug):
    squares = Experiment(data="squares", arch=(), loss="mse", optimizer="sgd", lr=0.1, steps=200, bug=bug)
    finding = diagnose(train(squares))[0]
    assert finding.severity == "alarm"
    remedy = finding.remedy
    assert remedy.changes == {"bug": "none"}
    assert remedy.loss == pytest.approx(2.8, rel=1e-3)  # of the least-squares line
