"""The axes of figures, and their ranges, which hold what is finite."""

from typing import Any

import numpy as np

from pages.common import theme, ticks


def steps_axis(recording: Any, **more: Any) -> dict[str, Any]:
    """The axis of the steps, up to the last one or to the event that ended the run."""
    last = max(recording.steps, recording.event.step if recording.event else 0, 1)
    return theme.axis("step", range=[-0.012 * last, 1.012 * last], **more)


def value_axis(title: str, span: list[float], *, log: bool, **more: Any) -> dict[str, Any]:
    """An axis over a range from `limits`; a log axis says so and is labelled at powers of ten, a short one between."""
    more |= {"range": span, "nticks": 5, "automargin": True, "exponentformat": "power"}
    if log:
        most = 5 if span[1] - span[0] < 9 else 4  # powers of two digits are high
        more |= {"dtick": decades} if (decades := ticks.every_power(span, most)) else ticks.between_powers(span)
    return theme.axis(f"{title} (log)" if log else title, log=log, **more)


def limits(values: Any, *, log: bool = False, margin: float = 0.06) -> list[float]:
    """A range round the finite values (log: the positive ones, in powers of ten), with a margin."""
    flat = np.asarray(values, dtype=np.float64).ravel()
    flat = flat[np.isfinite(flat) & ((flat > 0) | (not log))]
    if not len(flat):
        return [-1.0, 1.0]
    low, high = np.log10([flat.min(), flat.max()]) if log else (flat.min(), flat.max())
    pad = 2 * margin * (high / 2 - low / 2) or (0.5 if log else abs(low) * 0.1 or 1.0)
    with np.errstate(over="ignore"):
        low, high = np.clip([low - pad, high + pad], *(ticks.DECADES if log else (-ticks.LARGEST, ticks.LARGEST)))
    return [float(low), float(high)]
