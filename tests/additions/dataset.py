"""A made-up data set: stripes."""

import numpy as np


def stripes(rng: np.random.Generator, n: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Upright stripes, three wide, of two classes in turn."""
    points = rng.uniform(-6, 6, (2, n))
    return points + 2 * noise * rng.standard_normal((2, n)), (points[0] // 3 % 2).astype(int)
