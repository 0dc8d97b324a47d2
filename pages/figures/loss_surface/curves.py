"""What stands beside a loss surface: the loss as the run had it and as the plane shows it, the sharpness, the line.

Each chart says in its title what is true of the present step, so that a picture that misleads says so itself.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.landscape import LossLine, Trajectory
from engine.landscape.stability import WORDS, Stability
from pages.common import theme
from pages.common.text import number
from pages.figures import arrays, base, scales
from pages.figures.loss_surface.surface3d import Series, place
from pages.figures.step_charts import cursor_and_dots

VERDICTS = dict(zip(WORDS, (theme.VERDICTS[name] for name in ("healthy", "warning", "alarm")), strict=True))
LIMIT_POINTS = 600  #: of the line of the limit, at the most
MOST_NAMED = 4  #: runs in a legend; of more only the first is named


def gap_figure(
    recording: Any, series: Sequence[Series], what: str, *, at: int = -1, height: int = theme.SIDE
) -> go.Figure:
    """The loss of each run (solid) and what `what`, "plane" or "line", shows in its place (dotted), over the steps."""
    main = series[0].trajectory
    parts = [(run.trajectory.loss, run.trajectory.projected_loss) for run in series]
    seen = np.concatenate([p[: run.trajectory.followed] for run, pair in zip(series, parts, strict=True) for p in pair])
    log = bool((seen[np.isfinite(seen)] > 0).all())
    span = scales.limits(seen, log=log)
    still, dots = [], []
    for run, (loss, projected) in zip(series, parts, strict=True):
        x, line = arrays.whole(run.trajectory.steps), {"width": 2, "color": run.style.color}
        hover = f"{base.short(run.name)}, step %{{x}}<br>loss %{{y:.4g}}"
        named = _named(run, series, "the run")
        still.append(base.scatter("lines", x, arrays.near(loss, span, log), hover, line=line, **named))
        if run is series[0]:
            hover, more = f"step %{{x}}<br>in the {what} %{{y:.4g}}", {"line": line | {"dash": "dot"}}
            near = arrays.near(projected, span, log)
            still.append(base.scatter("lines", x, near, hover, name=f"in the {what}", **more))
            dots.append((run, arrays.inside(projected, span, log)))
        dots.append((run, arrays.inside(loss, span, log)))
    heights = [values[[place(run.trajectory, step) for step in main.steps]] for run, values in dots]
    colors = [run.style.color for run, _ in dots]
    marker = {"size": 8, "color": colors, "symbol": ["circle", *["circle-open"] * (len(dots) - 1)]}
    marker["line"] = {"width": 2, "color": colors}
    misleads = main.misleads
    titles = [_gap_said(main, misleads, k, what) for k in range(len(main.steps))]
    heights = arrays.single(np.stack(heights, axis=1))
    moving, frames = cursor_and_dots(main.steps, heights, marker, first=len(still), at=at, titles=titles)
    more = {"yaxis": scales.value_axis("loss", span, log=log)} | base.event_mark(recording)
    return base.Animated([*still, *moving], _over_steps(recording, height, titles[at], **more), frames)


def sharpness_figure(
    recording: Any, found: Stability, every: np.ndarray | None = None, *, at: int = -1, height: int = theme.SIDE
) -> go.Figure:
    """The sharpness over the steps, against the optimizer's own limit where it has one.

    With mini-batches it is the batch sharpness that settles, at a line of its own: both are drawn in bold. A frame for
    each of the steps `every`, by default the key frames: between these, what the last one found is held.
    """
    steps, color = recording.frames, theme.OPTIMIZERS[recording.experiment.optimizer].color
    every = steps if every is None else every
    reached = np.searchsorted(steps, every, side="right") - 1
    pairs = [("sharpness λmax", "limit (theory)", found.sharpness, found.limit)]
    if found.batch_sharpness is not None:
        pairs = [(f"{name}, full batch", f"its {limit}", *more) for name, limit, *more in pairs]
        pairs.append(("batch sharpness", "its limit, small batches (theory)", found.batch_sharpness, found.batch_limit))
    kept = [arrays.envelope(limit, LIMIT_POINTS) for *_, limit in pairs]
    values = [part for (*_, sharp, limit), k in zip(pairs, kept, strict=True) for part in (sharp, limit[k])]
    span = scales.limits(np.concatenate(values), log=True, margin=0.1)
    still = []
    for i, (name, limit_name, sharp, limit) in enumerate(pairs):
        bold = sharp is pairs[-1][2]
        x, y = arrays.whole(steps[found.chosen]), arrays.near(np.where(sharp > 0, sharp, np.nan), span, log=True)
        line, marker = {"width": 2 if bold else 1, "color": color}, {"size": 4 if bold else 2}
        hover = "step %{x}<br>λmax %{y:.4g}" if i == 0 else "step %{x}<br>batch sharpness %{y:.4g}"
        still.append(base.scatter("lines+markers", x, y, hover, line=line, marker=marker, name=name))
        if np.isfinite(limit).any():
            style, y = theme.THEORY | {"width": 2 if bold else 1}, arrays.near(limit[kept[i]], span, log=True)
            hover = "theory: limit %{y:.4g}"
            still.append(base.scatter("lines", arrays.whole(kept[i]), y, hover, line=style, name=limit_name))
    sharp, limit = found.settling
    held = found.held(sharp, len(steps))[reached]
    dots = arrays.inside(np.where(held > 0, held, np.nan), span, log=True)[:, None]
    what = "Sharpness" if found.batch_sharpness is None else "Batch sharpness"
    words = [found.words[k] for k in reached]
    titles = [_sharpness_said(what, *of) for of in zip(held, limit[every], words, strict=True)]
    marker = {"size": 9, "color": color}
    moving, frames = cursor_and_dots(every, dots, marker, first=len(still), at=at, titles=titles)
    more = {"yaxis": scales.value_axis("λmax", span, log=True)} | base.event_mark(recording)
    return base.Animated([*still, *moving], _over_steps(recording, height, titles[at], **more), frames)


def residual_figure(recording: Any, series: Sequence[Series], *, at: int = -1, height: int = theme.MAIN) -> go.Figure:
    """How far from the line each run is, over the steps."""
    main = series[0].trajectory
    still = [
        base.scatter(
            "lines",
            arrays.whole(run.trajectory.steps),
            arrays.single(run.trajectory.residual),
            f"{base.short(run.name)}, step %{{x}}<br>%{{y:.1%}} off the line",
            line={"width": 2, "color": run.style.color},
        )
        for run in series
    ]
    dots, marker = arrays.single(main.residual)[:, None], {"size": 9, "color": series[0].style.color}
    moving, frames = cursor_and_dots(main.steps, dots, marker, first=len(still), at=at)
    axis = theme.axis("share of the distance to the end", range=[-0.03, 1.03], tickformat=".0%")
    layout = _over_steps(recording, height, "Distance from the line", yaxis=axis)
    return base.Animated([*still, *moving], layout, frames)


def line_figure(
    cut: LossLine, series: Sequence[Series], *, log: bool, at: int = -1, height: int = theme.MAIN
) -> go.Figure:
    """The loss along the line from start to end; the ball is where the line comes nearest to the run."""
    main, color = series[0].trajectory, series[0].style.color
    seen = np.concatenate([cut.line.loss, main.loss[: main.followed]])
    log = log and bool((seen[np.isfinite(seen)] > 0).all())
    span = scales.limits(seen, log=log)
    ends = [float(cut.line.a[0]), float(cut.line.a[-1])]
    x, y = arrays.single(cut.line.a), arrays.near(cut.line.loss, span, log)
    neutral = {"width": 2, "color": theme.NEUTRAL}
    still = [base.scatter("lines", x, y, "a = %{x:.3f}<br>loss %{y:.4g}", line=neutral, name="on the line")]
    for run in series:
        x = arrays.inside(run.trajectory.coordinates[:, 0], ends)
        y = arrays.near(run.trajectory.loss, span, log)
        line, hover = {"width": 2, "color": run.style.color, "dash": "dot"}, "a = %{x:.3f}<br>loss of the run %{y:.4g}"
        still.append(base.scatter("lines", x, y, hover, line=line, **_named(run, series, "of the run")))
    bottom = arrays.inside(cut.line.loss[[int(np.abs(cut.line.a - a).argmin()) for a in (0, 1)]], span, log)
    line = {"width": 2, "color": color}
    marker = {"size": [11, 9], "symbol": ["circle-open", "diamond"], "color": color, "line": line}
    still.append(base.scatter("markers", arrays.whole([0, 1]), bottom, marker=marker, cliponaxis=False))
    places = arrays.inside(main.coordinates[:, 0], ends)
    shown, true = arrays.inside(main.projected_loss, span, log), arrays.inside(main.loss, span, log)
    frames = []
    for k, step in enumerate(main.steps):
        stem = {"x": places[[k, k]], "y": np.array([shown[k], true[k]])}
        frames.append(base.frame(step, [len(still)], [stem]))
    marker = {"size": [13, 8], "symbol": ["circle", "circle-open"], "color": color, "line": line}
    ball = base.scatter("lines+markers", marker=marker, line=line, **frames[at % len(frames)]["data"][0])
    more = {"xaxis": theme.axis("a: 0 is the start, 1 the end", range=ends)}
    more["yaxis"] = scales.value_axis("loss", span, log=log)
    return base.Animated([*still, ball], _layout(height, "Loss on the line from start to end", **more), frames)


def _layout(height: int, title: str, **more: Any) -> dict[str, Any]:
    return theme.layout(height, margin={"l": 58, "b": 44}, title={"text": title, "font": {"size": 13}}, **more)


def _over_steps(recording: Any, height: int, title: str, **more: Any) -> dict[str, Any]:
    """The layout of a chart over the steps of a run, with a cursor."""
    return _layout(height, title, xaxis=scales.steps_axis(recording), yaxis2=base.overlay(), **more)


def _named(run: Series, series: Sequence[Series], alone: str) -> dict[str, str]:
    """The name of a run in the legend, where it has one: `alone` without others beside it."""
    if len(series) == 1:
        return {"name": alone}
    return {"name": base.short(run.name, 24)} if run is series[0] or len(series) <= MOST_NAMED else {}


def _gap_said(main: Trajectory, misleads: np.ndarray, k: int, what: str) -> str:
    """What is true of the loss at a key frame."""
    if k >= main.followed:
        return "The run has left the picture"
    word = ": it misleads" if misleads[k] else ""
    return f"Loss {number(main.loss[k])}, in the {what} {number(main.projected_loss[k])}{word}"


def _sharpness_said(what: str, value: float, limit: float, word: str) -> str:
    against = f" of {number(limit)}" if np.isfinite(limit) else ""
    return f'{what} {number(value)}{against}: <span style="color:{VERDICTS[word].color}">●</span> {word}'
