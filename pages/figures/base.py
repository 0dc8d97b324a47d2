"""What all charts share: figures that move, their pieces, and what they take from a recording.

A chart is sent whole before its first picture, so its size is waiting time: a frame holds only what moves, in
the form that `arrays` gives it. A chart that would still be too large, or too much work for the network,
moves in fewer frames; the player leaves a chart at its last earlier frame where it has none.
"""

from collections.abc import Sequence
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.figures import arrays

FRAME_BYTES = 440_000  #: characters that the frames of one chart may take: four charts stay near 1 MB
WORK = 3e8  #: multiply-adds that the network may spend on one chart, about 50 ms


class Animated(go.Figure):
    """A figure that stays plain dictionaries until somebody reads it.

    Plotly checks every property of every trace and every frame and copies every array three times, which takes longer
    than training the network. Here all is checked when `data`, `layout` or `frames` is read, as tests do; sending the
    figure encodes it as it is, from `plain`. It cannot be changed afterwards.
    """

    def __init__(self, data: Any = None, layout: Any = None, frames: Sequence[Any] = ()):
        self._plain = {"data": list(data or ()), "layout": {"template": {}} | (layout or {}), "frames": tuple(frames)}

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(self._plain.values())

    @property
    def plain(self) -> dict[str, Any]:
        """Traces, layout and frames as they were given, arrays as arrays."""
        return self._plain

    @cached_property
    def data(self) -> tuple[Any, ...]:
        """The traces as Plotly objects, checked."""
        return go.Figure(self._plain["data"]).data

    @cached_property
    def layout(self) -> go.Layout:
        """The layout as a Plotly object, checked."""
        return go.Figure(layout=self._plain["layout"]).layout

    @cached_property
    def frames(self) -> tuple[go.Frame, ...]:
        """The frames as Plotly objects, checked."""
        return go.Figure(frames=list(self._plain["frames"])).frames

    def to_dict(self) -> dict[str, Any]:
        """The figure as dictionaries, arrays encoded, as `to_json` takes it."""
        plain = {key: part for key, part in self._plain.items() if key != "frames" or part}
        return arrays.encoded(plain)


# Pieces of figures


def scatter(mode: str, x: Any, y: Any, hover: str = "", **more: Any) -> dict[str, Any]:
    """A trace of lines, markers or text; in the legend with a `name`, under the pointer with a `hover`."""
    trace = {"type": "scatter", "mode": mode, "x": x, "y": y, "showlegend": "name" in more}
    trace |= {"hovertemplate": f"{hover}<extra></extra>"} if hover else {"hoverinfo": "skip"}
    return trace | more


def heatmap(z: np.ndarray, x: Any, y: Any, top: int, colors: Any, hover: str = "", **more: Any) -> dict[str, Any]:
    """A map of whole levels `z` from 0 to `top`, without a colour bar."""
    trace = {"type": "heatmap", "x": x, "y": y, "z": z, "zmin": 0, "zmax": top, "colorscale": colors}
    trace |= {"hovertemplate": f"{hover}<extra></extra>"} if hover else {"hoverinfo": "skip"}
    return trace | {"showscale": False} | more


def key(name: str, mode: str, **style: Any) -> dict[str, Any]:
    """A line of the legend that stands for no trace of its own."""
    return scatter(mode, [None], [None], name=name, **style)


def frame(step: int, traces: Sequence[int], data: Sequence[Any], layout: Any = None) -> dict[str, Any]:
    """What changes at `step`: `data[i]` replaces properties of the trace number `traces[i]`."""
    moved = {"name": str(step), "traces": list(traces), "data": list(data)}
    return moved | {"layout": layout} if layout else moved


def cursor(step: int, axis: str) -> dict[str, Any]:
    """The vertical line at the step that the player shows, on an `overlay` axis."""
    return scatter("lines", arrays.repeated(step, 2), arrays.whole([0, 1]), yaxis=axis, line=theme.CURSOR)


def reached_at(steps: Any) -> dict[str, Any]:
    """For a trace whose points a run came to at these steps, NaN at a gap: its future is pale, or covered."""
    return {"meta": {"steps": arrays.single(steps)}}


def overlay() -> dict[str, Any]:
    """An invisible axis from 0 to 1 over the whole height, on which a cursor spans the chart at any zoom."""
    return {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True, "domain": [0, 1]}


