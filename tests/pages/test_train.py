"""The Train page: where the player rests, every step near it is a frame of every chart, and the engine's."""

from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from engine import Experiment, train
from pages.common.text import number

PAGE = "train"
LINK = {"steps": "300", "samples": "60"}


@pytest.fixture(scope="module")
def whole():
    return train(Experiment.from_params(LINK), frames=301)


def test_without_a_rest_the_frames_are_the_key_frames(opened, charts):
    session = opened(LINK)
    steps = [int(frame["name"]) for frame in charts(session)[3]["frames"]]
    assert steps == train(Experiment.from_params(LINK)).frames.tolist()


def test_near_the_rest_every_step_is_a_frame_with_the_numbers_of_that_step(opened, charts, array, metrics, whole):
    session = opened(LINK | {"at": "100"})
    for chart in charts(session):
        assert set(range(92, 109)) <= {int(frame["name"]) for frame in chart["frames"]}
    frames = {int(frame["name"]): frame for frame in charts(session)[2]["frames"]}
    for step in (97, 100, 101):
        assert np.allclose(array(frames[step]["data"][1]["y"]), whole.gradient_norm[step], rtol=1e-6)
    assert metrics(session)["Loss, train"] == number(whole.train_loss[-1])


def test_a_step_in_the_link_beyond_the_run_is_the_last(opened, charts):
    steps = [int(frame["name"]) for frame in charts(opened(LINK | {"at": "1000"}))[3]["frames"]]
    assert steps[-1] == 300


def titles(session, charts):
    return [chart["layout"]["title"]["text"] for chart in charts(session)]


def field(session, label):
    return next(one for one in [*session.number_input, *session.text_input] if one.label == label)


def test_a_unit_named_in_the_link_stands_large_in_place_of_the_boundary(opened, charts):
    session = opened(LINK | {"focus": "a2[3]"})
    assert titles(session, charts)[1].startswith("Unit 3 of layer 2, a2[3]")
    assert field(session, "b2[3] starts at").value == 0
    session.selectbox(key="focus").select("network").run()
    assert titles(session, charts)[1].startswith("Decision boundary")


def test_every_unit_and_every_weight_can_be_looked_at_by_name(opened):
    names = opened(LINK | {"arch": "3-2"}).selectbox(key="focus").options
    assert names[:7] == ["Whole network", "a0[1]", "a0[2]", "a1[1]", "a1[2]", "a1[3]", "a2[1]"]
    assert len(names) == 1 + 2 + 3 + 2 + 1 + 6 + 6 + 2
    assert names[-1] == "W3[1,2]"


def test_what_is_not_in_the_network_is_said_and_the_whole_is_shown(opened, charts):
    session = opened(LINK | {"focus": "a2[9]", "probe": "here"})
    assert "`a2[9]`" in session.warning[0].value
    assert "`here`" in session.warning[0].value
    assert titles(session, charts)[1].startswith("Decision boundary")


def test_a_weight_typed_over_starts_a_run_from_it_is_said_and_undone(opened, experiment, metrics):
    session = opened(LINK | {"focus": "W1[3,2]"})
    drawn, loss = field(session, "W1[3,2] starts at").value, metrics(session)["Loss, train"]
    other = train(Experiment.from_params(LINK))
    assert drawn == other.network.layout.view(other.params[0], "W1")[2, 1]
    field(session, "W1[3,2] starts at").set_value(0.5).run()
    typed = train(Experiment.from_params(LINK | {"weights": "W1[3,2]:0.5"}))
    assert experiment(session) == typed.experiment
    assert metrics(session)["Loss, train"] == number(typed.train_loss[-1]) != loss
    said = [text.value.replace("\\", "") for text in session.markdown]
    assert any("W1[3,2] starts at 0.5 by hand" in text for text in said)
    session.button(key="undo_start").click().run()
    assert metrics(session)["Loss, train"] == loss
    assert field(session, "W1[3,2] starts at").value == drawn


def test_an_input_is_followed_to_its_prediction_at_every_step(opened, metrics, whole):
    session = opened(LINK | {"probe": "0.5, -0.3"})
    x = whole.data.expand(np.array([[0.5], [-0.3]]))
    share = float(whole.network.loss_function.display(whole.output(x))[-1, 0, 0])
    assert metrics(session)["Input (0.5, -0.3)"] == f"class {int(share > 0.5)}, {max(share, 1 - share):.3f}"


def followed(session, given_stages):
    """The sentence about the input that is followed, at every step of the stage."""
    return next(texts for title, texts, *_ in given_stages(session)[0]["metrics"] if title == "Followed")


