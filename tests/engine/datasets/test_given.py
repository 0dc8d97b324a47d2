"""Data that are given: every row is trained on, as it stands, and runs on them are those of the books."""

import numpy as np
import pytest

from engine import Experiment, train
from engine.datasets import DATASETS, load
from engine.datasets.given import Point, Row
from engine.diagnostics import diagnose
from engine.experiment import SETTINGS
from engine.training import load as data_of

GIVEN = [name for name, spec in DATASETS.items() if spec.give]
MAZUR = Experiment(
    data="rows", rows=".05,.10:.01,.99", arch=(2,), act="sigmoid", out="sigmoid", optimizer="sgd", lr=0.5,
    biases="frozen", weights="W1:.15,.20,.25,.30,b1:.35,W2:.40,.45,.50,.55,b2:.60",
)  # fmt: skip


@pytest.mark.parametrize("name", GIVEN)
def test_all_rows_are_trained_on_whatever_is_to_be_held_back(name):
    run = train(Experiment(data=name, steps=3, test=0.5, folds=2, samples=4))
    assert run.data.train.tolist() == list(range(run.data.x.shape[1]))
    assert len(run.data.test) == 0
    assert run.test_loss is None
    assert np.array_equal(run.data.x * (2 if name == "drawn" else 1), run.data.points)
    assert diagnose(run)
    assert "test_loss" not in run.table()


@pytest.mark.parametrize(
    ("name", "says"),
    [("and_gate", lambda a, b: a and b), ("or_gate", lambda a, b: a or b), ("xor_gate", lambda a, b: a != b),
     ("nand_gate", lambda a, b: not (a and b))],
)  # fmt: skip
def test_a_gate_is_its_truth_table(name, says):
    data = data_of(Experiment(data=name))
    assert {tuple(row) for row in data.points.T.astype(int)} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert data.labels.tolist() == [bool(says(*row)) for row in data.points.T]
    assert train(Experiment(data=name, arch=(4,), lr=0.1, steps=400)).train_accuracy[-1] == 1


def test_a_straight_line_fits_five_squares_at_4x_less_2():
    """By hand: Σx = 10, Σx² = 30, Σx³ = 100, Σx⁴ = 354, so that the line is 4x - 2, and the mean square 2.8."""
    line = {"data": "squares", "arch": (), "loss": "mse", "optimizer": "sgd", "init": "zeros", "steps": 1000}
    run = train(Experiment(**line, lr=0.1))
    assert run.params[-1] == pytest.approx([4, -2], abs=1e-4)
    assert run.loss[-1] == pytest.approx(2.8, rel=1e-8)
    assert train(Experiment(**line, lr=0.15)).loss[-1] > 1e3  # above 2/λmax = .1492


def test_the_step_by_step_example_of_mazur():
    """A step by step backpropagation example (2015): .298371109, w5 .35891648, w1 .149780716, at last .0000351085."""
    run, once = train(MAZUR.replace(steps=10_000), frames=2), train(MAZUR.replace(steps=1))
    view = once.network.layout.view
    assert run.loss[0] == pytest.approx(0.298371109, abs=5e-10)
    assert run.loss[-1] == pytest.approx(3.51085e-5, rel=3e-4)
    assert view(once.params[1], "W2")[0, 0] == pytest.approx(0.35891648, abs=5e-9)
    assert view(once.params[1], "W1")[0, 0] == pytest.approx(0.149780716, abs=5e-10)


def test_one_neuron_starts_slowly_where_it_is_saturated():
    """Nielsen, ch. 3: from (w, b) = (.6, .9) the output is .09 after 300 epochs, from (2, 2) it is .20."""
    one = Experiment(data="rows", rows="1:0", arch=(), out="sigmoid", optimizer="sgd", lr=0.15, steps=300)
    ends = [
        train(one.replace(weights=start)).output(np.ones((1, 1)))[-1, 0, 0] for start in ("W1:.6,b1:.9", "W1:2,b1:2")
    ]
    assert ends == pytest.approx([0.09, 0.20], abs=0.005)


