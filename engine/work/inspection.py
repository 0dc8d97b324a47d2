"""What looking into a network takes: a run up to one of its steps, a pass number by number, the units' activations."""

from engine.experiment import Experiment
from engine.network import Network
from engine.work.estimate import Estimate, together
from engine.work.operations import FRESH, Operations, forward, gradient, many, passes, signal_bytes
from engine.work.training import bookkeeping, optimizer_work

MOMENT = 8  #: vectors of parameters that a step which is kept consists of, beside what the optimizer remembers
OUTPUTS = 5_000_000  #: numbers that the network puts out at once where accuracies are counted, about
LINES = 12  #: vectors that a written-out update and the picture of it consist of


def replay_work(experiment: Experiment, network: Network, samples: int, steps: int) -> Estimate:
    """A run once more up to step `steps`, each step kept whole until the next one."""
    n = min(experiment.batch or samples, samples)
    words = f"the step ({steps}), the batch ({experiment.batch or 'all'} of {samples} samples) or the hidden layers"
    step = gradient(network, n) + bookkeeping(experiment, network, 1, n, 8) + passes(MOMENT, network.size)
    vectors = (MOMENT + 4) * network.size * 8
    again = Estimate(
        (step * (steps + 1)).seconds() + FRESH * vectors,
        vectors + signal_bytes(network, n, keep=True),
        f"{words} ({network.size:,} parameters)",
    )
    return together(again, optimizer_work([experiment.replace(steps=max(steps, 1))], network, n, 8))


def trace_work(network: Network, n: int, checked: int) -> Estimate:
    """One pass on `n` samples with all its numbers, `checked` of its gradients again as finite differences."""
    size, words = network.size, f"the hidden layers ({network.size:,} parameters) or the batch ({n} samples)"
    differences, room = many(network, 4 * checked, n)
    work = gradient(network, n) + differences + passes(8 * checked + LINES, size)
    room = max(room + 2 * size * 8, 3 * signal_bytes(network, n, keep=True) + LINES * size * 8)
    return Estimate(work.seconds() + FRESH * room, room, words)


def evaluation_work(network: Network, samples: int, frames: int) -> Estimate:
    """Losses and answers on `samples` samples at every key frame."""
    work, room = many(network, 2 * frames, samples)
    outputs = min(frames * network.sizes[-1] * samples, OUTPUTS + network.sizes[-1] * samples) * 8
    words = f"the samples ({samples}) or the hidden layers ({network.size:,} parameters)"
    return Estimate(work.seconds(), room + 2 * outputs, words)


def activity_work(network: Network, samples: int, frames: int) -> Estimate:
    """All activations on `samples` samples at `frames` key frames at once, in single precision."""
    words = f"the hidden layers ({network.units:,} units) or the samples ({samples})"
    room = 2 * signal_bytes(network, samples, frames, 4) + frames * network.size * 4
    work = forward(network, samples, frames) + Operations(numbers=4 * network.units * samples * frames)
    return Estimate(work.seconds(4) + FRESH * room, room, words)
