"""Depth, in training: the same networks for some hundred steps, the gradient of each layer in each step."""

from typing import Any

import numpy as np
import streamlit as st

from engine import train
from engine.datasets import DATASETS
from engine.depth import Deep
from engine.diagnostics import run_findings
from engine.optimizers import OPTIMIZERS
from engine.training import load, targets
from engine.work import training_work
from pages.common.app.head import Head
from pages.common.glossary import caption
from pages.common.link.page_settings import AT, told
from pages.common.runs.cache import kept
from pages.common.runs.findings import gradient_said
from pages.common.runs.near import steps_near
from pages.common.runs.verdict import verdict_line
from pages.common.settings import Settings
from pages.common.text import count, number, plain
from pages.figures.depth.profile import PINNED, STYLES
from pages.figures.depth.training import Run, color_span, heat_figure, key_steps, layers_figure, loss_figure
from pages.sections.depth.charts import MAIN, SIDE, show

STEPS, BATCH = 200, 32  #: the most that are taken, so that two deep networks train while one waits


def training(
    networks: list[Deep], names: list[str], settings: Settings, data: Any, head: Head, before: Settings | None
) -> None:
    """The same networks in training: gradient per layer and step, loss, and the layers at one step.

    A is the first of them trained by the pinned settings; of it there are the curves and the numbers.
    """
    runs = [
        Run(name, _trained(deep, settings, data, head), style)
        for name, deep, style in zip(names, networks, STYLES, strict=False)
    ]
    present = len(runs)
    if before is not None:
        own = before.data or load(before.experiment)
        runs.append(Run("A", _trained(networks[0], before, own, head), PINNED))
    played = key_steps(runs)
    near = steps_near(told(AT), played)
    steps = np.union1d(played, near)
    shown: dict[str, list[str]] = {f"Step of {steps[-1]:,}": [f"{step:,}" for step in steps]}
    for run in runs:
        reached = np.minimum(steps, run.recording.steps)
        shown[f"Loss, {run.name}"] = [number(value) for value in run.recording.loss[reached]]
        shown[f"First / last, {run.name}"] = [number(_ratio(run, step), 3) for step in steps]
    for run in runs:
        if run.recording.event:
            st.warning(plain(f"{run.name}: {run.recording.event.sentence}"), icon=":material/report:")
        finding = run_findings(run.recording)[0]
        if finding.word != "healthy":
            verdict_line(finding, run.name)
    span = color_span(runs)
    charts = {
        f"heat{i}": (heat_figure(run, steps, span), f"Gradient norm per layer and step of {run.name}", MAIN)
        for i, run in enumerate(runs[:present])
    }
    charts["loss"] = (loss_figure(runs, steps), "Loss over the steps", SIDE)
    charts["layers"] = (layers_figure(runs, steps), "Gradient norm over the layers at one step", SIDE)
    experiment = runs[0].recording.experiment
    says = (
        (
            "Dark rows learn nothing, grey is less still or exactly zero. Dashed: after clipping, one factor for all "
            "layers."
        ),
        (
            f"These are {count(experiment.steps, 'step')} of {OPTIMIZERS[experiment.optimizer].title} with the "
            f"learning rate {experiment.lr:g} on the data “{DATASETS[experiment.data].title}”, in batches of "
            f"{experiment.batch}. Data, optimizer and learning rate are the sidebar's."
        ),
    )
    more = {"near": near.tolist(), "asks": len(played) <= played[-1], "metrics": shown, "captions": [" ".join(says)]}
    more["findings"] = [_found(runs, step) for step in steps]
    show(head, "deep-training", charts, played.tolist(), **more)
    caption(*says)


def _found(runs: list[Run], step: int) -> str:
    """How far the gradient gets in each network at a step, for those who do not see the charts."""
    said = []
    for run in runs:
        ratio = _ratio(run, step)
        found = gradient_said(np.nan if ratio is None else ratio, "the last hidden layer")
        said.append(f"{run.name}: {found}" if len(runs) > 1 else found)
    return "; ".join(said)


def _ratio(run: Run, step: int) -> float | None:
    """The gradient of the first layer as a share of the last hidden one's, as in `signals`; None where that has none.

    The output layer is left out: it is no member of the stack, and is fed by the loss at once.
    """
    norms = run.norms[min(step, run.recording.steps)]
    with np.errstate(over="ignore"):
        return float(norms[0] / norms[-2]) if norms[-2] else None


def _trained(deep: Deep, settings: Settings, data: Any, head: Head) -> Any:
    own = settings.experiment
    fewest = 2 if deep.norm == "batch" else 1
    base = own.replace(steps=min(own.steps, STEPS), batch=max(min(own.batch or BATCH, BATCH), fewest), patience=0)
    experiment = base.replace(**deep.settings())
    network = deep.network(data.x.shape[0], targets(experiment, data).shape[0], base)
    key = ("deep", deep.bias_variance, *experiment.to_params().values(), settings.fingerprint)
    how = {"data": data, "network": network, "frames": 2, "dtype": np.float32}
    return kept(
        key,
        lambda progress: train(experiment, progress, **how),
        lambda: training_work([experiment], network, len(data.train), frames=2, itemsize=4),
        head,
        "This training",
        steps=experiment.steps,
        settings=settings,
    )
