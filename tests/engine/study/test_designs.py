"""Designs are plain experiments."""

import numpy as np
import pytest

from engine import Experiment
from engine.study import MOST_RUNS, LogUniform, folds, grid, random, seeds
from engine.training import load


def test_a_grid_is_the_product_of_its_values():
    found = grid(Experiment(seed=3), {"lr": [0.1, 0.01], "arch": [(4,), (8, 8), ()]})
    assert [(one.lr, one.arch) for one in found] == [(lr, arch) for lr in (0.1, 0.01) for arch in ((4,), (8, 8), ())]
    assert {one.seed for one in found} == {3}


def test_what_is_usual_beside_an_optimizer_comes_along():
    sgd, adam = grid(Experiment(), {"optimizer": ["sgd", "adam"]})
    assert (sgd, adam) == (Experiment(optimizer="sgd"), Experiment(optimizer="adam"))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"nothing": [1]}, "not a setting"),
        ({"lr": []}, "at least one"),
        ({"lr": [-1.0]}, "lr=-1.0"),
        ({"seed": range(200), "steps": range(1, 100)}, "19,800 runs"),
    ],
)
def test_a_grid_that_cannot_be_is_refused_in_a_sentence(values, said):
    with pytest.raises(ValueError, match=said):
        grid(Experiment(), values)


def test_a_random_search_takes_as_many_values_as_runs():
    """Nine runs of a 3 x 3 grid see three rates; nine random ones see nine (Bergstra & Bengio 2012, figure 1)."""
    ranges = {"lr": LogUniform(1e-4, 1.0), "dropout": [0.0, 0.1, 0.5]}
    found = random(Experiment(), ranges, 9, seed=1)
    assert len({one.lr for one in found}) == 9
    assert all(1e-4 <= one.lr <= 1 and one.dropout in ranges["dropout"] for one in found)
    assert found == random(Experiment(), ranges, 9, seed=1)
    assert found == random(Experiment(), ranges, 30, seed=1)[:9]
    assert found != random(Experiment(), ranges, 9, seed=2)


def test_every_choice_is_drawn_about_as_often():
    """Of 3,000 draws of three choices each has 1,000, by 4 standard deviations of √(3000·2/9)."""
    drawn = [one.optimizer for one in random(Experiment(), {"optimizer": ["sgd", "adam", "lion"]}, 3000)]
    assert all(abs(drawn.count(name) - 1000) < 4 * np.sqrt(3000 * 2 / 9) for name in ("sgd", "adam", "lion"))


def test_seeds_are_other_starts_of_the_same_run():
    found = seeds(Experiment(seed=5), 3)
    assert [one.seed for one in found] == [5, 6, 7]
    assert {one.replace(seed=0) for one in found} == {Experiment()}
    assert seeds(Experiment(seed=2**31 - 1), 2)[1].seed == 0


@pytest.mark.parametrize("n", [0, MOST_RUNS + 1])
def test_no_study_is_empty_or_endless(n):
    with pytest.raises(ValueError, match="must have from 1 to"):
        random(Experiment(), {}, n)


@pytest.mark.parametrize("data", ["circle", "sine", "digits"])
@pytest.mark.parametrize("k", [2, 5])
def test_each_sample_is_tested_on_in_one_fold(data, k):
    experiment = Experiment(data=data, samples=103)
    sets = [load(one) for one in folds(experiment, k)]
    tested = np.concatenate([one.test for one in sets])
    assert sorted(tested) == list(range(103))
    for one in sets:
        assert np.array_equal(one.points, sets[0].points)
        assert sorted([*one.train, *one.test]) == list(range(103))


@pytest.mark.parametrize("k", [2, 3, 7])
def test_folds_are_stratified_as_those_of_scikit_learn(k):
    """Which samples are in a fold is luck, but how many of each class is not: sorted, the counts are the same."""
    selection = pytest.importorskip("sklearn.model_selection")
    sets = [load(one) for one in folds(Experiment(data="digits", samples=200), k)]
    labels = sets[0].labels
    ours = [np.bincount(labels[one.test], minlength=10) for one in sets]
    theirs = [
        np.bincount(labels[test], minlength=10)
        for _, test in selection.StratifiedKFold(k).split(np.zeros(len(labels)), labels)
    ]
    assert np.array_equal(np.sort(ours, axis=0), np.sort(theirs, axis=0))
    assert sorted(map(sum, ours)) == sorted(map(sum, theirs))


@pytest.mark.parametrize("k", [1, 0, 10_000])
def test_a_number_of_folds_that_cannot_be_is_refused(k):
    with pytest.raises(ValueError, match="must be from 2 to"):
        folds(Experiment(), k)
