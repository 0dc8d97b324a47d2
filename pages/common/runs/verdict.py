"""The verdict on a run, the same on every page: its word in a badge, what says so, and what was tried and helps.

To try remedies takes a moment. So a page leaves room beside each verdict, a `Row`, draws its charts, and then fills the
rows (`fill_remedies`). While a lesson asks its question there is none of this: it would be the answer.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import streamlit as st

from engine.diagnostics import Finding, Remedy, treated
from engine.diagnostics.trials import trials_work
from engine.experiment import SETTINGS
from engine.training import Recording
from pages.common import theme
from pages.common.app.head import Head
from pages.common.lesson.classroom import undecided
from pages.common.link.link import put_some
from pages.common.runs.cache import kept, key_of
from pages.common.settings import Settings
from pages.common.text import listed, number, plain, setting_said

MOST_TRIED = 6  #: trials without success that are told


class Row(NamedTuple):
    """A row on the screen: what its finding is, as (of a layer, its word), and room for what helps."""

    of: tuple[bool, str]
    place: Any


def verdict_badge(finding: Finding, more: str = "") -> None:
    """The word alone; what says so, and `more`, under the pointer."""
    if undecided():
        return
    look = theme.VERDICTS[finding.severity]
    said = f"{finding.measure[0].upper()}{finding.measure[1:]}."
    st.badge(finding.word, icon=look.icon, color=look.badge, help=plain(f"{said} {more}".strip()))


def verdict_line(finding: Finding, where: str, whose: str = "") -> None:
    """The word, where it is so, and what says so (of `whose` measure)."""
    if undecided():
        return
    look = theme.VERDICTS[finding.severity]
    st.markdown(
        f":{look.badge}-badge[{look.icon} {finding.word}] **{plain(where)}** :small[{whose}{finding.measure}]",
        width="content",
    )


def verdict_row(finding: Finding, where: str, whose: str = "") -> Row:
    """A verdict in a row of its own, with room for what helps against it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        verdict_line(finding, where, whose)
        return Row((finding.layer > 0, finding.word), st.empty())


def fill_remedies(
    rows: Sequence[Row], recording: Recording, found: Sequence[Finding], settings: Settings, head: Head
) -> None:
    """Try what may help, which takes a moment, and fill the rows with what came of it: buttons, or what was in vain."""
    if undecided() or all(finding.severity == "healthy" for finding in found):
        return
    told = kept(
        ("treated", *((finding.layer, finding.word) for finding in found), *key_of(settings)),
        lambda progress: tuple(treated(recording, found, progress)),
        lambda: trials_work(recording),
        head,
        "This search for what helps",
        settings=settings,
    )
    known = {(finding.layer > 0, finding.word): finding for finding in told if finding.tried}
    for row in rows:
        if row.of in known:
            with row.place:
                _remedy(known[row.of])


def outcome(remedy: Remedy) -> str:
    """What came of a trial: "Learning rate 0.1: loss 0.02 instead of 0.69"."""
    loss = "test loss" if remedy.part == "test" else "loss"
    return f"{remedy.words}: {loss} {number(remedy.loss, 3)} instead of {number(remedy.instead, 3)}"


def _remedy(finding: Finding) -> None:
    remedy = finding.remedy
    if remedy is None:
        told = [f"{trial.words} ({number(trial.loss, 3)})" for trial in finding.tried[:MOST_TRIED]]
        st.caption(f"Tried in vain: {', '.join(told)}.")
        return
    changes = [setting_said(SETTINGS[key], value) for key, value in remedy.changes.items()]
    st.button(
        f"Try: {outcome(remedy)}",
        key=f"try_{'' if finding.layer else 'run_'}{finding.word.replace(' ', '_')}",
        icon=":material/healing:",
        type="tertiary",
        on_click=put_some,
        args=(remedy.changes,),
        help=f"Sets {listed(changes)}.",
    )
