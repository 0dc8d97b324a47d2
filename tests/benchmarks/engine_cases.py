"""The pieces of work of the engine's benchmark: each here and in torch, with the same numbers on both sides.

Both sides start the same network from the same weights on the same data, with the same batches in the same order (torch
is handed the order that `training.batches` deals), the same loss and the same updates. A run of T steps evaluates the
gradient at steps 0..T and updates after each, on both sides. W1, W2, W3, W5, W6 keep the parameters, the gradient and
the loss of every step; W4 gives the loss at every point; W7 and W8 give the loss of the first steps and the parameters
at the last of them. Learning rates are such that rounding errors do not grow and no run diverges.

Torch is given what is fastest there: its fused optimizers, a functional map over the runs (W3), and for W4 the best of
several chunk sizes, found on the spot.
"""

import time
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch

from engine import Experiment, race, train
from engine.datasets import Dataset, load
from engine.network import Network
from engine.training import batches, targets
from engine.vision import LESSON_BLOCKS, convolutional, enlarged

KINDS = {np.float32: torch.float32, np.float64: torch.float64}
CLASSIFIER = Experiment(
    arch=(64,), act="relu", init="he", loss="softmax_cross_entropy", lr=0.001, batch=64, data="csv"
)  #: with the blocks of the lessons before it
CHUNKS = (16, 32, 64, 128, 256, 512, 2601)  #: points that torch takes at a time


class Work(NamedTuple):
    """One piece of work: `ours` and `theirs` do it, and `results` names the arrays of ours as torch has them."""

    ours: Callable
    theirs: Callable[[], dict[str, torch.Tensor]]
    results: Callable[..., dict[str, np.ndarray]]


def seconds(work):
    """Processor time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def arrays(n_inputs, n, n_classes, seed=0):
    """A data set of `n` random points with labels that a network can learn, all of them for training."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n_inputs, n))
    labels = (x[0] * x[1 % n_inputs] > 0).astype(int) if n_classes == 2 else rng.integers(0, n_classes, n)
    return Dataset.from_arrays(x, labels, n_classes)


def order_of(experiment, n):
    """The samples of steps 0..T, as the engine deals them: it is asked to deal out their numbers."""
    if not 0 < experiment.batch < n:
        return [slice(None)] * (experiment.steps + 1)
    numbers = np.arange(n, dtype=float)[None]
    stream = batches(experiment, numbers, numbers, np.dtype(float))
    return [torch.tensor(next(stream)[0][0].astype(int)) for _ in range(experiment.steps + 1)]


def start_of(experiment, network):
    """The parameters before the first step, as the engine draws them."""
    return network.initial(np.random.default_rng([experiment.seed, 1]))


def torch_order(network, params):
    """The flat vectors `params[..., P]` with the parameters in the order of torch: W1, b1, W2, ..."""
    layout = network.layout
    return np.concatenate([layout.view(params, n).reshape(*params.shape[:-1], -1) for n in layout.names], axis=-1)


def put(network, params, model):
    """Put the flat vector into a model whose parameters come in the same order."""
    with torch.no_grad():
        for name, parameter in zip(network.layout.names, model.parameters(), strict=True):
            parameter.copy_(torch.tensor(network.layout.view(params, name).copy()))
    return model


class Dense(torch.nn.Module):
    """A dense tanh network in torch."""

    def __init__(self, sizes, kind):
        super().__init__()
        self.linear = torch.nn.ModuleList(torch.nn.Linear(a, b, dtype=kind) for a, b in pairwise(sizes))

    def forward(self, a):
        for layer in self.linear[:-1]:
            a = torch.tanh(layer(a))
        return self.linear[-1](a)


def torch_training(model, loss, optimizer, x, y, order):
    """Train with the batches of `order`; keep parameters, gradients and losses of every step."""
    params = list(model.parameters())
    flat = [p.detach().view(-1) for p in params]
    kept, slopes, losses = [], [], []
    for chosen in order:
        optimizer.zero_grad()
        value = loss(model(x[chosen]), y[chosen])
        value.backward()
        kept.append(torch.cat(flat))
        slopes.append(torch.cat([p.grad.view(-1) for p in params]))
        losses.append(value.detach())
        optimizer.step()
    return {"params": torch.stack(kept), "gradients": torch.stack(slopes), "loss": torch.stack(losses)}


