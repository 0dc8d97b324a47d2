"""Metrics against hand counts, scikit-learn's numbers and the Mann-Whitney statistic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import metrics

LABELS = np.array([0, 0, 1, 1, 2, 2, 2])
PREDICTED = np.array([0, 1, 1, 1, 2, 0, 2])


def test_counts_by_hand():
    confusion = metrics.confusion_matrix(LABELS, PREDICTED, 3)
    assert confusion.tolist() == [[1, 1, 0], [0, 2, 0], [1, 0, 2]]
    assert metrics.accuracy(LABELS, PREDICTED) == 5 / 7
    assert metrics.precision(confusion) == pytest.approx([1 / 2, 2 / 3, 1])
    assert metrics.recall(confusion) == pytest.approx([1 / 2, 1, 2 / 3])
    assert metrics.f1(confusion) == pytest.approx([1 / 2, 4 / 5, 4 / 5])


def test_run_axes_equal_a_loop():
    predicted = np.random.default_rng(0).integers(0, 3, (4, 5, 7))
    confusion = metrics.confusion_matrix(LABELS, predicted, 3)
    for i in np.ndindex(4, 5):
        assert np.array_equal(confusion[i], metrics.confusion_matrix(LABELS, predicted[i], 3))
    assert np.array_equal(metrics.accuracy(LABELS, predicted), np.trace(confusion, axis1=-2, axis2=-1) / 7)


def test_a_class_that_is_never_predicted_has_precision_0():
    confusion = metrics.confusion_matrix(LABELS, np.zeros(7, int), 3)
    assert metrics.precision(confusion).tolist() == pytest.approx([2 / 7, 0, 0])
    assert metrics.f1(confusion)[1] == 0


@pytest.mark.parametrize(("labels", "predicted", "name"), [([0, 3], [0, 0], "labels"), ([0, 1], [-1, 0], "predicted")])
def test_a_class_out_of_range_is_named(labels, predicted, name):
    with pytest.raises(ValueError, match=f"{name} from .* must be from 0 to n_classes - 1 = 2"):
        metrics.confusion_matrix(np.array(labels), np.array(predicted), 3)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(-3, 3)), min_size=2, max_size=30))
def test_auc_is_the_mann_whitney_statistic(pairs):
    labels, score = (np.array(column) for column in zip(*pairs, strict=True))
    if len(set(labels.tolist())) < 2:
        with pytest.raises(ValueError, match="must hold both 0 and 1"):
            metrics.roc_curve(labels, score)
        return
    wins = np.sign(score[labels == 1][:, None] - score[labels == 0]) / 2 + 0.5
    false_rate, true_rate, thresholds = metrics.roc_curve(labels, score)
    assert metrics.auc(false_rate, true_rate) == pytest.approx(wins.mean())
    assert (false_rate[0], true_rate[0], false_rate[-1], true_rate[-1]) == (0, 0, 1, 1)
    for f, t, threshold in zip(false_rate, true_rate, thresholds, strict=True):
        assert f == ((score >= threshold) & (labels == 0)).sum() / (labels == 0).sum()
        assert t == ((score >= threshold) & (labels == 1)).sum() / (labels == 1).sum()


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.float32, list])
def test_scores_of_any_kind_are_ordered_alike(kind):
    score = [0, 5, 7, 3] if kind is list else np.array([0, 5, 7, 3], dtype=kind)
    false_rate, true_rate, thresholds = metrics.roc_curve([0, 1, 1, 0], score)
    assert metrics.auc(false_rate, true_rate) == 1
    assert thresholds.tolist() == [np.inf, 7, 5, 3, 0]


@pytest.mark.parametrize("far", [np.inf, -np.inf, 1e308])
def test_equal_scores_are_one_point_however_far_out(far):
    """Only the order counts: the curve is that of any other score in the place of the tie."""
    labels, score = np.array([0, 1, 1, 0, 1, 0]), np.array([far, 2.0, far, 1.0, -1.0, far])
    near = np.where(np.abs(score) > 2, np.sign(score) * 3, score)
    for curve, expected in zip(metrics.roc_curve(labels, score)[:2], metrics.roc_curve(labels, near)[:2], strict=True):
        assert curve.tolist() == expected.tolist()


def test_a_score_that_is_no_number_is_named():
    with pytest.raises(ValueError, match=r"score\[1\]=nan must be a number"):
        metrics.roc_curve(np.array([0, 1]), np.array([0.0, np.nan]))


def test_r2_of_a_diverging_run_is_minus_infinity_without_a_warning():
    assert metrics.r2(np.array([1.0, 2.0]), np.array([[1e200, 1.0], [1.0, 2.0]])).tolist() == [-np.inf, 1]


@pytest.mark.parametrize("unit", [1e200, 1e-200])
def test_r2_does_not_depend_on_the_unit(unit):
    y, guess = np.array([1.0, 2.0, 6.0]), np.array([1.5, 2.0, 5.0])
    assert metrics.r2(unit * y, unit * guess) == pytest.approx(metrics.r2(y, guess), rel=1e-14)


def test_r2_of_a_constant_is_known_whatever_its_mean_rounds_to():
    assert metrics.r2(np.full(60, 0.1), np.zeros(60)) == -np.inf


def test_r2_of_the_mean_is_0_and_of_the_truth_1():
    y = np.array([1.0, 2.0, 6.0])
    assert metrics.r2(y, np.stack([y, np.full(3, 3.0)])).tolist() == [1, 0]
    assert metrics.r2(np.ones(3), np.stack([np.ones(3), np.zeros(3)])).tolist() == [1, -np.inf]


def test_scikit_learn_agrees():
    reference = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(1)
    labels, predicted, score = rng.integers(0, 4, 200), rng.integers(0, 4, 200), rng.standard_normal(200).round(1)
    confusion = metrics.confusion_matrix(labels, predicted, 4)
    assert np.array_equal(confusion, reference.confusion_matrix(labels, predicted))
    assert metrics.f1(confusion) == pytest.approx(reference.f1_score(labels, predicted, average=None))
    for ours, theirs in (
        (metrics.precision, reference.precision_score),
        (metrics.recall, reference.recall_score),
        (metrics.f1, reference.f1_score),
    ):
        assert ours(confusion).mean() == pytest.approx(theirs(labels, predicted, average="macro"))
        assert metrics.micro(confusion) == pytest.approx(theirs(labels, predicted, average="micro"))
    false_rate, true_rate, _ = metrics.roc_curve(labels % 2, score)
    assert metrics.auc(false_rate, true_rate) == pytest.approx(reference.roc_auc_score(labels % 2, score))
    assert metrics.r2(score, predicted) == pytest.approx(reference.r2_score(score, predicted))


def _binary(n, seed, digits):
    rng = np.random.default_rng(seed)
    labels = np.append(rng.integers(0, 2, n), [0, 1])
    return labels, np.clip(rng.random(n + 2) * 0.7 + 0.3 * labels, 0, 1).round(digits)


@pytest.mark.parametrize("digits", [1, 2, 9])
@pytest.mark.parametrize("n", [0, 1, 7, 400])
def test_scikit_learn_agrees_on_curves_and_calibration(n, digits):
    """Ties, few samples, probabilities of exactly 0, .1 and 1: definitions equal to 1e-12."""
    reference = pytest.importorskip("sklearn.metrics")
    of_bins = pytest.importorskip("sklearn.calibration").calibration_curve
    labels, score = _binary(n, n + digits, digits)
    precision, recall, thresholds = metrics.precision_recall_curve(labels, score)
    theirs = reference.precision_recall_curve(labels, score)
    assert precision[::-1] == pytest.approx(theirs[0], abs=1e-12)
    assert recall[::-1] == pytest.approx(theirs[1], abs=1e-12)
    assert np.array_equal(thresholds[:0:-1], theirs[2])
    expected = reference.average_precision_score(labels, score)
    assert metrics.average_precision(precision, recall) == pytest.approx(expected, abs=1e-12)
    assert metrics.brier(labels, score) == pytest.approx(reference.brier_score_loss(labels, score), abs=1e-12)
    mean, share, counts = metrics.calibration(labels, score, 10)
    expected_share, expected_mean = of_bins(labels, score, n_bins=10)
    assert mean == pytest.approx(expected_mean, abs=1e-12)
    assert share == pytest.approx(expected_share, abs=1e-12)
    assert counts.sum() == len(labels)


def test_the_baselines_are_those_of_scikit_learn():
    dummy = pytest.importorskip("sklearn.dummy")
    rng = np.random.default_rng(3)
    labels, on, x = rng.integers(0, 3, 90), rng.integers(0, 3, 30), np.zeros((90, 1))
    assert metrics.commonest(labels, on) == dummy.DummyClassifier().fit(x, labels).score(x[:30], on)
    targets, held = rng.standard_normal(90), rng.standard_normal(30)
    answers = dummy.DummyRegressor().fit(x, targets).predict(x[:30])
    assert metrics.mean_error(targets, held) == pytest.approx(((answers - held) ** 2).mean(), rel=1e-12)


@pytest.mark.parametrize(("probability", "bins"), [([0.5, 1.5], 10), ([-0.1, 0.5], 10), ([0.5, 0.5], 0)])
def test_what_is_no_probability_is_not_calibrated(probability, bins):
    with pytest.raises(ValueError, match="from 0 to 1"):
        metrics.calibration(np.array([0, 1]), np.array(probability), bins)
