"""What one press sets of the run is said, and taken back by another press; a rate that comes along is said, too."""

import pytest


def told(session):
    return [element.value for element in session.markdown if " has set " in element.value]


@pytest.mark.parametrize("name", ["preset_vanishing", "task_tame"])
def test_a_preset_or_a_task_says_what_it_has_set_and_goes_back_whole(app, address, name):
    link = {"depth": "7", "width": "12", "phi": "tanh", "lr": "0.02"}
    session = app(link, "depth")
    before = address(session)
    session.button(key=name).click().run()
    assert "Optimizer to Gradient descent and Learning rate to 0.1" in told(session)[0]
    session.button(key="undo").click().run()
    assert address(session) == before
    assert not told(session)


def test_the_line_goes_when_somebody_goes_on(app):
    session = app({"depth": "7", "width": "12"}, "depth")
    session.button(key="preset_vanishing").click().run()
    session.switch_page("pages/train.py").run()
    assert told(session)
    session.number_input(key="lr").set_value(0.2).run()
    assert not told(session)


def test_a_task_is_in_the_address(app):
    solved = {"dtask": "tame", "depth": "30", "phi": "tanh", "sw2": "1"}
    session = app(solved, "depth")
    assert session.query_params["dtask"] == "tame"
    assert "Solved" in session.success[0].value
    again = app(dict(session.query_params), "depth")
    assert again.success[0].value == session.success[0].value


def test_an_optimizer_says_that_its_rate_came_along(app):
    session = app({"lr": "0.02"})
    session.selectbox(key="optimizer").select("sgd").run()
    said = "Its usual learning rate came along: 0.5, in place of 0.02."
    assert said in [caption.value for caption in session.sidebar.caption]
    session.number_input(key="lr").set_value(0.2).run()
    assert said not in [caption.value for caption in session.sidebar.caption]
