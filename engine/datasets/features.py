"""Features: inputs made from the coordinates of a point, as in TensorFlow Playground: squares, product, sines.

What a single neuron cannot tell apart, it may once it is handed the right feature: a circle is a line in x1² and x2².
"""

from collections.abc import Callable, Sequence

import numpy as np

from engine.datasets.dataset import standardised

#: Inputs made from the scaled coordinates u = x / 2; the sines are those of x itself.
FEATURES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "x1": lambda u: u[0],
    "x2": lambda u: u[1],
    "x1sq": lambda u: u[0] * u[0],
    "x2sq": lambda u: u[1] * u[1],
    "x1x2": lambda u: u[0] * u[1],
    "sinx1": lambda u: np.sin(2 * u[0]),
    "sinx2": lambda u: np.sin(2 * u[1]),
}
FEATURE_TITLES = {
    "x1": "x₁",
    "x2": "x₂",
    "x1sq": "x₁²",
    "x2sq": "x₂²",
    "x1x2": "x₁x₂",
    "sinx1": "sin x₁",
    "sinx2": "sin x₂",
}
LINE_FEATURES = {"x1": "x", "x1sq": "x²", "sinx1": "sin 2x"}  #: of one coordinate, not scaled


def titles(features: Sequence[str], coordinates: int) -> tuple[str, ...]:
    """Names of features for people, of so many coordinates."""
    return tuple((FEATURE_TITLES if coordinates > 1 else LINE_FEATURES)[feature] for feature in features)


def expand(raw: np.ndarray, features: Sequence[str], scale: float | tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Inputs `[d, ...]` of raw coordinates `[d_raw, ...]`: those features of them, or they themselves; first scaled.

    `scale` is what they are divided by, or mean and deviation of each.
    """
    scaled = standardised(raw, *scale) if isinstance(scale, tuple) else np.asarray(raw) / scale
    with np.errstate(over="ignore"):  # the square of a point very far out is infinite
        return np.stack([FEATURES[feature](scaled) for feature in features]) if features else scaled
