"""The view of the network: filters and feature maps while it learns, the curves, and the digits that it gets wrong."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from engine.training import Recording
from pages.common.app.head import Head
from pages.common.glossary import caption
from pages.common.link.changes import change
from pages.common.runs.findings import gradient_said
from pages.common.runs.pin import beside
from pages.common.stage.charts import Chart, Place
from pages.common.stage.linked import linked_stage
from pages.common.text import number, share, short
from pages.figures.convolution.filters import filters_figure
from pages.figures.convolution.maps import cell_at, maps_figure
from pages.figures.convolution.mistakes import mistake_at, mistakes_figure
from pages.figures.train.history import history_figure
from pages.sections.convolution.image import Image, answer_texts, answers_of
from pages.sections.convolution.trained import WATCHED, Seen

MAIN, SIDE, LOW = (278, 540), (215, 420), (240, 400)  #: pixels: smallest, at 1280x800 with the player, and largest


def network(run: Seen, image: Image, shows: str, head: Head, other: Seen | None) -> None:
    """Show the view, with the curves and the numbers of the pinned run, `other`, if there is one."""
    recording = run.recording
    wrong = mistakes_figure(run.data, run.wrong, run.tested, run.part)
    history = run.history if other is None else history_figure(recording, other.recording)
    any_wrong = len(run.wrong.indices) > 0
    says = f"{image.name}: what each layer makes of it"
    charts = [
        Chart("maps", maps_figure(recording, image.x, says), says, Place(1, 1, 12), *MAIN, clicks=True),
        Chart("filters", filters_figure(recording, shows), f"Each filter's {shows}", Place(2, 1, 6), *SIDE),
        Chart("history", history, "Loss and accuracy", Place(2, 7, 6), *SIDE, over_steps=True),
        Chart("wrong", wrong, "The images that it gets wrong", Place(3, 1, 5), *LOW, clicks=any_wrong),
        Chart("norms", run.norms, "Norm of each layer's gradient", Place(3, 6, 3), *LOW, over_steps=True),
        Chart("confusion", run.confusion, "Confusion matrix", Place(3, 9, 4), *LOW, square=True),
    ]

    def clicked(chart: str, point: Mapping[str, Any]) -> None:
        if chart == "wrong":
            found = mistake_at(run.data, run.wrong, point)
            if found is not None:
                change({"cvimage": found + 1})
        elif (cell := cell_at(recording, point)) is not None:
            change({"cvcell": cell, "cvview": "cell"})

    watched = "Watch how the filters take shape while the answer settles. A click on a map looks at one of its cells."
    more = {"metrics": metrics_of(run, image, other), "findings": _findings(recording), "captions": [watched]}
    more |= {"total": recording.steps, "near": run.near, "asks": run.whole is not None, "closely": True}
    linked_stage(head, "convolution", charts, run.played, on_click=clicked, **more)
    caption(watched)
    st.caption(told(run))


def _findings(recording: Recording) -> list[str]:
    """How far the gradient gets at every key frame, for those who do not see the charts: to the first filters."""
    kinds = recording.network.layout.kinds
    first, *_, last = (column for column, part in enumerate(recording.parts) if kinds[part] in ("kernel", "weight"))
    norms = recording.gradient_norm[recording.frames]
    with np.errstate(all="ignore"):
        return [gradient_said(ratio) for ratio in norms[:, first] / norms[:, last]]


def metrics_of(run: Seen, image: Image, other: Seen | None) -> dict[str, list[str]]:
    """The numbers over the charts at every key frame, those of the pinned run in brackets."""
    step = {f"Step of {run.recording.steps:,}": [f"{step:,}" for step in run.recording.frames]}
    texts = _numbers(run.recording, image)
    if other is not None:
        texts = beside(texts, run.recording.frames, _numbers(other.recording, image), other.recording.frames)
    return step | texts


def _numbers(recording: Recording, image: Image) -> dict[str, list[str]]:
    losses = {"Loss, train": recording.train_loss, "Loss, test": recording.test_loss}
    shares = {"Accuracy, train": recording.train_accuracy, "Accuracy, test": recording.test_accuracy}
    texts = {name: [number(value) for value in values] for name, values in losses.items() if values is not None}
    texts |= {name: [share(value) for value in values] for name, values in shares.items() if values is not None}
    texts["Learning rate"] = [short(value) for value in recording.lr[recording.frames]]
    return texts | {"It says": answer_texts(recording, answers_of(recording, image))}


def told(run: Seen) -> str:
    """How many are right at the end, what the curves are taken on, and why not on all."""
    sentence = f"At the end {share(run.right)} of all {run.tested:,} {run.part} images are right"
    if max(len(run.data.train), len(run.data.test)) > WATCHED:
        return (
            f"{sentence}. The numbers over the charts, the curves and the confusion matrix are those of at most "
            f"{WATCHED} of each part, because to test all of them at every step would take longer than the training."
        )
    return f"{sentence}."
