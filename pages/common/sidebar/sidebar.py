"""The settings, left of every page: what people change first is open, the rest is folded.

Data as pictures, the network in the hand, optimizer and learning rate come first. What means nothing beside the others
is not shown: loss, optimizer and schedule come with exactly the options that are their own. Nor is what changes nothing
on the page (see `acting`). Every control keeps itself in the address, or is kept there (see `link` and `unbound`):
widgets in a fold are not made before it is opened, because making thirty of them takes longer than all the rest of a
first page. A group in which something differs from its default says so and goes back with one press. Choosing an
optimizer brings its own hyper-parameters along, choosing data a loss that suits it.
"""

import bisect
from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any

import streamlit as st

from engine.datasets import DATASETS
from engine.experiment import (
    DEFAULTS,
    OPTIONS,
    SETTINGS,
    USUAL,
    Experiment,
    holdout,
    losses_for,
    recommended,
    usual,
    usual_loss,
)
from engine.experiment.settings import Setting
from pages.common.app.notices import marked
from pages.common.editor.canvas import canvas
from pages.common.editor.network import network_editor
from pages.common.editor.pictures import data_pictures
from pages.common.lesson.teacher import GROUPS
from pages.common.link.changes import USUAL_BEFORE, change, repeat, send, touched
from pages.common.link.controls import said, shown
from pages.common.link.page_settings import texts
from pages.common.link.unbound import came_back, of_page, write
from pages.common.settings import Settings
from pages.common.sidebar import uploads as tables
from pages.common.sidebar.acting import EVERY, Acting
from pages.common.sidebar.groups import Fresh, Groups, grid
from pages.common.sidebar.uploads import Source

TICKS = (*(float(f"{digit}e{power}") for power in range(-5, 1) for digit in (1, 2, 3, 5)), 10.0)
SEEDS = 2**31  #: how many there are
_SLIDER, _CAME = "lr_slider", "rate_came_along"


def sidebar(
    page: str, of_the_page: Mapping[str, Setting], acting: Acting = EVERY, studied: Collection[str] = ()
) -> Settings:
    """Show the settings that act on the page of that path and with those settings, and return what all of them say.

    `studied` are those that the Study page varies.
    """
    repeat()
    own = of_page(of_the_page)
    came_back(page, own)
    expected = usual(st.session_state.data, st.session_state.optimizer)
    with st.sidebar, st.container(gap="xsmall"):
        problems = st.container()
        groups = Groups(acting.keys, expected, studied)
        source = _data(groups)
        _network(groups)
        _optimizer(groups)
        _training(groups, source)
        _regularisation(groups)
        if acting.elsewhere:
            st.caption(acting.elsewhere)
    values = groups.values
    differing = {key: value for key, value in values.items() if value != shown(SETTINGS[key], expected[key])}
    write({key: texts(value) for key, value in differing.items()}, page, own)
    send()
    experiment = Experiment.from_params({key: said(SETTINGS[key], value) for key, value in values.items()})
    for problem in experiment.problems:
        key, _, sentence = problem.partition(": ")
        problems.warning(f"{SETTINGS[key].label}: {marked(sentence)}.")
    if source.data is not None and experiment.batch > len(source.data.train):
        rows = f"{len(source.data.train):,} samples to train on"
        problems.warning(f"Batch: `{experiment.batch}` is more than the {rows}: each step takes all of them.")
    return Settings(experiment, source.data, source.fingerprint, source.missing, source.own)


def _data(groups: Groups) -> Source:
    values, expected = groups.values, groups.expected
    folded = [key for key in GROUPS["data"] if key != "data"]
    fresh = Fresh("New data", _new_data, "Other points and another split, with the same first weights.", "dseed")
    with groups.group("Data", fresh if SETTINGS["dseed"].when(st.session_state) else None):
        with groups.place("data"):
            data_pictures(st.session_state.data)
        groups.show("data", made=False)
        spec, picked = DATASETS[values["data"]], None
        _follow("samples", expected["samples"])
        _follow("standardise", expected["standardise"])
        with groups.place("data"):
            st.caption(spec.description)
            if spec.name == "drawn":
                canvas(SETTINGS["points"].read(st.session_state.points)[0])
            if spec.name == "digits":
                here = min(st.session_state.samples, spec.max_samples)
                st.caption(f"{here:,} of {spec.max_samples:,} images used.")
            if spec.name == "csv":
                picked = tables.pick()
        with groups.fold("More about the data", "fold_data", *folded) as made:
            groups.pairs("samples", "seed", "test", "dseed", "noise", "missing", "standardise", made=made)
            groups.pairs("folds", "fold", made=made)
            for key in ("features", "points", "rows"):
                groups.show(key, made=made)
    if picked is None:
        return tables.named(spec.name, values.get("points", ""))
    how = {key: values[key] for key in ("samples", "missing", "standardise")}
    how["seed"] = values["seed"] if values["dseed"] is None else values["dseed"]
    return tables.source(picked, test=holdout(SimpleNamespace(**values)), **how)


