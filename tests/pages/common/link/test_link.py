"""The link is the document: whatever it says opens, whatever is on screen is in it, and bad links open too."""

from urllib.parse import parse_qs, urlsplit

import pytest

from engine.experiment import DEFAULTS, KEYS, Experiment
from engine.optimizers import OPTIMIZERS
from pages.common.link.link import brief, full

# Together these give every setting a value that is not its default.
LINKS = {
    "momentum, classes": {
        "data": "spiral", "samples": "120", "noise": "0.05", "test": "0.4", "features": "x1-x2-sinx1-x1x2", "seed": "7",
        "arch": "6-6-4", "act": "relu-gelu-tanh", "init": "he", "scale": "0.5", "bias": "0.1", "norm": "layer",
        "residual": "plain", "loss": "focal", "focal": "1.5", "l1": "0.0001", "l2": "0.001", "dropout": "0.1",
        "batch": "16", "optimizer": "momentum", "lr": "0.0123", "momentum": "0.85", "dampening": "0.1",
        "decay": "0.001", "steps": "40", "patience": "30", "schedule": "cosine", "period": "30", "floor": "0.2",
        "warmup": "5", "clip": "2.5", "clip_by": "value", "gradient_noise": "0.01",
    },
    "rmsprop, numbers": {
        "data": "sine", "optimizer": "rmsprop", "alpha": "0.9", "eps": "1e-07", "out": "tanh", "loss": "huber",
        "delta": "0.5", "centered": "1", "momentum": "0.5", "schedule": "step", "gamma": "0.5",
    },
    "looking ahead": {"optimizer": "momentum", "nesterov": "1", "momentum": "0.7"},
    "adam": {"optimizer": "adam", "beta1": "0.8", "beta2": "0.95"},
    "adadelta, smoothed": {
        "optimizer": "adadelta", "rho": "0.8", "loss": "softmax_cross_entropy", "smoothing": "0.1",
    },
    "adagrad, plateau": {
        "optimizer": "adagrad", "lr_decay": "0.01", "initial_accumulator_value": "0.1", "schedule": "plateau",
        "plateau": "3", "threshold": "0.01", "gamma": "0.5", "floor": "0.1",
    },
    "nadam, polynomial": {"optimizer": "nadam", "momentum_decay": "0.01", "schedule": "polynomial", "power": "2"},
    "rprop": {
        "optimizer": "rprop", "etaminus": "0.4", "etaplus": "1.3", "step_size_min": "0.001", "step_size_max": "1",
    },
    "lbfgs, restarts": {"optimizer": "lbfgs", "history_size": "5", "schedule": "restarts", "stretch": "2"},
    "newton": {"optimizer": "newton", "damping": "0.1", "steps": "20"},
    "points": {
        "data": "drawn", "points": "a1_2b-1_0.5c0_3", "loss": "multi_margin", "biases": "frozen",
        "bias_spread": "0.5", "weights": "W1[1,1]:0.5,b3:0.1,0.2,0.3", "input_noise": "0.1", "steps": "20",
    },
    "rows, a sum": {
        "data": "rows", "rows": "1,2:3,4;0,1:5,6", "summed": "1", "schedule": "inverse_time", "decay_rate": "0.1",
    },
    "digits": {"data": "digits", "folds": "4", "fold": "2", "dseed": "3", "shift": "1", "steps": "5", "arch": "4"},
}  # fmt: skip
TABLE = {"data": "csv", "missing": "fill", "standardise": "0", "bug": "sum"}  # to come: there is nothing to draw yet
SHORT = {"steps": "5", "samples": "20", "arch": "3"}


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_a_link_restores_the_experiment(app, experiment, link):
    session = app(link)
    assert experiment(session) == Experiment.from_params(link)
    assert not session.warning


def test_the_links_above_change_every_setting():
    changed = {
        key
        for link in [*LINKS.values(), TABLE]
        for key in KEYS
        if getattr(Experiment.from_params(link), key) != DEFAULTS[key]
    }
    assert changed == set(KEYS)


def test_a_link_restores_what_is_to_be_made_of_a_table(app, experiment):
    session = app(TABLE)
    assert experiment(session) == Experiment.from_params(TABLE)
    query = parse_qs(urlsplit(session.code[0].value).query, keep_blank_values=True, strict_parsing=True)
    assert experiment(app({key: values[-1] for key, values in query.items()})) == experiment(session)


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_the_address_says_what_is_on_screen(app, experiment, address, link):
    session = app(link)
    assert Experiment.from_params(address(session)) == experiment(session)


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_the_shared_link_is_explicit_and_opens_the_same(app, experiment, link):
    session = app(link)
    query = parse_qs(urlsplit(session.code[0].value).query, keep_blank_values=True, strict_parsing=True)
    shared = {key: values[-1] for key, values in query.items()}
    assert set(shared) >= {*KEYS, "v"}
    other = app(shared)
    assert experiment(other) == experiment(session)
    assert other.query_params == session.query_params
    assert not other.warning


def test_defaults_leave_the_address_empty(app):
    assert app().query_params == {}


def test_what_optimizer_loss_and_schedule_do_not_know_is_no_part_of_the_run(app, experiment):
    session = app({"optimizer": "adam", "momentum": "0.5", "delta": "2", "gamma": "0.5", "floor": "0.1"})
    assert session.query_params == {}
    assert experiment(session) == Experiment()
    for key in ("momentum", "delta", "gamma", "floor"):  # and says so
        assert f"- {key}" in session.warning[0].value


