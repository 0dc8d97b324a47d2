"""The engine against PyTorch on the small networks that people explore: `python tests/benchmarks/bench_engine.py`.

Both sides do the same work on one thread: the same network, data, loss (mean squared error; W6, W7: cross-entropy) and
number of steps, and both keep every parameter and every gradient (W1-W3, W5, W6). Mini-batches have the same size but
not the same order, and W7 starts from other weights; that the numbers agree is for the tests to show.
Runs are interleaved; a row gives the median processor time of each side
(not the clock's, so that other work on the machine disturbs less) and the ratio of the medians, with the spread of the
ratio over the rounds as its noise.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import time

import numpy as np
import torch

from engine import Experiment, race, train
from engine.convolution import classifier
from engine.datasets import Dataset
from engine.network import Network
from engine.recording import targets

torch.set_num_threads(1)


def arrays(n_inputs, n, n_classes, seed=0):
    """A data set of `n` random points with labels that a network can learn, all of them for training."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n_inputs, n))
    labels = (x[0] * x[1 % n_inputs] > 0).astype(int) if n_classes == 2 else rng.integers(0, n_classes, n)
    return Dataset.from_arrays(x, labels, n_classes)


class Mirror(torch.nn.Module):
    """The network of an experiment in torch, starting from the same parameters."""

    def __init__(self, network, params, dtype, act=torch.tanh):
        super().__init__()
        view = network.layout.view
        self.act = act
        self.linear = torch.nn.ModuleList()
        for number, (a, b) in enumerate(zip(network.sizes, network.sizes[1:], strict=False), start=1):
            layer = torch.nn.Linear(a, b, dtype=dtype)
            layer.weight.data = torch.tensor(view(params, f"W{number}").copy(), dtype=dtype)
            layer.bias.data = torch.tensor(view(params, f"b{number}").copy(), dtype=dtype)
            self.linear.append(layer)

    def forward(self, a):
        for layer in self.linear[:-1]:
            a = self.act(layer(a))
        return self.linear[-1](a)


def torch_training(model, loss, optimizer, x, y, order):
    """Train with the batches of `order` and keep parameters and gradients of every step."""
    params = list(model.parameters())
    kept, slopes, losses = [], [], []
    for chosen in order:
        optimizer.zero_grad()
        value = loss(model(x[chosen]), y[chosen])
        value.backward()
        kept.append(torch.cat([p.detach().ravel() for p in params]))
        slopes.append(torch.cat([p.grad.ravel() for p in params]))
        losses.append(value.detach())
        optimizer.step()
    return torch.stack(kept), torch.stack(slopes), torch.stack(losses)


def mlp_case(experiment, n_inputs, n, n_classes, np_dtype, torch_optimizer, act=torch.tanh):
    """Two functions that train the same network the same way, here and in torch."""
    data = arrays(n_inputs, n, n_classes)
    network = Network(experiment, n_inputs, targets(experiment, data).shape[0])
    dtype = torch.float32 if np_dtype == np.float32 else torch.float64
    params = network.initial(np.random.default_rng([experiment.seed, 1]))
    x = torch.tensor(data.x.T.copy(), dtype=dtype)
    binary = n_classes == 2
    y = torch.tensor(data.labels[:, None] if binary else data.labels, dtype=dtype if binary else torch.int64)
    loss = torch.nn.functional.mse_loss if binary else torch.nn.functional.cross_entropy
    size = min(experiment.batch or n, n)
    rng = np.random.default_rng(0)
    order = []
    while len(order) < experiment.steps:
        shuffled = torch.tensor(rng.permutation(n)) if size < n else slice(None)
        order += [slice(None)] if size == n else list(torch.split(shuffled, size))

    def ours():
        return train(experiment, data=data, frames=experiment.steps + 1, dtype=np_dtype)

    def theirs():
        model = Mirror(network, params, dtype, act)
        return torch_training(model, loss, torch_optimizer(model.parameters()), x, y, order[: experiment.steps])

    return ours, theirs


def sgd(params):
    """Plain gradient descent in torch, at the rate of the cases."""
    return torch.optim.SGD(params, lr=0.03)


def fused_adam(params):
    """Torch's fastest Adam."""
    return torch.optim.Adam(params, lr=0.001, fused=True)


def w1(dtype):
    """2-8-8-1 tanh, 500 points, full batch, SGD, 1,000 steps, everything recorded."""
    return mlp_case(Experiment(loss="mse", optimizer="sgd", steps=1000, batch=0), 2, 500, 2, dtype, sgd)


def w2(dtype):
    """The same with batches of 10, 20 epochs."""
    return mlp_case(Experiment(loss="mse", optimizer="sgd", steps=1000, batch=10), 2, 500, 2, dtype, sgd)


def w3(dtype):
    """32 learning rates x 500 steps, recorded; torch by vmap over a stack of models."""
    rates = np.geomspace(1e-3, 1, 32)
    base = Experiment(loss="mse", optimizer="sgd", steps=500, batch=0)
    data = arrays(2, 500, 2)
    network = Network(base, 2, 1)
    params = network.initial(np.random.default_rng([0, 1]))
    kind = torch.float32 if dtype == np.float32 else torch.float64
    x, y = torch.tensor(data.x.T.copy(), dtype=kind), torch.tensor(data.labels[:, None], dtype=kind)
    model = Mirror(network, params, kind)

    def ours():
        return race([base.replace(lr=float(lr)) for lr in rates], data=data, frames=501, dtype=dtype)

    def objective(named):
        output = torch.func.functional_call(model, named, (x,))
        return torch.nn.functional.mse_loss(output, y)

    slope = torch.func.vmap(torch.func.grad_and_value(objective))

    def theirs():
        lr = torch.tensor(rates, dtype=kind)
        named = {k: v.detach().expand(32, *v.shape).clone() for k, v in model.named_parameters()}
        kept, slopes = [], []
        with torch.no_grad():
            for _ in range(500):
                gradient, _ = slope(named)
                kept.append(torch.cat([v.reshape(32, -1) for v in named.values()], dim=1))
                slopes.append(torch.cat([v.reshape(32, -1) for v in gradient.values()], dim=1))
                named = {k: v - lr.reshape(32, *[1] * (v.ndim - 1)) * gradient[k] for k, v in named.items()}
        return torch.stack(kept), torch.stack(slopes)

    return ours, theirs


