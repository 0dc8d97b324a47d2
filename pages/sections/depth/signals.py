"""Depth, before training: the size of signal and gradient in each layer beside theory, and the units themselves."""

import numpy as np
import streamlit as st

from engine.activations import ACTIVATIONS
from engine.depth import over_seeds
from engine.mean_field import TRAINABLE_DEPTH_SCALES
from pages.common import theme
from pages.common.app.head import Head
from pages.common.glossary import caption
from pages.common.lesson.classroom import undecided
from pages.common.link.page_settings import AT, told
from pages.common.runs.near import steps_near
from pages.common.text import count, number, plain
from pages.figures.depth.histogram import Units, activation_bounds, activations_figure, gradients_figure
from pages.figures.depth.profile import STYLES, Curve, passes, profile_figure
from pages.sections.depth.charts import MAIN, SIDE, show
from pages.sections.depth.start import Start


def signals(starts: list[Start], names: list[str], head: Head) -> None:
    """Sizes of signal and gradient in each layer beside theory, and the units of one layer after the other.

    While a lesson asks what will come out, nothing beside its covered charts says it.
    """
    depth, known = starts[0].deep.depth, [] if undecided() else starts
    played, _ = passes(depth)
    near = steps_near(told(AT), played).tolist()
    steps, places = passes(depth, near)
    seen = {"depth": depth, "near": near}
    shown = {"Pass": [f"{way} {layer}" for way, layer in places]}
    shown |= {"Growth χ": [number(starts[0].chi)] * len(steps), "Scale ξ": [_layers(starts[0])] * len(steps)}
    for name, each in zip(names, known, strict=False):
        of = "" if name == names[0] else f", {name}"
        shown |= {
            f"First / last{of}": [number(each.signals.ratio, 3)] * len(steps),
            f"By theory{of}": [number(each.theory.ratio, 3)] * len(steps),
        }
    with st.container(horizontal=True, gap="small"):
        for name, each in zip(("network", "remedy"), known, strict=False):
            look = theme.VERDICTS[each.finding.severity]
            st.badge(f"{name}: {each.finding.word}", icon=look.icon, color=look.badge, help=plain(each.finding.measure))
    forward = [_curve(name, each.signals.forward, each.theory.forward, i) for i, (name, each) in _each(names, starts)]
    back = [_curve(name, *_clipped(each), i) for i, (name, each) in _each(names, starts)]
    units = [Units(n, e.signals.activations, e.remarks, STYLES[i]) for i, (n, e) in _each(names, starts)]
    deltas = [Units(n, e.signals.deltas, [], STYLES[i]) for i, (n, e) in _each(names, starts)]
    bounds = activation_bounds([e.signals.activations[0] for e in starts], [e.limits for e in starts])
    charts = {
        "forward": (
            profile_figure(forward, "forward", title="Signal per layer, forward", axis="rms of z", **seen),
            "Size of the pre-activations in each layer, measured and predicted",
            MAIN,
        ),
        "back": (
            profile_figure(back, "back", title="Gradient per layer, backward", axis="norm of δ", **seen),
            "Norm of the gradient in each layer, measured and predicted",
            MAIN,
        ),
        "units": (
            activations_figure(units, bounds, _tails(starts[0]), near=near),
            "Histogram of the activations of the layer that the player has reached",
            SIDE,
        ),
        "deltas": (
            gradients_figure(deltas, near=near),
            "Histogram of the gradients of the layer that the player has reached",
            SIDE,
        ),
    }
    runs = count(len(starts[0].signals.forward), "network")
    measured, summed = (plain(f"{text} ") if known else "" for text in (starts[0].finding.measure, _summary(starts[0])))
    says = (
        (
            f"{measured}Press play: the signal goes forward, then a random gradient of unit size comes "
            "back from the output."
        ),
        (
            f"{summed}Solid: root mean square over {runs} drawn at random, the band from the smallest "
            "to the largest; dashed: mean-field theory, exact for infinite width. On a log axis a straight line is a "
            "constant factor a layer, √χ for the gradient. Clipping multiplies the whole gradient by one number; its "
            "curves are after it."
        ),
    )
    show(
        head,
        "signals",
        charts,
        played,
        near=near,
        asks=len(played) < 2 * depth,
        metrics=shown,
        findings=[_found(known, names, *place) for place in places],
        total=2 * depth,
        captions=[" ".join(says)],
    )
    caption(*says)
    for name, each in zip(names, known, strict=False):
        if each.departure:
            caption(plain(each.departure if len(starts) == 1 else f"{name}: {each.departure}"))


def _found(starts: list[Start], names: list[str], way: str, layer: int) -> str:
    """What a pass has found in the layer that it is at, beside theory, for those who do not see the charts."""
    said = []
    for name, each in zip(names, starts, strict=False):
        sizes, theory = over_seeds(each.signals.forward), each.theory.forward
        what, entry = f"Signal at layer {layer}", 0
        if way == "back":
            (values, theory), what, entry = _clipped(each), f"Gradient at layer {layer}", -1
            sizes = over_seeds(values)
        with np.errstate(all="ignore"):
            share, predicted = (part[layer - 1] / part[entry] for part in (sizes, theory))
        of = "" if len(starts) == 1 else f"{name}: "
        whose = "the first layer's" if way == "forward" else "the last hidden layer's"
        size = f"{number(share, 2)} of {whose}" if sizes[entry] else number(sizes[layer - 1], 2)
        expected = f", by theory {number(predicted, 2)}" if theory[entry] else ""
        said.append(f"{of}{what} is {size}{expected}")
    return "; ".join(said)


def _curve(name: str, values: np.ndarray, theory: np.ndarray, index: int) -> Curve:
    return Curve(name, values, over_seeds(values), theory, STYLES[index])


def _clipped(each: Start) -> tuple[np.ndarray, np.ndarray]:
    """The gradients of the hidden layers after clipping, measured and predicted."""
    factors = each.signals.clipping
    return each.signals.backward[:, :-1] * factors[:, None], each.theory.backward[:-1] * over_seeds(factors)


def _each(names: list[str], starts: list[Start]) -> list[tuple[int, tuple[str, Start]]]:
    return list(enumerate(zip(names, starts, strict=False)))


def _tails(each: Start) -> list[tuple[float, float]]:
    """The saturated ranges of the activation of a network; none where it cannot saturate."""
    inner = ACTIVATIONS[each.deep.activation].saturation
    return [] if inner is None else [(each.limits[0], inner[0]), (inner[1], each.limits[1])]


def _layers(each: Start) -> str:
    return "infinite" if not np.isfinite(each.depth_scale) or each.depth_scale > 1e6 else number(each.depth_scale, 3)


def _summary(each: Start) -> str:
    scale = each.depth_scale
    if not np.isfinite(scale) or scale > 1e6:
        return "χ is 1: by theory the gradient keeps its size at any depth."
    way = "shrinks" if each.chi < 1 else "grows"
    reach = TRAINABLE_DEPTH_SCALES * scale
    return (
        f"E‖δ‖² {way} by χ = {number(each.chi)} a layer; by theory trainable to about 6ξ = {number(reach, 3)} layers."
    )