@pytest.mark.parametrize("link", [{"arch": "6-4", "residual": "plain"}, {"init": "zeros", "scale": "2"}], ids=str)
def test_a_setting_on_screen_that_cannot_act_is_said_beside_it_whatever_the_link(app, link):
    for settings in (SHORT | link, Experiment.from_params(SHORT | link).to_params()):
        assert any("is ignored" in warning.value for warning in app(settings).sidebar.warning)


def test_what_another_optimizer_does_not_know_leaves_the_address_with_the_old_one(app, address):
    session = app({"optimizer": "adam", "beta1": "0.8"} | SHORT)
    session.selectbox(key="optimizer").set_value("sgd").run()
    assert "beta1" not in address(session)
    assert not app(address(session)).warning


@pytest.mark.parametrize(
    ("link", "taken"),
    [
        ({"lr": "nan"}, {}),
        ({"lr": "inf"}, {"lr": 1000.0}),
        ({"lr": "1e999"}, {"lr": 1000.0}),
        ({"lr": ""}, {}),
        ({"lr": "fast"}, {}),
        ({"lr": "5000"}, {"lr": 1000.0}),
        ({"lr": ["0.1", "0.2"]}, {}),
        ({"steps": "-3"}, {"steps": 1}),
        ({"samples": "1e99", "steps": "1"}, {"samples": 5000, "steps": 1}),
        ({"noise": "2"}, {"noise": 1.0}),
        ({"data": "cats"}, {}),
        ({"arch": "8-x"}, {}),
        ({"arch": "0-3"}, {"arch": (1, 3)}),
        ({"act": "tanh-relu-sin"}, {}),
        ({"features": "x1-x9"}, {"features": ("x1",)}),
        ({"loss": "binary_cross_entropy", "data": "line"}, {"data": "line"}),
        ({"out": "tanh"}, {}),
        ({"colour": "red"}, {}),
        ({"v": "99"}, {}),
        ({"seed": "9" * 5000}, {"seed": 2**31 - 1}),
        ({"<b>": "<script>alert(1)</script>"}, {}),
        ({"optimizer": "Adam\n# x"}, {}),
    ],
    ids=str,
)
def test_a_bad_link_opens_nearby_and_says_what_was_not_taken(app, experiment, address, link, taken):
    session = app(link)
    assert experiment(session) == Experiment().replace(**taken)
    assert len(session.warning) == 1
    assert next(iter(link)).strip("<>") in session.warning[0].value
    assert Experiment.from_params(address(session)).problems == ()


def test_an_empty_or_unknown_loss_still_trains(app, experiment):
    assert experiment(app({"loss": ""})).loss == "binary_cross_entropy"
    assert experiment(app({"data": "digits", "loss": "guess", "steps": "3"})).loss == "softmax_cross_entropy"


def test_aliases_and_words_are_taken_silently(app, experiment):
    session = app({"loss": "bce", "act": "leaky", "batch": "full", "steps": "5"})
    assert not session.warning
    assert experiment(session) == Experiment(act=("leaky_relu",), steps=5)
    session = app({"arch": "none", "steps": "5"})
    assert not session.warning
    assert experiment(session) == Experiment(arch=(), steps=5)


def test_hundreds_of_unknown_names_are_summed_up(app):
    session = app({f"k{number}": "1" for number in range(300)} | SHORT)
    assert session.warning[0].value.count("\n") == 10
    assert "290 more" in session.warning[0].value


def test_problems_are_said_until_dismissed_and_nothing_is_lost(app, experiment):
    session = app({"colour": "red", **SHORT})
    session.number_input(key="steps").set_value(6).run()
    assert len(session.warning) == 1
    session.button(key="notices_dismiss").click().run()
    assert not session.warning
    session.number_input(key="steps").set_value(7).run()
    assert not session.warning
    assert experiment(session) == Experiment(samples=20, arch=(3,), steps=7)


def test_markdown_in_a_link_stays_text(app):
    session = app({"[click](http://example.org)": "1", **SHORT})
    assert "`[click](http://example.org)`" in session.warning[0].value


def test_an_own_table_is_not_in_the_link_and_the_page_says_so(app):
    session = app({"data": "csv"})
    assert "never part of a link" in session.info[0].value
    assert any("not in the link" in caption.value for caption in session.caption)


def test_page_parameters_stay_beside_the_settings(app):
    session = app({"edges": "gradient", "steps": "5", "junk": "1"})
    assert session.query_params == {"edges": "gradient", "steps": "5"}
    assert "edges=gradient" in session.code[0].value


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_brief_and_full_say_the_same(optimizer):
    """Without a screen: reading either form of any optimizer's experiment gives it back."""
    changed = Experiment(optimizer=optimizer, lr=0.25, act=("relu", "tanh"), features=("x2", "x1sq"), steps=12)
    texts = {key: "-".join(values) for key, values in brief(changed).items()}
    assert Experiment.from_params(texts) == changed
    query = parse_qs(urlsplit(full(changed, "https://lab.example/depth", {"edges": ["update"]})).query)
    assert Experiment.from_params({key: values[0] for key, values in query.items() if key != "edges"}) == changed
    assert query["edges"] == ["update"]


def test_a_step_that_is_none_or_lies_outside_of_the_run_is_said_and_any_number_opens(app):
    said = [warning.value for warning in app({"at": "soon"}).warning]
    assert len(said) == 1
    assert "soon" in said[0]
    assert "300 is shown" in app({"at": "1e300"}).warning[-1].value
    assert "`-1` must be from 0" in app({"at": "-1"}).warning[0].value
    assert not app({"at": "12"}).warning
