"""Long work can be ended: it asks by the clock, and what the question raises ends it."""

from threading import Thread
from time import process_time

import numpy as np
import pytest

from engine import Experiment, train
from engine.cancellation import cancellable, cancellation_point
from engine.network import Network


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
        work()
    assert process_time() - start < 1.3  # the first question comes after 0.3 s


_network = Network(Experiment(arch=(30, 30), loss="squared_error"), 2, 1)
_x, _y = np.ones((2, 200)), np.zeros((1, 200))
