"""Two pictures about learning rates: the sweep that tunes each optimizer, and the schedule that bends the rate.

In the sweep each curve is one optimizer's final loss against its learning rate; a large marker is the rate it races
with. Where a run diverges or leaves the map the curve has a gap. Dashed lines are theory: beyond them the
method cannot settle in the minimum.
"""

import numpy as np
import plotly.graph_objects as go

from engine.descent import Sweep
from pages.common import theme
from pages.figures import arrays, base, scales
from pages.figures.optimizers.curves import FEWEST_LOG


def sweep_figure(
    sweep: Sweep,
    raced: dict[str, float],
    limits: dict[str, float],
    titles: dict[str, str],
    *,
    minimum: float = 0.0,
    height: int = theme.SIDE,
) -> go.Figure:
    """Final loss above `minimum` against the learning rate.

    Args:
        sweep: the runs.
        raced: the learning rate of each optimizer.
        limits: the largest stable learning rate of those that have one.
        titles: what each optimizer is called.
        minimum: taken off the losses, for a log axis; where it is not finite losses are linear.
        height: in pixels.
    """
    log = bool(np.isfinite(minimum))
    shown = np.where(sweep.stayed, sweep.final - minimum if log else sweep.final, np.nan)
    shown = np.maximum(shown, FEWEST_LOG) if log else shown
    span, traces, shapes = scales.limits(shown, log=log), [], []
    for name, curve in zip(sweep.names, shown, strict=True):
        style = theme.OPTIMIZERS[name]
        hover = f"{titles[name]}, rate %{{x:.3g}}<br>final loss %{{y:.4g}}"
        line = {"width": 1.75, "color": style.color, "dash": style.dash}
        marker = {"size": 4, "color": style.color}
        x, y = arrays.single(sweep.rates), arrays.near(curve, span, log)
        traces.append(base.scatter("lines+markers", x, y, hover, line=line, marker=marker))
        rate = raced[name]
        near = int(np.abs(np.log(sweep.rates / rate)).argmin())
        if np.isclose(sweep.rates[near], rate) and np.isfinite(curve[near]):
            big = {"size": 11, "color": style.color, "symbol": style.symbol}
            traces.append(base.scatter("markers", [rate], [float(curve[near])], hover, marker=big))
    for name, rate in limits.items():
        color = theme.OPTIMIZERS[name].color
        line = {"type": "line", "xref": "x", "yref": "paper", "x0": rate, "x1": rate, "y0": 0, "y1": 1, "name": name}
        shapes.append(line | {"line": theme.THEORY | {"color": color}})
    if limits:
        traces.append(base.key("theory", "lines", line=theme.THEORY))
    low, high = np.log10(sweep.rates[[0, -1]])
    layout = theme.layout(
        height,
        title={"text": f"Final loss against learning rate ({'both ' if log else ''}log)"},
        margin={"t": 30, "r": 8, "l": 44, "b": 36},
        xaxis=theme.axis("learning rate", log=True, range=[low - 0.1, high + 0.1], dtick=np.ceil((high - low) / 5)),
        yaxis=scales.value_axis("", span, log=log) | {"title": {"text": ""}},
        shapes=shapes,
        showlegend=bool(limits),
    )
    return go.Figure(traces, {"template": {}} | layout)


def schedule_figure(factors: np.ndarray, steps: np.ndarray, *, at: int = -1, height: int = theme.SIDE) -> go.Figure:
    """What the schedule multiplies the learning rate by, `[T]`, with a cursor at each of the key frames `steps`."""
    x = arrays.whole(np.arange(len(factors)))
    line, last = {"width": 2, "color": theme.NEUTRAL}, max(int(steps[-1]), 1)
    curve = base.scatter("lines", x, arrays.single(factors), "step %{x}<br>rate × %{y:.4g}", line=line)
    frames = [base.frame(step, [1], [{"x": arrays.repeated(step, 2)}]) for step in steps]
    layout = theme.layout(
        height,
        title={"text": "Schedule: factor of the learning rate"},
        margin={"t": 30, "r": 8, "l": 44, "b": 34},
        xaxis=theme.axis("step", range=[-0.012 * last, 1.012 * last]),
        yaxis=theme.axis("", range=[-0.03, max(1.06, 1.06 * float(factors.max()))]),
        yaxis2=base.overlay(),
        showlegend=False,
    )
    return base.Animated([curve, base.cursor(int(steps[at]), "y2")], layout, frames)
