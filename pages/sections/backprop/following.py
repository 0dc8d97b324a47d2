"""The formulas beside the charts follow the stage that plays, and are covered with what has not been played.

The player moves without the server, so a small script of the page watches it (`following.js`).
"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from pages.figures.backprop.stages import Stage

GRADIENT, CHAIN, UPDATE = "formula_gradient", "formula_chain", "formula_update"  #: keys of their containers

_component = st.components.v2.component(
    "descent_lab_following",
    html="<span hidden></span>",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def follow(every: Sequence[Stage], layer: int) -> None:
    """Mark the formulas of the gradient of `layer` while their stages play; after they have been shown."""
    _component(key="following", data=[list(span) for span in spans(every, layer)])


def spans(every: Sequence[Stage], layer: int) -> list[tuple[str, int, int]]:
    """The key of each block of formulas, and the numbers of the first and of the last stage that it is about.

    The chain runs from the loss back to the gradient of the layer, which then is the sum over all paths.
    """
    kinds = [stage.kind for stage in every]
    known = next(i for i, stage in enumerate(every) if stage.kind == "gradient" and stage.layer == layer)
    first = next(i for i, kind in enumerate(kinds) if kind in ("handed", "line", "new"))
    return [(CHAIN, kinds.index("loss"), known), (GRADIENT, known, first - 1), (UPDATE, first, len(every) - 1)]
