"""A lesson's small picture: one curve of its own recording, without axes, as a line of an SVG.

Of a run the loss over its steps, of a race the loss of every racer, of a deep network the gradient from layer to layer.
Heights are on a logarithm where they span more than a decade.
"""

from collections.abc import Sequence

import numpy as np

from pages.common import theme

WIDE, HIGH = 220, 64  #: of the picture, in its own units
MOST_POINTS = 110


def picture(curves: Sequence[np.ndarray], colors: Sequence[str], alt: str) -> str:
    """The curves `[n]` in one SVG; a gap where a number is not finite."""
    every = np.concatenate([curve[np.isfinite(curve)] for curve in curves])
    positive = len(every) > 0 and every.min() > 0 and every.max() / every.min() > 10
    with np.errstate(all="ignore"):
        drawn = [np.log10(curve) if positive else curve for curve in curves]
    flat = np.concatenate([curve[np.isfinite(curve)] for curve in drawn])
    low, high = (flat.min(), flat.max()) if len(flat) else (0.0, 1.0)
    span = high - low or 1.0
    lines = "".join(_line((curve - low) / span, color) for curve, color in zip(drawn, colors, strict=True))
    about = f'viewBox="0 0 {WIDE} {HIGH}" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{alt}"'
    return f"<svg {about}>{lines}</svg>"


def _line(shares: np.ndarray, color: str) -> str:
    kept = np.unique(np.linspace(0, len(shares) - 1, min(len(shares), MOST_POINTS)).round().astype(int))
    x = 4 + (WIDE - 8) * kept / max(len(shares) - 1, 1)
    y = HIGH - 5 - (HIGH - 10) * shares[kept]
    words, pen = [], "M"
    for place in zip(x, y, strict=True):
        if np.isfinite(place[1]):
            words.append(f"{pen}{place[0]:.1f} {place[1]:.1f}")
            pen = "L"
        else:
            pen = "M"
    return f'<path d="{"".join(words)}" fill="none" stroke="{color}" stroke-width="2" stroke-linejoin="round"/>'


def colors_of(names: Sequence[str]) -> list[str]:
    """The colour of each curve: an optimizer's own, or that of training."""
    return [theme.OPTIMIZERS[name].color if name in theme.OPTIMIZERS else theme.TRAIN["color"] for name in names]
