"""Data that are given open on every page, with what their rows make of them, and nothing is asked of a test part."""

import pytest

from pages.common.menu import PAGES

SMALL = {"steps": "12", "arch": "3", "track": "network", "racers": "sgd", "res": "25", "depth": "3", "width": "4"}


@pytest.mark.parametrize("page", [entry.name for entry in PAGES])
@pytest.mark.parametrize(
    "link",
    [
        {"data": "rows"},
        {"data": "rows", "rows": "1:0", "arch": "none", "biases": "frozen", "weights": "W1:.6,b1:.9"},
        {"data": "drawn", "points": "a1_2b-1_0c3_-3", "dview": "training"},
        {"data": "xor_gate", "biases": "none"},
    ],
    ids=lambda link: link["data"],
)
def test_every_page_opens_on_given_rows(app, page, link):
    session = app(SMALL | link, page)
    assert not [*session.error, *session.warning]


def test_the_sidebar_shows_what_given_data_have_and_hides_what_they_have_not(app, choose):
    session = app(SMALL | {"data": "drawn"}, unfolded=True)
    keys = {widget.key for widget in (*session.text_input, *session.number_input, *session.slider, *session.toggle)}
    assert {"points", "standardise"} <= keys
    assert not keys & {"samples", "test", "noise", "dseed", "rows", "folds"}
    session.text_input(key="points").input("a1_1b2_2c3_3").run()
    assert not session.exception
    assert session.selectbox(key="loss").value == "softmax_cross_entropy"
    choose(session, data="squares")
    assert session.toggle(key="standardise").value is False


@pytest.mark.parametrize("page", [entry.name for entry in PAGES])
def test_a_wrong_backward_pass_is_named_on_every_page_and_turned_off_there(app, page):
    session = app(SMALL | {"bug": "stale"}, page)
    assert any("wrong on purpose: the gradient is not set to zero" in warning.value for warning in session.warning)
    session.button(key="bug_off").click().run()
    assert not session.exception
    assert not any("on purpose" in warning.value for warning in session.warning)


def test_a_bug_is_chosen_on_backprop_alone_and_goes_along_to_other_pages(app):
    assert not [widget for widget in app(SMALL, "train", unfolded=True).selectbox if widget.key == "bug"]
    session = app(SMALL, "backprop", unfolded=True)
    session.radio(key="bug_choice").set_value("derivative").run()
    assert not session.exception
    assert session.selectbox(key="bug").value == "derivative"
    assert any("derivative of the activation is forgotten" in warning.value for warning in session.warning)
    assert any("bug=derivative" in code.value for code in session.code)
    session.switch_page("pages/layers.py").run()
    assert any("derivative of the activation is forgotten" in warning.value for warning in session.warning)
