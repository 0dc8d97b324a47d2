"""One update stage by stage: the network lights up, forward, back and into the new weights.

Signals come from the input, so on the way forward a unit shows its z and then its a, and an edge its weight. On the
way back a unit shows its δ beside it, and an edge the gradient; then what the optimizer makes of it. A unit or an
edge that has not been reached is grey. Colours are signed, blue positive and orange negative, on the scale of the
quantity, as the numbers beside them say. Networks with more than 40 weights light up along one path only; of those
too large for edges nothing but the path is drawn. Numbers stand beside the units and the edges of the path alone,
where they do not lie over each other; those of all others are under the pointer. For a whole batch, z and a are means
over its samples and δ is the sum.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.common import theme
from pages.common.text import number
from pages.figures import arrays, base, diagram, edges
from pages.figures.backprop.captions import title_of, worked
from pages.figures.backprop.highlights import (
    Edges,
    State,
    Unit,
    View,
    drawn_graph,
    edge_kind,
    edge_names,
    has_edges,
    lit_units,
    stages_of,
    units_of,
)
from pages.figures.backprop.stages import Stage, shown

MOST_LAYERS = 5  #: of which all units on the path keep their numbers; of more only the active layer shows them
THIRD = np.array([0.65, 0.35], np.float32)  #: of the way along an edge, where edges lie apart
NOT_YET = "not reached yet"
LINE = 16  #: pixels of a line of the text below
LEFT, RIGHT, BOTTOM = -0.35, 1.15, -0.78  #: where the picture ends, at the right beyond the last layer
NOWHERE = {
    "x": arrays.single([np.nan]),
    "y": arrays.single([np.nan]),
}  #: in place of what comes and goes: see `diagram`
PALE, WAITING = theme.faded(theme.NEUTRAL, 0.35), theme.faded(theme.NEUTRAL, 0.3)


def stage_metrics(view: View) -> tuple[np.ndarray, list[tuple[str, str, str]]]:
    """The numbers of the stages that get a frame, and what each adds in three texts.

    The texts are: what is computed, that of the unit on the path, and that of the chosen parameter.
    """
    units, every, lit = units_of(view), stages_of(view), lit_units(view)
    own, index = int(view.part[1:]), view.layout.indices(view.part)[view.place]
    kind, rows = "weight", []
    for stage in every:
        unit = number(view.seen.loss) if stage.kind == "loss" else "–"
        if stage.kind in ("x", "z", "a", "delta"):
            value = getattr(units[stage.layer], "a" if stage.kind == "x" else stage.kind)
            unit = number(value[lit[stage.layer][0]])
        if stage.kind in ("handed", "line", "new") or (stage.kind == "gradient" and stage.layer == own):
            kind = edge_kind(stage)
        rows.append((stage.title, unit, number(view.edges[kind][index])))
    chosen = shown(every, view.near)
    return chosen, [rows[k] for k in chosen]


def backprop_figure(view: View, *, at: int = -1, height: int = theme.MAIN) -> go.Figure:
    """The network as the stages light it up; frames are named by the stages' numbers, `at` is the first one's place."""
    every = stages_of(view)
    chosen = shown(every, view.near)
    drawn, real = drawn_graph(view)
    lit, units = lit_units(view), units_of(view)
    values = {kind: np.asarray(numbers, np.float64)[real.index] for kind, numbers in view.edges.items()}
    limits = {kind: max(float(np.abs(np.nan_to_num(part)).max(initial=0)), 1e-300) for kind, part in values.items()}
    spans = {
        kind: max(*(float(np.abs(np.nan_to_num(getattr(unit, kind))).max()) for unit in units), 1e-300)
        for kind in ("a", "z", "delta")
    }
    rows = [drawn.unit_y[drawn.unit_x == layer] for layer in range(len(view.sizes))]
    state = State(len(view.sizes))
    frames = []
    for index, stage in enumerate(every):
        state.enter(stage)
        if index not in chosen:
            continue
        kinds = np.repeat(np.array(state.edge_kinds, dtype=object), real.per_layer)
        numbers = np.array([values[kind][i] if kind else np.nan for i, kind in enumerate(kinds)])
        scale = np.array([limits[kind] if kind else 1.0 for kind in kinds])
        lines = edges.bins(np.where(real.lit, np.nan_to_num(numbers / scale), 0.0)[None], np.ones(1))[0]
        moved = [
            *edges.segments(drawn, lines),
            _edge_numbers(drawn, real, view, stage, numbers),
            _ring(stage, rows, lit),
            _colours(state, units, spans, lit) | _of_units(state, units, lit),
            _texts(state, units, rows, lit, stage, upper=True),
            _texts(state, units, rows, lit, stage, upper=False),
            _loss(view, state),
            base.said("<br>".join(worked(view, stage))),
            {"text": np.array([NOT_YET if np.isnan(value) else number(value) for value in numbers[real.lit]])},
        ]
        title = {"title": {"text": f"<b>{title_of(view, stage)}</b>"}}
        frames.append(base.frame(index, range(1, 1 + len(moved)), moved, title))
    first = frames[at]
    traces = [_waiting(drawn), *edges.edge_lines(first["data"][: edges.LINES])]
    traces += _still(view, drawn, real, rows, first["data"][edges.LINES :], height)
    lines = max(1, *(len(worked(view, stage)) for stage in every))
    layout = theme.layout(
        height,
        **first["layout"],
        margin={"l": 4, "r": 4, "b": 18 + LINE * lines},
        meta={"heads": LINE},  # for the number over the highest unit
        xaxis={"visible": False, "range": [LEFT, len(view.sizes) - 1 + RIGHT], "fixedrange": True},
        yaxis={"visible": False, "range": [BOTTOM, -BOTTOM], "fixedrange": True},
    )
    return base.Animated([*traces, _mark(drawn, real, view, rows)], layout, frames)


def _edge_numbers(drawn: edges.Graph, real: Edges, view: View, stage: Stage, numbers: np.ndarray) -> dict[str, Any]:
    """Numbers beside the edges of the path that a stage is about: that of its layer, or all if they are few."""
    layers = np.repeat(np.arange(1, len(real.per_layer) + 1), real.per_layer)
    if stage.kind in ("z", "gradient"):
        about = layers == stage.layer
    elif stage.kind in ("handed", "line", "new"):
        few = len(view.sizes) <= MOST_LAYERS
        about = np.full(len(layers), few) if few or real.chosen is None else np.arange(len(layers)) == real.chosen
    else:
        about = np.full(len(layers), False)
    shown_ = real.on_path & about
    ends = [part[shown_, 1:].astype(np.float64) for part in (drawn.edge_x, drawn.edge_y)]
    x, y = (part.mean(axis=1) for part in ends)
    return _written(x, y, [number(value, 3) for value in numbers[shown_]])


def _written(x: Any, y: Any, texts: list[str]) -> dict[str, Any]:
    if not texts:
        return NOWHERE | {"text": np.array([""])}
    return {"x": arrays.single(x), "y": arrays.single(y), "text": np.array(texts)}


def _ring(stage: Stage, rows: list[np.ndarray], lit: list[list[int]]) -> dict[str, Any]:
    """A ring round the units that a stage computes."""
    layer = {"x": 0}.get(stage.kind, stage.layer)
    if stage.kind not in ("x", "z", "a", "delta"):
        return NOWHERE
    y = rows[layer][lit[layer]]
    return {"x": arrays.single(np.full(len(y), layer)), "y": y}


def _colours(state: State, units: list[Unit], spans: dict[str, float], lit: list[list[int]]) -> dict[str, Any]:
    """Each unit in the colour of its newest number, on the scale of that quantity; grey before."""
    colours, opacity = [], []
    for upper, lower, unit, on in zip(state.upper, state.lower, units, lit, strict=True):
        kind = lower or upper
        values = getattr(unit, kind) / spans[kind] if kind else np.zeros(len(unit.a))
        bright = np.full(len(values), 0.35)
        bright[on if kind else []] = 1.0
        colours.append(np.where(bright == 1.0, values, 0.0))
        opacity.append(bright)
    return {
        "marker": {"color": arrays.single(np.concatenate(colours)), "opacity": arrays.single(np.concatenate(opacity))}
    }


def _of_units(state: State, units: list[Unit], lit: list[list[int]]) -> dict[str, Any]:
    """What the pointer says of each unit: the numbers that it has so far."""
    texts = []
    for layer, (upper, lower, unit, on) in enumerate(zip(state.upper, state.lower, units, lit, strict=True)):
        kinds = [kind for kind in (upper, lower) if kind]
        for place in range(len(unit.a)):
            said = [f"{_called(kind, layer)} {number(getattr(unit, kind)[place])}" for kind in kinds if place in on]
            texts.append("<br>".join(said) or NOT_YET)
    return {"text": np.array(texts)}


def _called(kind: str, layer: int) -> str:
    return {"a": "x" if layer == 0 else "a", "z": "z", "delta": "δ"}[kind]


def _texts(
    state: State, units: list[Unit], rows: list[np.ndarray], lit: list[list[int]], stage: Stage, *, upper: bool
) -> dict[str, Any]:
    """Numbers of the units on the path, above them (forward) or below them (back)."""
    x, y, texts = [], [], []
    for layer, kind in enumerate(state.upper if upper else state.lower):
        busy = stage.kind in ("x", "z", "a", "delta", "gradient") and stage.layer == layer
        if not kind or (len(units) > MOST_LAYERS and not busy):
            continue
        unit = lit[layer][0]
        x.append(layer)
        y.append(rows[layer][unit])
        texts.append(f"{_called(kind, layer)} {number(getattr(units[layer], kind)[unit])}")
    return _written(x, y, texts)


def _loss(view: View, state: State) -> dict[str, Any]:
    return {"text": np.array([f"L = {number(view.seen.loss)}" if state.loss else "L"])}


def _waiting(drawn: edges.Graph) -> dict[str, Any]:
    line = {"width": 1, "color": WAITING}
    return base.scatter("lines", drawn.edge_x.reshape(-1), drawn.edge_y.reshape(-1), line=line)


def _still(
    view: View, drawn: edges.Graph, real: Edges, rows: list[np.ndarray], moved: list[Any], height: int
) -> list[Any]:
    """The traces after the edges, in the order of the frames, each with its first state."""
    size = float(np.clip(0.3 * (height - 80) / max(map(len, rows)), 8, 26))
    numbers, ring, colours, upper, lower, loss, sums, told = moved
    marker = {"size": size, "line": {"width": 1, "color": theme.NEUTRAL}, "colorscale": diagram.BIASES}
    marker |= {"cmin": -1, "cmax": 1, **colours["marker"]}
    hollow = {"size": size + 9, "symbol": "circle-open", "color": theme.NEUTRAL, "line": {"width": 2}}
    gap = "<br>" * max(1, round(size / 15))
    third = (part[real.lit, 1:].astype(np.float32) @ THIRD for part in (drawn.edge_x, drawn.edge_y))
    above = {"textposition": "top center", "texttemplate": f"%{{text}}{gap}"}
    below = {"textposition": "bottom center", "texttemplate": f"{gap}%{{text}}"}
    return [
        base.scatter("text", **numbers, textposition="top center", textfont={"size": 12}),
        base.scatter("markers", **ring, marker=hollow, cliponaxis=False),
        base.scatter(
            "markers", drawn.unit_x, drawn.unit_y, "%{text}", text=colours["text"], marker=marker, cliponaxis=False
        ),
        base.scatter("text", **upper, **above, cliponaxis=False),
        base.scatter("text", **lower, **below, cliponaxis=False),
        base.scatter(
            "text",
            arrays.single([len(view.sizes) - 1.02 + RIGHT]),
            arrays.single([0.0]),
            **loss,
            textposition="middle left",  # ends where the picture does
            textfont={"size": 13},
        ),
        base.words("", LEFT, BOTTOM) | sums,
        base.scatter("none", *third, "%{customdata} %{text}", customdata=edge_names(view), **told),
    ]


def _mark(drawn: edges.Graph, real: Edges, view: View, rows: list[np.ndarray]) -> dict[str, Any]:
    """A broad pale line under the chosen weight, or round the unit of the chosen bias."""
    if real.chosen is not None:
        x, y = drawn.edge_x[real.chosen, 1:], drawn.edge_y[real.chosen, 1:]
        return base.scatter("lines", x, y, line={"width": 14, "color": PALE})
    layer = int(view.part[1:])
    unit = view.path[layer] if has_edges(view) else 0
    marker = {"size": 40, "color": PALE}
    return base.scatter("markers", arrays.whole([layer]), rows[layer][unit : unit + 1], marker=marker)
