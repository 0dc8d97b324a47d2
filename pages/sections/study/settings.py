"""The settings of a study: what is varied, over which values, and what is looked at.

The experiment of the sidebar is the one in the middle: whatever is not varied is as it says.
"""

import streamlit as st

from engine.datasets import DATASETS
from engine.experiment import KEYS, OF_DATA
from engine.experiment import SETTINGS as OF_RUNS
from engine.experiment.settings import Choice, Real, Text, Whole, keyed
from pages.common.runs.pin import PIN
from pages.common.sidebar.acting import EVERY, Acting, all_but, only

NONE = "none"
#: What is shown of each run, one of `engine.study.MEASURES`.
TITLES = {
    "train_loss": "Loss at the end",
    "test_loss": "Test loss at the end",
    "train_accuracy": "Accuracy",
    "test_accuracy": "Test accuracy",
    "gradient_ratio": "First gradient against the last",
    "reached": "Steps to the tolerance",
}
#: What is a list of its own, or says how the data are split, which is another view.
NOT_VARIED = ("missing", "standardise", "folds", "fold", "points", "rows", "weights")
VARIED = {key: OF_RUNS[key].label for key in KEYS if key not in NOT_VARIED}
LARGEST = 1000  #: runs of a random search or of both designs together, as far as controls go
VIEWS = {"settings": "Settings", "samples": "Samples", "answers": "Answers"}


def _varies(page):
    return page.stview == "settings"


def _varies_two(page):
    return _varies(page) and page.st2 != NONE


def _draws(page):
    return _varies(page) and page.stplan == "random"  # of both, the search has as many as the grid


SETTINGS = keyed(
    stview=Choice(
        "settings",
        "What is studied",
        "Settings: which values are best. Samples: cross-validation and learning curves. Answers: how good the "
        "predictions of this run are.",
        VIEWS,
        control="segments",
    ),
    st1=Choice("lr", "Vary", "The setting that is varied.", VARIED, when=_varies),
    st1v=Text(
        "",
        "Values",
        "Such as 0.01, 0.1 or 1e-4..1 log 9 (nine values, evenly over the logarithm); empty: usual ones.",
        400,
        when=_varies,
    ),
    st2=Choice(
        "none",
        "And vary",
        "A second setting, combined with the first one.",
        {NONE: "Nothing else"} | VARIED,
        when=_varies,
    ),
    st2v=Text("", "Its values", "As for the first setting.", 400, when=_varies_two),
    stplan=Choice(
        "grid",
        "Plan",
        "Every combination of the values (a grid), as many draws at random, or both side by side with the same number "
        "of runs (Bergstra & Bengio 2012).",
        {"grid": "Grid", "random": "Random", "both": "Both"},
        control="segments",
        when=_varies,
    ),
    struns=Whole(25, "Draws", "Runs of the random search.", 2, LARGEST, step=5, when=_draws),
    stseeds=Whole(3, "Seeds", "Each point is run with so many seeds; shown are median and range.", 1, 50, step=1),
    stshow=Choice("test_loss", "Show", "What is shown of each run.", TITLES),
    sttol=Real(0.1, "Tolerance", "The loss that counts as reached.", 1e-12, 1000, step=0.01),
    stfolds=Whole(5, "Folds", "Parts for cross-validation: each is tested on once.", 2, OF_RUNS["folds"].high, step=1),
    stpart=Choice(
        "test",
        "On",
        "Which part of the data is looked at.",
        {"test": "Test part", "train": "Training part"},
        control="segments",
    ),
    stcut=Real(0.5, "Threshold", "From which probability on the answer is yes.", 0, 1, step=0.01, control="slider"),
    stclass=Whole(0, "Class", "The class against all others.", 0, 49, step=1),
    pin=PIN,
)


def acting(page) -> Acting:
    """The settings of a run that act on the page: all that are not varied there."""
    if page.stview == "answers":
        return EVERY
    if page.stview == "settings":
        varied = {page.st1, page.st2} - {NONE}
        names = " and ".join(OF_RUNS[key].label for key in OF_RUNS if key in varied)
        return all_but(varied, f"Varied on the page: {names}.")
    if DATASETS[st.session_state.data].give:
        return only(OF_DATA, "These rows are not split, so that nothing else acts here.")
    return all_but(("folds", "fold"), "The folds are the page's own.")
