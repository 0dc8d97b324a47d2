"""The settings, left of every page: what people change first is open, the rest is folded.

Five groups: data, network, training, optimizer, regularisation. Loss, optimizer and schedule show exactly the
options that are their own. Every control keeps itself in the address (see `link`). A group in which something differs
from its default says so and goes back with one press. Choosing an optimizer brings its own hyper-parameters along,
choosing data a loss that suits it.
"""

import bisect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from engine.datasets import DATASETS
from engine.experiment import DEFAULTS, LOGIT_LOSSES, losses_for
from engine.experiment.options import LOSS_SETTINGS, SCHEDULE_SETTINGS, hyper
from pages.common.link.changes import change, repeat, sent, touched
from pages.common.link.link import shown
from pages.common.settings import Settings
from pages.common.sidebar import uploads as tables
from pages.common.sidebar.controls import ACTIVATIONS, CONTROLS, FIELDS, control, said, taken
from pages.common.sidebar.defaults import own, recommended, usual_loss
from pages.common.sidebar.uploads import Source
from pages.common.text import plain

RATES = (*(float(f"{digit}e{power}") for power in range(-5, 1) for digit in (1, 2, 3, 5)), 10.0)
ROW = 34  #: pixels: a heading is as high with its button as without
_SLIDER, _MIXED, _EACH = "lr_slider", "act_mixed", "act_each"


def sidebar() -> Settings:
    """Show all settings in the sidebar and return what they say."""
    repeat()
    values: dict[str, Any] = {}
    with st.sidebar, st.container(gap="xsmall"):
        problems = st.container()
        source = _data(values)
        _network(values)
        _training(values, source)
        _optimizer(values)
        with (
            _group("Regularisation", values) as show,
            st.expander("Penalties, dropout, stopping", key="fold_reg", type="compact"),
        ):
            _pairs(show, "l1", "l2", "dropout", "patience")
    sent()
    experiment = taken(values)
    for problem in experiment.problems:
        key, _, sentence = problem.partition(": ")
        problems.warning(f"{CONTROLS[key].label}: {plain(sentence)}.")
    return Settings(experiment, source.data, source.fingerprint, source.missing)


def _data(values: dict[str, Any]) -> Source:
    usual: dict[str, Any] = {}
    with _group("Data", values, usual) as show:
        show("data")
        spec, upload, picked = DATASETS[values["data"]], None, None
        usual["samples"] = _follow("samples", spec.samples)
        st.caption(spec.description)
        if spec.name == "csv":
            upload, picked = tables.pick()
        with st.expander("More about the data", key="fold_data", type="compact"):
            _pairs(show, "samples", "seed", "test", *(["noise"] if spec.domain else []))
            if spec.domain:
                show("features")
    if upload is None:
        return tables.named(spec.name)
    return tables.source(upload, picked, samples=values["samples"], test=values["test"], seed=values["seed"])


def _network(values: dict[str, Any]) -> None:
    with _group("Network", values) as show:
        with _grid():
            show("arch")
            _activation(show)
        with st.expander("More about the network", key="fold_network", type="compact"):
            _pairs(show, "init", "scale", "bias", "norm", "residual")
            _each_layer(values["act"])


def _activation(show: Callable[..., None]) -> None:
    """One activation for all hidden layers, or a mixture that came with the link or was typed below."""
    names = FIELDS["act"].options
    if st.session_state.act not in names:
        st.session_state[_MIXED] = st.session_state.act
    show("act", options=(*names, *[st.session_state[key] for key in [_MIXED] if key in st.session_state]))


def _each_layer(act: str) -> None:
    """A text that gives each hidden layer an activation of its own."""
    text = act if act not in FIELDS["act"].options else ""
    if st.session_state.get(_EACH) != text:
        change({_EACH: text})
    st.text_input(
        "Activation of each layer",
        key=_EACH,
        validate=ACTIVATIONS,
        placeholder="tanh-relu",
        help="One name for each hidden layer, from the input to the output; empty for the same everywhere.",
        on_change=_each_changed,
    )


def _each_changed() -> None:
    if touched(_EACH):
        change({"act": st.session_state[_EACH] or DEFAULTS["act"][0]})


def _training(values: dict[str, Any], source: Source) -> None:
    usual, options = usual_loss(source.task, source.classes), losses_for(source.task)
    if st.session_state.loss not in options:
        change({"loss": usual})
    with _group("Training", values, {"loss": _follow("loss", usual)}) as show:
        show("loss", options=options)
        if values["loss"] not in LOGIT_LOSSES:
            show("out")
        _pairs(show, *LOSS_SETTINGS.get(values["loss"], ()), "batch", "steps")


def _optimizer(values: dict[str, Any]) -> None:
    usual: dict[str, Any] = {}
    back: dict[str, Any] = {}
    with _group("Optimizer", values, usual, back) as show:
        with _grid():
            show("optimizer", on_change=_optimizer_changed)
            usual |= hyper(values["optimizer"])
            back |= recommended(values["optimizer"])
            show("lr")
        _rate_slider(values["lr"])
        with st.expander("More about the optimizer", key="fold_optimizer", type="compact"):
            _pairs(show, *own(values["optimizer"], st.session_state.nesterov))
            with _grid():
                show("schedule", on_change=_schedule_changed)
                show("warmup")
            _pairs(show, *SCHEDULE_SETTINGS[values["schedule"]], "clip", "clip_by", "gradient_noise")


def _follow(key: str, usual: Any) -> Any:
    """What is usual for the data; a setting that had the value usual for the data before takes this one."""
    slot = f"usual_{key}"
    before = st.session_state.get(slot, usual)
    if usual != before and st.session_state[key] == before:
        change({key: usual})
    st.session_state[slot] = usual
    return usual


@contextmanager
def _group(
    title: str, values: dict[str, Any], usual: dict[str, Any] | None = None, back: dict[str, Any] | None = None
) -> Iterator[Callable[..., None]]:
    """A heading, the controls shown inside, and beside the heading the way back.

    `usual` are the values that the link leaves out, where they are not those of every experiment, and `back` those to
    go back to, where they are not the usual ones.
    """
    heading = st.container(horizontal=True, vertical_alignment="center", height=ROW, border=False)
    heading.markdown(f"**{title}**", width="stretch")
    goals: dict[str, Any] = {}

    def show(key: str, **how: Any) -> None:
        default = (usual or {}).get(key, DEFAULTS[key])
        values[key] = control(key, default=default, **how)
        goals[key] = shown(key, (back or {}).get(key, default))

    yield show
    changed = {key: value for key, value in goals.items() if values[key] != value}
    if changed:
        heading.button(
            f"Reset {len(changed)}",
            key=f"reset_{title}",
            type="tertiary",
            icon=":material/undo:",
            help="Back to " + ", ".join(f"{CONTROLS[key].label} {said(key, changed[key])}" for key in changed),
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
    at = min(bisect.bisect_left(RATES, rate), len(RATES) - 1)
    near = min(RATES[max(at - 1, 0) : at + 1], key=lambda other: abs(other - rate))
    if st.session_state.get(_SLIDER) != near:
        change({_SLIDER: near})
    st.select_slider(
        "Learning rate on a log scale",
        RATES,
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
        change({own: DEFAULTS[own] for own in SCHEDULE_SETTINGS[st.session_state.schedule]})


def _reset(back: dict[str, Any]) -> None:
    change(back | (recommended(back["optimizer"]) if "optimizer" in back else {}))
