"""The view of samples: cross-validation, and what more data would bring."""

from typing import Any

import numpy as np
import streamlit as st

from engine.datasets import DATASETS, Dataset
from engine.experiment import Experiment
from engine.metrics import commonest
from engine.study import folds, grid, points, seeds, sensible_top, values
from engine.training import load
from pages.common.app.head import Head
from pages.common.app.notices import marked
from pages.common.glossary import caption
from pages.common.runs.cache import require_data
from pages.common.settings import Settings
from pages.common.stage.charts import Chart, Place
from pages.common.stage.linked import linked_stage
from pages.common.text import number, plain, share
from pages.figures.study.samples import folds_figure, learning_figure
from pages.sections.study.pinned import row_of_pinned
from pages.sections.study.runs import rows_of

SIZES, LEAST = 6, 20  #: sizes of the learning curve, and the smallest of them
MAIN = (300, 560)
MEASURES = {"loss": "Loss", "accuracy": "Accuracy"}


def sampled(values_: dict[str, Any], settings: Settings, head: Head, kept: Settings | None) -> None:
    """Show the view, with A, the pinned run, beside it."""
    experiment, many = settings.experiment, values_["stseeds"]
    measure = "accuracy" if values_["stshow"].endswith("accuracy") else "loss"
    title = MEASURES[measure]
    if DATASETS[experiment.data].give:
        caption(
            "All of these rows are trained on, none is split anew: choose data that are drawn, or a table of your own."
        )
        return
    require_data(settings)
    try:
        parts, sizes = folds(experiment, values_["stfolds"]), sizes_of(experiment, settings.data)
        patience = experiment.patience if experiment.test else 0
        whole = grid(experiment.replace(folds=0, patience=patience), {"samples": sizes})
        curve = [run for size in whole for run in seeds(size, many)]
    except ValueError as problem:
        st.warning(marked(str(problem)), icon=":material/edit:")
        return
    rows = rows_of([*parts, *curve], settings, values_["sttol"], head)
    of_folds, of_sizes = rows[: len(parts)], rows[len(parts) :]
    by_fold = {part: values(of_folds, f"{part}_{measure}") for part in ("train", "test")}
    by_size = {part: points(of_sizes, f"{part}_{measure}", many) for part in ("train", "test")}
    if measure == "accuracy" and np.isnan(np.concatenate(list(by_fold.values()))).all():
        caption("The target is a number, so there is no accuracy: choose a loss to show.")
    of_a = row_of_pinned(kept, values_["sttol"], head)
    parts = ("train", "test")
    levels = None if of_a is None else {part: float(values([of_a], f"{part}_{measure}")[0]) for part in parts}
    says = f"{title} of every fold of the cross-validation", f"{title} against the number of samples"
    tops = [np.inf, np.inf]
    if measure == "loss":
        drawn = [[*by_fold.values()], [spread.median for spread in by_size.values()]]
        of_pinned = [] if levels is None else [[*levels.values()]]
        tops = [sensible_top(np.concatenate([*found, *of_pinned])) for found in drawn]
    learning = learning_figure(np.array(sizes), by_size, title, levels, top=tops[1])
    charts = [
        Chart("study-folds", folds_figure(by_fold, title, levels, top=tops[0]), says[0], Place(1, 1, 6), *MAIN),
        Chart("study-learning", learning, says[1], Place(1, 7, 6), *MAIN),
    ]
    linked_stage(head, "study", charts)
    caption(plain(_told(title, by_fold) + (_guessed(settings) if measure == "accuracy" else "") + "."))
    caption(
        "Left: each of the folds is held back once, so that every sample is tested on. Right: if the test curve still "
        "falls where it ends, more data would help; if both curves have met, a larger network might."
    )


def sizes_of(experiment: Experiment, own: Dataset | None = None) -> list[int]:
    """Numbers of samples, evenly over their logarithm, up to those that the run has; `own` are the user's own."""
    most = min(experiment.samples, DATASETS[experiment.data].max_samples)
    if own is not None:
        most = len(own.train) + len(own.test)
    least = min(LEAST, most)
    return sorted({round(size) for size in np.geomspace(least, most, SIZES)})


def _told(title: str, by_fold: dict[str, np.ndarray]) -> str:
    found = by_fold["test"]
    if np.isnan(found).any():
        return f"{title} on the folds held back: not every fold has one"
    return (
        f"{title} on the folds held back: {number(found.mean())} on average over {len(found)} folds, "
        f"standard deviation {number(found.std(ddof=1))}"
    )


def _guessed(settings: Settings) -> str:
    """What every sample gets that is taken for the commonest class; nothing where the target is a number."""
    labels = (settings.data or load(settings.experiment)).labels
    return "" if labels is None else f"; always answering the commonest class gets {share(commonest(labels, labels))}"
