"""What a picture of the loss takes: the losses on a plane or a line, the paths that it shows, and the sharpness.

A node of a grid is a pass forward of the whole network; the curvature of a point is a dozen products of its Hessian
with a vector, two gradients each. The vectors of Lanczos' method stay in memory, all at once for all points.
"""

from collections.abc import Sequence

from engine.network import Network
from engine.work.estimate import Estimate, in_turn
from engine.work.operations import FRESH, Operations, many, passes

LANCZOS_BYTES = 100_000_000  #: of the vectors of all points that are looked at together
EIGEN_PRODUCTS = 40  #: for a plane of largest curvature
PATH_COPIES = 8  #: of a path [F, P] at one time, while it is projected and measured


def surface_work(network: Network, samples: int, frames: Sequence[int], resolution: int, kind: str) -> Estimate:
    """A plane with `resolution` nodes along each axis, and runs of so many key frames on it; kinds as on the page."""
    size, nodes = network.size, resolution**2
    words = f"the resolution ({resolution}) or {_layers(network)}"
    node = network.size * 8 * 8 + 6 * 4_000_000  # a chunk of points of the plane, at least one
    work, room = many(network, nodes, samples, 4)
    grid = Estimate((work + passes(8 * nodes, size)).seconds(4), room + node, words)
    return in_turn(_directions(network, samples, sum(frames), kind), grid, _paths(network, samples, frames))


def line_work(network: Network, samples: int, frames: Sequence[int], resolution: int = 81) -> Estimate:
    """The line from start to end, and the paths as it shows them."""
    work, room = many(network, resolution, samples)
    along = Estimate(
        (work + passes(8 * resolution, network.size)).seconds(), room + 64 * network.size, _layers(network)
    )
    return in_turn(along, _paths(network, samples, frames))


def sharpness_work(network: Network, samples: int, points: int, products: int = 12) -> Estimate:
    """The largest eigenvalues of the Hessian at `points` points by so many products each.

    Two gradients a product, and as much again on average: where kinks are in the way all is done in complex numbers.
    """
    size, products = network.size, min(products, network.size)
    work, _ = many(network, 4 * points * products, samples, backward=True)
    work += passes(4 * products * products + 20 * products, size) * points
    some = min(points, points_at_once(network, products))
    _, room = many(network, 4 * some, samples, backward=True)
    room += _vectors(products) * some * size * 8
    return Estimate(work.seconds() + FRESH * room, room, _layers(network))


def points_at_once(network: Network, products: int) -> int:
    """At how many points together Lanczos' method has room for its vectors; at one at least."""
    return max(1, int(LANCZOS_BYTES // (_vectors(products) * network.size * 8)))


def _vectors(products: int) -> int:
    """Of parameters, that Lanczos' method keeps of a point: its basis, eigenvectors, copies of both."""
    return 3 * products + 10


def batch_sharpness_work(network: Network, n: int, points: int, batches: int) -> Estimate:
    """The curvature along the gradient of each of so many batches of `n` samples, in complex numbers."""
    work, room = many(network, 5 * points, n, backward=True)
    work += Operations(calls=40) + passes(12, points * network.size)
    room += 4 * points * network.size * 16
    return Estimate((work * batches).seconds(), room, f"the batch ({n} samples) or {_layers(network)}")


def _directions(network: Network, samples: int, rows: int, kind: str) -> Estimate:
    size = network.size
    if kind == "pca" and rows > 1:
        small, large = sorted((rows + 2, size))
        return Estimate(Operations(products=25 * small**2 * large).seconds(), 6 * rows * size * 8, _layers(network))
    if kind in ("pca", "hessian"):
        return sharpness_work(network, samples, 1, EIGEN_PRODUCTS)
    return Estimate(passes(40, size).seconds(), 10 * size * 8, _layers(network))


def _paths(network: Network, samples: int, frames: Sequence[int]) -> Estimate:
    """Losses at the key frames, at their projections, and the distances between them."""
    parts = []
    for count in frames:
        work, room = many(network, 2 * count, samples)
        work += passes(4 * PATH_COPIES * count, network.size)
        room += PATH_COPIES * count * network.size * 8
        parts.append(Estimate(work.seconds() + FRESH * room, room, _layers(network)))
    return in_turn(*parts)


def _layers(network: Network) -> str:
    return f"the hidden layers ({network.size:,} parameters)"
