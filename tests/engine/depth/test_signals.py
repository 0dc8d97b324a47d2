"""Measurement against theory, both against facts from outside: gradients by finite differences, published growth."""

import math

import numpy as np
import pytest

from engine.depth import Deep, Probe, Signals, assess, departure, growth, measure, over_seeds, predict
from engine.depth.signals import first_lost, noise
from engine.diagnostics.measures import dead_units, saturation
from engine.network import Workspace

WIDTH, SEEDS, DEPTH = 256, 6, 12

# Tolerances: relative error of every layer's size, measured over 6 seeds of width 256 on 32 inputs. ReLU's signal
# spreads most (its fourth moment is the largest); normalised networks feel the width and the batch in every layer.
CASES = {
    "sigmoid": ({"activation": "sigmoid", "weight_variance": 1.0}, 0.08),
    "sigmoid, large weights": ({"activation": "sigmoid", "weight_variance": 25.0}, 0.1),
    "tanh, ordered": ({"activation": "tanh", "weight_variance": 0.8}, 0.08),
    "tanh, critical": ({"activation": "tanh", "weight_variance": 1.761, "bias_variance": 0.05}, 0.08),
    "tanh, chaotic": ({"activation": "tanh", "weight_variance": 3.0}, 0.1),
    "relu, He": ({"activation": "relu", "draw": "he"}, 0.2),
    "relu, too small": ({"activation": "relu", "weight_variance": 1.0, "bias_variance": 0.1}, 0.15),
    "linear": ({"activation": "linear", "weight_variance": 1.3}, 0.1),
    "selu, LeCun": ({"activation": "selu", "draw": "lecun"}, 0.08),
    "orthogonal tanh": ({"activation": "tanh", "draw": "orthogonal"}, 0.08),
    "constant bias": ({"activation": "tanh", "draw": "xavier", "bias": 0.5}, 0.15),
    "residual, plain": ({"activation": "relu", "draw": "he", "residual": "plain"}, 0.12),
    "residual tanh": ({"activation": "tanh", "draw": "xavier", "residual": "plain"}, 0.08),
    "residual, scaled": ({"activation": "relu", "draw": "he", "residual": "scaled"}, 0.08),
    "residual, gated": ({"activation": "relu", "draw": "he", "residual": "gated"}, 0.08),
    "batch norm, relu": ({"activation": "relu", "draw": "he", "norm": "batch"}, 0.1),
    "batch norm, tanh": ({"activation": "tanh", "draw": "xavier", "norm": "batch"}, 0.2),
    "batch norm, residual": ({"activation": "relu", "draw": "he", "norm": "batch", "residual": "plain"}, 0.08),
    "layer norm, relu": ({"activation": "relu", "draw": "he", "norm": "layer"}, 0.25),
    "layer norm, tanh": ({"activation": "tanh", "norm": "layer", "bias_variance": 0.1}, 0.12),
}


@pytest.mark.parametrize(("settings", "within"), CASES.values(), ids=CASES)
def test_every_layer_is_as_large_as_theory_says(settings, within):
    deep = Deep(depth=DEPTH, width=WIDTH, **settings)
    x = noise(WIDTH, 128 if deep.norm == "batch" else 32)
    signals, theory = measure(deep, x, seeds=SEEDS), predict(deep, x)
    assert over_seeds(signals.forward) == pytest.approx(theory.forward, rel=within)
    assert over_seeds(signals.backward) == pytest.approx(theory.backward, rel=within)


@pytest.mark.parametrize("residual", ["none", "plain", "scaled", "gated"])
@pytest.mark.parametrize("norm", ["none", "layer", "batch"])
def test_a_constant_bias_adds_up_along_residual_paths(norm, residual):
    """What all units have in common passes every layer beside the branches, with normalisation too."""
    deep = Deep(depth=20, width=200, activation="tanh", draw="xavier", bias=-1.0, norm=norm, residual=residual)
    x = noise(200, 64)
    assert over_seeds(measure(deep, x).forward) == pytest.approx(predict(deep, x).forward, rel=0.05)


