"""The scale of a measure, of heights or of colours: from which value to which, and whether on a logarithm.

It is one where the values lie far apart, and said so. A loss far beyond the others, that of a run that nearly diverged,
would leave one colour to all of these: the scale ends before it, `top`, which its title says, and what lies beyond is
an arrow, ↑, with its number in the hover, in the cell and in the table.
"""

from typing import Any, NamedTuple

import numpy as np

from pages.common import theme
from pages.common.text import number
from pages.figures import base, scales

APART = 30  #: from this ratio on values are shown on a logarithm
ARROW = "↑"
BEYOND = {"symbol": "triangle-up", "size": 11, "color": theme.NEUTRAL}


class Scale(NamedTuple):
    """`low` and `high` are the ends, in powers of ten where `log`; values above `top` lie beyond."""

    low: float
    high: float
    log: bool
    top: float
    within: np.ndarray
    """The values on the scale, `[n]`."""

    def at(self, values: np.ndarray) -> np.ndarray:
        """Where values lie on the scale."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log10(values) if self.log else values

    def beyond(self, values: np.ndarray) -> np.ndarray:
        """Which values lie beyond the scale, bool of their shape."""
        return values > self.top

    @property
    def span(self) -> list[float]:
        """The range of an axis for it, as Plotly wants it."""
        return scales.limits(self.within, log=self.log)

    @property
    def end(self) -> float:
        """The value at the end of that axis."""
        return 10.0 ** self.span[1] if self.log else self.span[1]

    def is_past_end(self, value: float) -> bool:
        """Whether a value is beyond the scale, or a mean between what is on it and that."""
        return value > min(self.top, self.end)

    def arrows(self, x: np.ndarray, values: np.ndarray, name: str = "") -> list[dict[str, Any]]:
        """Arrows at the end of an axis for what lies beyond of `values[n]` at `x[n]`, with their numbers."""
        far = self.beyond(values)
        if not far.any():
            return []
        hover = f"{name}%{{x}}: %{{customdata:.4g}}"
        how = {"marker": BEYOND, "cliponaxis": False, "customdata": values[far], "showlegend": False}
        return [base.scatter("markers", x[far], np.full(np.count_nonzero(far), self.end), hover, **how)]

    def titled(self, title: str) -> str:
        """A title that says what the scale is."""
        said = ["log"] * self.log + [f"{ARROW} above {number(self.top, 2)}"] * bool(np.isfinite(self.top))
        return f"{title} ({', '.join(said)})" if said else title

    def bar(self) -> dict[str, Any]:
        """The scale of colours."""
        ticks = np.linspace(self.low, self.high, 5)
        texts = [number(10.0**tick if self.log else tick, 2) for tick in ticks]
        return {"thickness": 10, "outlinewidth": 0, "tickvals": ticks.tolist(), "ticktext": texts}


def scale_of(values: np.ndarray, top: float = np.inf, *, straight: bool = False) -> Scale:
    """The scale of all finite values `[n]`; of those up to `top` where one lies beyond. No logarithm if `straight`."""
    finite = values[np.isfinite(values)]
    within = finite[finite <= top]
    top = top if len(within) < len(finite) else np.inf
    if not len(within):
        return Scale(0.0, 1.0, log=False, top=top, within=within)
    low, high = float(within.min()), float(within.max())
    log = not straight and low > 0 and high / low > APART
    if log:
        low, high = float(np.log10(low)), float(np.log10(high))
    return Scale(low, high if high > low else low + 1, log, top, within)