def _network(groups: Groups) -> None:
    folded = ("init", "scale", "bias", "bias_spread", "biases", "norm", "residual")
    fresh = Fresh("New weights", _new_weights, "Other first weights, on the same data.", "init")
    with groups.group("Network", fresh):
        with groups.place("arch", "act"):
            network_editor(*(SETTINGS[key].read(st.session_state[key])[0] for key in ("arch", "act")))
        groups.show("arch", made=False)
        groups.show("act", made=False)
        with groups.fold("More about the network", "fold_network", *folded, "weights", "bug") as made:
            groups.pairs(*folded, made=made)
            groups.show("weights", made=made)
            groups.show("bug", made=made)


def _optimizer(groups: Groups) -> None:
    values = groups.values
    with groups.group("Optimizer"):
        with groups.place("optimizer", "lr"):
            with grid():
                groups.show("optimizer", on_change=_optimizer_changed)
                groups.show("lr")
            with groups.place("lr"):
                _rate_slider(values["lr"])
                _rate_came_along(values["lr"])
        folded = [key for key in GROUPS["optimizer"] if key not in ("optimizer", "lr")]
        with groups.fold("More about the optimizer", "fold_optimizer", *folded) as made:
            groups.pairs(*OPTIONS["optimizer"][values["optimizer"]], made=made)
            with grid(made):
                groups.show("schedule", made=made, on_change=_schedule_changed)
                groups.show("warmup", made=made)
            groups.pairs(*OPTIONS["schedule"][values["schedule"]], "clip", "clip_by", "gradient_noise", made=made)


def _training(groups: Groups, source: Source) -> None:
    expected = groups.expected
    if source.missing:
        expected["loss"], options = USUAL, SETTINGS["loss"].options
    else:
        expected["loss"], options = usual_loss(source.task, source.classes), losses_for(source.task)
    if st.session_state.loss not in options:
        change({"loss": expected["loss"]})
    _follow("loss", expected["loss"])
    folded = [key for key in GROUPS["training"] if key not in ("batch", "steps")]
    with groups.group("Training"):
        groups.pairs("batch", "steps")
        with groups.fold("More about training: the loss", "fold_training", *folded) as made:
            groups.show("loss", made=made, options=options)
            groups.show("out", made=made)
            groups.pairs(*OPTIONS["loss"].get(groups.values["loss"], ()), made=made)


def _regularisation(groups: Groups) -> None:
    folded = GROUPS["regularisation"]
    with (
        groups.group("Regularisation"),
        groups.fold("Penalties, dropout, stopping", "fold_reg", *folded) as made,
    ):
        groups.pairs(*folded, made=made)


def _follow(key: str, expected: Any) -> None:
    """Let a setting that had the value usual for the data before take the one usual for these."""
    known = st.session_state.setdefault(USUAL_BEFORE, {})
    before = known.get(key, expected)
    if expected != before and st.session_state[key] == before:
        change({key: expected})
    known[key] = expected


def _rate_slider(rate: float) -> None:
    """A log slider over the learning rate: it follows the exact number above it, and that follows it.

    Between two ticks it stands at the nearer one, whose value is shown while the slider is in the hand (see app.css).
    """
    at = min(bisect.bisect_left(TICKS, rate), len(TICKS) - 1)
    near = min(TICKS[max(at - 1, 0) : at + 1], key=lambda other: abs(other - rate))
    if st.session_state.get(_SLIDER) != near:
        change({_SLIDER: near})
    st.select_slider(
        "Learning rate on a log scale",
        TICKS,
        key=_SLIDER,
        format_func=lambda value: f"{value:g}",  # the browser tells values by these names: they must stay
        label_visibility="collapsed",
        on_change=_rate_moved,
    )


def _rate_moved() -> None:
    if touched(_SLIDER):
        change({"lr": st.session_state[_SLIDER]})


def _new_weights() -> None:
    """The next seed, while the data keep theirs."""
    here = st.session_state
    _seeds((here.seed + 1) % SEEDS, here.seed if here.dseed is None else here.dseed)


def _new_data() -> None:
    """The next seed of the data alone."""
    here = st.session_state
    _seeds(here.seed, ((here.seed if here.dseed is None else here.dseed) + 1) % SEEDS)


def _seeds(seed: int, of_data: int) -> None:
    change({"seed": seed, "dseed": None if of_data == seed else of_data})


def _optimizer_changed(key: str) -> None:
    here = st.session_state
    if touched(key):
        usual_ones = recommended(here.optimizer)
        here[_CAME] = (here.optimizer, here.lr, usual_ones["lr"])
        change(usual_ones)


def _rate_came_along(rate: float) -> None:
    """Say that the learning rate has changed with the optimizer, until one of them is another."""
    optimizer, before, now = st.session_state.get(_CAME, (None, None, None))
    if optimizer == st.session_state.optimizer and before != now == rate:
        st.caption(f"Its usual learning rate came along: {now:g}, in place of {before:g}.")


def _schedule_changed(key: str) -> None:
    if touched(key):
        change({own: DEFAULTS[own] for own in OPTIONS["schedule"][st.session_state.schedule]})
