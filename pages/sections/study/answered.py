"""The view of answers: how good the predictions of the run in the sidebar are, and what a guess would get."""

from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engine import metrics
from engine.training import Recording
from pages.common.app.head import Head
from pages.common.glossary import caption
from pages.common.link.controls import control
from pages.common.runs.cache import trained
from pages.common.settings import Settings
from pages.common.sidebar.groups import shown_if
from pages.common.stage.charts import Chart, Place
from pages.common.stage.linked import linked_stage
from pages.common.text import number, plain, share
from pages.figures.study.answers import calibration_figure, confusion_figure, threshold_figure
from pages.sections.study.settings import SETTINGS

MAIN = (260, 460)
DIVERGED = "The run diverged: its predictions are no numbers any more."


class Answers(NamedTuple):
    """True classes `[n]`, and what the network says for each class `[C, n]`: probabilities that sum to 1, or scores."""

    labels: np.ndarray
    scores: np.ndarray
    predicted: np.ndarray
    """The class that the network decides for, int `[n]`."""
    probable: bool
    """Whether the scores are probabilities, as those of a hinge or a squared error are not."""


def answered(settings: Settings, head: Head, part: str) -> None:
    """Show the view; for a target that is a number there is little to show, and it is said."""
    recording = trained(settings, head)
    data = recording.data
    chosen = getattr(data, part)
    if not len(chosen):
        caption("Nothing is held back to test on: this is the part that was trained on.")
        part, chosen = "train", data.train
    if data.labels is None:
        _numbers(recording, chosen)
        return
    answers, known = answers_of(recording, chosen), data.labels[data.train]
    if not np.isfinite(answers.scores).all():
        st.warning(DIVERGED, icon=":material/report:")
        return
    names, baseline = list(data.class_names), metrics.commonest(known, answers.labels)
    which = _class(names)
    if answers.probable and len(names) == 2:
        cut = control(SETTINGS["stcut"], width=320)
        answers = answers._replace(predicted=(answers.scores[1] >= cut).astype(int))
    else:
        cut = None
    linked_stage(head, "study", _charts(answers, names, which, cut))
    table(answers.labels, answers.predicted, names, int(np.bincount(known).argmax()))
    right = float(metrics.accuracy(answers.labels, answers.predicted))
    said = (
        f"Accuracy {share(right)} on {len(chosen):,} {part} samples; always answering the commonest class gets "
        f"{share(baseline)}. "
    )
    if answers.probable:
        said += _brier(answers, which, names[which], float((known == which).mean()))
    else:
        said += "What this loss teaches are scores, not probabilities: there is no threshold and no calibration."
    caption(plain(said))


def answers_of(recording: Recording, chosen: np.ndarray) -> Answers:
    """What the trained network says of the samples `chosen`."""
    data, loss = recording.data, recording.network.loss_function
    output = recording.output(data.x[:, chosen], [-1])[0]
    with np.errstate(all="ignore"):
        said = loss.display(output)
    if len(said) == 1:
        said = np.concatenate([1 - said, said])
    return Answers(data.labels[chosen], said, loss.labels(output), loss.probability)


def _class(names: list[str]) -> int:
    many = len(names) > 2
    with shown_if(many):
        chosen = control(SETTINGS["stclass"], width=120)
    return min(int(chosen), len(names) - 1) if many else 1


def _charts(answers: Answers, names: list[str], which: int, cut: float | None) -> list[Chart]:
    labels = answers.labels
    confusion = metrics.confusion_matrix(labels, answers.predicted, len(names))
    charts = [Chart("study-confusion", confusion_figure(confusion, names), "Confusion matrix", Place(1, 1, 6), *MAIN)]
    against, score = (labels == which).astype(int), answers.scores[which]
    if 0 < against.sum() < len(against):
        charts += _curves(against, score, 0.5 if cut is None else cut)
    if answers.probable:
        mean, rate, counts = metrics.calibration(against, score)
        says = "How often the class is right where the network gives it such a probability"
        charts.append(Chart("study-calibration", calibration_figure(mean, rate, counts), says, Place(2, 7, 6), *MAIN))
    return charts


def _curves(against: np.ndarray, score: np.ndarray, cut: float) -> list[Chart]:
    false_rate, true_rate, thresholds = metrics.roc_curve(against, score)
    here = int(np.searchsorted(-thresholds, -cut, side="right")) - 1
    area = f"area {share(metrics.auc(false_rate, true_rate))}"
    roc = threshold_figure(false_rate, true_rate, thresholds, here, kind="roc", area=area, chance=([0, 1], [0, 1]))
    precision, recall, thresholds = metrics.precision_recall_curve(against, score)
    area = f"average precision {share(metrics.average_precision(precision, recall))}"
    rare = float(against.mean())
    curve = threshold_figure(
        recall, precision, thresholds, here, kind="precision", area=area, chance=([0, 1], [rare, rare])
    )
    return [
        Chart("study-roc", roc, "True against false positive rate as the threshold falls", Place(1, 7, 6), *MAIN),
        Chart("study-precision", curve, "Precision over recall as the threshold falls", Place(2, 1, 6), *MAIN),
    ]


def table(labels: np.ndarray, predicted: np.ndarray, names: list[str], commonest: int) -> None:
    """Precision, recall and F1 of every class, their averages, and those of always answering the class `commonest`."""
    confusion = metrics.confusion_matrix(labels, predicted, len(names))
    guessed = metrics.confusion_matrix(labels, np.full_like(predicted, commonest), len(names))
    support = confusion.sum(axis=1)
    averages = "average of the classes (macro)", "by samples (weighted)"
    guesses = (f"always {names[commonest]}, {average}" for average in ("macro", "weighted"))
    columns: dict[str, list[Any]] = {"class": [*names, *averages, *guesses]}
    for name, of in (("precision", metrics.precision), ("recall", metrics.recall), ("F1", metrics.f1)):
        found, guess = of(confusion), of(guessed)
        means = [mean for each in (found, guess) for mean in (each.mean(), float(each @ support / support.sum()))]
        columns[name] = [*found, *means]
    columns["samples"] = [*support, *[support.sum()] * 4]
    config = dict.fromkeys(("precision", "recall", "F1"), st.column_config.NumberColumn(format="%.3f"))
    st.dataframe(columns, hide_index=True, column_config=config)


def _brier(answers: Answers, which: int, name: str, rate: float) -> str:
    of_class = (answers.labels == which).astype(int)
    found, guess = (metrics.brier(of_class, said) for said in (answers.scores[which], np.array(rate)))
    return (
        f"Brier score {number(found)} for class {name}, 0 is perfect; always saying how common the class is, "
        f"{share(rate)}, gets {number(guess)}."
    )


def _numbers(recording: Recording, chosen: np.ndarray) -> None:
    data = recording.data
    said = recording.output(data.x[:, chosen], [-1])[0]
    if not np.isfinite(said).all():
        st.warning(DIVERGED, icon=":material/report:")
        return
    for row, (targets, answers, known) in enumerate(
        zip(data.targets[:, chosen], said, data.targets[:, data.train], strict=True), 1
    ):
        which = "The target is a number:" if len(data.targets) == 1 else f"Target {row} of {len(data.targets)}:"
        error, guess = float(((answers - targets) ** 2).mean()), metrics.mean_error(known, targets)
        explained = number(float(metrics.r2(targets, answers)))
        caption(
            plain(
                f"{which} mean squared error {number(error)} on {len(chosen):,} samples; always answering the mean "
                f"gets {number(guess)}. R² {explained}: the share of the variance that is explained."
            )
        )
