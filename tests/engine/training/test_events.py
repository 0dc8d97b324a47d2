"""What is said to have broken first did: every step that ends a run is computed once more in plain NumPy."""

import random
from collections import Counter
from itertools import islice

import numpy as np
import pytest

from engine import Experiment, race, train
from engine.backprop.replay import Replay
from engine.training import batches, targets
from engine.training.events import computed

PHI = {
    "linear": (lambda z: z, np.ones_like),
    "relu": (lambda z: np.maximum(z, 0.0), lambda z: (z > 0) * 1.0),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
}


def step(own, parts, x, y):
    """What a step computes, in its order: `[(layer, what, numbers)]`."""
    a, seen, signals, gradients, depth = x, [], [], {}, len(own.arch) + 1
    for layer in range(1, depth + 1):
        before, normed, r = a, None, None
        z = parts[f"W{layer}"] @ a + parts[f"b{layer}"][:, None]
        seen.append((layer, "activation", z))
        if layer < depth:
            if own.norm == "batch":
                away = (z - z.mean(1, keepdims=True)).astype(np.longdouble)  # in which no square overflows
                r = 1 / np.sqrt((away**2).mean(1, keepdims=True) + 1e-5)
                normed, r = (away * r).astype(float), r.astype(float)
                z = parts[f"scale{layer}"][:, None] * normed + parts[f"shift{layer}"][:, None]
                seen.append((layer, "activation", z))
            a = PHI[own.activations[layer - 1]][0](z)
            seen.append((layer, "activation", a))
        signals.append((before, z, normed, r))
    n = x.shape[1]
    loss = ((z - y) ** 2).sum() / n if own.loss == "mse" else (np.logaddexp(0, z) - y * z).sum() / n
    seen.append((depth, "loss", loss))
    delta = 2 * (z - y) / n if own.loss == "mse" else (1 / (1 + np.exp(-z)) - y) / n
    weights = {layer: parts[f"W{layer}"] for layer in range(1, depth + 1)}
    penalties = {layer: own.l1 * np.abs(W).sum() + own.l2 / 2 * (W**2).sum() for layer, W in weights.items()}
    sizes = {layer: float(np.linalg.norm(W.astype(np.longdouble).ravel())) for layer, W in weights.items()}
    seen.append((max(sizes, key=sizes.get), "penalty", loss + sum(penalties.values())))
    for layer in range(depth, 0, -1):
        before, z, normed, r = signals[layer - 1]
        if layer < depth:
            delta = delta * PHI[own.activations[layer - 1]][1](z)
            if own.norm == "batch":
                gradients[f"scale{layer}"], gradients[f"shift{layer}"] = (delta * normed).sum(1), delta.sum(1)
                d = delta * parts[f"scale{layer}"][:, None]
                delta = r * (d - d.mean(1, keepdims=True) - normed * (d * normed).mean(1, keepdims=True))
        penalty = own.l1 * np.sign(weights[layer]) + own.l2 * weights[layer]
        gradients[f"W{layer}"], gradients[f"b{layer}"] = delta @ before.T + penalty, delta.sum(1)
        delta = weights[layer].T @ delta
    return seen + [(int(name[-1]), f"gradient of {name}", gradient) for name, gradient in gradients.items()]


def first_broken(recording):
    """Layer and quantity of the step at which a run broke, whose parameters the last update has led to."""
    own, data, layout, at = recording.experiment, recording.data, recording.network.layout, recording.event.step
    x, y = data.x[:, data.train], targets(own, data)[:, data.train]
    params = recording.params[-1] + (recording.updates[-1] if at > recording.steps else 0.0)
    parts = {name: layout.view(params, name) for name in layout.shapes}
    batch = next(islice(batches(own, x, y, np.float64), at, None))
    seen = [(layout.layers[name], name, part) for name, part in parts.items()] + step(own, parts, *batch)
    return next((layer, what) for layer, what, numbers in seen if not np.isfinite(numbers).all())


