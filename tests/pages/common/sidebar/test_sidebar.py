"""All settings in the sidebar: shown where they matter, in step with each other, back to default in one press."""

from functools import partial

import pytest

from engine.experiment import KEYS, OPTIONS, REGRESSION_LOSSES, SETTINGS, Experiment, recommended
from engine.experiment.options import BESIDE
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES
from pages.common.link import controls, unbound

QUICK = {"steps": "5", "samples": "20", "arch": "3"}


@pytest.fixture(scope="module")
def app(app):
    """A session with all folds open: see `test_folds` for those that are not."""
    return partial(app, unfolded=True)


def widgets(session):
    return {widget.key: widget for widget in session.sidebar if getattr(widget, "key", None) in KEYS}


def press(session, label):
    next(button for button in session.button if button.key == f"reset_{label}").click().run()


def resets(session):
    return [button.key.removeprefix("reset_") for button in session.button if button.key.startswith("reset_")]


def test_every_setting_has_a_control():
    assert all((setting.control or type(setting)) in controls.WIDGETS for setting in SETTINGS.values())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_shows_exactly_its_own_hyper_parameters(app, optimizer):
    shown = set(widgets(app({**QUICK, "optimizer": optimizer, "clip": "1"})))
    assert shown & set(BESIDE["optimizer"]) == set(OPTIONS["optimizer"][optimizer])
    assert {"lr", "schedule", "warmup", "clip", "clip_by", "gradient_noise"} <= shown


@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_shows_exactly_its_own_options(app, loss):
    assert set(widgets(app({**QUICK, "loss": loss}))) & set(BESIDE["loss"]) == set(OPTIONS["loss"][loss])


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_shows_exactly_its_own_options(app, schedule):
    shown = set(widgets(app({**QUICK, "schedule": schedule})))
    assert shown & set(BESIDE["schedule"]) == set(OPTIONS["schedule"][schedule])


def test_options_arrive_and_an_empty_one_is_the_schedules_own(app, experiment):
    session = app({**QUICK, "schedule": "step", "loss": "huber"})
    assert session.number_input(key="gamma").value is None
    session.number_input(key="gamma").set_value(0.5)
    session.number_input(key="period").set_value(2)
    session.number_input(key="delta").set_value(0.25)
    session.run()
    chosen = experiment(session)
    assert (chosen.gamma, chosen.period, chosen.delta) == (0.5, 2, 0.25)
    session.number_input(key="gamma").set_value(None).run()
    assert experiment(session).gamma is None


def test_another_schedule_starts_with_options_of_its_own(app, experiment):
    session = app({**QUICK, "schedule": "step", "gamma": "0.01", "period": "2"})
    session.selectbox(key="schedule").select("exponential").run()
    assert experiment(session) == Experiment.from_params({**QUICK, "schedule": "exponential"})
    session.selectbox(key="schedule").select("constant").run()
    assert experiment(session) == Experiment.from_params(QUICK)


def test_every_setting_is_shown_somewhere_with_a_line_of_help(app):
    optimizers = ("momentum", "rmsprop", "adadelta", "adam", "adagrad", "nadam", "rprop", "lbfgs", "newton")
    links = [{"optimizer": name} for name in optimizers]
    links += [
        {"data": "line", "clip": "1", "folds": "3"},
        {"data": "csv"},
        {"data": "drawn"},
        {"data": "rows", "bug": "sum"},
    ]
    links += [{"loss": name} for name, own in OPTIONS["loss"].items() if own]
    links += [{"schedule": name} for name in ("step", "inverse_time", "polynomial", "restarts", "plateau")]
    seen = {}
    for link in links:
        seen |= widgets(app(QUICK | link))
    assert set(seen) == set(KEYS) - {"data", "arch", "act"}  # which components show
    assert all(widget.proto.help and "\n" not in widget.proto.help for widget in seen.values())


@pytest.mark.parametrize("optimizer", sorted(set(OPTIMIZERS) - {"adam"}))
def test_choosing_an_optimizer_brings_its_own_values_along(app, experiment, address, optimizer):
    session = app(QUICK)
    session.selectbox(key="optimizer").select(optimizer).run()
    chosen = experiment(session)
    assert {key: getattr(chosen, key) for key in recommended(optimizer)} == recommended(optimizer)
    # The browser itself writes what a person changed; the rest of the address is the server's.
    assert Experiment.from_params(address(session) | {"optimizer": optimizer}) == chosen


def test_going_back_to_adam_leaves_nothing_behind(app, experiment, address):
    session = app(QUICK)
    for name in ("adagrad", "rmsprop", "lion", "momentum", "adam"):
        session.selectbox(key="optimizer").select(name).run()
    assert experiment(session) == Experiment.from_params(QUICK)
    assert address(session) == QUICK


def test_only_losses_that_suit_the_task_are_offered(app, choose):
    session = app({**QUICK, "data": "sine"})
    assert session.selectbox(key="loss").options == [LOSSES[name].title for name in REGRESSION_LOSSES]
    choose(session, data="moons")
    assert session.selectbox(key="loss").options == [loss.title for loss in LOSSES.values()]


def test_choosing_data_sets_a_suitable_loss(app, choose, experiment):
    session = app(QUICK)
    for data, loss in [
        ("line", "squared_error"),
        ("digits", "softmax_cross_entropy"),
        ("plane", "squared_error"),
        ("xor", "binary_cross_entropy"),
    ]:
        choose(session, data=data)
        assert not session.exception
        assert experiment(session).loss == loss