def test_where_the_measurement_leaves_the_line_the_reason_is_told():
    """Batch norm of two inputs: E 1/v is infinite, so that no finite line is right."""
    deep = Deep(depth=20, activation="relu", draw="he", norm="batch")
    for inputs, said in ((2, "with 2 inputs"), (64, "")):
        x = noise(inputs, 64)
        signals, theory = measure(deep, x), predict(deep, x)
        told = departure(deep, inputs, 64, signals, theory)
        off = over_seeds(signals.backward)[0] / theory.backward[0]
        assert (off > 2) == bool(said)
        assert said in told
        assert f"{off:.2g} times" in told or not said


# Squared growth a layer, back: closed forms and published numbers.
GROWTH = {
    "relu, He": ({"activation": "relu", "draw": "he"}, 1.0),
    "relu, PyTorch's default": ({"activation": "relu", "draw": "torch"}, 1 / 6),
    "linear": ({"activation": "linear", "weight_variance": 0.7}, 0.7),
    "tanh on the edge": ({"activation": "tanh", "weight_variance": 1.761, "bias_variance": 0.05}, 1.0),
    "residual, plain": ({"activation": "relu", "draw": "he", "residual": "plain"}, 2.0),
    "residual, scaled": ({"activation": "relu", "draw": "he", "residual": "scaled", "depth": 21}, 1.05),
    "residual, gated": ({"activation": "relu", "draw": "he", "residual": "gated"}, 1.0),
    "batch norm": ({"activation": "relu", "weight_variance": 2.0, "norm": "batch"}, math.pi / (math.pi - 1)),
}


@pytest.mark.parametrize(("settings", "expected"), GROWTH.values(), ids=GROWTH)
def test_growth_is_the_published_one(settings, expected):
    deep = Deep(**{"depth": 40, **settings})
    assert growth(deep) == pytest.approx(expected, rel=5e-4)


@pytest.mark.parametrize("weight_variance", [0.1, 1.0, 9.0])
def test_no_initialisation_changes_what_batch_norm_does(weight_variance):
    deep = Deep(depth=8, activation="relu", norm="batch", weight_variance=weight_variance)
    assert measure(deep, noise(64, 64), seeds=3).ratio == pytest.approx(
        measure(deep.replace(weight_variance=2.0), noise(64, 64), seeds=3).ratio, rel=1e-2
    )


def test_a_sigmoid_takes_three_quarters_of_the_gradient_or_more():
    signals = measure(Deep(depth=20, activation="sigmoid", width=WIDTH), noise(WIDTH, 8), seeds=3)
    factors = over_seeds(signals.backward)[:-2] / over_seeds(signals.backward)[1:-1]
    assert (factors <= 0.25 * 1.05).all()  # σ' <= 1/4, and a square Gaussian W of σw = 1 has norm 1 on average
    assert assess(signals).word == "vanishing"


@pytest.mark.parametrize("residual", ["none", "plain", "gated"])
@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_the_gradients_of_the_weights_are_those_of_finite_differences(norm, residual):
    deep = Deep(depth=3, width=5, activation="tanh", bias_variance=0.3, norm=norm, residual=residual)
    x = noise(4, 6)
    network = deep.network(4, 10)
    network.loss_function = Probe()
    params = network.initial(np.random.default_rng([0, 0]))
    sent = np.random.default_rng([0, 2]).standard_normal((1, 10, 6))
    layout = network.layout

    def loss(moved):
        return (Workspace(network, moved, 6).forward(x) * sent[0]).sum()

    norms = []
    for layer in range(1, 5):
        slopes = []
        for index in layout.indices(f"W{layer}").ravel():
            step = np.zeros(layout.size)
            step[index] = 1e-6
            slopes.append((loss(params + step) - loss(params - step)) / 2e-6)
        norms.append(np.linalg.norm(slopes) / x.shape[-1])
    assert measure(deep, x, seeds=1).weights[0] == pytest.approx(norms, rel=1e-5, abs=1e-9)