def test_the_sentence_on_an_input_is_that_of_each_step_and_goes_back_from_the_answer(opened, given_stages, whole):
    said = followed(opened(LINK | {"probe": "0.5, -0.3", "at": "101"}), given_stages)
    point, view = np.array([0.25, -0.15]), whole.network.layout.view  # the network reads half of the coordinates
    steps = given_stages(opened(LINK | {"probe": "0.5, -0.3", "at": "101"}))[0]["texts"]
    assert len(said) == len(steps)
    for step in (0, 101, 103, 300):
        params = whole.params[step]
        a1 = np.tanh(view(params, "W1") @ point + view(params, "b1"))
        a2 = np.tanh(view(params, "W2") @ a1 + view(params, "b2"))
        share = 1 / (1 + np.exp(-(view(params, "W3") @ a2 + view(params, "b3"))[0]))
        second = int(np.abs(view(params, "W3")[0] * a2).argmax())
        first = int(np.abs(view(params, "W2")[second] * a1).argmax())
        source = int(np.abs(view(params, "W1")[first] * point).argmax())
        text = said[steps.index(step)]
        assert text.startswith(f"Input (0.5, -0.3) is taken for class {int(share > 0.5)} (probability ")
        assert f"probability {max(share, 1 - share):.3f}" in text
        assert f"a1[{first + 1}] = {number(a1[first], 3)} → a2[{second + 1}] = {number(a2[second], 3)}" in text
        on_axis = ("x₁ = 0.500, which enters as 0.250", "x₂ = -0.300, which enters as -0.150")
        assert f"Most of it comes by {on_axis[source]} → " in text


def test_an_input_that_enters_as_it_is_is_said_once(opened, given_stages):
    said = followed(opened({"data": "line", "steps": "20", "arch": "3", "probe": "0.4"}), given_stages)
    assert "comes by x = 0.400 → " in said[-1]


def test_a_feature_of_an_input_has_no_place_on_an_axis_and_says_what_enters(opened, given_stages):
    link = {"features": "x1x2", "steps": "20", "arch": "3", "probe": "0.5, -0.3"}
    assert "comes by x₁x₂, which enters as -0.0375 → " in followed(opened(link), given_stages)[-1]


def test_the_run_goes_on_for_300_steps_with_the_same_beginning(opened, experiment, whole):
    session = opened(LINK)
    assert "stays as it is" in session.button(key="train_more").help
    session.button(key="train_more").click().run()
    longer = experiment(session)
    assert longer.steps == 600
    assert np.array_equal(train(longer, frames=601).params[:301], whole.params)
    session = opened(LINK | {"schedule": "cosine"})
    assert "change too" in session.button(key="train_more").help


@pytest.mark.parametrize(
    ("link", "word"),
    [
        ({}, "learned] The loss went from"),
        ({"lr": "0.002"}, "still falling]"),
        ({"lr": "0.001"}, "too slow]"),
        ({"lr": "0.0001", "optimizer": "sgd"}, "not learning]"),
        ({"data": "plane", "optimizer": "sgd", "lr": "10"}, "diverging]"),
        ({"arch": "32-32", "noise": "0.6", "steps": "1000"}, "overfitting] It has memorised its points: all points"),
        ({"data": "spiral", "optimizer": "sgd", "lr": "9", "arch": "32-32"}, "oscillating]"),
    ],
)
def test_the_page_says_what_came_of_the_run(opened, link, word):
    session = opened(LINK | link)
    assert any(word in text.value.replace("\\", "") for text in session.markdown)


def test_a_pinned_run_stands_beside_the_present_one_in_numbers_and_curves(opened, charts, array, metrics):
    session = opened(LINK)
    session.button(key="pin_button").click().run()
    session.number_input(key="lr").set_value(0.1).run()
    present = train(Experiment.from_params(LINK | {"lr": "0.1"}))
    a = train(Experiment.from_params(LINK))
    assert metrics(session)["Loss, train"] == f"{number(present.train_loss[-1])} (A {number(a.train_loss[-1])})"
    drawn = [trace for trace in charts(session)[3]["data"] if trace.get("name") == "A"]
    assert np.allclose(array(drawn[0]["y"]), a.train_loss, rtol=1e-6)
    again = opened(parse_qs(urlsplit(session.code[0].value).query))
    assert metrics(again) == metrics(session)


def test_a_digit_is_shown_with_its_probabilities_and_a_unit_with_its_weights(opened, charts):
    link = {"data": "digits", "samples": "100", "steps": "20", "arch": "6"}
    assert titles(opened(link | {"probe": "7"}), charts)[1].startswith("Sample 7, class")
    assert "weight of each pixel" in titles(opened(link | {"focus": "a1[2]"}), charts)[1]


def test_a_run_that_failed_offers_what_was_tried_and_the_button_brings_it(opened, experiment):
    session = opened(LINK | {"optimizer": "sgd", "lr": "0.0001"})
    button = next(button for button in session.button if button.label.startswith("Try: "))
    promised = button.label.split("loss ")[1].split(" instead")[0]
    button.click().run()
    assert f"{float(train(experiment(session)).train_loss[-1]):.3g}" == f"{float(promised):.3g}"
    assert not [button for button in opened(LINK).button if button.label.startswith("Try: ")]
