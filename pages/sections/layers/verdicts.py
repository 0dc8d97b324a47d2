"""Verdicts on the screen: layers with the same verdict share a row, with the button that tries its cure."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import streamlit as st

from engine.diagnostics import Activity, Remedy, Verdict, update_ratio
from engine.diagnostics.measures import movement, of_weights, relative_gradient
from engine.diagnostics.remedies import cure
from engine.diagnostics.verdicts import WORDS
from engine.experiment import Experiment
from engine.training import Recording
from pages.common import theme
from pages.common.link.link import shown
from pages.common.text import listed

SEVERITIES = ("healthy", "warning", "alarm")


def verdict_rows(experiment: Experiment, found: Sequence[Verdict]) -> None:
    """A row for each word among the verdicts, the gravest first, and what to try beside it."""
    with st.container(key="verdicts", gap="xsmall"):
        for word in WORDS:
            group = [verdict for verdict in found if verdict.word == word]
            if group:
                _row(experiment, group, everything=len(group) == len(found))


def worst(group: Sequence[Verdict]) -> Verdict:
    """The verdict that stands for several of the same word: the first of the gravest."""
    return max(group, key=lambda verdict: SEVERITIES.index(verdict.severity))


def numbers(layers: Sequence[int]) -> str:
    """Increasing layer numbers in words: "layer 3", "layers 1 to 4, 7 and 9"."""
    runs = [[layer for _, layer in run] for _, run in groupby(enumerate(layers), lambda pair: pair[1] - pair[0])]
    texts = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    return f"layer{'s' if len(layers) > 1 else ''} {listed(texts)}"


def measures(recording: Recording, activity: Activity, found: Sequence[Verdict]) -> dict[str, list[Any]]:
    """A column for each measure, a row for each layer, as they are at the start and at the end of the run."""
    relative, ratio = relative_gradient(recording), of_weights(recording, update_ratio(recording))
    gradient = of_weights(recording, recording.gradient_norm)
    return {
        "Layer": [verdict.layer for verdict in found],
        "Verdict": [verdict.word for verdict in found],
        "Because": [verdict.measure for verdict in found],
        "Gradient, first step": gradient[0],
        "Gradient, last step": gradient[-1],
        "of the last layer's, first step": relative[0],
        "of the last layer's, last step": relative[-1],
        "Update ratio, last step": ratio[-1],
        "Way of the weights": movement(recording),
        "Saturated, last step": activity.saturated[-1],
        "Dead, last step": activity.dead[-1],
    }


def measures_table(recording: Recording, activity: Activity, found: Sequence[Verdict]) -> None:
    """The measures behind the verdicts, every layer in a row."""
    columns = measures(recording, activity, found)
    number, share = st.column_config.NumberColumn(format="%.4g"), st.column_config.NumberColumn(format="percent")
    shares = ("Saturated, last step", "Dead, last step")
    config = {
        name: share if name in shares else number for name in columns if name not in ("Layer", "Verdict", "Because")
    }
    st.dataframe(columns, hide_index=True, column_config=config)


def _row(experiment: Experiment, group: Sequence[Verdict], *, everything: bool) -> None:
    verdict = worst(group)
    look = theme.VERDICTS[verdict.severity]
    where = "All layers" if everything else numbers([one.layer for one in group]).capitalize()
    whose = f"layer {verdict.layer}: " if len(group) > 1 else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f":{look.badge}-badge[{look.icon} {verdict.word}] **{where}** :small[{whose}{verdict.measure}]",
            width="content",
        )
        found = cure(experiment, verdict)
        if found is not None:
            st.button(
                f"Try: {found.words}",
                key=f"try_{verdict.word.replace(' ', '_')}",
                icon=":material/healing:",
                type="tertiary",
                on_click=_apply,
                args=(found,),
                help=f"Sets {', '.join(f'{key} to {shown(key, value)}' for key, value in found.changes.items())}.",
            )


def _apply(found: Remedy) -> None:
    st.session_state.update({key: shown(key, value) for key, value in found.changes.items()})
