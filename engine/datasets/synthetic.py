"""The classic point sets, drawn at random: where the points lie, and what is to be learnt about them.

The two-class sets fill the square [-6, 6]² as in TensorFlow Playground, whose circle, exclusive or, Gaussians and
spiral they follow; moons is scikit-learn's `make_moons`, scaled to the same square. `noise` in [0, 1] spreads the
points: each coordinate moves by a normal draw of standard deviation 2·noise (spiral: 0.6·noise, for its arms are close;
Gaussians: it widens the clouds). Labels are those of the pattern before the noise, so noisy points lie on the wrong
side.

The regression sets have inputs of range [-1, 1] or so and targets of size one, plus a normal error of standard
deviation `noise`.
"""

import numpy as np

Labelled = tuple[np.ndarray, np.ndarray]  #: points [d, N]; labels int [N], or targets float [N]


def circle(rng: np.random.Generator, n: int, noise: float) -> Labelled:
    """A disc of radius 2.5 inside a ring from 3.5 to 5."""
    inside = _halves(n)
    radius = np.where(inside, rng.uniform(0, 2.5, n), rng.uniform(3.5, 5, n))
    angle = rng.uniform(0, 2 * np.pi, n)
    points = radius * np.array([np.cos(angle), np.sin(angle)])
    return points + _jitter(rng, n, noise), inside.astype(int)


def xor(rng: np.random.Generator, n: int, noise: float) -> Labelled:
    """Four squares; the class is whether x1 and x2 have the same sign. A gap of 0.3 keeps them off the axes."""
    points = rng.uniform(-5, 5, (2, n))
    points += 0.3 * np.sign(points)
    return points + _jitter(rng, n, noise), (points[0] * points[1] > 0).astype(int)


def gaussians(rng: np.random.Generator, n: int, noise: float) -> Labelled:
    """Two round clouds around (2, 2) and (-2, -2), of variance from 0.5 to 4 as noise goes from 0 to 0.5."""
    first = _halves(n)
    centre = np.where(first, 2.0, -2.0)
    return centre + np.sqrt(0.5 + 7 * noise) * rng.standard_normal((2, n)), first.astype(int)


def spiral(rng: np.random.Generator, n: int, noise: float) -> Labelled:
    """Two arms of one and three quarter turns, 5 long, wound around each other."""
    first = _halves(n)
    along = (np.arange(n) // 2) / max((n + 1) // 2, 1)
    angle = 1.75 * along * 2 * np.pi + np.where(first, 0, np.pi)
    points = 5 * along * np.array([np.sin(angle), np.cos(angle)])
    return points + 0.3 * _jitter(rng, n, noise), first.astype(int)


def spiral3(rng: np.random.Generator, n: int, noise: float) -> Labelled:
    """Three arms in the unit circle, each of 4 radians, as in CS231n's case study; `noise` turns points by 2·noise."""
    labels = np.sort(np.arange(n) % 3)
    counts = np.bincount(labels, minlength=3)
    radius = np.concatenate([np.linspace(0, 1, count) for count in counts])
    angle = np.concatenate([np.linspace(4 * arm, 4 * (arm + 1), count) for arm, count in enumerate(counts)])
    angle += 2 * noise * rng.standard_normal(n)
    return radius * np.array([np.sin(angle), np.cos(angle)]), labels


def moons(rng: np.random.Generator, n: int, noise: float) -> Labelled:
    """Two half circles that reach into each other."""
    upper = _halves(n)
    angle = rng.uniform(0, np.pi, n)
    x1 = np.where(upper, np.cos(angle), 1 - np.cos(angle)) - 0.5
    x2 = np.where(upper, np.sin(angle), 0.5 - np.sin(angle)) - 0.25
    return 3.2 * np.array([x1, x2]) + _jitter(rng, n, noise), upper.astype(int)


def line(rng: np.random.Generator, n: int, noise: float) -> Labelled:
    """Y = 2x + 1 on [0, 1]."""
    x = rng.uniform(0, 1, n)
    return x[None], 2 * x + 1 + noise * rng.standard_normal(n)


def parabola(rng: np.random.Generator, n: int, noise: float) -> Labelled:
    """Y = x² on [-1, 1]."""
    x = rng.uniform(-1, 1, n)
    return x[None], x * x + noise * rng.standard_normal(n)


def sine(rng: np.random.Generator, n: int, noise: float) -> Labelled:
    """Y = sin 2πx on [-1, 1]."""
    x = rng.uniform(-1, 1, n)
    return x[None], np.sin(2 * np.pi * x) + noise * rng.standard_normal(n)


def plane(rng: np.random.Generator, n: int, noise: float) -> Labelled:
    """Y = (x1 + x2) / 10 on the square [-6, 6]², as TensorFlow Playground's."""
    points = rng.uniform(-6, 6, (2, n))
    return points, points.sum(axis=0) / 10 + noise * rng.standard_normal(n)


def _halves(n: int) -> np.ndarray:
    """Every second point: the classes differ by one at most."""
    return np.arange(n) % 2 == 0


def _jitter(rng: np.random.Generator, n: int, noise: float) -> np.ndarray:
    return 2 * noise * rng.standard_normal((2, n))
