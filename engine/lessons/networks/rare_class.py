"""One digit against the rest: where accuracy misleads, and what precision, recall and the ROC curve say."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.lessons.lesson import HERE, Claim, Lesson, Look, Params, Source
from engine.lessons.measures import run
from engine.metrics import auc, confusion_matrix, f1, precision, recall, roc_curve

FAWCETT = Source("An introduction to ROC analysis", "T. Fawcett", 2006, "https://doi.org/10.1016/j.patrec.2005.10.010")


class Verdicts(NamedTuple):
    """How a class is told from all others on the test part: labels 0 or 1, and the probability given to 1."""

    labels: np.ndarray
    probability: np.ndarray

    def confusion(self, threshold: float) -> np.ndarray:
        """The confusion matrix [2, 2] where a probability from `threshold` on is a yes."""
        return confusion_matrix(self.labels, (self.probability >= threshold).astype(int), 2)

    @property
    def area(self) -> float:
        """The area under the ROC curve."""
        return auc(*roc_curve(self.labels, self.probability)[:2])


def _verdicts(params: Params) -> Verdicts:
    """Of the class of a state of the Study page, at the end of the run."""
    recording, which = run(params), int(params["stclass"])
    chosen = recording.data.test
    said = recording.network.loss_function.display(recording.output(recording.data.x[:, chosen], [-1])[0])
    return Verdicts((recording.data.labels[chosen] == which).astype(int), said[which])


def _found(threshold: float) -> Callable[[Params], float]:
    """The recall at a threshold."""
    return lambda params: recall(_verdicts(params).confusion(threshold))[1]


RARE = Lesson(
    key="rare-class",
    title="One digit against the rest",
    chapter=4,
    page="study",
    params={
        "stview": "answers",
        "stclass": "8",
        "data": "digits",
        "arch": "10",
        "act": "relu",
        "init": "he",
        "loss": "binary_cross_entropy",
        "optimizer": "sgd",
        "lr": "0.3",
        "batch": "32",
        "steps": "1500",
    },
    system="{arch} hidden ReLU units, and for each digit a sigmoid output that says yes or no, early in training.",
    question="The output for the eights answers yes or no, and {right:.0%} of its answers are right. Is that good?",
    choices=(
        "Yes: only one answer in ten is wrong",
        "It cannot be told: always saying no is right as often",
        "No: a classifier has to be right every time",
    ),
    answer=1,
    watch=(
        Look("The dot is the threshold of one half: no false alarm, but no eight found, either.", "study-roc"),
        Look("The ROC curve lies far above the diagonal all the same: eights get higher scores.", "study-roc"),
        Look("A lower threshold finds most of them, for more false alarms.", "study-precision"),
    ),
    why=(
        "One image in ten is an eight, so that accuracy says next to nothing. Of the eights {found:.0%} are found at a "
        "threshold of one half, and {lower:.0%} at a tenth. The area under the ROC curve, {area:.2f}, does not depend "
        "on the threshold: it is how often an eight gets a higher score than another digit."
    ),
    claims=(
        Claim(
            name="right",
            words="share of the yes-or-no answers that are right",
            of=lambda params: np.trace(_verdicts(params).confusion(0.5)) / len(_verdicts(params).labels),
            expected=0.9,
            tolerance=0.01,
            source=HERE,
        ),
        Claim(
            name="found",
            words="share of the eights that are found (recall) at a threshold of one half",
            of=_found(0.5),
            expected=0.0,
            tolerance=0.05,
            source=HERE,
        ),
        Claim(
            name="lower",
            words="the same at a threshold of a tenth",
            of=_found(0.1),
            expected=0.93,
            tolerance=0.06,
            source=HERE,
        ),
        Claim(
            name="precise",
            words="share of those taken for an eight that are one (precision) at a threshold of a tenth",
            of=lambda params: precision(_verdicts(params).confusion(0.1))[1],
            expected=0.24,
            tolerance=0.04,
            source=HERE,
        ),
        Claim(
            name="both",
            words="F1, the harmonic mean of both, at a threshold of a tenth",
            of=lambda params: f1(_verdicts(params).confusion(0.1))[1],
            expected=0.38,
            tolerance=0.05,
            source=HERE,
        ),
        Claim(
            name="area",
            words="area under the ROC curve",
            of=lambda params: _verdicts(params).area,
            expected=0.88,
            tolerance=0.03,
            source=FAWCETT,
        ),
    ),
    covered=("study-confusion", "study-roc", "study-precision", "study-calibration"),
)

LESSONS = (RARE,)
