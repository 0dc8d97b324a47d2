"""What the sidebar says, handed from app.py to whichever page runs after it."""

from typing import NamedTuple

import streamlit as st

from engine.datasets import Dataset
from engine.experiment import Experiment
from engine.training import OwnData

_KEPT = "settings_chosen"


class Settings(NamedTuple):
    """The experiment to run, and the user's own table if it is to run on that.

    `data` is None for the named data sets; `own` makes it for another experiment, with that one's sample and split;
    `fingerprint` stands for its content wherever a key is needed.
    `missing` is one sentence for the screen when there is nothing to train on yet, else empty.
    """

    experiment: Experiment
    data: Dataset | None = None
    fingerprint: str = ""
    missing: str = ""
    own: OwnData | None = None


def keep(settings: Settings) -> None:
    """Hand the settings over to the page that app.py runs next."""
    st.session_state[_KEPT] = settings


def chosen() -> Settings:
    """The settings of this run, for a page or a fragment."""
    return st.session_state[_KEPT]