def test_rows_may_be_standardised():
    data = data_of(Experiment(data="rows", rows="1,200:1;3,400:2;2,600:3", standardise=True))
    assert data.x.mean(axis=1) == pytest.approx([0, 0], abs=1e-15)
    assert data.x.std(axis=1) == pytest.approx([1, 1])
    assert data.targets.tolist() == [[1, 2, 3]]
    assert np.array_equal(data.expand(data.points), data.x)


def test_raw_inputs_are_the_numbers_themselves():
    for name, most in (("circle", 6), ("digits", 16)):
        raw, usual = (load(name, samples=50, standardise=on) for on in (False, True))
        assert np.array_equal(raw.x, raw.points)
        assert raw.x.max() > most / 2
        assert np.array_equal(raw.x, usual.x * (16 if name == "digits" else 2))
    assert Experiment(data="line", standardise=False).ignored


@pytest.mark.parametrize(("points", "classes"), [("a0_0b1_1", 2), ("a0_0", 2), ("a0_0c1_1", 3)])
def test_points_have_two_classes_or_three_and_the_loss_that_suits(points, classes):
    run = train(Experiment(data="drawn", points=points, steps=2))
    assert len(run.data.class_names) == classes
    assert run.experiment.loss == ("binary_cross_entropy" if classes == 2 else "softmax_cross_entropy")


@pytest.mark.parametrize(
    ("key", "text", "kept", "says"),
    [
        ("points", "a1.25_-2b0_3", "a1.25_-2b0_3", ""),
        ("points", "A1.254_-0, b.5_3; c0_7", "a1.25_0", "and `b.5_3` is none"),
        ("points", "a1_1" * 61, "a1_1" * 60, "at most 60 parts"),
        ("rows", "1,2:3,4; 1e3 0:5,6", "1,2:3,4;1000,0:5,6", ""),
        ("rows", "1:2;1:2:3;;:;x:1;" + ",".join("1" * 17) + ":0", "1:2", "and `1:2:3` is none"),
    ],
)
def test_what_can_be_read_of_points_and_rows_is_kept(key, text, kept, says):
    value, problem = SETTINGS[key].read(text)
    assert SETTINGS[key].format(value) == kept
    assert says in problem
    assert bool(says) == bool(problem)


def test_points_are_hundredths_within_the_picture():
    assert Point.read("b-5.999_6") == Point(1, -6.0, 6.0)
    assert Point.read("b-6.01_0") is Point.read("d0_0") is Point.read("a1.2.3_0") is None
    with pytest.raises(ValueError, match="points="):
        Experiment(points=(Point(0, 0.123, 0.0),))
    with pytest.raises(ValueError, match=r"points=.* at least one"):
        Experiment(data="drawn", points=())
    with pytest.raises(ValueError, match=r"rows=.* as many inputs"):
        Experiment(data="rows", rows=(Row((1.0,), (1.0,)), Row((1.0, 2.0), (1.0,))))


def test_the_arms_of_the_spiral_are_those_of_cs231n():
    """Arm j: radius r from 0 to 1, angle from 4j to 4(j + 1), plus .2 of normal noise, which is noise = .1 here."""
    data = load("spiral3", samples=300, noise=0)
    radius, angle = np.linspace(0, 1, 100), np.concatenate([np.linspace(4 * j, 4 * j + 4, 100) for j in range(3)])
    expected = np.tile(radius, 3) * np.array([np.sin(angle), np.cos(angle)])
    np.testing.assert_allclose(data.points, expected, atol=1e-15)
    assert np.array_equal(data.labels, np.repeat([0, 1, 2], 100))
    noisy = load("spiral3", samples=300, noise=0.1, seed=2).points
    turned = np.angle(np.exp(1j * (np.arctan2(*noisy) - angle)))[np.tile(radius, 3) > 0]
    assert turned.std() == pytest.approx(0.2, rel=0.2)


def test_weights_and_data_have_seeds_of_their_own_if_asked():
    base = Experiment(steps=2, samples=40)
    first, other, same = (train(one) for one in (base, base.replace(seed=7, dseed=0), base.replace(dseed=3)))
    assert np.array_equal(first.data.points, other.data.points)
    assert not np.array_equal(first.params[0], other.params[0])
    assert np.array_equal(first.params[0], same.params[0])
    assert not np.array_equal(first.data.points, same.data.points)
    assert base.to_params()["dseed"] == "auto"
