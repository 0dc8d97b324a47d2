"""How much memory a value holds is how much NumPy really gave it, however deep it lies."""

import tracemalloc
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest

from engine import Experiment, race, train
from engine.landscape.trajectories import loss_surface
from pages.common.runs.memory import held

MEGABYTE = 125_000  #: numbers


class Pair(NamedTuple):
    first: Any
    second: Any


@dataclass
class Box:
    content: Any


class Slots:
    __slots__ = ("content",)


def in_slots(value):
    box = Slots()
    box.content = value
    return box


def closure(value):
    def inner():
        return value

    return inner


def iterating(value):
    def values():
        kept = value
        yield 0
        yield kept

    started = values()
    next(started)
    return started


@pytest.mark.parametrize(
    "wrap",
    [
        lambda a: a,
        lambda a: (a,),
        lambda a: [[a]],
        lambda a: {"a": {"b": a}},
        lambda a: Pair(1, a),
        Box,
        in_slots,
        closure,
        iterating,
        lambda a: partial(np.add, a),
        lambda a: Box(closure(Pair([a], None))),
        lambda a: np.array([a, None], dtype=object),
        lambda a: a[:3],
        lambda a: a.reshape(-1, 5).T[1:, ::7],
        lambda a: (a, a, a[1:], [a[2:]]),
        lambda a: a.sum,
    ],
    ids=lambda wrap: getattr(wrap, "__name__", str(wrap)),
)
def test_an_array_counts_once_however_it_is_wrapped(wrap):
    assert 1e6 <= held(wrap(np.zeros(MEGABYTE))).size < 1.01e6


def test_what_is_only_repeated_does_not_count():
    assert held(np.broadcast_to(np.zeros(3), (1000, 1000, 3))).size < 1000


def test_the_program_does_not_count():
    assert held((np, train, Experiment, len, Box, partial(train))).size < 10_000


@pytest.mark.parametrize(
    "make",
    [
        lambda: train(Experiment(arch=(30, 30), steps=300)),
        lambda: tuple(race([Experiment(optimizer=name, arch=(20, 20)) for name in ("adam", "sgd", "lbfgs")])),
        lambda: (run := train(Experiment()), loss_surface("pca", [run])),
    ],
    ids=["recording", "race", "surface"],
)
def test_results_of_the_engine_are_as_large_as_what_was_allocated(make):
    make()  # what the engine keeps for itself is there
    tracemalloc.start()
    try:
        result = make()
        allocated = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 0.8 * allocated < held(result).size < 1.2 * allocated


def test_two_values_can_tell_what_they_share():
    shared, own = np.zeros(MEGABYTE), np.zeros(MEGABYTE)
    first, second = held((shared, own)).pieces, held([shared[5:]]).pieces
    assert sum(first[address] for address in first.keys() & second.keys()) == shared.nbytes
