"""The settings, left of every page: what people change first is open, the rest is folded.

Five groups: data, network, training, optimizer, regularisation. What means nothing beside the others is not shown:
loss, optimizer and schedule come with exactly the options that are their own. Every control keeps itself in the address
(see `link`). A group in which something differs from its default says so and goes back with one press. Choosing an
optimizer brings its own hyper-parameters along, choosing data a loss that suits it.
"""

import bisect
from collections.abc import Callable, Iterator
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
from pages.common.app.notices import marked
from pages.common.link.changes import change, repeat, sent, touched
from pages.common.link.controls import control, said, shown
from pages.common.settings import Settings
from pages.common.sidebar import uploads as tables
from pages.common.sidebar.uploads import Source

TICKS = (*(float(f"{digit}e{power}") for power in range(-5, 1) for digit in (1, 2, 3, 5)), 10.0)
ROW = 34  #: pixels: a heading is as high with its button as without
NAMES = SETTINGS["act"].options
MIXTURE = (rf"^(({'|'.join(NAMES)})(-({'|'.join(NAMES)}))*)?$", "Names such as tanh-relu, one for each hidden layer")
_SLIDER, _MIXED, _EACH = "lr_slider", "act_mixed", "act_each"


def sidebar() -> Settings:
    """Show all settings in the sidebar and return what they say."""
    repeat()
    values: dict[str, Any] = {}
    expected = usual(st.session_state.data, st.session_state.optimizer)
    with st.sidebar, st.container(gap="xsmall"):
        problems = st.container()
        source = _data(values, expected)
        _network(values, expected)
        _training(values, expected, source)
        _optimizer(values, expected)
        with (
            _group("Regularisation", values, expected) as show,
            st.expander("Penalties, dropout, stopping", key="fold_reg", type="compact"),
        ):
            _pairs(show, "l1", "l2", "dropout", "patience", "input_noise", "shift")
    sent()
    experiment = Experiment.from_params({key: said(SETTINGS[key], value) for key, value in values.items()})
    for problem in experiment.problems:
        key, _, sentence = problem.partition(": ")
        problems.warning(f"{SETTINGS[key].label}: {marked(sentence)}.")
    return Settings(experiment, source.data, source.fingerprint, source.missing)


def _data(values: dict[str, Any], expected: dict[str, Any]) -> Source:
    with _group("Data", values, expected) as show:
        show("data")
        spec, picked = DATASETS[values["data"]], None
        _follow("samples", expected["samples"])
        _follow("standardise", expected["standardise"])
        st.caption(spec.description)
        if spec.name == "digits":
            here = min(st.session_state.samples, spec.max_samples)
            st.caption(f"{here:,} of {spec.max_samples:,} images used.")
        if spec.name == "csv":
            picked = tables.pick()
        with st.expander("More about the data", key="fold_data", type="compact"):
            _pairs(show, "samples", "seed", "test", "dseed", "noise", "missing", "standardise")
            _pairs(show, "folds", "fold")
            show("features")
            show("points")
            show("rows")
    if picked is None:
        return tables.named(spec.name, values.get("points", ""))
    how = {key: values[key] for key in ("samples", "missing", "standardise")}
    how["seed"] = values["seed"] if values["dseed"] is None else values["dseed"]
    return tables.source(picked, test=holdout(SimpleNamespace(**values)), **how)


def _network(values: dict[str, Any], expected: dict[str, Any]) -> None:
    with _group("Network", values, expected) as show:
        with _grid():
            show("arch")
            _activation(show)
        with st.expander("More about the network", key="fold_network", type="compact"):
            _pairs(show, "init", "scale", "bias", "bias_spread", "biases", "norm", "residual")
            show("weights")
            show("bug")
            _each_layer(values["act"])


def _activation(show: Callable[..., None]) -> None:
    """One activation for all hidden layers, or a mixture that came with the link or was typed below."""
    if st.session_state.act not in NAMES:
        st.session_state[_MIXED] = st.session_state.act
    show("act", options=(*NAMES, *[st.session_state[key] for key in [_MIXED] if key in st.session_state]))


