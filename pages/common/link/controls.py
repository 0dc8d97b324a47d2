"""One way to draw a control from the declaration of a setting, in the sidebar and on every page.

What a setting may be, how it is called and what it means stand in its declaration (`engine.experiment.settings`); here
is which widget shows a kind. A control is keyed by the setting's name in the link and bound to it; but not one whose
options have names of their own, because Streamlit would write these into the address (`named`, see `unbound`).
"""

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from engine.experiment import SETTINGS as OF_RUNS
from engine.experiment.listed import Listed
from engine.experiment.settings import Choice, Real, Setting, Several, Text, Truth, Whole, Widths
from pages.common.glossary import help_of
from pages.common.link.changes import touched

BOUND = "query-params"
ADDRESS = "address"  #: in place of a control: a setting that stands in the address alone
ARCHITECTURE = (r"^(none|\d{1,4}(-\d{1,4})*)$", "Widths such as 8-8, or none")


def control(
    setting: Setting,
    default: Any = None,
    *,
    options: Iterable[str] = (),
    on_change: Callable[[str], None] = touched,
    bound: bool = True,
    **layout: Any,
) -> Any:
    """Show the control of a setting and return its value, as `shown` gives it.

    `default` is the value that the link leaves out, the setting's own unless it is given; `options` are offered in
    place of its own; `on_change` is called with the key; `layout` are more arguments of the widget.
    """
    about = {
        "key": setting.key,
        "help": help_of(setting.label, setting.meaning) or None,
        "on_change": on_change,
        "args": (setting.key,),
    }
    if named(setting):
        about |= {"persist_state": "session" if setting.key in OF_RUNS else "page"}
    elif bound:
        about |= {"bind": BOUND}
    default = shown(setting, setting.default if default is None else default)
    draw = WIDGETS[setting.control or type(setting)]
    return draw(setting, default, tuple(options) or getattr(setting, "options", ()), about | layout)


def named(setting: Setting) -> bool:
    """Whether a control shows names in place of the words of the link, which the app then writes itself."""
    return setting.control != ADDRESS and bool(setting.names)


def shown(setting: Setting, value: Any) -> Any:
    """A value of a setting as its control holds it: lists for pills, text where one may type."""
    if setting.control == "open":
        return next((word for word, number in setting.words.items() if number == value), str(value))
    if isinstance(setting, Several) and setting.control != "choice":
        return list(value)
    return setting.format(value) if isinstance(value, tuple) else value


def said(setting: Setting, value: Any) -> str:
    """The value of a control as the link writes it."""
    if isinstance(value, list):
        return "-".join(value)
    return value if isinstance(value, str) else setting.format(value)


def in_words(setting: Setting, value: Any) -> str:
    """The value of a control as people read it."""
    return setting.named(setting.read(said(setting, value))[0])


def _name(setting: Setting) -> Callable[[str], str]:
    """What a list shows for an option."""
    return lambda option: setting.names.get(option, option)


def _selectbox(setting: Setting, default: Any, options: tuple[str, ...], about: dict[str, Any]) -> str:
    return st.selectbox(setting.label, options, options.index(default), _name(setting), **about)


def _open(setting: Setting, default: Any, options: tuple[str, ...], about: dict[str, Any]) -> str:
    more = {"accept_new_options": True, "filter_mode": "prefix"}
    return st.selectbox(setting.label, options, options.index(default), _name(setting), **more, **about)


def _segments(setting: Setting, default: Any, options: tuple[str, ...], about: dict[str, Any]) -> str:
    more = {"format_func": _name(setting), "required": True}
    return st.segmented_control(setting.label, options, default=default, **more, **about)


def _pills(setting: Setting, default: Any, options: tuple[str, ...], about: dict[str, Any]) -> list[str]:
    more = {"format_func": _name(setting), "selection_mode": "multi"}
    return list(st.pills(setting.label, options, default=default, **more, **about)) or default


def _list(setting: Setting, default: Any, options: tuple[str, ...], about: dict[str, Any]) -> list[str]:
    return st.multiselect(setting.label, options, default, format_func=_name(setting), **about)


def _text(setting: Setting, default: Any, _options: tuple[str, ...], about: dict[str, Any]) -> str:
    pattern = {"validate": ARCHITECTURE} if isinstance(setting, Widths) else {}
    return st.text_input(setting.label, default, **pattern, **about)


def _slider(setting: Setting, default: Any, _options: tuple[str, ...], about: dict[str, Any]) -> float:
    format_ = {} if isinstance(setting, Whole) else {"format": "%g"}
    return st.slider(setting.label, *_ends(setting), default, setting.step, **format_, **about)


def _number(setting: Setting, default: Any, _options: tuple[str, ...], about: dict[str, Any]) -> float | None:
    format_ = {} if isinstance(setting, Whole) else {"format": "%g"}
    more = format_ | {"placeholder": next(iter(setting.words), "")} | about
    return st.number_input(setting.label, *_ends(setting), default, setting.step, **more)


def _toggle(setting: Setting, default: Any, _options: tuple[str, ...], about: dict[str, Any]) -> bool:
    return st.toggle(setting.label, default, **about)


def _ends(setting: Real) -> tuple[float | None, float | None]:
    return tuple(None if end is None else setting.number(end) for end in (setting.low, setting.high))


WIDGETS: dict[Any, Callable[..., Any]] = {
    Real: _number,
    Whole: _number,
    Truth: _toggle,
    Choice: _selectbox,
    Several: _pills,
    Widths: _text,
    Text: _text,
    Listed: _text,
    "choice": _selectbox,
    "open": _open,
    "segments": _segments,
    "list": _list,
    "slider": _slider,
}
