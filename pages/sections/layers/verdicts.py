"""Findings on the screen: the run first, then layers of which the same is found in one row, with what was tried."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

import streamlit as st

from engine.diagnostics import Activity, Finding, Remedy, treated, update_ratio
from engine.diagnostics.measures import movement, of_weights, relative_gradient
from engine.diagnostics.trials import trials_work
from engine.diagnostics.verdicts import SEVERITIES, WORDS
from engine.experiment import SETTINGS
from engine.training import Recording
from pages.common.app.head import Head
from pages.common.link.controls import shown
from pages.common.link.link import put_some
from pages.common.runs.cache import kept, key_of
from pages.common.runs.verdict import verdict_line
from pages.common.settings import Settings
from pages.common.text import listed, number

MOST_TRIED = 6  #: trials without success that are told


class Row(NamedTuple):
    """A row on the screen: what its finding is, as (of a layer, its word), and room for what helps."""

    of: tuple[bool, str]
    place: Any


def verdict_rows(found: Sequence[Finding]) -> list[Row]:
    """A row for each finding of the run that is not healthy, and for each word among the layers, the gravest first.

    What is only said of a layer because it is found in the run has no row; the table has it.
    """
    layers = [finding for finding in found if finding.layer]
    of_run = [finding for finding in found if not finding.layer and finding.word != "healthy"]
    with st.container(key="verdicts", gap="xsmall"):
        rows = [_row([finding], "The run") for finding in of_run]
        for word in WORDS:
            group = [finding for finding in layers if finding.word == word]
            own = any(finding.cause != "run" or word == "exploding" for finding in group)
            if group and own:
                everywhere = len(group) == len(layers)
                where = "All layers" if everywhere else numbers([finding.layer for finding in group]).capitalize()
                rows.append(_row(group, where))
    return rows


def fill_remedies(
    rows: Sequence[Row], recording: Recording, found: Sequence[Finding], settings: Settings, head: Head
) -> None:
    """Try what may help, which takes a moment, and fill the rows with what came of it: buttons, or what was in vain."""
    if all(finding.severity == "healthy" for finding in found):
        return
    told = kept(
        ("treated", *key_of(settings)),
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


def worst(group: Sequence[Finding]) -> Finding:
    """The finding that stands for several of the same word: the first of the gravest."""
    return max(group, key=lambda finding: SEVERITIES.index(finding.severity))


def numbers(layers: Sequence[int]) -> str:
    """Increasing layer numbers in words: "layer 3", "layers 1 to 4, 7 and 9"."""
    runs = [[layer for _, layer in run] for _, run in groupby(enumerate(layers), lambda pair: pair[1] - pair[0])]
    texts = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    return f"layer{'s' if len(layers) > 1 else ''} {listed(texts)}"


def measures(recording: Recording, activity: Activity, found: Sequence[Finding]) -> dict[str, list[Any]]:
    """A column for each measure, a row for each layer, as they are at the start and at the end of the run."""
    relative, ratio = relative_gradient(recording), of_weights(recording, update_ratio(recording))
    gradient = of_weights(recording, recording.gradient_norm)
    return {
        "Layer": [finding.layer for finding in found],
        "Verdict": [finding.word for finding in found],
        "Because": [finding.measure for finding in found],
        "Gradient, first step": gradient[0],
        "Gradient, last step": gradient[-1],
        "of the last layer's, first step": relative[0],
        "of the last layer's, last step": relative[-1],
        "Update ratio, last step": ratio[-1],
        "Way of the weights": movement(recording),
        "Saturated, last step": activity.saturated[-1],
        "Dead, last step": activity.dead[-1],
    }


def measures_table(recording: Recording, activity: Activity, found: Sequence[Finding]) -> None:
    """The measures behind what is found, every layer in a row."""
    columns = measures(recording, activity, found)
    number_, share = st.column_config.NumberColumn(format="%.4g"), st.column_config.NumberColumn(format="percent")
    shares = ("Saturated, last step", "Dead, last step")
    config = {
        name: share if name in shares else number_ for name in columns if name not in ("Layer", "Verdict", "Because")
    }
    st.dataframe(columns, hide_index=True, column_config=config)


def outcome(remedy: Remedy) -> str:
    """What came of a trial: "Learning rate 0.1: loss 0.02 instead of 0.69"."""
    loss = "test loss" if remedy.part == "test" else "loss"
    return f"{remedy.words}: {loss} {number(remedy.loss, 3)} instead of {number(remedy.instead, 3)}"


def _row(group: Sequence[Finding], where: str) -> Row:
    gravest = worst(group)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        verdict_line(gravest, where, f"layer {gravest.layer}: " if len(group) > 1 else "")
        return Row((gravest.layer > 0, gravest.word), st.empty())


def _remedy(finding: Finding) -> None:
    remedy = finding.remedy
    if remedy is None:
        told = [f"{trial.words} ({number(trial.loss, 3)})" for trial in finding.tried[:MOST_TRIED]]
        st.caption(f"Tried in vain: {', '.join(told)}.")
        return
    changes = (f"{key} to {shown(SETTINGS[key], value)}" for key, value in remedy.changes.items())
    st.button(
        f"Try: {outcome(remedy)}",
        key=f"try_{'' if finding.layer else 'run_'}{finding.word.replace(' ', '_')}",
        icon=":material/healing:",
        type="tertiary",
        on_click=put_some,
        args=(remedy.changes,),
        help=f"Sets {', '.join(changes)}.",
    )
