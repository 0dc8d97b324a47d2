"""The view of the gradient by the input: saliency while the network learns, a climb, and the step that fools it.

Each is a film of its own: saliency plays the steps of the training, a climb those of the ascent on the image, and the
step that fools grows from nothing to twice what is enough.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from engine.training import Recording
from engine.vision import FoolingStep, climb, fooling_step, saliency
from engine.vision.mistakes import probabilities
from engine.work import evaluation_work
from pages.common.app.head import Head
from pages.common.glossary import caption
from pages.common.runs.cache import kept
from pages.common.settings import Settings
from pages.common.stage.charts import Chart, Place
from pages.common.stage.linked import linked_stage
from pages.common.text import number, plain, share
from pages.figures import base
from pages.figures.convolution.inputs import Film, bars_figure, curve_figure, films_figure
from pages.sections.convolution.image import Image, answer_texts, answers_of
from pages.sections.convolution.trained import RIGHT_WAY, Seen

MAIN, SIDE, TALL = (260, 560), (165, 400), (370, 900)  #: pixels: smallest, at 1280x800 with the player, and largest
STEPS = 60  #: of a climb
SIZES = 40  #: of the step that fools, from nothing to twice what is enough
LARGEST = 1.0  #: of that step: full ink


class Play(NamedTuple):
    """What a view plays: charts, steps, the numbers over them, what each step has found, and its caption."""

    charts: list[Chart]
    steps: Sequence[int]
    metrics: dict[str, list[str]]
    findings: list[str]
    watched: str


def by_image(run: Seen, image: Image, values: dict[str, Any], settings: Settings, head: Head) -> None:
    """Show the view."""
    of_class = min(values["cvclass"], len(run.data.class_names) - 1)
    made = {"saliency": _saliency, "climb": _climb, "fool": _fool}[values["cvlook"]]
    key = ("by image", *run.key, values["cvlook"], image.key, of_class)
    key += tuple(values[name] for name in ("cvfrom", "cvrate", "cvdecay")) if values["cvlook"] == "climb" else ()
    play = kept(
        key,
        lambda _progress: made(run.recording, image, of_class, values),
        lambda: evaluation_work(run.recording.network, 6, STEPS),
        head,
        "This gradient",
        settings=settings if values["cvdata"] == "file" else None,
    )
    more = {"metrics": play.metrics, "findings": play.findings, "captions": [play.watched]}
    more["total"] = int(play.steps[-1])
    if values["cvlook"] == "saliency":
        more |= {"near": run.near, "asks": run.whole is not None}
    played = np.setdiff1d(play.steps, run.near)
    linked_stage(head, f"convolution-{values['cvlook']}", play.charts, played, **more)
    caption(plain(play.watched))
    if run.wrong_way:
        caption(RIGHT_WAY)


def _saliency(recording: Recording, image: Image, of_class: int, _values: dict[str, Any]) -> Play:
    network, label, shape = recording.network, image.label_in(recording), recording.data.image
    found = [saliency(network, params, image.x, label) for params in recording.params]
    of_score = [saliency(network, params, image.x, of_class).by_score for params in recording.params]
    title = base.class_title(recording.data, of_class)
    films = [
        Film(image.name.replace(", ", ",<br>"), np.stack([image.x.reshape(shape)] * len(found))),
        Film("∂L/∂x: lowers the<br>loss where orange", _pictures([each.by_loss for each in found]), one_range=False),
        Film(f"∂S/∂x: speaks for<br>{title} where blue", _pictures(of_score), one_range=False),
    ]
    answers, steps = answers_of(recording, image), recording.frames
    losses = curve_figure(np.array([each.loss for each in found]), steps, "Loss on the image", ("step", "loss"))
    bars = _bars(recording, answers, steps, label)
    pictures = films_figure(films, steps, f"{image.name.partition(' (')[0]}: pixels that the answer hangs on")
    charts = [
        Chart("saliency", pictures, "The image and its gradients", Place(1, 1, 12), *MAIN),
        Chart("saliency-answer", bars, "Probability of each class", Place(2, 1, 6), *SIDE),
        Chart("saliency-loss", losses, "Loss on the image", Place(2, 7, 6), *SIDE, over_steps=True),
    ]
    metrics = {
        f"Step of {recording.steps:,}": [f"{step:,}" for step in steps],
        "Loss on the image": [number(each.loss) for each in found],
        "It says": answer_texts(recording, answers),
        "Largest ∂L/∂x": [number(float(np.abs(each.by_loss).max())) for each in found],
        "Largest ∂S/∂x": [number(float(np.abs(each).max())) for each in of_score],
    }
    watched = f"Blue: more ink there would raise it. L is the loss, S the score of {title} before the softmax."
    findings = [f"The loss hangs most on {_largest(each.by_loss)}" for each in found]
    return Play(charts, steps, metrics, findings, watched)


def _climb(recording: Recording, image: Image, of_class: int, values: dict[str, Any]) -> Play:
    shape, data = recording.data.image, recording.data
    start = image.x if values["cvfrom"] == "image" else np.zeros_like(image.x)
    how = {"steps": STEPS, "rate": values["cvrate"], "decay": values["cvdecay"]}
    found = climb(recording.network, recording.params[-1], of_class, start, **how)
    title, steps = base.class_title(data, of_class), range(STEPS + 1)
    films = [Film(f"purest {title}", found.images.reshape(-1, *shape))]
    picture = films_figure(films, steps, f"What the network takes for {title}")
    bars = _bars(recording, found.probabilities, steps, of_class)
    scores = curve_figure(found.scores, steps, f"Score of {title}", ("step", "score"))
    charts = [
        Chart("climb", picture, "The image that climbs", Place(1, 1, 6, 2), *TALL, square=True),
        Chart("climb-answer", bars, "Probability of each class", Place(1, 7, 6), *SIDE),
        Chart("climb-score", scores, f"Score of {title} over the steps", Place(2, 7, 6), *SIDE, over_steps=True),
    ]
    metrics = {
        f"Step of {STEPS}": [str(step) for step in steps],
        f"Score of {title}": [number(value) for value in found.scores.tolist()],
        "It says": answer_texts(recording, found.probabilities),
        "Largest pixel": [number(float(np.abs(one).max())) for one in found.images],
    }
    watched = (
        "Only the pixels change, the weights stay: watch the strokes appear that the filters look for. Nothing keeps a "
        "pixel between no ink and full ink, so that the network is sure long before a person is."
    )
    findings = [f"The strongest stroke is {_largest(one)}" for one in found.images]
    return Play(charts, steps, metrics, findings, watched)


def _fool(recording: Recording, image: Image, _class: int, _values: dict[str, Any]) -> Play:
    data, network, params, label = recording.data, recording.network, recording.params[-1], image.label_in(recording)
    found = fooling_step(network, params, image.x, label, LARGEST)
    sizes = np.linspace(0, 2 * (found.size or LARGEST / 2), SIZES + 1)
    direction = found.direction.reshape(-1, 1)
    moved = image.x[:, None].astype(params.dtype) + direction * sizes.astype(params.dtype)
    answers = probabilities(network, network.forward(params, moved)).T
    shape, steps = data.image, range(SIZES + 1)
    films = [
        Film(image.name.replace(", ", ",<br>"), np.stack([image.x.reshape(shape)] * len(sizes))),
        Film("+ ε times the<br>sign of ∂L/∂x", (direction * sizes).T.reshape(-1, *shape)),
        Film("= what it is shown", moved.T.reshape(-1, *shape)),
    ]
    pictures, bars = films_figure(films, steps, _fooled(data, found)), _bars(recording, answers, steps, label)
    charts = [
        Chart("fool", pictures, "The image, the step and their sum", Place(1, 1, 12), *MAIN),
        Chart("fool-answer", bars, "Probability of each class", Place(2, 1, 12), *SIDE),
    ]
    metrics = {
        "ε, the step in every pixel": [number(size) for size in sizes.tolist()],
        "It says": answer_texts(recording, answers),
        f"Probability of {base.class_title(data, label)}": [share(value) for value in answers[:, label].tolist()],
    }
    ends = f"The answer stays up to the last ε, {LARGEST:g}: watch its probability."
    if found.size is not None:
        ends = "Half way through ε is just large enough to change the answer."
    moves = "Every pixel moves by the same ε, up or down, whichever raises the loss (Goodfellow et al. 2015)."
    standing = (row.argmax() == answers[0].argmax() for row in np.nan_to_num(answers))
    findings = [f"The answer {'stands' if stands else 'has changed'}" for stands in standing]
    return Play(charts, steps, metrics, findings, f"{moves} {ends}")


def _fooled(data: Any, found: FoolingStep) -> str:
    before, after = (base.class_title(data, k) for k in found.predicted)
    if found.size is None:
        return f"No step up to {LARGEST:g} changes the answer, {before}"
    return f"A step of {number(found.size, 3)} turns {before} into {after}"


def _largest(picture: np.ndarray) -> str:
    """The pixel of `[1, H, W]` that is farthest from zero, counted from 1, and what it is."""
    row, column = np.unravel_index(np.nan_to_num(np.abs(picture[0])).argmax(), picture.shape[1:])
    return f"the pixel in row {row + 1}, column {column + 1}: {number(float(picture[0, row, column]), 3)}"


def _bars(recording: Recording, shown: np.ndarray, steps: Sequence[int], wanted: int) -> go.Figure:
    return bars_figure(recording.data, shown, steps, wanted, sure=recording.network.loss_function.probability)


def _pictures(gradients: Sequence[np.ndarray]) -> np.ndarray:
    return np.stack(gradients)[:, 0]
