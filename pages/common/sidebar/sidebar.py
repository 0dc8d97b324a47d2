"""The settings, left of every page: what people change first is open, the rest is folded.

Data as pictures, the network in the hand, optimizer and learning rate come first. What means nothing beside the others
is not shown: loss, optimizer and schedule come with exactly the options that are their own. Every control keeps itself
in the address, or is kept there (see `link` and `unbound`): widgets in a fold are not made before it is opened, because
making thirty of them takes longer than all the rest of a first page. A group in which something differs from its
default says so and goes back with one press. Choosing an optimizer brings its own hyper-parameters along, choosing data
a loss that suits it.
"""

import bisect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import streamlit as st

from engine.datasets import DATASETS
from engine.experiment import (
    DEFAULTS,
    OPTIONS,
    RATES,
    SETTINGS,
    USUAL,
    Experiment,
    belonging,
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
from pages.common.link.changes import change, repeat, sent, touched
from pages.common.link.controls import control, named, said, shown
from pages.common.link.page_settings import texts
from pages.common.link.unbound import bound, came_back, of_page, write
from pages.common.settings import Settings
from pages.common.sidebar import uploads as tables
from pages.common.sidebar.uploads import Source

TICKS = (*(float(f"{digit}e{power}") for power in range(-5, 1) for digit in (1, 2, 3, 5)), 10.0)
ROW = 34  #: pixels: a heading is as high with its button as without
SEEDS = 2**31  #: how many there are
_SLIDER, _OPENED = "lr_slider", "folds_opened"
_FRESH_DATA = ("New data", "Other points and another split, with the same first weights.")
_FRESH_WEIGHTS = ("New weights", "Other first weights, on the same data.")


def sidebar(page: str, of_the_page: Mapping[str, Setting]) -> Settings:
    """Show all settings in the sidebar, beside the page of that path and with those settings; return what they say."""
    repeat()
    own = of_page(of_the_page)
    came_back(page, own)
    values: dict[str, Any] = {}
    expected = usual(st.session_state.data, st.session_state.optimizer)
    with st.sidebar, st.container(gap="xsmall"):
        problems = st.container()
        source = _data(values, expected)
        _network(values, expected)
        _optimizer(values, expected)
        _training(values, expected, source)
        _regularisation(values, expected)
    differing = {key: value for key, value in values.items() if value != shown(SETTINGS[key], expected[key])}
    write({key: texts(value) for key, value in differing.items()}, page, own)
    sent()
    experiment = Experiment.from_params({key: said(SETTINGS[key], value) for key, value in values.items()})
    for problem in experiment.problems:
        key, _, sentence = problem.partition(": ")
        problems.warning(f"{SETTINGS[key].label}: {marked(sentence)}.")
    if source.data is not None and experiment.batch > len(source.data.train):
        rows = f"{len(source.data.train):,} samples to train on"
        problems.warning(f"Batch: `{experiment.batch}` is more than the {rows}: each step takes all of them.")
    return Settings(experiment, source.data, source.fingerprint, source.missing, source.own)


def _data(values: dict[str, Any], expected: dict[str, Any]) -> Source:
    fresh = (_FRESH_DATA, _new_data) if SETTINGS["dseed"].when(st.session_state) else ()
    with _group("Data", values, expected, fresh) as show:
        data_pictures(st.session_state.data)
        show("data", made=False)
        spec, picked = DATASETS[values["data"]], None
        _follow("samples", expected["samples"])
        _follow("standardise", expected["standardise"])
        st.caption(spec.description)
        if spec.name == "drawn":
            canvas(SETTINGS["points"].read(st.session_state.points)[0])
        if spec.name == "digits":
            here = min(st.session_state.samples, spec.max_samples)
            st.caption(f"{here:,} of {spec.max_samples:,} images used.")
        if spec.name == "csv":
            picked = tables.pick()
        with _fold("More about the data", "fold_data") as made:
            _pairs(show, "samples", "seed", "test", "dseed", "noise", "missing", "standardise", made=made)
            _pairs(show, "folds", "fold", made=made)
            for key in ("features", "points", "rows"):
                show(key, made=made)
    if picked is None:
        return tables.named(spec.name, values.get("points", ""))
    how = {key: values[key] for key in ("samples", "missing", "standardise")}
    how["seed"] = values["seed"] if values["dseed"] is None else values["dseed"]
    return tables.source(picked, test=holdout(SimpleNamespace(**values)), **how)


def _network(values: dict[str, Any], expected: dict[str, Any]) -> None:
    with _group("Network", values, expected, (_FRESH_WEIGHTS, _new_weights)) as show:
        network_editor(*(SETTINGS[key].read(st.session_state[key])[0] for key in ("arch", "act")))
        show("arch", made=False)
        show("act", made=False)
        with _fold("More about the network", "fold_network") as made:
            _pairs(show, "init", "scale", "bias", "bias_spread", "biases", "norm", "residual", made=made)
            show("weights", made=made)
            show("bug", made=made)


def _optimizer(values: dict[str, Any], expected: dict[str, Any]) -> None:
    with _group("Optimizer", values, expected) as show:
        with _grid():
            show("optimizer", on_change=_optimizer_changed)
            show("lr")
        _rate_slider(values["lr"])
        with _fold("More about the optimizer", "fold_optimizer") as made:
            _pairs(show, *OPTIONS["optimizer"][values["optimizer"]], made=made)
            with _grid():
                show("schedule", made=made, on_change=_schedule_changed)
                show("warmup", made=made)
            _pairs(show, *OPTIONS["schedule"][values["schedule"]], "clip", "clip_by", "gradient_noise", made=made)


def _training(values: dict[str, Any], expected: dict[str, Any], source: Source) -> None:
    if source.missing:
        expected["loss"], options = USUAL, SETTINGS["loss"].options
    else:
        expected["loss"], options = usual_loss(source.task, source.classes), losses_for(source.task)
    if st.session_state.loss not in options:
        change({"loss": expected["loss"]})
    _follow("loss", expected["loss"])
    with _group("Training", values, expected) as show:
        _pairs(show, "batch", "steps")
        with _fold("More about training: the loss", "fold_training") as made:
            show("loss", made=made, options=options)
            show("out", made=made)
            _pairs(show, *OPTIONS["loss"].get(values["loss"], ()), made=made)


def _regularisation(values: dict[str, Any], expected: dict[str, Any]) -> None:
    with (
        _group("Regularisation", values, expected) as show,
        _fold("Penalties, dropout, stopping", "fold_reg") as made,
    ):
        _pairs(show, "l1", "l2", "dropout", "patience", "input_noise", "shift", made=made)


def _follow(key: str, expected: Any) -> None:
    """Let a setting that had the value usual for the data before take the one usual for these."""
    slot = f"usual_{key}"
    before = st.session_state.get(slot, expected)
    if expected != before and st.session_state[key] == before:
        change({key: expected})
    st.session_state[slot] = expected


@contextmanager
def _group(
    title: str, values: dict[str, Any], expected: dict[str, Any], fresh: tuple[Any, ...] = ()
) -> Iterator[Callable[..., None]]:
    """A heading, the controls shown inside as far as they mean something, and beside the heading the way back.

    A control that is not `made`, in a fold or because a component stands for it, has the value of the session.
    `expected` are the values that the link leaves out; a learning rate goes back to that of the optimizer. `fresh` is
    what has something drawn anew: a label, what it means, and the callback.
    """
    with st.container(key=f"group_{title.lower()}", gap="xsmall"):
        heading = st.container(horizontal=True, vertical_alignment="center", height=ROW, border=False)
        heading.markdown(f"**{title}**", width="stretch")
        if fresh:
            (label, meaning), drawn_anew = fresh
            more = {"type": "tertiary", "icon": ":material/casino:", "help": meaning, "on_click": drawn_anew}
            heading.button(label, key=f"fresh_{title}", **more)
        goals: dict[str, Any] = {}

        def show(key: str, *, made: bool = True, **how: Any) -> None:
            here = st.session_state
            if not SETTINGS[key].when(here):
                return
            own = belonging(here) | {"lr": RATES[here.optimizer]}
            if made:
                if not named(SETTINGS[key]):
                    bound(key)
                values[key] = control(own.get(key, SETTINGS[key]), expected[key], **how)
            else:
                values[key] = here[key]
            goals[key] = shown(SETTINGS[key], own["lr"].default if key == "lr" else expected[key])

        yield show
    changed = {key: value for key, value in goals.items() if values[key] != value}
    if changed:
        labels = [f"{SETTINGS[key].label} {_in_words(key, value)}" for key, value in changed.items()]
        heading.button(
            f"Reset {len(changed)}",
            key=f"reset_{title}",
            type="tertiary",
            icon=":material/undo:",
            help=f"Back to {', '.join(labels)}",
            on_click=_reset,
            args=(changed,),
        )


@contextmanager
def _fold(label: str, key: str) -> Iterator[bool]:
    """A fold, and whether its controls are to be made: from the first time on that it is opened."""
    fold = st.expander(label, key=key, type="compact", on_change="rerun")
    opened = st.session_state.setdefault(_OPENED, set())
    if fold.open:
        opened.add(key)
    with fold:
        yield key in opened


def _grid() -> Any:
    """Two controls a row, on a phone too: one block for the browser to draw, where columns would be three a row."""
    return st.grid(2, min_column_width=100, gap=("xsmall", "small"), vertical_alignment="bottom")


def _pairs(show: Callable[..., None], *keys: str, made: bool = True) -> None:
    with _grid():
        for key in keys:
            show(key, made=made)


def _rate_slider(rate: float) -> None:
    """A log slider over the learning rate: it follows the exact number above it, and that follows it."""
    at = min(bisect.bisect_left(TICKS, rate), len(TICKS) - 1)
    near = min(TICKS[max(at - 1, 0) : at + 1], key=lambda other: abs(other - rate))
    if st.session_state.get(_SLIDER) != near:
        change({_SLIDER: near})
    st.select_slider(
        "Learning rate on a log scale",
        TICKS,
        key=_SLIDER,
        format_func=lambda value: f"{value:g}",
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
    if touched(key):
        change(recommended(st.session_state.optimizer))


def _schedule_changed(key: str) -> None:
    if touched(key):
        change({own: DEFAULTS[own] for own in OPTIONS["schedule"][st.session_state.schedule]})


def _in_words(key: str, value: Any) -> str:
    setting = SETTINGS[key]
    return setting.named(setting.read(said(setting, value))[0])


def _reset(back: dict[str, Any]) -> None:
    change(back | (recommended(back["optimizer"]) if "optimizer" in back else {}))