def dense_case(experiment, n_inputs, n, n_classes, dtype, optimizer):
    """The same training of a dense network, here and in torch."""
    data = arrays(n_inputs, n, n_classes)
    network = Network(experiment, n_inputs, targets(experiment, data).shape[0])
    params, order, kind = start_of(experiment, network), order_of(experiment, n), KINDS[dtype]
    x = torch.tensor(data.x.T.copy(), dtype=kind)
    numbers = experiment.loss == "mse"
    y = torch.tensor(data.labels[:, None], dtype=kind) if numbers else torch.tensor(data.labels)
    loss = torch.nn.functional.mse_loss if numbers else torch.nn.functional.cross_entropy

    def theirs():
        model = put(network, params, Dense(network.sizes, kind))
        return torch_training(model, loss, optimizer(model.parameters(), experiment.lr), x, y, order)

    def results(recording):
        states = {name: torch_order(network, getattr(recording, name)) for name in ("params", "gradients")}
        return states | {"loss": recording.loss}

    return Work(lambda: train(experiment, data=data, frames=experiment.steps + 1, dtype=dtype), theirs, results)


def sgd(params, lr):
    """Torch's fastest plain gradient descent."""
    return torch.optim.SGD(params, lr=lr, fused=True)


def adam(params, lr):
    """Torch's fastest Adam."""
    return torch.optim.Adam(params, lr=lr, fused=True)


def w1(dtype):
    """2-8-8-1 tanh, 500 points, full batch, SGD, 1,000 steps, everything recorded."""
    return dense_case(Experiment(loss="mse", optimizer="sgd", lr=0.03, steps=1000, batch=0), 2, 500, 2, dtype, sgd)


def w2(dtype):
    """The same with batches of 10, 20 epochs."""
    return dense_case(Experiment(loss="mse", optimizer="sgd", lr=0.03, steps=1000, batch=10), 2, 500, 2, dtype, sgd)


def w3(dtype):
    """32 learning rates x 500 steps, recorded; torch by vmap over a stack of models."""
    rates = np.geomspace(1e-3, 0.1, 32)
    base = Experiment(loss="mse", optimizer="sgd", steps=500, batch=0)
    data = arrays(2, 500, 2)
    network, kind = Network(base, 2, 1), KINDS[dtype]
    x, y = torch.tensor(data.x.T.copy(), dtype=kind), torch.tensor(data.labels[:, None], dtype=kind)
    model = put(network, start_of(base, network), Dense(network.sizes, kind))

    def objective(named):
        return torch.nn.functional.mse_loss(torch.func.functional_call(model, named, (x,)), y)

    slope = torch.func.vmap(torch.func.grad_and_value(objective))

    def theirs():
        lr = torch.tensor(rates, dtype=kind)
        named = {k: v.detach().expand(32, *v.shape).clone() for k, v in model.named_parameters()}
        step = {k: lr.reshape(32, *[1] * (v.ndim - 1)) for k, v in named.items()}
        kept, slopes, losses = [], [], []
        with torch.no_grad():
            for _ in range(base.steps + 1):
                gradient, value = slope(named)
                kept.append(torch.cat([v.view(32, -1) for v in named.values()], dim=1))
                slopes.append(torch.cat([v.reshape(32, -1) for v in gradient.values()], dim=1))
                losses.append(value)
                named = {k: v - step[k] * gradient[k] for k, v in named.items()}
        return {"params": torch.stack(kept), "gradients": torch.stack(slopes), "loss": torch.stack(losses)}

    def results(runs):
        states = {
            name: torch_order(network, np.stack([getattr(run, name) for run in runs], axis=1))
            for name in ("params", "gradients")
        }
        return states | {"loss": np.stack([run.loss for run in runs], axis=1)}

    racers = [base.replace(lr=float(lr)) for lr in rates]
    return Work(lambda: race(racers, data=data, frames=base.steps + 1, dtype=dtype), theirs, results)


