"""The limit that is offered holds for the run that it starts, and what is said of that run is what it does."""

import numpy as np
import pytest

from engine import Experiment, train
from engine.curvature import hessian
from engine.diagnostics.at_limit import at_limit
from engine.landscape import objective_of
from engine.landscape.stability import stability_of


def tried(run):
    return at_limit(run, stability_of(run, objective_of(run), diverges=False))


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_limit_is_that_of_the_start_and_its_run_descends(optimizer):
    run = train(Experiment(optimizer=optimizer, lr=0.03))
    sharpest = np.linalg.eigvalsh(hessian(objective_of(run).gradient, run.params[0]))[-1]
    found = tried(run)
    assert found.changes["lr"] == pytest.approx(2 / sharpest, rel=1e-3)
    again = train(run.experiment.replace(**found.changes))
    assert again.experiment.optimizer == "sgd"
    assert again.train_loss[-1] == found.loss < again.train_loss[0]


def test_the_limit_of_the_end_would_throw_the_default_run_off_its_start():
    run = train(Experiment())
    flat = float(stability_of(run, objective_of(run), diverges=False).sharpness[-1])
    thrown = train(Experiment(optimizer="sgd", lr=2 / flat)).train_loss
    assert thrown[-1] > 3 * thrown[0]


def test_where_the_run_climbs_at_its_limit_the_largest_share_is_taken_with_which_it_descends():
    linear = Experiment(act=("linear",), arch=(8, 8), optimizer="momentum", lr=0.01, steps=60)
    found = tried(train(linear))
    assert found.share == 0.25
    losses = [train(linear.replace(lr=found.changes["lr"] * factor)).train_loss for factor in (4, 2, 1)]
    assert [bool(loss[-1] < loss[0]) for loss in losses] == [False, False, True]


def test_a_run_at_its_limit_is_offered_nothing_and_so_is_one_that_takes_long_to_try():
    run = train(Experiment(optimizer="sgd", lr=0.5))
    at_it = run.experiment.replace(**tried(run).changes)
    assert tried(train(at_it)) is None
    assert tried(train(Experiment(samples=2000, arch=(64, 64), steps=2000))) is None
