"""What is typed by hand: a run starts from it, a link keeps it, what cannot be read is named and the rest stays."""

import numpy as np
import pytest

from engine import Experiment, race, train
from engine.backprop.worked_examples import EXAMPLES
from engine.experiment import SETTINGS
from engine.experiment.listed import Start, put_in
from engine.network import Network

SMALL = {"samples": 40, "steps": 6, "arch": (3, 2)}
DEEP = "W1:.1,.2,.3,.4,b1:.1,.2,W2:.5,.6,.7,.8,b2:.5,.6,W3:.9,1,1.1,1.2,b3:.9,1"  # the worked example 2-2-2-2


def test_a_run_starts_from_the_weights_that_are_given_and_from_drawn_ones_else():
    given = train(Experiment(**SMALL, weights="W1[3,2]:-0.25,b2:7,W3:1,2"))
    drawn, layout = train(Experiment(**SMALL)), given.network.layout
    expected = drawn.params[0].copy()
    layout.view(expected, "W1")[2, 1] = -0.25
    layout.view(expected, "b2")[:] = 7
    layout.view(expected, "W3")[0] = (1, 2)
    assert np.array_equal(given.params[0], expected)
    assert np.array_equal(given.data.x, drawn.data.x)
    assert np.array_equal(race([given.experiment])[0].params, given.params)


def test_a_whole_layer_is_given_unit_by_unit_as_a_textbook_writes_its_rows():
    example = EXAMPLES["2-2-2-2"]
    network = Network(example.experiment.replace(weights=DEEP), 2, 2)
    assert np.array_equal(network.initial(np.random.default_rng(0)), example.start(network))


def test_of_two_values_for_one_weight_the_later_counts():
    network = Network(Experiment(**SMALL, weights="W1[1,1]:1,W1:2,W1[1,1]:3"), 2, 1)
    first = network.layout.view(network.initial(np.random.default_rng(0)), "W1")
    assert first.tolist() == [[3, 2], [2, 2], [2, 2]]


@pytest.mark.parametrize(
    ("text", "kept", "says"),
    [
        (" W1[1, 2] : 5e-1 ", "none", "and `W1[1, 2] : 5e-1` is none; none is used"),
        ("W1[1,2]:5e-1; b1:0 1,  b2[1]:-2", "W1[1,2]:0.5,b1:0,1,b2[1]:-2", ""),
        ("W1[0,1]:1,b1:2", "b1:2", "and `W1[0,1]:1` is none; b1:2 is used"),
        ("W1[1,1]:1,2,b1:nan,b2:1e13,V1:1,b3:1_0,b4", "none", "and `W1[1,1]:1,2` is none; none is used"),
        ("b1:" + ",".join(["1"] * 2001), "none", "must be at most 60 parts of 2,000 numbers in all; none is used"),
        (",".join(f"b1[{i}]:1" for i in range(1, 62)), ",".join(f"b1[{i}]:1" for i in range(1, 61)), "must be at most"),
        ("none", "none", ""),
        ("", "none", ""),
    ],
)
def test_what_can_be_read_is_kept_and_what_cannot_is_named(text, kept, says):
    setting = SETTINGS["weights"]
    value, problem = setting.read(text)
    assert setting.format(value) == kept
    assert says in problem
    assert bool(says) == bool(problem)
    assert len(problem) < 250


def test_a_link_keeps_them_to_the_last_bit():
    experiment = Experiment(weights="W1[8,2]:0.1,b3:-1e-300")
    assert experiment.weights == (Start("W1", (7, 1), (0.1,)), Start("b3", None, (-1e-300,)))
    assert experiment.to_params()["weights"] == "W1[8,2]:0.1,b3:-1e-300"
    assert Experiment.from_params(experiment.to_params()) == experiment
    assert hash(experiment) != hash(Experiment())


@pytest.mark.parametrize("wrong", [5, ["W1:1"], (Start("W1", None, (np.nan,)),), (Start("W1", (0,), ()),), b"W1:1"])
def test_anything_else_is_refused_with_the_name_of_the_argument(wrong):
    with pytest.raises(ValueError, match=r"^weights="):
        Experiment(weights=wrong)


def test_a_number_typed_over_takes_the_place_of_the_one_before():
    once = put_in((), "W2", (0, 3), 0.5)
    assert put_in(once, "W2", (0, 3), 0.75) == (Start("W2", (0, 3), (0.75,)),)
    assert "".join(map(str, put_in(once, "b1", (1,), 2.0))) == "W2[1,4]:0.5b1[2]:2"


def test_what_the_network_lacks_is_said_as_far_as_it_is_known_without_the_data():
    says = [Experiment(data=data, weights="W1[1,9]:1").ignored for data in ("csv", "digits", "circle", "line")]
    assert [len(sentences) for sentences in says] == [0, 0, 1, 1]
    fits = {"digits": "b3[10]:0", "circle": "b3[1]:0", "sine": "W1[8,1]:0"}
    assert all(not Experiment(data=data, weights=text).ignored for data, text in fits.items())
    assert Experiment(weights="b3[2]:0").ignored
    assert not Experiment(weights="b3[2]:0", loss="softmax_cross_entropy").ignored