def w4(dtype):
    """Loss at 51 x 51 points of parameter space, 500 samples; torch by vmap in its best chunks."""
    experiment = Experiment(loss="mse")
    data = arrays(2, 500, 2)
    network, kind = Network(experiment, 2, 1), KINDS[dtype]
    spread = np.random.default_rng(2).standard_normal((51 * 51, network.size))
    grid = (network.initial(np.random.default_rng(1)) + 0.5 * spread).astype(dtype)
    y = targets(experiment, data)
    x_t, y_t = torch.tensor(data.x.T.copy(), dtype=kind), torch.tensor(y.T.copy(), dtype=kind)
    model = Dense(network.sizes, kind)
    views = [torch.tensor(network.layout.view(grid, name).copy()) for name in network.layout.names]
    named = dict(zip((name for name, _ in model.named_parameters()), views, strict=True))

    def objective(values):
        return torch.nn.functional.mse_loss(torch.func.functional_call(model, values, (x_t,)), y_t)

    def in_chunks(size):
        with torch.no_grad():
            return {"loss": torch.func.vmap(objective, chunk_size=size)(named)}

    best = min(CHUNKS, key=lambda size: min(seconds(lambda: in_chunks(size)) for _ in range(3)))
    return Work(lambda: network.loss(grid, data.x, y), lambda: in_chunks(best), lambda loss: {"loss": loss})


def w5(dtype):
    """30 hidden layers of 32, 256 samples, 100 steps, recorded; at a rate at which rounding errors do not grow."""
    experiment = Experiment(loss="mse", arch=(32,) * 30, optimizer="sgd", lr=0.003, steps=100, batch=0)
    return dense_case(experiment, 2, 256, 2, dtype, sgd)


def w6(dtype):
    """64-32-10 on 1,797 samples, batch 64, 10 epochs, Adam, recorded."""
    steps = 10 * -(-1797 // 64)
    experiment = Experiment(arch=(32,), loss="softmax_cross_entropy", lr=0.001, steps=steps, batch=64, data="csv")
    return dense_case(experiment, 64, 1797, 10, dtype, adam)


def convolution_case(experiment, data, dtype, compared):
    """The same training of the convolutional classifier on 28 x 28 images; the first so many losses are compared."""
    network = convolutional(experiment, (1, 28, 28), LESSON_BLOCKS, 10)
    params, order, nn = start_of(experiment, network), order_of(experiment, data.x.shape[1]), torch.nn
    images = torch.tensor(data.x.T.copy().reshape(-1, 1, 28, 28), dtype=KINDS[dtype])
    labels = torch.tensor(data.labels)

    def theirs():
        convolutions = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU()]
        convolutions += [nn.MaxPool2d(2), nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten()]
        model = nn.Sequential(*convolutions, nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, 10)).to(KINDS[dtype])
        optimizer = adam(put(network, params, model).parameters(), experiment.lr)
        losses = []
        for chosen in order:
            optimizer.zero_grad()
            value = nn.functional.cross_entropy(model(images[chosen]), labels[chosen])
            value.backward()
            losses.append(value.detach())
            if len(losses) == compared:
                reached = torch.cat([p.detach().view(-1) for p in model.parameters()])
            optimizer.step()
        return {"loss": torch.stack(losses[:compared]), "params": reached}

    def results(recording):
        at = np.flatnonzero(recording.frames == compared - 1)[0]
        return {"loss": recording.loss[:compared], "params": torch_order(network, recording.params[at])}

    frames = experiment.steps // (compared - 1) + 1
    return Work(lambda: train(experiment, data=data, network=network, frames=frames, dtype=dtype), theirs, results)


def w7(dtype):
    """The convolutional classifier on 28 x 28 random images, batch 64, 20 steps of Adam."""
    return convolution_case(CLASSIFIER.replace(steps=20), arrays(784, 640, 10), dtype, 21)


def w8(dtype):
    """The same on the 1,797 digits, enlarged, for 5 epochs; compared up to step 5, where rounding errors are small."""
    digits = enlarged(load("digits", samples=1797, test=0))
    return convolution_case(CLASSIFIER.replace(steps=145), digits, dtype, 6)
