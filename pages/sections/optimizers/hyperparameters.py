"""Each racer's own hyper-parameters: in an expander, and in the link as `hy=adam.beta1:0.5~lion.beta2:0.9`.

Ranges and meanings are the engine's. A learning rate typed here is kept in any mode: it takes the place of the one for
all and of the one that the sweep finds.
"""

from typing import Any

import streamlit as st

from engine.experiment import Experiment, setting
from engine.experiment.options import hyper
from engine.optimizers import OPTIMIZERS
from engine.optimizers.hyperparameters import HyperParameter, hyper_parameters
from pages.common.sidebar.defaults import recommended

KEY = "hy"
_KEPT = "race_hyper"
_USUAL = {"lbfgs": {"history_size": 10}}  #: in two dimensions older steps only cost time
Own = dict[str, dict[str, Any]]


def own_settings() -> tuple[Own, list[str]]:
    """What differs from the defaults, `{optimizer: {hyper-parameter: value}}`; and what could not be taken."""
    problems: list[str] = []
    if _KEPT not in st.session_state:
        st.session_state[_KEPT], problems = read(st.query_params.get(KEY, ""))
    kept = st.session_state[_KEPT]
    text = write(kept)
    if text:
        st.query_params[KEY] = text
    else:
        st.query_params.pop(KEY, None)
    return kept, problems


def read(text: str) -> tuple[Own, list[str]]:
    """The settings that a text of the link means; never raises, what could not be taken has a sentence."""
    own, problems = {}, []
    for part in filter(None, text.split("~")):
        place, _, value = part.partition(":")
        name, _, key = place.partition(".")
        known = {p.name: p for p in hyper_parameters(OPTIMIZERS[name])} if name in OPTIMIZERS else {}
        try:
            taken = _typed(known[key], value)
            _check(name, own.get(name, {}) | {key: taken})
        except KeyError:
            problems.append(f"hy: {part[:30]!r} is no setting of an optimizer")
        except ValueError as problem:
            problems.append(f"hy: {part[:30]!r} is not taken: {problem}")
        else:
            own.setdefault(name, {})[key] = taken
    return own, problems


def write(own: Own) -> str:
    """The settings as the text of the link; empty where nothing differs from the defaults."""
    pairs = [(f"{name}.{key}", value) for name, values in own.items() for key, value in values.items()]
    return "~".join(f"{place}:{int(value) if isinstance(value, bool) else f'{value:.10g}'}" for place, value in pairs)


def optimizers(names: list[str], own: Own, rate: float) -> dict[str, Any]:
    """The racers `{name: optimizer}` with the learning rate for all, where they have none of their own."""
    return {name: OPTIMIZERS[name](**{"lr": rate} | _USUAL.get(name, {}) | own.get(name, {})) for name in names}


def experiments(names: list[str], own: Own, rate: float, base: Experiment) -> dict[str, Experiment]:
    """The same for the network of `base`."""
    usual = {"nesterov": False, "lr": rate}
    return {
        name: base.replace(optimizer=name, patience=0, **recommended(name) | usual | own.get(name, {}))
        for name in names
    }


def expander(names: list[str], own: Own, *, on_network: bool) -> None:
    """The controls of every racer, a row for each; what is usual differs between functions and networks."""
    with st.expander("Settings of each optimizer", icon=":material/tune:"):
        st.caption("An empty learning rate is the one for all, or the one that the sweep finds.")
        for name in names:
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                st.markdown(f"**{OPTIMIZERS[name].title}**", width=120)
                for parameter in hyper_parameters(OPTIMIZERS[name]):
                    _control(name, parameter, own.get(name, {}).get(parameter.name), on_network)


def _control(name: str, parameter: HyperParameter, value: Any, on_network: bool) -> None:
    key, usual = _key(name, parameter, on_network), _usual(name, parameter, on_network)
    common = {"key": key, "help": parameter.meaning, "on_change": _changed, "args": (name, parameter, on_network)}
    if parameter.interval is None:
        st.toggle(parameter.name, usual if value is None else value, **common)
        return
    if parameter.name == "lr":
        st.number_input("lr", 1e-8, 1e3, value, format="%g", placeholder="as above", width=110, **common)
        return
    whole, (low, high, *_) = isinstance(parameter.default, int), parameter.interval
    kind = int if whole else float
    ends = [kind(low), None if high == float("inf") else kind(high)]
    shown = kind(usual if value is None else value)
    more = {"format": "%d" if whole else "%g", "step": 1 if whole else None, "width": 110}
    st.number_input(parameter.name, *ends, shown, **more, **common)


def _key(name: str, parameter: HyperParameter, on_network: bool) -> str:
    return f"hyper_{name}_{parameter.name}{'_network' if on_network else ''}"


def _usual(name: str, parameter: HyperParameter, on_network: bool) -> Any:
    """What a racer has where nothing is typed; no learning rate, which is the one for all."""
    if parameter.name == "lr":
        return None
    usual = hyper(name) | recommended(name) | {"nesterov": False} if on_network else _USUAL.get(name, {})
    return usual.get(parameter.name, parameter.default)


def _changed(name: str, parameter: HyperParameter, on_network: bool) -> None:
    value = st.session_state[_key(name, parameter, on_network)]
    kept = {key: dict(values) for key, values in st.session_state[_KEPT].items()}
    mine = kept.setdefault(name, {})
    mine.pop(parameter.name, None)
    try:
        if value != _usual(name, parameter, on_network) and value is not None:
            _check(name, mine | {parameter.name: value})
            mine[parameter.name] = value
    except ValueError as problem:
        st.toast(str(problem), icon=":material/block:")
    st.session_state[_KEPT] = {key: values for key, values in kept.items() if values}


def _check(name: str, values: dict[str, Any]) -> None:
    """Raise ValueError unless both a function's racer and a network's can have these."""
    OPTIMIZERS[name](**values)
    for key, value in values.items():
        setting(key).check(value)


def _typed(parameter: HyperParameter, text: str) -> float | int | bool:
    if parameter.interval is None:
        if text not in ("0", "1"):
            raise ValueError(f"{parameter.name} must be 1 or 0, got {text!r}")
        return text == "1"
    return int(text) if isinstance(parameter.default, int) else float(text)
