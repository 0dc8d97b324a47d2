"""Depth, direction by direction: singular values of the Jacobian, and one matrix used again and again."""

import numpy as np

from engine.activations import ACTIVATIONS
from engine.depth import Deep, Recurrence, over_seeds, singular_values
from engine.depth import recurrence as recur
from engine.depth.jacobians import WEIGHTS
from engine.mean_field import susceptibility
from engine.work import jacobian_work, recurrence_work
from pages.common.app.head import Head
from pages.common.glossary import caption
from pages.common.link.controls import control
from pages.common.runs.cache import kept
from pages.common.text import count, inside, listed, number
from pages.figures.depth.spectra import eigenvalues_figure, recurrence_figure, spectrum_figure
from pages.sections.depth.charts import MAIN, show
from pages.sections.depth.settings import SETTINGS

MOST = 96  #: units of a layer whose singular values are taken


def jacobian(deep: Deep, seed: int, head: Head) -> None:
    """Singular values of the input-output Jacobian after each layer, of Gaussian and orthogonal weights."""
    w, b, depth = deep.inner_weight_variance, deep.bias_variance, deep.depth
    layers = np.arange(1, depth + 1)
    growth = {name: float(susceptibility(name, w, b)) for name in ("linear", deep.activation)}
    charts, found = {}, {}
    for key, activation in (("linear", "linear"), ("chosen", deep.activation)):
        spectra = {
            kind.capitalize(): _spectra(deep.replace(activation=activation), kind, seed, head) for kind in WEIGHTS
        }
        found[activation] = spectra
        title = f"Singular values of the Jacobian, {_called(activation)}"
        figure = spectrum_figure(title, spectra, growth[activation], layers)
        about = f"Sorted singular values of a {_called(activation)} network, Gaussian and orthogonal"
        charts[key] = (figure, about, MAIN)
    shown = {"Layer": [str(layer) for layer in layers]}
    for name, chi in growth.items():
        shown[f"By theory √χ^l, {_called(name)}"] = [number(chi ** (layer / 2), 3) for layer in layers]
    says = (
        (
            "Look how far the curves fall: with Gaussian weights most directions of the signal die out with depth. "
            "With orthogonal weights and linear layers none does."
        ),
        (
            f"These are plain networks at σw² = {w:.4g}. The growth χ says only what happens on average: with Gaussian "
            "weights the singular values spread with every layer, even where χ = 1; with orthogonal weights and linear "
            "layers all of them stay exactly σw^l. A nonlinear activation spreads them again, the less so the smaller "
            "the signal."
        ),
    )
    more = {"metrics": shown, "findings": [_spread(found, layer) for layer in layers], "captions": [" ".join(says)]}
    show(head, "jacobian", charts, layers.tolist(), **more)
    caption(*says)


def _spread(found: dict[str, dict[str, np.ndarray]], layer: int) -> str:
    """How far apart the directions are after a layer, for those who do not see the charts."""
    said = []
    for activation, spectra in found.items():
        ends = []
        for kind, of in spectra.items():
            known = of[layer - 1][np.isfinite(of[layer - 1])]  # others are lost to rounding
            below = " or less" if len(known) < of.shape[1] else ""
            ends.append(f"{kind} {number(known[0], 2)} to {number(known[-1], 2)}{below}" if len(known) else f"{kind} 0")
        said.append(f"Singular values after layer {layer}, {_called(activation)}: {', '.join(ends)}")
    return "; ".join(said)


def _called(activation: str) -> str:
    return inside(ACTIVATIONS[activation].title)


def _spectra(deep: Deep, kind: str, seed: int, head: Head) -> np.ndarray:
    variances, width = (deep.inner_weight_variance, deep.bias_variance), min(deep.width, MOST)
    return kept(
        ("spectra", deep.activation, *variances, deep.depth, width, kind, seed),
        lambda _progress: singular_values(
            deep.activation, *variances, deep.depth, width=width, weights=kind, seed=seed
        ),
        lambda: jacobian_work(deep.depth, width),
        head,
        "This spectrum",
    )


def recurrence(deep: Deep, seed: int, head: Head) -> None:
    """The same matrix at every step of time: eigenvalues, and ρ^T."""
    rho = control(SETTINGS["radius"])
    steps = deep.depth
    names = tuple(dict.fromkeys(("linear", deep.activation)))
    curves = kept(
        ("recurrence", names, rho, steps, deep.width, seed),
        lambda _progress: {name: recur(name, rho, steps, width=deep.width, seed=seed) for name in names},
        lambda: recurrence_work(steps, deep.width, len(names)),
        head,
        "This recurrence",
    )
    drawn = {_called(name): found for name, found in curves.items()}
    charts = {
        "recurrent": (recurrence_figure(drawn), "Gradient over the steps back in time, with theory", MAIN),
        "eigenvalues": (eigenvalues_figure(curves["linear"]), "Eigenvalues and the unit circle", MAIN),
    }
    says = (
        (
            "Move the spectral radius ρ: below 1 the far past is forgotten, above 1 gradients explode. A recurrent "
            "network is a deep one whose layers share one matrix."
        ),
        (
            "Going back T steps multiplies by the matrix T times, so that in the long run its largest eigenvalue "
            "decides: ρ^T. Clipping is the usual cure of gradients that explode. A saturating activation takes more "
            "away at every step."
        ),
    )
    findings = [_left(drawn, step) for step in range(steps + 1)]
    show(head, "recurrence", charts, range(steps + 1), findings=findings, captions=[" ".join(says)])
    caption(*says)


def _left(curves: dict[str, Recurrence], step: int) -> str:
    """What is left of the gradient so many steps back, for those who do not see the charts."""
    sizes = [f"{number(over_seeds(found.norms)[step], 2)} ({name})" for name, found in curves.items()]
    predicted = next(iter(curves.values())).predicted[step]
    return f"{count(step, 'step')} back the gradient is {listed(sizes)}, by theory {number(predicted, 2)}"
