"""Findings on the screen: layers of which the same is found share a row, with the button that tries its remedy."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import streamlit as st

from engine.diagnostics import Activity, Finding, update_ratio
from engine.diagnostics.measures import movement, of_weights, relative_gradient
from engine.diagnostics.remedies import cure
from engine.diagnostics.verdicts import SEVERITIES, WORDS
from engine.experiment import SETTINGS, Experiment
from engine.training import Recording
from pages.common import theme
from pages.common.link.controls import shown
from pages.common.link.link import put_some
from pages.common.text import listed


def verdict_rows(experiment: Experiment, found: Sequence[Finding]) -> None:
    """A row for each word among the verdicts, the gravest first, and what to try beside it."""
    with st.container(key="verdicts", gap="xsmall"):
        for word in WORDS:
            group = [finding for finding in found if finding.word == word]
            if group:
                _row(experiment, group, everything=len(group) == len(found))


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
    """The measures behind the verdicts, every layer in a row."""
    columns = measures(recording, activity, found)
    number, share = st.column_config.NumberColumn(format="%.4g"), st.column_config.NumberColumn(format="percent")
    shares = ("Saturated, last step", "Dead, last step")
    config = {
        name: share if name in shares else number for name in columns if name not in ("Layer", "Verdict", "Because")
    }
    st.dataframe(columns, hide_index=True, column_config=config)


def _row(experiment: Experiment, group: Sequence[Finding], *, everything: bool) -> None:
    gravest = worst(group)
    look = theme.VERDICTS[gravest.severity]
    where = "All layers" if everything else numbers([one.layer for one in group]).capitalize()
    whose = f"layer {gravest.layer}: " if len(group) > 1 else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f":{look.badge}-badge[{look.icon} {gravest.word}] **{where}** :small[{whose}{gravest.measure}]",
            width="content",
        )
        remedy = cure(experiment, gravest)
        if remedy is not None:
            changes = (f"{key} to {shown(SETTINGS[key], value)}" for key, value in remedy.changes.items())
            st.button(
                f"Try: {remedy.words}",
                key=f"try_{gravest.word.replace(' ', '_')}",
                icon=":material/healing:",
                type="tertiary",
                on_click=put_some,
                args=(remedy.changes,),
                help=f"Sets {', '.join(changes)}.",
            )
