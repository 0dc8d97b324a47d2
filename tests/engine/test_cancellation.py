"""Long work can be ended: it asks by the clock, and what the question raises ends it."""

from threading import Thread
from time import process_time

import numpy as np
import pytest

from engine import Experiment, train
from engine.cancellation import EVERY, cancellable, cancellation_point
from engine.depth.phase_diagram import variance_plane
from engine.descent import formula_surface
from engine.landscape import pca_plane
from engine.landscape.random_walk import explained_by_chance
from engine.network import Network
from engine.vision import blocks_of, convolutional


class Gone(BaseException):
    """Nobody waits any longer."""


def test_a_point_asks_once_in_an_interval(monkeypatch):
    now, asked = [0.0], []
    monkeypatch.setattr("engine.cancellation.perf_counter", lambda: now[0])
    with cancellable(lambda: asked.append(now[0]), every=2.0):
        for now[0] in range(11):
            cancellation_point()
    assert asked == [2, 4, 6, 8, 10]


def test_where_nobody_asks_a_point_does_nothing():
    cancellation_point()
    with cancellable(lambda: pytest.fail("asked too soon"), every=60.0):
        cancellation_point()


def test_the_innermost_asks_and_the_outer_one_afterwards():
    asked = []
    with cancellable(lambda: asked.append("outer"), every=0.0):
        with cancellable(lambda: asked.append("inner"), every=0.0):
            cancellation_point()
        cancellation_point()
    assert asked == ["inner", "outer"]


def test_threads_are_asked_apart():
    asked = []
    with cancellable(lambda: asked.append(1), every=0.0):
        other = Thread(target=cancellation_point)
        other.start()
        other.join()
    assert not asked


def leave():
    raise Gone


def repeated(work):
    """A fast machine is done with one before the first question."""
    for _ in range(100):
        work()


@pytest.mark.parametrize(
    "work",
    [
        lambda: train(Experiment(arch=(64, 64), samples=2000, steps=3000)),
        lambda: train(Experiment(arch=(16, 16), samples=3000, steps=100, optimizer="newton")),
        lambda: _network.loss(np.zeros((20_000, _network.size)), _x, _y),
        lambda: _network.loss_and_gradient(np.zeros((5000, _network.size)), _x, _y),
    ],
    ids=["training", "Newton", "losses", "gradients"],
)
def test_long_work_ends_within_a_second(work):
    start = process_time()
    with pytest.raises(Gone), cancellable(leave):
        repeated(work)
    assert process_time() - start < 1.3  # the first question comes after 0.3 s


@pytest.mark.parametrize(
    "work",
    [
        lambda: explained_by_chance("pca", [np.arange(0, 960, 8)] * 16, 1700),
        lambda: pca_plane(np.random.default_rng(0).standard_normal((1500, 1500)).cumsum(0)),
        lambda: formula_surface("+".join(f"sin({k}*x)*cos({k}*y)" for k in range(1, 40)), 5.0),
        lambda: variance_plane("gelu", np.linspace(0, 16, 41), np.linspace(0, 2, 31)),
        lambda: Network(Experiment(arch=(512,) * 12, init="orthogonal"), 2, 1).initial(np.random.default_rng(0)),
        lambda: train(Experiment(arch=(512,) * 6, steps=3, optimizer="rprop")),
        lambda: _filters.loss_and_gradient(
            _filters.initial(np.random.default_rng(0)), _images, np.ones((10, 400)) / 10
        ),
    ],
    ids=[
        "random walks",
        "components",
        "a formula",
        "the plane of variances",
        "an initialisation",
        "a large network",
        "images",
    ],
)
def test_no_piece_without_a_point_is_long(work, pieces):
    """Nothing is known of how fast the machine is: the longest piece is held against the whole."""
    longest, whole = pieces(work)
    assert longest < max(0.3 * whole, EVERY)


_network = Network(Experiment(arch=(30, 30), loss="squared_error"), 2, 1)
_x, _y = np.ones((2, 200)), np.zeros((1, 200))
_filters = convolutional(Experiment(data="digits", act=("gelu",)), (1, 28, 28), blocks_of("16k3-16k3"), 10)
_images = np.random.default_rng(0).random((784, 400))
