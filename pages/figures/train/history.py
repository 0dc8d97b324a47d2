"""Loss and accuracy over the steps, for train and test, with a cursor at the step that the player shows.

The curves are drawn once and stay; only the cursor and the dots on the curves move. Where the objective that
descent really follows is not the loss on the whole training part, because it is taken on mini-batches or
with penalties, it is the faint line behind. The end of a run that diverged is marked with its step.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.figures import arrays, base, scales

MOST_POINTS = 1200  #: of the line of every step
SPLIT = 0.38  #: share of the height that belongs to the accuracy
GAP = 0.1  #: between the two, as a share of the height


def history_figure(
    recording: Any, pinned: Any = None, *, log: bool = False, at: int = -1, height: int = theme.SIDE
) -> go.Figure:
    """Loss, and accuracy where there are classes, over the steps; the cursor moves with the key frames.

    Args:
        recording: the run.
        pinned: another run, A, whose curves are drawn in grey.
        log: draw the loss on a logarithmic axis.
        at: the key frame of the first picture.
        height: in pixels.
    """
    steps, span = recording.frames, _loss_span([recording, *([] if pinned is None else [pinned])], log)
    _, first = base.chosen_frames(recording, at, 1)
    losses = _parts(recording.train_loss, recording.test_loss)
    panels = [("y", "loss", arrays.near(losses, span, log), arrays.inside(losses, span, log))]
    if recording.train_accuracy is not None:
        both = arrays.single(_parts(recording.train_accuracy, recording.test_accuracy))
        panels.append(("y2", "accuracy", both, both))
    still = [*_pinned(pinned, span, log, len(panels)), *_objective(recording, span, log)]
    moving = [base.cursor(steps[first], "y3")]
    for axis, name, curves, dots in panels:
        for part, style, curve in zip(("train", "test"), (theme.TRAIN, theme.TEST), curves.T, strict=False):
            named = {"name": part} if axis == "y" else {}
            hover = f"step %{{x}}<br>{part} {name} %{{y:.4g}}"
            still.append(base.scatter("lines", arrays.whole(steps), curve, hover, yaxis=axis, line=style, **named))
        moving.append(_dots(steps[first], dots[first], axis))
    indices = range(len(still), len(still) + len(moving))
    frames = []
    for k, step in enumerate(steps):
        here = arrays.repeated(step, losses.shape[1])
        moved = [{"x": here, "y": dots[k]} for _, _, _, dots in panels]
        frames.append(base.frame(step, indices, [{"x": arrays.repeated(step, 2)}, *moved]))
    return base.Animated([*still, *moving], _layout(recording, span, log, height), frames)


def _parts(train: np.ndarray, test: np.ndarray | None) -> np.ndarray:
    """A column for each part of the data: the test part has none where nothing is held back."""
    return np.stack([train] if test is None else [train, test], axis=1)


def _pinned(pinned: Any, span: list[float], log: bool, panels: int) -> list[dict[str, Any]]:
    """The curves of A: grey, those of the test part dashed."""
    if pinned is None:
        return []
    series = [("y", "loss", pinned.train_loss, pinned.test_loss)]
    if panels > 1 and pinned.train_accuracy is not None:
        series.append(("y2", "accuracy", pinned.train_accuracy, pinned.test_accuracy))
    curves, x = [], arrays.whole(pinned.frames)
    for axis, name, *parts in series:
        for part, values, dash in zip(("train", "test"), parts, ("solid", "dash"), strict=True):
            if values is None:
                continue
            drawn = arrays.near(values, span, log) if axis == "y" else arrays.single(values)
            named = {"name": "A"} if axis == "y" and part == "train" else {}
            line = {"color": theme.NEUTRAL, "width": 1.5, "dash": dash}
            hover = f"A, step %{{x}}<br>{part} {name} %{{y:.4g}}"
            curves.append(base.scatter("lines", x, drawn, hover, yaxis=axis, line=line, **named))
    return curves


def differs(recording: Any) -> bool:
    """Whether the objective of the steps is something else than the loss on the whole training part."""
    objective = recording.loss[recording.frames]
    return not np.allclose(objective, recording.train_loss, rtol=1e-3, atol=0, equal_nan=True)


def _objective(recording: Any, span: list[float], log: bool) -> list[dict[str, Any]]:
    if not differs(recording):
        return []
    kept = arrays.envelope(recording.loss, MOST_POINTS)
    line = {"width": 1, "color": theme.faded(theme.TRAIN["color"], 0.35)}
    hover, name = "step %{x}<br>objective %{y:.4g}", "objective of each step"
    x, y = arrays.whole(kept), arrays.near(recording.loss[kept], span, log)
    return [base.scatter("lines", x, y, hover, name=name, line=line)]


def _dots(step: int, parts: np.ndarray, axis: str) -> dict[str, Any]:
    colors = [theme.TRAIN["color"], theme.TEST["color"]][: len(parts)]
    marker = {"size": 8, "symbol": ["circle", "circle-open"][: len(parts)], "color": colors}
    marker["line"] = {"width": 2, "color": colors}
    here = arrays.repeated(step, len(parts))
    return base.scatter("markers", here, parts, yaxis=axis, marker=marker, cliponaxis=False)


def _loss_span(runs: list[Any], log: bool) -> list[float]:
    """The range of the losses; on a linear axis a run that diverges leaves it through the top."""
    reach = []
    for run in runs:
        seen = [_parts(run.train_loss, run.test_loss).ravel(), run.loss if differs(run) else []]
        values = np.concatenate(seen)
        if not log and run.event is not None and run.event.kind == "diverged":
            values = values[values <= 10 * values[0]]
        reach.append(values)
    return scales.limits(np.concatenate(reach), log=log)


def _layout(recording: Any, span: list[float], log: bool, height: int) -> dict[str, Any]:
    graded = recording.train_accuracy is not None
    axes = {"xaxis": scales.steps_axis(recording), "yaxis3": base.overlay()}
    axes["yaxis"] = scales.value_axis("loss", span, log=log, domain=[SPLIT if graded else 0, 1])
    if graded:
        low = scales.limits(_parts(recording.train_accuracy, recording.test_accuracy))[0]
        room = {"range": [max(low, -0.03), 1.03], "domain": [0, SPLIT - GAP]}
        axes["yaxis2"] = theme.axis("accuracy", nticks=2, automargin=True, **room)
        axes["xaxis"]["anchor"] = "y2"
    title = "Loss and accuracy" if graded else "Loss"
    return theme.layout(height, title={"text": title}, **axes, **base.event_mark(recording))
