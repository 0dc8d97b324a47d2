"""Reduce on plateau against torch.optim.lr_scheduler, loss by loss."""

import math

import numpy as np
import pytest

from engine.schedules import Plateau

LR = 0.3


@pytest.mark.parametrize("patience", [0, 3, 10])
@pytest.mark.parametrize("floor", [0.0, 0.004])
def test_plateau_is_pytorchs(patience, floor):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(patience)
    losses = np.concatenate(
        [1 / np.arange(1, 30), 0.05 + 0.01 * rng.random(150), [math.nan, math.inf], rng.random(20) / 100]
    )
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=LR)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=patience, min_lr=floor)
    plateau = Plateau(LR, patience=patience, floor=floor)
    state = plateau.init()
    for loss in losses:
        scheduler.step(loss)
        state, lr = plateau.update(state, loss)
        assert type(lr) is float
        assert lr == state.lr == optimizer.param_groups[0]["lr"]
    assert lr < LR


def test_plateau_counts_only_a_relative_gain_as_better():
    plateau = Plateau(1.0, patience=0, threshold=0.1)
    state, lr = plateau.update(plateau.init(), 10.0)
    assert lr == 1
    state, lr = plateau.update(state, 9.1)
    assert (lr, state.best) == (0.1, 10)
    state, lr = plateau.update(state, 8.9)
    assert (lr, state.best) == (0.1, 8.9)


def test_plateau_is_pure():
    plateau = Plateau(1.0, patience=0)
    start = plateau.update(plateau.init(), 1.0)[0]
    assert plateau.update(start, 2.0) == plateau.update(start, 2.0)
    assert start == (1.0, 0, 1.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Plateau(0), "lr=0"),
        (lambda: Plateau(LR, factor=1), "factor=1"),
        (lambda: Plateau(LR, patience=-1), "patience=-1"),
        (lambda: Plateau(LR, threshold=1), "threshold=1"),
        (lambda: Plateau(LR, floor=1), "floor=1"),
    ],
)
def test_errors_name_the_argument_and_its_value(call, words):
    with pytest.raises(ValueError, match=words):
        call()
