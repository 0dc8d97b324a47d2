"""What is folded has no widgets before it is opened, and is part of the run, the address and the link all the same."""

from urllib.parse import parse_qs, urlsplit

import pytest

from engine.experiment import KEYS, Experiment

#: A setting of each fold that is not its default.
LINK = {
    "steps": "5",
    "samples": "40",
    "features": ["x1", "x1x2"],
    "init": "he",
    "beta1": "0.5",
    "schedule": "cosine",
    "loss": "hinge",
    "l2": "0.01",
}
TEXTS = {key: value if isinstance(value, str) else "-".join(value) for key, value in LINK.items()}
PAGES = ("layers", "backprop", "loss_surface", "optimizers", "depth", "train")
FIRST = {"optimizer", "lr", "batch", "steps"}


def made(session):
    return {widget.key for widget in session.sidebar if getattr(widget, "key", None) in KEYS}


def opened(session, fold, is_open=True):
    session.session_state[fold] = is_open
    session.run()
    assert not session.exception
    return made(session)


def test_what_people_change_first_is_all_that_is_made(app):
    assert made(app()) == FIRST
    assert made(app(LINK)) == FIRST


def test_a_link_opens_with_what_is_folded_and_keeps_its_address_on_every_page(app, experiment):
    session = app(LINK)
    for page in PAGES:
        assert experiment(session) == Experiment.from_params(TEXTS)
        assert {key: session.query_params[key] for key in LINK} == LINK
        session.switch_page(f"pages/{page}.py").run()
        assert not session.exception
    assert made(session) == FIRST


def test_an_address_that_lost_what_is_folded_gets_it_back(app, experiment):
    session = app(LINK)
    del session.query_params["l2"], session.query_params["features"]  # as the browser does on another page
    session.switch_page("pages/layers.py").run()
    assert {key: session.query_params[key] for key in LINK} == LINK
    assert experiment(session) == Experiment.from_params(TEXTS)


def test_a_fold_that_opens_shows_what_the_link_said(app, experiment):
    session = app(LINK)
    now = opened(session, "fold_reg")
    assert FIRST | {"l1", "l2", "dropout", "patience"} <= now
    assert not now & {"seed", "init", "beta1", "loss"}  # which are in other folds
    assert session.number_input(key="l2").value == 0.01
    session.number_input(key="l2").set_value(0.02).run()
    assert experiment(session).l2 == 0.02
    session.number_input(key="l2").set_value(0.0).run()
    assert experiment(session).l2 == 0


def test_a_fold_that_closes_keeps_everything(app, experiment):
    session = app(LINK)
    opened(session, "fold_data")
    session.number_input(key="seed").set_value(7).run()
    opened(session, "fold_data", False)
    for page in PAGES[:2]:
        session.switch_page(f"pages/{page}.py").run()
        assert experiment(session) == Experiment.from_params(TEXTS | {"seed": "7"})
        assert session.query_params["seed"] == "7"
        assert session.query_params["features"] == LINK["features"]


def test_what_means_nothing_any_more_leaves_the_address_from_a_closed_fold_too(app, experiment):
    session = app(LINK)
    session.selectbox(key="optimizer").select("sgd").run()
    assert "beta1" not in session.query_params
    assert experiment(session).optimizer == "sgd"


def test_what_is_folded_is_counted_and_goes_back(app, experiment):
    session = app(LINK)
    for name in ("Data", "Network", "Optimizer", "Training", "Regularisation"):
        session.button(key=f"reset_{name}").click().run()
    assert session.query_params == {}
    assert experiment(session) == Experiment()


def test_what_is_folded_is_in_the_link_to_share(app):
    shared = parse_qs(urlsplit(app(LINK).code[0].value).query)
    assert {key: "-".join(shared[key]) for key in TEXTS} == TEXTS


@pytest.mark.parametrize("seconds", [0.0, 5.0])
def test_going_back_in_the_browser_takes_what_the_address_says_once_it_has_heard(app, choose, seconds):
    """An address that the browser sends a moment after a change may be an old one."""
    session = app({"steps": "5", "arch": "4"})
    choose(session, arch="4-4")
    assert session.query_params["arch"] == "4-4"
    last = session.session_state["unbound_last"]
    session.session_state["unbound_last"] = last._replace(when=last.when - seconds)
    session.query_params["arch"] = "4"
    session.run()
    assert session.session_state["arch"] == ("4" if seconds else "4-4")
    assert session.query_params["arch"] == session.session_state["arch"]


def test_going_back_to_where_the_menu_led_loses_nothing(app):
    """A link of the menu has no settings of the session: the page puts them in, and nobody has chosen to be without."""
    session = app({"steps": "5", "arch": "4"})
    del session.query_params["arch"]
    session.switch_page("pages/layers.py").run()
    assert session.query_params["arch"] == "4"
    last = session.session_state["unbound_last"]
    session.session_state["unbound_last"] = last._replace(when=last.when - 5)
    del session.query_params["arch"]
    session.run()
    assert session.session_state["arch"] == "4"
    assert session.query_params["arch"] == "4"
