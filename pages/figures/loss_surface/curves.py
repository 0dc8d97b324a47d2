"""What stands beside a loss surface: the loss as the run had it and as the plane shows it, the sharpness, the line.

Each chart says in its title what is true of the present step, so that a picture that misleads says so itself.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.landscape import LossLine
from engine.landscape.stability import WORDS, Stability
from pages.common import theme
from pages.common.text import number
from pages.figures import arrays, base
from pages.figures.loss_surface.surface3d import Track, place

COLORS = dict(zip(WORDS, (theme.VERDICTS[name].color for name in ("healthy", "warning", "alarm")), strict=True))
MOST_POINTS = 600
TITLE = {"font": {"size": 13}}


def gap_figure(
    recording: Any, tracks: Sequence[Track], what: str, *, at: int = -1, height: int = theme.SIDE
) -> go.Figure:
    """The loss of each run (solid) and what `what`, "plane" or "line", shows in its place (dotted), over the steps."""
    losses = [part for track in tracks for part in (track.trail.loss, track.trail.shown)]
    main = tracks[0].trail
    seen = np.concatenate(
        [part[: track.trail.followed] for track in tracks for part in (track.trail.loss, track.trail.shown)]
    )
    log = bool((seen[np.isfinite(seen)] > 0).all())
    span = base.limits(seen, log=log)
    still, dots = [], []
    for k, track in enumerate(tracks):
        x, color = arrays.whole(track.trail.steps), track.style.color
        true, shown = (arrays.near(part, span, log) for part in losses[2 * k : 2 * k + 2])
        names = [{}, {}]
        if k == 0:
            names = [
                {"name": "the run" if len(tracks) == 1 else base.short(track.name, 16)},
                {"name": f"in the {what}"},
            ]
        elif len(tracks) < 5:
            names[0] = {"name": base.short(track.name, 16)}
        hover = f"{base.short(track.name)}, step %{{x}}<br>loss %{{y:.4g}}"
        still.append(base.scatter("lines", x, true, hover, line={"width": 2, "color": color}, **names[0]))
        if k == 0:
            line = {"width": 2, "color": color, "dash": "dot"}
            still.append(
                base.scatter("lines", x, shown, f"step %{{x}}<br>in the {what} %{{y:.4g}}", line=line, **names[1])
            )
            dots.append((track, arrays.inside(track.trail.shown, span, log)))
        dots.append((track, arrays.inside(track.trail.loss, span, log)))
    here = [[place(track.trail, step) for step in main.steps] for track, _ in dots]
    heights = arrays.single(np.stack([values[k] for (_, values), k in zip(dots, here, strict=True)], axis=1))
    misleads = main.misleads
    titles = [_gap_said(main, misleads, k, what) for k in range(len(main.steps))]
    frames = []
    for k, step in enumerate(main.steps):
        moved = [{"x": arrays.repeated(step, 2)}, {"x": arrays.repeated(step, len(dots)), "y": heights[k]}]
        frames.append(base.frame(step, range(len(still), len(still) + 2), moved, {"title": {"text": titles[k]}}))
    first = at % len(main.steps)
    colors = [track.style.color for track, _ in dots]
    marker = {"size": 8, "color": colors, "symbol": ["circle", *["circle-open"] * (len(dots) - 1)]}
    marker["line"] = {"width": 2, "color": colors}
    moving = [base.cursor(main.steps[first], "y2"), base.scatter("markers", marker=marker, **frames[first]["data"][1])]
    layout = theme.layout(
        height,
        margin={"l": 58, "b": 44},
        title={"text": titles[first]} | TITLE,
        xaxis=base.steps_axis(recording),
        yaxis=base.value_axis("loss", span, log=log),
        yaxis2=base.overlay(),
        legend={"y": 0.99, "yanchor": "top", "bgcolor": "rgba(0, 0, 0, 0)"},
        **base.event_mark(recording),
    )
    return base.Animated([*still, *moving], layout, frames)


def sharpness_figure(recording: Any, found: Stability, *, at: int = -1, height: int = theme.SIDE) -> go.Figure:
    """The sharpness over the steps, against the optimizer's own limit where it has one."""
    steps, first = recording.frames, at % len(recording.frames)
    held = found.held(len(steps))
    kept = arrays.envelope(found.limit, MOST_POINTS)
    lines = np.concatenate([found.sharpness, found.limit[kept]])
    span = base.limits(lines, log=True, margin=0.1)
    values = np.where(found.sharpness > 0, found.sharpness, np.nan)
    color = theme.OPTIMIZERS[recording.experiment.optimizer].color
    line = {"width": 2, "color": color}
    x, y = arrays.whole(steps[found.chosen]), arrays.near(values, span, log=True)
    hover = "step %{x}<br>λmax %{y:.4g}"
    still = [base.scatter("lines+markers", x, y, hover, line=line, marker={"size": 4}, name="sharpness λmax")]
    if np.isfinite(found.limit).any():
        style, limit = theme.THEORY | {"width": 2}, arrays.near(found.limit[kept], span, log=True)
        x = arrays.whole(kept)
        still.append(base.scatter("lines", x, limit, "theory: limit %{y:.4g}", line=style, name="limit (theory)"))
    dots = arrays.inside(np.where(held > 0, held, np.nan), span, log=True)
    titles = [_sharpness_said(found, held, steps, k) for k in range(len(steps))]
    frames = []
    for k, step in enumerate(steps):
        moved = [{"x": arrays.repeated(step, 2)}, {"x": arrays.repeated(step, 1), "y": dots[k : k + 1]}]
        frames.append(base.frame(step, range(len(still), len(still) + 2), moved, {"title": {"text": titles[k]}}))
    moving = [base.cursor(steps[first], "y2")]
    moving.append(base.scatter("markers", marker={"size": 9, "color": color}, **frames[first]["data"][1]))
    layout = theme.layout(
        height,
        margin={"l": 58, "b": 44},
        title={"text": titles[first]} | TITLE,
        xaxis=base.steps_axis(recording),
        yaxis=base.value_axis("λmax", span, log=True),
        yaxis2=base.overlay(),
        legend={"y": 0.99, "yanchor": "top", "bgcolor": "rgba(0, 0, 0, 0)"},
        **base.event_mark(recording),
    )
    return base.Animated([*still, *moving], layout, frames)


