"""How good predictions are: accuracy, the confusion matrix and what follows from it, curves, calibration, baselines.

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


def precision_recall_curve(labels: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision and recall as the threshold on `score[N]` falls; `labels[N]` are 0 or 1, and some are 1.

    The curve begins at precision 1 and recall 0, before anything is taken for a positive (threshold +inf), and ends
    where all is. Where positives are rare it shows what ROC hides (Davis & Goadrich 2006). Raises as `roc_curve` does.
    """
    false_rate, true_rate, thresholds = roc_curve(labels, score)
    positives, negatives = int((labels == 1).sum()), int((labels == 0).sum())
    hits, alarms = np.rint(true_rate * positives), np.rint(false_rate * negatives)
    precision_at = np.divide(hits, hits + alarms, out=np.ones(len(hits)), where=hits + alarms != 0)
    return precision_at, true_rate, thresholds


def average_precision(precision_at: np.ndarray, recall_at: np.ndarray) -> float:
    """The area under a precision-recall curve by steps, Σ (R_n - R_{n-1}) P_n: not by trapezoids, which flatter."""
    return float((np.diff(recall_at) * precision_at[1:]).sum())


def calibration(
    labels: np.ndarray, probability: np.ndarray, bins: int = 10
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Reliability: of the samples whose predicted `probability[N]` lies in a bin, the share that is positive.

    Returns for each bin that is not empty the mean probability, the share of positives and the number of samples. The
    bins part [0, 1] evenly, each without its lower edge but the first (Niculescu-Mizil & Caruana 2005).
    Raises `ValueError` for a probability outside [0, 1] or fewer than one bin.
    """
    if bins < 1 or not (np.min(probability) >= 0 and np.max(probability) <= 1):
        raise ValueError(f"bins={bins} must be at least 1, and probabilities from 0 to 1")
    inner = np.linspace(0, 1, bins + 1)[1:-1]
    place = np.searchsorted(inner, probability)
    counts = np.bincount(place, minlength=bins)
    full = counts > 0
    mean = np.bincount(place, probability, bins)[full] / counts[full]
    return mean, np.bincount(place, labels, bins)[full] / counts[full], counts[full]


def brier(labels: np.ndarray, probability: np.ndarray) -> float:
    """The mean squared error of predicted probabilities `[N]` of labels 0 or 1 (Brier 1950): 0 is perfect."""
    return float(((np.asarray(probability) - labels) ** 2).mean())


def commonest(labels: np.ndarray, on: np.ndarray) -> float:
    """The accuracy on the labels `on` of always answering the commonest of `labels`: what a classifier has to beat."""
    return float((on == np.bincount(labels).argmax()).mean())


def mean_error(targets: np.ndarray, on: np.ndarray) -> float:
    """The mean squared error on the targets `on` of always answering the mean of `targets`: what a fit has to beat."""
    return float(((on - targets.mean()) ** 2).mean())


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


def _hits(confusion: np.ndarray) -> np.ndarray:
    return np.diagonal(confusion, axis1=-2, axis2=-1)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(np.broadcast_shapes(part.shape, whole.shape)), where=whole != 0)
