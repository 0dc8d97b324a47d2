"""What came of the run, in one sentence: learned, still falling, settled, or what the engine finds to be wrong.

The word for what is wrong is that of every page. A healthy run is told apart further: it has learned where hardly
anything is left to learn, it still falls where its last quarter took a tenth of the loss away, else it has settled
where it is. Of a run that overfits it is said that it has memorised its points where it knows nearly all of them and
misses others.
"""

from typing import NamedTuple

import numpy as np
import streamlit as st

from engine.diagnostics import Finding, run_findings
from engine.experiment import SETTINGS, Experiment
from engine.training import Recording
from engine.training.builders import rates_of
from pages.common import theme
from pages.common.lesson.classroom import undecided
from pages.common.link.changes import change
from pages.common.runs.verdict import Row
from pages.common.text import number, plain

KNOWN, MISSED = 0.99, 0.05  #: of the training points right; and so many fewer of the others
DONE, FALLS = 0.05, 0.1  #: of the first loss; and of the loss in the last quarter
MORE = 300  #: steps
ICONS = {"learned": ":material/school:", "still falling": ":material/trending_down:"}


class Outcome(NamedTuple):
    """A word, what says so as the rest of a sentence, and the engine's finding behind it."""

    word: str
    because: str
    finding: Finding


def outcome_of(recording: Recording) -> Outcome:
    """What came of a run; a run stopped early is judged by what it had come to."""
    finding = run_findings(recording)[0]
    train, test = recording.train_accuracy, recording.test_accuracy
    if finding.word == "overfitting" and train is not None and train[-1] >= KNOWN and test[-1] < train[-1] - MISSED:
        known = f"it has memorised its points: {_right(train[-1])} points that it trains on are right"
        return Outcome(finding.word, f"{known}, of the others {test[-1]:.1%}", finding)
    if finding.word != "healthy":
        return Outcome(finding.word, finding.measure, finding)
    losses = recording.train_loss
    first, quarter, last = losses[0], losses[-max(len(losses) // 4, 1) - 1 :][0], losses[-1]
    told = f"the loss went from {number(first, 3)} to {number(last, 3)}"
    right = f", and {_right(test[-1])} held-back points are right" if test is not None else ""
    if last < DONE * first or (train is not None and min(train[-1], (train if test is None else test)[-1]) >= KNOWN):
        return Outcome("learned", told + right, finding)
    if quarter - last > FALLS * quarter:
        fell = f"in the last quarter the loss fell from {number(quarter, 3)} to {number(last, 3)}"
        return Outcome("still falling", fell + right, finding)
    return Outcome("settled", f"{told} and stays there{right}", finding)


def _right(part: float) -> str:
    return "all" if part == 1 else f"{part:.1%} of the"


def outcome_row(outcome: Outcome) -> Row:
    """The word in a badge, what says so, and room for what helps; nothing while a lesson asks its question."""
    if not undecided():
        look = theme.VERDICTS[outcome.finding.severity]
        icon = ICONS.get(outcome.word, look.icon)
        text = f"{outcome.because[:1].upper()}{outcome.because[1:]}."
        st.markdown(f":{look.badge}-badge[{icon} {outcome.word}] {plain(text)}", width="content")
    return Row((False, outcome.finding.word), st.empty())


def more_button(recording: Recording) -> None:
    """Go on from the end of the run; not offered where it broke off, or may not be longer."""
    own = recording.experiment
    most = min(MORE, int(SETTINGS["steps"].high) - own.steps)
    if recording.event is not None or most < 1:
        return
    scheduled = SETTINGS["schedule"].named(own.schedule)
    same = (
        "The run so far stays as it is"
        if keeps_beginning(own, most)
        else f"The schedule “{scheduled}” spans the whole run, so the steps so far change too"
    )
    st.button(
        f"Train {most:,} more",
        key="train_more",
        icon=":material/add:",
        type="tertiary",
        help=f"{same}: {own.steps + most:,} steps in place of {own.steps:,}.",
        on_click=change,
        args=({"steps": own.steps + most},),
    )


def keeps_beginning(own: Experiment, more: int) -> bool:
    """Whether a run of so many more steps begins with the steps of this one."""
    short, long = rates_of(own), rates_of(own.replace(steps=own.steps + more))
    return np.array_equal(short, long[: len(short)])
