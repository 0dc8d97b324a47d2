"""What a plane would explain of a path without any structure: a random walk, as a measure for explained variance.

In many dimensions the steps of a random walk are all square to each other, and yet two principal components hold most
of it: it drifts away from where it was. Measured from its end, its squared distances have the eigenvalues

    1/(4 sin²((2k-1) π / (4n+2))),  k = 1 ... n,    for n steps of length 1 in infinitely many dimensions,

whose first two have the share 8/π² + 8/9π² = .90 of all for large n; about the mean it is 6/π² (1 + 1/4) = .76, and
the straight line from start to end has 2/3. With fewer dimensions a plane explains more. So the share for the steps
and the dimensions at hand is taken from walks that are drawn.

A walk of n steps lies in n dimensions, whatever P is. In a basis of its own it is S L: S sums the steps up, and L is
lower triangular with normal entries below a diagonal of chi variables with P, P-1, ... degrees of freedom (Bartlett).

Sources: Antognini & Sohl-Dickstein 2018, "PCA of high dimensional random walks with comparison to neural network
training"; Bartlett 1933.
"""

from collections.abc import Sequence

import numpy as np

from engine.cancellation import cancellation_point
from engine.landscape.evaluation import explained_variance
from engine.landscape.planes import Plane, pca_plane

DRAWS = 8  #: walks, whose shares are averaged


def random_walks(steps: Sequence[np.ndarray], size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Independent walks in `size` dimensions from one start, seen at the steps `[F_i]` each: a list of `[F_i, n]`.

    They are turned into n dimensions, at most `size`, which leaves all distances as they are.
    """
    gaps = np.concatenate([np.diff(own) for own in steps])
    count = len(gaps)
    if count > size:
        made = rng.standard_normal((count, size))
    else:
        made = np.tril(rng.standard_normal((count, max(count, 2))), -1)
        made[np.arange(count), np.arange(count)] = np.sqrt(rng.chisquare(size - np.arange(count)))
    made *= np.sqrt(gaps)[:, None]
    parts = np.split(made, np.cumsum([len(own) - 1 for own in steps])[:-1])
    return [np.concatenate([np.zeros((1, made.shape[1])), np.cumsum(part, axis=0)]) for part in parts]


def explained_by_chance(kind: str, steps: Sequence[np.ndarray], size: int) -> list[float]:
    """The share of random walks that a plane of a kind explains, one for each of the paths seen at the steps `[F_i]`.

    kind: "pca" or "line", which follow the path, else a plane that knows nothing of it: 2/P. nan for a single point.
    """
    if kind not in ("pca", "line"):
        return [2 / size] * len(steps)
    if len(steps[0]) < 2:
        return [float("nan")] * len(steps)
    rng, shares = np.random.default_rng(0), []
    for _ in range(DRAWS):
        cancellation_point()
        walks = random_walks(steps, size, rng)
        plane = pca_plane(walks) if kind == "pca" else Plane(walks[0][-1], walks[0][-1:], "line")
        shares.append([explained_variance(plane, walk) for walk in walks])
    return np.mean(shares, axis=0).tolist()