def test_choosing_data_takes_all_that_was_collected(app, choose, experiment):
    session = app({"steps": "5", "arch": "3"})
    for data, samples in [("digits", 1797), ("moons", 200), ("digits", 1797)]:
        choose(session, data=data)
        assert experiment(session).samples == samples
    session.number_input(key="samples").set_value(90).run()
    choose(session, data="spiral")
    assert experiment(session).samples == 90


@pytest.mark.parametrize("more", [{}, {"samples": "200"}], ids=str)
def test_going_back_to_other_data_takes_what_the_address_says(app, experiment, monkeypatch, more):
    monkeypatch.setattr(unbound, "GRACE", 0.0)
    link = {"steps": "5", "arch": "3"}
    session = app(link)
    back = {"data": "digits"} | more
    for key, text in back.items():
        session.query_params[key] = text
    session.run()
    assert experiment(session) == Experiment.from_params(link | back)


@pytest.mark.parametrize("data", ["moons", "sine", "digits"])
def test_every_page_opens_with_nothing_held_back(app, metrics, data):
    session = app({**QUICK, "data": data, "test": "0"})
    for page in ("layers", "backprop", "loss_surface", "optimizers", "depth", "train"):
        session.switch_page(f"pages/{page}.py").run()
        assert not session.exception
        assert not [title for title in metrics(session) if "test" in title]


def test_a_loss_of_ones_own_stays_while_it_suits(app, choose, experiment):
    session = app({**QUICK, "loss": "huber"})
    for data, loss in [("digits", "huber"), ("line", "huber"), ("moons", "huber")]:
        choose(session, data=data)
        assert experiment(session).loss == loss
    session.selectbox(key="loss").select("focal").run()
    choose(session, data="sine")
    assert experiment(session).loss == "squared_error"


def test_the_output_activation_is_offered_only_where_it_can_be_chosen(app, choose, experiment):
    session = app({**QUICK, "data": "line", "out": "tanh"})
    assert experiment(session).out == "tanh"
    choose(session, data="circle")
    assert "out" not in widgets(session)
    assert experiment(session).out == "linear"


def test_slider_and_exact_learning_rate_follow_each_other(app, experiment, address):
    session = app(QUICK)
    session.select_slider(key="lr_slider").set_value(0.5).run()
    assert session.number_input(key="lr").value == experiment(session).lr == 0.5
    assert address(session)["lr"] == "0.5"
    session.number_input(key="lr").set_value(0.0123).run()
    assert session.select_slider(key="lr_slider").value == 0.01
    assert experiment(session).lr == 0.0123


def test_each_layer_may_have_an_activation_of_its_own(app, choose, experiment, address):
    session = app({**QUICK, "arch": "3-4"})
    choose(session, act="sin-gelu")
    assert experiment(session).act == ("sin", "gelu")
    assert address(session)["act"] == "sin-gelu"
    choose(session, act="relu")
    assert experiment(session).act == ("relu",)


def test_settings_that_do_not_fit_are_said_beside_them_and_nothing_is_lost(app, choose, experiment):
    session = app({**QUICK, "arch": "3-4", "act": "sin-gelu"})
    choose(session, arch="3-4-5")
    assert "Activation" in session.sidebar.warning[0].value
    assert experiment(session).arch == (3, 4, 5)
    choose(session, arch="3-4")
    assert not session.sidebar.warning
    assert experiment(session).act == ("sin", "gelu")


def test_what_differs_is_counted_and_goes_back_in_one_press(app, experiment):
    session = app()
    assert resets(session) == []
    session.slider(key="noise").set_value(0.3)
    session.number_input(key="seed").set_value(5)
    session.selectbox(key="batch").set_value("16")
    session.number_input(key="l2").set_value(0.01)
    session.selectbox(key="optimizer").select("momentum")
    session.run()
    assert resets(session) == ["Data", "Optimizer", "Training", "Regularisation"]
    labels = {button.key: button.label for button in session.button}
    assert labels["reset_Data"] == "Reset 2"
    assert labels["reset_Optimizer"] == "Reset 1"
    for label in ("Data", "Training", "Optimizer", "Regularisation"):
        press(session, label)
    assert resets(session) == []
    assert experiment(session) == Experiment()
    assert session.query_params == {}


def test_resetting_an_optimizer_keeps_its_own_values(app, experiment):
    session = app({**QUICK, "optimizer": "adam", "beta1": "0.5", "lr": "1"})
    press(session, "Optimizer")
    assert experiment(session) == Experiment.from_params(QUICK)


def test_ten_changes_at_once_all_arrive(app, choose, experiment):
    session = app()
    session.selectbox(key="init").select("he")
    session.selectbox(key="batch").set_value("8")
    session.number_input(key="steps").set_value(20)
    session.number_input(key="lr").set_value(0.1)
    session.number_input(key="samples").set_value(50)
    session.pills(key="features").set_value(["x1", "x2", "x1x2"])
    session.number_input(key="seed").set_value(3)
    choose(session, data="moons", arch="4-3", act="relu")
    expected = Experiment(
        data="moons", arch=(4, 3), act="relu", init="he", batch=8, steps=20, lr=0.1, samples=50,
        features=("x1", "x2", "x1x2"), seed=3,
    )  # fmt: skip
    assert experiment(session) == expected


def test_no_inputs_at_all_means_the_usual_ones(app, experiment):
    session = app(QUICK)
    session.pills(key="features").set_value([]).run()
    assert not session.exception
    assert experiment(session).features == ("x1", "x2")
