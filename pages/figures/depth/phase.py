"""Phase diagrams: which depths and which variances let a gradient through.

Depth against σw: the colour is the measured log10 of first-layer over last-layer gradient, orange where it vanishes
and blue where it explodes; the dashed line is the edge of chaos, the dotted ones 6ξ, the depth to which a
network can be trained. The (σw², σb²) plane shows χ1 alone. A ring marks the network; a click moves it there:
invisible points, one in each cell, receive the click, because Plotly does not select cells of a map.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.depth.phase_diagram import Diagram, VariancePlane
from pages.common import theme
from pages.figures import arrays, base

DECADES = 12.0  #: the colour is full where the gradient is that many powers of ten from 1


def phase_figure(diagram: Diagram, std: float, depth: int, *, height: int = theme.MAIN) -> go.Figure:
    """The map of a `diagram`, with its theory and the network at σw = `std` and `depth`."""
    x, y = diagram.stds, diagram.depths
    limit = max(1.0, min(DECADES, float(np.nanmax(np.abs(np.where(np.isfinite(diagram.ratios), diagram.ratios, 0.0))))))
    hover = "σw %{x:.3g}, %{y} layers<br>first / last gradient 10<sup>%{customdata:.2f}</sup>"
    traces = [_map(diagram.ratios, x, y, limit, "first / last<br>gradient", _powers)]
    trainable = np.where(diagram.trainable <= 1.2 * y[-1], diagram.trainable, np.nan)
    below = np.where(x < diagram.critical, trainable, np.nan)
    above = np.where(x > diagram.critical, trainable, np.nan)
    dotted = theme.THEORY | {"width": 2.5, "dash": "dot", "color": theme.NEUTRAL}
    traces += [
        base.scatter("lines", arrays.single(x), arrays.single(line), "6ξ = %{y:.3g} layers", line=dotted)
        for line in (below, above)
    ]
    traces.append(base.key("6ξ", "lines", line=dotted))
    if diagram.critical <= x[-1]:
        traces.append(_edge([diagram.critical] * 2, y[[0, -1]], "critical σw %{x:.4g}", "critical (theory)"))
    traces += [_targets(x, y, diagram.ratios, hover), _here(std, depth)]
    return _figure(traces, "Gradient, first layer over last, measured", "σw", x, "depth (hidden layers)", y, height)


def plane_figure(
    plane: VariancePlane, weight_variance: float, bias_variance: float, *, height: int = theme.MAIN
) -> go.Figure:
    """χ1 over the (σw², σb²) plane, with the edge of chaos and the network."""
    x, y = plane.weight_variances, plane.bias_variances
    with np.errstate(divide="ignore"):
        chi = np.log10(plane.susceptibilities)
    hover = "σw² %{x:.3g}, σb² %{y:.3g}<br>χ1 = 10<sup>%{customdata:.3f}</sup>"
    traces = [_map(chi, x, y, 1.0, "χ1", lambda tick: f"{10.0**tick:.2g}")]
    on = np.where(plane.critical <= x[-1], plane.critical, np.nan)
    traces.append(_edge(on, y, "edge: σw² %{x:.4g}", "edge of chaos, theory"))
    traces += [_targets(x, y, chi, hover), _here(weight_variance, bias_variance)]
    return _figure(traces, "χ1, theory", "σw²", x, "σb²", y, height)


def _figure(
    traces: list[Any], title: str, across: str, x: np.ndarray, up: str, y: np.ndarray, height: int
) -> go.Figure:
    """Clickable, with an axis from the first to the last cell each way."""
    sides = {"xaxis": theme.axis(across, range=_ends(x)), "yaxis": theme.axis(up, range=_ends(y))}
    layout = theme.layout(height, title={"text": title}, **sides, clickmode="event+select", dragmode=False)
    return go.Figure(traces, {"template": {}} | layout)


def _edge(x: Any, y: Any, hover: str, name: str) -> dict[str, Any]:
    """The line of theory at which gradients keep their size."""
    style = {"line": theme.THEORY | {"width": 2.5}, "name": name}
    return base.scatter("lines", arrays.single(x), arrays.single(y), hover, **style)


def _map(z: np.ndarray, x: Any, y: Any, limit: float, title: str, tick: Any) -> dict[str, Any]:
    ticks = np.linspace(-limit, limit, 5)
    bar = {"thickness": 10, "outlinewidth": 0, "tickvals": ticks.tolist(), "ticktext": [tick(t) for t in ticks]}
    trace = {"type": "heatmap", "x": arrays.single(x), "y": arrays.single(y), "z": arrays.single(z)}
    trace |= {"zmin": -limit, "zmax": limit, "colorscale": theme.SIGNED, "colorbar": bar | {"title": {"text": title}}}
    return trace | {"hoverinfo": "skip"}


def _powers(tick: float) -> str:
    return f"10<sup>{tick:.2g}</sup>".replace("-", "−")


def _targets(x: np.ndarray, y: np.ndarray, z: np.ndarray, hover: str) -> dict[str, Any]:
    """Points that nobody sees, one in each cell, to be pointed at and clicked."""
    across, up = np.meshgrid(x, y)
    unseen = {"marker": {"opacity": 0}}
    marker = {"size": 14, "symbol": "square", "opacity": 0}
    more = {"marker": marker, "selected": unseen, "unselected": unseen, "customdata": arrays.single(z.ravel())}
    return base.scatter("markers", arrays.single(across.ravel()), arrays.single(up.ravel()), hover, **more)


def _here(x: float, y: float) -> dict[str, Any]:
    marker = {"size": 15, "color": "rgba(0, 0, 0, 0)", "line": {"width": 3, "color": "#7b50c7"}}
    seen = {"marker": {"opacity": 1}}
    more = {"selected": seen, "unselected": seen, "name": "you are here", "cliponaxis": False}
    return base.scatter("markers", [x], [y], marker=marker, **more)


def _ends(values: np.ndarray) -> list[float]:
    half = (values[1] - values[0]) / 2
    return [float(values[0] - half), float(values[-1] + half)]