def section_figure(
    cut: LossLine, tracks: Sequence[Track], *, log: bool, at: int = -1, height: int = theme.MAIN
) -> go.Figure:
    """The loss along the line from start to end; the ball is where the line comes nearest to the run."""
    main = tracks[0].trail
    seen = np.concatenate([cut.line.loss, main.loss[: main.followed]])
    log = log and bool((seen[np.isfinite(seen)] > 0).all())
    span = base.limits(seen, log=log)
    ends = [float(cut.line.a[0]), float(cut.line.a[-1])]
    color = tracks[0].style.color
    neutral = {"width": 2, "color": theme.NEUTRAL}
    x, y = arrays.single(cut.line.a), arrays.near(cut.line.loss, span, log)
    still = [base.scatter("lines", x, y, "a = %{x:.3f}<br>loss %{y:.4g}", line=neutral, name="on the line")]
    for k, track in enumerate(tracks):
        x = arrays.inside(track.trail.place[:, 0], ends)
        y = arrays.near(track.trail.loss, span, log)
        line = {"width": 2, "color": track.style.color, "dash": "dot"}
        name = "of the run" if len(tracks) == 1 else base.short(track.name, 16)
        named = {"name": name} if k == 0 or len(tracks) < 5 else {}
        still.append(base.scatter("lines", x, y, "a = %{x:.3f}<br>loss of the run %{y:.4g}", line=line, **named))
    bottom = arrays.inside(cut.line.loss[[int(np.abs(cut.line.a - a).argmin()) for a in (0, 1)]], span, log)
    marker = {
        "size": [11, 9],
        "symbol": ["circle-open", "diamond"],
        "color": color,
        "line": {"width": 2, "color": color},
    }
    still.append(base.scatter("markers", arrays.whole([0, 1]), bottom, marker=marker, cliponaxis=False))
    places = arrays.inside(main.place[:, 0], ends)
    shown, true = arrays.inside(main.shown, span, log), arrays.inside(main.loss, span, log)
    frames = []
    for k, step in enumerate(main.steps):
        stem = {"x": places[[k, k]], "y": np.array([shown[k], true[k]])}
        frames.append(base.frame(step, [len(still)], [stem]))
    style = {"size": [13, 8], "symbol": ["circle", "circle-open"], "color": color, "line": {"width": 2, "color": color}}
    line = {"width": 2, "color": color}
    ball = base.scatter("lines+markers", marker=style, line=line, **frames[at % len(frames)]["data"][0])
    layout = theme.layout(
        height,
        margin={"l": 58, "b": 44},
        title={"text": "Loss on the line from start to end"} | TITLE,
        xaxis=theme.axis("a: 0 is the start, 1 the end", range=ends),
        yaxis=base.value_axis("loss", span, log=log),
        legend={"y": 0.99, "yanchor": "top", "bgcolor": "rgba(0, 0, 0, 0)"},
    )
    return base.Animated([*still, ball], layout, frames)


def residual_figure(recording: Any, tracks: Sequence[Track], *, at: int = -1, height: int = theme.MAIN) -> go.Figure:
    """How far from the line each run is, over the steps."""
    main = tracks[0].trail
    still = [
        base.scatter(
            "lines",
            arrays.whole(track.trail.steps),
            arrays.single(track.trail.residual),
            f"{base.short(track.name)}, step %{{x}}<br>%{{y:.1%}} off the line",
            line={"width": 2, "color": track.style.color},
        )
        for track in tracks
    ]
    values = arrays.single(main.residual)
    frames = []
    for k, step in enumerate(main.steps):
        moved = [{"x": arrays.repeated(step, 2)}, {"x": arrays.repeated(step, 1), "y": values[k : k + 1]}]
        frames.append(base.frame(step, range(len(still), len(still) + 2), moved))
    first = at % len(main.steps)
    marker = {"size": 9, "color": tracks[0].style.color}
    moving = [base.cursor(main.steps[first], "y2"), base.scatter("markers", marker=marker, **frames[first]["data"][1])]
    layout = theme.layout(
        height,
        margin={"l": 58, "b": 44},
        title={"text": "Distance from the line"} | TITLE,
        xaxis=base.steps_axis(recording),
        yaxis=theme.axis("share of the distance to the end", range=[-0.03, 1.03], tickformat=".0%"),
        yaxis2=base.overlay(),
    )
    return base.Animated([*still, *moving], layout, frames)


def _gap_said(trail: Any, misleads: np.ndarray, k: int, what: str) -> str:
    """What is true of the loss at a key frame."""
    if k >= trail.followed:
        return "The run has left the picture"
    word = ": it misleads" if misleads[k] else ""
    return f"Loss {number(trail.loss[k])}, in the {what} {number(trail.shown[k])}{word}"


def _sharpness_said(found: Stability, held: np.ndarray, steps: np.ndarray, k: int) -> str:
    word, limit = found.words[k], found.limit[steps[k]]
    against = f" of {number(limit)}" if np.isfinite(limit) else ""
    return f'Sharpness {number(held[k])}{against}: <span style="color:{COLORS[word]}">{word}</span>'
