"""The axes of figures: their ranges, which hold what is finite, and their ticks, which can be told apart."""

from typing import Any

import numpy as np

from pages.common import theme
from pages.common.text import short

FEWEST_TICKS, MOST_TICKS = 3, 5  #: of a log axis of a decade or less
APART = 0.18  #: its ticks from each other, as a share of the axis
DECADES = (-323.0, 308.25)  #: powers of ten that a number of the browser can have
WHOLE = -300.0  #: the power of ten below which numbers lose their digits
LARGEST = float(np.finfo(np.float64).max)


def steps_axis(recording: Any, **more: Any) -> dict[str, Any]:
    """The axis of the steps, up to the last one or to the event that ended the run."""
    last = max(recording.steps, recording.event.step if recording.event else 0, 1)
    return theme.axis("step", range=[-0.012 * last, 1.012 * last], **more)


def value_axis(title: str, span: list[float], *, log: bool, **more: Any) -> dict[str, Any]:
    """An axis over a range from `limits`; a log axis says so and is labelled at powers of ten, a short one between."""
    more |= {"range": span, "nticks": 5, "automargin": True, "exponentformat": "power"}
    if log:
        decades = span[1] - span[0]
        most = 5 if decades < 9 else 4  # powers of two digits are high
        more |= {"dtick": int(np.ceil(decades / most))} if decades > 1.2 else _between_powers(span)
    return theme.axis(f"{title} (log)" if log else title, log=log, **more)


def _between_powers(span: list[float]) -> dict[str, Any]:
    """Ticks of a log axis of a decade or less: Plotly's own, 2 and 5 without their power, would be 9 px high.

    The roundest first, and as many as lie apart; on a short axis, which is nearly linear, round numbers.
    """
    low, high = span
    powers = 10.0 ** np.arange(np.floor(low) - 1, min(np.ceil(high) + 1, DECADES[1]))
    ticks: list[float] = []
    for digits in ((1, 2, 5), np.arange(1, 10)):
        with np.errstate(over="ignore", divide="ignore"):
            every = np.outer(powers, digits).ravel()
            inside = every[(np.log10(every) >= low) & (np.log10(every) <= high)]
        for tick in inside:
            if all(abs(np.log10(tick / kept)) >= APART * (high - low) for kept in ticks):
                ticks.append(float(tick))
        if len(ticks) >= FEWEST_TICKS:
            return {"tickvals": sorted(ticks), "ticktext": [short(tick) for tick in sorted(ticks)]}
    ends = [10.0**low, min(10.0**high, LARGEST)]
    ticks = round_numbers(*ends, MOST_TICKS) if low > WHOLE else ends
    return {"tickvals": ticks, "ticktext": [f"{tick:.15g}" for tick in ticks]}


def round_numbers(low: float, high: float, most: int) -> list[float]:
    """The multiples of 1, 2 or 5 times a power of ten from `low` to `high`, at most so many: of the smallest step."""
    power = 10.0 ** np.floor(np.log10(high - low))
    for step in power * np.array([0.1, 0.2, 0.5, 1, 2, 5]):
        first, last = np.ceil(low / step), np.floor(high / step)
        if last - first < most:
            break
    return [float(f"{count * step:.12g}") for count in np.arange(first, last + 1)]


def limits(values: Any, *, log: bool = False, margin: float = 0.06) -> list[float]:
    """A range round the finite values (log: the positive ones, in powers of ten), with a margin."""
    flat = np.asarray(values, dtype=np.float64).ravel()
    flat = flat[np.isfinite(flat) & ((flat > 0) | (not log))]
    if not len(flat):
        return [-1.0, 1.0]
    low, high = np.log10([flat.min(), flat.max()]) if log else (flat.min(), flat.max())
    pad = 2 * margin * (high / 2 - low / 2) or (0.5 if log else abs(low) * 0.1 or 1.0)
    with np.errstate(over="ignore"):
        low, high = np.clip([low - pad, high + pad], *(DECADES if log else (-LARGEST, LARGEST)))
    return [float(low), float(high)]
