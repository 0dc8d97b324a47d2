"""What Streamlit leaves to be done for those who use the keyboard, or listen: see the script of this name."""

from collections.abc import Mapping
from pathlib import Path

from engine.experiment import SETTINGS
from engine.experiment.settings import Setting
from pages.common.app.unseen import unseen
from pages.common.glossary import help_of

_load = unseen("keyboard", Path(__file__).with_suffix(".css").read_text(encoding="utf-8"))


def keyboard(of_page: Mapping[str, Setting]) -> None:
    """Have the Tab key pass by every "?", and each control described by what stands there; once in a run of the app.

    Where the keyboard has led to a control, what describes it is in sight.

    `of_page` are the settings of the page that is shown.
    """
    settings = SETTINGS | dict(of_page)
    _load({key: help_of(one.label, one.meaning) for key, one in settings.items()})