def _each_layer(act: str) -> None:
    """A text that gives each hidden layer an activation of its own."""
    text = "" if act in NAMES else act
    if st.session_state.get(_EACH) != text:
        change({_EACH: text})
    st.text_input(
        "Activation of each layer",
        key=_EACH,
        validate=MIXTURE,
        placeholder="tanh-relu",
        help="One name for each hidden layer, from the input to the output; empty for the same everywhere.",
        on_change=_each_changed,
    )


def _each_changed() -> None:
    if touched(_EACH):
        change({"act": st.session_state[_EACH] or DEFAULTS["act"][0]})


def _training(values: dict[str, Any], expected: dict[str, Any], source: Source) -> None:
    if source.missing:
        expected["loss"], options = USUAL, SETTINGS["loss"].options
    else:
        expected["loss"], options = usual_loss(source.task, source.classes), losses_for(source.task)
    if st.session_state.loss not in options:
        change({"loss": expected["loss"]})
    _follow("loss", expected["loss"])
    with _group("Training", values, expected) as show:
        show("loss", options=options)
        show("out")
        _pairs(show, *OPTIONS["loss"].get(values["loss"], ()), "batch", "steps")


def _optimizer(values: dict[str, Any], expected: dict[str, Any]) -> None:
    with _group("Optimizer", values, expected) as show:
        with _grid():
            show("optimizer", on_change=_optimizer_changed)
            show("lr")
        _rate_slider(values["lr"])
        with st.expander("More about the optimizer", key="fold_optimizer", type="compact"):
            _pairs(show, *OPTIONS["optimizer"][values["optimizer"]])
            with _grid():
                show("schedule", on_change=_schedule_changed)
                show("warmup")
            _pairs(show, *OPTIONS["schedule"][values["schedule"]], "clip", "clip_by", "gradient_noise")


def _follow(key: str, expected: Any) -> None:
    """Let a setting that had the value usual for the data before take the one usual for these."""
    slot = f"usual_{key}"
    before = st.session_state.get(slot, expected)
    if expected != before and st.session_state[key] == before:
        change({key: expected})
    st.session_state[slot] = expected


@contextmanager
def _group(title: str, values: dict[str, Any], expected: dict[str, Any]) -> Iterator[Callable[..., None]]:
    """A heading, the controls shown inside as far as they mean something, and beside the heading the way back.

    `expected` are the values that the link leaves out; a learning rate goes back to that of the optimizer.
    """
    heading = st.container(horizontal=True, vertical_alignment="center", height=ROW, border=False)
    heading.markdown(f"**{title}**", width="stretch")
    goals: dict[str, Any] = {}

    def show(key: str, **how: Any) -> None:
        here = st.session_state
        if SETTINGS[key].when(here):
            own = belonging(here) | {"lr": RATES[here.optimizer]}
            values[key] = control(own.get(key, SETTINGS[key]), expected[key], **how)
            goals[key] = shown(SETTINGS[key], own["lr"].default if key == "lr" else expected[key])

    yield show
    changed = {key: value for key, value in goals.items() if values[key] != value}
    if changed:
        labels = [f"{SETTINGS[key].label} {said(SETTINGS[key], value)}" for key, value in changed.items()]
        heading.button(
            f"Reset {len(changed)}",
            key=f"reset_{title}",
            type="tertiary",
            icon=":material/undo:",
            help=f"Back to {', '.join(labels)}",
            on_click=_reset,
            args=(changed,),
        )


def _grid() -> Any:
    """Two controls a row, on a phone too: one block for the browser to draw, where columns would be three a row."""
    return st.grid(2, min_column_width=100, gap=("xsmall", "small"), vertical_alignment="bottom")


def _pairs(show: Callable[..., None], *keys: str) -> None:
    with _grid():
        for key in keys:
            show(key)


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


def _optimizer_changed(key: str) -> None:
    if touched(key):
        change(recommended(st.session_state.optimizer))


def _schedule_changed(key: str) -> None:
    if touched(key):
        change({own: DEFAULTS[own] for own in OPTIONS["schedule"][st.session_state.schedule]})


def _reset(back: dict[str, Any]) -> None:
    change(back | (recommended(back["optimizer"]) if "optimizer" in back else {}))
