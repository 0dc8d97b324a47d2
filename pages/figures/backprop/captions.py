"""What is said of a stage of one update: its formula above the diagram, below it the sum with its numbers, and aloud.

A chart does not know how wide it will be, and cuts off what is too wide for it. So a sum is broken before its signs
into lines that are short enough for a phone. Of a long sum only the first products are written; all the others
together are one number, so that what is written still adds up to the total.
"""

import re
from collections.abc import Sequence

import numpy as np

from engine.activations import ACTIVATIONS
from pages.common.text import number
from pages.figures.backprop.highlights import View, edge_kind, stages_of
from pages.figures.backprop.stages import Stage, shown, sub

MOST_TERMS = 4  #: of a weighted sum of which every product is written
FIRST_TERMS = 2  #: that are written of a longer sum
MOST_CHARACTERS = 58  #: of a line: some 270 pixels, which a chart still has on a screen of 320


def title_of(view: View, stage: Stage) -> str:
    """What a stage computes, as a formula; the loss with its number."""
    layer, low = stage.layer, sub(stage.layer)
    before = "x" if layer == 1 else f"a{sub(layer - 1)}"
    one = _is_one(view)
    if stage.kind == "x":
        return "Forward: the input" if one else "Forward: the input, mean over the batch"
    if stage.kind == "z":
        return f"Forward: z{low} = W{low} {before} + b{low}"
    if stage.kind == "a":
        return f"Forward: a{low} = φ(z{low}), {ACTIVATIONS[view.seen.layers[layer - 1].activation].title}"
    if stage.kind == "loss":
        return f"Loss: L = {number(view.seen.loss)}"
    if stage.kind == "delta":
        back = f"∂L/∂a{low}" if layer == len(view.seen.layers) else f"W{sub(layer + 1)}ᵀ δ{sub(layer + 1)}"
        return f"Backward: δ{low} = {back} · φ'(z{low})"
    if stage.kind == "gradient":
        return f"Backward: ∂L/∂W{low} = δ{low} {before}ᵀ, ∂L/∂b{low} = {'' if one else 'Σ '}δ{low}"
    if stage.kind == "handed":
        return "Gradient of the step: g"
    if stage.kind == "new":
        return "New weights: θ + update"
    return f"Optimizer: {stage.title}"


def worked(view: View, stage: Stage) -> list[str]:
    """The lines under a stage: its numbers, for the unit on the path and a single sample; or what makes g another."""
    if stage.kind == "handed":
        return _lines(f"g: {view.handed}")
    if not _is_one(view) or stage.kind not in ("z", "a", "delta", "gradient"):
        return []
    layer, unit = view.seen.layers[stage.layer - 1], view.path[stage.layer]
    z, a, by_a, delta = (number(part[unit, 0]) for part in (layer.z, layer.a, layer.by_a, layer.delta))
    low = f"{stage.layer}[{unit + 1}]"
    if stage.kind == "z":
        text = f"z{low} = {_sum(view, stage)} = {z}"
    elif stage.kind == "a":
        text = f"a{low} = φ({z}) = {a}"
    elif stage.kind == "delta":
        slope = "" if layer.slope is None else f"{by_a} · {number(layer.slope[unit, 0])} = "
        text = f"δ{low} = {slope}{delta}"
    else:
        source = view.path[stage.layer - 1]
        read = layer.reads[source, 0]
        name, product = f"∂L/∂W{stage.layer}[{unit + 1},{source + 1}]", read * layer.delta[unit, 0]
        text = f"{name} = {delta} · {number(read)} = {number(product)}"
    return _lines(text)


def update_findings(view: View, layers: Sequence[int], gradient: np.ndarray, difference: np.ndarray) -> list[str]:
    """What each stage that gets a frame has found, in a sentence for those who do not see the charts.

    Args:
        view: the update.
        layers: the layer of each of the n parameters that are listed, from 1.
        gradient: `[n]` by backpropagation.
        difference: `[n]` by finite differences.
    """
    every, own = stages_of(view), np.asarray(layers)
    with np.errstate(all="ignore"):
        off = np.abs(gradient - difference)
        return [_found(view, stage, off[own == stage.layer]) for stage in (every[k] for k in shown(every, view.near))]


def _found(view: View, stage: Stage, off: np.ndarray) -> str:
    """What one stage has found; `off` is how far the listed gradients of its layer are from finite differences."""
    layers, kind = view.seen.layers, stage.kind
    if kind == "x":
        return "The input goes in, nothing is computed yet"
    if kind == "loss":
        return f"The loss is {number(view.seen.loss)}, and no gradient is known yet"
    if kind in ("z", "a"):
        what = "sum" if kind == "z" else "activation"
        return f"Largest {what} of layer {stage.layer} is {_largest(getattr(layers[stage.layer - 1], kind))}"
    if kind == "delta":
        size, last = (np.linalg.norm(layer.delta) for layer in (layers[stage.layer - 1], layers[-1]))
        share = "" if stage.layer == len(layers) else f", {number(size / last, 2)} of the last layer's"
        return f"Error signal of layer {stage.layer} has the size {number(size)}{share}"
    if kind == "gradient":
        found = f"Largest gradient of layer {stage.layer} is {_largest(_trained(view, kind, stage.layer))}"
        return f"{found}; finite differences differ by at most {number(off.max(), 2)}" if off.size else found
    if kind == "handed":
        return f"The optimizer gets another gradient, of which the largest is {_largest(view.edges[kind])}"
    if kind == "new":
        change = np.abs(_trained(view, kind) - _trained(view, "weight"))
        return f"Weights and biases change by at most {_largest(change)}"
    return f"Largest {stage.title} is {_largest(view.edges[edge_kind(stage)])}"


def _trained(view: View, kind: str, layer: int | None = None) -> np.ndarray:
    """The values of a kind of edge for all that is trained, or for what a layer has of it; no running averages."""
    names = (name for name in view.layout.names if layer in (None, view.layout.layers[name]))
    return np.concatenate([view.layout.view(view.edges[kind], name).ravel() for name in names])


def _largest(values: np.ndarray) -> str:
    """The value that is farthest from zero."""
    flat = np.ravel(values)
    return number(flat[np.abs(flat).argmax()])


def _sum(view: View, stage: Stage) -> str:
    """The products of weights and what they read, and the bias, if any; of many the first, and the rest in one."""
    layer, unit = view.seen.layers[stage.layer - 1], view.path[stage.layer]
    weights, read = layer.weight[unit], layer.reads[:, 0]
    written = len(read) if len(read) <= MOST_TERMS else FIRST_TERMS
    terms = [f"{number(w)} · {number(x)}" for w, x in zip(weights[:written], read[:written], strict=True)]
    if more := len(read) - written:
        terms.append(f"{more} more terms ({number(weights[written:] @ read[written:])} in all)")
    if (biases := f"b{stage.layer}") in view.layout.names:
        terms.append(number(view.layout.view(view.edges["weight"], biases)[unit]))
    return " + ".join(terms)


def _lines(text: str) -> list[str]:
    """`text` broken before plus and equals signs and after commas."""
    first, *others = re.split(r" (?=[+=] )|(?<=,) ", text)
    lines = [first]
    for part in others:
        if len(lines[-1]) + 1 + len(part) > MOST_CHARACTERS:
            lines.append(part)
        else:
            lines[-1] += f" {part}"
    return lines


def _is_one(view: View) -> bool:
    return view.seen.x.shape[1] == 1