def w4(dtype):
    """Loss at 51 x 51 points of parameter space, 500 samples; torch by vmap in chunks."""
    experiment = Experiment(loss="mse")
    data = arrays(2, 500, 2)
    network = Network(experiment, 2, 1)
    centre = network.initial(np.random.default_rng(1))
    grid = (centre + 0.5 * np.random.default_rng(2).standard_normal((51 * 51, network.size))).astype(dtype)
    y = targets(experiment, data)
    kind = torch.float32 if dtype == np.float32 else torch.float64
    x_t, y_t = torch.tensor(data.x.T.copy(), dtype=kind), torch.tensor(y.T.copy(), dtype=kind)
    model = Mirror(network, centre, kind)
    named = {
        f"linear.{number - 1}.{kind_name}": torch.tensor(network.layout.view(grid, f"{letter}{number}").copy())
        for number in (1, 2, 3)
        for kind_name, letter in (("weight", "W"), ("bias", "b"))
    }

    def objective(values):
        output = torch.func.functional_call(model, values, (x_t,))
        return torch.nn.functional.mse_loss(output, y_t)

    def theirs(chunk=128):
        with torch.no_grad():
            return torch.func.vmap(objective, chunk_size=chunk)(named)

    return lambda: network.loss(grid, data.x, y), theirs


def w5(dtype):
    """30 hidden layers of 32, 256 samples, 100 steps, recorded."""
    return mlp_case(Experiment(loss="mse", arch=(32,) * 30, optimizer="sgd", steps=100, batch=0), 2, 256, 2, dtype, sgd)


def w6(dtype):
    """64-32-10 on 1,797 samples, batch 64, 10 epochs, Adam, recorded."""
    steps = 10 * -(-1797 // 64)
    experiment = Experiment(arch=(32,), loss="softmax_cross_entropy", lr=0.001, steps=steps, batch=64, data="csv")
    return mlp_case(experiment, 64, 1797, 10, dtype, fused_adam)


def w7(dtype):
    """The convolutional classifier on 28 x 28 images, batch 64, 20 steps of Adam."""
    experiment = Experiment(loss="softmax_cross_entropy", lr=0.001, steps=20, batch=64, data="csv")
    data = arrays(784, 640, 10)
    network = Network(experiment, 784, 10, layers=classifier(), input_shape=(1, 28, 28))
    kind = torch.float32 if dtype == np.float32 else torch.float64
    images = torch.tensor(data.x.T.copy().reshape(-1, 1, 28, 28), dtype=kind)
    labels = torch.tensor(data.labels)

    def ours():
        return train(experiment, data=data, network=network, frames=2, dtype=dtype)

    def theirs():
        nn = torch.nn
        convolutions = [
            nn.Conv2d(1, 32, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ]
        model = nn.Sequential(
            *convolutions,
            nn.Conv2d(64, 64, 3),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(576, 64),
            nn.ReLU(),
            nn.Linear(64, 10),
        ).to(kind)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
        order = torch.split(torch.randperm(640), 64) * 2
        for chosen in order:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images[chosen]), labels[chosen]).backward()
            optimizer.step()

    return ours, theirs


#: work, precision, goal (how many times faster than torch)
CASES = [
    (w1, np.float32, 10),
    (w1, np.float64, 6.5),
    (w2, np.float64, 16),
    (w2, np.float32, 16),
    (w3, np.float32, 5),
    (w3, np.float64, 2.4),
    (w4, np.float32, 7),
    (w5, np.float32, 2.7),
    (w5, np.float64, 2.4),
    (w6, np.float32, 4.8),
    (w7, np.float32, 1 / 1.2),
]


def measure(ours, theirs, rounds):
    """Median seconds of both and the ratios of the rounds, interleaved after one warm-up each."""
    times = ([], [])
    for number in range(rounds + 1):
        for side, work in enumerate((ours, theirs)):
            start = time.process_time()
            work()
            if number:
                times[side].append(time.process_time() - start)
    ratios = sorted(b / a for a, b in zip(*times, strict=True))
    return statistics.median(times[0]), statistics.median(times[1]), ratios


def main():
    """Print a row for each case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", help="names such as w1; all without")
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    print("work  type      ours ms  torch ms   ratio  (spread)        goal")  # noqa: T201
    for case, dtype, goal in CASES:
        if chosen.cases and case.__name__ not in chosen.cases:
            continue
        a, b, ratios = measure(*case(dtype), chosen.rounds)
        spread = f"({ratios[0]:.2f} - {ratios[-1]:.2f})"
        row = f"{case.__name__:<5} {np.dtype(dtype).name:<8} {a * 1e3:8.1f} {b * 1e3:9.1f}"
        row += f" {b / a:7.2f}  {spread:<15} {goal:4.2f}"
        print(row)  # noqa: T201


if __name__ == "__main__":
    main()