def note(text: str, **place: Any) -> dict[str, Any]:
    """A line of text in the chart, by default at its bottom left."""
    base = {"xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "bottom"}
    return base | {"showarrow": False, "text": text, "font": {"size": 12}} | place


def words(text: str, x: Any, y: Any, place: str = "bottom right", **more: Any) -> dict[str, Any]:
    """A line of text in the chart that frames may change: a `note` that changes has the whole chart drawn again."""
    style = {"textposition": place, "textfont": {"size": 12}, "cliponaxis": False}
    return scatter("text", np.array([float(x)]), np.array([float(y)]), **said(text), **style, **more)


def said(text: str) -> dict[str, Any]:
    """What `words` say from a step on; a space where that is nothing, as Plotly forgets the place of an empty text."""
    return {"text": np.array([text or " "])}


def event_mark(recording: Any) -> dict[str, Any]:
    """Layout that marks, over the steps, where a run diverged or was stopped; empty where it did not."""
    event = recording.event
    if event is None:
        return {}
    diverged = event.kind == "diverged"
    color = theme.VERDICTS["alarm"].color if diverged else theme.NEUTRAL
    line = {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": event.step,
        "x1": event.step,
        "y0": 0,
        "y1": 1,
    }
    word = f"{'× diverged' if diverged else 'stopped early'} at step {event.step:,}"
    side = {"xanchor": "right", "xshift": -4} if event.step > recording.steps / 2 else {"xshift": 4}
    text = note(word, xref="x", x=event.step, y=1, yanchor="top", **side)
    return {"shapes": [line | {"line": {"color": color, "width": 1.5}}], "annotations": [text]}


def pale(colors: list[list[Any]], opacity: float) -> list[list[Any]]:
    """A scale of `#rrggbb` or `rgba(...)` colours made more transparent: points on a map stand out."""

    def faded(color: str) -> str:
        if color.startswith("#"):
            return theme.faded(color, opacity)
        red, green, blue, alpha = color.removeprefix("rgba(").removesuffix(")").split(",")
        return f"rgba({red},{green},{blue}, {float(alpha) * opacity:.4g})"

    return [[place, faded(color)] for place, color in colors]


def short(name: str, most: int = 12) -> str:
    """A user's name of at most `most` characters, free of what Plotly would read as markup or as a value."""
    cut = name if len(name) <= most else f"{name[: most - 1]}…"
    return escape(cut, quote=False).replace("%{", "% {")


# What the recording gives


def chosen_frames(recording: Any, at: int, characters: float, work: float = 0) -> tuple[np.ndarray, int]:
    """Which key frames a chart draws, and where among them the first picture is.

    Those that are looked at closely are among them, as many as there is room for, the nearest to the rest first.

    Args:
        recording: gives the number of key frames F.
        at: the key frame of the first picture, -F..F-1.
        characters: of JSON that one frame takes.
        work: multiply-adds that one frame takes.

    Returns:
        Indices of key frames, with the first, the last, the rest and `at` among them; the place of `at`.
    """
    count = len(recording.frames)
    if not -count <= at < count:
        raise ValueError(f"at={at} must be from {-count} to {count - 1}, the key frames of the recording")
    room = int(min(FRAME_BYTES / characters, WORK / work if work else count, count))
    chosen = recording.spread(room)
    if at % count not in chosen:
        chosen = np.union1d(recording.spread(room - 1), [at % count])
    return chosen, int(np.searchsorted(chosen, at % count))


def outputs(recording: Any, chosen: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The network's output `[F, K, N]` on `x[d, N]` in the `chosen` key frames, in float32 where that will do."""
    params, forward = recording.params[chosen], recording.network.forward
    with np.errstate(all="ignore"):
        shown = forward(params.astype(np.float32), x.astype(np.float32))
        return shown if np.isfinite(shown).all() else forward(params, x)


def displayed(recording: Any, chosen: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The same as a person is shown it: probabilities, or numbers in the units of the target."""
    with np.errstate(all="ignore"):
        shown = recording.network.loss_function.display(outputs(recording, chosen, x))
        return in_units(recording.data, shown)


def class_title(data: Any, label: int) -> str:
    """What a class is called: its name, or "class 1" where that is a number."""
    name = data.class_names[label]
    return f"class {name}" if name.isdigit() else short(name)


def in_units(data: Any, values: Any) -> Any:
    """Targets or outputs of a regression in the units of the user's table, whose targets are standardised."""
    return values if data.labels is not None else values * data.target_std + data.target_mean
