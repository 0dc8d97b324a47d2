"""Each racer's own hyper-parameters: in an expander, and in the link as `hy=adam.beta1:0.5~lion.beta2:0.9`.

Ranges and meanings are the optimizer's. A learning rate typed here is kept in any mode: it takes the place of the one
for all and of the one that the sweep finds.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import streamlit as st

from engine.experiment import OPTIONS, RATES, Experiment, recommended
from engine.experiment.settings import Setting, quoted
from engine.optimizers import OPTIMIZERS
from engine.optimizers.hyperparameters import hyper_parameters
from pages.common.link.controls import control
from pages.common.link.page_settings import tell, told
from pages.common.link.unbound import went_through_history
from pages.sections.optimizers.settings import SETTINGS

_KEPT, FOLD = "race_hyper", "fold_racers"
_ON_SURFACE = {"lbfgs": {"history_size": 10}}  #: in two dimensions older steps only cost time
Own = dict[str, dict[str, Any]]


def own_settings() -> tuple[Own, list[str]]:
    """What differs from the defaults, `{optimizer: {hyper-parameter: value}}`; and what could not be taken."""
    problems: list[str] = []
    if _KEPT not in st.session_state or went_through_history():
        st.session_state[_KEPT], problems = read(told(SETTINGS["hy"]))
    tell(SETTINGS["hy"], write(st.session_state[_KEPT]))
    return st.session_state[_KEPT], problems


def read(text: str) -> tuple[Own, list[str]]:
    """The settings that a text of the link means; never raises, what could not be taken has a sentence."""
    own, problems = {}, []
    for part in filter(None, text.split("~")):
        place, _, value = part.partition(":")
        name, _, key = place.partition(".")
        try:
            setting = settings_of(name)[key]
            taken = setting.check(setting.parse(value))
            OPTIMIZERS[name](**own.get(name, {}) | {key: taken})
        except KeyError:
            problems.append(f"hy: {quoted(part)} is no setting of an optimizer")
        except ValueError as problem:
            problems.append(f"hy: {quoted(part)} is not taken: {problem}")
        else:
            own.setdefault(name, {})[key] = taken
    return own, problems


def write(own: Own) -> str:
    """The settings as the text of the link; empty where nothing differs from the defaults."""
    return "~".join(
        f"{name}.{key}:{settings_of(name)[key].format(value)}"
        for name, values in own.items()
        for key, value in values.items()
    )


def settings_of(optimizer: str) -> dict[str, Setting]:
    """The learning rate and all that the optimizer declares; KeyError for one that does not exist."""
    return {"lr": RATES[optimizer]} | OPTIONS["optimizer"][optimizer]


def optimizers(names: Sequence[str], own: Own, rate: float) -> dict[str, Any]:
    """The racers `{name: optimizer}` with the learning rate for all, where they have none of their own."""
    return {name: OPTIMIZERS[name](**{"lr": rate} | _ON_SURFACE.get(name, {}) | own.get(name, {})) for name in names}


def experiments(names: Sequence[str], own: Own, rate: float, base: Experiment) -> dict[str, Experiment]:
    """The same for the network of `base`."""
    racing = base.replace(patience=0)
    return {
        name: racing.replace(optimizer=name, **recommended(name) | {"lr": rate} | own.get(name, {})) for name in names
    }


def expander(names: Sequence[str], own: Own, *, on_network: bool) -> None:
    """The controls of every racer, a row for each; what is usual differs between functions and networks.

    They are built when the expander is opened: some thirty widgets would be waited for with every change of the page.
    """
    with st.expander("Settings of each optimizer", icon=":material/tune:", key=FOLD, on_change="rerun") as fold:
        if not fold.open:
            return
        st.caption("An empty learning rate is the one for all, or the one that the sweep finds.")
        for name in names:
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                st.markdown(f"**{OPTIMIZERS[name].title}**", width=120)
                for key, usual in _usual(name, on_network).items():
                    _control(name, key, usual, own.get(name, {}).get(key, usual), on_network)


def _control(name: str, key: str, usual: Any, value: Any, on_network: bool) -> None:
    """One hyper-parameter of a racer; what a person makes of it is kept if it is not the usual value."""

    def changed(slot: str) -> None:
        typed, kept = st.session_state[slot], {racer: dict(values) for racer, values in st.session_state[_KEPT].items()}
        mine = kept.setdefault(name, {})
        mine.pop(key, None)
        try:
            if typed not in (usual, None):
                OPTIMIZERS[name](**mine | {key: typed})
                mine[key] = typed
        except ValueError as problem:
            st.toast(str(problem), icon=":material/block:")
        st.session_state[_KEPT] = {racer: values for racer, values in kept.items() if values}

    slot = f"hyper_{name}_{key}{'_network' if on_network else ''}"
    setting = dataclasses.replace(settings_of(name)[key], key=slot, label=key, default=value)
    layout = {} if isinstance(value, bool) else {"width": 110}
    layout |= {"placeholder": "as above"} if key == "lr" else {}
    control(setting, on_change=changed, bound=False, **layout)


def _usual(name: str, on_network: bool) -> dict[str, Any]:
    """What a racer has where nothing is typed; no learning rate, which is the one for all."""
    if on_network:
        own = recommended(name)
    else:
        own = {one.name: one.default for one in hyper_parameters(OPTIMIZERS[name])} | _ON_SURFACE.get(name, {})
    return own | {"lr": None}
