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


def answered(settings: Settings, head: Head, part: str, kept: Settings | None) -> None:
    """Show the view, A, the pinned run, beside it; for a target that is a number there is little to show, and said."""
    recording, other = trained(settings, head), None if kept is None else trained(kept, head)
    data = recording.data
    chosen = getattr(data, part)
    if not len(chosen):
        caption("Nothing is held back to test on: this is the part that was trained on.")
        part, chosen = "train", data.train
    if data.labels is None:
        _numbers(recording, chosen, other, part)
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
    of_a, why = _pinned(other, part, names, cut)
    linked_stage(head, "study", _charts(answers, names, which, cut, of_a))
    table(answers, names, int(np.bincount(known).argmax()), of_a)
    said = (
        f"Accuracy {_right(answers)}{'' if of_a is None else f' (A {_right(of_a)})'} on {len(chosen):,} {part} "
        f"samples; always answering the commonest class gets {share(baseline)}. {why}"
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


def _pinned(other: Recording | None, part: str, names: list[str], cut: float | None) -> tuple[Answers | None, str]:
    """What A says of its own samples, decided at the same threshold; or a sentence why that cannot stand here."""
    if other is None:
        return None, ""
    chosen = getattr(other.data, part)
    if other.data.labels is None or list(other.data.class_names) != names:
        return None, "A, the pinned run, answers with other classes, so that it has no place here. "
    if not len(chosen):
        return None, "A, the pinned run, holds nothing back to test on. "
    answers = answers_of(other, chosen)
    if not np.isfinite(answers.scores).all():
        return None, "A, the pinned run, diverged. "
    if cut is not None and answers.probable:
        answers = answers._replace(predicted=(answers.scores[1] >= cut).astype(int))
    return answers, ""


def _right(answers: Answers) -> str:
    return share(float(metrics.accuracy(answers.labels, answers.predicted)))


def _class(names: list[str]) -> int:
    many = len(names) > 2
    with shown_if(many):
        chosen = control(SETTINGS["stclass"], width=120)
    return min(int(chosen), len(names) - 1) if many else 1


def _charts(answers: Answers, names: list[str], which: int, cut: float | None, of_a: Answers | None) -> list[Chart]:
    labels = answers.labels
    confusion = metrics.confusion_matrix(labels, answers.predicted, len(names))
    charts = [Chart("study-confusion", confusion_figure(confusion, names), "Confusion matrix", Place(1, 1, 6), *MAIN)]
    against, score = (labels == which).astype(int), answers.scores[which]
    other = _against(of_a, which)
    if 0 < against.sum() < len(against):
        charts += _curves(against, score, 0.5 if cut is None else cut, other)
    if answers.probable:
        mean, rate, counts = metrics.calibration(against, score)
        known = metrics.calibration(*other)[:2] if other and of_a.probable else None
        calibrated = calibration_figure(mean, rate, counts, pinned=known)
        says = "How often the class is right where the network gives it such a probability"
        charts.append(Chart("study-calibration", calibrated, says, Place(2, 7, 6), *MAIN))
    return charts


def _against(answers: Answers | None, which: int) -> tuple[np.ndarray, np.ndarray] | None:
    """For one class against the others: 1 where it is true, and its score; None without answers, or of one kind."""
    if answers is None:
        return None
    against = (answers.labels == which).astype(int)
    return (against, answers.scores[which]) if 0 < against.sum() < len(against) else None


def _curves(against: np.ndarray, score: np.ndarray, cut: float, of_a: Any) -> list[Chart]:
    roc_of_a, precision_of_a, areas = None, None, ["", ""]
    if of_a is not None:
        roc_of_a, (precision, recall, _) = metrics.roc_curve(*of_a)[:2], metrics.precision_recall_curve(*of_a)
        precision_of_a = recall, precision
        areas = [metrics.auc(*roc_of_a), metrics.average_precision(precision, recall)]
        areas = [f" (A {share(each)})" for each in areas]
    false_rate, true_rate, thresholds = metrics.roc_curve(against, score)
    here = int(np.searchsorted(-thresholds, -cut, side="right")) - 1
    more = {"area": f"area {share(metrics.auc(false_rate, true_rate))}{areas[0]}", "pinned": roc_of_a}
    roc = threshold_figure(false_rate, true_rate, thresholds, here, kind="roc", chance=([0, 1], [0, 1]), **more)
    precision, recall, thresholds = metrics.precision_recall_curve(against, score)
    area, rare = share(metrics.average_precision(precision, recall)), float(against.mean())
    more = {"area": f"average precision {area}{areas[1]}", "pinned": precision_of_a}
    guess = ([0, 1], [rare, rare])
    curve = threshold_figure(recall, precision, thresholds, here, kind="precision", chance=guess, **more)
    return [
        Chart("study-roc", roc, "True against false positive rate as the threshold falls", Place(1, 7, 6), *MAIN),
        Chart("study-precision", curve, "Precision over recall as the threshold falls", Place(2, 1, 6), *MAIN),
    ]


def table(answers: Answers, names: list[str], commonest: int, of_a: Answers | None) -> None:
    """Precision, recall and F1 of every class, their averages, and those of always answering the class `commonest`."""
    own, other = (None if one is None else _scores(one, len(names), commonest) for one in (answers, of_a))
    averages = "average of the classes (macro)", "by samples (weighted)"
    guesses = (f"always {names[commonest]}, {average}" for average in ("macro", "weighted"))
    columns: dict[str, list[Any]] = {"class": [*names, *averages, *guesses]}
    for name, found in own.items():
        columns |= {name: found} | ({} if other is None else {f"{name} (A)": other[name]})
    numbers = [name for name in columns if name != "class"]
    support = np.bincount(answers.labels, minlength=len(names))
    columns["samples"] = [*support, *[support.sum()] * 4]
    config = dict.fromkeys(numbers, st.column_config.NumberColumn(format="%.3f"))
    st.dataframe(columns, hide_index=True, column_config=config)


def _scores(answers: Answers, classes: int, commonest: int) -> dict[str, list[float]]:
    """Precision, recall and F1: of each class, two averages, and the averages of always answering `commonest`."""
    labels = answers.labels
    confusion = metrics.confusion_matrix(labels, answers.predicted, classes)
    guessed = metrics.confusion_matrix(labels, np.full_like(answers.predicted, commonest), classes)
    support, columns = confusion.sum(axis=1), {}
    for name, of in (("precision", metrics.precision), ("recall", metrics.recall), ("F1", metrics.f1)):
        found, guess = of(confusion), of(guessed)
        means = [mean for each in (found, guess) for mean in (each.mean(), float(each @ support / support.sum()))]
        columns[name] = [*found, *means]
    return columns


def _brier(answers: Answers, which: int, name: str, rate: float) -> str:
    of_class = (answers.labels == which).astype(int)
    found, guess = (metrics.brier(of_class, said) for said in (answers.scores[which], np.array(rate)))
    return (
        f"Brier score {number(found)} for class {name}, 0 is perfect; always saying how common the class is, "
        f"{share(rate)}, gets {number(guess)}."
    )


def _numbers(recording: Recording, chosen: np.ndarray, other: Recording | None, part: str) -> None:
    data = recording.data
    found = _of_targets(recording, chosen)
    if found is None:
        st.warning(DIVERGED, icon=":material/report:")
        return
    of_a, why = None, ""
    if other is not None:
        fits = (
            other.data.labels is None
            and len(other.data.targets) == len(data.targets)
            and len(getattr(other.data, part))
        )
        of_a = _of_targets(other, getattr(other.data, part)) if fits else None
        why = "" if of_a else " A, the pinned run, has no such numbers: it answers something else, or diverged."
    for row, (error, guess, explained) in enumerate(found):
        which = "The target is a number:" if len(found) == 1 else f"Target {row + 1} of {len(found)}:"
        a_error, a_explained = (f" (A {number(of_a[row][at])})" if of_a else "" for at in (0, 2))
        caption(
            plain(
                f"{which} mean squared error {number(error)}{a_error} on {len(chosen):,} samples; always answering the "
                f"mean gets {number(guess)}. R² {number(explained)}{a_explained}: the share of the variance that is "
                f"explained.{why}"
            )
        )


def _of_targets(recording: Recording, chosen: np.ndarray) -> list[tuple[float, float, float]] | None:
    """Of each target the mean squared error, that of always answering the mean, and R²; None where a run diverged."""
    data = recording.data
    said = recording.output(data.x[:, chosen], [-1])[0]
    if not np.isfinite(said).all():
        return None
    each = zip(data.targets[:, chosen], said, data.targets[:, data.train], strict=True)
    return [
        (
            float(((answers - targets) ** 2).mean()),
            metrics.mean_error(known, targets),
            float(metrics.r2(targets, answers)),
        )
        for targets, answers, known in each
    ]