def test_seeds_together_are_the_seeds_apart():
    deep = Deep(depth=4, width=8, activation="tanh", bias_variance=0.1)
    one, three = measure(deep, noise(8, 5), seeds=1), measure(deep, noise(8, 5), seeds=3)
    np.testing.assert_array_equal(one.forward[0], three.forward[0])


def test_clipping_shortens_the_whole_gradient_and_turns_nothing():
    deep = Deep(depth=10, activation="linear", weight_variance=4.0, clip=2.0)
    clipped, free = (measure(d, noise(64, 16), seeds=3) for d in (deep, deep.replace(clip=0.0)))
    np.testing.assert_array_equal(clipped.weights, free.weights)
    assert free.clipping.tolist() == [1, 1, 1]
    lengths = np.linalg.norm(clipped.weights * clipped.clipping[:, None], axis=1)
    assert (lengths < 2.0).all()  # the biases have the rest of it
    assert (clipped.clipping < 1e-2).all()


def test_a_negative_bias_kills_every_unit_and_the_verdict_says_so():
    signals = measure(Deep(depth=10, activation="relu", draw="he", bias=-3.0), noise(64, 32))
    assert dead_units(signals.activations[-1], "relu").mean() == 1.0
    assert signals.ratio == 0.0
    assert assess(signals).severity == "alarm"


def test_saturation_is_the_gaussian_tail():
    deep = Deep(depth=1, width=WIDTH, activation="tanh", weight_variance=4.0)
    tail = math.erfc(math.atanh(0.97) / 2 / math.sqrt(2))
    first = measure(deep, noise(WIDTH, 64), seeds=4).activations[0]
    assert saturation(first, "tanh").mean() == pytest.approx(tail, rel=0.05)
    assert np.isnan(saturation(first, "relu")).all()


def _signals(forward, backward):
    return Signals(np.array(forward), np.array(backward), np.ones((1, 4)), np.ones(1), [], [])


def test_a_lost_signal_is_named_with_its_first_layer():
    forward = _signals([[1.0, np.inf, np.nan]], [[1.0, 1.0, 1.0, 1.0]])
    back = _signals([[1.0, 1.0, 1.0]], [[np.nan, np.inf, 1.0, 1.0]])
    assert first_lost(forward) == "The signal leaves the range of the numbers in layer 2."
    assert first_lost(back) == "The gradient leaves the range of the numbers in layer 2."
    assert assess(back).word == "exploding"


def test_signals_beyond_the_range_of_numbers_are_an_event_and_no_warning():
    deep = Deep(depth=100, width=16, activation="linear", weight_variance=400.0)
    signals = measure(deep, 1e250 * noise(16, 4), seeds=2)
    assert "layer" in assess(signals).measure
    assert predict(deep, 1e100 * noise(16, 4)).ratio > 1e100


@pytest.mark.parametrize(
    ("ratio", "severity", "word"),
    [
        (1e-9, "alarm", "vanishing"),
        (1e-4, "warning", "vanishing"),
        (1.0, "healthy", "healthy"),
        (100.0, "warning", "exploding"),
        (1e6, "alarm", "exploding"),
        (0.0, "alarm", "vanishing"),
    ],
)
def test_findings(ratio, severity, word):
    finding = assess(_signals([[1.0, 1.0, 1.0]], [[ratio, 1.0, 1.0, 1.0]]))
    assert (finding.severity, finding.word) == (severity, word)


def test_seeds_and_layers_have_axes_of_their_own():
    assert measure(Deep(depth=50, width=64, activation="tanh"), noise(64, 32)).forward.shape == (8, 50)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"depth": 0}, "depth=0 must be from 1 to 100"),
        ({"activation": "sigmoud"}, "activation='sigmoud' must be one of linear"),
        ({"draw": "constant"}, "draw='constant' must be one of variances"),
        ({"weight_variance": math.nan}, "weight_variance=nan must be from 0 to 400"),
        ({"depth": 100, "width": 512}, "depth=100 must be at most 15 at width 512"),
    ],
)
def test_errors_name_the_argument(settings, says):
    with pytest.raises(ValueError, match=says):
        Deep(**settings)
