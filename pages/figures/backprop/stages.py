"""The stages of one step, in the order in which they are computed: forward, loss, backward, optimizer, new weights.

One stage is one frame of the player. What a stage shows, it shows on top of all earlier ones: at the end of the
backward pass every unit still has its activation beside its δ.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SYMBOLS = {"mh": "m̂", "vh": "v̂", "h": "g + λθ", "d": "Δ", "u": "update", "w": "u"}  #: of what an optimizer computes
MOST = 120  #: frames that a player takes


class Stage(NamedTuple):
    """`kind` is x, z, a, loss, delta, gradient, handed, line or new; `layer` from 1, or the number of the line."""

    kind: str
    layer: int
    title: str


def stages(layers: int, lines: list[Any], handed: str = "") -> list[Stage]:
    """All stages of a step through so many layers.

    Args:
        layers: of the network.
        lines: of the optimizer's update, as in `engine.backprop.written_update`; the last is the update itself.
        handed: why the optimizer gets another gradient than the one just computed, empty if it does not.
    """
    found = [Stage("x", 0, "input x")]
    for layer in range(1, layers + 1):
        found += [Stage("z", layer, f"z{sub(layer)}"), Stage("a", layer, f"a{sub(layer)}")]
    found.append(Stage("loss", layers, "loss L"))
    for layer in range(layers, 0, -1):
        low = sub(layer)
        found += [Stage("delta", layer, f"δ{low}"), Stage("gradient", layer, f"∂L/∂W{low}, ∂L/∂b{low}")]
    if handed:
        found.append(Stage("handed", 0, "gradient g"))
    found += [Stage("line", index, heading(line.name)) for index, line in enumerate(lines)]
    return [*found, Stage("new", 0, "new weights")]


def shown(found: Sequence[Stage], near: Sequence[int] = ()) -> np.ndarray:
    """The numbers of the stages that get a frame: all, or of very deep networks evenly spaced ones and those `near`."""
    count = len(found)
    return np.union1d(np.linspace(0, count - 1, min(count, MOST)).round(), near).astype(int)


def heading(name: str) -> str:
    """What people call a quantity of the optimizer, from its name in `engine.backprop.written_update`."""
    return SYMBOLS.get(name, name)


def sub(number: int) -> str:
    """A number as a subscript."""
    return str(number).translate(SUBSCRIPTS)
