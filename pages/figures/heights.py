"""Heights of a loss surface: linear or logarithmic, cut off at the top, and labelled with the loss they stand for.

Near a minimum a linear height is flat: nothing of the last half of a run is to be seen. So heights may be

    log₁₀(L - L_min + ε),    ε = (L_top - L_min)/1000,

where ε keeps the lowest point of the picture finite. Ticks and hovers always say the loss itself. Walls far above the
path are cut off, or they would press all else flat; where the loss is not finite the surface has a hole.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.landscape import Trajectory
from pages.common.text import number, short
from pages.figures import base

DECADES = 3  #: that a logarithmic height spans
PERCENTILE = 92  #: of the surface, above which it is cut off
TICKS = 3  #: more of them lie over each other where the axis is seen from near its end


class Heights(NamedTuple):
    """How losses become heights."""

    log: bool
    low: float
    """The lowest loss of the picture."""
    top: float
    """The loss at which heights are cut off."""

    @property
    def spare(self) -> float:
        """ε, which keeps the logarithm of the lowest point finite."""
        return (self.top - self.low) / 10**DECADES

    def of(self, loss: Any) -> np.ndarray:
        """Heights of losses of any shape; nan where a loss is not finite."""
        values = np.asarray(loss, dtype=np.float64)
        cut = np.where(np.isfinite(values), np.clip(values, self.low, self.top), np.nan)
        return np.log10(cut - self.low + self.spare) if self.log else cut

    @property
    def span(self) -> tuple[float, float]:
        """The lowest and the highest height."""
        low, high = self.of([self.low, self.top])
        return float(low), float(high)

    def axis(self) -> dict[str, Any]:
        """Ticks and range of the axis of heights, which reads as the loss; its title is `note`."""
        low, high = self.span
        places = np.linspace(low, high, TICKS)
        losses = 10**places - self.spare + self.low if self.log else places
        texts = [short(float(f"{loss:.2g}")) for loss in losses]
        room = 0.04 * (high - low)
        return {
            "title": {"text": ""},
            "tickvals": places.tolist(),
            "ticktext": texts,
            "range": [low - room, high + 3 * room],
        }

    def note(self) -> dict[str, Any]:
        """What heights are, in the corner: beside its axis a title would be far out, where a phone has no room."""
        what = "log of the loss above its lowest" if self.log else "loss"
        return base.note(f"height: {what}", x=0.01, y=0.99, yanchor="top")

    def said(self, surface: np.ndarray) -> str:
        """What a caption has to say of the heights of a surface."""
        words = (
            f"Heights are log₁₀(L − {number(self.low, 3)} + {number(self.spare, 2)})"
            if self.log
            else "Heights are linear"
        )
        with np.errstate(invalid="ignore"):
            above = (surface > self.top).mean()
        return words + (f", cut off at a loss of {number(self.top, 3)}." if above else ".")


def heights_of(surface: np.ndarray, trajectories: Sequence[Trajectory], *, log: bool) -> Heights:
    """Heights that show a surface (any shape) and all of the trajectories on it, as far as they are followed."""
    finite = surface[np.isfinite(surface)].astype(np.float64)
    lines = [part[: run.followed] for run in trajectories for part in (run.loss, run.projected_loss)]
    path = np.concatenate(lines)
    path = path[np.isfinite(path)]
    both = np.concatenate([finite, path])
    if not len(both):
        return Heights(log, 0.0, 1.0)
    low = both.min()
    top = max(np.percentile(finite, PERCENTILE) if len(finite) else low, path.max(initial=low))
    return Heights(log, float(low), float(top if top > low else low + max(abs(low) * 1e-6, 1e-12)))
