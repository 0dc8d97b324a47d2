"""How good a classifier is: accuracy, the confusion matrix and what follows from it, ROC, R² and cross-validation.

Predictions may carry leading run axes `[..., N]`; the labels are `[N]`. A ratio of nothing to nothing (the precision
of a class that is never predicted) counts as 0, as in scikit-learn's default.
"""

import numpy as np


def accuracy(labels: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """The share of `predicted[..., N]` that equals `labels[N]`: `[...]`."""
    return (predicted == labels).mean(axis=-1)


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    """How often class i (row, true) was taken for class j (column): int `[..., C, C]`.

    Raises `ValueError` for a class outside 0 to `n_classes` - 1.
    """
    for name, values in (("labels", labels), ("predicted", predicted)):
        if values.size and not 0 <= values.min() <= values.max() < n_classes:
            raise ValueError(
                f"{name} from {values.min()} to {values.max()} must be from 0 to n_classes - 1 = {n_classes - 1}"
            )
    lead = predicted.shape[:-1]
    rows = predicted.reshape(-1, predicted.shape[-1])
    cells = np.arange(len(rows))[:, None] * n_classes**2 + labels * n_classes + rows
    counts = np.bincount(cells.ravel(), minlength=len(rows) * n_classes**2)
    return counts.reshape(*lead, n_classes, n_classes)


def precision(confusion: np.ndarray) -> np.ndarray:
    """Of what was taken for a class, the share that is of it: `[..., C, C] -> [..., C]`."""
    return _ratio(_hits(confusion), confusion.sum(axis=-2))


def recall(confusion: np.ndarray) -> np.ndarray:
    """Of what is of a class, the share that was taken for it: `[..., C, C] -> [..., C]`."""
    return _ratio(_hits(confusion), confusion.sum(axis=-1))


def f1(confusion: np.ndarray) -> np.ndarray:
    """The harmonic mean of precision and recall: `[..., C, C] -> [..., C]`; its mean over classes is the macro F1."""
    return _ratio(2 * _hits(confusion), confusion.sum(axis=-1) + confusion.sum(axis=-2))


def micro(confusion: np.ndarray) -> np.ndarray:
    """The micro average of precision, recall and F1 alike: `[..., C, C] -> [...]`.

    Each sample has one label and one prediction, so that a miss is a false positive of one class and a false negative
    of another: all three averages are the accuracy. The macro average of each is its mean over the classes.
    """
    return _ratio(_hits(confusion).sum(axis=-1), confusion.sum(axis=(-2, -1)))


def roc_curve(labels: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """False and true positive rate as the threshold on `score[N]` falls; `labels[N]` are 0 or 1.

    The curve goes from (0, 0) to (1, 1); equal scores are one point. The thresholds begin with +inf.
    Raises `ValueError` if one of the classes is missing or a score is not a number.
    """
    labels, score = np.asarray(labels), np.asarray(score, dtype=np.float64)
    if np.isnan(score).any():
        raise ValueError(f"score[{int(np.isnan(score).argmax())}]=nan must be a number: nan has no place in an order")
    positives = int((labels == 1).sum())
    negatives = int((labels == 0).sum())
    if positives + negatives != len(labels) or not positives or not negatives:
        raise ValueError(f"labels={np.unique(labels).tolist()} must hold both 0 and 1, and nothing else")
    order = np.argsort(-score, kind="stable")
    falling = score[order]
    ends = np.flatnonzero(np.append(falling[1:] != falling[:-1], True))  # no difference: of two infinities it is nan
    hits = np.cumsum(labels[order])[ends]
    true_rate = np.concatenate([[0], hits / positives])
    false_rate = np.concatenate([[0], (ends + 1 - hits) / negatives])
    return false_rate, true_rate, np.concatenate([[np.inf], falling[ends]])


def auc(false_rate: np.ndarray, true_rate: np.ndarray) -> float:
    """The area under a ROC curve by trapezoids: how often a positive scores above a negative, ties counted half."""
    return float(np.trapezoid(true_rate, false_rate))


def r2(targets: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """The share of the targets' variance that is explained, 1 - Σ(y-ŷ)²/Σ(y-mean y)²: `[N], [..., N] -> [...]`.

    A constant target has no variance: the result is then 1 for a perfect prediction and -inf otherwise.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # a diverging run predicts numbers of any size
        errors, span = targets - predicted, np.ptp(targets)
        if span == 0:
            return np.where((errors == 0).all(axis=-1), 1.0, -np.inf)
        deviations = (targets - targets.mean()) / span  # squares of numbers as they are may be beyond all floats
        return 1 - ((errors / span) ** 2).sum(axis=-1) / (deviations**2).sum()


def k_fold(n: int, k: int, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cross-validation: `k` pairs of samples to train on and to test on; each of `n` samples is tested on once."""
    if not 2 <= k <= n:
        raise ValueError(f"k={k} must be from 2 to the number of samples, {n}")
    folds = np.array_split(rng.permutation(n), k)
    return [(np.sort(np.concatenate(folds[:i] + folds[i + 1 :])), np.sort(folds[i])) for i in range(k)]


def _hits(confusion: np.ndarray) -> np.ndarray:
    return np.diagonal(confusion, axis1=-2, axis2=-1)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(np.broadcast_shapes(part.shape, whole.shape)), where=whole != 0)
