"""The data: what each set is, that the seed decides, and that nothing of the test part leaks."""

import hashlib

import numpy as np
import pytest

from engine.datasets import DATASETS, FEATURES, load, usable_features
from engine.datasets.dataset import split

DRAWN = [*(name for name, spec in DATASETS.items() if spec.draw), "digits"]
DIGITS_DIGEST = "ff6d0fef5af23249"  #: of scikit-learn's copy, its images sorted


@pytest.mark.parametrize("name", DRAWN)
def test_every_set_is_what_its_description_says(name):
    spec, data = DATASETS[name], load(name, samples=101, seed=3)
    assert data.points.shape == (spec.n_inputs, 101)
    assert data.task == spec.task
    assert np.isfinite(data.x).all()
    if spec.task == "classification":
        assert len(data.class_names) == spec.n_classes
        assert set(data.labels) <= set(range(spec.n_classes))
    else:
        assert data.targets.shape == (1, 101)
    for row, (low, high) in zip(load(name, samples=101, noise=0).points, spec.domain, strict=False):
        assert low <= row.min() < row.max() <= high


@pytest.mark.parametrize("name", DRAWN)
def test_the_seed_decides(name):
    one, two, other = (load(name, samples=50, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.points, two.points)
    assert np.array_equal(one.train, two.train)
    assert not np.array_equal(one.points, other.points)


@pytest.mark.parametrize("test", [0, 0.01, 0.25, 0.9])
def test_train_and_test_part_the_samples(test):
    data = load("circle", samples=40, test=test)
    assert sorted([*data.train, *data.test]) == list(range(40))
    assert len(data.test) == (max(round(test * 40), 1) if test else 0)


@pytest.mark.parametrize("test", [0.1, 0.25, 1 / 3, 0.9])
@pytest.mark.parametrize("counts", [[100, 100], [190, 10], [61, 30, 9, 1], [2, 2, 2], [1, 1, 1, 97]])
def test_each_class_has_its_share_of_both_parts(counts, test):
    """Stratified, as scikit-learn's `train_test_split(stratify=labels)`, which refuses classes of a single sample."""
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    n, counts = len(labels), np.array(counts)
    train, held = split(n, test, np.random.default_rng(1), labels)
    assert sorted([*train, *held]) == list(range(n))
    assert len(held) == round(test * n)
    inside, share = np.bincount(labels[train], minlength=len(counts)), counts * len(train) / n
    assert (np.abs(inside - share) <= max((share < 1).sum(), 1)).all()
    assert inside.min() >= 1 or len(train) < len(counts)


def test_a_stratified_split_counts_as_scikit_learn_does():
    selection = pytest.importorskip("sklearn.model_selection")
    labels = np.repeat([0, 1, 2], [59, 71, 48])  # the wines of UCI
    _, theirs = selection.train_test_split(np.arange(178), test_size=0.25, stratify=labels)
    _, ours = split(178, 0.25, np.random.default_rng(0), labels)
    assert np.abs(np.bincount(labels[ours]) - np.bincount(labels[theirs])).max() <= 1


def test_a_stratified_split_is_random_within_each_class():
    labels = np.repeat([0, 1], 50)
    held = [split(100, 0.2, np.random.default_rng(seed), labels)[1] for seed in range(200)]
    times = np.bincount(np.concatenate(held), minlength=100)
    assert 15 <= times.min() <= times.max() <= 65  # 40 expected, standard deviation 5.7


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("circle", lambda x1, x2: np.hypot(x1, x2) <= 2.5),
        ("xor", lambda x1, x2: x1 * x2 > 0),
        ("gaussians", None),
        ("spiral", None),
        ("moons", None),
    ],
)
def test_classes_follow_the_pattern_and_are_balanced(name, rule):
    data = load(name, samples=400, noise=0)
    assert abs(data.labels.mean() - 0.5) < 0.1
    if rule:
        assert np.array_equal(data.labels == 1, rule(*data.points))


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("line", lambda x: 2 * x[0] + 1),
        ("parabola", lambda x: x[0] ** 2),
        ("sine", lambda x: np.sin(2 * np.pi * x[0])),
        ("plane", lambda x: (x[0] + x[1]) / 10),
    ],
)
def test_regression_targets_are_the_function_plus_noise(name, function):
    exact = load(name, samples=300, noise=0)
    assert exact.targets[0] == pytest.approx(function(exact.points))
    noisy = load(name, samples=5000, noise=0.3)
    assert np.std(noisy.targets[0] - function(noisy.points)) == pytest.approx(0.3, rel=0.05)


def test_features_are_the_playgrounds_on_scaled_coordinates():
    data = load("circle", features=tuple(FEATURES))
    u1, u2 = data.points / 2
    expected = [u1, u2, u1**2, u2**2, u1 * u2, np.sin(data.points[0]), np.sin(data.points[1])]
    assert data.x == pytest.approx(np.array(expected))
    grid = np.zeros((2, 5, 5))
    assert data.expand(grid).shape == (7, 5, 5)


def test_one_coordinate_takes_only_its_own_features():
    assert usable_features("sine", ("x2", "x1x2", "sinx1")) == ("sinx1",)
    assert usable_features("sine", ("x2",)) == ("x1",)


def test_the_digits_are_the_ones_of_uci():
    data = load("digits", samples=1797)
    order = np.lexsort(data.points)
    assert data.points.shape == (64, 1797)
    assert np.bincount(data.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    digest = hashlib.sha256(data.points[:, order].astype(np.uint8).tobytes()).hexdigest()
    assert digest[:16] == DIGITS_DIGEST
    assert data.x.min() == 0
    assert data.x.max() == 1


def test_scikit_learn_ships_the_same_digits():
    reference = pytest.importorskip("sklearn.datasets").load_digits()
    data = load("digits", samples=1797)
    assert np.array_equal(data.points.T, reference.data)
    assert np.array_equal(data.labels, reference.target)


def test_a_point_far_out_expands_without_a_warning():
    assert load("circle", features=("x1sq",)).expand(np.array([[1e200], [0.0]])) == np.inf


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "mars"}, "name='mars' must be one of"),
        ({"name": "circle", "samples": 1}, "samples=1 must be at least 2"),
        ({"name": "circle", "samples": 5001}, "samples=5001 must be at most 5000"),
        ({"name": "circle", "seed": -1}, "seed=-1 must be 0 or more"),
        ({"name": "circle", "test": 1}, "test=1 from 0 to 0.9"),
        ({"name": "circle", "features": ("x3",)}, "must be one or more of x1"),
        ({"name": "csv"}, "from_columns makes a data set"),
    ],
)
def test_wrong_arguments_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        load(**arguments)


def test_arrays_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        load("circle").x[0, 0] = 1
