"""One player for all the charts of a page.

Gradient descent is a film: every chart of a page shows the same step, and one player moves them all. The film
is made on the server, once: each `st.plotly_chart` figure carries `figure.frames`, one for each key frame of
the recording, named after its step and holding only what moves. Nothing is sent while it plays. `player.js`
and its parts find the charts in the container `st.container(key=scope)`, write the values of a step into them in place
and let Plotly redraw; the server hears of the step only when the person comes to rest on it.

    with st.container(key="train-metrics"):
        st.metric("Loss", "0.0312")  # the player writes metrics[k] into the texts of these, in order
    with st.container(key="train"):
        st.plotly_chart(figure, key="boundary", config={"displayModeBar": False})
    with st.bottom:
        step = player("train", steps, metrics=[["0.6931"], ..., ["0.0312"]])
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import streamlit as st

MAX_FRAMES = 120
MAX_RATE = 30

_HERE = Path(__file__).parent
#: One module, in this order.
_PARTS = ("film.js", "draw.js", "chart.js", "charts.js", "new_charts.js", "player.js")
_ICONS = {
    "first": "M6 6h2v12H6zm3.5 6 8.5 6V6z",
    "back": "M15.41 7.41 14 6l-6 6 6 6 1.41-1.41L10.83 12z",
    "play": "M8 5v14l11-7z",
    "pause": "M6 19h4V5H6zm8-14v14h4V5z",
    "forward": "M10 6 8.59 7.41 13.17 12l-4.58 4.59L10 18l6-6z",
    "last": "M6 18l8.5-6L6 6zM16 6v12h2V6z",
}


def _icon(name: str, when: str = "") -> str:
    return f'<svg viewBox="0 0 24 24" aria-hidden="true" class="{when}"><path d="{_ICONS[name]}"/></svg>'


def _button(part: str, label: str, keys: str) -> str:
    names = f'aria-label="{label}" title="{label} ({keys})"'
    return f'<button type="button" data-part="{part}" {names}>{_icon(part)}</button>'


_HTML = f"""
<div class="player" role="group" aria-label="Animation player">
  <div class="buttons">
    {_button("first", "First step", "Home")}
    {_button("back", "Step back", "left arrow")}
    <button type="button" data-part="play" aria-label="Play">
      {_icon("play", "when-paused")}{_icon("pause", "when-playing")}
      <span class="word when-paused">Play</span><span class="word when-playing">Pause</span>
    </button>
    {_button("forward", "Step forward", "right arrow")}
    {_button("last", "Last step", "End")}
  </div>
  <input type="range" min="0" max="0" step="1" data-part="scrub" aria-label="Step">
  <span data-part="count" aria-hidden="true"></span>
  <label class="speed" title="Frames a second"><span class="word" aria-hidden="true">Speed</span>
    <select data-part="speed" aria-label="Speed in frames a second"></select></label>
  <span data-part="status" role="status"></span>
</div>
"""

_component = st.components.v2.component(
    "descent_lab_player",
    html=_HTML,
    css=(_HERE / "player.css").read_text(encoding="utf-8"),
    js="\n".join((_HERE / part).read_text(encoding="utf-8") for part in _PARTS),
)


def player(
    scope: str,
    steps: Sequence[int],
    *,
    start: int | None = None,
    total: int | None = None,
    metrics: Sequence[Sequence[str]] | None = None,
    rate: int = 10,
    key: str | None = None,
) -> int | None:
    """Show the player for the charts in `st.container(key=scope)`; return the step a person came to rest on.

    Args:
        scope: Key of the container with the charts. The `st.metric` elements to write to stand in another
            one, with the key `f"{scope}-metrics"`.
        steps: Step of each key frame, [F], strictly increasing, 1 <= F <= 120. Figure frames are named
            `str(step)`; a chart that has frames for some of the steps only keeps the last earlier one.
        start: The step at which the player begins; the last one by default. Figures and metrics may be drawn at
            another: the player brings them there.
        total: The number behind the stroke of "120 / 300"; the last step by default.
        metrics: [F][number of st.metric elements] texts, one row for each step.
        rate: Key frames a second at first, 1 to 30. A person's own choice is kept.
        key: Key of the widget; `f"{scope}-player"` by default.

    Returns:
        One of `steps`, or None until the person has moved the player. Sent once on a pause, at the end of a
        scrub or after single steps, never while playing. When `steps` change it is the nearest of the new
        ones, and the new last one if it was the last.

    Raises:
        ValueError: If `steps`, `start`, `metrics` or `rate` are out of these ranges.
    """
    steps = [int(step) for step in steps]
    if not 1 <= len(steps) <= MAX_FRAMES or any(b <= a for a, b in pairwise(steps)):
        raise ValueError(f"steps must be 1 to {MAX_FRAMES} increasing integers, not these {len(steps)}: {steps}")
    start = steps[-1] if start is None else int(start)
    if start not in steps:
        raise ValueError(f"start must be one of the steps, from {steps[0]} to {steps[-1]}, not {start}")
    if metrics is not None and len(metrics) != len(steps):
        raise ValueError(f"metrics must be one row for each of the {len(steps)} steps, not {len(metrics)}")
    if not 1 <= rate <= MAX_RATE:
        raise ValueError(f"rate must be 1 to {MAX_RATE} frames a second, not {rate}")

    result = _component(
        key=key or f"{scope}-player",
        data={  # tuples: for a list Streamlit would load pandas, to see whether it is a table
            "scope": scope,
            "steps": tuple(steps),
            "start": start,
            "total": steps[-1] if total is None else int(total),
            "metrics": None if metrics is None else tuple(tuple(map(str, row)) for row in metrics),
            "rate": int(rate),
        },
        on_settled_change=lambda: None,
    )
    settled = result.settled
    if not settled:
        return None
    return steps[-1] if settled["last"] else min(steps, key=lambda step: (abs(step - settled["step"]), step))
