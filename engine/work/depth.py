"""What the measurements of deep networks at their start take: signals, the phase diagram, spectra, a recurrence."""

from engine.network import Network
from engine.work.estimate import Estimate
from engine.work.operations import FRESH, Operations, gradient, passes, signal_bytes

QUADRATURE = 300_000  #: numbers in the search for a fixed point
LAYER_CALLS = 400  #: of the theory of one layer


def signals_work(network: Network, samples: int, runs: int) -> Estimate:
    """`runs` networks drawn, and a batch sent through each: forward, and a gradient back."""
    size, depth = network.size, len(network.sizes) - 2
    room = 4 * runs * size * 8 + signal_bytes(network, samples, runs, keep=True)
    work = gradient(network, samples, runs) + passes(60, size) * runs + Operations(calls=LAYER_CALLS * depth)
    words = f"the depth ({depth}) or the width ({network.sizes[1]})"
    return Estimate(work.seconds() + FRESH * room, room, words)


def phase_diagram_work(stds: int, depths: int, *, deepest: int, width: int, samples: int, networks: int) -> Estimate:
    """The gradient ratio for every depth and weight size: all depths go back through all layers in one product."""
    columns = stds * samples
    products = networks * deepest * width * width * columns * (1 + depths / 2)
    numbers = networks * deepest * width * columns * (20 + 4 * depths)
    room = 8 * (deepest * width * (columns + width) + 3 * width * columns * depths)
    return Estimate(Operations(products=products, numbers=numbers).seconds(), room, "the size of the diagram")


def variance_plane_work(weight_variances: int, bias_variances: int) -> Estimate:
    """Fixed points and susceptibilities of the theory for every pair of variances, by quadrature."""
    pairs = weight_variances * bias_variances
    return Estimate(Operations(calls=2000, numbers=QUADRATURE * pairs).seconds(), 8 * 2000 * pairs, "the plane")


def jacobian_work(depth: int, width: int) -> Estimate:
    """Singular values of the Jacobian after each layer."""
    words = f"the depth ({depth}) or the width ({width})"
    return Estimate(Operations(products=20 * depth * width**3).seconds(), 6 * depth * width**2 * 8, words)


def recurrence_work(steps: int, width: int, networks: int) -> Estimate:
    """One matrix used `steps` times, and its eigenvalues, for so many networks."""
    work = Operations(calls=20 * steps, products=150 * width**3 + 16 * steps * width**2) * networks
    return Estimate(work.seconds(), 6 * width**2 * 8, f"the depth ({steps}) or the width ({width})")
