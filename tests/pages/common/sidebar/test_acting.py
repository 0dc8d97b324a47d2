"""What the sidebar shows on a page changes something there; what it does not show keeps its value."""

import pytest

from engine.depth import Deep
from engine.experiment import SETTINGS, Experiment
from pages.common.sidebar.groups import ELSEWHERE

LINK = {"data": "moons", "samples": "60", "arch": "4-4", "steps": "12", "batch": "16", "lr": "0.05", "noise": "0.2"}
#: A value for each setting that ought to change something; what makes others go comes last.
VALUES = {
    "seed": 3, "samples": 50, "test": 0.5, "noise": 0.4, "dseed": 7, "standardise": False,
    "scale": 2.0, "bias": 0.5, "bias_spread": 0.3, "norm": "layer", "residual": "plain", "weights": "W1[1,1]:2",
    "init": "he", "beta1": 0.5, "beta2": 0.9, "eps": 0.1, "decay": 0.1, "warmup": 5, "schedule": "cosine",
    "clip": 0.01, "clip_by": "value", "gradient_noise": 0.5, "batch": "8", "l1": 0.1, "l2": 0.1, "dropout": 0.5,
    "input_noise": 0.5, "loss": "hinge", "folds": 4, "fold": 2, "steps": 10, "act": "relu", "arch": "3-3",
    "biases": "none", "optimizer": "momentum", "lr": 5.0, "patience": 1, "features": ["x1", "x2", "x1x2"],
    "data": "circle",
}  # fmt: skip
VIEWS = {
    "train": {},
    "layers": {},
    "backprop": {"step": "2", "sample": "0"},
    "loss_surface": {"res": "25"},
    "optimizers": {"track": "network", "racers": ["sgd", "adam"], "fair": "same", "rate": "0.05"},
    "optimizers, function": {"racers": "sgd", "rsteps": "8"},
    "depth": {"depth": "3", "width": "8", "dview": "training"},
    "depth, data": {"depth": "3", "width": "8", "dinput": "data"},
    "depth, noise": {"depth": "3", "width": "8"},
    "convolution": {"cvdata": "8x8", "cvmost": "80", "cvblocks": "3k3", "cvdense": "4-4", "cvbatch": "16"},
    "study": {"st1v": "0.01, 0.1", "stseeds": "1"},
    "study, samples": {"stview": "samples", "stfolds": "2", "stseeds": "1"},
    "study, answers": {"stview": "answers"},
}
#: Settings that change nothing there.
IDLE = {
    "train": set(),
    "optimizers": {"optimizer", "lr", "beta1", "beta2", "eps", "decay", "patience"},
    "optimizers, function": set(VALUES),
    "depth": {*Deep().settings(), "patience"},
    "depth, noise": set(VALUES) - {"seed"},
    "convolution": {
        *("data", "samples", "noise", "features", "standardise"),
        *("arch", "act", "loss", "weights", "batch", "steps", "lr"),
    },
    "study": {"lr"},
    "lessons": set(VALUES),
}


def placed(block, path=()):
    """Every element of a part of the screen, with the keys of the containers that it is in."""
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from placed(child, (*path, getattr(child.proto, "id", "").rpartition("-")[2]))
        else:
            yield child, path


def keys_shown(session):
    """The keys of the widgets in sight."""
    return [
        element.key for element, path in placed(session.sidebar) if ELSEWHERE not in path and hasattr(element, "key")
    ]


def visible(session):
    """The settings that the sidebar shows, those of its components among them."""
    keys = keys_shown(session)
    shown = {key for key in keys if key in SETTINGS}
    return shown | ({"data"} if "pictures" in keys else set()) | ({"arch", "act"} if "network" in keys else set())


@pytest.fixture(scope="module")
def drawn(charts, metrics):
    """What a page draws and says: its charts, numbers, texts and tables, and how far its controls go."""

    def draw(session):
        screen = session.main
        texts = [element.value for kind in ("caption", "markdown", "latex", "warning") for element in screen.get(kind)]
        tables = [table.value.to_dict() for table in screen.dataframe]
        return str(
            (charts(session), metrics(session), texts, tables, [(one.key, one.max) for one in screen.number_input])
        )

    return draw


@pytest.mark.parametrize("view", [view for view in VIEWS if IDLE.get(view) != set(VALUES)])
def test_every_setting_that_is_shown_changes_something_on_the_page(app, drawn, view):
    session = app(LINK | VIEWS[view], view.partition(",")[0], unfolded=True)
    before, idle = drawn(session), set()
    assert drawn(session.run()) == before
    for key in (key for key in VALUES if key in visible(session)):
        session.session_state[key] = VALUES[key]
        session.run()
        assert not session.exception
        after = drawn(session)
        idle |= {key} if after == before else set()
        before = after
    assert not idle


@pytest.mark.parametrize("view", IDLE)
def test_what_changes_nothing_on_the_page_is_not_shown_and_kept(app, experiment, address, view):
    kept = {"lr": "0.2", "beta1": "0.5", "arch": "5", "samples": "40", "l2": "0.01"}
    session = app(kept, unfolded=True)
    everything = visible(session)
    assert {"data", "arch", "optimizer", "lr", "seed", "l2", "steps"} <= everything
    for key, value in VIEWS.get(view, {}).items():
        session.session_state[key] = value
    session.switch_page(f"pages/{view.partition(',')[0]}.py").run()
    assert everything - visible(session) == IDLE[view] & everything
    assert ("lr_slider" in keys_shown(session)) == ("lr" in visible(session))
    assert experiment(session) == Experiment.from_params(kept)
    assert {key: address(session)[key] for key in kept} == kept
    session.switch_page("pages/train.py").run()
    assert visible(session) == everything
    assert experiment(session) == Experiment.from_params(kept)