def drawn(seed):
    """A random experiment that is likely to diverge."""
    draw = random.Random(seed)
    arch = draw.choice([(6, 6), (4,), (5, 3, 5), (8, 8, 8, 8)])
    return Experiment(
        data="moons",
        samples=40,
        arch=arch,
        act=tuple(draw.choice(["linear", "linear", "relu", "tanh"]) for _ in arch),
        norm=("batch", "none")[seed % 2],
        loss=draw.choice(["mse", "mse", "mse", "binary_cross_entropy"]),
        l1=draw.choice([0.0, 0.0, 1.0]),
        l2=draw.choice([0.0, 0.0, 0.0, 10.0]),
        scale=draw.choice([1.0, 1.0, 100.0]),
        init=draw.choice(["xavier", "normal"]),
        optimizer="sgd",
        lr=draw.choice([0.3, 1.0, 3.0, 10.0]),
        batch=draw.choice([0, 0, 8, 11]),
        steps=200,
        seed=seed,
    )


def test_the_first_number_that_broke_is_named_in_150_runs_with_batch_norm_and_without():
    found, seed = Counter(), 0
    with np.errstate(all="ignore"):
        while found.total() < 150:
            recording, seed = train(drawn(seed)), seed + 1
            if recording.event:
                event = recording.event
                assert (event.layer, event.what) == first_broken(recording), recording.experiment
                found[event.what] += 1
    assert {"activation", "loss", "penalty"} <= found.keys()


def test_a_loss_that_overflows_behind_finite_activations_is_the_loss():
    """Batch norm by its running averages would put other numbers there: it has to be looked at as it trains."""
    settings = {"data": "moons", "samples": 40, "arch": (6, 6), "act": ("linear",), "norm": "batch", "loss": "mse"}
    recording = train(Experiment(**settings, optimizer="sgd", lr=1.0, steps=100, seed=1))
    assert (recording.event.layer, recording.event.what) == (3, "loss")
    assert "the loss, with the output of layer 3," in recording.event.sentence


def test_a_penalty_that_overflows_is_that_of_the_largest_weights():
    """With a rate times λ of 100 every step makes the weights 99 times as large, whatever the loss does."""
    recording = train(Experiment(arch=(4,), optimizer="sgd", lr=10.0, l2=10.0, steps=200))
    layout, params = recording.network.layout, recording.params[-1]
    sizes = [np.linalg.norm(layout.view(params, name)) for name in ("W1", "W2")]
    assert (recording.event.what, recording.event.layer) == ("penalty", 1 + int(np.argmax(sizes)))
    assert f"the penalty on W{recording.event.layer}" in recording.event.sentence


def test_a_racer_a_replay_and_a_run_alone_say_the_same():
    own = Experiment(arch=(6, 6), norm="batch", loss="mse", act=("relu",), optimizer="sgd", lr=3.0, l2=3.0, batch=11)
    alone = train(own)
    assert [one.event for one in race([own.replace(lr=0.01), own])] == [None, alone.event]
    replay = Replay(own, alone.data, alone.network)
    replay.advance(own.steps)
    assert replay.event == alone.event


@pytest.mark.parametrize("changes", [{}, {"batch": 11, "norm": "batch"}, {"l1": 0.1, "batch": 8}], ids=str)
def test_a_step_is_computed_once_more_to_the_last_bit_with_its_own_batch_and_masks(changes):
    own = Experiment(steps=20, dropout=0.5, **changes)
    recording = train(own)
    data = recording.data
    x, y = data.x[:, data.train], targets(own, data)[:, data.train]
    for at in (0, 7, 20):
        again = computed(own, recording.network, recording.params[at], batches(own, x, y, np.float64), at)
        numbers = {each.what: each.numbers for each in again}
        assert numbers["penalty"] == recording.loss[at]
        for name in recording.parts:
            there = recording.network.layout.view(recording.gradients[at], name)
            np.testing.assert_array_equal(numbers[f"gradient of {name}"], there)
