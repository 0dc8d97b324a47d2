"""Layers: what every layer's gradient, weights and activations do, what ails which one, and what to try."""

from pages.common.app.navigation import ensure_router

ensure_router()

from dataclasses import replace

import streamlit as st

from engine.diagnostics import Activity, activity, findings
from engine.diagnostics.measures import activity_frames
from engine.training import Recording
from engine.work import activity_work
from pages.common.app.head import Head
from pages.common.app.notices import warn
from pages.common.glossary import caption
from pages.common.link.controls import control
from pages.common.link.page_settings import AT, held, told
from pages.common.runs.cache import kept, key_of, trained
from pages.common.runs.findings import gradient_findings
from pages.common.runs.near import with_near
from pages.common.runs.pin import beside, difference, pin_buttons, pinned
from pages.common.runs.verdict import fill_remedies
from pages.common.settings import Settings, chosen
from pages.common.stage.linked import linked_stage
from pages.common.text import number, plain, short
from pages.figures.layers.bars import changes_gradient
from pages.sections.layers.charts import distributions, gradients, matrices, over_time
from pages.sections.layers.settings import SETTINGS
from pages.sections.layers.verdicts import measures_table, verdict_rows


def observed(of: Settings, run: Recording) -> Activity:
    """What the units of a run do."""
    return kept(
        ("activity", *key_of(of), *run.close),
        lambda _progress: activity(run),
        lambda: activity_work(run.network, len(run.data.train), len(activity_frames(run))),
        head,
        "This look at all units",
        settings=of,
    )


def numbers(of: Recording) -> dict[str, list[str]]:
    """The numbers over the charts at the key frames of a run."""
    losses = {"Loss, train": of.train_loss, "Loss, test": of.test_loss}
    texts = {name: [number(value) for value in values] for name, values in losses.items() if values is not None}
    texts["Learning rate"] = [short(value) for value in of.lr[of.frames]]
    if changes_gradient(of):
        for name, norms in (("Gradient", of.gradient_norm), ("After clipping", of.applied_norm)):
            texts[name] = [number(value) for value in (norms[of.frames] ** 2).sum(axis=1) ** 0.5]
    return texts


settings = chosen()
before = pinned(settings)
held([SETTINGS["look"]])
head = Head("layers", "Which layers learn, which do not, and why?", settings, SETTINGS)
shown = [settings] if before is None else [before, settings]
runs = [trained(each, head) for each in shown]
steps = runs[-1].frames
closer = [with_near(run, told(AT), each, head) for each, run in zip(shown, runs, strict=True)]
runs, (recording, near, asks) = [run for run, *_ in closer], closer[-1]
versus = "" if before is None else difference(before.experiment, settings.experiment).text
seen = [observed(each, run) for each, run in zip(shown, runs, strict=True)]
found = findings(recording, seen[-1])
layers = [finding for finding in found if finding.layer]

metrics = numbers(recording)
if before is not None:
    metrics = beside(metrics, recording.frames, numbers(runs[0]), runs[0].frames)
metrics = {f"Step of {recording.steps:,}": [f"{step:,}" for step in recording.frames]} | metrics

with st.container(horizontal=True, vertical_alignment="bottom"):
    look = control(SETTINGS["look"])
    layers_here = replace(SETTINGS["layer"], high=len(layers))
    _, problems = held([layers_here])
    if look == "matrices":
        layer = control(layers_here, width=120)
    pin_buttons(settings, before)
warn(problems)
if recording.event:
    st.warning(plain(recording.event.sentence), icon=":material/report:")
rows = verdict_rows(found)

if look == "matrices":
    closer, says = matrices(runs, layer, versus)
else:
    closer, says = (distributions if look == "distributions" else over_time)(runs, seen, versus)
charts = [*gradients(runs, versus), *closer]
more = {
    "metrics": metrics,
    "findings": gradient_findings(recording),
    "total": recording.steps,
    "captions": [" ".join(says)],
    "near": near,
    "asks": asks,
}
linked_stage(head, "layers", charts, steps, closely=True, **more)
caption(*says)

with st.expander("Every layer in numbers", icon=":material/table:", key="fold_layers", on_change="rerun") as fold:
    if fold.open:  # a table takes as long to load as a chart
        measures_table(recording, seen[-1], layers)

fill_remedies(rows, recording, found, settings, head)
