"""Gradients by the input and descent on it, against torch."""

import numpy as np
import pytest

from engine import Experiment
from engine.datasets import Dataset
from engine.network import Network
from engine.vision import climb, fooling_step, mistakes, saliency


def torch_slope(case, x, of):
    """The value of `of(scores)` for an image, and its gradient by the image."""
    import torch

    image = torch.tensor(x[None], requires_grad=True)
    value = of(case.model(image))
    value.backward()
    return value.item(), image.grad[0].numpy()


def test_saliency_equals_torchs_gradients_by_the_input(case):
    import torch

    found = saliency(case.network, case.params, case.x, 1)
    loss, by_loss = torch_slope(case, case.x, lambda z: torch.nn.functional.cross_entropy(z, torch.tensor([1])))
    score, by_score = torch_slope(case, case.x, lambda z: z[0, 1])
    assert (found.loss, found.score) == pytest.approx((loss, score), rel=1e-12)
    assert found.by_loss == pytest.approx(by_loss, rel=1e-10, abs=1e-15)
    assert found.by_score == pytest.approx(by_score, rel=1e-10, abs=1e-15)
    shown = torch.softmax(case.model(torch.tensor(case.x[None])), dim=1)[0].detach().numpy()
    assert found.probabilities == pytest.approx(shown, rel=1e-12)


def test_a_climb_follows_torchs_gradient(case):
    found = climb(case.network, case.params, 2, case.x, steps=4, rate=0.3, decay=0.2)
    image = case.x.copy()
    for step in range(5):
        assert found.images[step] == pytest.approx(image, rel=1e-10, abs=1e-13)
        score, slope = torch_slope(case, image, lambda z: z[0, 2])
        assert found.scores[step] == pytest.approx(score, rel=1e-10)
        image += 0.3 * (slope - 0.2 * image)
    assert found.probabilities.sum(axis=1) == pytest.approx(np.ones(5), rel=1e-12)


def straight(w, b=0.0):
    """A network of two inputs and one output, z = w x + b: class 1 where z > 0."""
    network = Network(Experiment(arch=(), loss="binary_cross_entropy"), 2, 1)
    return network, np.array([*w, b])


def test_a_climb_by_too_large_a_step_overflows_without_a_word(case):
    assert not np.isfinite(
        climb(case.network, case.params, 2, case.x, steps=1000, rate=10.0, decay=5.0).images[-1]
    ).any()


def test_the_smallest_fooling_step_of_a_line_is_its_margin():
    """Of z = w x + b a step ε along the sign takes ε Σ|w| off the margin (Goodfellow et al. 2015): ε = z / Σ|w|."""
    network, params = straight((3.0, -1.0), 0.5)
    found = fooling_step(network, params, np.array([0.4, 0.1]), 1)
    assert found.size == pytest.approx((3 * 0.4 - 0.1 + 0.5) / 4, abs=1e-8)
    assert found.direction.tolist() == [-1, 1]
    assert found.predicted == (1, 0)
    assert found.before[1] > 0.5 >= found.after[1]


def test_where_no_step_fools_that_is_said():
    network, params = straight((3.0, -1.0), 8.0)
    found = fooling_step(network, params, np.array([0.4, 0.1]), 1)
    assert found.size is None
    assert found.predicted == (1, 1)
    assert found.image == pytest.approx([-0.6, 1.1])


def test_mistakes_are_the_wrong_test_images_in_order_of_confidence():
    network, params = straight((1.0, 0.0))
    x = np.array([[0.1, 2.0, -3.0, 1.0, -1.0, 5.0], np.zeros(6)])
    data = Dataset.from_arrays(x, np.array([0, 0, 1, 1, 0, 0]), 2)
    found = mistakes(network, params, data)
    assert found.indices.tolist() == [5, 2, 1, 0]
    assert found.predicted.tolist() == [1, 0, 1, 1]
    assert found.labels.tolist() == [0, 1, 0, 0]
    sure = 1 / (1 + np.exp(-np.array([5.0, 3.0, 2.0, 0.1])))
    assert found.probabilities.max(axis=1) == pytest.approx(sure, rel=1e-12)
