"""Findings on the screen: the run first, then layers of which the same is found in one row; and their measures."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import streamlit as st

from engine.diagnostics import Activity, Finding, update_ratio
from engine.diagnostics.measures import movement, of_weights, relative_gradient
from engine.diagnostics.verdicts import SEVERITIES, WORDS
from engine.training import Recording
from pages.common.runs.verdict import Row, verdict_row
from pages.common.text import listed


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


def _row(group: Sequence[Finding], where: str) -> Row:
    gravest = worst(group)
    return verdict_row(gravest, where, f"layer {gravest.layer}: " if len(group) > 1 else "")
