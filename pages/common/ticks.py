"""Where an axis has ticks, so that they are round, can be told apart and do not touch."""

import math
from typing import Any

import numpy as np

from pages.common.text import short

FEWEST, MOST = 3, 5  #: of a log axis with less than two powers of ten
APART = 0.18  #: its ticks from each other, as a share of the axis
EVERY = (1, 2, 3, 5, 10, 20, 50, 100, 200)  #: powers of ten from one tick to the next
DECADES = (-323.0, 308.25)  #: powers of ten that a number of the browser can have
WHOLE = -300.0  #: the power of ten below which numbers lose their digits
LARGEST = float(np.finfo(np.float64).max)


def every_power(span: list[float], most: int) -> int:
    """Of how many powers of ten on a log axis one has a tick; 0 where there are not two of them.

    `span` are the ends of the axis, as powers. Two have one at least, and `most` at most where that can be.
    """
    fits = 0
    for decades in EVERY:
        count = math.floor(span[1] / decades) - math.ceil(span[0] / decades) + 1
        if count < 2:
            break
        fits = decades
        if count <= most:
            break
    return fits


def between_powers(span: list[float]) -> dict[str, Any]:
    """Ticks of a log axis with less than two powers of ten on it; Plotly's own are 2 and 5 without a power, 9 px high.

    `span` are the ends of the axis, as powers. The roundest that lie apart, until there are three; on a short axis,
    which is nearly linear, round numbers.
    """
    low, high = span
    powers = 10.0 ** np.arange(np.floor(low) - 1, min(np.ceil(high) + 1, DECADES[1]))
    ticks: list[float] = []
    for digits in ((1, 2, 5), range(1, 10)):
        with np.errstate(over="ignore", divide="ignore"):
            every = np.outer(powers, digits).ravel()
            inside = every[(np.log10(every) >= low) & (np.log10(every) <= high)]
        for tick in inside:
            if all(abs(np.log10(tick / kept)) >= APART * (high - low) for kept in ticks):
                ticks.append(float(tick))
        if len(ticks) >= FEWEST:
            return {"tickvals": sorted(ticks), "ticktext": [short(tick) for tick in sorted(ticks)]}
    ends = [10.0**low, min(10.0**high, LARGEST)]
    ticks = round_numbers(*ends, MOST) if low > WHOLE else ends
    return {"tickvals": ticks, "ticktext": [f"{tick:.15g}" for tick in ticks]}


def round_numbers(low: float, high: float, most: int) -> list[float]:
    """The multiples of 1, 2 or 5 times a power of ten from `low` to `high`, at most so many: of the smallest step."""
    power = 10.0 ** np.floor(np.log10(high - low))
    for step in power * np.array([0.1, 0.2, 0.5, 1, 2, 5]):
        first, last = np.ceil(low / step), np.floor(high / step)
        if last - first < most:
            break
    return [float(f"{count * step:.12g}") for count in np.arange(first, last + 1)]
