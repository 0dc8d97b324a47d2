"""What a picture of the loss takes: the losses on a plane or a line, the paths that it shows, and the sharpness.

A node of a grid is a pass forward of the whole network; the curvature of a point is a dozen products of its Hessian
with a vector, two gradients each. The vectors of Lanczos' method stay in memory, all at once for all points.
"""

from collections.abc import Sequence

from engine.network import Network
from engine.work.estimate import Estimate, in_turn
from engine.work.operations import FRESH, Operations, many, passes

GRADIENTS = 2  #: in a product of the Hessian with a vector
EIGEN_PRODUCTS = 40  #: for a plane of largest curvature
PATH_COPIES = 8  #: of a path [F, P] at one time, while it is projected and measured


def surface_work(network: Network, samples: int, frames: Sequence[int], resolution: int, kind: str) -> Estimate:
    """A plane with `resolution` nodes along each axis, and runs of so many key frames on it; kinds as on the page."""
    size, nodes = network.size, resolution**2
    words = f"the resolution ({resolution}) or the hidden layers ({size:,} parameters)"
    node = network.size * 8 * 8 + 6 * 4_000_000  # a chunk of points of the plane, at least one
    work, room = many(network, nodes, samples, 4)
    grid = Estimate((work + passes(8 * nodes, size)).seconds(4), room + node, words)
    return in_turn(_directions(network, samples, sum(frames), kind), grid, _paths(network, samples, frames))


def line_work(network: Network, samples: int, frames: Sequence[int], resolution: int = 81) -> Estimate:
    """The line from start to end, and the paths as it shows them."""
    work, room = many(network, resolution, samples)
    words = f"the hidden layers ({network.size:,} parameters)"
    along = Estimate((work + passes(8 * resolution, network.size)).seconds(), room + 64 * network.size, words)
    return in_turn(along, _paths(network, samples, frames))


def sharpness_work(network: Network, samples: int, points: int, products: int = 12, vectors: int = 1) -> Estimate:
    """The largest eigenvalues of the Hessian at `points` points by `products` products each."""
    size = network.size
    products = min(products, size)
    work, room = many(network, points * products * GRADIENTS, samples, backward=True)
    kept = points * size * 8
    work += passes(4 * products * products + 20 * products, points * size)
    words = f"the hidden layers ({size:,} parameters)"
    room = room / products + (3 * products + 2 * vectors + 8) * kept
    return Estimate(work.seconds() + FRESH * room, room, words)


def _directions(network: Network, samples: int, rows: int, kind: str) -> Estimate:
    size, words = network.size, f"the hidden layers ({network.size:,} parameters)"
    if kind == "pca" and rows > 1:
        small, large = sorted((rows + 2, size))
        return Estimate(Operations(products=25 * small**2 * large).seconds(), 6 * rows * size * 8, words)
    if kind in ("pca", "hessian"):
        return sharpness_work(network, samples, 1, EIGEN_PRODUCTS, vectors=EIGEN_PRODUCTS)
    return Estimate(passes(40, size).seconds(), 10 * size * 8, words)


def _paths(network: Network, samples: int, frames: Sequence[int]) -> Estimate:
    """Losses at the key frames, at their projections, and the distances between them."""
    parts, words = [], f"the hidden layers ({network.size:,} parameters)"
    for count in frames:
        work, room = many(network, 2 * count, samples)
        work += passes(4 * PATH_COPIES * count, network.size)
        room += PATH_COPIES * count * network.size * 8
        parts.append(Estimate(work.seconds() + FRESH * room, room, words))
    return in_turn(*parts) if parts else Estimate(0.0, 0.0, words)
